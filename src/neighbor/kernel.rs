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

/// Rows in a block of [`Kernel::block_distances`].
pub(crate) const LANES: usize = 16;

impl Kernel {
    /// `|point - x|^2` for sixteen points x at once, given axis by axis: `block` is `[r, 16]`, `point` is `[r]`.
    pub(crate) fn block_distances(self, point: &[f32], block: &[f32]) -> [f32; LANES] {
        self.0.dispatch(BlockDistances { point, block })
    }

    /// The squared distance from `point` to sixteen boxes at once: `block` is `[r, low and high, 16]`, r at least that of
    /// `point`.
    pub(crate) fn box_distances(self, point: &[f32], block: &[f32]) -> [f32; LANES] {
        self.0.dispatch(BoxDistances { point, block })
    }
}

struct BoxDistances<'a> {
    point: &'a [f32],
    block: &'a [f32],
}

impl WithSimd for BoxDistances<'_> {
    type Output = [f32; LANES];

    #[expect(clippy::inline_always, reason = "code outside the dispatched function would fall back to SSE2")]
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [f32; LANES] {
        let mut sums = [0.0; LANES];
        let (into, _) = S::as_mut_simd_f32s(&mut sums);
        let (block, _) = S::as_simd_f32s(self.block);
        let vectors = LANES / S::F32_LANES;
        for (axis, bounds) in self.point.iter().zip(block.chunks_exact(2 * vectors)) {
            let axis = simd.splat_f32s(*axis);
            let (lows, highs) = bounds.split_at(vectors);
            for ((sum, low), high) in into.iter_mut().zip(lows).zip(highs) {
                let outside = simd.max_f32s(simd.sub_f32s(*low, axis), simd.sub_f32s(axis, *high));
                let outside = simd.max_f32s(outside, simd.splat_f32s(0.0));
                *sum = simd.mul_add_e_f32s(outside, outside, *sum);
            }
        }
        sums
    }
}

struct BlockDistances<'a> {
    point: &'a [f32],
    block: &'a [f32],
}

impl WithSimd for BlockDistances<'_> {
    type Output = [f32; LANES];

    #[expect(clippy::inline_always, reason = "code outside the dispatched function would fall back to SSE2")]
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [f32; LANES] {
        let mut sums = [0.0; LANES];
        let (into, _) = S::as_mut_simd_f32s(&mut sums);
        let (block, _) = S::as_simd_f32s(self.block);
        for (i, sum) in into.iter_mut().enumerate() {
            let mut total = simd.splat_f32s(0.0);
            for (axis, value) in self.point.iter().zip(block.iter().skip(i).step_by(LANES / S::F32_LANES)) {
                let difference = simd.sub_f32s(*value, simd.splat_f32s(*axis));
                total = simd.mul_add_e_f32s(difference, difference, total);
            }
            *sum = total;
        }
        sums
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
        if dim.is_multiple_of(S::F32_LANES) {
            match dim / S::F32_LANES {
                4 => return squared_whole::<S, 4>(simd, self.query, self.rows, self.into),
                8 => return squared_whole::<S, 8>(simd, self.query, self.rows, self.into),
                16 => return squared_whole::<S, 16>(simd, self.query, self.rows, self.into),
                _ => {}
            }
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

/// Rows of V whole vectors: the query stays in registers and nothing is checked inside. The sums are formed in the same
/// order as in [`squared`].
#[expect(clippy::inline_always, reason = "code outside the dispatched function would fall back to SSE2")]
#[inline(always)]
fn squared_whole<S: Simd, const V: usize>(simd: S, query: &[f32], rows: &[f32], into: &mut [f32]) {
    let ([query], _) = S::as_simd_f32s(query).0.as_chunks::<V>() else {
        return;
    };
    let (rows, _) = S::as_simd_f32s(rows).0.as_chunks::<V>();
    let (fours, rest) = rows.as_chunks::<4>();
    let (into_fours, into_rest) = into.as_chunks_mut::<4>();
    for (rows, into) in fours.iter().zip(into_fours) {
        let mut sums = [simd.splat_f32s(0.0); 4];
        for v in 0..V {
            for (sum, row) in sums.iter_mut().zip(rows) {
                let difference = simd.sub_f32s(row[v], query[v]);
                *sum = simd.mul_add_e_f32s(difference, difference, *sum);
            }
        }
        *into = sums.map(|sum| simd.reduce_sum_f32s(sum));
    }
    for (row, into) in rest.iter().zip(into_rest) {
        let mut sum = simd.splat_f32s(0.0);
        for v in 0..V {
            let difference = simd.sub_f32s(row[v], query[v]);
            sum = simd.mul_add_e_f32s(difference, difference, sum);
        }
        *into = simd.reduce_sum_f32s(sum);
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
