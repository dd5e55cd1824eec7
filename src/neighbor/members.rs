//! The photos of an index, some of them come or gone since it was built.

use std::collections::HashSet;
use std::sync::Arc;

use super::kernel::Kernel;
use super::top_k::TopK;
use super::{Gallery, NeighborError, check_query};
use crate::embedding::EmbeddingMatrix;
use crate::library::PhotoId;

/// An index should be rebuilt when more than one photo in so many has come or gone.
const STALE: usize = 20;

/// The rows an index answers from: those it was built over, a side list of newer ones, and tombstones.
///
/// Rows keep their numbers: those of the gallery come first, added ones follow in the order they came.
#[derive(Clone, Debug)]
pub struct Members {
    built: Arc<Gallery>,
    added: Gallery,
    removed: HashSet<usize>,
}

impl Members {
    /// The rows of a gallery, none added, none removed.
    pub(crate) fn new(built: Arc<Gallery>) -> Self {
        let added = Gallery::none(built.dim());
        Self { built, added, removed: HashSet::new() }
    }

    /// Adds a photo (its embedding is scaled to unit length) and returns its row.
    pub fn insert(&mut self, photo: PhotoId, embedding: &[f32]) -> Result<usize, NeighborError> {
        check_query(embedding, self.built.dim())?;
        self.added.push(photo, embedding)?;
        Ok(self.rows() - 1)
    }

    /// Removes the photo of a row; false when there is no such row or it is gone already.
    pub fn remove(&mut self, row: usize) -> bool {
        row < self.rows() && self.removed.insert(row)
    }

    /// Whether so much has come and gone (above 5 %) that the index should be built anew from [`Members::gallery`].
    pub fn is_stale(&self) -> bool {
        (self.added.len() + self.removed.len()) * STALE > self.built.len()
    }

    /// All row numbers are below this.
    pub fn rows(&self) -> usize {
        self.built.len() + self.added.len()
    }

    /// Photos that can be found.
    pub fn len(&self) -> usize {
        self.rows() - self.removed.len()
    }

    /// Whether no photo can be found.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Numbers per row.
    pub fn dim(&self) -> usize {
        self.built.dim()
    }

    /// Whether a row exists and has not been removed.
    pub fn contains(&self, row: usize) -> bool {
        row < self.rows() && !self.removed.contains(&row)
    }

    /// The photo of a row. Panics when there is no such row, like a slice.
    pub fn photo(&self, row: usize) -> PhotoId {
        if row < self.built.len() { self.built.photo(row) } else { self.added.photo(row - self.built.len()) }
    }

    /// The embedding of a row. Panics when there is no such row, like a slice.
    pub fn row(&self, row: usize) -> &[f32] {
        if row < self.built.len() { self.built.row(row) } else { self.added.row(row - self.built.len()) }
    }

    /// The gallery the index was built over.
    pub const fn built(&self) -> &Arc<Gallery> {
        &self.built
    }

    /// The photos that can be found, as a gallery of their own with new row numbers, to build the next index over.
    pub fn gallery(&self) -> Result<Gallery, NeighborError> {
        let mut gallery = Gallery::none(self.dim());
        let rows = (0..self.rows()).filter(|row| self.contains(*row));
        rows.into_iter().try_for_each(|row| gallery.push(self.photo(row), self.row(row)))?;
        Ok(gallery)
    }

    /// Offers the side list.
    pub(crate) fn offer_added(&self, kernel: Kernel, query: &[f32], best: &mut TopK, keep: &dyn Fn(usize) -> bool) {
        let mut squared = vec![0.0; self.added.len()];
        kernel.squared_distances(query, self.added.embeddings().as_slice(), &mut squared);
        best.offer_run(&squared, self.built.len(), self, keep);
    }

    /// Photos on the side list.
    pub(crate) fn added(&self) -> usize {
        self.added.len()
    }
}

impl Gallery {
    /// No photo, rows of `dim` numbers.
    pub(crate) fn none(dim: usize) -> Self {
        Self { photos: Vec::new(), embeddings: EmbeddingMatrix::new(dim) }
    }

    /// Appends a photo; its embedding is scaled to unit length.
    pub fn push(&mut self, photo: PhotoId, embedding: &[f32]) -> Result<(), NeighborError> {
        self.embeddings.push(embedding).map_err(|error| NeighborError::Build(error.to_string()))?;
        self.photos.push(photo);
        Ok(())
    }
}
