//! The photos a question is asked of.

use super::NeighborError;
use crate::embedding::EmbeddingMatrix;
use crate::library::PhotoId;

/// Photos and their embeddings: row i belongs to `photos[i]`. Shared between indexes in an `Arc`.
#[derive(Clone, Debug, PartialEq)]
pub struct Gallery {
    pub(super) photos: Vec<PhotoId>,
    pub(super) embeddings: EmbeddingMatrix,
}

impl Gallery {
    /// Pairs photos with rows; refused when their numbers differ.
    pub fn new(photos: Vec<PhotoId>, embeddings: EmbeddingMatrix) -> Result<Self, NeighborError> {
        if photos.len() != embeddings.len() {
            return Err(NeighborError::Unpaired { photos: photos.len(), rows: embeddings.len() });
        }
        Ok(Self { photos, embeddings })
    }

    /// Number of photos.
    pub fn len(&self) -> usize {
        self.photos.len()
    }

    /// Whether there is no photo.
    pub fn is_empty(&self) -> bool {
        self.photos.is_empty()
    }

    /// Numbers per row.
    pub const fn dim(&self) -> usize {
        self.embeddings.dim()
    }

    /// All photos, in row order.
    pub fn photos(&self) -> &[PhotoId] {
        &self.photos
    }

    /// All embeddings, in row order.
    pub const fn embeddings(&self) -> &EmbeddingMatrix {
        &self.embeddings
    }

    /// The photo of a row. Panics when there is no such row, like a slice.
    pub fn photo(&self, row: usize) -> PhotoId {
        self.photos[row]
    }

    /// The embedding of a row. Panics when there is no such row, like a slice.
    pub fn row(&self, row: usize) -> &[f32] {
        self.embeddings.row(row)
    }
}
