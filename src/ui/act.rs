//! What the actions of the key table do.

use super::find;
use super::grid::Motion;
use super::keys::{Action, Context};
use super::map::moves::{self, Towards};
use super::map::window::Window;
use super::message::Effect;
use super::order::{Filter, Order};
use super::panes::Screen;
use super::sidebar::Entry;
use super::state::{Layer, State};
use super::update::{out, show_only, with_selection_kept};
use super::words;
use crate::library::PhotoId;

/// Does what a key means, `count` times where that has a meaning.
pub(super) fn act(state: &mut State, action: Action, count: Option<usize>) -> Vec<Effect> {
    let times = count.unwrap_or(1);
    match action {
        Action::Left => go(state, Motion::Left(times)),
        Action::Right => go(state, Motion::Right(times)),
        Action::Up => go(state, Motion::Up(times)),
        Action::Down => go(state, Motion::Down(times)),
        Action::PageUp => go(state, Motion::PageUp(times)),
        Action::PageDown => go(state, Motion::PageDown(times)),
        Action::First => go(state, Motion::To(times.saturating_sub(1))),
        Action::Last => go(state, count.map_or(Motion::Last, |place| Motion::To(place.saturating_sub(1)))),
        Action::Open => return open(state),
        Action::Out => out(state, count.is_some()),
        Action::WalkBack => return walk(state, -times.cast_signed(), "this is where the walk began"),
        Action::WalkForward => return walk(state, times.cast_signed(), "this is where the walk ends: Enter walks on"),
        Action::Mark => return mark(state, times),
        Action::MarkRange => return mark_range(state),
        Action::Sort => sort(state, state.photos.order().next()),
        Action::Reverse => sort(state, Order { reversed: !state.photos.order().reversed, ..state.photos.order() }),
        Action::Find => find::start(state),
        Action::FindNext => find::next(state, false, times),
        Action::FindPrevious => find::next(state, true, times),
        Action::FindKeep => find::keep(state),
        Action::FindErase => find::erase(state),
        Action::Focus => focus(state),
        Action::Zoom => zoom(state),
        Action::CopyPath => return state.selected_photo().map(Effect::CopyPath).into_iter().collect(),
        Action::OpenInViewer => return state.selected_photo().map(Effect::OpenInViewer).into_iter().collect(),
        Action::Map => return open_map(state).into_iter().collect(),
        Action::NextHere => moves::next_here(state, times),
        Action::NextLabel => moves::next_label(state, times.cast_signed()),
        Action::PreviousLabel => moves::next_label(state, -times.cast_signed()),
        Action::ZoomIn => moves::zoom(state, i32::try_from(times).unwrap_or(i32::MAX)),
        Action::ZoomOut => moves::zoom(state, -i32::try_from(times).unwrap_or(i32::MAX)),
        Action::ZoomReset => state.map.window = Window::default(),
        Action::PanLeft => moves::pan(state, Towards::Left, times),
        Action::PanRight => moves::pan(state, Towards::Right, times),
        Action::PanUp => moves::pan(state, Towards::Up, times),
        Action::PanDown => moves::pan(state, Towards::Down, times),
        Action::Skipped => show_skipped(state),
        Action::Help => {
            state.help_top = 0;
            state.layers.push(Layer::Help);
        }
        Action::Redraw => return vec![Effect::Redraw],
        Action::Suspend => return vec![Effect::Suspend],
        Action::Quit => return vec![Effect::Quit],
    }
    Vec::new()
}

/// Moves the selection of whatever has the keyboard.
pub(super) fn go(state: &mut State, motion: Motion) {
    let lines = state.body_lines();
    match state.context() {
        Context::Sidebar => state.sidebar.cursor.step(motion, state.sidebar.entries.len(), (1, lines)),
        Context::Skipped => {
            state.skipped_cursor.step(motion, state.skipped.len(), (1, super::skipped_pane::rows(lines)));
        }
        Context::Map => moves::go(state, motion),
        Context::Help => super::help_popup::scroll(state, motion),
        Context::Grid | Context::Neighbors | Context::Zoom | Context::Find => {
            let (len, shape) = (state.list_len(), state.list_shape());
            state.list_cursor().step(motion, len, shape);
        }
    }
}

