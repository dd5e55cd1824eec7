//! The kernels of the forward pass and of its gradients, and the only unsafe code of the crate.
//!
//! Pictures are kept in **groups of 16 channels**: `[groups][pixels][16]`, the last group filled up with zeros. Within a group a picture is
//! NHWC; 16 channels are one AVX-512 register, two of AVX2, four of NEON. Compared with plain NHWC the values a tile reads and
//! writes lie side by side, so that a tile needs one address and no two rows fall on the same cache set.
//!
//! The functions here check that everything a job describes lies inside its slices, then hand it to the code of the chosen [`SimdLevel`].
//! All levels compute the same sums in the same order; they differ in rounding only (fused or separate multiply-add).

mod buffer;
mod depthwise;
mod gradient;
mod level;
mod outer;
mod product;
mod simd;
mod taps;

pub(super) use buffer::Buffer;
pub(super) use gradient::{Outer, Taps};
pub use level::{NoSuchLevel, SimdLevel};

/// Channels in a group.
pub(super) const GROUP: usize = 16;

/// A matrix product's constant side: `[groups][depth][16]` and a bias of `[groups][16]`.
#[derive(Clone)]
pub(super) struct Packed {
    pub weight: Buffer,
    pub bias: Buffer,
    /// Values a pixel has.
    pub depth: usize,
    /// Channels out, not rounded.
    pub channels: usize,
}

impl Packed {
    /// Packs `weight` `[depth, channels]`.
    pub(super) fn new(weight: &[f32], bias: &[f32]) -> Self {
        let channels = bias.len();
        let depth = weight.len().checked_div(channels).unwrap_or(0);
        let mut packed = Buffer::zeros(channels.next_multiple_of(GROUP) * depth);
        for (k, row) in weight.chunks_exact(channels.max(1)).enumerate() {
            for (group, lanes) in row.chunks(GROUP).enumerate() {
                packed[(group * depth + k) * GROUP..][..lanes.len()].copy_from_slice(lanes);
            }
        }
        let mut padded = Buffer::zeros(channels);
        padded[..channels].copy_from_slice(bias);
        Self { weight: packed, bias: padded, depth, channels }
    }

    /// Packs the transpose of `weight` `[channels, depth]`, without a bias: the way back through a 1x1 convolution.
    pub(super) fn transposed(weight: &[f32], depth: usize) -> Self {
        let channels = weight.len().checked_div(depth).unwrap_or(0);
        let mut packed = Buffer::zeros(channels.next_multiple_of(GROUP) * depth);
        for (c, column) in weight.chunks_exact(depth.max(1)).enumerate() {
            let lines = packed[c / GROUP * depth * GROUP..].chunks_exact_mut(GROUP);
            lines.zip(column).for_each(|(line, &value)| line[c % GROUP] = value);
        }
        Self { weight: packed, bias: Buffer::zeros(channels), depth, channels }
    }

    /// Groups of channels out.
    pub(super) const fn groups(&self) -> usize {
        self.channels.div_ceil(GROUP)
    }
}

/// How the values of the pixels lie in a product's input.
#[derive(Clone, Copy)]
pub(super) enum Values {
    /// `[groups][pixels][16]`; groups lie `group_stride` numbers apart.
    Groups { group_stride: usize },
    /// Rows of interleaved colours, `row_stride` numbers apart: pixel `p` is the 3x3 patch whose first column is `2 * p`.
    Patches { row_stride: usize },
}

/// Where the pixels of a product's output go: row after row, `width` pixels each, into a ring of `slots` rows.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    pub width: usize,
    /// Numbers from one row to the next.
    pub row_stride: usize,
    /// The row the first pixel goes to.
    pub slot: usize,
    pub slots: usize,
}

impl Rows {
    /// All pixels side by side.
    pub(super) const fn flat(pixels: usize) -> Self {
        Self { width: pixels, row_stride: 0, slot: 0, slots: 1 }
    }
}

