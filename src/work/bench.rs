//! Measurements of one part of the program, with the fields that other programs' benchmarks print.

mod decode;
mod forward;
mod kernels;
mod npy;
mod pipeline;
mod search;
mod train_step;

pub use decode::{DecodeFigures, decode_folder};
pub use forward::{ForwardFigures, forward};
pub use kernels::{KernelFigures, kernels};
pub use npy::read_npy;
pub use pipeline::{PipelineFigures, pipeline};
pub use search::{SearchFigures, made_up_rows, search};
pub use train_step::{StepFigures, head_steps, tail_steps};

use crate::embedder::{Backbone, EmbedderError, Lite};
use crate::train::TrainError;
use crate::work::WorkError;

/// Why something could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// A job that was to be timed failed.
    #[error(transparent)]
    Work(#[from] WorkError),
    /// The network could not be used.
    #[error(transparent)]
    Embedder(#[from] EmbedderError),
    /// A training step failed.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// The network is not one of those whose kernels and steps are the program's own.
    #[error("`{0}` is not of the family whose kernels and training steps are measured: lite0 .. lite4")]
    OtherFamily(String),
    /// There are no threads to measure on.
    #[error("no threads to measure on: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// A file or folder of the measurement could not be made, or its figures not be told.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// The network as one of the family whose kernels are the program's own.
fn lite(backbone: &dyn Backbone) -> Result<&Lite, BenchError> {
    backbone.lite().ok_or_else(|| BenchError::OtherFamily(backbone.id().to_owned()))
}
