//! What a run was told, in the form that is kept beside its checkpoints.

use serde::{Deserialize, Serialize};

use super::{TrainRequest, TrainingPhotos, TrainingPlan};
use crate::store::ModelId;
use crate::train::{Depth, TrainConfig};
use crate::work::WorkError;

/// A run as it began: with this and a checkpoint it goes on exactly, whatever has become of labels and models.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::work) struct RunPlan {
    pub(in crate::work) request: TrainRequest,
    pub(in crate::work) photos: TrainingPhotos,
    pub(in crate::work) depth: Depth,
    pub(in crate::work) cut: usize,
    pub(in crate::work) config: TrainConfig,
    pub(in crate::work) parent: Option<ModelId>,
    pub(in crate::work) parent_name: String,
    /// Whether somebody stopped it: one that was not is offered at once.
    #[serde(default)]
    pub(in crate::work) stopped: bool,
}

impl RunPlan {
    /// What is told of it.
    pub(super) fn told(&self, dim: usize, seconds_a_step: f64, chosen: Option<String>) -> TrainingPlan {
        TrainingPlan {
            name: self.request.name.clone().unwrap_or_default(),
            done: 0,
            photos: self.photos.counts,
            depth: self.depth,
            cut: (self.depth != Depth::Head).then_some(self.cut),
            dim,
            parent: self.parent_name.clone(),
            config: self.config.clone(),
            seconds_a_step,
            chosen,
            notes: self.photos.notes(),
        }
    }

    /// As it is kept.
    pub(super) fn text(&self) -> Result<String, WorkError> {
        serde_json::to_string(self).map_err(|error| WorkError::Plan(error.to_string()))
    }
}
