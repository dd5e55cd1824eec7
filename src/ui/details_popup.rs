//! Everything that is known of the selected photo.

use ratatui::layout::{Margin, Rect, Size};
use ratatui::text::{Line, Span};

use super::panes::popup;
use super::state::State;
use super::view::Canvas;
use super::words;

const WIDTH: u16 = 84;
const NAME_COLUMNS: usize = 10;

/// Where the popup lies.
pub(super) fn area(state: &State) -> Rect {
    popup(state.size, Size::new(WIDTH, (told(state).len() as u16).saturating_add(2)))
}

/// Draws it over the screen.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    canvas.frame(area, " Details ");
    let inner = area.inner(Margin::new(2, 1));
    let room = usize::from(inner.width).saturating_sub(NAME_COLUMNS);
    for (y, (name, text)) in (inner.y..inner.bottom()).zip(told(state)) {
        let name = Span::styled(format!("{name:NAME_COLUMNS$}"), state.theme.faint());
        let line = Line::from(vec![name, Span::raw(words::cut_middle(&text, room).into_owned())]);
        canvas.line(Rect { y, height: 1, ..inner }, line);
    }
}

/// Names and texts; what is unknown is left out, except the label.
fn told(state: &State) -> Vec<(&'static str, String)> {
    let Some(photo) = state.selected_photo() else { return Vec::new() };
    let Some(row) = state.row(&photo) else { return vec![("hash", photo.to_string())] };
    let label = if row.labels.is_empty() { "none".to_owned() } else { row.label_words() };
    let mut told = vec![("path", row.name.to_string())];
    told.extend(row.copies.iter().map(|path| ("also at", path.to_string())));
    told.push(("label", label));
    told.extend(row.taken.as_deref().map(|taken| ("taken", taken.to_owned())));
    told.push(("pixels", format!("{} × {}", row.width, row.height)));
    told.push(("size", format!("{} ({} bytes)", words::file_size(row.bytes), words::grouped(row.bytes))));
    told.extend(row.camera.as_deref().map(|camera| ("camera", camera.to_owned())));
    if let Some((from, distance)) = state.distance_in_sight(&photo) {
        told.push(("distance", format!("{distance:.4} from {}", state.name_of(&from))));
    }
    told.extend(state.photos.is_marked(&photo).then(|| ("marked", "yes".to_owned())));
    told.push(("hash", photo.to_string()));
    told
}
