//! Trainings that were cut off: go on, end them where they stand, forget them.

use super::ask::{Question, ask};
use super::message::{TrainingOrder, UnfinishedRow};
use super::start::begin_run;
use crate::ui::message::Effect;
use crate::ui::state::{Layer, State};

/// Shows the list.
pub(in crate::ui) fn open(state: &mut State) {
    if state.training.unfinished.is_empty() {
        state.say("no training waits to be gone on with");
    } else if !state.layers.contains(&Layer::Unfinished) {
        state.layers.push(Layer::Unfinished);
    }
}

/// Goes on with the selected one.
pub(super) fn resume(state: &mut State) -> Vec<Effect> {
    started(state, TrainingOrder::Resume)
}

/// Ends the selected one where it stands.
pub(super) fn finish(state: &mut State) -> Vec<Effect> {
    started(state, TrainingOrder::Finish)
}

/// Asks whether the selected one is to be forgotten.
pub(super) fn forget(state: &mut State) {
    if let Some(row) = selected(state) {
        ask(state, Question::Forget(row.name));
    }
}

/// Selects another one.
pub(super) fn go(state: &mut State, by: isize) {
    let most = state.training.unfinished.len().saturating_sub(1);
    state.training.unfinished_at = state.training.unfinished_at.saturating_add_signed(by).min(most);
}

fn selected(state: &State) -> Option<UnfinishedRow> {
    state.training.unfinished.get(state.training.unfinished_at).cloned()
}

fn started(state: &mut State, order: fn(String) -> TrainingOrder) -> Vec<Effect> {
    let Some(row) = selected(state) else { return Vec::new() };
    if state.training.is_running() {
        state.say("one training at a time: stop the one that runs first");
        return Vec::new();
    }
    state.layers.retain(|layer| *layer != Layer::Unfinished);
    begin_run(state);
    vec![Effect::Training(order(row.name))]
}
