//! What the screen asks of a training, and what it is told.

use std::sync::Arc;

use crate::eval::Verdict;
use crate::library::PhotoId;
use crate::train::{Depth, StopReason};
use crate::triplet::{GuardState, Histogram, Margin, Mining};
use crate::ui::{Answered, Ranked};

/// Where labels come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LabelFrom {
    /// The names of the folders.
    #[default]
    Folders,
    /// A file with columns `path,label`.
    File(String),
}

/// How long a training lasts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum TrainingLength {
    /// As many steps as the depth usually needs.
    #[default]
    Usual,
    /// So many steps.
    Steps(u64),
    /// As many as fit into so many minutes.
    Minutes(f64),
}

/// A training as it was filled in on the form.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingWish {
    /// Where labels come from.
    pub labels: LabelFrom,
    /// How much is trained; `None`: the deepest that fits into five minutes.
    pub depth: Option<Depth>,
    /// Which triplets count.
    pub mining: Mining,
    /// By how much negatives should be farther.
    pub margin: Margin,
    /// How long.
    pub length: TrainingLength,
    /// Full learning rate of the head; `None`: what the depth usually needs.
    pub learning_rate: Option<f64>,
    /// P.
    pub labels_per_batch: usize,
    /// K.
    pub photos_per_label: usize,
    /// Share of the photos kept from training.
    pub holdout: f64,
    /// What every random choice derives from.
    pub seed: u64,
    /// Name of the model it starts from; `None`: the base model.
    pub parent: Option<String>,
    /// Name of the new model; `None`: the next `tuned N`.
    pub name: Option<String>,
    /// Whether it leaves most of the processor to everything else.
    pub gentle: bool,
}

/// What can be changed between two steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steering {
    /// Full learning rate of the head.
    pub learning_rate: f64,
    /// By how much negatives should be farther.
    pub margin: Margin,
    /// Which triplets count.
    pub mining: Mining,
    /// P.
    pub labels_per_batch: usize,
    /// K.
    pub photos_per_label: usize,
}

/// What is asked of the training.
#[derive(Clone, Debug, PartialEq)]
pub enum TrainingOrder {
    /// Say what there is to learn from: answered by [`TrainingNews::Offer`].
    Offer(LabelFrom),
    /// Begin.
    Start(Box<TrainingWish>),
    /// Go on with one that was cut off or stopped, by its name.
    Resume(String),
    /// End one that was cut off where it stands, by its name: its best weights become the model.
    Finish(String),
    /// Forget one that was cut off, by its name.
    Forget(String),
    /// Take no further step until told to go on.
    Pause,
    /// Go on.
    GoOn,
    /// Finish the step, keep the best so far, judge it and save it as a model. It can be resumed.
    Stop,
    /// Finish the step and keep nothing: neither a model nor the run.
    Discard,
    /// Other settings from the next step on.
    Change(Steering),
    /// Save a checkpoint now: also the state that [`TrainingOrder::GoBack`] returns to.
    Checkpoint,
    /// Back to the last good state, with half the learning rate.
    GoBack,
    /// Leave most of the processor to everything else, or not.
    Gentle(bool),
    /// Answer this query by the model in training from now on, a few times a second; `None`: no query.
    Watch(Option<PhotoId>),
    /// List every pair of a batch in [`StepDetails::pairs`] from now on, or none any more.
    Pairs(bool),
    /// The label of this photo is wrong (or is right after all): it leaves training, from the next run on, and its triplets
    /// are not listed any more.
    LabelIsWrong {
        /// Which photo.
        photo: PhotoId,
        /// Wrong, or right after all.
        wrong: bool,
    },
}

