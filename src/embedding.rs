//! Embeddings as plain data: unit-length rows, their principal axes, no tensor library.

mod numbers;
mod principal_axes;
mod products;

pub(crate) use numbers::Numbers;
pub use principal_axes::{MOST_ROWS, PrincipalAxes, PrincipalAxesError, Rows};
pub use products::products;

/// `n` embeddings of `dim` numbers each, row-major, every row of unit length.
///
/// Unit length (within 1e-3) is an invariant of the type: rows are normalised on the way in, and what cannot be
/// normalised (not finite, or all zeros) is refused.
#[derive(Clone, Debug, PartialEq)]
pub struct EmbeddingMatrix {
    dim: usize,
    values: Numbers,
}

/// Why a row cannot be an embedding.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EmbeddingError {
    /// The row has another length than the matrix.
    #[error("an embedding of {got} numbers cannot join rows of {expected}")]
    Dimension {
        /// Numbers per row of the matrix.
        expected: usize,
        /// Numbers given.
        got: usize,
    },
    /// The row holds NaN or infinity, or its length is zero.
    #[error("an embedding must be finite and longer than zero")]
    NotNormalizable,
}

impl EmbeddingMatrix {
    /// No rows yet, of `dim` numbers each.
    pub const fn new(dim: usize) -> Self {
        Self { dim, values: Numbers::new() }
    }

    /// No rows yet, with room for `rows` of them.
    pub fn with_capacity(dim: usize, rows: usize) -> Self {
        Self { dim, values: Numbers::with_capacity(dim * rows) }
    }

    /// Appends one row, scaled to unit length.
    pub fn push(&mut self, row: &[f32]) -> Result<(), EmbeddingError> {
        if row.len() != self.dim {
            return Err(EmbeddingError::Dimension { expected: self.dim, got: row.len() });
        }
        let start = self.values.len();
        self.values.extend_from_slice(row);
        let pushed = normalize(self.values.get_mut(start..).unwrap_or_default());
        if pushed.is_err() {
            self.values.truncate(start);
        }
        pushed
    }

    /// Numbers per row.
    pub const fn dim(&self) -> usize {
        self.dim
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.values.len().checked_div(self.dim).unwrap_or(0)
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Row `index`. Panics when there is no such row, like a slice.
    pub fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.dim..(index + 1) * self.dim]
    }

    /// All rows in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.dim.max(1))
    }

    /// Bytes kept, room for more rows included.
    pub fn memory_bytes(&self) -> usize {
        self.values.memory_bytes()
    }

    /// Every number, row after row.
    pub fn as_slice(&self) -> &[f32] {
        &self.values
    }
}

/// Scales `row` to unit length in place. The length is summed in f64, so the result does not depend on vector width.
pub fn normalize(row: &mut [f32]) -> Result<(), EmbeddingError> {
    let length = row.iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>().sqrt();
    if !length.is_finite() || length < f64::from(f32::MIN_POSITIVE) {
        return Err(EmbeddingError::NotNormalizable);
    }
    let scale = 1.0 / length;
    for v in row {
        *v = (f64::from(*v) * scale) as f32;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rows_that_cannot_be_normalised_are_refused_and_leave_no_trace() {
        let mut matrix = EmbeddingMatrix::new(2);
        for bad in [[0.0, 0.0], [f32::NAN, 1.0], [f32::INFINITY, 1.0]] {
            assert_eq!(matrix.push(&bad), Err(EmbeddingError::NotNormalizable));
        }
        assert_eq!(matrix.push(&[1.0]), Err(EmbeddingError::Dimension { expected: 2, got: 1 }));
        assert!(matrix.is_empty());
    }

    proptest! {
        #[test]
        fn every_row_has_unit_length(rows in prop::collection::vec(prop::collection::vec(-1e3f32..1e3, 5), 1..20)) {
            let mut matrix = EmbeddingMatrix::new(5);
            let kept = rows.iter().filter(|row| matrix.push(row).is_ok()).count();
            prop_assert_eq!(matrix.len(), kept);
            for row in matrix.rows() {
                let length: f32 = row.iter().map(|v| v * v).sum::<f32>().sqrt();
                prop_assert!((length - 1.0).abs() < 1e-5);
            }
        }
    }
}
