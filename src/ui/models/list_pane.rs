//! The list of models, and everything that is known of the selected one.

use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

use crate::ui::theme::Theme;
use crate::ui::training::{ModelRow, judged, judged_further, score};
use crate::ui::view::Canvas;
use crate::ui::words;

/// Columns from which on the details stand beside the list.
const WIDE: u16 = 110;
/// Columns of a name.
const NAME: usize = 14;

/// The list and the details.
fn parts(body: Rect) -> [Rect; 2] {
    if body.width >= WIDE {
        let width = body.width * 3 / 5;
        let right = Rect { x: body.x + width + 2, width: body.width - width - 2, ..body };
        return [Rect { width, ..body }, right];
    }
    let height = (body.height / 2).max(1);
    let below = Rect { y: body.y + height, height: body.height - height, ..body };
    [Rect { height, ..body }, below]
}

/// Models in sight.
pub(super) fn lines(body: Rect) -> usize {
    parts(body)[0].height.saturating_sub(1).max(1).into()
}

/// The line of the list under a place of the screen.
pub(super) fn place_at(body: Rect, at: Position) -> Option<usize> {
    let list = parts(body)[0];
    list.contains(at).then(|| at.y.checked_sub(list.y + 1)).flatten().map(usize::from)
}

/// Draws both.
pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect) {
    let state = canvas.state;
    let [list, details] = parts(body);
    let models = &state.models;
    if models.rows.is_none() {
        return canvas.line(body, Line::styled("looking for models …", state.theme.faint()).centered());
    }
    let heading = format!("  {:NAME$} {:5} {:16} {:12} verdict (held out)", "model", "depth", "saved", "Recall@1");
    canvas.line(list, Line::styled(words::cut_end(&heading, list.width.into()).into_owned(), state.theme.faint()));
    let rows = models.rows().iter().enumerate().skip(models.cursor.top);
    for (y, (place, row)) in (list.y + 1..list.bottom()).zip(rows) {
        let area = Rect { y, height: 1, ..list };
        let line = line(canvas, row, list.width.into());
        let line = if place == models.cursor.selected { line.patch_style(Theme::selected(true)) } else { line };
        canvas.line(area, line);
    }
    let Some(row) = models.selected() else { return };
    let text: Vec<Line<'static>> = about(canvas, row);
    let details = Rect { x: details.x + 1, width: details.width.saturating_sub(2), ..details };
    Paragraph::new(text).wrap(Wrap { trim: false }).render(details, canvas.buffer);
}

fn line(canvas: &Canvas<'_>, row: &ModelRow, columns: usize) -> Line<'static> {
    let sign = match (row.in_use, canvas.state.models.first.as_ref() == Some(&row.name)) {
        (true, _) => "● ",
        (false, true) => "◐ ",
        (false, false) => "  ",
    };
    let (scores, verdict) = match &row.judged {
        Some(judged) => {
            let [before, after] = judged.recall_at_1.map(score);
            (format!("{before} -> {after}"), judged.verdict.to_string())
        }
        None if row.base => ("–".to_owned(), "before any training".to_owned()),
        None => ("–".to_owned(), "not judged".to_owned()),
    };
    let name = words::cut_end(&row.name, NAME).into_owned();
    let gap = " ".repeat(NAME.saturating_sub(words::columns_of(&name)));
    let depth = row.depth.as_deref().unwrap_or("–");
    let rest = format!("{gap} {depth:5} {:16} {scores:12} {verdict}", row.created);
    let room = columns.saturating_sub(2 + words::columns_of(&name));
    Line::from(vec![
        Span::styled(sign, canvas.state.theme.accent()),
        Span::styled(name, Theme::heading()),
        Span::raw(words::cut_end(&rest, room).into_owned()),
    ])
}

fn about(canvas: &Canvas<'_>, row: &ModelRow) -> Vec<Line<'static>> {
    let theme = canvas.state.theme;
    let mut lines = vec![Line::styled(row.name.clone(), Theme::heading())];
    lines.extend(canvas.state.models.busy.as_ref().map(|busy| Line::styled(format!("{busy} …"), theme.accent())));
    if row.in_use {
        lines.push(Line::styled("● answers now", theme.accent()));
    }
    lines.extend(row.judged.iter().flat_map(|of| [judged(of), judged_further(of)]).map(Line::raw));
    let parent = row.parent.as_ref().map(|parent| format!("from {parent}"));
    let facts = [parent, Some(format!("{} dimensions", row.dim)), Some(words::file_size(row.bytes))];
    lines.push(Line::raw(facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")));
    lines.extend(row.config.iter().map(|fact| Line::styled(fact.clone(), theme.faint())));
    lines
}
