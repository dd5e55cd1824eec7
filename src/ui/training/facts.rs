//! What a training tells: what there is to learn from, the numbers of its steps, what came of it.

use std::sync::Arc;

use super::message::Steering;
use crate::eval::Verdict;
use crate::library::PhotoId;
use crate::train::{Depth, StopReason};
use crate::triplet::{GuardState, Histogram};
use crate::ui::Ranked;

/// What there is to learn from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainingOffer {
    /// Labels among the photos trained on.
    pub labels: usize,
    /// Of those, labels with one photo: negatives only.
    pub lone_labels: usize,
    /// Photos trained on.
    pub photos: usize,
    /// Photos that choose the checkpoint.
    pub validation: usize,
    /// Photos that judge at the end.
    pub held_out: usize,
    /// Triplets the person made.
    pub triplets: usize,
    /// Photos without a label.
    pub unlabelled: usize,
    /// Photos with several labels: left out.
    pub contradicting: usize,
    /// Photos whose label the person said is wrong: left out.
    pub said_wrong: usize,
    /// What is not as one might expect, as sentences.
    pub notes: Vec<String>,
    /// Name that the new model will have.
    pub name: String,
    /// Models it can start from, `base` first.
    pub parents: Vec<ParentRow>,
    /// Whether the network below the head can be trained.
    pub deep: bool,
    /// How long each depth takes here, as far as that is known.
    pub paces: Vec<DepthPace>,
    /// Seconds in which all photos go through the network once, for a head on a network that was trained.
    pub seconds_through: f64,
}

impl TrainingOffer {
    /// Models it can start from, by name.
    pub(super) fn parent_names(&self) -> Vec<String> {
        self.parents.iter().map(|parent| parent.name.clone()).collect()
    }

    /// How deep the network of a model was trained.
    pub(super) fn trained(&self, parent: Option<&str>) -> Option<Depth> {
        self.parents.iter().find(|known| Some(known.name.as_str()) == parent)?.trained
    }

    /// Photos in a batch of P labels with K photos each: as many as there are of them.
    pub(super) fn photos_a_batch(&self, labels: usize, photos: usize) -> usize {
        let usable = self.labels.saturating_sub(self.lone_labels);
        let labelled = (labels.min(usable) * photos + photos.min(self.lone_labels)).min(self.photos);
        (labelled + 3 * labels.min(self.triplets)).max(1)
    }
}

/// A model that a training can start from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentRow {
    /// Its name.
    pub name: String,
    /// How deep its network was trained, by itself or by models before it; `None`: it is the library's own.
    pub trained: Option<Depth>,
}

/// How long a depth takes on this machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DepthPace {
    /// Which.
    pub depth: Depth,
    /// Seconds of one step for each photo of its batch.
    pub seconds_a_photo: f64,
    /// Seconds before the first step.
    pub seconds_before: f64,
}

/// What will be done.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingFacts {
    /// Name of the new model.
    pub name: String,
    /// How much is trained.
    pub depth: Depth,
    /// Steps in all.
    pub steps: u64,
    /// Steps taken already (resumed).
    pub done: u64,
    /// Settings at the start.
    pub steering: Steering,
    /// Name of the model it starts from.
    pub parent: String,
    /// What there is to learn from.
    pub offer: TrainingOffer,
    /// Why this depth, when it was not asked for.
    pub chosen: Option<String>,
}

/// A share with its denominator.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Share {
    /// So many.
    pub count: u64,
    /// Of so many.
    pub of: u64,
}

