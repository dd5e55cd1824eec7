//! Embedding rows: kept for the models used last, made for photos that have none.

use std::collections::HashSet;

use super::each_photo::{Job, Originals, map_in_parallel};
use super::model::OpenModel;
use crate::embedding::EmbeddingMatrix;
use crate::library::PhotoId;
use crate::neighbor::Gallery;
use crate::store::EmbeddingRows;
use crate::work::{Library, Viewer, WorkError};

/// The rows of this many models are kept, so that going back to one of them is at once.
const KEPT_ROW_SETS: usize = 4;
/// Features read at once.
const CHUNK: usize = 1024;
/// Rows made from features between two writes.
const PIECE: usize = 16 * CHUNK;
/// Photos sent through a trained network between two writes: what a kill costs.
const BATCH: usize = 128;

/// Photos and their rows of one model, in the order they were asked for.
pub(super) struct Rows {
    pub(super) photos: Vec<PhotoId>,
    pub(super) matrix: EmbeddingMatrix,
}

impl Rows {
    fn none(model: &OpenModel) -> Self {
        Self::with_room(model, 0)
    }

    fn with_room(model: &OpenModel, photos: usize) -> Self {
        let matrix = EmbeddingMatrix::with_capacity(model.head.dim(), photos);
        Self { photos: Vec::with_capacity(photos), matrix }
    }

    fn push(&mut self, model: &OpenModel, photo: PhotoId, features: &[f32]) {
        // Features without a direction (a network that answers all zeros) have no neighbours.
        if model.head.embed_into(features, &mut self.matrix).is_ok() {
            self.photos.push(photo);
        }
    }

    /// The rows of these photos from features in the store: for models that leave the network as it is.
    fn from_features(viewer: &Viewer, model: &OpenModel, photos: &[PhotoId]) -> Result<Self, WorkError> {
        let mut rows = Self::with_room(model, photos.len());
        for chunk in photos.chunks(CHUNK) {
            let features = viewer.reader().features_of(model.network.id(), chunk)?;
            for (photo, features) in chunk.iter().zip(features) {
                if let Some(features) = features {
                    rows.push(model, *photo, &features);
                }
            }
        }
        Ok(rows)
    }

    /// The rows of these photos by decoding them and sending them through the model's own network.
    fn from_pixels(
        originals: &Originals,
        model: &OpenModel,
        photos: &[PhotoId],
        job: &mut Job<'_>,
    ) -> Result<Self, WorkError> {
        let network = &*model.network;
        let features = map_in_parallel(photos, job.threads, job.cancel, |photo, scratch| {
            let image = originals.with(*photo, job.cancel, |pixels| network.preprocess(pixels))?;
            network.features(&image, scratch).map_err(|error| error.to_string())
        });
        let mut rows = Self::none(model);
        for (photo, features) in photos.iter().zip(features) {
            match features {
                Some(Ok(features)) => rows.push(model, *photo, &features),
                // It can no longer be read: the next indexing run finds out and says so.
                Some(Err(reason)) => tracing::warn!("no row of model {}: {reason}", model.name),
                None => return Err(WorkError::Stopped),
            }
        }
        Ok(rows)
    }

    /// The rows of these photos: from features when the model leaves the network as it is, else from their pixels.
    pub(super) fn of(
        viewer: &Viewer,
        model: &OpenModel,
        photos: &[PhotoId],
        job: &mut Job<'_>,
    ) -> Result<Self, WorkError> {
        if model.uses(viewer.backbone()) {
            return Self::from_features(viewer, model, photos);
        }
        let originals = Originals::of(viewer, model.network.shorter_side())?;
        let mut rows = Self::none(model);
        for chunk in photos.chunks(BATCH) {
            rows.append(Self::from_pixels(&originals, model, chunk, job)?);
            (job.progress)(rows.photos.len(), photos.len());
        }
        Ok(rows)
    }

    fn append(&mut self, mut other: Self) {
        self.photos.append(&mut other.photos);
        // Rows of one model have one length, and they are of unit length already.
        for row in other.matrix.rows() {
            if self.matrix.push(row).is_err() {
                tracing::error!("a row of unit length was refused");
            }
        }
    }
}

