//! What the actions of the key table do.

use super::asked::Examples;
use super::grid::Motion;
use super::keys::{Action, Context};
use super::map::moves::{self, Towards};
use super::map::window::Window;
use super::message::Effect;
use super::order::Order;
use super::panes::Screen;
use super::sidebar::Entry;
use super::state::{Layer, State};
use super::update::{out, show_only, with_selection_kept};
use super::{compare, filter_box, find, models, palette, prompt, training, words};
use crate::library::PhotoId;

/// Does what a key means, `count` times where that has a meaning.
pub(super) fn act(state: &mut State, action: Action, count: Option<usize>) -> Vec<Effect> {
    if let Some(effects) = training::act(state, action, count).or_else(|| models::act(state, action, count)) {
        return effects;
    }
    if let Some(motion) = Motion::of(action, count) {
        go(state, motion);
        return Vec::new();
    }
    let times = count.unwrap_or(1);
    match action {
        Action::Open => return open(state),
        Action::Out => return out(state, count.is_some()),
        Action::WalkBack => return walk(state, -times.cast_signed(), "this is where the walk began"),
        Action::WalkForward => {
            let on = state.keys.key(Context::Neighbors, Action::Open);
            return walk(state, times.cast_signed(), &format!("this is where the walk ends: {on} walks on"));
        }
        Action::WalkTo => return walk_to(state, count.map_or(usize::MAX, |step| step.saturating_sub(1))),
        Action::AskMarked => return ask_marked(state),
        Action::MoreLike => return ask_with(state, true),
        Action::LessLike => return ask_with(state, false),
        Action::QueryAlone => return ask_alone(state),
        Action::AskPath => prompt::ask_path(state),
        Action::Mark => return mark(state, times),
        Action::MarkRange => return mark_range(state),
        Action::Sort => sort(state, state.photos.order().next(state.walk.here().is_some())),
        Action::Reverse => sort(state, Order { reversed: !state.photos.order().reversed, ..state.photos.order() }),
        Action::Find => find::start(state),
        Action::FindNext => find::next(state, false, times),
        Action::FindPrevious => find::next(state, true, times),
        Action::FindKeep => find::keep(state),
        Action::FindErase if state.context() == Context::Palette => palette::erase(state),
        Action::FindErase => find::erase(state),
        Action::Filter => filter_box::start(state),
        Action::Accept if state.prompt.is_some() => return prompt::accept(state),
        Action::Accept => return filter_box::accept(state),
        Action::Erase if state.prompt.is_some() => prompt::erase(state),
        Action::Erase => filter_box::erase(state),
        Action::Complete => filter_box::complete(state),
        Action::Focus => focus(state),
        Action::Zoom => put(state, Layer::Zoom),
        Action::Details => put(state, Layer::Details),
        Action::Compare => compare::start(state),
        Action::Undo => return vec![Effect::Undo { again: false }],
        Action::Redo => return vec![Effect::Undo { again: true }],
        Action::ExportMarks => prompt::export(state),
        Action::Reveal => return state.selected_photo().map(Effect::Reveal).into_iter().collect(),
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
        Action::Palette => palette::open(state),
        Action::Redraw => return vec![Effect::Redraw],
        Action::Suspend => return vec![Effect::Suspend],
        Action::Quit => return vec![Effect::Quit],
        // Motions are done, and what has to do with training and models means something there only.
        _ => {}
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
        _ if state.list() == Screen::Map && state.context().shows_a_photo() => moves::go(state, motion),
        Context::Help => super::help_popup::scroll(state, motion),
        Context::Palette => palette::step(state, motion),
        Context::Filter => filter_box::step(state, motion),
        context if context.shows_a_photo() => {
            let (len, shape, before) = (state.list_len(), state.list_shape(), state.selected_photo());
            state.list_cursor().step(motion, len, shape);
            if state.selected_photo() != before {
                state.selected_before = before;
            }
        }
        _ => {}
    }
}

fn open(state: &mut State) -> Vec<Effect> {
    match state.context() {
        Context::Sidebar => {
            show_entry(state);
            Vec::new()
        }
        Context::Palette => palette::run(state),
        _ => state.selected_photo().map(|photo| neighbors_of(state, photo)).into_iter().collect(),
    }
}

/// Asks for the neighbours of a photo: a new walk from the library, a further step from the neighbours.
pub(super) fn neighbors_of(state: &mut State, photo: PhotoId) -> Effect {
    question(state, photo, Examples::default())
}

