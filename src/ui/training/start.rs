//! From the key that asks for a training to the training.

use super::form::Form;
use super::form_pane::YET;
use super::message::{LabelFrom, TrainingOrder};
use super::run::Run;
use crate::ui::keys::{Action, Context};
use crate::ui::message::Effect;
use crate::ui::state::{Layer, Notice, State};

/// Shows the training that runs, or the form for one. What was filled in before is still there.
pub(super) fn open(state: &mut State) -> Vec<Effect> {
    if state.training.is_running() {
        if state.context() == Context::Training {
            let stop = state.keys.key(Context::Training, Action::StopTraining);
            state.say(format!("one training at a time: {stop} stops this one"));
        }
        show(state);
        return Vec::new();
    }
    let form = state.training.form.get_or_insert_with(Form::new);
    let labels = form.asked.clone();
    if !state.layers.contains(&Layer::TrainingForm) {
        state.layers.push(Layer::TrainingForm);
    }
    vec![Effect::Training(TrainingOrder::Offer(labels))]
}

/// Brings the training screen to the front.
pub(super) fn show(state: &mut State) {
    state.layers.retain(|layer| !matches!(layer, Layer::TrainingForm | Layer::Training));
    state.layers.push(Layer::Training);
}

/// Begins, unless something in the form is wrong.
pub(super) fn begin(state: &mut State) -> Vec<Effect> {
    let Some(form) = &mut state.training.form else { return Vec::new() };
    let wish = match form.wish() {
        Ok(wish) => wish,
        Err((key, _)) => {
            form.fields.go_to(key);
            return alarm(state, "this field is not right yet: see the line under it");
        }
    };
    if let Some(labels) = form.other_labels() {
        let begin = state.keys.key(Context::TrainingForm, Action::Open);
        state.say(format!("looking at these labels first; {begin} again begins"));
        return ask(labels);
    }
    if form.may_grow(&state.indexing) {
        state.say(YET);
        return Vec::new();
    }
    if let Some(why) = form.hindrance() {
        return alarm(state, &why);
    }
    state.training.gentle = wish.gentle;
    begin_run(state);
    vec![Effect::Training(TrainingOrder::Start(Box::new(wish)))]
}

/// A training is about to begin: its screen, with nothing on it yet.
pub(super) fn begin_run(state: &mut State) {
    let look = &state.training.look;
    state.training.look = super::Look { log: look.log, ..super::Look::default() };
    state.training.run = Some(Run::asked());
    state.training.watched = None;
    show(state);
}

/// Asks what there is to learn from where the labels are others by now.
pub(super) fn ask_again(state: &mut State) -> Vec<Effect> {
    state.training.form.as_mut().and_then(Form::other_labels).map(ask).unwrap_or_default()
}

fn ask(labels: LabelFrom) -> Vec<Effect> {
    vec![Effect::Training(TrainingOrder::Offer(labels))]
}

fn alarm(state: &mut State, text: &str) -> Vec<Effect> {
    state.notice = Some(Notice { text: text.to_owned(), alarm: true });
    Vec::new()
}
