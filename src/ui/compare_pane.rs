//! Two photos side by side.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::panes::Half;
use super::query_pane::{facts, heading};
use super::sidebar_pane::separator;
use super::view::{Canvas, Place};
use super::words;
use crate::library::PhotoId;

/// Draws the photo that is compared with, and the selected one.
pub(super) fn draw(canvas: &mut Canvas<'_>, halves: [Half; 2]) {
    let state = canvas.state;
    let photos = [state.compare, state.selected_photo()];
    for (place, (half, photo)) in halves.into_iter().zip(photos).enumerate() {
        if place == 0 {
            separator(canvas, half.whole);
        }
        if let Some(photo) = photo {
            draw_half(canvas, &half, photo, place == 1);
        }
    }
}

fn draw_half(canvas: &mut Canvas<'_>, half: &Half, photo: PhotoId, is_right: bool) {
    let state = canvas.state;
    if state.pictures_on {
        canvas.picture(photo, half.picture, Place::Middle);
    }
    let Some(row) = state.row(&photo) else { return };
    let columns = usize::from(half.details.width);
    let mut lines = heading(state.theme, row, columns);
    if is_right && let Some(distance) = state.compare.and_then(|left| state.measured.between(&left, &photo)) {
        lines.insert(1, Line::styled(format!("distance {distance:.3}"), state.theme.accent()));
    }
    lines.extend(facts(row).into_iter().map(|fact| Line::raw(words::cut_start(&fact, columns).into_owned())));
    for (y, line) in (half.details.y..half.details.bottom()).zip(lines) {
        canvas.line(Rect { y, height: 1, ..half.details }, line);
    }
}