/// Asks a new question and shows its answer.
fn question(state: &mut State, photo: PhotoId, with: Examples) -> Effect {
    state.range_from = None;
    state.looking = None;
    state.compare = None;
    if state.list() == Screen::Neighbors {
        while state.layers.last().is_some_and(|layer| *layer != Layer::Neighbors) {
            state.layers.pop();
        }
        let ask = state.walk.go_to(photo, with);
        return state.ask(ask);
    }
    state.layers.retain(|layer| !layer.is_popup() && !matches!(layer, Layer::Compare | Layer::Skipped));
    state.layers.push(Layer::Neighbors);
    let ask = state.walk.start(photo, with);
    state.ask(ask)
}

/// Asks with all marked photos at once.
fn ask_marked(state: &mut State) -> Vec<Effect> {
    let marked = state.photos.marked_by_name();
    let Some((first, others)) = marked.split_first() else {
        let key = state.keys.key(Context::Grid, Action::Mark);
        state.say(format!("no photo is marked: {key} marks"));
        return Vec::new();
    };
    let with = Examples { plus: others.to_vec(), minus: Vec::new() };
    vec![question(state, *first, with)]
}

/// Asks the question of this step again, with the selected photo to be like or unlike.
fn ask_with(state: &mut State, like: bool) -> Vec<Effect> {
    let (Some(step), Some(photo)) = (state.walk.here(), state.selected_photo()) else { return Vec::new() };
    let (query, with) = (step.query, step.with.with(photo, like));
    vec![question(state, query, with)]
}

fn ask_alone(state: &mut State) -> Vec<Effect> {
    let Some(query) = state.walk.here().filter(|step| !step.with.is_empty()).map(|step| step.query) else {
        state.say("the query stands alone already");
        return Vec::new();
    };
    vec![neighbors_of(state, query)]
}

/// Shows the neighbours of a photo from a screen that is no list: over it, as a further step if there is a walk already.
pub(super) fn show_neighbors(state: &mut State, photo: PhotoId) -> Effect {
    let is_walking = state.layers.contains(&Layer::Neighbors);
    state.layers.push(Layer::Neighbors);
    let with = Examples::default();
    let ask = if is_walking { state.walk.go_to(photo, with) } else { state.walk.start(photo, with) };
    state.ask(ask)
}

fn walk(state: &mut State, steps: isize, at_the_end: &str) -> Vec<Effect> {
    state.range_from = None;
    if !state.walk.go(steps) {
        state.say(at_the_end);
    }
    state.ask_if_needed()
}

/// Goes to a step of the walk.
pub(super) fn walk_to(state: &mut State, step: usize) -> Vec<Effect> {
    state.range_from = None;
    if !state.walk.jump(step) {
        state.say("you are at this step already");
    }
    state.ask_if_needed()
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

pub(super) fn show_skipped(state: &mut State) {
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
        let key = |action| state.keys.key(state.context(), action);
        let (range, out) = (key(Action::MarkRange), key(Action::Out));
        state.say(format!("{range} marks from here to where you go; {out} drops it"));
        return Vec::new();
    };
    mark_places(state, from.min(here)..from.max(here) + 1)
}

fn mark_places(state: &mut State, places: std::ops::Range<usize>) -> Vec<Effect> {
    let Some(first) = state.list_photo(places.start) else { return Vec::new() };
    let marked = !state.photos.is_marked(&first);
    let photos = if state.list() == Screen::Library {
        state.photos.mark_places(places, marked)
    } else {
        let photos: Vec<PhotoId> = places.filter_map(|place| state.list_photo(place)).collect();
        state.photos.mark(&photos, marked);
        photos
    };
    state.last_marked = photos.last().copied().filter(|_| marked).or(state.last_marked);
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
    } else if state.photos.filter().is_all() {
        state.say("the labels need a terminal of 70 columns");
    }
}

/// Shows the map with the selected photo selected there too; from the neighbours of a photo of the map, back to it.
fn open_map(state: &mut State) -> Option<Effect> {
    let photo = state.selected_photo();
    state.range_from = None;
    state.compare = None;
    match state.layers.iter().position(|layer| *layer == Layer::Map) {
        Some(at) => state.layers.truncate(at + 1),
        None => state.layers.push(Layer::Map),
    }
    state.map.open(photo)
}

/// Puts a layer over the selected photo, if there is one.
fn put(state: &mut State, layer: Layer) {
    if state.selected_photo().is_some() {
        state.layers.push(layer);
    }
}
