//! Questions that need a yes.

use super::Training;
use super::message::TrainingOrder;
use crate::ui::message::Effect;
use crate::ui::state::{Layer, State};

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ui) enum Question {
    /// Stop the training and keep nothing.
    Discard,
    /// Forget a training that was cut off.
    Forget(String),
}

impl Question {
    /// The question, and what follows a yes.
    pub(super) fn words(&self) -> [String; 2] {
        match self {
            Self::Discard => [
                "Stop the training and keep nothing?".to_owned(),
                "Neither a model nor the run stays; it cannot be resumed.".to_owned(),
            ],
            Self::Forget(name) => [
                format!("Forget the training of “{name}”?"),
                "Its checkpoints are deleted; it cannot be resumed.".to_owned(),
            ],
        }
    }

    fn order(self) -> TrainingOrder {
        match self {
            Self::Discard => TrainingOrder::Discard,
            Self::Forget(name) => TrainingOrder::Forget(name),
        }
    }
}

/// A question that waits for its answer.
pub(super) type Asked = Question;

/// Asks.
pub(super) fn ask(state: &mut State, question: Question) {
    state.training.asked = Some(question);
    state.layers.push(Layer::Ask);
}

/// Yes.
pub(super) fn confirmed(state: &mut State) -> Vec<Effect> {
    state.layers.retain(|layer| *layer != Layer::Ask);
    let Some(question) = state.training.asked.take() else { return Vec::new() };
    if question == Question::Discard {
        stopping(&mut state.training);
    }
    vec![Effect::Training(question.order())]
}

fn stopping(training: &mut Training) {
    if let Some(run) = &mut training.run {
        run.stopping = true;
    }
}
