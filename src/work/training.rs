//! The training job: labels to triplets, photos to inputs, the loop on its threads, checkpoints, the verdict, the new model.

mod activations;
mod checkpoints;
mod depth;
mod events;
mod features;
mod finish;
mod judge;
mod pace;
mod photos;
mod pixels;
mod plan;
mod request;
mod run;
mod start;

pub use events::{Judgement, TrainingEvent, TrainingPlan, TrainingReport};
pub(in crate::work) use judge::evaluate_model;
pub use photos::PhotoCounts;
pub(in crate::work) use photos::{Judge, TrainingPhotos, held_out};
pub(in crate::work) use plan::RunPlan;
pub use request::{
    Adopt, DEFAULT_ACTIVATION_BYTES, DEFAULT_CHECKPOINT_SECONDS, DEFAULT_CUT, DEFAULT_HOLDOUT, Length, TrainRequest,
};
pub use run::{TrainingObserver, resume_training, train_model, unfinished_training};
