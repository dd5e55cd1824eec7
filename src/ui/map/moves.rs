//! Keys and clicks on the map.

use ratatui::layout::{Position, Rect};

use super::Map;
use super::window::{DOTS, Projection};
use crate::ui::grid::Motion;
use crate::ui::keys::{Action, Context};
use crate::ui::panes::{Panes, Screen};
use crate::ui::state::State;

/// How much one key magnifies.
const STEP: f32 = 1.5;
/// The share of what is in sight by which one key moves the window.
const PAN: f32 = 0.25;
/// Steps that one count can make.
const MOST_STEPS: usize = 100;

/// A direction on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) enum Towards {
    Left,
    Right,
    Up,
    Down,
}

/// Where the dots are drawn, also while another screen lies over them; empty where there is no room.
pub(in crate::ui) fn area(state: &State) -> Rect {
    Panes::of(state.size, Screen::Map, state.pictures_on).map(|panes| panes.body).unwrap_or_default()
}

fn projection(state: &State) -> Projection {
    Projection::of(&state.map.bounds, &state.map.window, area(state))
}

/// Moves the selection to the nearest dot in another cell that lies that way.
pub(in crate::ui) fn go(state: &mut State, motion: Motion) {
    let (towards, times) = match motion {
        Motion::Left(times) => (Towards::Left, times),
        Motion::Right(times) => (Towards::Right, times),
        Motion::Up(times) => (Towards::Up, times),
        Motion::Down(times) => (Towards::Down, times),
        Motion::PageUp(_) | Motion::PageDown(_) | Motion::To(_) | Motion::Last => return,
    };
    let projection = projection(state);
    for _ in 0..times.min(MOST_STEPS) {
        let Some(next) = nearest_towards(&state.map, &projection, towards) else { break };
        state.map.cursor.selected = next;
    }
    reveal(state);
}

/// The dots to which one key to the right or left goes.
pub(in crate::ui) fn beside(state: &State) -> [Option<usize>; 2] {
    let projection = projection(state);
    [Towards::Right, Towards::Left].map(|towards| nearest_towards(&state.map, &projection, towards))
}

/// Selects the next photo in the same cell, `steps` further, going round.
pub(in crate::ui) fn next_here(state: &mut State, steps: usize) {
    let here = here(state);
    let at = here.iter().position(|number| *number == state.map.cursor.selected);
    let next = at.map_or(0, |at| at + steps).checked_rem(here.len()).and_then(|next| here.get(next));
    state.map.cursor.selected = next.copied().unwrap_or(state.map.cursor.selected);
    if here.len() < 2 {
        state.say("no other photo lies here");
    }
}

/// The photos in the cell of the selected one, itself among them.
pub(in crate::ui) fn here(state: &State) -> Vec<usize> {
    let (map, projection) = (&state.map, projection(state));
    let Some(cell) = map.place(map.cursor.selected).and_then(|place| projection.cell(place)) else { return Vec::new() };
    let is_here = |(number, place): (usize, &[f32; 2])| {
        let is_seen = number == map.cursor.selected || is_bright(map, number);
        (is_seen && projection.cell(*place) == Some(cell)).then_some(number)
    };
    map.layout.iter().flat_map(|layout| layout.places.iter().enumerate()).filter_map(is_here).collect()
}

/// How many photos [`here`] names.
pub(in crate::ui) fn count_here(state: &State) -> usize {
    let (map, selected) = (&state.map, state.map.cursor.selected);
    let Some((projection, raster)) = map.drawn() else { return 0 };
    let Some((across, down)) = map.place(selected).and_then(|place| projection.in_sight(place)) else { return 0 };
    let bright = raster.spot(across / DOTS.0, down / DOTS.1).filter(|spot| spot.bright).map_or(0, |spot| spot.count);
    bright as usize + usize::from(!is_bright(map, selected))
}

/// Shows things larger or smaller around the selected photo.
pub(in crate::ui) fn zoom(state: &mut State, steps: i32) {
    if let Some(place) = state.map.place(state.map.cursor.selected) {
        reveal(state);
        state.map.window.magnify(STEP.powi(steps.clamp(-40, 40)), &state.map.bounds, place);
    }
}

/// The same around a place on the screen.
pub(in crate::ui) fn zoom_at(state: &mut State, at: Position, steps: i32) {
    let place = projection(state).place(at);
    state.map.window.magnify(STEP.powi(steps.clamp(-40, 40)), &state.map.bounds, place);
}

