//! The neighbours of the current query, answered by the model in training.

use ratatui::layout::{Position, Rect, Size};
use ratatui::text::{Line, Span};

use super::figures;
use super::message::LiveNeighbors;
use crate::library::PhotoId;
use crate::ui::grid::Grid;
use crate::ui::message::Ranked;
use crate::ui::moves::{Move, moves};
use crate::ui::state::State;
use crate::ui::theme::Theme;
use crate::ui::view::{Canvas, Place};
use crate::ui::words;

/// Neighbours that the overlap is told of.
const TOP: usize = 10;
/// From this size on there are pictures.
const LEAST: Size = Size::new(36, 14);

/// How many of the first ten are as before: `7 of 10 as before`.
pub(super) fn overlap(live: &LiveNeighbors) -> String {
    let first = |all: &[Ranked]| all.iter().take(TOP).map(|ranked| ranked.photo).collect::<Vec<_>>();
    let (before, now) = (first(&live.before), first(&live.neighbors));
    let kept = now.iter().filter(|photo| before.contains(photo)).count();
    format!("{kept} of {} as before", now.len())
}

/// For the neighbours of a query that is watched: how the rank of a photo moves in the model in training.
pub(in crate::ui) fn watched_moves(state: &State, query: PhotoId, photo: PhotoId) -> Option<String> {
    let run = state.training.run.as_ref().filter(|run| run.is_running())?;
    let live = run.live.as_ref().filter(|live| live.query == query)?;
    let place = live.neighbors.iter().position(|neighbor| neighbor.photo == photo);
    let before = live.before.iter().position(|neighbor| neighbor.photo == photo);
    Some(match (before, place) {
        (Some(before), Some(now)) if before > now => Move::Up(before - now).words(),
        (Some(before), Some(now)) if before < now => Move::Down(now - before).words(),
        (Some(_), Some(_)) => String::new(),
        (None, Some(_)) => Move::New.words(),
        (_, None) => "gone".to_owned(),
    })
}

/// For a query that is watched: `in training, step 120: 7 of 10 as before`.
pub(in crate::ui) fn watched_words(state: &State, query: PhotoId) -> Option<String> {
    let run = state.training.run.as_ref().filter(|run| run.is_running())?;
    let live = run.live.as_ref().filter(|live| live.query == query)?;
    Some(format!("in training, step {}: {}", live.step, overlap(live)))
}

/// Where the pictures of the pane lie, if it has some.
fn grid(state: &State, area: Rect) -> Option<Grid> {
    let is_large = area.width >= LEAST.width && area.height >= LEAST.height;
    let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    (state.pictures_on && is_large).then(|| Grid::of(below, true))
}

/// Pictures of the pane, with the size of each.
pub(super) fn wants(state: &State, area: Rect) -> Vec<(PhotoId, Size)> {
    let live = state.training.run.as_ref().and_then(|run| run.live.as_ref());
    let (Some(grid), Some(live)) = (grid(state, area), live) else { return Vec::new() };
    let shown = live.neighbors.iter().skip(top(state, &grid)).take(grid.page());
    shown.map(|neighbor| (neighbor.photo, grid.picture())).collect()
}

/// The neighbour under a place of the pane.
pub(super) fn place_at(state: &State, area: Rect, at: Position) -> Option<usize> {
    let live = state.training.run.as_ref()?.live.as_ref()?;
    let place = if let Some(grid) = grid(state, area) {
        top(state, &grid) + grid.slot_at(at)?
    } else {
        let rows = area.height.saturating_sub(1);
        (state.training.look.neighbor + 1).saturating_sub(rows.into()) + usize::from(at.y.checked_sub(area.y + 1)?)
    };
    (area.contains(at) && place < live.neighbors.len()).then_some(place)
}

fn top(state: &State, grid: &Grid) -> usize {
    let row = state.training.look.neighbor / grid.columns;
    (row + 1).saturating_sub(grid.rows) * grid.columns
}

/// Draws the overlap and the ranked neighbours, as pictures where there is room.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let theme = state.theme;
    let Some(run) = &state.training.run else { return };
    let Some(live) = &run.live else {
        let text = match (state.training.watched, run.is_running()) {
            (Some(_), true) => "the model in training answers soon",
            (None, true) => "no photo is selected",
            (_, false) => "no training runs",
        };
        return canvas.line(area, Line::styled(text, theme.faint()));
    };
    let name = state.row(&live.query).map(|row| words::file_name(&row.name).to_owned()).unwrap_or_default();
    let text =
        format!("{} · {name} · at step {} · among {}", overlap(live), live.step, words::grouped(live.among as u64));
    canvas.line(area, Line::raw(words::cut_end(&text, area.width.into()).into_owned()));
    let moved = moves(&live.before, &live.neighbors);
    match grid(state, area) {
        Some(grid) => pictures(canvas, &grid, live, &moved),
        None => list(canvas, Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }, live, &moved),
    }
}

/// `▲3 0.412`, after the rank.
fn caption(place: usize, neighbor: &Ranked, moved: Move) -> String {
    format!("{:>2} {:<5}{}", place + 1, moved.words(), figures::number(neighbor.distance.into()))
}

fn words_of(canvas: &Canvas<'_>, photo: &PhotoId) -> String {
    let row = canvas.state.row(photo);
    row.map(|row| if row.labels.is_empty() { words::file_name(&row.name).to_owned() } else { row.label_words() })
        .unwrap_or_default()
}

fn list(canvas: &mut Canvas<'_>, area: Rect, live: &LiveNeighbors, moved: &[Move]) {
    let look = &canvas.state.training.look;
    let top = (look.neighbor + 1).saturating_sub(area.height.into());
    let rows = live.neighbors.iter().zip(moved).enumerate().skip(top);
    for (y, (place, (neighbor, moved))) in (area.y..area.bottom()).zip(rows) {
        let text = format!("{}  {}", caption(place, neighbor, *moved), words_of(canvas, &neighbor.photo));
        let line = Line::raw(words::cut_end(&text, area.width.into()).into_owned());
        let is_here = place == look.neighbor && look.focus == super::Pane::Neighbors;
        let line = if is_here { line.patch_style(Theme::selected(true)) } else { line };
        canvas.line(Rect { y, height: 1, ..area }, line);
    }
}

fn pictures(canvas: &mut Canvas<'_>, grid: &Grid, live: &LiveNeighbors, moved: &[Move]) {
    let look = &canvas.state.training.look;
    let top = top(canvas.state, grid);
    let shown = live.neighbors.iter().zip(moved).enumerate().skip(top).take(grid.page());
    for (place, (neighbor, moved)) in shown {
        let Some(cell) = grid.cell(place - top) else { return };
        canvas.picture(neighbor.photo, cell.picture, Place::Bottom);
        let is_here = place == look.neighbor && look.focus == super::Pane::Neighbors;
        let style = if is_here { Theme::selected(true) } else { ratatui::style::Style::new() };
        let second = Span::styled(words_of(canvas, &neighbor.photo), canvas.state.theme.label());
        let lines = [Line::styled(caption(place, neighbor, *moved), style), Line::from(second)];
        for (y, line) in (cell.caption.y..cell.caption.bottom()).zip(lines) {
            canvas.line(Rect { y, height: 1, ..cell.caption }, line);
        }
    }
}