/// What happens to the sums of a product.
#[derive(Clone, Copy)]
pub(super) enum Finish<'a> {
    /// Nothing.
    Linear,
    /// min(max(v, 0), 6)
    Relu6,
    /// The value at the same place of a picture laid out like the output is added.
    Add(&'a [f32]),
    /// Kept where the output held something strictly between 0 and 6, zero elsewhere: back through a `ReLU6`.
    Masked,
    /// `ReLU6`, then the sum over the pixels is added to `output[channel]`.
    Sum,
}

/// A 1x1 convolution (or the stem) on some pixels, for some groups of output channels.
#[derive(Clone, Copy)]
pub(super) struct Product<'a> {
    pub input: &'a [f32],
    pub values: Values,
    pub pixels: usize,
    pub packed: &'a Packed,
    /// Which groups of output channels, from and up to.
    pub groups: (usize, usize),
    pub rows: Rows,
    /// Numbers from one group of the output to the next; the first one done is at the start of the output.
    pub group_stride: usize,
    pub finish: Finish<'a>,
}

impl Product<'_> {
    /// Computes into `output`. Panics if anything described lies outside the slices.
    pub(super) fn run(&self, level: SimdLevel, output: &mut [f32]) {
        let (from, to) = self.groups;
        if self.pixels == 0 || from == to {
            return;
        }
        assert!(level.is_available(), "this machine has no {}", level.name());
        let depth = self.packed.depth;
        let (step, run, run_stride) = match self.values {
            Values::Groups { group_stride } => (GROUP, GROUP, group_stride),
            Values::Patches { row_stride } => (6, 9, row_stride),
        };
        assert!(depth > 0, "a product of nothing");
        assert!(depth <= run || run_stride >= run, "a product's values overlap");
        let before = (depth - 1) / run;
        let read = before * run_stride + (self.pixels - 1) * step + (depth - before * run);
        assert!(read <= self.input.len(), "a product would read past its input");
        let written = self.written();
        assert!(written <= output.len(), "a product would write past its output");
        let job = product::Job {
            input: self.input.as_ptr(),
            depth,
            run,
            run_stride,
            pixels: self.pixels,
            weight: self.packed.weight[from * depth * GROUP..to * depth * GROUP].as_ptr(),
            bias: self.packed.bias[from * GROUP..to * GROUP].as_ptr(),
            groups: to - from,
            output: output.as_mut_ptr(),
            group_stride: self.group_stride,
            width: self.rows.width,
            row_stride: self.rows.row_stride,
            slot: self.rows.slot,
            slots: self.rows.slots,
            finish: match self.finish {
                Finish::Linear => product::Finish::Linear,
                Finish::Relu6 => product::Finish::Relu6,
                Finish::Sum => product::Finish::Sum,
                Finish::Masked => product::Finish::Masked,
                Finish::Add(other) => product::Finish::Add(other[..written].as_ptr()),
            },
        };
        // SAFETY: the instructions exist, and reads, writes, weights and what is added lie within their slices, checked above.
        unsafe {
            match self.values {
                Values::Groups { .. } => level::run_product::<GROUP>(level, &job),
                Values::Patches { .. } => level::run_product::<6>(level, &job),
            }
        }
    }

    /// One past the last number written.
    fn written(&self) -> usize {
        let Rows { width, row_stride, slot, slots } = self.rows;
        assert!(slot < slots && width > 0, "a product's output has no rows");
        let one_group =
            if matches!(self.finish, Finish::Sum) { GROUP } else { (slots - 1) * row_stride + width * GROUP };
        (self.groups.1 - self.groups.0 - 1) * self.group_stride + one_group
    }
}

/// A depthwise convolution's weights: `[groups][k * k][16]` and a bias of `[groups][16]`.
#[derive(Clone)]
pub(super) struct PackedDepthwise {
    weight: Buffer,
    bias: Buffer,
    kernel: usize,
    stride: usize,
}

