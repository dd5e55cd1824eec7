//! What a training says, and what comes of it.

use serde::{Deserialize, Serialize};

use super::{LiveAnswer, PhotoCounts};
use crate::eval::{Comparison, Report, Verdict};
use crate::train::{Depth, Mix, Score, StopReason, TrainConfig, TrainEvent};

/// Something happened. Only [`TrainingEvent::Loop`] can be answered by more than to go on.
#[derive(Clone, Debug)]
pub enum TrainingEvent {
    /// Photos are sent through the layers that stay as they are.
    Preparing {
        /// Photos done.
        done: usize,
        /// Photos to do.
        total: usize,
    },
    /// It is known what will be done.
    Planned(Box<TrainingPlan>),
    /// The loop speaks.
    Loop(TrainEvent),
    /// A checkpoint was saved, or why it could not be: the run goes on.
    Saved {
        /// Steps taken at it.
        step: u64,
        /// Why it is not on disk.
        failed: Option<String>,
    },
    /// No step is taken until it goes on.
    Paused {
        /// Steps taken.
        step: u64,
    },
    /// It goes on after a pause.
    GoesOn,
    /// The query that is watched, answered by the weights in training.
    Live(LiveAnswer),
    /// The library is embedded with the new model.
    Embedding {
        /// Photos done.
        done: usize,
        /// Photos to do.
        total: usize,
    },
}

/// What will be done.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrainingPlan {
    /// Name of the new model.
    pub name: String,
    /// Steps taken already: it goes on.
    pub done: u64,
    /// What there is to learn from.
    pub photos: PhotoCounts,
    /// How much is trained.
    pub depth: Depth,
    /// Block before which the network is cut; `None` at depth `head`.
    pub cut: Option<usize>,
    /// Numbers of an embedding.
    pub dim: usize,
    /// Name of the model it starts from.
    pub parent: String,
    /// Everything the loop is told.
    pub config: TrainConfig,
    /// Seconds of one step, as measured just now.
    pub seconds_a_step: f64,
    /// Why this depth, when it was not asked for.
    pub chosen: Option<String>,
    /// What is not as one might expect: too few photos to judge, lines of a file that name no photo.
    pub notes: Vec<String>,
}

/// How a model was before and after, on the same held-out photos.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The model it started from.
    pub before: Option<Report>,
    /// The new one.
    pub after: Option<Report>,
    /// Query by query.
    pub comparison: Option<Comparison>,
}

impl Judgement {
    /// What the comparison says; `None` when nothing was held out.
    pub fn verdict(&self) -> Option<Verdict> {
        self.comparison.filter(|comparison| comparison.queries > 0).map(|comparison| comparison.verdict)
    }
}

/// What came of a training.
#[derive(Clone, Debug, Serialize)]
pub struct TrainingReport {
    /// Name of the new model.
    pub model: String,
    /// How much was trained.
    pub depth: Depth,
    /// Steps taken.
    pub steps: u64,
    /// Step of the best validation.
    pub best_step: u64,
    /// Which weights were taken.
    pub mix: Mix,
    /// Validation before, and of the weights taken.
    pub validation: Option<(Score, Score)>,
    /// On held-out photos.
    #[serde(flatten)]
    pub judgement: Judgement,
    /// The same in a word; null when nothing was held out.
    pub verdict: Option<Verdict>,
    /// Why it ended.
    pub reason: StopReason,
    /// Whether it can go on from where it was stopped.
    pub resumable: bool,
    /// Whether the model was saved: not when it was stopped before anything got better.
    pub saved: bool,
    /// Whether the new model answers now.
    pub in_use: bool,
    /// Wall-clock seconds, preparation included, embedding the library with the new model not.
    pub seconds: f64,
    /// Why the newest checkpoint could not be saved, if it could not.
    pub checkpoint_failed: Option<String>,
}