/// The numbers of one step, measured before the weights moved. What is not a number is a gap in its curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepRow {
    /// Steps taken, this one included.
    pub step: u64,
    /// What was differentiated; `None`: the batch held no triplet to learn from.
    pub loss: Option<f64>,
    /// Triplets with a loss above zero, of all valid ones.
    pub active: Share,
    /// Triplets with the negative nearer than the positive, of all valid ones.
    pub violating: Share,
    /// Valid triplets that are hard.
    pub hard: u64,
    /// Valid triplets that are semi-hard.
    pub semi_hard: u64,
    /// Valid triplets that are easy.
    pub easy: u64,
    /// Mean distance of pairs with one label.
    pub positive: Option<f64>,
    /// Mean distance of pairs of different labels.
    pub negative: Option<f64>,
    /// 5th percentile, median and 95th percentile of the euclidean distance of all pairs.
    pub spread: [f64; 3],
    /// Length of the gradient before clipping.
    pub gradient_norm: f64,
    /// Rate of the head.
    pub learning_rate: f64,
    /// Seconds this step took.
    pub seconds: f64,
    /// Photos embedded in it.
    pub photos: usize,
    /// What the guard calls the state.
    pub state: GuardState,
}

/// More about one step.
#[derive(Clone, Debug, PartialEq)]
pub struct StepDetails {
    /// Which.
    pub step: u64,
    /// Distances of pairs with one label.
    pub positive: Histogram,
    /// Distances of pairs of different labels.
    pub negative: Histogram,
    /// The hardest triplets, the worst first.
    pub hardest: Vec<HardRow>,
    /// Every pair of the batch; empty unless asked for by [`super::TrainingOrder::Pairs`].
    pub pairs: Arc<[PairRow]>,
    /// The last step that suspected photos: it need not be this one.
    pub suspected_at: u64,
    /// Photos whose triplets stayed active over many steps while others settled, with the share of active ones, worst first.
    pub suspects: Vec<(PhotoId, f64)>,
}

/// A triplet that is ranked wrong, or least right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HardRow {
    /// The photo compared.
    pub anchor: PhotoId,
    /// One with its label.
    pub positive: PhotoId,
    /// One with another label.
    pub negative: PhotoId,
    /// Distance of anchor and positive.
    pub to_positive: f64,
    /// Distance of anchor and negative.
    pub to_negative: f64,
}

/// A pair of the batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairRow {
    /// One photo.
    pub one: PhotoId,
    /// The other.
    pub other: PhotoId,
    /// Whether they have one label.
    pub same: bool,
    /// How far apart they are, in the distance of the loss.
    pub distance: f64,
}

/// A query answered by the model in training, among the photos that were nearest before, and some more.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveNeighbors {
    /// The query.
    pub query: PhotoId,
    /// Steps taken by the model that answers.
    pub step: u64,
    /// The neighbours, nearest first.
    pub neighbors: Vec<Ranked>,
    /// What the model before training answers.
    pub before: Vec<Ranked>,
    /// Photos that were ranked.
    pub among: usize,
}

/// What the held-out photos say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Believed {
    /// Photos asked.
    pub queries: usize,
    /// Photos that are the only one of their label among them, not asked.
    pub lone: usize,
    /// Recall@1 before and after.
    pub recall_at_1: [f64; 2],
    /// MAP@R before and after.
    pub map_at_r: [f64; 2],
    /// 95 % interval of the difference of MAP@R.
    pub difference: [f64; 2],
    /// The same in a word.
    pub verdict: Verdict,
}

/// What came of a training.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingOutcome {
    /// Name of the new model.
    pub model: String,
    /// Steps taken.
    pub steps: u64,
    /// Step of the best validation.
    pub best_step: u64,
    /// Why it ended.
    pub reason: StopReason,
    /// On held-out photos; `None`: there were none to judge by.
    pub judged: Option<Believed>,
    /// Whether the model was saved: not when nothing got better, or when it was discarded.
    pub saved: bool,
    /// Whether it answers now.
    pub in_use: bool,
    /// Whether it can go on from where it was stopped.
    pub resumable: bool,
    /// Seconds in all.
    pub seconds: f64,
    /// What went wrong on the way, as a sentence.
    pub warning: Option<String>,
}

/// A training that was cut off or stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnfinishedRow {
    /// The model it is to make.
    pub name: String,
    /// Steps at its last checkpoint.
    pub done: u64,
    /// Steps in all.
    pub steps: u64,
}
