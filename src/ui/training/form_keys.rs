//! What the keys do where something is filled in or chosen over a screen.

use super::message::TrainingOrder;
use super::{entry, start, steer, unfinished};
use crate::ui::keys::Action;
use crate::ui::message::Effect;
use crate::ui::state::State;

/// A line that is typed.
pub(super) fn in_entry(state: &mut State, action: Action) -> Option<Vec<Effect>> {
    match action {
        Action::Open => Some(entry::kept(state)),
        Action::FindErase => {
            entry::erased(state);
            Some(Vec::new())
        }
        _ => None,
    }
}

/// The form that a training starts from.
pub(super) fn in_form(state: &mut State, action: Action, times: isize) -> Option<Vec<Effect>> {
    let fields = &mut state.training.form.as_mut()?.fields;
    match action {
        Action::Open => return Some(start::begin(state)),
        Action::Unfinished => {
            unfinished::open(state);
            return Some(Vec::new());
        }
        Action::FindErase => entry::erased(state),
        Action::Left => fields.cycle(-times),
        Action::Right => fields.cycle(times),
        Action::Up | Action::FocusBack => fields.go(-times),
        Action::Down | Action::Focus => fields.go(times),
        _ => return None,
    }
    // While a path is typed nobody looks whether it is there.
    if action == Action::FindErase { Some(Vec::new()) } else { Some(start::ask_again(state)) }
}

/// Settings that are changed while it runs.
pub(super) fn in_steering(state: &mut State, action: Action, times: isize) -> Option<Vec<Effect>> {
    let fields = &mut state.training.steering;
    match action {
        Action::Left => fields.cycle(-times),
        Action::Right => fields.cycle(times),
        Action::Up | Action::FocusBack => fields.go(-times),
        Action::Down | Action::Focus => fields.go(times),
        Action::FindErase => fields.erase(),
        Action::Open => {
            let Ok(steering) = steer::filled_in(fields) else { return Some(Vec::new()) };
            state.layers.pop();
            return Some(vec![Effect::Training(TrainingOrder::Change(steering))]);
        }
        _ => return None,
    }
    Some(Vec::new())
}

/// Trainings that were cut off.
pub(super) fn in_unfinished(state: &mut State, action: Action, times: isize) -> Option<Vec<Effect>> {
    match action {
        Action::Open => return Some(unfinished::resume(state)),
        Action::FinishRun => return Some(unfinished::finish(state)),
        Action::ForgetRun => unfinished::forget(state),
        Action::Up => unfinished::go(state, -times),
        Action::Down => unfinished::go(state, times),
        _ => return None,
    }
    Some(Vec::new())
}
