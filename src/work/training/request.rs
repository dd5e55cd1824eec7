//! What a training is told.

use serde::{Deserialize, Serialize};

use crate::teach::LabelSource;
use crate::train::{Depth, Length, SplitBy, TrainConfig};

/// Block before which the network is cut at depth `tail`: the first 192-channel block of Lite0 and the four after it
/// learn, measured to learn further than fewer.
pub const DEFAULT_CUT: usize = 11;
/// Share of the photos (or labels) kept from training.
pub const DEFAULT_HOLDOUT: f64 = 0.2;
/// Room for cached activations, in bytes.
pub const DEFAULT_ACTIVATION_BYTES: u64 = 2_000_000_000;

/// Seconds between two checkpoints.
pub const DEFAULT_CHECKPOINT_SECONDS: u64 = 30;

/// Whether the new model answers from now on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Adopt {
    /// Unless it is worse than the one it started from.
    #[default]
    Auto,
    /// Even then.
    Always,
    /// Not before somebody chooses it.
    Never,
}

/// What a training is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainRequest {
    /// Where labels come from.
    pub labels: LabelSource,
    /// What is kept from training.
    pub split: SplitBy,
    /// How much of it, from 0 to under 1; halved into validation and held out.
    pub holdout: f64,
    /// How much is trained; `None`: what fits into the minutes asked for, or into five.
    pub depth: Option<Depth>,
    /// Block before which the network is cut at depth `tail`.
    pub cut: usize,
    /// Most numbers of an embedding.
    pub dim: usize,
    /// How long.
    pub length: Length,
    /// Full learning rate of the head; `None`: what the depth usually needs.
    pub learning_rate: Option<f64>,
    /// Everything the loop is told. Its number of steps and its learning rate come from the two fields above.
    pub config: TrainConfig,
    /// Name of the new model; `None`: the next `tuned N`.
    pub name: Option<String>,
    /// Model it starts from; `None`: the base model.
    pub parent: Option<String>,
    /// Whether the new model answers from now on.
    pub adopt: Adopt,
    /// Room for cached activations, in bytes.
    pub activation_bytes: u64,
    /// Seconds between two checkpoints, at least: they are taken between steps.
    pub checkpoint_seconds: u64,
}

impl Default for TrainRequest {
    fn default() -> Self {
        Self {
            labels: LabelSource::default(),
            split: SplitBy::default(),
            holdout: DEFAULT_HOLDOUT,
            depth: None,
            cut: DEFAULT_CUT,
            dim: crate::work::model::BASE_DIM,
            length: Length::default(),
            learning_rate: None,
            config: TrainConfig::default(),
            name: None,
            parent: None,
            adopt: Adopt::default(),
            activation_bytes: DEFAULT_ACTIVATION_BYTES,
            checkpoint_seconds: DEFAULT_CHECKPOINT_SECONDS,
        }
    }
}
