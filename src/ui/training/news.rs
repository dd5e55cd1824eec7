//! What a training says comes in here.

use super::Training;
use super::message::{ModelsOrder, TrainingNews, TrainingOrder};
use super::run::{Phase, Run};
use super::verdict;
use crate::ui::message::Effect;
use crate::ui::state::{Layer, Notice, State};

/// Takes in what a training says.
pub(in crate::ui) fn take(state: &mut State, news: TrainingNews) -> Vec<Effect> {
    match news {
        TrainingNews::Offer(offer) => {
            if let Some(form) = &mut state.training.form {
                form.take(offer);
            }
        }
        TrainingNews::Unfinished { rows, cut_off } => unfinished(state, rows, cut_off),
        TrainingNews::WrongLabels(rows) => {
            state.training.wrong_labels = rows;
            super::examples::refresh_wrong(&mut state.training);
        }
        TrainingNews::Refused(why) => state.notice = Some(Notice { text: why, alarm: true }),
        TrainingNews::Ended(_) => return ended(state, news),
        TrainingNews::Planned(_) => {
            if !state.training.is_running() {
                state.training.run = Some(Run::asked());
            }
            if state.training.run.as_ref().is_some_and(|run| matches!(run.phase, Phase::Waits)) {
                // Others are the nearest by now: what is watched is asked for anew.
                state.training.watched = None;
            }
            tell(state, news);
        }
        news => tell(state, news),
    }
    Vec::new()
}

/// The models there are now.
pub(in crate::ui) fn models_listed(training: &mut Training, rows: &[super::ModelRow]) {
    let in_use = rows.iter().find(|row| row.in_use).map(|row| row.name.as_str());
    if let Some(run) = &mut training.run {
        run.models_listed(in_use);
    }
}

/// All photos are there: what the form says of fewer is out of date.
pub(in crate::ui) fn indexed(state: &State) -> Vec<Effect> {
    let form = state.training.form.as_ref().filter(|_| state.layers.contains(&Layer::TrainingForm));
    form.map(|form| Effect::Training(TrainingOrder::Offer(form.asked.clone()))).into_iter().collect()
}

/// Something went wrong: a training that had not begun will not.
pub(in crate::ui) fn failed(training: &mut Training, why: &str) {
    if let Some(run) = training.run.as_mut().filter(|run| matches!(run.phase, Phase::Asked)) {
        run.phase = Phase::Failed(why.to_owned());
    }
}

fn tell(state: &mut State, news: TrainingNews) {
    let Some(run) = &mut state.training.run else { return };
    run.take(news);
    super::examples::refresh_pairs(&mut state.training);
}

fn ended(state: &mut State, news: TrainingNews) -> Vec<Effect> {
    let was_running = state.training.is_running();
    tell(state, news);
    let Some(run) = state.training.run.as_ref().filter(|_| was_running) else { return Vec::new() };
    let (text, alarm) = match &run.phase {
        Phase::Failed(why) => (why.clone(), true),
        Phase::Ended(outcome) => (verdict::outcome(outcome, &state.keys).swap_remove(0), false),
        _ => return Vec::new(),
    };
    state.notice = Some(Notice { text, alarm });
    state.training.watched = None;
    state.training.pairs_wanted = false;
    vec![Effect::Models(ModelsOrder::List)]
}

fn unfinished(state: &mut State, rows: Vec<super::UnfinishedRow>, cut_off: bool) {
    state.training.unfinished = rows;
    state.training.unfinished_at = 0;
    if state.training.unfinished.is_empty() {
        state.layers.retain(|layer| *layer != Layer::Unfinished);
    } else if cut_off && !state.training.is_running() && !state.layers.contains(&Layer::Unfinished) {
        state.layers.push(Layer::Unfinished);
    }
}

/// The query that the training shall answer from now on, if that is another one than before.
pub(in crate::ui) fn watch(state: &mut State) -> Option<Effect> {
    if !state.training.is_running() {
        state.training.watched = None;
        return None;
    }
    let is_seen = state.layers.contains(&Layer::Training) || state.layers.contains(&Layer::Neighbors);
    let query = state.walk.here().map(|step| step.query).filter(|_| state.layers.contains(&Layer::Neighbors));
    let query = query.or_else(|| state.selected_photo()).filter(|_| is_seen);
    if query == state.training.watched {
        return None;
    }
    state.training.watched = query;
    Some(Effect::Training(TrainingOrder::Watch(query)))
}