fn open(state: &mut State) -> Vec<Effect> {
    match state.context() {
        Context::Sidebar => {
            show_entry(state);
            Vec::new()
        }
        _ => state.selected_photo().map(|photo| neighbors_of(state, photo)).into_iter().collect(),
    }
}

/// Asks for the neighbours of a photo: a new walk from the library, a further step from the neighbours.
fn neighbors_of(state: &mut State, photo: PhotoId) -> Effect {
    state.range_from = None;
    if state.list() == Screen::Neighbors {
        while state.layers.last().is_some_and(|layer| *layer != Layer::Neighbors) {
            state.layers.pop();
        }
        return state.walk.go_to(photo);
    }
    state.layers.push(Layer::Neighbors);
    state.walk.start(photo)
}

fn walk(state: &mut State, steps: isize, at_the_end: &str) -> Vec<Effect> {
    state.range_from = None;
    let effects = state.walk.go(steps);
    if effects.is_none() {
        state.say(at_the_end);
    }
    effects.unwrap_or_default()
}

/// Shows what the selected line of the sidebar stands for.
pub(super) fn show_entry(state: &mut State) {
    match state.sidebar.selected().cloned() {
        Some(Entry::Show { filter, .. }) => {
            show_only(state, filter);
            state.sidebar.focused = false;
        }
        Some(Entry::Skipped { .. }) => show_skipped(state),
        None => {}
    }
}

fn show_skipped(state: &mut State) {
    if state.skipped.is_empty() {
        state.say("no file was skipped");
    } else {
        state.layers.push(Layer::Skipped);
    }
}

/// Marks the selected photo and `times - 1` after it (or unmarks them, if the selected one is marked), and goes on.
fn mark(state: &mut State, times: usize) -> Vec<Effect> {
    let from = state.list_at().selected;
    let times = if state.list() == Screen::Map { 1 } else { times };
    let until = from.saturating_add(times).min(state.list_len());
    let effects = mark_places(state, from..until);
    if state.list() != Screen::Map && until < state.list_len() {
        go(state, Motion::To(until));
    }
    effects
}

fn mark_range(state: &mut State) -> Vec<Effect> {
    let here = state.list_at().selected;
    let Some(from) = state.range_from.take().and_then(|photo| state.list_place(&photo)) else {
        state.range_from = state.selected_photo();
        state.say("v marks from here to where you go; Esc drops it");
        return Vec::new();
    };
    mark_places(state, from.min(here)..from.max(here) + 1)
}

fn mark_places(state: &mut State, places: std::ops::Range<usize>) -> Vec<Effect> {
    let photos: Vec<PhotoId> = places.filter_map(|place| state.list_photo(place)).collect();
    let Some(first) = photos.first() else { return Vec::new() };
    let marked = !state.photos.is_marked(first);
    state.photos.mark(&photos, marked);
    state.sidebar.refresh(&state.photos, state.skipped.len());
    if photos.len() > 1 {
        state.say(format!("{} {}", words::counted(photos.len(), "photo"), if marked { "marked" } else { "unmarked" }));
    }
    vec![Effect::SaveMarks { photos, marked }]
}

fn sort(state: &mut State, order: Order) {
    with_selection_kept(state, |photos| photos.sort(order));
    state.say(format!("sorted {}", order.words()));
}

fn focus(state: &mut State) {
    if state.sidebar_is_shown() {
        state.sidebar.focused = !state.sidebar.focused;
    } else if *state.photos.filter() == Filter::All {
        state.say("the labels need a terminal of 70 columns");
    }
}

/// Shows the map with the selected photo selected there too; from the neighbours of a photo of the map, back to it.
fn open_map(state: &mut State) -> Option<Effect> {
    let photo = state.selected_photo();
    state.range_from = None;
    match state.layers.iter().position(|layer| *layer == Layer::Map) {
        Some(at) => state.layers.truncate(at + 1),
        None => state.layers.push(Layer::Map),
    }
    state.map.open(photo)
}

fn zoom(state: &mut State) {
    if state.selected_photo().is_some() {
        state.layers.push(Layer::Zoom);
    }
}
