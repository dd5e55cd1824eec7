//! The query, large, with everything that is known of it.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::grid_pane::BEYOND;
use super::panes::QueryPane;
use super::photos::PhotoRow;
use super::sidebar_pane::separator;
use super::theme::Theme;
use super::view::{Canvas, Place};
use super::{training, words};

/// Draws the query of the step we are at.
pub(super) fn draw(canvas: &mut Canvas<'_>, pane: &QueryPane) {
    separator(canvas, pane.whole);
    let Some(query) = canvas.state.walk.here().map(|step| step.query) else { return };
    if canvas.state.pictures_on {
        canvas.picture(query, pane.picture, Place::Middle);
    }
    let Some(row) = canvas.state.row(&query) else { return };
    let lines = details(canvas, row, pane.details.width.into());
    for (y, line) in (pane.details.y..pane.details.bottom()).zip(lines) {
        canvas.line(Rect { y, height: 1, ..pane.details }, line);
    }
}

/// Name, folder and label.
pub(super) fn heading(theme: Theme, row: &PhotoRow, columns: usize) -> Vec<Line<'static>> {
    let name = words::file_name(&row.name);
    let folder = row.name.strip_suffix(name).unwrap_or_default().trim_end_matches('/');
    let cut = |text: &str| words::cut_start(text, columns).into_owned();
    let mut lines = vec![Line::styled(words::cut_middle(name, columns).into_owned(), Theme::heading())];
    if !folder.is_empty() {
        lines.push(Line::styled(cut(folder), theme.faint()));
    }
    if !row.labels.is_empty() {
        lines.push(Line::styled(cut(&row.label_words()), theme.label()));
    }
    lines
}

fn details(canvas: &Canvas<'_>, row: &PhotoRow, columns: usize) -> Vec<Line<'static>> {
    let state = canvas.state;
    let theme = state.theme;
    let cut = |text: &str| words::cut_start(text, columns).into_owned();
    let mut lines = heading(theme, row, columns);
    let with = state.walk.here().map(|step| &step.with);
    let signs = [("+", with.map(|with| &with.plus)), ("−", with.map(|with| &with.minus))];
    for (sign, photo) in
        signs.into_iter().flat_map(|(sign, photos)| photos.into_iter().flatten().map(move |p| (sign, p)))
    {
        let name = state.name_of(photo);
        let name = words::cut_middle(&name, columns.saturating_sub(2)).into_owned();
        lines.push(Line::from(vec![Span::styled(format!("{sign} "), theme.accent()), Span::raw(name)]));
    }
    lines.extend(facts(row).into_iter().map(|fact| Line::from(Span::raw(cut(&fact)))));
    let cut_off = canvas.state.walk.here().and_then(|step| step.answer()).and_then(|answer| answer.cut_off);
    if let Some(far) = cut_off {
        lines.push(Line::styled(cut(&format!("{BEYOND} beyond {far:.3}: no good match")), theme.faint()));
    }
    let query = canvas.state.walk.here().map(|step| step.query);
    let live = query.and_then(|query| training::watched_words(canvas.state, query));
    lines.extend(live.map(|live| Line::styled(cut(&live), theme.accent())));
    lines
}

/// Date, pixels and size, camera, copies; what is unknown is left out.
pub(super) fn facts(row: &PhotoRow) -> Vec<String> {
    let pixels = format!("{} × {} · {}", row.width, row.height, words::file_size(row.bytes));
    let copies = match row.copies.len() {
        0 => None,
        1 => Some("+1 copy".to_owned()),
        copies => Some(format!("+{copies} copies")),
    };
    let taken = row.taken.as_deref().map(str::to_owned);
    [taken, Some(pixels), row.camera.as_deref().map(str::to_owned), copies].into_iter().flatten().collect()
}
