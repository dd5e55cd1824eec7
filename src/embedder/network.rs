//! The forward pass: one photo on the calling thread, blocks fused so that what is expanded never leaves the cache.
//!
//! A block expands to six times its channels, convolves depthwise and projects back. Its expanded picture is the largest thing in
//! the network (4.8 MB in the second block), so it is never whole in memory: rows are expanded into a ring just ahead of the depthwise window,
//! and a band of depthwise rows is projected at once. Small pictures go the other way: all rows, two groups of channels at a time.

use super::EmbedderError;
use super::kernels::{Buffer, Depthwise, Finish, GROUP, Packed, PackedDepthwise, Product, Rows, SimdLevel, Values};
use super::lite::{self, Block, Variant};
use super::weights::{BlockWeights, Convolution, Weights};

/// Groups expanded together: one tile of the widest kernels.
const TOGETHER: usize = 2;
/// Bytes a block's ring and band may take: half of a usual second-level cache.
const CACHE: usize = 512 * 1024;

/// Buffers one worker reuses from photo to photo. Make one a thread; any network can use it.
#[derive(Default)]
pub struct Scratch {
    ring: Buffer,
    band: Buffer,
    pictures: [Buffer; 2],
    patch_rows: Vec<f32>,
}

/// A network ready to run.
pub(super) struct Network {
    level: SimdLevel,
    side: usize,
    stem: Packed,
    blocks: Vec<Fused>,
    head: Packed,
}

/// One block with packed weights and its plan.
struct Fused {
    shape: Block,
    expand: Option<Packed>,
    depthwise: PackedDepthwise,
    project: Packed,
    plan: Plan,
}

/// How a block is cut into bands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Plan {
    /// Output rows a band.
    band: usize,
    /// Rows the ring holds.
    slots: usize,
    /// Columns of padding before the picture (and rows above it).
    padding: usize,
    /// Pixels in a row of the ring, padding included.
    columns: usize,
}

impl Plan {
    fn of(block: &Block) -> Self {
        let (side, out) = (block.side, block.output_side());
        let padding = lite::leading_padding(side, block.kernel, block.stride);
        let columns = (padding + side).max((out - 1) * block.stride + block.kernel);
        let slots = |band: usize| side.min((band - 1) * block.stride + block.kernel);
        let channels = block.expanded.next_multiple_of(GROUP);
        let bytes = |band: usize| {
            let ringed = if band == out { TOGETHER * GROUP } else { channels };
            4 * (ringed * (slots(band) + 1) * columns + channels * band * out)
        };
        let band = if bytes(out) <= CACHE + CACHE / 4 {
            out
        } else {
            (1..out).rev().find(|&b| bytes(b) <= CACHE).unwrap_or(1)
        };
        Self { band, slots: slots(band), padding, columns }
    }

    /// Numbers in the ring of one group: its rows and the row of zeros.
    const fn ring(&self) -> usize {
        (self.slots + 1) * self.columns * GROUP
    }
}

fn packed(c: &Convolution) -> Packed {
    Packed::new(&c.weight, &c.bias)
}

impl Network {
    /// Packs the weights for the kernels.
    pub(super) fn new(weights: &Weights, variant: Variant, level: SimdLevel) -> Self {
        let fused = |(shape, w): (Block, &BlockWeights)| Fused {
            shape,
            expand: w.expand.as_ref().map(packed),
            depthwise: PackedDepthwise::new(&w.depthwise.weight, &w.depthwise.bias, shape.kernel, shape.stride),
            project: packed(&w.project),
            plan: Plan::of(&shape),
        };
        Self {
            level,
            side: variant.input_side(),
            stem: packed(&weights.stem),
            blocks: lite::blocks(variant).into_iter().zip(&weights.blocks).map(fused).collect(),
            head: packed(&weights.head),
        }
    }

    /// Features `[1280]` of an image NHWC `[side, side, 3]`.
    pub(super) fn features(&self, image: &[f32], scratch: &mut Scratch) -> Result<Vec<f32>, EmbedderError> {
        self.run(image, self.blocks.len(), scratch)?;
        Ok(self.pool(scratch))
    }

    /// The input of block `cut` (NHWC `[side, side, channels]`) for an image NHWC `[side, side, 3]`.
    pub(super) fn activations(
        &self,
        image: &[f32],
        cut: usize,
        scratch: &mut Scratch,
    ) -> Result<Vec<f32>, EmbedderError> {
        let shape = self.blocks.get(cut).map(|b| b.shape).filter(|_| cut > 0).ok_or(EmbedderError::Cut(cut))?;
        self.run(image, cut, scratch)?;
        let pixels = shape.side * shape.side;
        let picture = &scratch.pictures[0];
        let value =
            |i: usize| picture[(i % shape.input / GROUP * pixels + i / shape.input) * GROUP + i % shape.input % GROUP];
        Ok((0..pixels * shape.input).map(value).collect())
    }

