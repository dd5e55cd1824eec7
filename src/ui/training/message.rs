//! What the screen asks of a training, and what it is told.

use crate::library::PhotoId;
use crate::train::{Depth, Length};
use crate::triplet::{Margin, Mining};

pub use super::facts::{
    Believed, DepthPace, HardRow, LiveNeighbors, PairRow, ParentRow, Share, StepDetails, StepRow, TrainingFacts,
    TrainingOffer, TrainingOutcome, UnfinishedRow,
};
pub use super::models_message::{ModelRow, ModelsNews, ModelsOrder};

/// Where labels come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LabelFrom {
    /// The names of the folders.
    #[default]
    Folders,
    /// A file with columns `path,label`.
    File(String),
}

/// A training as it was filled in on the form.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingWish {
    /// Where labels come from.
    pub labels: LabelFrom,
    /// How much is trained; `None`: the deepest whose fewest useful steps fit into the minutes asked for, or into five.
    pub depth: Option<Depth>,
    /// Which triplets count.
    pub mining: Mining,
    /// By how much negatives should be farther.
    pub margin: Margin,
    /// How long.
    pub length: Length,
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
    /// The label of this photo is wrong (or is right after all): it leaves training, a run in progress from its next
    /// step on, and its triplets are not listed any more.
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
    /// It begins when photos are indexed.
    Waits,
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
        /// Seconds this took.
        seconds: f64,
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
    /// Other photos are trained on from this step on.
    LeftOut {
        /// Steps taken.
        step: u64,
        /// In words: `1 photo leaves training`.
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
