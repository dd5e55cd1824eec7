//! Principal axes of many rows that are never held in memory together.
//!
//! Pearson 1901, "On lines and planes of closest fit to systems of points in space". With X the centred rows `[n, d]`,
//! the axes are the eigenvectors of the covariance `XᵀX / (n - 1)`, and `s`, the standard deviation along an axis, is the
//! square root of its eigenvalue. With fewer rows than numbers per row the Gram matrix `XXᵀ` `[n, n]` has the same
//! eigenvalues and is smaller; its eigenvector u gives the axis `Xᵀu / |Xᵀu|`.

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::matmul::triangular::{BlockStructure, matmul};
use faer::{Accum, Mat, MatRef, Par};

/// A visitor of rows: calls its argument once for every row, in the same order each time it is itself called.
pub type Rows<'a> = dyn FnMut(&mut dyn FnMut(&[f32])) + 'a;

/// Above this many rows the axes are computed from every second, third, ... row: the fixed stride that keeps at most so
/// many. Fifty thousand rows fix the axes of 1280 numbers far beyond what a neighbour could notice.
pub const MOST_ROWS: usize = 50_000;

/// Rows per matrix product.
const BLOCK: usize = 512;

/// An axis counts when its variance exceeds this share of the largest: below is rounding, even in f64.
const RANK_TOLERANCE: f64 = 1e-12;

/// Mean, principal axes and standard deviations of a set of rows.
///
/// The axes are orthonormal (in f64, then rounded), sorted by descending deviation, and each points so that its
/// component of largest magnitude is positive: the same rows give the same bits on the same machine, on however many
/// threads the program runs, because all of it runs on the caller's.
#[derive(Clone, Debug, PartialEq)]
pub struct PrincipalAxes {
    mean: Vec<f32>,
    axes: Vec<f32>,
    deviations: Vec<f32>,
    rows: usize,
    rows_used: usize,
}

/// Why rows have no principal axes.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PrincipalAxesError {
    /// The visitor had no row.
    #[error("principal axes need at least one row")]
    NoRows,
    /// A row has another length than the first.
    #[error("a row of {got} numbers cannot join rows of {expected}")]
    Dimension {
        /// Numbers in the first row.
        expected: usize,
        /// Numbers in this row.
        got: usize,
    },
    /// A row holds NaN or infinity.
    #[error("row {0} holds a number that is not finite")]
    NotFinite(usize),
    /// The visitor's second pass differed from its first.
    #[error("the rows changed while their principal axes were computed")]
    Changed,
    /// The eigen-solver did not converge.
    #[error("the principal axes could not be computed: the eigen-solver did not converge")]
    NoConvergence,
}

impl PrincipalAxes {
    /// The principal axes of the rows, at most `most` of them, and never more than the rank of the centred rows.
    ///
    /// `rows` is called twice: to count, then to add up. Memory: `d * d` numbers (or `n * d` when n < d) in f64.
    pub fn of(rows: &mut Rows<'_>, most: usize) -> Result<Self, PrincipalAxesError> {
        let (count, dim) = count(rows)?;
        let stride = count.div_ceil(MOST_ROWS);
        let used = count.div_ceil(stride);
        let mut sums = Sums::new(dim, used);
        let mut seen = 0;
        rows(&mut |row| {
            if seen % stride == 0 && row.len() == dim {
                sums.add(row);
            }
            seen += 1;
        });
        if seen != count || sums.rows() != used {
            return Err(PrincipalAxesError::Changed);
        }
        let (mean, pairs) = sums.finish(most)?;
        let mut result = Self { mean, axes: Vec::new(), deviations: Vec::new(), rows: count, rows_used: used };
        for (variance, mut axis) in pairs {
            orient(&mut axis);
            result.deviations.push(variance.sqrt() as f32);
            result.axes.extend(axis.iter().map(|&v| v as f32));
        }
        Ok(result)
    }

    /// The mean of the rows used, `[d]`.
    pub fn mean(&self) -> &[f32] {
        &self.mean
    }

    /// The axes, `[r, d]` row-major, by descending deviation.
    pub fn axes(&self) -> &[f32] {
        &self.axes
    }

