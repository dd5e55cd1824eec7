//! The guard in words: what the state of a training means, and what can be done about it.

use super::figures;
use super::message::TrainingOutcome;
use super::run::{Phase, Run};
use crate::triplet::GuardState;
use crate::ui::KeyMap;
use crate::ui::keys::{Action, Context};

/// The state in a word.
pub(super) const fn word(state: GuardState) -> &'static str {
    match state {
        GuardState::Untrained => "untrained",
        GuardState::Learning => "learning",
        GuardState::Collapsed => "collapsed",
        GuardState::LabelNoise => "label noise",
        GuardState::Done => "done",
        GuardState::Diverged => "diverged",
    }
}

/// The sign before the word; it says the same without colour.
pub(super) const fn sign(state: GuardState) -> &'static str {
    match state {
        GuardState::Untrained => "○",
        GuardState::Learning => "●",
        GuardState::Done => "✓",
        GuardState::LabelNoise => "?",
        GuardState::Collapsed | GuardState::Diverged => "!",
    }
}

/// Whether somebody should act.
pub(super) const fn is_alarming(state: GuardState) -> bool {
    matches!(state, GuardState::Collapsed | GuardState::Diverged | GuardState::LabelNoise)
}

/// What the state means.
pub(super) const fn meaning(state: GuardState) -> &'static str {
    match state {
        GuardState::Untrained => "nearly every triplet is still active: nothing is learned yet",
        GuardState::Learning => "active triplets are worked off",
        GuardState::Collapsed => "all photos are in one place: this model tells nothing apart",
        GuardState::LabelNoise => "the same few photos stay wrong: their labels may be",
        GuardState::Done => "no active triplets are left: these labels teach no more",
        GuardState::Diverged => "the numbers have left all bounds: nothing good follows",
    }
}

/// What can be done about it: the action and what it comes to.
pub(super) const fn remedies(state: GuardState) -> &'static [(Action, &'static str)] {
    const BACK: (Action, &str) = (Action::GoBack, "halve the rate and go back");
    const STOP: (Action, &str) = (Action::StopTraining, "stop and keep the best");
    match state {
        GuardState::Untrained => &[(Action::RateUp, "double the rate"), STOP],
        GuardState::Learning => &[],
        GuardState::Collapsed => &[BACK, (Action::MineSemiHard, "switch to semi-hard"), STOP],
        GuardState::LabelNoise => &[(Action::Suspects, "see the photos"), STOP],
        GuardState::Done => &[STOP, (Action::Steer, "a larger margin")],
        GuardState::Diverged => &[BACK, STOP],
    }
}

/// What came of a training, in sentences.
pub(super) fn outcome(of: &TrainingOutcome, keys: &KeyMap) -> Vec<String> {
    let mut lines = Vec::new();
    match &of.judged {
        Some(judged) => lines.extend([figures::judged(judged), figures::judged_further(judged)]),
        None if of.saved => lines.push("no verdict: there were no held-out photos to judge by".to_owned()),
        None if of.resumable => {
            lines.push("nothing got better yet: no model is kept, but the run can go on".to_owned());
        }
        None => lines.push("nothing is kept: neither a model nor the run".to_owned()),
    }
    let key = |action| keys.key(Context::Training, action);
    let saved = match (of.saved, of.in_use) {
        (true, true) => format!("“{}” answers now; {} brings the earlier model back", of.model, key(Action::Undo)),
        (true, false) => format!("“{}” is saved; {} lists the models", of.model, key(Action::Models)),
        (false, _) => "no model was saved: the earlier one answers as before".to_owned(),
    };
    let best = if of.saved { format!(", best at step {}", of.best_step) } else { String::new() };
    lines.push(format!("{} after {} steps{best}: {saved}", figures::reason(of.reason), of.steps));
    lines.extend(of.warning.clone());
    lines
}

/// The line that says how it goes, without the facts: `learning: active triplets are worked off`.
pub(super) fn sentence(run: &Run) -> String {
    match (&run.phase, run.state()) {
        (Phase::Failed(why), _) => why.clone(),
        (Phase::Ended(outcome), _) => format!("{} is over", outcome.model),
        (Phase::Asked, _) => "looking for what there is to learn from".to_owned(),
        (Phase::Waits, _) => "photos are still being indexed: it begins when that is done".to_owned(),
        (Phase::Preparing { .. }, _) => "photos go once through the layers that stay as they are".to_owned(),
        (Phase::Paused, None) => "it is paused before its first step".to_owned(),
        (_, None) => "the first step is taken".to_owned(),
        (_, Some(state)) => format!("{}: {}", word(state), meaning(state)),
    }
}
