//! What the loop says, and what it can be told in answer.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Checkpoint, Settings, Weights};
use crate::eval::Interval;
use crate::library::PhotoId;
use crate::triplet::{BatchStatistics, DistanceMatrix, GuardState};

/// Something happened; every event is answered by a [`Command`].
#[derive(Clone, Debug)]
pub enum TrainEvent {
    /// The run begins, or goes on after a resume.
    Started {
        /// Steps already taken.
        step: u64,
        /// Numbers that are trained.
        parameters: usize,
        /// Labels with at least two photos.
        usable_labels: usize,
        /// Labels with one photo: negatives only.
        lone_labels: usize,
    },
    /// One step was taken.
    Step(Box<StepReport>),
    /// The validation photos were embedded and scored.
    Validated {
        /// Steps taken so far; 0 is before training.
        step: u64,
        /// How well they are retrieved.
        score: Score,
        /// Whether this is the best so far.
        best: bool,
    },
    /// The answer to [`Command::Snapshot`].
    Snapshot(Box<Checkpoint>),
    /// The answer to [`Command::Restore`]: the run is back at this step, with the settings in force there.
    Restored {
        /// Steps taken at the snapshot.
        step: u64,
        /// The settings in force again.
        settings: Box<Settings>,
    },
    /// The settings are others from the next step on.
    Changed(Box<Settings>),
    /// The answer to [`Command::LeaveOut`].
    LeftOut {
        /// Photos that were trained on and are not any more.
        out: usize,
        /// Photos that are trained on again.
        back: usize,
    },
    /// The answer to a [`Command::Change`] or [`Command::LeaveOut`] that makes no sense; nothing changed.
    Refused {
        /// Why, as a sentence.
        reason: String,
    },
    /// At the end: a mix of weights was scored on the validation photos.
    MixTried {
        /// Which.
        mix: Mix,
        /// How well the photos are retrieved.
        score: Score,
    },
}

/// What the loop shall do next.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Command {
    /// Go on.
    #[default]
    Continue,
    /// Go on with other settings.
    Change(Box<Settings>),
    /// Go on without these photos, and with all others: their labels are wrong.
    LeaveOut(Arc<BTreeSet<PhotoId>>),
    /// Keep the present state in mind and send it as an event.
    Snapshot,
    /// Go back to the last snapshot, or to where the run began: weights, moments, generators, settings, everything. A run
    /// that has just diverged or collapsed goes on from there.
    Restore,
    /// Finish: no more steps. While mixes are tried it ends that too.
    Stop,
    /// End at once, without a last validation: nobody waits for the result, and it may be gone on with later.
    Leave,
}

/// Retrieval on the validation photos. What is maximised is `map_at_r`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Mean average precision at R.
    pub map_at_r: f64,
    /// Share of queries whose nearest neighbour has their label.
    pub recall_at_1: f64,
    /// Half the width of the 95 % interval of `map_at_r`; 0 in checkpoints from before it was computed.
    #[serde(default)]
    pub map_half_width: f64,
}

/// Weights made of others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mix {
    /// As they were before training.
    Start,
    /// The best on validation.
    Best,
    /// As they were after the last step (without validation photos there is no best).
    Last,
    /// `(1 - share) * start + share * best`.
    TowardBest(f32),
    /// `(1 - share) * start + share * average over the steps after warm-up`.
    TowardAverage(f32),
}

/// Length of embeddings before they are scaled to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Lengths {
    /// Shortest of the batch.
    pub least: f64,
    /// Mean.
    pub mean: f64,
    /// Longest.
    pub most: f64,
}

/// A triplet of photos that is ranked wrong, or least right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HardTriplet {
    /// The photo compared.
    pub anchor: PhotoId,
    /// The farthest of its label in the batch.
    pub positive: PhotoId,
    /// The nearest of another label in the batch.
    pub negative: PhotoId,
}

/// One step, measured before the weights moved.
#[derive(Clone, Debug)]
pub struct StepReport {
    /// Steps taken, this one included.
    pub step: u64,
    /// Steps the run will have.
    pub steps: u64,
    /// What was differentiated; `None` when the batch held no triplet to learn from.
    pub loss: Option<f64>,
    /// Its part from mined triplets, reduced as the miner's reduction says.
    pub mined_loss: Option<f64>,
    /// Its part from the person's triplets, the mean over them.
    pub user_loss: Option<f64>,
    /// Triplets the miner chose.
    pub triplets: usize,
    /// (anchor, positive) pairs for which it found no negative.
    pub dropped_pairs: usize,
    /// The mined rows; counts over all valid triplets, before mining.
    pub statistics: BatchStatistics,
    /// Lengths before scaling to 1.
    pub lengths: Lengths,
    /// Length of the gradient before clipping.
    pub gradient_norm: f64,
    /// Rate of the head.
    pub learning_rate: f64,
    /// Photos embedded in this step.
    pub photos: usize,
    /// The state of the run.
    pub state: GuardState,
    /// Photos most of whose triplets stay active while the others settle, the worst first, with that share; filled in
    /// when the state is label noise.
    pub suspects: Vec<(PhotoId, f64)>,
    /// The hardest triplets of the batch with `d(a,p) - d(a,n)`, the worst first.
    pub hardest: Vec<(HardTriplet, f64)>,
    /// The rows that were mined.
    pub rows: StepRows,
}

/// The rows of a batch that were mined, and how far apart they were, in the distance of the loss.
#[derive(Clone, Debug)]
pub struct StepRows {
    /// What each shows.
    pub photos: Vec<PhotoId>,
    /// Its label, as a number.
    pub labels: Vec<u32>,
    /// Every row to every other.
    pub distances: DistanceMatrix,
}

impl StepRows {
    /// How far apart two photos of the batch were; `None` when one of them is not in it.
    pub fn between(&self, one: PhotoId, other: PhotoId) -> Option<f64> {
        let row = |photo| self.photos.iter().position(|id| *id == photo);
        Some(self.distances.between(row(one)?, row(other)?))
    }
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// All steps were taken.
    Finished,
    /// Validation stopped getting better.
    EarlyStopping,
    /// It was told to.
    Stopped,
    /// All embeddings fell into one place.
    Collapsed,
    /// Something was no longer a number.
    Diverged,
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Trained {
    /// The weights to use.
    pub weights: Weights,
    /// How they were made.
    pub mix: Mix,
    /// Their score on validation, if there were validation photos.
    pub score: Option<Score>,
    /// The score before training.
    pub start_score: Option<Score>,
    /// Step of the best validation.
    pub best_step: u64,
    /// Why it ended.
    pub reason: StopReason,
    /// From here the run can be resumed.
    pub checkpoint: Checkpoint,
}

impl From<&crate::eval::Report> for Score {
    fn from(report: &crate::eval::Report) -> Self {
        let Interval(low, high) = report.ci95.map_at_r;
        Self { map_at_r: report.map_at_r, recall_at_1: report.recall_at_1, map_half_width: (high - low) / 2.0 }
    }
}