    /// Runs the stem and the first `count` blocks; the result is in `scratch.pictures[0]`.
    fn run(&self, image: &[f32], count: usize, scratch: &mut Scratch) -> Result<(), EmbedderError> {
        let expected = self.side * self.side * 3;
        if image.len() != expected {
            return Err(EmbedderError::ImageLength { expected, got: image.len() });
        }
        for (number, block) in self.blocks.iter().take(count).enumerate() {
            let source =
                if number == 0 { Source::Image { image, side: self.side, stem: &self.stem } } else { Source::Picture };
            block.run(source, self.level, scratch);
            scratch.pictures.swap(0, 1);
        }
        Ok(())
    }

    /// The head on `scratch.pictures[0]`, and the mean over its pixels.
    fn pool(&self, scratch: &mut Scratch) -> Vec<f32> {
        let side = self.blocks.last().map_or(0, |b| b.shape.output_side());
        let pixels = side * side;
        scratch.band.at_least(self.head.groups() * GROUP);
        let sums = &mut scratch.band[..self.head.groups() * GROUP];
        sums.fill(0.0);
        let product = Product {
            input: &scratch.pictures[0],
            values: Values::Groups { group_stride: pixels * GROUP },
            pixels,
            packed: &self.head,
            groups: (0, self.head.groups()),
            rows: Rows::flat(pixels),
            group_stride: GROUP,
            finish: Finish::Sum,
        };
        product.run(self.level, sums);
        sums.iter().take(self.head.channels).map(|sum| sum / pixels as f32).collect()
    }
}

/// What a block expands from.
#[derive(Clone, Copy)]
enum Source<'a> {
    /// `scratch.pictures[0]`, through the block's own 1x1 convolution.
    Picture,
    /// An image NHWC `[side, side, 3]`, through the stem: the first block expands nothing itself.
    Image { image: &'a [f32], side: usize, stem: &'a Packed },
}

/// Some groups of channels on their way through a block.
#[derive(Clone, Copy)]
struct Chunk {
    from: usize,
    to: usize,
    /// Where the ring of the first one starts.
    ring: usize,
    level: SimdLevel,
}

impl Fused {
    /// From `scratch.pictures[0]` (or the image) to `scratch.pictures[1]`.
    fn run(&self, source: Source<'_>, level: SimdLevel, scratch: &mut Scratch) {
        let (out, groups) = (self.shape.output_side(), self.shape.expanded.div_ceil(GROUP));
        let whole = self.plan.band == out;
        self.prepare(if whole { TOGETHER } else { groups }, scratch);
        let mut expanded = 0;
        for first in (0..out).step_by(self.plan.band) {
            let last = out.min(first + self.plan.band);
            let window_end = (last - 1) * self.shape.stride + self.shape.kernel;
            let needed = self.shape.side.min(window_end.saturating_sub(self.plan.padding));
            for from in (0..groups).step_by(TOGETHER) {
                let to = groups.min(from + TOGETHER);
                let chunk = Chunk { from, to, ring: if whole { 0 } else { from * self.plan.ring() }, level };
                match source {
                    Source::Picture => self.expand((expanded, needed), chunk, scratch),
                    Source::Image { image, side, stem } => {
                        for row in expanded..needed {
                            patch_rows(image, side, row, &mut scratch.patch_rows);
                            self.expand_patches(stem, row, chunk, scratch);
                        }
                    }
                }
                self.convolve((first, last), chunk, scratch);
            }
            expanded = needed;
            self.project((first, last), level, scratch);
        }
    }

    /// Makes room, and zeros where a ring holds no pixel: the columns of padding and the row after the last slot.
    fn prepare(&self, rings: usize, scratch: &mut Scratch) {
        let Plan { band, slots, padding, columns } = self.plan;
        let (out, side) = (self.shape.output_side(), self.shape.side);
        scratch.band.at_least(self.shape.expanded.next_multiple_of(GROUP) * band * out);
        scratch.pictures[1].at_least(self.project.groups() * out * out * GROUP);
        scratch.ring.at_least(rings * self.plan.ring());
        for ring in scratch.ring.chunks_exact_mut(self.plan.ring()).take(rings) {
            let (rows, zeros) = ring.split_at_mut(slots * columns * GROUP);
            zeros.fill(0.0);
            for row in rows.chunks_exact_mut(columns * GROUP) {
                row[..padding * GROUP].fill(0.0);
                row[(padding + side) * GROUP..].fill(0.0);
            }
        }
    }