/// What the training says.
#[derive(Clone, Debug)]
pub enum TrainingNews {
    /// What there is to learn from, or a sentence why there is nothing and what to do.
    Offer(Result<TrainingOffer, String>),
    /// Trainings that were cut off or stopped and can go on; replaces the earlier list. `cut_off`: offer the first now.
    Unfinished {
        /// Newest first.
        rows: Vec<UnfinishedRow>,
        /// Whether one of them was cut off (killed, out of disk): it is offered at once.
        cut_off: bool,
    },
    /// Photos whose label somebody said is wrong, with that label; replaces the earlier list.
    WrongLabels(Vec<(PhotoId, String)>),
    /// Photos are sent through the layers that stay as they are.
    Preparing {
        /// Done.
        done: usize,
        /// To do.
        total: usize,
    },
    /// It is known what will be done.
    Planned(Box<TrainingFacts>),
    /// Steps were taken; at most some twenty times a second.
    Steps {
        /// All of them, in order.
        rows: Vec<StepRow>,
        /// More about the last one.
        latest: Box<StepDetails>,
    },
    /// The validation photos were scored.
    Validated {
        /// Steps taken; 0: before training.
        step: u64,
        /// Share of queries whose nearest neighbour has their label.
        recall_at_1: f64,
        /// Mean average precision at R.
        map_at_r: f64,
        /// Half the width of the 95 % interval of `map_at_r`.
        map_half_width: f64,
        /// Whether it is the best so far.
        best: bool,
    },
    /// Settings are others from this step on.
    Changed {
        /// Steps taken.
        step: u64,
        /// All of them.
        steering: Steering,
        /// What is other, in words: `margin 0.2 -> 0.5`.
        words: String,
    },
    /// A change that makes no sense; nothing changed.
    Refused(String),
    /// No step is taken until it goes on.
    Paused {
        /// Steps taken.
        step: u64,
    },
    /// It goes on.
    GoesOn,
    /// A checkpoint was saved.
    Checkpointed {
        /// Steps taken at it.
        step: u64,
    },
    /// It is back at this step.
    WentBack {
        /// Steps taken there.
        step: u64,
    },
    /// The query that is watched, answered by the model in training.
    Live(LiveNeighbors),
    /// Something else that takes a while, in words: `embedding the library with the new model: 3 / 10`.
    Busy(String),
    /// The end.
    Ended(Result<Box<TrainingOutcome>, String>),
}

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
    pub parents: Vec<String>,
    /// Whether the network below the head can be trained.
    pub deep: bool,
    /// How long each depth takes here, as far as that is known.
    pub paces: Vec<DepthPace>,
}

/// How long a depth takes on this machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DepthPace {
    /// Which.
    pub depth: Depth,
    /// Seconds of one step.
    pub seconds_a_step: f64,
    /// Seconds before the first step.
    pub seconds_before: f64,
    /// Steps it usually takes.
    pub usual_steps: u64,
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
    /// Every pair of the batch; empty unless asked for by [`TrainingOrder::Pairs`].
    pub pairs: Arc<[PairRow]>,
    /// Photos whose triplets stay active while others settle, with the share of active ones, worst first.
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

/// A model of the library, as it is listed.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelRow {
    /// Its name.
    pub name: String,
    /// Whether it is the one before any training.
    pub base: bool,
    /// How much was trained.
    pub depth: Option<String>,
    /// Name of the model it started from.
    pub parent: Option<String>,
    /// When it was saved, as `2026-05-03 14:02`.
    pub created: String,
    /// Numbers of an embedding.
    pub dim: u32,
    /// Size of its weights.
    pub bytes: u64,
    /// Whether it answers now.
    pub in_use: bool,
    /// On held-out photos of its training.
    pub judged: Option<Believed>,
    /// Its settings and what was changed on the way, one fact a line.
    pub config: Vec<String>,
}

/// What is asked about models. Every order is answered by [`ModelsNews::List`] too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelsOrder {
    /// List them.
    List,
    /// Let this one answer from now on.
    Use(String),
    /// Give it another name.
    Rename {
        /// The present name.
        from: String,
        /// The new one.
        to: String,
    },
    /// Delete it; [`ModelsOrder::Undo`] brings it back.
    Delete(String),
    /// Write it to a file.
    Export {
        /// Which.
        name: String,
        /// Where to.
        path: String,
    },
    /// Answer one query by two models: [`ModelsNews::Compared`].
    Compare {
        /// The query.
        query: PhotoId,
        /// The two models.
        models: [String; 2],
    },
    /// Undo the last change: of marks, or of which model answers.
    Undo,
    /// Do again what was undone.
    Redo,
}

/// What is said about models.
#[derive(Clone, Debug)]
pub enum ModelsNews {
    /// All of them, oldest first.
    List(Vec<ModelRow>),
    /// Something was done, in words.
    Done(String),
    /// Something cannot be done: what, and what to do instead.
    Failed(String),
    /// It takes a while: `embedding the library with tuned 3: 400 / 1,208`.
    Busy(String),
    /// Two answers to one query.
    Compared {
        /// The query.
        query: PhotoId,
        /// The models.
        models: [String; 2],
        /// Their answers.
        answers: Box<[Answered; 2]>,
    },
}