    /// Standard deviation along each axis, `[r]`, descending, all positive.
    pub fn deviations(&self) -> &[f32] {
        &self.deviations
    }

    /// Number of axes, r.
    pub fn len(&self) -> usize {
        self.deviations.len()
    }

    /// Whether there is no axis: one row, or rows that are all equal.
    pub fn is_empty(&self) -> bool {
        self.deviations.is_empty()
    }

    /// Numbers per row, d.
    pub fn dim(&self) -> usize {
        self.mean.len()
    }

    /// Rows the visitor offered.
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Rows the axes were computed from: all, or every second, third, ... above [`MOST_ROWS`].
    pub const fn rows_used(&self) -> usize {
        self.rows_used
    }
}

/// How many rows there are and how many numbers each has; refuses rows that cannot be added up.
fn count(rows: &mut Rows<'_>) -> Result<(usize, usize), PrincipalAxesError> {
    let (mut count, mut dim, mut wrong) = (0, 0, None);
    rows(&mut |row| {
        if count == 0 {
            dim = row.len();
        }
        if wrong.is_none() && row.len() != dim {
            wrong = Some(PrincipalAxesError::Dimension { expected: dim, got: row.len() });
        } else if wrong.is_none() && !row.iter().all(|v| v.is_finite()) {
            wrong = Some(PrincipalAxesError::NotFinite(count));
        }
        count += 1;
    });
    match wrong {
        Some(error) => Err(error),
        None if count == 0 || dim == 0 => Err(PrincipalAxesError::NoRows),
        None => Ok((count, dim)),
    }
}

/// An eigenvalue of the covariance and its unit eigenvector.
type Pair = (f64, Vec<f64>);

/// The running sums, in f64. Rows are shifted by the first one, so that rows that are all equal add up to exact zeros.
struct Sums {
    dim: usize,
    origin: Vec<f64>,
    total: Vec<f64>,
    /// Shifted rows: all of them in the Gram form, else the block being filled.
    block: Vec<f64>,
    /// `[d, d]`, lower half: sum of outer products. None in the Gram form.
    outer: Option<Mat<f64>>,
    rows: usize,
}

impl Sums {
    fn new(dim: usize, rows: usize) -> Self {
        let outer = (rows >= dim).then(|| Mat::zeros(dim, dim));
        Self { dim, origin: Vec::new(), total: vec![0.0; dim], block: Vec::new(), outer, rows: 0 }
    }

    const fn rows(&self) -> usize {
        self.rows
    }

    fn add(&mut self, row: &[f32]) {
        if self.rows == 0 {
            self.origin = row.iter().map(|&v| f64::from(v)).collect();
        }
        let start = self.block.len();
        self.block.extend(row.iter().zip(&self.origin).map(|(&v, o)| f64::from(v) - o));
        let shifted = self.block.get(start..).unwrap_or_default();
        self.total.iter_mut().zip(shifted).for_each(|(sum, v)| *sum += v);
        self.rows += 1;
        if self.outer.is_some() && self.block.len() >= BLOCK * self.dim {
            self.flush();
        }
    }

    /// Adds the block's outer products to the sum, as one matrix product that computes only the lower half.
    fn flush(&mut self) {
        if let Some(outer) = &mut self.outer {
            let block = MatRef::from_row_major_slice(&self.block, self.block.len() / self.dim, self.dim);
            let (lower, full) = (BlockStructure::TriangularLower, BlockStructure::Rectangular);
            matmul(outer.as_mut(), lower, Accum::Add, block.transpose(), full, block, full, 1.0, Par::Seq);
            self.block.clear();
        }
    }

    /// The mean, and the leading eigenvalues with their axes.
    fn finish(mut self, most: usize) -> Result<(Vec<f32>, Vec<Pair>), PrincipalAxesError> {
        self.flush();
        let n = self.rows as f64;
        let shift: Vec<f64> = self.total.iter().map(|sum| sum / n).collect();
        let mean = self.origin.iter().zip(&shift).map(|(o, s)| (o + s) as f32).collect();
        let scale = 1.0 / (n - 1.0).max(1.0);
        let pairs = match self.outer.take() {
            Some(outer) => {
                let dim = self.dim;
                let covariance = Mat::from_fn(dim, dim, |i, j| {
                    let (i, j) = (i.max(j), i.min(j));
                    (outer[(i, j)] - n * shift[i] * shift[j]) * scale
                });
                leading(&covariance, most)?
            }
            None => self.by_gram(&shift, scale, most)?,
        };
        Ok((mean, pairs))
    }

