//! Two models side by side on one query: what both answer, and how ranks move from the first to the second.

use ratatui::layout::{Position, Rect, Size};
use ratatui::style::Style;
use ratatui::text::Line;

use super::Compared;
use crate::library::PhotoId;
use crate::ui::grid::{Cell, Grid};
use crate::ui::message::Ranked;
use crate::ui::moves::{Move, moves};
use crate::ui::sidebar_pane::separator;
use crate::ui::state::State;
use crate::ui::theme::Theme;
use crate::ui::view::{Canvas, Place};
use crate::ui::words;

/// Neighbours that the overlap is told of.
const TOP: usize = 10;

/// `similar to IMG_1.jpg: base and tuned 1`, and how much they have in common.
pub(super) fn title(state: &State) -> (String, String) {
    let Some(compared) = &state.models.compared else { return Default::default() };
    let name = state.row(&compared.query).map(|row| words::file_name(&row.name).to_owned()).unwrap_or_default();
    let [one, other] = &compared.models;
    (format!("similar to {name}: {one} and {other}"), overlap(compared))
}

/// `7 of the first 10 in common`.
fn overlap(compared: &Compared) -> String {
    let [one, other] = compared.answers.as_ref();
    let top = |all: &[Ranked]| all.iter().take(TOP).map(|ranked| ranked.photo).collect::<Vec<_>>();
    let (one, other) = (top(&one.neighbors), top(&other.neighbors));
    let common = other.iter().filter(|photo| one.contains(photo)).count();
    format!("{common} of the first {} in common ", other.len())
}

/// The halves of the body, with the separator at the right edge of the first.
fn halves(body: Rect) -> [Rect; 2] {
    let left = body.width / 2;
    [Rect { width: left, ..body }, Rect { x: body.x + left, width: body.width - left, ..body }]
}

fn grid(half: Rect, pictures: bool) -> Grid {
    let below =
        Rect { y: half.y + 1, height: half.height.saturating_sub(1), width: half.width.saturating_sub(1), ..half };
    Grid::of(below, pictures)
}

/// Neighbours on the longer side, and the shape of the grid.
pub(super) fn shape(state: &State, body: Rect) -> (usize, (usize, usize)) {
    let grid = grid(halves(body)[0], state.pictures_on);
    let len =
        state.models.compared.as_ref().map_or(0, |compared| {
            compared.answers.iter().map(|answer| answer.neighbors.len()).max().unwrap_or_default()
        });
    (len, (grid.columns, grid.rows))
}

/// The rank under a place of the screen, on either side.
pub(super) fn place_at(state: &State, body: Rect, at: Position) -> Option<usize> {
    let (len, _) = shape(state, body);
    let grids = halves(body).map(|half| grid(half, state.pictures_on));
    let (columns, slot) = grids.iter().find_map(|grid| Some((grid.columns, grid.slot_at(at)?)))?;
    let place = state.models.compared_cursor.top * columns + slot;
    (place < len).then_some(place)
}

/// Pictures in sight, with the size of each.
pub(super) fn wants(state: &State, body: Rect) -> Vec<(PhotoId, Size)> {
    let Some(compared) = &state.models.compared else { return Vec::new() };
    let sides = halves(body).into_iter().zip(compared.answers.iter());
    let side = |(half, answer): (Rect, &crate::ui::Answered)| {
        let grid = grid(half, state.pictures_on);
        let first = state.models.compared_cursor.top * grid.columns;
        let shown = answer.neighbors.iter().skip(first).take(grid.page());
        shown.map(|ranked| (ranked.photo, grid.picture())).collect::<Vec<_>>()
    };
    sides.flat_map(side).collect()
}

/// Draws both answers.
pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect) {
    let Some(compared) = &canvas.state.models.compared else { return };
    let [one, other] = compared.answers.as_ref();
    let stayed = vec![Move::Stayed; one.neighbors.len()];
    let moved = moves(&one.neighbors, &other.neighbors);
    let halves = halves(body);
    separator(canvas, halves[0]);
    side(canvas, halves[0], &compared.models[0], (&one.neighbors, &stayed));
    side(canvas, halves[1], &compared.models[1], (&other.neighbors, &moved));
}

fn side(canvas: &mut Canvas<'_>, half: Rect, model: &str, (neighbors, moved): (&[Ranked], &[Move])) {
    let state = canvas.state;
    let room = usize::from(half.width).saturating_sub(2);
    canvas.line(half, Line::styled(format!(" {}", words::cut_end(model, room)), Theme::heading()));
    let grid = grid(half, state.pictures_on);
    let cursor = state.models.compared_cursor;
    let first = cursor.top * grid.columns;
    let shown = neighbors.iter().zip(moved).enumerate().skip(first).take(grid.page());
    for (place, (ranked, moved)) in shown {
        let Some(cell) = grid.cell(place - first) else { return };
        if state.pictures_on {
            canvas.picture(ranked.photo, cell.picture, Place::Bottom);
        }
        captions(canvas, &cell, (place, ranked, *moved));
    }
}

fn captions(canvas: &mut Canvas<'_>, cell: &Cell, (place, ranked, moved): (usize, &Ranked, Move)) {
    let state = canvas.state;
    let row = state.row(&ranked.photo);
    let label = row.map(|row| row.label_words()).unwrap_or_default();
    let name = row.map_or_else(|| ranked.photo.to_string(), |row| words::file_name(&row.name).to_owned());
    let first = format!("{:>2} {:<5}{:.3}  {label}", place + 1, moved.words(), ranked.distance);
    let is_here = place == state.models.compared_cursor.selected;
    let style = if is_here { Theme::selected(true) } else { Style::new() };
    let lines = [(first, style), (name, state.theme.faint())];
    for (y, (text, style)) in (cell.caption.y..cell.caption.bottom()).zip(lines) {
        let text = words::cut_end(&text, cell.caption.width.into()).into_owned();
        canvas.line(Rect { y, height: 1, ..cell.caption }, Line::styled(text, style));
    }
}
