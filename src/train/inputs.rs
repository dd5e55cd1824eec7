//! The inputs of a few photos in memory: what a model in training is shown beside its training set.

use super::{FeatureSource, InputSource};
use crate::embedder::View;

/// Features, activations or pixels, one row a photo, numbered in the order they came in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inputs {
    rows: usize,
    values: Vec<f32>,
}

impl Inputs {
    /// Takes in the numbers of the next photo: as many as the first one had.
    pub fn push(&mut self, numbers: &[f32]) {
        self.rows += 1;
        self.values.extend_from_slice(numbers);
    }

    /// Photos taken in.
    pub const fn len(&self) -> usize {
        self.rows
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    fn each(&self) -> usize {
        self.values.len().checked_div(self.rows).unwrap_or(0)
    }

    fn row(&self, photo: usize) -> Result<&[f32], String> {
        let each = self.each();
        self.values.get(photo * each..(photo + 1) * each).ok_or_else(|| format!("there are {} photos", self.rows))
    }
}

impl FeatureSource for Inputs {
    fn dim(&self) -> usize {
        self.each()
    }

    fn append(&self, photo: usize, into: &mut Vec<f32>) -> Result<(), String> {
        into.extend_from_slice(self.row(photo)?);
        Ok(())
    }
}

impl InputSource for Inputs {
    fn append(&self, photos: &[(usize, View)], into: &mut Vec<f32>) -> Result<(), (usize, String)> {
        for (photo, _) in photos {
            into.extend_from_slice(self.row(*photo).map_err(|reason| (*photo, reason))?);
        }
        Ok(())
    }
}
