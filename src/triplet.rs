//! Triplet learning: which triplets a batch holds, how wrong each is, and what the batch looks like.
//!
//! Sampling, distance, mining, loss and reduction are separate nouns, one file each, with its paper. Everything here is
//! a pure function of its arguments: randomness enters as a [`Generator`], nothing touches a file, a clock or a thread.
//!
//! Words used throughout: a batch holds `B` embeddings of unit length with labels. A **valid triplet** is an anchor, a
//! positive (another photo of the anchor's label) and a negative (a photo of another label). With distance `d` and
//! margin `m`, its **violation** is `d(anchor, positive) - d(anchor, negative) + m`.

mod census;
mod distance;
mod generator;
mod guard;
mod loss;
mod mining;
mod sampler;
mod statistics;

pub use census::{ACTIVE, Census, Hardness, RowActivity};
pub use distance::{Distance, DistanceMatrix, pair_distances, unit_length};
pub use generator::Generator;
pub use guard::{Guard, GuardState, Observation};
pub use loss::{LossTerm, Margin, ParseMarginError, Reduction, mix, triplet_loss};
pub use mining::{Batch, Mined, Mining, mine};
pub use sampler::{SampledBatch, Sampler, SamplerError};
pub use statistics::{BatchStatistics, Histogram, PairSummary, Spread, percentile};

use serde::{Deserialize, Serialize};

/// Three rows of a batch (or three photos of a training set, where said so), by their role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Triplet {
    /// The row that is compared.
    pub anchor: usize,
    /// The row that should be near the anchor.
    pub positive: usize,
    /// The row that should be farther from the anchor.
    pub negative: usize,
}

/// What can go wrong in this room.
#[derive(Debug, thiserror::Error)]
pub enum TripletError {
    /// Labels, photos and distances do not describe the same rows.
    #[error("a batch of {rows} rows needs as many labels and photos, got {labels} labels and {photos} photos")]
    Rows {
        /// Rows of the distance matrix.
        rows: usize,
        /// Labels given.
        labels: usize,
        /// Photos given.
        photos: usize,
    },
    /// A triplet names a row that the batch does not have.
    #[error("a triplet names row {row} of a batch of {rows} rows")]
    NoSuchRow {
        /// The row named.
        row: usize,
        /// Rows in the batch.
        rows: usize,
    },
    /// The tensor library refused an operation.
    #[error("tensor operation failed: {0}")]
    Tensor(#[from] candle_core::Error),
}
