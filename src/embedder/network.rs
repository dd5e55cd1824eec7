//! The forward pass: one photo on the calling thread, through the stem, the fused blocks and the head.

mod fused;

use super::EmbedderError;
use super::kernels::{Buffer, Finish, GROUP, Packed, Product, Rows, SimdLevel, Values};
use super::lite::{self, Block, Variant};
use super::weights::{BlockWeights, Convolution, Weights};
use fused::{Fused, Source, Step};

/// Buffers one worker reuses from photo to photo. Make one a thread; any network can use it.
#[derive(Default)]
pub struct Scratch {
    ring: Buffer,
    band: Buffer,
    pictures: [Buffer; 2],
    patch_rows: Vec<f32>,
}

/// One kernel of the forward pass, for measuring.
#[derive(Clone, Copy)]
pub(in crate::embedder) enum Part {
    /// A step of a block.
    Block(usize, Step),
    /// The last convolution with the mean.
    Pool,
}

/// A network ready to run.
pub(super) struct Network {
    level: SimdLevel,
    side: usize,
    stem: Packed,
    blocks: Vec<Fused>,
    head: Packed,
}

fn packed(c: &Convolution) -> Packed {
    Packed::new(&c.weight, &c.bias)
}

impl Network {
    /// Packs the weights for the kernels.
    pub(super) fn new(weights: &Weights, variant: Variant, level: SimdLevel) -> Self {
        let fused = |(shape, weights): (Block, &BlockWeights)| Fused::new(shape, weights);
        Self {
            level,
            side: variant.input_side(),
            stem: packed(&weights.stem),
            blocks: lite::blocks(variant).into_iter().zip(&weights.blocks).map(fused).collect(),
            head: packed(&weights.head),
        }
    }

    /// The instructions it computes with.
    pub(super) const fn level(&self) -> SimdLevel {
        self.level
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
            block.run(self.source(number, image), self.level, scratch);
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

    /// Where the blocks take their pictures from.
    fn source<'a>(&'a self, number: usize, image: &'a [f32]) -> Source<'a> {
        if number == 0 { Source::Image { image, side: self.side, stem: &self.stem } } else { Source::Picture }
    }

    /// The kernels of the forward pass in order: each with its place, its shape and its operations for one photo.
    pub(super) fn parts(&self) -> Vec<(Part, String, u64)> {
        let of_block = |(number, block): (usize, &Fused)| {
            let steps = block.steps((number == 0).then_some(self.stem.depth));
            let named = move |(step, words, operations): (Step, String, u64)| {
                (Part::Block(number, step), format!("block {number}: {words}"), operations)
            };
            steps.into_iter().map(named)
        };
        let mut parts: Vec<_> = self.blocks.iter().enumerate().flat_map(of_block).collect();
        let side = self.blocks.last().map_or(0, |b| b.shape.output_side());
        let (depth, channels) = (self.head.depth, self.head.channels);
        let operations = 2 * (side * side * depth * channels) as u64;
        parts.push((Part::Pool, format!("last 1x1 and mean, {side}x{side}, {depth} -> {channels}"), operations));
        parts
    }

    /// Runs one kernel on `image` or on whatever `scratch` holds: its result means nothing, its time does.
    pub(super) fn run_part(&self, part: Part, image: &[f32], scratch: &mut Scratch) {
        match part {
            Part::Block(number, step) => {
                if let Some(block) = self.blocks.get(number) {
                    block.run_step(step, self.source(number, image), self.level, scratch);
                }
            }
            Part::Pool => {
                let side = self.blocks.last().map_or(0, |b| b.shape.output_side());
                scratch.pictures[0].at_least(self.head.depth.next_multiple_of(GROUP) * side * side);
                self.pool(scratch);
            }
        }
    }
}
