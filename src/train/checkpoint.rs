//! Everything a run is made of, as plain numbers: a run that is stopped, saved, loaded and resumed takes exactly the
//! steps the uninterrupted run would have taken.
//!
//! On disk it is one safetensors file: arrays under `weights.`, `start.`, `best.`, `average.` and `moments.`, and the
//! rest as TOML in the metadata (the JSON parser in use rounds some numbers by a last bit; this one does not).

use std::collections::HashMap;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use super::{Array, Score, Settings, TrainConfig, Weights};
use crate::library::PhotoId;
use crate::triplet::{Generator, Guard, Sampler};

/// Version of the format written; newer ones are refused.
const FORMAT: u32 = 2;
/// The size of a batch was the same for a whole run, and stood beside its settings.
const FIXED_BATCHES: u32 = 1;
const METADATA: &str = "tripletui_checkpoint";

/// The state of a run between two steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// Everything but arrays.
    pub progress: Progress,
    /// The parameters.
    pub weights: Weights,
    /// The parameters before training: one end of the final mix.
    pub start: Weights,
    /// The parameters that did best on validation; `None` before the first validation after the start.
    pub best: Option<Weights>,
    /// Mean of the parameters over the steps after warm-up; empty before that.
    pub average: Weights,
    /// The optimizer's moments.
    pub moments: Weights,
}

/// The state of a run without its arrays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// What the run was told, with the settings now in force.
    pub config: TrainConfig,
    /// Steps taken: also the position in the schedule.
    pub step: u64,
    /// Updates made by the optimizer: batches without a triplet make none.
    pub updates: u64,
    /// Weights in the running mean.
    pub averaged: u64,
    /// Deals the batches.
    pub sampler: Sampler,
    /// Draws for random mining.
    pub mining: Generator,
    /// Draws for augmentation.
    pub augmentation: Generator,
    /// Names the state of the run.
    pub guard: Guard,
    /// Score before training.
    pub start_score: Option<Score>,
    /// The best validation so far.
    pub best: Option<Best>,
    /// Step of the last validation.
    pub validated_at: Option<u64>,
    /// Validations since the best one.
    pub without_better: u32,
    /// Settings that were in force, each with the step they began at; the first entry is that of step 0.
    pub history: Vec<(u64, Settings)>,
    /// Photos that are not trained on as ones of their label, each list with the step it began at.
    #[serde(default)]
    pub left_out: Vec<(u64, Vec<PhotoId>)>,
}

/// The best validation of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Steps taken at it.
    pub step: u64,
    /// What it gave.
    pub score: Score,
}

/// Why bytes or arrays are not the checkpoint expected.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// Not a checkpoint, or damaged.
    #[error("this is not a training checkpoint of tripletui: {0}")]
    Format(String),
    /// From a newer program.
    #[error("the checkpoint has format {found}, and this program knows format {FORMAT}: use the program that wrote it")]
    Version {
        /// The format found.
        found: u32,
    },
    /// An array is missing.
    #[error("the checkpoint lacks `{0}`: it belongs to another model")]
    Missing(String),
    /// An array has another shape.
    #[error("`{name}` has shape {found:?} in the checkpoint and {expected:?} in the model")]
    Shape {
        /// Which.
        name: String,
        /// In the model.
        expected: Vec<usize>,
        /// In the checkpoint.
        found: Vec<usize>,
    },
}

fn wrong(error: impl std::fmt::Display) -> CheckpointError {
    CheckpointError::Format(error.to_string())
}

#[derive(Serialize, Deserialize)]
struct Header<P> {
    format: u32,
    progress: P,
}

impl Checkpoint {
    /// The file's bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CheckpointError> {
        let header = Header { format: FORMAT, progress: &self.progress };
        let text = toml::to_string(&header).map_err(wrong)?;
        let none = Weights::default();
        let parts = [
            ("weights", &self.weights),
            ("start", &self.start),
            ("best", self.best.as_ref().unwrap_or(&none)),
            ("average", &self.average),
            ("moments", &self.moments),
        ];
        let mut arrays = Vec::new();
        for (part, weights) in parts {
            for (name, array) in &weights.0 {
                let bytes: Vec<u8> = array.values.iter().flat_map(|value| value.to_le_bytes()).collect();
                arrays.push((format!("{part}.{name}"), array.shape.clone(), bytes));
            }
        }
        let mut views = Vec::with_capacity(arrays.len());
        for (name, shape, bytes) in &arrays {
            let view = TensorView::new(Dtype::F32, shape.clone(), bytes).map_err(wrong)?;
            views.push((name.clone(), view));
        }
        safetensors::serialize(views, Some(HashMap::from([(METADATA.to_owned(), text)]))).map_err(wrong)
    }

    /// The checkpoint in a file's bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(wrong)?;
        let text = metadata.metadata().as_ref().and_then(|entries| entries.get(METADATA));
        let text = text.ok_or_else(|| wrong("it has no training state"))?;
        let version: Header<toml::Table> = toml::from_str(text).map_err(wrong)?;
        if !(FIXED_BATCHES..=FORMAT).contains(&version.format) {
            return Err(CheckpointError::Version { found: version.format });
        }
        let mut header: Header<Progress> = toml::from_str(text).map_err(wrong)?;
        if version.format == FIXED_BATCHES {
            let Settings { labels_per_batch, photos_per_label, .. } = header.progress.config.settings;
            for (_, settings) in &mut header.progress.history {
                *settings = Settings { labels_per_batch, photos_per_label, ..*settings };
            }
        }
        let tensors = SafeTensors::deserialize(bytes).map_err(wrong)?;
        let mut parts = HashMap::<String, Weights>::new();
        for (name, view) in tensors.iter() {
            let (part, name) = name.split_once('.').ok_or_else(|| wrong(format!("unknown array `{name}`")))?;
            let values = view.data().chunks_exact(4).filter_map(|word| word.try_into().ok().map(f32::from_le_bytes));
            let array = Array { shape: view.shape().to_vec(), values: values.collect() };
            parts.entry(part.to_owned()).or_default().0.insert(name.to_owned(), array);
        }
        let mut take = |part: &str| parts.remove(part);
        Ok(Self {
            progress: header.progress,
            weights: take("weights").ok_or_else(|| CheckpointError::Missing("weights".into()))?,
            start: take("start").ok_or_else(|| CheckpointError::Missing("start".into()))?,
            best: take("best"),
            average: take("average").unwrap_or_default(),
            moments: take("moments").ok_or_else(|| CheckpointError::Missing("moments".into()))?,
        })
    }
}
