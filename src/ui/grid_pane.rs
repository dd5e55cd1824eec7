//! The grid of photos: the library, and the neighbours with rank and distance.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::grid::{Cell, Grid};
use super::keys::{Action, Context};
use super::panes::Screen;
use super::photos::PhotoRow;
use super::state::Indexing;
use super::theme::Theme;
use super::view::{Canvas, Place};
use super::walk::Reply;
use super::{training, words};
use crate::library::PhotoId;

/// Stands before a distance beyond which nothing is a good match.
pub(super) const BEYOND: char = '~';

/// Draws the cells in sight, or says why there are none.
pub(super) fn draw(canvas: &mut Canvas<'_>, grid: &Grid, body: Rect) {
    let state = canvas.state;
    if state.list_len() == 0 {
        return nothing(canvas, body);
    }
    let cursor = state.list_at();
    for slot in 0..grid.page() {
        let place = cursor.top * grid.columns + slot;
        let (Some(photo), Some(cell)) = (state.list_photo(place), grid.cell(slot)) else { return };
        draw_cell(canvas, &cell, photo, place);
    }
}

fn draw_cell(canvas: &mut Canvas<'_>, cell: &Cell, photo: PhotoId, place: usize) {
    let state = canvas.state;
    let selected = place == state.list_at().selected;
    let focused = state.context() != Context::Sidebar;
    if state.pictures_on {
        canvas.picture(photo, cell.picture, Place::Bottom);
    }
    if selected {
        let sign = if focused { "▌" } else { "▏" };
        for line in 0..cell.edge.height {
            canvas.line(Rect { y: cell.edge.y + line, ..cell.edge }, Line::styled(sign, state.theme.accent()));
        }
    }
    let lines = captions(canvas, photo, place, cell.caption.width.into());
    for (number, line) in (0..cell.caption.height).zip(lines) {
        let area = Rect { y: cell.caption.y + number, ..cell.caption };
        let line = if selected && number == 0 { line.patch_style(Theme::selected(focused)) } else { line };
        canvas.line(area, line);
    }
}

/// The lines under a picture: name and label, or rank, distance and label.
fn captions(canvas: &Canvas<'_>, photo: PhotoId, place: usize, columns: usize) -> Vec<Line<'static>> {
    let state = canvas.state;
    let row = state.row(&photo);
    let name = row.map_or_else(|| photo.to_string(), |row| words::file_name(&row.name).to_owned());
    let label = row.map(|row| row.label_words()).unwrap_or_default();
    let sign = match (state.photos.is_marked(&photo), state.in_range(place)) {
        (true, _) => "● ",
        (false, true) => "◌ ",
        (false, false) => "",
    };
    let room = columns.saturating_sub(words::columns_of(sign));
    let step = state.walk.here().filter(|_| state.list() == Screen::Neighbors);
    let ranked = step.and_then(|step| step.answer()).and_then(|answer| {
        let ranked = answer.neighbors.get(place)?;
        Some((ranked, answer.is_good(ranked.distance)))
    });
    let Some((ranked, is_good)) = ranked else {
        let copies = row.map_or(0, |row| row.copies.len());
        let copies = if copies > 0 { format!(" +{copies}") } else { String::new() };
        let first = format!("{sign}{}{copies}", words::cut_middle(&name, room.saturating_sub(copies.len())));
        let distance = state.photos.distance(&photo).map(|distance| format!("{distance:.3} "));
        let label = distance.unwrap_or_default() + &label;
        return vec![Line::raw(first), second(canvas, row.map(AsRef::as_ref), label.trim_end(), columns)];
    };
    let far = if is_good { ' ' } else { BEYOND };
    let kept = step.and_then(|step| step.moves.get(place)).map(|moved| moved.words());
    let live = step.and_then(|step| training::watched_moves(state, step.query, photo));
    let moved = live.or(kept).filter(|moved| !moved.is_empty()).map(|moved| format!("{moved} ")).unwrap_or_default();
    let rank = format!("{sign}{:>2} {far}{:.3}  {moved}", place + 1, ranked.distance);
    let style = if is_good { Style::new() } else { state.theme.faint() };
    let room = columns.saturating_sub(words::columns_of(&rank));
    if state.pictures_on && !label.is_empty() {
        let name = Line::styled(words::cut_middle(&name, columns).into_owned(), state.theme.faint());
        return vec![Line::styled(format!("{rank}{}", words::cut_end(&label, room)), style), name];
    }
    let first = Line::styled(format!("{rank}{}", words::cut_middle(&name, room)), style);
    vec![first, second(canvas, row.map(AsRef::as_ref), &label, columns)]
}

/// The label; where no picture tells more, also when it was taken and how large it is.
fn second(canvas: &Canvas<'_>, row: Option<&PhotoRow>, label: &str, columns: usize) -> Line<'static> {
    let theme = canvas.state.theme;
    let day = row.and_then(|row| row.taken.as_deref()).and_then(|taken| taken.split(' ').next()).unwrap_or_default();
    if canvas.state.pictures_on {
        let (text, style) = if label.is_empty() { (day, theme.faint()) } else { (label, theme.label()) };
        return Line::styled(words::cut_end(text, columns).into_owned(), style);
    }
    let size = row.map(|row| format!("{} × {}", row.width, row.height)).unwrap_or_default();
    let parts: Vec<&str> = [label, day, &size].into_iter().filter(|part| !part.is_empty()).collect();
    Line::styled(words::cut_end(&parts.join(" · "), columns).into_owned(), theme.faint())
}

/// Says in the middle why there is nothing to see, and what to do.
fn nothing(canvas: &mut Canvas<'_>, body: Rect) {
    let state = canvas.state;
    let lines: Vec<String> = match (state.screen(), state.walk.here().map(|step| &step.reply)) {
        (Screen::Neighbors, Some(Reply::Failed(why))) => vec!["no answer".into(), why.clone()],
        (Screen::Neighbors, Some(Reply::Here { .. })) if !state.photos.filter().is_all() => {
            let key = state.keys.key(Context::Neighbors, Action::Filter);
            vec![format!("no neighbour among: {}", state.photos.filter().words()), format!("{key} shows others")]
        }
        (Screen::Neighbors, Some(Reply::Here { .. })) => {
            vec!["this photo has no neighbours: it is the only one".into()]
        }
        (Screen::Neighbors, _) => vec!["searching …".into()],
        _ if state.photos.total() > 0 => {
            let out = state.keys.key(Context::Grid, Action::Out);
            vec!["no photo here".into(), format!("{out} shows all photos again")]
        }
        _ if matches!(state.indexing, Indexing::Finished(_)) => {
            vec![
                "no photos in this folder".into(),
                format!("looked in {}", state.folder),
                "JPEG, PNG, WebP, GIF, BMP and TIFF files are photos".into(),
            ]
        }
        _ => vec!["the first photos appear in a moment".into()],
    };
    let top = body.y + body.height.saturating_sub(lines.len() as u16) / 2;
    for (y, text) in (top..body.bottom()).zip(lines) {
        let text = words::cut_end(&text, body.width.into()).into_owned();
        canvas.line(Rect { y, height: 1, ..body }, Line::styled(text, state.theme.faint()).centered());
    }
}
