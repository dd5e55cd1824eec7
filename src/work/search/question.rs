//! What can be asked: more like these photos, less like those, among some.

use std::borrow::Cow;

use super::Selection;
use crate::library::PhotoId;
use crate::neighbor::{NeighborError, direction};

/// A photo to ask with: its row, and its identity where it has one.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    pub(super) photo: Option<PhotoId>,
    pub(super) row: Vec<f32>,
}

impl Example {
    /// Which photo it is, in the library or not.
    pub const fn photo(&self) -> Option<PhotoId> {
        self.photo
    }

    /// Its unit row.
    pub fn row(&self) -> &[f32] {
        &self.row
    }
}

/// One question.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Photos to be like: at least one.
    pub plus: &'a [Example],
    /// Photos to be unlike.
    pub minus: &'a [Example],
    /// How many photos are wanted.
    pub k: usize,
    /// The photos that may answer; all when none are named.
    pub among: Option<&'a Selection>,
}

impl<'a> Question<'a> {
    /// The `k` photos most like these, among all.
    pub const fn like(plus: &'a [Example], k: usize) -> Self {
        Self { plus, minus: &[], k, among: None }
    }

    /// The row to search near: the row of a single photo as it is, else the unit vector of the mean of `plus` less the
    /// mean of `minus`.
    pub(super) fn direction(&self) -> Result<Cow<'a, [f32]>, NeighborError> {
        if let ([only], []) = (self.plus, self.minus) {
            return Ok(Cow::Borrowed(&only.row));
        }
        let rows = |examples: &'a [Example]| examples.iter().map(Example::row).collect::<Vec<&[f32]>>();
        direction(&rows(self.plus), &rows(self.minus)).map(Cow::Owned)
    }

    /// The photos asked with: they are no answer.
    pub(super) fn photos(&self) -> impl Iterator<Item = PhotoId> {
        self.plus.iter().chain(self.minus).filter_map(Example::photo)
    }
}