impl PackedDepthwise {
    /// Packs `weight` `[kernel, kernel, channels]`; the kernel is 3 or 5, the stride 1 or 2.
    pub(super) fn new(weight: &[f32], bias: &[f32], kernel: usize, stride: usize) -> Self {
        assert!(matches!((kernel, stride), (3 | 5, 1 | 2)), "no depthwise kernel {kernel} of stride {stride}");
        let Packed { weight, bias, .. } = Packed::new(weight, bias);
        Self { weight, bias, kernel, stride }
    }

    /// Packs `weight` `[kernel, kernel, channels]` turned by half a turn, stride 1, without a bias: the way back.
    pub(super) fn flipped(weight: &[f32], kernel: usize) -> Self {
        let channels = weight.len() / (kernel * kernel);
        let turned: Vec<f32> = weight.rchunks_exact(channels.max(1)).flatten().copied().collect();
        Self::new(&turned, &vec![0.0; channels], kernel, 1)
    }
}

/// A depthwise convolution with bias and `ReLU6` or mask, on one group, for some rows of the output.
#[derive(Clone, Copy)]
pub(super) struct Depthwise<'a> {
    /// A ring of `slots` rows, then one row of zeros; a row has the columns of padding in it.
    pub input: &'a [f32],
    pub slots: usize,
    /// Numbers from one row to the next.
    pub row_stride: usize,
    /// Rows of the whole input picture, and of padding before it.
    pub height: usize,
    pub top: usize,
    /// Which rows of the output, from and up to.
    pub rows: (usize, usize),
    /// Pixels in a row of the output.
    pub width: usize,
    pub packed: &'a PackedDepthwise,
    /// Which group of the weights.
    pub group: usize,
    pub finish: Last<'a>,
}

/// What happens to the sums of a depthwise convolution.
#[derive(Clone, Copy)]
pub(super) enum Last<'a> {
    /// min(max(v, 0), 6)
    Relu6,
    /// Nothing.
    Linear,
    /// Kept where this, laid out like the output, is strictly between 0 and 6, zero elsewhere: back through a `ReLU6`.
    Masked(&'a [f32]),
}

impl Depthwise<'_> {
    /// Computes `[rows][width][16]` into `output`. Panics if anything described lies outside the slices.
    pub(super) fn run(&self, level: SimdLevel, output: &mut [f32]) {
        let (first, last) = self.rows;
        let (kernel, stride) = (self.packed.kernel, self.packed.stride);
        assert!(level.is_available(), "this machine has no {}", level.name());
        assert!(first <= last && self.width > 0 && self.slots > 0, "a depthwise convolution of nothing");
        let read = self.slots * self.row_stride + ((self.width - 1) * stride + kernel) * GROUP;
        assert!(read <= self.input.len(), "a depthwise convolution would read past its input");
        let length = (last - first) * self.width * GROUP;
        let output = &mut output[..length];
        let taps = kernel * kernel * GROUP;
        let job = depthwise::Job {
            input: self.input.as_ptr(),
            slots: self.slots,
            row_stride: self.row_stride,
            height: self.height,
            top: self.top,
            first,
            last,
            width: self.width,
            weight: self.packed.weight[self.group * taps..(self.group + 1) * taps].as_ptr(),
            bias: self.packed.bias[self.group * GROUP..(self.group + 1) * GROUP].as_ptr(),
            output: output.as_mut_ptr(),
            finish: match self.finish {
                Last::Relu6 => depthwise::Finish::Relu6,
                Last::Linear => depthwise::Finish::Linear,
                Last::Masked(mask) => depthwise::Finish::Masked(mask[..length].as_ptr()),
            },
        };
        // SAFETY: the instructions exist, and reads, writes, mask and weights lie within their slices, checked above.
        unsafe {
            match (kernel, stride) {
                (3, 1) => level::run_depthwise::<3, 1>(level, &job),
                (3, _) => level::run_depthwise::<3, 2>(level, &job),
                (_, 1) => level::run_depthwise::<5, 1>(level, &job),
                _ => level::run_depthwise::<5, 2>(level, &job),
            }
        }
    }
}

#[cfg(test)]
mod tests;
