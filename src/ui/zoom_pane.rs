//! One photo on the whole screen.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::panes::Panes;
use super::query_pane::facts;
use super::view::{Canvas, Place};
use super::words;

/// Draws the selected photo and a line of what is known of it.
pub(super) fn draw(canvas: &mut Canvas<'_>, panes: &Panes) {
    let state = canvas.state;
    let Some(photo) = state.list_photo(state.list_at().selected) else { return };
    let (picture, below) = panes.zoomed();
    if state.pictures_on {
        canvas.picture(photo, picture, Place::Middle);
    }
    let Some(row) = state.row(&photo) else { return };
    if !state.pictures_on {
        let lines = [row.name.to_string(), row.label_words()].into_iter().chain(facts(row));
        for (y, text) in (picture.y + 1..picture.bottom()).zip(lines) {
            let text = words::cut_middle(&text, picture.width.into()).into_owned();
            canvas.line(Rect { y, height: 1, ..picture }, Line::raw(text).centered());
        }
        return;
    }
    let mut parts = vec![row.label_words()];
    parts.extend(facts(row));
    parts.retain(|part| !part.is_empty());
    let text = words::cut_end(&parts.join(" · "), below.width.into()).into_owned();
    canvas.line(below, Line::from(Span::styled(text, state.theme.faint())).centered());
}
