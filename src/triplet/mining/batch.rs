//! A batch as mining sees it: who is whose positive and negative, and how far apart rows are.

use super::super::{DistanceMatrix, TripletError};
use crate::library::PhotoId;

/// Labels, photos and distances of the rows of one batch.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    labels: &'a [u32],
    photos: &'a [PhotoId],
    distances: &'a DistanceMatrix,
}

impl<'a> Batch<'a> {
    /// Row `i` has label `labels[i]` and shows photo `photos[i]`. Refuses slices of other lengths than the matrix.
    pub fn new(labels: &'a [u32], photos: &'a [PhotoId], distances: &'a DistanceMatrix) -> Result<Self, TripletError> {
        let rows = distances.len();
        if labels.len() != rows || photos.len() != rows {
            return Err(TripletError::Rows { rows, labels: labels.len(), photos: photos.len() });
        }
        Ok(Self { labels, photos, distances })
    }

    /// Number of rows.
    pub const fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no row.
    pub const fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Distances of all rows.
    pub(in crate::triplet) const fn distances(&self) -> &'a DistanceMatrix {
        self.distances
    }

    /// Distance of two rows.
    pub fn distance(&self, i: usize, j: usize) -> f64 {
        self.distances.between(i, j)
    }

    /// Whether rows `i` and `j` have the same label and show different photos. Two rows with one photo (a copy, or the
    /// same photo augmented twice) are never a positive pair.
    pub fn is_positive(&self, i: usize, j: usize) -> bool {
        i != j && self.labels[i] == self.labels[j] && self.photos[i] != self.photos[j]
    }

    /// Whether rows `i` and `j` have different labels.
    pub fn is_negative(&self, i: usize, j: usize) -> bool {
        self.labels[i] != self.labels[j]
    }

    /// Rows that can be the positive of `anchor`, in order.
    pub fn positives(&self, anchor: usize) -> impl Iterator<Item = usize> {
        (0..self.len()).filter(move |&row| self.is_positive(anchor, row))
    }

    /// Rows that can be the negative of `anchor`: those of another label, in order.
    pub fn negatives(&self, anchor: usize) -> impl Iterator<Item = usize> {
        (0..self.len()).filter(move |&row| self.is_negative(anchor, row))
    }
}
