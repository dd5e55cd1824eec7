//! 1x1 convolutions (and the stem) as one matrix product: a tile of pixels x channels stays in registers over the whole depth.

use super::simd::{Simd, relu6};

/// What happens to a finished sum (the bias is in it already).
#[derive(Clone, Copy)]
pub(super) enum Finish {
    /// Stored as it is.
    Linear,
    /// Stored after `ReLU6`.
    Relu6,
    /// Stored after adding what lies at the same place of another picture.
    Add(*const f32),
    /// `ReLU6`, then summed over the pixels into `output[channel]`.
    Sum,
}

/// One product; all counts in numbers (f32), not bytes. See [`super::Product`] for the checked form.
#[derive(Clone, Copy)]
pub(super) struct Job {
    pub input: *const f32,
    /// The values of one pixel lie in runs of `run` numbers, `run_stride` apart, `depth` in all.
    pub depth: usize,
    pub run: usize,
    pub run_stride: usize,
    pub pixels: usize,
    /// `[groups][depth][16]`
    pub weight: *const f32,
    /// `[groups][16]`
    pub bias: *const f32,
    pub groups: usize,
    pub output: *mut f32,
    pub group_stride: usize,
    /// Pixels go row by row: `width` a row, rows `row_stride` apart in a ring of `slots`, starting with row `slot`.
    pub width: usize,
    pub row_stride: usize,
    pub slot: usize,
    pub slots: usize,
    pub finish: Finish,
}

/// Runs `job`; `STEP` is the distance from one pixel's values to the next one's.
///
/// # Safety
/// The level's instructions exist and every place `job` describes lies within its allocation.
#[inline(always)]
pub(super) unsafe fn run<S: Simd, const STEP: usize>(job: &Job) {
    let mut group = 0;
    while group < job.groups {
        // SAFETY: passed on; `group` (and the next, where two are done) is below `groups`.
        unsafe {
            match S::LANES {
                16 if group + 1 < job.groups => {
                    columns::<S, 2, STEP>(job, group);
                    group += 1;
                }
                16 => columns::<S, 1, STEP>(job, group),
                8 => columns::<S, 2, STEP>(job, group),
                _ => columns::<S, 4, STEP>(job, group),
            }
        }
        group += 1;
    }
}

/// Where the next pixel goes.
struct Place {
    x: usize,
    slot: usize,
}

impl Place {
    #[inline(always)]
    fn next(&mut self, job: &Job) -> usize {
        let at = self.slot * job.row_stride + self.x * 16;
        self.x += 1;
        if self.x == job.width {
            self.x = 0;
            self.slot += 1;
            if self.slot == job.slots {
                self.slot = 0;
            }
        }
        at
    }
}

/// All pixels for `N` vectors of channels from `group` on.
#[inline(always)]
unsafe fn columns<S: Simd, const N: usize, const STEP: usize>(job: &Job, group: usize) {
    let mut place = Place { x: 0, slot: job.slot };
    let mut pixel = 0;
    while pixel < job.pixels {
        let left = job.pixels - pixel;
        // SAFETY: passed on; the tile is no larger than what is left.
        unsafe {
            pixel += if S::PIXELS >= 14 && left >= 14 {
                tile::<S, 14, N, STEP>(job, group, pixel, &mut place)
            } else if S::PIXELS >= 7 && left >= 7 {
                tile::<S, 7, N, STEP>(job, group, pixel, &mut place)
            } else if S::PIXELS == 6 && left >= 6 {
                tile::<S, 6, N, STEP>(job, group, pixel, &mut place)
            } else if S::PIXELS >= 4 && left >= 4 {
                tile::<S, 4, N, STEP>(job, group, pixel, &mut place)
            } else if left >= 2 {
                tile::<S, 2, N, STEP>(job, group, pixel, &mut place)
            } else {
                tile::<S, 1, N, STEP>(job, group, pixel, &mut place)
            };
        }
    }
}

/// `M` pixels x `N` vectors of channels; returns `M`.
#[inline(always)]
unsafe fn tile<S: Simd, const M: usize, const N: usize, const STEP: usize>(
    job: &Job,
    group: usize,
    pixel: usize,
    place: &mut Place,
) -> usize {
    // SAFETY: passed on from `run`; vector `j` is lanes `j * LANES % 16` of group `j * LANES / 16` after `group`.
    unsafe {
        let lane = |j: usize| j * S::LANES % 16;
        let part = |j: usize| j * S::LANES / 16;
        let mut sums = [[S::splat(0.0); N]; M];
        for j in 0..N {
            let bias = S::load(job.bias.add((group + part(j)) * 16 + lane(j)));
            for row in &mut sums {
                row[j] = bias;
            }
        }
        let mut input = job.input.add(pixel * STEP);
        let mut weight = job.weight.add(group * job.depth * 16);
        let next_group = job.depth * 16;
        let mut left = job.depth;
        while left > 0 {
            let run = left.min(job.run);
            for k in 0..run {
                let mut channels = [S::splat(0.0); N];
                for j in 0..N {
                    channels[j] = S::load(weight.add(part(j) * next_group + lane(j)));
                }
                for i in 0..M {
                    let value = S::splat(*input.add(i * STEP + k));
                    for j in 0..N {
                        sums[i][j] = S::multiply_add(value, channels[j], sums[i][j]);
                    }
                }
                weight = weight.add(16);
            }
            input = input.wrapping_add(job.run_stride);
            left -= run;
        }
        let offset = |j: usize| (group + part(j)) * job.group_stride + lane(j);
        match job.finish {
            Finish::Linear => {
                for row in sums {
                    let at = place.next(job);
                    for j in 0..N {
                        S::store(job.output.add(at + offset(j)), row[j]);
                    }
                }
            }
            Finish::Relu6 => {
                for row in sums {
                    let at = place.next(job);
                    for j in 0..N {
                        S::store(job.output.add(at + offset(j)), relu6::<S>(row[j]));
                    }
                }
            }
            Finish::Add(other) => {
                for row in sums {
                    let at = place.next(job);
                    for j in 0..N {
                        let sum = S::add(row[j], S::load(other.add(at + offset(j))));
                        S::store(job.output.add(at + offset(j)), sum);
                    }
                }
            }
            Finish::Sum => {
                for j in 0..N {
                    let to = job.output.add(offset(j));
                    let mut sum = S::load(to);
                    for row in sums {
                        sum = S::add(sum, relu6::<S>(row[j]));
                    }
                    S::store(to, sum);
                }
            }
        }
    }
    M
}
