//! Training on the screen: what is asked of it, what it says, and the panes that show it.

mod message;

pub use message::{
    Believed, DepthPace, HardRow, LabelFrom, LiveNeighbors, ModelRow, ModelsNews, ModelsOrder, PairRow, Share,
    Steering, StepDetails, StepRow, TrainingFacts, TrainingLength, TrainingNews, TrainingOffer, TrainingOrder,
    TrainingOutcome, TrainingWish, UnfinishedRow,
};
