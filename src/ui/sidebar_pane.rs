//! The labels beside the grid.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::keys::Context;
use super::sidebar::Entry;
use super::theme::Theme;
use super::view::Canvas;
use super::words;

/// Draws the lines in sight and the separator at the right edge.
pub(super) fn draw(canvas: &mut Canvas<'_>, pane: Rect, text: Rect) {
    let state = canvas.state;
    separator(canvas, pane);
    let cursor = state.sidebar.cursor;
    let entries = state.sidebar.entries.iter().enumerate().skip(cursor.top);
    for (y, (place, entry)) in (text.y..text.bottom()).zip(entries) {
        let area = Rect { y, height: 1, ..text };
        draw_entry(canvas, area, entry, place == cursor.selected);
    }
}

fn draw_entry(canvas: &mut Canvas<'_>, area: Rect, entry: &Entry, selected: bool) {
    let state = canvas.state;
    let (name, count) = entry.words();
    let shown = matches!(entry, Entry::Show { filter, .. } if filter == state.photos.filter());
    let count = words::grouped(count as u64);
    let room = usize::from(area.width).saturating_sub(count.len() + 3);
    let name = words::cut_end(name, room).into_owned();
    let gap = " ".repeat(room.saturating_sub(words::columns_of(&name)) + 1);
    let sign = Span::styled(if shown { "▸ " } else { "  " }, state.theme.accent());
    let line = Line::from(vec![sign, Span::raw(name), Span::raw(gap), Span::styled(count, state.theme.faint())]);
    let focused = state.context() == Context::Sidebar;
    let line = if selected && focused { line.patch_style(Theme::selected(true)) } else { line };
    canvas.line(area, line);
}

/// A line down the right edge of a pane.
pub(super) fn separator(canvas: &mut Canvas<'_>, pane: Rect) {
    let style = canvas.state.theme.faint();
    for y in pane.y..pane.bottom() {
        canvas.line(Rect::new(pane.right().saturating_sub(1), y, 1, 1), Line::styled("│", style));
    }
}
