//! Depthwise convolution with bias and `ReLU6` on one group of 16 channels, rows taken from a ring.

use super::simd::{Simd, relu6};

/// One group's output rows; all counts in numbers (f32). See [`super::Depthwise`] for the checked form.
#[derive(Clone, Copy)]
pub(super) struct Job {
    /// `slots` rows in a ring (input row `y` is row `y % slots`), then a row of zeros for what lies outside the picture.
    pub input: *const f32,
    pub slots: usize,
    pub row_stride: usize,
    /// Rows of the picture, and rows of padding before it.
    pub height: usize,
    pub top: usize,
    /// Output rows to make, from `first` up to `last`, of `width` pixels each.
    pub first: usize,
    pub last: usize,
    pub width: usize,
    /// `[k * k][16]`
    pub weight: *const f32,
    /// `[16]`
    pub bias: *const f32,
    /// `[last - first][width][16]`
    pub output: *mut f32,
}

/// Runs `job` with a kernel of `K` x `K` and the given stride.
///
/// # Safety
/// The level's instructions exist and every place `job` describes lies within its allocation.
#[inline(always)]
pub(super) unsafe fn run<S: Simd, const K: usize, const STRIDE: usize>(job: &Job) {
    for row in job.first..job.last {
        // SAFETY: a row inside the picture is at its place in the ring, any other is the row of zeros after it.
        let rows: [*const f32; K] = std::array::from_fn(|k| {
            let y = (row * STRIDE + k).wrapping_sub(job.top);
            let slot = if y < job.height { y % job.slots } else { job.slots };
            unsafe { job.input.add(slot * job.row_stride) }
        });
        let mut lane = 0;
        while lane < 16 {
            // SAFETY: passed on.
            unsafe {
                let output = job.output.add((row - job.first) * job.width * 16 + lane);
                line::<S, K, STRIDE>(job, rows.map(|r| r.add(lane)), lane, output);
            }
            lane += S::LANES;
        }
    }
}

/// One output row, one vector of channels. Where the width is no multiple of the tile, the last tile overlaps the one before.
#[inline(always)]
unsafe fn line<S: Simd, const K: usize, const STRIDE: usize>(
    job: &Job,
    rows: [*const f32; K],
    lane: usize,
    output: *mut f32,
) {
    // SAFETY: passed on; every tile ends at or before `width`.
    unsafe {
        let mut weight = [[S::splat(0.0); K]; K];
        for (ky, row) in weight.iter_mut().enumerate() {
            for (kx, w) in row.iter_mut().enumerate() {
                *w = S::load(job.weight.add((ky * K + kx) * 16 + lane));
            }
        }
        let bias = S::load(job.bias.add(lane));
        if job.width >= 7 {
            let mut x = 0;
            loop {
                tile::<S, K, STRIDE, 7>(&rows, &weight, bias, x, output);
                if x + 7 == job.width {
                    break;
                }
                x = (x + 7).min(job.width - 7);
            }
        } else {
            for x in 0..job.width {
                tile::<S, K, STRIDE, 1>(&rows, &weight, bias, x, output);
            }
        }
    }
}

/// `X` neighbouring output pixels from `x` on.
#[inline(always)]
unsafe fn tile<S: Simd, const K: usize, const STRIDE: usize, const X: usize>(
    rows: &[*const f32; K],
    weight: &[[S::Vector; K]; K],
    bias: S::Vector,
    x: usize,
    output: *mut f32,
) {
    // SAFETY: passed on; the reads end at pixel (x + X - 1) * STRIDE + K - 1 of a row.
    unsafe {
        let mut sums = [bias; X];
        for ky in 0..K {
            let row = rows[ky].add(x * STRIDE * 16);
            for (i, sum) in sums.iter_mut().enumerate() {
                for kx in 0..K {
                    *sum = S::multiply_add(S::load(row.add((i * STRIDE + kx) * 16)), weight[ky][kx], *sum);
                }
            }
        }
        for (i, sum) in sums.into_iter().enumerate() {
            S::store(output.add((x + i) * 16), relu6::<S>(sum));
        }
    }
}
