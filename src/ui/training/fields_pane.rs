//! The fields of a form: a name and a text each; under the one that has the keyboard what it does, or what is wrong.

use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::fields::{Field, Fields};
use crate::ui::theme::Theme;
use crate::ui::view::Canvas;
use crate::ui::words;

/// Columns of the names.
const NAMES: usize = 18;

/// Lines that a form takes at most.
pub(super) const fn lines(fields: &Fields) -> u16 {
    fields.all.len() as u16 + 1
}

/// The field under a place of the screen.
pub(super) fn place_at(area: Rect, fields: &Fields, at: Position) -> Option<usize> {
    if !area.contains(at) {
        return None;
    }
    let line = top(area, fields) + usize::from(at.y - area.y);
    // Below the field with the keyboard stands what it does.
    let place = if line > fields.at { line - 1 } else { line };
    (place < fields.all.len()).then_some(place)
}

/// The first field in sight.
fn top(area: Rect, fields: &Fields) -> usize {
    (fields.at + 2).saturating_sub(area.height.into())
}

/// Draws the fields that fit, the one with the keyboard among them.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, fields: &Fields, wrong: impl Fn(&Field) -> Option<String>) {
    let top = top(area, fields);
    let mut y = area.y;
    for (place, field) in fields.all.iter().enumerate().skip(top) {
        if y >= area.bottom() {
            return;
        }
        let wrong = wrong(field);
        let line = Rect { y, height: 1, ..area };
        let is_here = place == fields.at;
        canvas.line(line, row(canvas, field, is_here, wrong.is_some(), area.width.into()));
        y += 1;
        if is_here && y < area.bottom() {
            canvas.line(Rect { y, height: 1, ..area }, explained(canvas, field, wrong, area.width.into()));
            y += 1;
        }
    }
}

fn row(canvas: &Canvas<'_>, field: &Field, is_here: bool, is_wrong: bool, columns: usize) -> Line<'static> {
    let theme = canvas.state.theme;
    let sign = Span::styled(if is_here { "▌ " } else { "  " }, theme.accent());
    let name = Span::raw(format!("{:NAMES$}", field.name));
    let room = columns.saturating_sub(NAMES + 8);
    let text = Fields::shown(field, room);
    let shown = match (is_here, field.free) {
        (true, true) => format!("{text}▏"),
        (true, false) => format!("‹ {text} ›"),
        (false, _) if text.is_empty() => "–".to_owned(),
        (false, _) => text,
    };
    let style = match (is_wrong, is_here) {
        (true, _) => theme.alarm(),
        (false, true) => Theme::heading(),
        (false, false) => theme.label(),
    };
    let mut spans = vec![sign, name, Span::styled(shown, style)];
    spans.extend(is_wrong.then(|| Span::styled(" !", theme.alarm())));
    Line::from(spans)
}

fn explained(canvas: &Canvas<'_>, field: &Field, wrong: Option<String>, columns: usize) -> Line<'static> {
    let theme = canvas.state.theme;
    let room = columns.saturating_sub(6);
    match wrong {
        Some(wrong) => Line::styled(format!("    ! {}", words::cut_end(&wrong, room)), theme.alarm()),
        None => Line::styled(format!("    {}", words::cut_end(field.help, room)), theme.faint()),
    }
}
