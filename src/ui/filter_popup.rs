//! The filter while it is typed, with what may go on.

use ratatui::layout::{Margin, Rect, Size};
use ratatui::text::{Line, Span};

use super::filter_box::{FilterBox, suggestions};
use super::panes::popup;
use super::state::State;
use super::theme::Theme;
use super::view::Canvas;
use super::words;

const WIDTH: u16 = 56;
/// Lines besides the suggestions.
const OTHERS: u16 = 5;

/// Where the popup lies.
pub(super) fn area(state: &State) -> Rect {
    popup(state.size, Size::new(WIDTH, OTHERS + suggestions(state).len() as u16))
}

/// Draws it over the screen.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, typed: &FilterBox) {
    let state = canvas.state;
    canvas.frame(area, " Filter ");
    let inner = area.inner(Margin::new(2, 1));
    let columns = usize::from(inner.width);
    let mut lines = vec![
        Line::raw(format!("{}▏", words::cut_start(&typed.text, columns.saturating_sub(1)))),
        told(state, typed, columns),
        Line::default(),
    ];
    for (place, suggestion) in suggestions(state).into_iter().enumerate() {
        let count = suggestion.count.map(|count| words::grouped(count as u64)).unwrap_or_default();
        let room = columns.saturating_sub(count.len() + 3);
        let name = words::cut_end(&suggestion.shown, room).into_owned();
        let gap = " ".repeat(room.saturating_sub(words::columns_of(&name)) + 1);
        let chosen = typed.chosen == Some(place);
        let sign = Span::styled(if chosen { "▸ " } else { "  " }, state.theme.accent());
        let line = Line::from(vec![sign, Span::raw(name), Span::raw(gap), Span::styled(count, state.theme.faint())]);
        lines.push(if chosen { line.patch_style(Theme::selected(true)) } else { line });
    }
    for (y, line) in (inner.y..inner.bottom()).zip(lines) {
        canvas.line(Rect { y, height: 1, ..inner }, line);
    }
}

/// How many photos are shown, or what is not understood.
fn told(state: &State, typed: &FilterBox, columns: usize) -> Line<'static> {
    if let Some(why) = &typed.wrong {
        return Line::styled(format!("! {}", words::cut_end(why, columns.saturating_sub(2))), state.theme.alarm());
    }
    let shown = words::grouped(state.photos.len() as u64);
    let text = format!("{shown} of {}", words::counted(state.photos.total(), "photo"));
    Line::styled(text, state.theme.faint())
}
