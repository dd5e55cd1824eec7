//! What a run was told, in the form that is kept beside its checkpoints.

use serde::{Deserialize, Serialize};

use super::{TrainRequest, TrainingPhotos, TrainingPlan};
use crate::store::ModelId;
use crate::train::{Depth, TrainConfig};

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
}

impl RunPlan {
    /// What is told of it.
    pub(super) fn told(&self, dim: usize, seconds_a_step: f64, chosen: Option<String>) -> TrainingPlan {
        TrainingPlan {
            photos: self.photos.counts,
            depth: self.depth,
            cut: (self.depth != Depth::Head).then_some(self.cut),
            dim,
            parent: self.parent_name.clone(),
            config: self.config.clone(),
            seconds_a_step,
            chosen,
            notes: self.notes(),
        }
    }

    fn notes(&self) -> Vec<String> {
        let counts = &self.photos.counts;
        let mut notes = Vec::new();
        let mut note = |is: bool, text: &dyn Fn() -> String| {
            if is {
                notes.push(text());
            }
        };
        note(counts.validation == 0, &|| {
            "no photo is kept for validation: the last weights are taken, and nothing stops the run early".to_owned()
        });
        note(counts.held_out == 0, &|| "no photo is held out: there will be no verdict".to_owned());
        note(counts.unknown > 0, &|| {
            format!("{} lines of the label file name no photo of the library", counts.unknown)
        });
        note(counts.contradicting > 0, &|| {
            format!("{} photos lie under several labels and are left out", counts.contradicting)
        });
        notes
    }
}
