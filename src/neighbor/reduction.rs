//! Long unit rows in few numbers, so that the distance of two short rows never exceeds that of the long ones.
//!
//! With P `[r, d]` orthonormal, x a unit row and y = Px, the part of x that P does not see has the length
//! s = (1 - |y|²)^½, and for two rows |x - x'|² = |y - y'|² + |rest - rest'|² >= |y - y'|² + (s - s')²: the row (y, s) is
//! of unit length too and its distances are lower bounds. They are close ones when P holds the leading principal axes.

use crate::embedding::{EmbeddingError, EmbeddingMatrix, PrincipalAxes, PrincipalAxesError, Rows, products};

/// By so much a distance between short rows may exceed that of the long ones, through rounding: the error of an f32
/// product of 1280 numbers, 1e-4 at worst and 1e-6 as a rule, enters s below a root.
pub const SLACK: f32 = 0.02;

/// Axes to reduce by.
#[derive(Clone, Debug)]
pub struct Reduction {
    axes: Vec<f32>,
    dim: usize,
    room: Vec<f32>,
}

impl Reduction {
    /// Reduces rows like these (of unit length) to at most `most + 1` numbers.
    pub fn of(rows: &mut Rows<'_>, most: usize) -> Result<Self, PrincipalAxesError> {
        let axes = PrincipalAxes::of(rows, most)?;
        Ok(Self { axes: axes.axes().to_vec(), dim: axes.dim(), room: vec![0.0; axes.len() + 1] })
    }

    /// Numbers in a short row.
    pub fn dim(&self) -> usize {
        self.room.len()
    }

    /// Appends the short row of a unit row `[d]` to `into`, whose rows have [`Reduction::dim`] numbers.
    pub fn push(&mut self, row: &[f32], into: &mut EmbeddingMatrix) -> Result<(), EmbeddingError> {
        let Some((rest, seen)) = self.room.split_last_mut() else { return Ok(()) };
        products(row, &self.axes, self.dim, seen);
        let length: f64 = seen.iter().map(|v| f64::from(*v).powi(2)).sum();
        *rest = (1.0 - length).max(0.0).sqrt() as f32;
        into.push(&self.room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbor::samples::{KINDS, gallery};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn short_rows_are_never_farther_apart(
            kind in 0..KINDS.len(), n in 1usize..40, dim in 1usize..60, most in 0usize..20, seed in 0u64..1000,
        ) {
            let long = gallery(KINDS[kind], n, dim, seed);
            let mut rows = |visit: &mut dyn FnMut(&[f32])| long.embeddings().rows().for_each(&mut *visit);
            let mut reduction = Reduction::of(&mut rows, most).unwrap();
            let mut short = EmbeddingMatrix::new(reduction.dim());
            for row in long.embeddings().rows() {
                prop_assert_eq!(reduction.push(row, &mut short), Ok(()));
            }
            let apart = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt();
            for i in 0..n {
                for j in 0..i {
                    prop_assert!(apart(short.row(i), short.row(j)) <= apart(long.row(i), long.row(j)) + SLACK / 4.0);
                }
            }
        }
    }
}