    /// Where rows from `row` on go in a ring.
    fn ring_rows(&self, row: usize) -> Rows {
        let Plan { slots, columns, .. } = self.plan;
        Rows { width: self.shape.side, row_stride: columns * GROUP, slot: row % slots, slots }
    }

    /// Expands input rows `from..to` into the rings of a chunk.
    fn expand(&self, (from, to): (usize, usize), chunk: Chunk, scratch: &mut Scratch) {
        let Some(packed) = &self.expand else { return };
        let side = self.shape.side;
        let product = Product {
            input: &scratch.pictures[0][from * side * GROUP..],
            values: Values::Groups { group_stride: side * side * GROUP },
            pixels: (to - from) * side,
            packed,
            groups: (chunk.from, chunk.to),
            rows: self.ring_rows(from),
            group_stride: self.plan.ring(),
            finish: Finish::Relu6,
        };
        product.run(chunk.level, &mut scratch.ring[chunk.ring + self.plan.padding * GROUP..]);
    }

    /// One row of the stem from `scratch.patch_rows` into the rings of a chunk.
    fn expand_patches(&self, stem: &Packed, row: usize, chunk: Chunk, scratch: &mut Scratch) {
        let product = Product {
            input: &scratch.patch_rows,
            values: Values::Patches { row_stride: scratch.patch_rows.len() / 3 },
            pixels: self.shape.side,
            packed: stem,
            groups: (chunk.from, chunk.to),
            rows: self.ring_rows(row),
            group_stride: self.plan.ring(),
            finish: Finish::Relu6,
        };
        product.run(chunk.level, &mut scratch.ring[chunk.ring + self.plan.padding * GROUP..]);
    }

    /// Depthwise rows `rows` of a chunk into the band.
    fn convolve(&self, rows: (usize, usize), chunk: Chunk, scratch: &mut Scratch) {
        let out = self.shape.output_side();
        let size = (rows.1 - rows.0) * out * GROUP;
        for group in chunk.from..chunk.to {
            let convolution = Depthwise {
                input: &scratch.ring[chunk.ring + (group - chunk.from) * self.plan.ring()..],
                slots: self.plan.slots,
                row_stride: self.plan.columns * GROUP,
                height: self.shape.side,
                top: self.plan.padding,
                rows,
                width: out,
                packed: &self.depthwise,
                group,
            };
            convolution.run(chunk.level, &mut scratch.band[group * size..]);
        }
    }

    /// Projects the band (output rows `first..last`) into `scratch.pictures[1]`.
    fn project(&self, (first, last): (usize, usize), level: SimdLevel, scratch: &mut Scratch) {
        let out = self.shape.output_side();
        let (pixels, start) = ((last - first) * out, first * out * GROUP);
        let [input, output] = &mut scratch.pictures;
        let product = Product {
            input: &scratch.band,
            values: Values::Groups { group_stride: pixels * GROUP },
            pixels,
            packed: &self.project,
            groups: (0, self.project.groups()),
            rows: Rows::flat(pixels),
            group_stride: out * out * GROUP,
            finish: if self.shape.residual() { Finish::Add(&input[start..]) } else { Finish::Linear },
        };
        product.run(level, &mut output[start..]);
    }
}

/// The three image rows under row `row` of the stem's output, with the zeros "SAME" padding adds around them.
fn patch_rows(image: &[f32], side: usize, row: usize, rows: &mut Vec<f32>) {
    let padding = lite::leading_padding(side, 3, 2);
    let columns = ((side.div_ceil(2) - 1) * 2 + 3).max(padding + side);
    rows.clear();
    rows.resize(3 * columns * 3, 0.0);
    for (k, line) in rows.chunks_exact_mut(columns * 3).enumerate() {
        let y = (2 * row + k).wrapping_sub(padding);
        if let Some(pixels) = image.chunks_exact(side * 3).nth(y) {
            line[padding * 3..][..side * 3].copy_from_slice(pixels);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_stay_in_the_cache_and_cover_the_window() {
        for block in Variant::ALL.into_iter().flat_map(lite::blocks) {
            let plan = Plan::of(&block);
            assert!(plan.band >= 1 && plan.slots <= block.side, "{block:?} {plan:?}");
            let window = (plan.band - 1) * block.stride + block.kernel;
            assert!(plan.slots >= window.min(block.side), "{block:?} {plan:?}");
        }
    }
}
