//! Depthwise convolutions on chunks of photos in groups of 16 channels: a group of one photo at a time, through a window with the padding around it.

use crate::embedder::kernels::{Buffer, Depthwise, GROUP, Last, PackedDepthwise, SimdLevel, Taps};
use crate::embedder::lite::{self, Block};

/// One group of one photo with zeros around it, and a row of zeros after it for what lies above and below.
struct Window {
    buffer: Buffer,
    /// Rows, and columns with the padding.
    height: usize,
    columns: usize,
    /// Padding before the first row and the first column.
    padding: usize,
    /// Distance of neighbouring pixels: 2 where a gradient comes back through a stride of 2.
    spacing: usize,
}

impl Window {
    fn new(side: usize, columns: usize, padding: usize, spacing: usize) -> Self {
        let height = (side - 1) * spacing + 1;
        let columns = columns.max(padding + height);
        Self { buffer: Buffer::zeros((height + 1) * columns * GROUP), height, columns, padding, spacing }
    }

    /// What a block's depthwise convolution looks at.
    fn forward(block: &Block) -> Self {
        let padding = lite::leading_padding(block.side, block.kernel, block.stride);
        Self::new(block.side, (block.output_side() - 1) * block.stride + block.kernel, padding, 1)
    }

    /// What comes back to it: the turned kernel looks at the gradient, whose pixels lie a stride apart.
    fn backward(block: &Block) -> Self {
        let padding = block.kernel - 1 - lite::leading_padding(block.side, block.kernel, block.stride);
        Self::new(block.output_side(), block.side + block.kernel - 1, padding, block.stride)
    }

    /// Copies a picture `[side][side][16]` in.
    fn fill(&mut self, picture: &[f32], side: usize) {
        let row_stride = self.spacing * self.columns * GROUP;
        for (from, to) in picture.chunks_exact(side * GROUP).zip(self.buffer.chunks_mut(row_stride)) {
            let to = &mut to[self.padding * GROUP..];
            if self.spacing == 1 {
                to[..side * GROUP].copy_from_slice(from);
                continue;
            }
            for (from, to) in from.chunks_exact(GROUP).zip(to.chunks_mut(self.spacing * GROUP)) {
                to[..GROUP].copy_from_slice(from);
            }
        }
    }

    /// Convolves into `output` `[side][side][16]`.
    fn convolve(
        &self,
        level: SimdLevel,
        (packed, group): (&PackedDepthwise, usize),
        side: usize,
        finish: Last<'_>,
        output: &mut [f32],
    ) {
        let convolution = Depthwise {
            input: &self.buffer,
            slots: self.height,
            row_stride: self.columns * GROUP,
            height: self.height,
            top: self.padding,
            rows: (0, side),
            width: side,
            packed,
            group,
            finish,
        };
        convolution.run(level, output);
    }
}

/// `ReLU6` of the convolution of a chunk: from `input` `[groups][photos][side * side][16]` to `output`, in the same layout.
pub(super) fn forward(level: SimdLevel, block: &Block, packed: &PackedDepthwise, input: &[f32], output: &mut [f32]) {
    let (side, out) = (block.side, block.output_side());
    let photos = input.len() / (block.expanded.next_multiple_of(GROUP) * side * side);
    let mut window = Window::forward(block);
    let pictures = input.chunks_exact(side * side * GROUP).zip(output.chunks_exact_mut(out * out * GROUP));
    for (i, (from, to)) in pictures.enumerate() {
        window.fill(from, side);
        window.convolve(level, (packed, i / photos), out, Last::Relu6, to);
    }
}

/// Numbers in the sums [`backward`] adds to: for each group the taps, then the bias.
pub(super) const fn sums(block: &Block) -> usize {
    block.expanded.div_ceil(GROUP) * (block.kernel * block.kernel + 1) * GROUP
}

/// The way back for a chunk. `picture` holds the convolution's input and then its gradient, masked by the `ReLU6` that made the input if one did;
/// `gradient` is that of the output, masked already; the gradients of kernel and bias are added to `sums`. `flipped` is the kernel turned.
pub(super) fn backward(
    level: SimdLevel,
    block: &Block,
    flipped: &PackedDepthwise,
    gradient: &[f32],
    picture: &mut [f32],
    sums: &mut [f32],
) {
    let (side, out, kernel, stride) = (block.side, block.output_side(), block.kernel, block.stride);
    let photos = picture.len() / (block.expanded.next_multiple_of(GROUP) * side * side);
    let (mut seen, mut back) = (Window::forward(block), Window::backward(block));
    let mut result = Buffer::zeros(side * side * GROUP);
    let pictures = picture.chunks_exact_mut(side * side * GROUP).zip(gradient.chunks_exact(out * out * GROUP));
    for (i, (picture, gradient)) in pictures.enumerate() {
        seen.fill(picture, side);
        let (input, row_stride, top) = (&*seen.buffer, seen.columns * GROUP, seen.padding);
        let taps = Taps { input, row_stride, height: side, top, gradient, side: out, kernel, stride };
        taps.run(level, &mut sums[i / photos * (kernel * kernel + 1) * GROUP..]);
        back.fill(gradient, out);
        let finish = if block.expands() { Last::Masked(picture) } else { Last::Linear };
        back.convolve(level, (flipped, i / photos), side, finish, &mut result);
        picture.copy_from_slice(&result);
    }
}

/// What [`backward`] summed as `[kernel][kernel][channels]` and `[channels]`.
pub(super) fn unpacked(block: &Block, sums: &[f32], weight: &mut [f32], bias: &mut [f32]) {
    let taps = block.kernel * block.kernel;
    let rows = weight.chunks_exact_mut(block.expanded).chain([bias]);
    for (tap, row) in rows.enumerate() {
        for (lanes, sums) in row.chunks_mut(GROUP).zip(sums.chunks_exact((taps + 1) * GROUP)) {
            lanes.copy_from_slice(&sums[tap * GROUP..][..lanes.len()]);
        }
    }
}
