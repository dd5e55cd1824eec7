//! The training job: labels to triplets, photos to inputs, the loop on its threads, checkpoints, the verdict, the new model.

mod activations;
mod checkpoints;
mod depth;
mod events;
mod features;
mod finish;
mod helm;
mod judge;
mod live;
mod mislabelled;
mod notes;
mod pace;
mod photos;
mod pixels;
mod plan;
mod prospect;
mod request;
mod run;
mod start;
mod steer;
mod unfinished;

pub use events::{Judgement, TrainingEvent, TrainingPlan, TrainingReport};
pub use helm::{Helm, Steered};
pub(in crate::work) use judge::evaluate_models;
pub use live::{LiveAnswer, Watched};
pub use photos::PhotoCounts;
pub(in crate::work) use photos::{Judge, TrainingPhotos, held_out};
pub(in crate::work) use plan::RunPlan;
pub use prospect::{Pace, Parent, Prospect, prospect};
pub use request::{
    Adopt, DEFAULT_ACTIVATION_BYTES, DEFAULT_CHECKPOINT_SECONDS, DEFAULT_CUT, DEFAULT_HOLDOUT, TrainRequest,
};
pub use run::{TrainingObserver, resume_training, train_model};
pub use unfinished::{UnfinishedTraining, finish_training, forget_training, unfinished_trainings};