    /// The same from the Gram matrix of the centred rows.
    fn by_gram(&mut self, shift: &[f64], scale: f64, most: usize) -> Result<Vec<Pair>, PrincipalAxesError> {
        for row in self.block.chunks_exact_mut(self.dim) {
            row.iter_mut().zip(shift).for_each(|(v, s)| *v -= s);
        }
        let rows = MatRef::from_row_major_slice(&self.block, self.rows, self.dim);
        let mut gram = Mat::<f64>::zeros(self.rows, self.rows);
        faer::linalg::matmul::matmul(gram.as_mut(), Accum::Replace, rows, rows.transpose(), scale, Par::Seq);
        let pairs = leading(&gram, most)?.into_iter().map(|(variance, weights)| {
            let mut axis = vec![0.0; self.dim];
            for (row, weight) in self.block.chunks_exact(self.dim).zip(&weights) {
                axis.iter_mut().zip(row).for_each(|(a, v)| *a += weight * v);
            }
            let length = axis.iter().map(|v| v * v).sum::<f64>().sqrt();
            for v in &mut axis {
                *v /= length;
            }
            (variance, axis)
        });
        Ok(pairs.collect())
    }
}

/// The eigenpairs above the rank tolerance of a symmetric matrix, by descending eigenvalue, at most `most`.
fn leading(matrix: &Mat<f64>, most: usize) -> Result<Vec<Pair>, PrincipalAxesError> {
    let n = matrix.nrows();
    let (mut vectors, mut values) = (Mat::<f64>::zeros(n, n), Diag::<f64>::zeros(n));
    let need = self_adjoint_evd_scratch::<f64>(n, ComputeEigenvectors::Yes, Par::Seq, faer::prelude::default());
    let mut memory = MemBuffer::new(need);
    let stack = MemStack::new(&mut memory);
    let settings = faer::prelude::default();
    self_adjoint_evd(matrix.as_ref(), values.as_mut(), Some(vectors.as_mut()), Par::Seq, stack, settings)
        .map_err(|_| PrincipalAxesError::NoConvergence)?;
    let values: Vec<f64> = values.column_vector().iter().copied().collect();
    let floor = values.last().map_or(0.0, |largest| largest.max(0.0) * RANK_TOLERANCE);
    let order = (0..n).rev().take_while(|&i| values[i] > floor).take(most);
    Ok(order.map(|i| (values[i], vectors.col(i).iter().copied().collect())).collect())
}

