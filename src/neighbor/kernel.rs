//! Squared euclidean distances, vectorised for the processor the program finds itself on.
//!
//! An ordinary x86-64 build may use SSE2 only; `pulp` compiles the same safe code for AVX2 and picks one
//! at run time. Every index takes its final distances from here, and the sum over one row is always formed in the same
//! order, however many rows are asked at once: equal rows have equal distances to the bit.

use pulp::{Arch, Simd, WithSimd};

/// The instruction set to use, found once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kernel(Arch);

impl Kernel {
    /// The instruction set to use on this processor.
    ///
    /// AVX2 is preferred to AVX-512: rows are not aligned to 64 bytes, so every 64-byte load would straddle two cache lines,
    /// and a scan of 100,000 x 64 took 0.68 ms instead of 0.48 (0.45 with aligned rows).
    pub(crate) fn detect() -> Self {
        match Arch::new() {
            #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
            Arch::V4(wide) => Self(Arch::V3(*wide)),
            other => Self(other),
        }
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
                32 => return squared_whole::<S, 32>(simd, self.query, self.rows, self.into),
                _ => {}
            }
        }
        for (row, into) in self.rows.chunks_exact(dim).zip(self.into) {
            *into = squared(simd, self.query, row);
        }
    }
}

/// Rows of V whole vectors: the query stays in registers and nothing is checked inside. The sum is formed in the same order
/// as in [`squared`]. One row after another: four rows abreast keep the adders busier, but the memory they come from is
/// fastest when it is read in order (0.74 against 0.49 ms for 100,000 x 64).
#[expect(clippy::inline_always, reason = "code outside the dispatched function would fall back to SSE2")]
#[inline(always)]
fn squared_whole<S: Simd, const V: usize>(simd: S, query: &[f32], rows: &[f32], into: &mut [f32]) {
    let ([query], _) = S::as_simd_f32s(query).0.as_chunks::<V>() else {
        return;
    };
    let (rows, _) = S::as_simd_f32s(rows).0.as_chunks::<V>();
    for (row, into) in rows.iter().zip(into) {
        let mut sums = [simd.splat_f32s(0.0); 2];
        for v in 0..V {
            let difference = simd.sub_f32s(row[v], query[v]);
            sums[v % 2] = simd.mul_add_e_f32s(difference, difference, sums[v % 2]);
        }
        *into = simd.reduce_sum_f32s(simd.add_f32s(sums[0], sums[1]));
    }
}

/// A row of any length: even and odd vectors are summed apart, so that one addition does not wait for the last.
#[expect(clippy::inline_always, reason = "code outside the dispatched function would fall back to SSE2")]
#[inline(always)]
fn squared<S: Simd>(simd: S, query: &[f32], row: &[f32]) -> f32 {
    let ((query, query_tail), (row, row_tail)) = (S::as_simd_f32s(query), S::as_simd_f32s(row));
    let mut sums = [simd.splat_f32s(0.0); 2];
    for (v, (q, x)) in query.iter().zip(row).enumerate() {
        let difference = simd.sub_f32s(*x, *q);
        sums[v % 2] = simd.mul_add_e_f32s(difference, difference, sums[v % 2]);
    }
    if !query_tail.is_empty() {
        let difference = simd.sub_f32s(simd.partial_load_f32s(row_tail), simd.partial_load_f32s(query_tail));
        sums[0] = simd.mul_add_e_f32s(difference, difference, sums[0]);
    }
    simd.reduce_sum_f32s(simd.add_f32s(sums[0], sums[1]))
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
