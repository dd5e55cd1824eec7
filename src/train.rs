//! Training: one loop for the screen, the command line and the tests, at every depth.
//!
//! [`train`] knows nothing of files, threads or clocks. What is trained comes in as a [`Trainable`], what it is judged by
//! as a [`Metric`], and everything it has to say goes out as [`TrainEvent`]s, each of which is answered by a [`Command`].
//! Tensors stay inside: [`Weights`] and [`Checkpoint`] are plain numbers.

mod changes;
mod checkpoint;
mod config;
mod embed;
mod events;
mod head;
mod inputs;
mod length;
mod network;
mod optimizer;
mod report;
mod run;
mod schedule;
mod select;
mod set;
mod split;
mod step;
mod weights;

pub use checkpoint::{Best, Checkpoint, CheckpointError, Progress};
pub use config::{ConfigError, Depth, Settings, TrainConfig};
pub use embed::embed;
pub use events::{Command, HardTriplet, Lengths, Mix, Score, StepReport, StepRows, StopReason, TrainEvent, Trained};
pub use head::{FeatureSource, HeadModel};
pub use inputs::Inputs;
pub use length::{LONGEST_REST, Length, fewest_steps, tried_depths};
pub use network::{Augmentation, InputSource, NetworkModel};
pub use optimizer::{AdamW, clip};
pub use run::{Metric, Observer, train};
pub use schedule::{rate_at, rate_of_depth};
pub use set::TrainingSet;
pub use split::{Split, SplitBy, SplitError, split};
pub use weights::{Array, Parameter, Weights};

use candle_core::Tensor;

use crate::embedder::EmbedderError;
use crate::embedding::EmbeddingError;
use crate::triplet::{Generator, SamplerError, TripletError};

/// Something whose parameters can be learned: the head on cached features, the last blocks, or the whole network.
pub trait Trainable {
    /// The parameters, always in the same order and under the same names.
    fn parameters(&self) -> Vec<Parameter>;

    /// Embeddings of `photos` (numbers in the training set) before they are scaled to unit length, differentiable.
    ///
    /// With `augmentation` each photo may be varied, drawing from that generator only; the same generator state and the
    /// same photos in the same order give the same result. Without it the photo is seen as at indexing.
    fn forward(
        &self,
        photos: &[usize],
        augmentation: Option<&mut Generator>,
    ) -> Result<Tensor /* [photos, dim] */, TrainError>;

    /// How many photos may be in memory with their activations. A larger batch is passed in pieces (twice: once for the
    /// embeddings, once for the gradients), with the same result.
    fn photos_at_once(&self) -> usize {
        usize::MAX
    }
}

/// What can go wrong while training.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The configuration makes no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is nothing to learn from.
    #[error(transparent)]
    Sampler(#[from] SamplerError),
    /// Losses cannot be computed.
    #[error(transparent)]
    Triplet(#[from] TripletError),
    /// The tensor library refused an operation.
    #[error("tensor operation failed: {0}")]
    Tensor(#[from] candle_core::Error),
    /// The checkpoint does not belong to this model or is damaged.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The network refused.
    #[error(transparent)]
    Embedder(#[from] EmbedderError),
    /// An embedding is not finite.
    #[error(transparent)]
    Embedding(#[from] EmbeddingError),
    /// The weights give embeddings that are no numbers.
    #[error("the embeddings are not finite")]
    NotFinite,
    /// The features or pixels of a photo cannot be had.
    #[error("photo {photo} of the training set cannot be used: {reason}")]
    Photo {
        /// Its number in the training set.
        photo: usize,
        /// Why not.
        reason: String,
    },
    /// The metric could not be computed.
    #[error("the validation photos cannot be evaluated: {0}")]
    Metric(String),
}

#[cfg(test)]
mod tests;
