//! Embedding photos by a model in training.

use super::{TrainError, Trainable};
use crate::embedding::EmbeddingMatrix;

/// Photos embedded at once, unless the model holds fewer.
const PIECE: usize = 256;

/// The embeddings of `photos` by the weights the model has now, seen as at indexing. Nothing of a run in progress changes.
pub fn embed(model: &dyn Trainable, photos: &[usize]) -> Result<EmbeddingMatrix, TrainError> {
    let mut embeddings: Option<EmbeddingMatrix> = None;
    for piece in photos.chunks(model.photos_at_once().clamp(1, PIECE)) {
        let rows = model.forward(piece, None)?.detach();
        let dim = rows.dim(1)?;
        let values: Vec<f32> = rows.flatten_all()?.to_vec1()?;
        if values.iter().any(|value| !value.is_finite()) {
            return Err(TrainError::NotFinite);
        }
        let all = embeddings.get_or_insert_with(|| EmbeddingMatrix::with_capacity(dim, photos.len()));
        values.chunks_exact(dim.max(1)).try_for_each(|row| all.push(row))?;
    }
    Ok(embeddings.unwrap_or_else(|| EmbeddingMatrix::new(1)))
}
