//! What training needs besides the kernels of the forward pass, in checked form.

use super::{GROUP, SimdLevel, level, outer, taps};

/// `output[w][n] += sum over pixels of wide[pixel][w] * narrow[pixel][n]`: the gradient of a 1x1 convolution's weights.
#[derive(Clone, Copy)]
pub(in crate::embedder) struct Outer<'a> {
    /// `[wide_groups][pixels][16]`
    pub wide: &'a [f32],
    pub wide_groups: usize,
    /// `[narrow_groups][pixels][16]`
    pub narrow: &'a [f32],
    pub narrow_groups: usize,
    pub pixels: usize,
}

impl Outer<'_> {
    /// Adds to `output` `[wide_groups * 16][narrow_groups * 16]`. Panics if anything described lies outside the slices.
    pub(in crate::embedder) fn run(&self, level: SimdLevel, output: &mut [f32]) {
        let (wide, narrow) = (self.wide_groups * GROUP, self.narrow_groups * GROUP);
        assert!(level.is_available(), "this machine has no {}", level.name());
        let job = outer::Job {
            wide: self.wide[..wide * self.pixels].as_ptr(),
            wide_stride: self.pixels * GROUP,
            wide_groups: self.wide_groups,
            narrow: self.narrow[..narrow * self.pixels].as_ptr(),
            narrow_stride: self.pixels * GROUP,
            narrow_groups: self.narrow_groups,
            pixels: self.pixels,
            output: output[..wide * narrow].as_mut_ptr(),
        };
        // SAFETY: the instructions exist, and both inputs and the output are as long as described, checked above.
        unsafe { level::run_outer(level, &job) }
    }
}

/// The gradient of a depthwise convolution's kernel and bias, on one group of one picture.
#[derive(Clone, Copy)]
pub(in crate::embedder) struct Taps<'a> {
    /// `height` rows `row_stride` apart; a row has the columns of padding in it.
    pub input: &'a [f32],
    pub row_stride: usize,
    /// Rows of the whole input picture, and of padding before it.
    pub height: usize,
    pub top: usize,
    /// What comes back, `[side][side][16]`.
    pub gradient: &'a [f32],
    pub side: usize,
    /// 3 or 5, and 1 or 2.
    pub kernel: usize,
    pub stride: usize,
}

impl Taps<'_> {
    /// Adds to `output` `[kernel * kernel + 1][16]`, the bias last. Panics if anything described lies outside the slices.
    pub(in crate::embedder) fn run(&self, level: SimdLevel, output: &mut [f32]) {
        let (kernel, stride, side) = (self.kernel, self.stride, self.side);
        assert!(matches!((kernel, stride), (3 | 5, 1 | 2)), "no depthwise kernel {kernel} of stride {stride}");
        assert!(level.is_available(), "this machine has no {}", level.name());
        assert!(side > 0 && self.height > 0, "the gradient of nothing");
        let read = (self.height - 1) * self.row_stride + ((side - 1) * stride + kernel) * GROUP;
        let job = taps::Job {
            input: self.input[..read].as_ptr(),
            row_stride: self.row_stride,
            height: self.height,
            top: self.top,
            gradient: self.gradient[..side * side * GROUP].as_ptr(),
            side,
            output: output[..(kernel * kernel + 1) * GROUP].as_mut_ptr(),
        };
        // SAFETY: the instructions exist, and reads and writes lie within their slices, checked above.
        unsafe {
            match (kernel, stride) {
                (3, 1) => level::run_taps::<3, 1>(level, &job),
                (3, _) => level::run_taps::<3, 2>(level, &job),
                (_, 1) => level::run_taps::<5, 1>(level, &job),
                _ => level::run_taps::<5, 2>(level, &job),
            }
        }
    }
}
