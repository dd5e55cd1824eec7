//! Squared euclidean distances, vectorised for the processor the program finds itself on.
//!
//! An ordinary x86-64 build may use SSE2 only; `pulp` compiles the same safe code for AVX2 and AVX-512 too and picks one
//! at run time. Every index takes its final distances from here, and the sum over one row is always formed in the same
//! order, however many rows are asked at once: equal rows have equal distances to the bit.

use pulp::{Arch, Simd, WithSimd};

/// The instruction set to use, found once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kernel(Arch);

impl Kernel {
    /// The best instruction set of this processor.
    pub(crate) fn detect() -> Self {
        Self(Arch::new())
    }

    /// `|query - row|^2` for each of the contiguous `rows` `[n, d]`, written to `into` `[n]`.
    ///
    /// Every term of the sum is non-negative, so the relative error is at most `(d + 4) * 2^-24` in any order.
    pub(crate) fn squared_distances(self, query: &[f32], rows: &[f32], into: &mut [f32]) {
        self.0.dispatch(SquaredDistances { query, rows, into });
    }

    /// `|query - row|^2` for one row.
    pub(crate) fn squared_distance(self, query: &[f32], row: &[f32]) -> f32 {
        let mut into = [0.0];
        self.squared_distances(query, row, &mut into);
        into[0]
    }
}

struct SquaredDistances<'a> {
    query: &'a [f32],
    rows: &'a [f32],
    into: &'a mut [f32],
}

impl WithSimd for SquaredDistances<'_> {
    type Output = ();

    #[expect(clippy::inline_always, reason = "code outside the dispatched function would fall back to SSE2")]
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let dim = self.query.len();
        if dim == 0 {
            return self.into.fill(0.0);
        }
        let mut fours = self.rows.chunks_exact(4 * dim);
        let mut into = self.into.chunks_exact_mut(4);
        for (rows, into) in fours.by_ref().zip(into.by_ref()) {
            let (ab, cd) = rows.split_at(2 * dim);
            let ((a, b), (c, d)) = (ab.split_at(dim), cd.split_at(dim));
            into.copy_from_slice(&squared(simd, self.query, [a, b, c, d]));
        }
        for (row, into) in fours.remainder().chunks_exact(dim).zip(into.into_remainder()) {
            let [distance] = squared(simd, self.query, [row]);
            *into = distance;
        }
    }
}

/// N rows side by side: their additions do not wait for each other.
#[expect(clippy::inline_always, reason = "code outside the dispatched function would fall back to SSE2")]
#[inline(always)]
fn squared<S: Simd, const N: usize>(simd: S, query: &[f32], rows: [&[f32]; N]) -> [f32; N] {
    let (query, query_tail) = S::as_simd_f32s(query);
    let rows = rows.map(|row| S::as_simd_f32s(row));
    let mut sums = [simd.splat_f32s(0.0); N];
    for (i, q) in query.iter().enumerate() {
        for (sum, (row, _)) in sums.iter_mut().zip(&rows) {
            let difference = simd.sub_f32s(row[i], *q);
            *sum = simd.mul_add_e_f32s(difference, difference, *sum);
        }
    }
    if !query_tail.is_empty() {
        let q = simd.partial_load_f32s(query_tail);
        for (sum, (_, row_tail)) in sums.iter_mut().zip(&rows) {
            let difference = simd.sub_f32s(simd.partial_load_f32s(row_tail), q);
            *sum = simd.mul_add_e_f32s(difference, difference, *sum);
        }
    }
    sums.map(|sum| simd.reduce_sum_f32s(sum))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    #[test]
    fn every_instruction_set_and_length_agrees_with_the_sum_in_f64() {
        let mut rng = StdRng::seed_from_u64(1);
        for dim in (0..40).chain([64, 127, 128, 1280]) {
            for n in [0, 1, 2, 3, 4, 5, 7, 9] {
                let query: Vec<f32> = (0..dim).map(|_| rng.random_range(-1.0..1.0)).collect();
                let rows: Vec<f32> = (0..n * dim).map(|_| rng.random_range(-1.0..1.0)).collect();
                let mut into = vec![0.0; n];
                Kernel::detect().squared_distances(&query, &rows, &mut into);
                let mut scalar = vec![0.0; n];
                SquaredDistances { query: &query, rows: &rows, into: &mut scalar }.with_simd(pulp::Scalar);
                for (i, got) in into.iter().enumerate() {
                    let row = &rows[i * dim..(i + 1) * dim];
                    let exact: f64 = row.iter().zip(&query).map(|(r, q)| (f64::from(*r) - f64::from(*q)).powi(2)).sum();
                    let error = exact * (dim as f64 + 4.0) * f64::from(f32::EPSILON) / 2.0;
                    assert!((f64::from(*got) - exact).abs() <= error);
                    assert!((f64::from(scalar[i]) - exact).abs() <= error);
                    let alone = Kernel::detect().squared_distance(&query, row);
                    assert_eq!(got.to_bits(), alone.to_bits(), "batching must not change bits");
                }
            }
        }
    }
}