/// Turns an axis so that its component of largest magnitude (the first of equals) is positive.
fn orient(axis: &mut [f64]) {
    let largest = axis.iter().fold(0.0f64, |best, &v| if v.abs() > best.abs() { v } else { best });
    if largest < 0.0 {
        for v in axis {
            *v = -*v;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    fn of(rows: &[Vec<f32>], most: usize) -> Result<PrincipalAxes, PrincipalAxesError> {
        PrincipalAxes::of(&mut |visit| rows.iter().for_each(|row| visit(row)), most)
    }

    fn random_rows(n: usize, d: usize, seed: u64) -> Vec<Vec<f32>> {
        let mut rng = StdRng::seed_from_u64(seed);
        let scale = |j: usize| 1.0 / (1.0 + j as f32);
        (0..n).map(|_| (0..d).map(|j| 3.0 + scale(j) * rng.random_range(-1.0..1.0)).collect()).collect()
    }

    #[test]
    fn four_points_by_hand() {
        // numpy: np.cov([[2,0],[-2,0],[0,1],[0,-1]], rowvar=False) = diag(8/3, 2/3)
        let axes = of(&[vec![2.0, 0.0], vec![-2.0, 0.0], vec![0.0, 1.0], vec![0.0, -1.0]], 9).unwrap();
        assert_eq!(axes.mean(), [0.0, 0.0]);
        assert!((axes.deviations()[0] - (8f32 / 3.0).sqrt()).abs() < 1e-6);
        assert!((axes.deviations()[1] - (2f32 / 3.0).sqrt()).abs() < 1e-6);
        for (got, want) in axes.axes().iter().zip([1.0, 0.0, 0.0, 1.0]) {
            assert!((got - want).abs() < 1e-6);
        }
    }

    #[test]
    fn covariance_and_gram_agree_and_the_deviation_is_what_projections_show() {
        for (n, d) in [(40, 12), (12, 40), (12, 12), (1300, 6)] {
            let rows = random_rows(n, d, 7);
            let axes = of(&rows, 5).unwrap();
            assert_eq!((axes.len(), axes.dim(), axes.rows(), axes.rows_used()), (5, d, n, n));
            for (axis, s) in axes.axes().chunks_exact(d).zip(axes.deviations()) {
                let length: f32 = axis.iter().map(|v| v * v).sum();
                assert!((length - 1.0).abs() < 1e-5);
                let along = |row: &Vec<f32>| -> f64 {
                    row.iter().zip(axes.mean()).zip(axis).map(|((v, m), a)| f64::from((v - m) * a)).sum()
                };
                let variance = rows.iter().map(|row| along(row).powi(2)).sum::<f64>() / (n as f64 - 1.0);
                assert!((variance.sqrt() - f64::from(*s)).abs() < 1e-5, "{n}x{d}");
            }
            assert!(axes.deviations().is_sorted_by(|a, b| a >= b));
        }
    }

    #[test]
    fn both_forms_find_the_same_axes() {
        let rows = random_rows(30, 30, 1);
        let square = of(&rows, 4).unwrap();
        let mut gram = Sums::new(30, 29);
        for row in &rows {
            gram.add(row);
        }
        let (_, pairs) = gram.finish(4).unwrap();
        for (i, (variance, mut axis)) in pairs.into_iter().enumerate() {
            orient(&mut axis);
            assert!((variance.sqrt() as f32 - square.deviations()[i]).abs() < 1e-5);
            for (a, b) in axis.iter().zip(&square.axes()[i * 30..(i + 1) * 30]) {
                assert!((*a as f32 - b).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn the_same_rows_give_the_same_bits() {
        let rows = random_rows(700, 33, 3);
        assert_eq!(of(&rows, 20).unwrap(), of(&rows, 20).unwrap());
    }

    #[test]
    fn rows_without_spread_have_no_axes() {
        assert!(of(&[vec![0.1, 0.2, 0.3]], 3).unwrap().is_empty());
        assert!(of(&vec![vec![0.1, 0.2, 0.3]; 50], 3).unwrap().is_empty());
        assert!(of(&vec![vec![0.1; 30]; 7], 3).unwrap().is_empty());
        let line: Vec<Vec<f32>> = (0..50).map(|i| vec![0.6 * i as f32, 0.8 * i as f32, 0.0]).collect();
        assert_eq!(of(&line, 3).unwrap().len(), 1);
    }

    #[test]
    fn what_cannot_be_added_up_is_refused() {
        assert_eq!(of(&[], 3), Err(PrincipalAxesError::NoRows));
        assert_eq!(of(&[vec![]], 3), Err(PrincipalAxesError::NoRows));
        let uneven = of(&[vec![1.0, 2.0], vec![1.0]], 3);
        assert_eq!(uneven, Err(PrincipalAxesError::Dimension { expected: 2, got: 1 }));
        assert_eq!(of(&[vec![1.0], vec![f32::NAN]], 3), Err(PrincipalAxesError::NotFinite(1)));
    }

    #[test]
    fn many_rows_are_sampled_with_a_fixed_stride() {
        let mut visits = 0;
        let axes = PrincipalAxes::of(
            &mut |visit| {
                visits += 1;
                (0..=2 * MOST_ROWS).for_each(|i| visit(&[(i % 3) as f32, (i % 7) as f32]));
            },
            2,
        );
        let axes = axes.unwrap();
        assert_eq!((axes.rows(), axes.rows_used(), visits), (2 * MOST_ROWS + 1, 33_334, 2));
        assert!((axes.deviations()[0] - 2.0).abs() < 1e-2);
    }
}
