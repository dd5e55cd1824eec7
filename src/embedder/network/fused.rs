//! One inverted-residual block, fused so that what is expanded never leaves the cache.
//!
//! A block expands to six times its channels, convolves depthwise and projects back. Its expanded picture is the largest thing in
//! the network (4.8 MB in the second block), so it is never whole in memory: rows are expanded into a ring just ahead of the depthwise window,
//! and a band of depthwise rows is projected at once. Small pictures go the other way: all rows, two groups of channels at a time.

mod parts;

use super::{Scratch, packed};
use crate::embedder::kernels::{
    Depthwise, Finish, GROUP, Last, Packed, PackedDepthwise, Product, Rows, SimdLevel, Values,
};
use crate::embedder::lite::{self, Block};
use crate::embedder::weights::BlockWeights;
pub(in crate::embedder) use parts::Step;

/// Groups expanded together: one tile of the widest kernels.
const TOGETHER: usize = 2;
/// Bytes a block's ring and band may take: half of a usual second-level cache.
const CACHE: usize = 512 * 1024;

/// One block with packed weights and its plan.
pub(super) struct Fused {
    pub(super) shape: Block,
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

/// What a block expands from.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
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
    /// Packs the weights and plans the bands.
    pub(super) fn new(shape: Block, weights: &BlockWeights) -> Self {
        let filters = &weights.depthwise;
        Self {
            shape,
            expand: weights.expand.as_ref().map(packed),
            depthwise: PackedDepthwise::new(&filters.weight, &filters.bias, shape.kernel, shape.stride),
            project: packed(&weights.project),
            plan: Plan::of(&shape),
        }
    }

    /// From `scratch.pictures[0]` (or the image) to `scratch.pictures[1]`.
    pub(super) fn run(&self, source: Source<'_>, level: SimdLevel, scratch: &mut Scratch) {
        self.pass(source, level, None, scratch);
    }

