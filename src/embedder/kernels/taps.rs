//! The gradient of a depthwise kernel and its bias on one group of 16 channels: each tap is a sum over the output's pixels.

use super::simd::Simd;

/// One group of one picture; all counts in numbers (f32). See [`super::Taps`] for the checked form.
#[derive(Clone, Copy)]
pub(super) struct Job {
    /// `height` rows, then a row of zeros for what lies outside the picture; a row has the columns of padding in it.
    pub input: *const f32,
    pub row_stride: usize,
    /// Rows of the picture, and rows of padding before it.
    pub height: usize,
    pub top: usize,
    /// Side of the gradient `[side][side][16]`.
    pub gradient: *const f32,
    pub side: usize,
    /// `[k * k + 1][16]`, the bias last; what is found is added.
    pub output: *mut f32,
}

/// Runs `job` with a kernel of `K` x `K` and the given stride.
///
/// # Safety
/// The level's instructions exist and every place `job` describes lies within its allocation.
#[inline(always)]
pub(super) unsafe fn run<S: Simd, const K: usize, const STRIDE: usize>(job: &Job) {
    let mut lane = 0;
    while lane < 16 {
        // SAFETY: passed on.
        unsafe {
            for ky in 0..K {
                row::<S, K, STRIDE>(job, ky, lane);
            }
            let to = job.output.add(K * K * 16 + lane);
            let mut sum = S::load(to);
            for pixel in 0..job.side * job.side {
                sum = S::add(sum, S::load(job.gradient.add(pixel * 16 + lane)));
            }
            S::store(to, sum);
        }
        lane += S::LANES;
    }
}

/// One row of the kernel, one vector of channels. Rows of the picture outside it add nothing and are left out.
#[inline(always)]
unsafe fn row<S: Simd, const K: usize, const STRIDE: usize>(job: &Job, ky: usize, lane: usize) {
    // SAFETY: passed on; the reads end at pixel (side - 1) * STRIDE + K - 1 of a row inside the picture.
    unsafe {
        let to = |kx: usize| job.output.add((ky * K + kx) * 16 + lane);
        let mut sums = [S::splat(0.0); K];
        for kx in 0..K {
            sums[kx] = S::load(to(kx));
        }
        for y in 0..job.side {
            let from = (y * STRIDE + ky).wrapping_sub(job.top);
            if from >= job.height {
                continue;
            }
            let input = job.input.add(from * job.row_stride + lane);
            let gradient = job.gradient.add(y * job.side * 16 + lane);
            for x in 0..job.side {
                let g = S::load(gradient.add(x * 16));
                for kx in 0..K {
                    sums[kx] = S::multiply_add(S::load(input.add((x * STRIDE + kx) * 16)), g, sums[kx]);
                }
            }
        }
        for kx in 0..K {
            S::store(to(kx), sums[kx]);
        }
    }
}
