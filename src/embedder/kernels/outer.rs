//! Sums of outer products over pixels, the gradient of a 1x1 convolution's weights: a tile stays in registers over all pixels.

use super::simd::Simd;

/// `output[w][n] += sum over pixels of wide[pixel][w] * narrow[pixel][n]`; all counts in numbers (f32). See [`super::Outer`] for the checked form.
#[derive(Clone, Copy)]
pub(super) struct Job {
    /// `[wide_groups][pixels][16]`, groups `wide_stride` apart.
    pub wide: *const f32,
    pub wide_stride: usize,
    pub wide_groups: usize,
    /// `[narrow_groups][pixels][16]`, groups `narrow_stride` apart.
    pub narrow: *const f32,
    pub narrow_stride: usize,
    pub narrow_groups: usize,
    pub pixels: usize,
    /// `[wide_groups * 16][narrow_groups * 16]`
    pub output: *mut f32,
}

/// Runs `job`.
///
/// # Safety
/// The level's instructions exist and every place `job` describes lies within its allocation.
#[inline(always)]
pub(super) unsafe fn run<S: Simd>(job: &Job) {
    let mut group = 0;
    while group < job.narrow_groups {
        // SAFETY: passed on; `group` (and the next two, where three are done) is below `narrow_groups`.
        unsafe {
            match S::LANES {
                16 if group + 2 < job.narrow_groups => {
                    columns::<S, 8, 3>(job, group);
                    group += 2;
                }
                16 if group + 1 < job.narrow_groups => {
                    columns::<S, 8, 2>(job, group);
                    group += 1;
                }
                16 => columns::<S, 16, 1>(job, group),
                8 => columns::<S, 4, 2>(job, group),
                _ => columns::<S, 4, 4>(job, group),
            }
        }
        group += 1;
    }
}

/// All rows for `N` vectors of columns from `group` on, `M` rows at a time.
#[inline(always)]
unsafe fn columns<S: Simd, const M: usize, const N: usize>(job: &Job, group: usize) {
    for row in (0..job.wide_groups * 16).step_by(M) {
        // SAFETY: passed on; `M` divides 16, so the rows of a tile are lanes of one group.
        unsafe { tile::<S, M, N>(job, row, group) };
    }
}

/// `M` rows x `N` vectors of columns.
#[inline(always)]
unsafe fn tile<S: Simd, const M: usize, const N: usize>(job: &Job, row: usize, group: usize) {
    // SAFETY: passed on from `run`; vector `j` is lanes `j * LANES % 16` of group `j * LANES / 16` after `group`.
    unsafe {
        let columns = job.narrow_groups * 16;
        let to = |i: usize, j: usize| job.output.add((row + i) * columns + group * 16 + j * S::LANES);
        let mut sums = [[S::splat(0.0); N]; M];
        for i in 0..M {
            for j in 0..N {
                sums[i][j] = S::load(to(i, j));
            }
        }
        let wide = job.wide.add(row / 16 * job.wide_stride + row % 16);
        let narrow = job.narrow.add(group * job.narrow_stride);
        for pixel in 0..job.pixels {
            let mut values = [S::splat(0.0); N];
            for j in 0..N {
                values[j] = S::load(narrow.add(j * S::LANES / 16 * job.narrow_stride + pixel * 16 + j * S::LANES % 16));
            }
            for i in 0..M {
                let factor = S::splat(*wide.add(pixel * 16 + i));
                for j in 0..N {
                    sums[i][j] = S::multiply_add(factor, values[j], sums[i][j]);
                }
            }
        }
        for i in 0..M {
            for j in 0..N {
                S::store(to(i, j), sums[i][j]);
            }
        }
    }
}