    /// All of the block, or `only` one step of it on whatever `scratch` holds.
    fn pass(&self, source: Source<'_>, level: SimdLevel, only: Option<Step>, scratch: &mut Scratch) {
        let does = |step| only.is_none_or(|only| only == step);
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
                    _ if !does(Step::Expand) => {}
                    Source::Picture => self.expand((expanded, needed), chunk, scratch),
                    Source::Image { image, side, stem } => {
                        for row in expanded..needed {
                            patch_rows(image, side, row, &mut scratch.patch_rows);
                            self.expand_patches(stem, row, chunk, scratch);
                        }
                    }
                }
                if does(Step::Convolve) {
                    self.convolve((first, last), chunk, scratch);
                }
            }
            expanded = needed;
            if does(Step::Project) {
                self.project((first, last), level, scratch);
            }
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
                finish: Last::Relu6,
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
    use crate::embedder::kernels::Buffer;
    use crate::embedder::lite::Variant;
    use crate::embedder::weights::Convolution;
    use proptest::prelude::*;

    #[test]
    fn plans_stay_in_the_cache_and_cover_the_window() {
        for block in Variant::ALL.into_iter().flat_map(lite::blocks) {
            let plan = Plan::of(&block);
            assert!(plan.band >= 1 && plan.slots <= block.side, "{block:?} {plan:?}");
            let window = (plan.band - 1) * block.stride + block.kernel;
            assert!(plan.slots >= window.min(block.side), "{block:?} {plan:?}");
        }
    }

    fn convolution(weight: usize, channels: usize, seed: usize) -> Convolution {
        let number = |i: usize| ((i + 1) * (2 * seed + 7) % 201) as f32 / 100.0 - 1.0;
        Convolution {
            weight: (0..weight).map(number).collect(),
            bias: (0..channels).map(|i| number(i + seed)).collect(),
        }
    }

    /// 1x1 convolution, NHWC, the plain way.
    fn pointwise(x: &[f32], c: &Convolution) -> Vec<f32> {
        let (channels, depth) = (c.bias.len(), c.weight.len() / c.bias.len());
        let one = |(p, o): (&[f32], usize)| {
            p.iter().enumerate().map(|(k, v)| v * c.weight[k * channels + o]).sum::<f32>() + c.bias[o]
        };
        x.chunks(depth).flat_map(|p| (0..channels).map(move |o| (p, o))).map(one).collect()
    }

    fn depthwise(x: &[f32], c: &Convolution, b: &Block) -> Vec<f32> {
        let (side, channels, out) = (b.side, b.expanded, b.output_side());
        let pad = lite::leading_padding(side, b.kernel, b.stride);
        let mut y = Vec::new();
        for (row, column, channel) in
            (0..out * out * channels).map(|i| (i / channels / out, i / channels % out, i % channels))
        {
            let mut sum = c.bias[channel];
            for (ky, kx) in (0..b.kernel * b.kernel).map(|t| (t / b.kernel, t % b.kernel)) {
                let (iy, ix) = ((row * b.stride + ky).wrapping_sub(pad), (column * b.stride + kx).wrapping_sub(pad));
                if iy < side && ix < side {
                    sum +=
                        x[(iy * side + ix) * channels + channel] * c.weight[(ky * b.kernel + kx) * channels + channel];
                }
            }
            y.push(sum.clamp(0.0, 6.0));
        }
        y
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn a_block_cut_into_any_bands_is_the_plain_block(
            side in 3usize..30, input in 1usize..40, times in 2usize..4, same: bool, output in 1usize..40,
            five: bool, two: bool, band in 1usize..30, seed in 0usize..50,
        ) {
            let (kernel, stride) = (if five { 5 } else { 3 }, if two { 2 } else { 1 });
            let shape = Block { kernel, stride, input, expanded: input * times, output: if same { input } else { output }, side };
            let out = shape.output_side();
            let expand = convolution(input * shape.expanded, shape.expanded, seed);
            let filters = convolution(kernel * kernel * shape.expanded, shape.expanded, seed + 1);
            let project = convolution(shape.expanded * shape.output, shape.output, seed + 2);
            let x: Vec<f32> = (0..side * side * input).map(|i| (i * 37 % 101) as f32 / 50.0 - 1.0).collect();

            let expanded: Vec<f32> = pointwise(&x, &expand).into_iter().map(|v| v.clamp(0.0, 6.0)).collect();
            let mut expected = pointwise(&depthwise(&expanded, &filters, &shape), &project);
            if shape.residual() {
                expected.iter_mut().zip(&x).for_each(|(y, x)| *y += x);
            }

            let whole = Plan::of(&shape);
            let band = band.min(out);
            let plan = Plan { band, slots: side.min((band - 1) * stride + kernel), ..whole };
            let depthwise = PackedDepthwise::new(&filters.weight, &filters.bias, kernel, stride);
            let fused = Fused { shape, expand: Some(packed(&expand)), depthwise, project: packed(&project), plan };
            let mut scratch = Scratch::default();
            scratch.pictures[0] = Buffer::zeros(input.next_multiple_of(GROUP) * side * side);
            for (i, v) in x.iter().enumerate() {
                scratch.pictures[0][(i % input / GROUP * side * side + i / input) * GROUP + i % input % GROUP] = *v;
            }
            scratch.ring.at_least(1 << 20);
            for level in SimdLevel::available() {
                scratch.ring.fill(f32::NAN); // nothing of an earlier photo may be read
                scratch.pictures[1].fill(f32::NAN);
                fused.run(Source::Picture, level, &mut scratch);
                for (i, want) in expected.iter().enumerate() {
                    let (p, c, level) = (i / shape.output, i % shape.output, level.name());
                    let got = scratch.pictures[1][(c / GROUP * out * out + p) * GROUP + c % GROUP];
                    prop_assert!((got - want).abs() <= 1e-3 * (1.0 + want.abs()), "{level} pixel {p} channel {c}: {got} {want} {plan:?}");
                }
            }
        }
    }
}
