//! Clicks and the wheel on the screens of training.

use ratatui::layout::{Margin, Position, Rect};

use super::fields_pane;
use super::pane::Pane;
use super::screen::{example_at, form_field_at, pane_at};
use super::{ask_popup, live_pane, start};
use crate::ui::message::Effect;
use crate::ui::state::{Layer, State};

/// Selects what was clicked; says whether a second click opens it.
pub(in crate::ui) fn click(state: &mut State, layer: Layer, at: Position) -> bool {
    match layer {
        Layer::Training => pane(state, at),
        Layer::Examples => {
            let place = example_at(state, at);
            state.training.examples_cursor.selected = place.unwrap_or(state.training.examples_cursor.selected);
            place.is_some()
        }
        Layer::Steering => {
            let area = ask_popup::area(state, layer).unwrap_or_default().inner(Margin::new(2, 1));
            let fields = &mut state.training.steering;
            if let Some(place) = fields_pane::place_at(area, fields, at) {
                fields.go_to_place(place);
            }
            false
        }
        _ => false,
    }
}

/// Gives the field of the form under a place the keyboard.
pub(in crate::ui) fn form(state: &mut State, at: Position) -> Vec<Effect> {
    let place = form_field_at(state, at);
    match (place, &mut state.training.form) {
        (Some(place), Some(form)) => form.fields.go_to_place(place),
        _ => return Vec::new(),
    }
    start::ask_again(state)
}

/// Gives the pane under a place the keyboard, and selects the neighbour there.
fn pane(state: &mut State, at: Position) -> bool {
    let Some((pane, area)) = pane_at(state, at) else { return false };
    state.training.look.focus = pane;
    let neighbor = (pane == Pane::Neighbors).then(|| live_pane::place_at(state, inner(area), at)).flatten();
    state.training.look.neighbor = neighbor.unwrap_or(state.training.look.neighbor);
    neighbor.is_some()
}

/// Whether the wheel scrolls something under a place; elsewhere it would only change which pane has the keyboard.
pub(in crate::ui) fn scrolls(state: &mut State, at: Position) -> bool {
    let is_here = pane_at(state, at).is_some_and(|(pane, _)| pane == Pane::Neighbors);
    if is_here {
        state.training.look.focus = Pane::Neighbors;
    }
    is_here
}

fn inner(area: Rect) -> Rect {
    area.inner(Margin::new(1, 1))
}
