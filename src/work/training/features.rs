//! Features of the labelled photos, for training the head alone.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use crate::library::PhotoId;
use crate::store::Reader;
use crate::train::FeatureSource;
use crate::work::each_photo::{Job, Originals, map_in_parallel};
use crate::work::model::OpenModel;
use crate::work::{Library, Viewer, WorkError};

/// Photos computed between two looks at the stop switch.
const BATCH: usize = 64;

/// Features by number in the training set.
pub(super) struct Features {
    dim: usize,
    photos: Vec<PhotoId>,
    from: From,
}

enum From {
    /// The store, which keeps those of the library's own network.
    Store { reader: Box<Mutex<Reader>>, backbone: String },
    /// A trained network, which computes them before the run.
    Network { originals: Originals, computed: HashMap<PhotoId, Vec<f32>> },
}

impl Features {
    /// Of `photos`, by the network of `parent`.
    pub(super) fn of(
        library: &Library,
        viewer: &Viewer,
        parent: &OpenModel,
        photos: &[PhotoId],
    ) -> Result<Self, WorkError> {
        let from = if parent.uses(viewer.backbone()) {
            let backbone = viewer.backbone().id().to_owned();
            From::Store { reader: Box::new(Mutex::new(library.store().reader()?)), backbone }
        } else {
            let originals = Originals::of(viewer, parent.network.shorter_side())?;
            From::Network { originals, computed: HashMap::new() }
        };
        Ok(Self { dim: parent.network.dim(), photos: photos.to_vec(), from })
    }

    /// Computes what is not in the store; returns the photos that cannot be read, each logged with the reason.
    pub(super) fn prepare(&mut self, parent: &OpenModel, job: &mut Job<'_>) -> Result<HashSet<PhotoId>, WorkError> {
        let mut unusable = HashSet::new();
        let From::Network { originals, computed } = &mut self.from else { return Ok(unusable) };
        for (number, batch) in self.photos.chunks(BATCH).enumerate() {
            let made = map_in_parallel(batch, job.threads, job.cancel, |photo, scratch| {
                let image = originals.with(*photo, |pixels| parent.network.preprocess(pixels))?;
                parent.network.features(&image, scratch).map_err(|error| error.to_string())
            });
            for (photo, features) in batch.iter().zip(made) {
                match features.ok_or(WorkError::Stopped)? {
                    Ok(features) => _ = computed.insert(*photo, features),
                    Err(reason) => {
                        tracing::warn!("left out of training: {reason}");
                        unusable.insert(*photo);
                    }
                }
            }
            (job.progress)(number * BATCH + batch.len(), self.photos.len());
        }
        Ok(unusable)
    }
}

impl FeatureSource for Features {
    fn dim(&self) -> usize {
        self.dim
    }

    fn append(&self, photo: usize, into: &mut Vec<f32>) -> Result<(), String> {
        let id = self.photos.get(photo).ok_or("it is not in the set")?;
        let gone = || "its features are gone from the cache; run `tripletui index` again".to_owned();
        match &self.from {
            From::Network { computed, .. } => into.extend_from_slice(computed.get(id).ok_or_else(gone)?),
            From::Store { reader, backbone } => {
                let reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
                let found = reader.features_of(backbone, &[*id]).map_err(|error| error.to_string())?;
                into.extend_from_slice(&found.into_iter().flatten().next().ok_or_else(gone)?);
            }
        }
        Ok(())
    }
}
