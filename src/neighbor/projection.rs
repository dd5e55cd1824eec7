//! Rows seen along a few directions, and how far that view can be trusted.
//!
//! A projection never lengthens a difference, so the distance between two projected rows is a lower bound of the distance
//! between the rows. A search may stop at a bound above the k-th best distance, *if rounding is accounted for*.
//!
//! # Proof of the limit
//!
//! u = 2^-24. A is the `[r, d]` matrix of directions as stored in f32, `e = |AAᵀ - I|` (Frobenius norm, computed in f64
//! at construction, so nothing is assumed of the eigen-solver). x is a row, q the query, N >= max(|x|, |q|).
//!
//! 1. The kernel's squared distance K(x) is a sum of d rounded non-negative squares: with g = (d + 4)u,
//!    `|x - q|^2 <= K(x) / (1 - g) <= K(x) (1 + 2g)` as g < 1/2.
//! 2. |A|^2 (operator norm) is the largest eigenvalue of `AAᵀ`, at most 1 + e: `|A(x - q)| <= (1 + e)^½ |x - q|`.
//! 3. A computed coordinate differs from the true one by at most `1.01 d u |a| N` (|a| <= (1 + e)^½; Higham 3.1).
//! 4. A bound B is a sum of r rounded squares. For a row the terms are `x'_j - q'_j`, primes marking computed coordinates.
//!    For a box with middle m and half-width t around x' they are `max(|q'_j - m_j| - t_j, 0)`, in exact arithmetic at
//!    most `|x'_j - q'_j|`; rounding `q'_j - m_j` adds at most `u |q'_j - m_j| <= 3 u |a| N`, as m lies between computed
//!    coordinates of rows. So a term exceeds `|(A(x - q))_j|` by at most 2c, c = 1.01 (d + 4) u |a| N, but for relative
//!    errors, which h = (r + 4)u covers: `B <= (|A(x - q)| + 2 c sqrt(r))^2 (1 + 2h)`.
//!
//! A row with K(x) <= w, w the k-th best so far, thus has
//! `B <= ((1 + e)^½ (w (1 + 2g))^½ + 2 c sqrt(r))^2 (1 + 2h)`: beyond that limit no row can improve the answer, nor tie
//! with its last place. Underflow of single terms loses less than 1e-36 in K and is covered by adding 1e-30 at the end,
//! as is the rounding of the limit itself by the factor 1 + 1e-6.

use crate::embedding::products;

/// Half the spacing of f32 numbers at one.
const UNIT: f64 = f32::EPSILON as f64 / 2.0;

/// Directions to project on, and the size of the rounding errors of doing so.
#[derive(Clone, Debug)]
pub(crate) struct Projection {
    directions: Vec<f32>,
    dim: usize,
    len: usize,
    /// The largest factor by which projecting can lengthen a difference, (1 + e)^½.
    stretch: f64,
}

impl Projection {
    /// `directions` is `[r, dim]` row-major, orthonormal but for rounding.
    pub(crate) fn new(directions: Vec<f32>, dim: usize) -> Self {
        let len = directions.len().checked_div(dim).unwrap_or(0);
        let mut squared = 0.0;
        for (i, a) in directions.chunks_exact(dim.max(1)).enumerate() {
            for (j, b) in directions.chunks_exact(dim.max(1)).enumerate() {
                let product: f64 = a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum();
                squared += (product - f64::from(u8::from(i == j))).powi(2);
            }
        }
        Self { directions, dim, len, stretch: (1.0 + squared.sqrt()).sqrt() }
    }

    /// Number of directions, r.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// The coordinates of contiguous rows `[n, d]` along the directions, `[n, r]`.
    pub(crate) fn of(&self, rows: &[f32]) -> Vec<f32> {
        let mut into = vec![0.0; rows.len().checked_div(self.dim).unwrap_or(0) * self.len];
        products(rows, &self.directions, self.dim, &mut into);
        into
    }

    /// How far to trust bounds over any of the directions, for a query and rows no longer than `longest`.
    pub(crate) fn trust(&self, longest: f64) -> Trust {
        let (d, r) = (self.dim as f64, self.len as f64);
        let coordinate = 1.01 * (d + 4.0) * UNIT * self.stretch * longest;
        Trust {
            kernel: 1.0 + 2.0 * (d + 4.0) * UNIT,
            stretch: self.stretch,
            blur: 2.0 * coordinate * r.sqrt(),
            bound: 1.0 + 2.0 * (r + 4.0) * UNIT,
        }
    }
}

/// The constants of the proof, for one query.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trust {
    kernel: f64,
    stretch: f64,
    blur: f64,
    bound: f64,
}

impl Trust {
    /// The squared bound beyond which no row has a squared distance of `worst` or less.
    pub(crate) fn limit(self, worst: f32) -> f32 {
        let farthest = self.stretch * (f64::from(worst) * self.kernel).sqrt() + self.blur;
        ((farthest * farthest * self.bound + 1e-30) * (1.0 + 1e-6)) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbor::kernel::Kernel;
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    #[test]
    fn the_limit_is_never_below_the_projected_distance() {
        let mut rng = StdRng::seed_from_u64(2);
        for dim in [1, 2, 8, 64, 300] {
            // The identity's rows: projecting on all of them keeps the length, the tightest case there is.
            let directions: Vec<f32> = (0..dim * dim).map(|i| f32::from(u8::from(i / dim == i % dim))).collect();
            let projection = Projection::new(directions, dim);
            let trust = projection.trust(20.0);
            for near in [0.0, 1e-6, 1e-3, 1.0] {
                let x: Vec<f32> = (0..dim).map(|_| rng.random_range(-1.0..1.0)).collect();
                let q: Vec<f32> = x.iter().map(|v| v + near * rng.random_range(-1.0..1.0)).collect();
                let bound = Kernel::detect().squared_distance(&projection.of(&x), &projection.of(&q));
                assert!(bound <= trust.limit(Kernel::detect().squared_distance(&x, &q)));
            }
        }
        assert!(Projection::new(vec![1.0], 1).trust(1.0).limit(f32::INFINITY).is_infinite());
    }
}