/// The listed photos with features whose rows are not kept yet.
fn without_rows(viewer: &Viewer, kept: &[PhotoId]) -> Result<Vec<PhotoId>, WorkError> {
    let kept: HashSet<&PhotoId> = kept.iter().collect();
    let mut photos: Vec<PhotoId> = viewer.embedded_photos()?.into_iter().filter(|id| !kept.contains(id)).collect();
    photos.sort_unstable();
    Ok(photos)
}

/// Completes the kept rows of a model. Stopped or killed, it goes on where it was the next time.
pub(super) fn keep_rows(
    library: &Library,
    viewer: &Viewer,
    model: &OpenModel,
    job: &mut Job<'_>,
) -> Result<(), WorkError> {
    let Some(key) = &model.key else { return Ok(()) };
    let kept = viewer.reader().embeddings(key)?.map(|rows| rows.photos);
    let missing = without_rows(viewer, kept.as_deref().unwrap_or_default())?;
    if missing.is_empty() {
        return Ok(());
    }
    let mut is_new = kept.is_none();
    let mut put = |rows: Rows| -> Result<(), WorkError> {
        let rows =
            EmbeddingRows { photos: rows.photos, dim: rows.matrix.dim(), values: rows.matrix.as_slice().to_vec() };
        let mut store = library.store();
        if std::mem::take(&mut is_new) {
            store.put_embeddings(key, &rows)?;
            store.keep_recent_embeddings(KEPT_ROW_SETS)?;
        } else {
            store.append_embeddings(key, &rows)?;
        }
        Ok(())
    };
    if model.uses(viewer.backbone()) {
        // A piece at a time: all rows at once would be in memory twice.
        return missing.chunks(PIECE).try_for_each(|piece| put(Rows::from_features(viewer, model, piece)?));
    }
    let originals = Originals::of(viewer, model.network.shorter_side())?;
    for (number, chunk) in missing.chunks(BATCH).enumerate() {
        put(Rows::from_pixels(&originals, model, chunk, job)?)?;
        (job.progress)(number * BATCH + chunk.len(), missing.len());
    }
    Ok(())
}

/// The rows of these photos where that takes no decoding: from features when the model leaves the network
/// as it is, else those that are kept.
pub(super) fn rows_without_decoding(viewer: &Viewer, model: &OpenModel, photos: &[PhotoId]) -> Result<Rows, WorkError> {
    if photos.is_empty() || model.uses(viewer.backbone()) {
        return Rows::from_features(viewer, model, photos);
    }
    let kept = model.key.as_ref().map_or(Ok(None), |key| viewer.reader().embeddings(key))?.unwrap_or_default();
    let mut rows = Rows::none(model);
    for photo in photos {
        let row = kept.photos.binary_search(photo).ok();
        let row = row.and_then(|row| kept.values.get(row * kept.dim..(row + 1) * kept.dim));
        if row.is_some_and(|row| rows.matrix.push(row).is_ok()) {
            rows.photos.push(*photo);
        }
    }
    Ok(rows)
}

/// The embedding of every listed photo, by id: kept rows are read, missing ones made where that takes no decoding.
pub(super) fn embedding_rows(viewer: &Viewer, model: &OpenModel) -> Result<Gallery, WorkError> {
    let kept = model.key.as_ref().map_or(Ok(None), |key| viewer.reader().embeddings(key))?.unwrap_or_default();
    let made = if model.uses(viewer.backbone()) {
        Rows::from_features(viewer, model, &without_rows(viewer, &kept.photos)?)?
    } else {
        Rows::none(model)
    };
    let listed = viewer.reader().photo_ids()?;
    let mut merged: Vec<(PhotoId, &[f32])> =
        kept.photos.iter().copied().zip(kept.values.chunks_exact(kept.dim.max(1))).collect();
    merged.retain(|(photo, _)| listed.binary_search(photo).is_ok());
    merged.extend(made.photos.iter().copied().zip(made.matrix.rows()));
    merged.sort_unstable_by_key(|(photo, _)| *photo);
    let mut matrix = EmbeddingMatrix::with_capacity(model.head.dim(), merged.len());
    let mut photos = Vec::with_capacity(merged.len());
    for (photo, row) in merged {
        if matrix.push(row).is_ok() {
            photos.push(photo);
        }
    }
    Ok(Gallery::new(photos, matrix)?)
}
