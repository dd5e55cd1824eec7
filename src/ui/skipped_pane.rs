//! The files that could not be read, each with its reason.

use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use super::state::State;
use super::theme::Theme;
use super::view::Canvas;
use super::words;

/// How many files fit into so many lines: two for each.
pub(super) fn rows(lines: usize) -> usize {
    (lines / 2).max(1)
}

/// The place of the file under a place of the screen.
pub(super) fn place_at(state: &State, at: Position) -> Option<usize> {
    let body = state.panes()?.body;
    let place = state.skipped_cursor.top + usize::from(at.y.checked_sub(body.y)?) / 2;
    (body.contains(at) && place < state.skipped.len()).then_some(place)
}

/// Draws the files in sight.
pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect) {
    let state = canvas.state;
    let cursor = state.skipped_cursor;
    let files = state.skipped.iter().enumerate().skip(cursor.top).take(rows(body.height.into()));
    let columns = usize::from(body.width.saturating_sub(4));
    for (y, (place, file)) in (body.y..body.bottom()).step_by(2).zip(files) {
        let selected = place == cursor.selected;
        let sign = if selected { "▌ " } else { "  " };
        let line =
            |text: String| Line::from(vec![ratatui::text::Span::styled(sign, state.theme.accent()), text.into()]);
        let name = line(words::cut_start(&file.name, columns).into_owned());
        let name = if selected { name.patch_style(Theme::selected(true)) } else { name };
        canvas.line(Rect { y, height: 1, ..body }, name);
        if y + 1 < body.bottom() {
            let reason = line(format!("  {}", words::cut_end(&file.reason, columns)));
            canvas.line(Rect { y: y + 1, height: 1, ..body }, reason.patch_style(state.theme.faint()));
        }
    }
}
