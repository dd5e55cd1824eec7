//! The `EfficientNet-Lite` family, Lite0 to Lite4, from one table.
//!
//! `EfficientNet` (Tan & Le 2019, arXiv 1905.11946) scales one base network by a width and a depth factor. The "Lite" variants drop
//! squeeze-and-excitation, use `ReLU6`, and leave the stem, the head and the repeats of the first and last stage unscaled.

/// Which network of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// 224 pixels, 4.7 million parameters with the classifier. Built in.
    Lite0,
    /// 240 pixels.
    Lite1,
    /// 260 pixels.
    Lite2,
    /// 280 pixels.
    Lite3,
    /// 300 pixels.
    Lite4,
}

impl Variant {
    /// All five, smallest first.
    pub const ALL: [Self; 5] = [Self::Lite0, Self::Lite1, Self::Lite2, Self::Lite3, Self::Lite4];

    /// `lite0` .. `lite4`, as on the command line and in a backbone's id.
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// Side of the square input in pixels.
    pub const fn input_side(self) -> usize {
        self.row().3
    }

    /// What the shorter side of a photo is scaled to before the centre is cut out: the input is 0.875 of it.
    pub const fn resized_side(self) -> usize {
        (self.input_side() * 8 + 3) / 7
    }

    /// Name, width factor in tenths, depth factor in tenths, input side.
    const fn row(self) -> (&'static str, usize, usize, usize) {
        match self {
            Self::Lite0 => ("lite0", 10, 10, 224),
            Self::Lite1 => ("lite1", 10, 11, 240),
            Self::Lite2 => ("lite2", 11, 12, 260),
            Self::Lite3 => ("lite3", 12, 14, 280),
            Self::Lite4 => ("lite4", 14, 18, 300),
        }
    }
}

/// Channels out of the stem, a 3x3 convolution of stride 2 on three colours.
pub(super) const STEM_CHANNELS: usize = 32;
/// Channels out of the head's 1x1 convolution: the number of features.
pub(super) const HEAD_CHANNELS: usize = 1280;

/// One inverted-residual block: 1x1 expand, depthwise, 1x1 project; `ReLU6` after the first two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Side of the (square) depthwise kernel: 3 or 5.
    pub kernel: usize,
    /// 1 or 2.
    pub stride: usize,
    /// Channels in.
    pub input: usize,
    /// Channels between; equal to `input` where nothing is expanded.
    pub expanded: usize,
    /// Channels out.
    pub output: usize,
    /// Side of the (square) picture that comes in.
    pub side: usize,
}

impl Block {
    /// Side of the picture that goes out.
    pub(super) const fn output_side(&self) -> usize {
        self.side.div_ceil(self.stride)
    }

    /// Whether the input is added to the output.
    pub(super) const fn residual(&self) -> bool {
        self.stride == 1 && self.input == self.output
    }

    /// Whether there is an expanding 1x1 convolution.
    pub(super) const fn expands(&self) -> bool {
        self.input != self.expanded
    }
}

/// Stages of the base network: repeats, kernel, stride of the first, expansion, channels out.
const STAGES: [(usize, usize, usize, usize, usize); 7] = [
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
];

/// The blocks of `variant` in order.
pub(super) fn blocks(variant: Variant) -> Vec<Block> {
    let (_, width, depth, side) = variant.row();
    let mut side = side.div_ceil(2);
    let mut input = STEM_CHANNELS;
    let mut blocks = Vec::new();
    for (stage, &(repeats, kernel, first_stride, expansion, channels)) in STAGES.iter().enumerate() {
        let fixed = stage == 0 || stage == STAGES.len() - 1;
        let repeats = if fixed { repeats } else { (repeats * depth).div_ceil(10) };
        for repeat in 0..repeats {
            let stride = if repeat == 0 { first_stride } else { 1 };
            let output = scaled_channels(channels, width);
            let block = Block { kernel, stride, input, expanded: input * expansion, output, side };
            (side, input) = (block.output_side(), output);
            blocks.push(block);
        }
    }
    blocks
}

/// `channels` times `tenths` / 10, to the nearest multiple of 8 that loses at most a tenth.
const fn scaled_channels(channels: usize, tenths: usize) -> usize {
    let scaled = channels * tenths; // in tenths of a channel
    let rounded = (scaled + 40) / 80 * 8;
    if rounded * 100 < 9 * scaled { rounded + 8 } else { rounded }
}

/// Padding before the first row (or column) under `TensorFlow`'s "SAME": what is odd goes to the end.
pub(super) const fn leading_padding(side: usize, kernel: usize, stride: usize) -> usize {
    let covered = (side.div_ceil(stride) - 1) * stride + kernel;
    covered.saturating_sub(side) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parameters with the 1,000-class classifier and batch-norm's gain and shift.
    fn parameters(variant: Variant) -> usize {
        let blocks = blocks(variant);
        let last = blocks.last().unwrap().output;
        let each = blocks.iter().map(|b| {
            let expand = if b.expands() { b.input * b.expanded + 2 * b.expanded } else { 0 };
            expand + b.kernel * b.kernel * b.expanded + 2 * b.expanded + b.expanded * b.output + 2 * b.output
        });
        let stem = 27 * STEM_CHANNELS + 2 * STEM_CHANNELS;
        let head = last * HEAD_CHANNELS + 2 * HEAD_CHANNELS + HEAD_CHANNELS * 1000 + 1000;
        stem + each.sum::<usize>() + head
    }

    #[test]
    fn parameter_counts_are_the_published_ones() {
        // Published, in millions: 4.7, 5.4, 6.1, 8.2, 13.0 (TensorFlow's EfficientNet-Lite page).
        let tenths = Variant::ALL.map(|v| (parameters(v) + 50_000) / 100_000);
        assert_eq!(tenths, [47, 54, 61, 82, 130]);
    }

    #[test]
    fn lite0_cuts_before_the_first_192_channel_block_at_14_x_14_x_112() {
        let blocks = blocks(Variant::Lite0);
        assert_eq!(blocks.len(), 16);
        let expected = Block { kernel: 5, stride: 2, input: 112, expanded: 672, output: 192, side: 14 };
        assert_eq!(blocks.get(11), Some(&expected));
    }

    #[test]
    fn sides_before_the_crop() {
        assert_eq!(Variant::ALL.map(Variant::resized_side), [256, 274, 297, 320, 343]);
    }

    #[test]
    fn same_padding_puts_the_odd_row_at_the_end() {
        assert_eq!(leading_padding(224, 3, 2), 0);
        assert_eq!(leading_padding(112, 3, 1), 1);
        assert_eq!(leading_padding(56, 5, 2), 1);
        assert_eq!(leading_padding(14, 5, 1), 2);
    }
}
