//! The last stage: a 1x1 convolution with `ReLU6`, then the mean over the pixels.

use super::custom::Stage;
use super::layout::{self, gather, grouped, scatter};
use super::pointwise::{Pair, product, weight_gradient};
use super::{Spare, Threads};
use crate::embedder::kernels::{Buffer, Finish, GROUP, Packed, SimdLevel};
use candle_core::Shape;
use std::sync::Arc;

/// Pixels one chunk holds about.
const CHUNK: usize = 196;

/// The convolution whose parameters are given at each call, flat: weight `[input, output]`, bias `[output]`.
pub(crate) struct LastConvolution {
    pub(crate) side: usize,
    pub(crate) input: usize,
    pub(crate) output: usize,
    pub(crate) level: SimdLevel,
    pub(crate) threads: Threads,
    pub(crate) spare: Arc<Spare>,
}

/// A chunk's pictures in groups: what came in, and what the convolution made of it.
pub(crate) struct Chunk {
    photos: usize,
    input: Buffer,
    wide: Buffer,
}

impl LastConvolution {
    const fn pixels(&self) -> usize {
        self.side * self.side
    }

    fn photos_a_chunk(&self) -> usize {
        (CHUNK / self.pixels()).clamp(1, 8)
    }

    fn forward_chunk(&self, packed: &Packed, x: &[f32], y: &mut [f32]) -> Chunk {
        let pixels = x.len() / self.input;
        let mut input = self.spare.take(grouped(self.input, pixels));
        gather(x, self.input, &mut input);
        let mut wide = self.spare.take(grouped(self.output, pixels));
        product(self.level, packed, &input, Finish::Relu6, &mut wide);
        for (group, picture) in wide.chunks_exact(pixels * GROUP).enumerate() {
            for (photo, y) in picture.chunks_exact(self.pixels() * GROUP).zip(y.chunks_exact_mut(self.output)) {
                let lanes = y.chunks_mut(GROUP).nth(group).unwrap_or_default();
                layout::add_column_sums(photo, self.pixels(), lanes);
                for v in lanes {
                    *v /= self.pixels() as f32;
                }
            }
        }
        Chunk { photos: pixels / self.pixels(), input, wide }
    }

    /// Puts the gradient of the convolution's sums in place of its results, and that of the input into `gx` unless that is empty.
    /// Returns the gradient of the bias.
    fn backward_chunk(&self, packed: &Packed, chunk: &mut Chunk, gradient: &[f32], gx: &mut [f32]) -> Vec<f32> {
        let (pixels, mut bias) = (self.pixels(), vec![0.0; self.output]);
        for (group, picture) in chunk.wide.chunks_exact_mut(chunk.photos * pixels * GROUP).enumerate() {
            for (photo, g) in picture.chunks_exact_mut(pixels * GROUP).zip(gradient.chunks_exact(self.output)) {
                let mut share = [0.0; GROUP];
                share.iter_mut().zip(&g[group * GROUP..]).for_each(|(s, g)| *s = g / pixels as f32);
                for line in photo.as_chunks_mut::<GROUP>().0 {
                    let masked = line.iter_mut().zip(share);
                    masked.for_each(|(v, s)| *v = if *v > 0.0 && *v < 6.0 { s } else { 0.0 });
                }
            }
        }
        layout::add_column_sums(&chunk.wide, chunk.photos * pixels, &mut bias);
        if !gx.is_empty() {
            let mut result = self.spare.take(chunk.input.len());
            product(self.level, packed, &chunk.wide, Finish::Linear, &mut result);
            scatter(&result, self.input, gx);
            self.spare.put([result]);
        }
        bias
    }
}

impl Stage for LastConvolution {
    type Kept = Vec<Chunk>;
    const NAME: &'static str = "last convolution";

    fn lengths(&self) -> (usize, usize) {
        (self.pixels() * self.input, self.output)
    }

    fn shape(&self, photos: usize) -> Shape {
        (photos, self.output).into()
    }

    fn parameters(&self) -> usize {
        (self.input + 1) * self.output
    }

    fn kept_bytes(&self) -> usize {
        4 * self.pixels() * (self.input + self.output)
    }

    fn forward(&self, x: &[f32], parameters: &[f32], keep: bool) -> (Vec<f32>, Vec<Chunk>) {
        let (weight, bias) = parameters.split_at(self.input * self.output);
        let packed = Packed::new(weight, bias);
        let (photos, before) = (self.photos_a_chunk(), self.lengths().0);
        let mut y = vec![0.0; x.len() / before * self.output];
        let work = x.chunks(photos * before).zip(y.chunks_mut(photos * self.output)).collect();
        let chunks = self.threads.each(work, |(x, y): (&[f32], &mut [f32])| {
            let chunk = self.forward_chunk(&packed, x, y);
            if keep {
                return Some(chunk);
            }
            self.spare.put([chunk.input, chunk.wide]);
            None
        });
        (y, chunks.into_iter().flatten().collect())
    }

    fn backward(
        &self,
        parameters: &[f32],
        mut kept: Vec<Chunk>,
        gradient: &[f32],
        wanted: bool,
    ) -> (Vec<f32>, Vec<f32>) {
        let (photos, before) = (self.photos_a_chunk(), self.lengths().0);
        let packed = Packed::transposed(&parameters[..self.input * self.output], self.output);
        let mut gx = vec![0.0; if wanted { gradient.len() / self.output * before } else { 0 }];
        let mut pieces = gx.chunks_mut(photos * before);
        let gradients = gradient.chunks(photos * self.output);
        let work = kept.iter_mut().zip(gradients).map(|(c, g)| (c, g, pieces.next().unwrap_or_default())).collect();
        let biases = self
            .threads
            .each(work, |(chunk, g, gx): (&mut Chunk, &[f32], &mut [f32])| self.backward_chunk(&packed, chunk, g, gx));
        let pair = |c| -> Pair<'_> {
            let c: &Chunk = c;
            Pair { wide: &c.wide, narrow: &c.input, pixels: c.photos * self.pixels() }
        };
        let pairs: Vec<_> = kept.iter().map(pair).collect();
        let turned = weight_gradient(self.level, self.threads, &pairs, (self.output, self.input));
        let mut result = vec![0.0; parameters.len()];
        let (weight, bias) = result.split_at_mut(self.input * self.output);
        layout::transposed(&turned, self.input, weight);
        for part in &biases {
            layout::add(bias, part);
        }
        for chunk in kept {
            self.spare.put([chunk.input, chunk.wide]);
        }
        (gx, result)
    }
}