/// Moves the window.
pub(in crate::ui) fn pan(state: &mut State, towards: Towards, times: usize) {
    let far = PAN * times.min(MOST_STEPS) as f32;
    let (across, up) = match towards {
        Towards::Left => (-far, 0.0),
        Towards::Right => (far, 0.0),
        Towards::Up => (0.0, far),
        Towards::Down => (0.0, -far),
    };
    let (area, bounds) = (area(state), state.map.bounds);
    if state.map.window.zoom() <= 1.0 {
        let larger = state.keys.key(Context::Map, Action::ZoomIn);
        state.say(format!("all of the map is in sight; {larger} shows it larger"));
    } else {
        state.map.window.pan(across, up, &bounds, area);
    }
}

/// Looks at a label: the one of the selected photo, and after that the others in turn.
pub(in crate::ui) fn next_label(state: &mut State, steps: isize) {
    let map = &state.map;
    let own = || state.photos.row(&map.photo(map.cursor.selected)?)?.labels.first().cloned();
    let first = || map.legend.labels().first().map(|(label, _)| label.clone());
    let label = map.legend.after_chosen(steps).or_else(own).or_else(first);
    if label.is_none() {
        state.say("no photo here has a label");
    }
    state.map.legend.choose(label);
    state.map.light_changed();
}

/// Looks at this label, or at all of them if it is looked at already.
pub(in crate::ui) fn choose_label(state: &mut State, line: usize) {
    let label = state.map.legend.labels().get(line).map(|(label, _)| label.clone());
    let label = label.filter(|label| state.map.legend.chosen() != Some(label));
    state.map.legend.choose(label);
    state.map.light_changed();
}

/// Looks at all labels again; false if they are looked at already.
pub(in crate::ui) fn drop_label(state: &mut State) -> bool {
    let had = state.map.legend.chosen().is_some();
    state.map.legend.choose(None);
    state.map.light_changed();
    had
}

/// Selects the photo nearest to a place on the screen; false when there is none.
pub(in crate::ui) fn select_at(state: &mut State, at: Position) -> bool {
    let projection = projection(state);
    let nearest = nearest_to(&state.map, &projection, projection.dot(projection.place(at)));
    state.map.cursor.selected = nearest.unwrap_or(state.map.cursor.selected);
    nearest.is_some()
}

/// The bright dot nearest to this one on the screen.
fn nearest_to(map: &Map, projection: &Projection, from: [f32; 2]) -> Option<usize> {
    let bound = |low, high| {
        let [across, down] = projection.dots(low, high);
        Some(apart(from[0], across).powi(2) + apart(from[1], down).powi(2))
    };
    map.cheapest_bright(bound, |place| {
        let [across, down] = projection.dot(place);
        Some((across - from[0]).powi(2) + (down - from[1]).powi(2))
    })
}

/// Moves the window so far that the selected dot is in sight.
pub(in crate::ui) fn reveal(state: &mut State) {
    let (area, bounds) = (area(state), state.map.bounds);
    if let Some(place) = state.map.place(state.map.cursor.selected) {
        state.map.window.reveal(place, &bounds, area);
    }
}

/// Whether a dot is among the photos that are shown and has the label that is looked at.
pub(in crate::ui) fn is_bright(map: &Map, number: usize) -> bool {
    map.dots.get(number).is_some_and(|dot| dot.bright)
}

/// How far a number is from a range.
fn apart(from: f32, (least, most): (f32, f32)) -> f32 {
    (least - from).max(from - most).max(0.0)
}

/// The nearest bright dot at least one cell further that way; what lies aside counts as three times as far.
fn nearest_towards(map: &Map, projection: &Projection, towards: Towards) -> Option<usize> {
    let from = projection.dot(map.place(map.cursor.selected)?);
    let (axis, sign, size) = match towards {
        Towards::Left => (0, -1.0, DOTS.0),
        Towards::Right => (0, 1.0, DOTS.0),
        Towards::Up => (1, -1.0, DOTS.1),
        Towards::Down => (1, 1.0, DOTS.1),
    };
    let cell = |along: f32| (along / f32::from(size)).floor();
    let is_ahead = |along: f32| sign * (cell(along) - cell(from[axis])) >= 1.0;
    let bound = |low, high| {
        let dots = projection.dots(low, high);
        let cost = apart(from[axis], dots[axis]) + 3.0 * apart(from[1 - axis], dots[1 - axis]);
        (is_ahead(dots[axis].0) || is_ahead(dots[axis].1)).then_some(cost)
    };
    map.cheapest_bright(bound, |place| {
        let dot = projection.dot(place);
        let cost = (dot[axis] - from[axis]).abs() + 3.0 * (dot[1 - axis] - from[1 - axis]).abs();
        is_ahead(dot[axis]).then_some(cost)
    })
}

#[cfg(test)]
mod tests;
