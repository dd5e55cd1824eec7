//! Clicks and the wheel, on the same layout that is drawn.

use ratatui::layout::Position;

use super::act::{act, go, show_entry, walk_to};
use super::grid::Motion;
use super::keys::{Action, Context};
use super::map::moves;
use super::message::{Effect, Mouse};
use super::state::{Layer, State};
use super::update::out;
use super::{details_popup, help_popup, hints, models, palette, palette_popup, skipped_pane, training};

/// A click selects, a double click opens, the wheel moves by rows. A click on a hint does the same as its key, one beside
/// a popup closes it.
pub(super) fn mouse(state: &mut State, event: Mouse) -> Vec<Effect> {
    match event {
        Mouse::Scroll { at, lines } => scroll(state, at, lines),
        Mouse::Click(at) => {
            state.notice = None;
            if let Some(action) = hints::action_at(state, at) {
                return act(state, action, None);
            }
            if let Some(step) = step_at(state, at).filter(|_| !state.context().types()) {
                return walk_to(state, step);
            }
            match state.layers.last() {
                Some(Layer::Palette) => return palette_click(state, at),
                Some(Layer::Help) if !help_popup::area(state).contains(at) => return out(state, false),
                Some(Layer::TrainingForm) => return training::mouse::form(state, at),
                Some(Layer::Details) if !details_popup::area(state).contains(at) => return out(state, false),
                _ => _ = click(state, at),
            }
            Vec::new()
        }
        Mouse::DoubleClick(at) => {
            let opens = hints::action_at(state, at).is_none() && click(state, at);
            if opens { act(state, Action::Open, None) } else { Vec::new() }
        }
    }
}

fn palette_click(state: &mut State, at: Position) -> Vec<Effect> {
    if let Some(place) = palette_popup::place_at(state, at) {
        state.palette.cursor.selected = place;
        return palette::run(state);
    }
    if palette_popup::area(state).contains(at) { Vec::new() } else { out(state, false) }
}

fn scroll(state: &mut State, at: Position, lines: i16) -> Vec<Effect> {
    let back = lines < 0;
    match state.context() {
        Context::Map => {
            moves::zoom_at(state, at, -i32::from(lines.signum()));
            return Vec::new();
        }
        Context::Training if !training::mouse::scrolls(state, at) => return Vec::new(),
        Context::Training => return act(state, if back { Action::Left } else { Action::Right }, None),
        Context::TrainingForm
        | Context::Steering
        | Context::Examples
        | Context::Models
        | Context::ModelsCompared
        | Context::Unfinished => return act(state, if back { Action::Up } else { Action::Down }, None),
        _ => {}
    }
    let over_sidebar =
        state.layers.is_empty() && state.panes().and_then(|panes| panes.sidebar).is_some_and(|pane| pane.contains(at));
    let rows = usize::from(lines.unsigned_abs());
    let motion = if back { Motion::Up(rows) } else { Motion::Down(rows) };
    let focused = std::mem::replace(&mut state.sidebar.focused, over_sidebar);
    go(state, motion);
    state.sidebar.focused = focused;
    Vec::new()
}

/// Selects what was clicked; says whether a second click opens it.
fn click(state: &mut State, at: Position) -> bool {
    if matches!(state.context(), Context::Filter | Context::Prompt) {
        return false;
    }
    match state.layers.last().copied() {
        None => {
            if let Some(line) = sidebar_line(state, at) {
                state.sidebar.cursor.selected = line;
                show_entry(state);
                return false;
            }
            select(state, at)
        }
        Some(Layer::Neighbors) => select(state, at),
        Some(Layer::Skipped) => {
            if let Some(place) = skipped_pane::place_at(state, at) {
                state.skipped_cursor.selected = place;
            }
            false
        }
        Some(Layer::Map) => on_map(state, at),
        Some(Layer::Models | Layer::ModelsCompared) => models::click(state, at),
        Some(layer) => training::mouse::click(state, layer, at),
    }
}

/// The step of the walk under a place on the screen.
fn step_at(state: &State, at: Position) -> Option<usize> {
    let strip = state.panes()?.strip.filter(|_| state.layers.last() == Some(&Layer::Neighbors))?;
    strip.step_at(at, state.walk.at(), state.walk.steps().len())
}

fn select(state: &mut State, at: Position) -> bool {
    let Some(place) = state.place_at(at) else { return false };
    if state.context() == Context::Find {
        state.find.typing_from = None;
    }
    state.sidebar.focused = false;
    state.list_cursor().selected = place;
    true
}

/// Selects the nearest dot, or a label of the legend; says whether it was a dot.
fn on_map(state: &mut State, at: Position) -> bool {
    state.find.typing_from = None;
    let legend = state.panes().and_then(|panes| panes.map).map(|pane| pane.legend).unwrap_or_default();
    if legend.contains(at) {
        let line = state.map.legend.top(legend.height.into()) + usize::from(at.y - legend.y);
        moves::choose_label(state, line);
        return false;
    }
    moves::area(state).contains(at) && moves::select_at(state, at)
}

fn sidebar_line(state: &State, at: Position) -> Option<usize> {
    let lines = state.panes()?.sidebar_lines()?;
    let line = usize::from(at.y.checked_sub(lines.y)?) + state.sidebar.cursor.top;
    (lines.contains(at) && line < state.sidebar.entries.len()).then_some(line)
}
