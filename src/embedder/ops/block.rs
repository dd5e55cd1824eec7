//! One inverted-residual block, forward and backward, chunk by chunk.

use super::custom::Stage;
use super::layout::{self, gather, grouped, scatter};
use super::pointwise::{Pair, product, weight_gradient};
use super::{Spare, Threads, depthwise};
use crate::embedder::kernels::{Buffer, Finish, Packed, PackedDepthwise, SimdLevel};
use crate::embedder::lite::Block;
use candle_core::Shape;
use std::sync::Arc;

/// Pixels of the incoming pictures one chunk holds about.
const CHUNK: usize = 196;

/// A block whose parameters are given at each call, flat: expand weight `[input, expanded]` and bias (where it expands), depthwise
/// weight `[k, k, expanded]` and bias, project weight `[expanded, output]` and bias.
pub(crate) struct Inverted {
    pub(crate) shape: Block,
    pub(crate) level: SimdLevel,
    pub(crate) threads: Threads,
    pub(crate) spare: Arc<Spare>,
}

/// A chunk's pictures in groups.
pub(crate) struct Chunk {
    photos: usize,
    input: Buffer,
    expanded: Option<Buffer>,
    convolved: Buffer,
}

/// The flat parameters (or their gradients), part by part.
struct Parts<T> {
    expand: Option<(T, T)>,
    depthwise: (T, T),
    project: (T, T),
}

impl<T> Parts<T> {
    /// `take` cuts the given count of numbers off the front.
    fn of(block: &Block, mut take: impl FnMut(usize) -> T) -> Self {
        let (taps, wide) = (block.kernel * block.kernel, block.expanded);
        let mut both = |weight: usize, bias: usize| (take(weight), take(bias));
        Self {
            expand: block.expands().then(|| both(block.input * wide, wide)),
            depthwise: both(taps * wide, wide),
            project: both(wide * block.output, block.output),
        }
    }
}

/// The slices of `parameters` (as many as [`Stage::parameters`] says).
fn parts<'a>(block: &Block, parameters: &'a [f32]) -> Parts<&'a [f32]> {
    let mut rest = parameters;
    Parts::of(block, |count| {
        let (part, after) = rest.split_at(count);
        rest = after;
        part
    })
}

fn parts_mut<'a>(block: &Block, parameters: &'a mut [f32]) -> Parts<&'a mut [f32]> {
    let mut rest = parameters;
    Parts::of(block, |count| {
        let (part, after) = std::mem::take(&mut rest).split_at_mut(count);
        rest = after;
        part
    })
}

/// Weights packed for the way forward.
struct Forward {
    expand: Option<Packed>,
    depthwise: PackedDepthwise,
    project: Packed,
}

/// Weights packed for the way back.
struct Backward {
    expand: Option<Packed>,
    depthwise: PackedDepthwise,
    project: Packed,
}

impl Inverted {
    /// Pixels a photo has before and after.
    const fn pixels(&self) -> (usize, usize) {
        (self.shape.side * self.shape.side, self.shape.output_side() * self.shape.output_side())
    }

    fn photos_a_chunk(&self) -> usize {
        (CHUNK / self.pixels().0).clamp(1, 8)
    }

    fn forward_chunk(&self, packed: &Forward, x: &[f32], y: &mut [f32]) -> Chunk {
        let (block, (before, after)) = (&self.shape, self.pixels());
        let photos = x.len() / (before * block.input);
        let mut input = self.spare.take(grouped(block.input, before * photos));
        gather(x, block.input, &mut input);
        let expanded = packed.expand.as_ref().map(|expand| {
            let mut expanded = self.spare.take(grouped(block.expanded, before * photos));
            product(self.level, expand, &input, Finish::Relu6, &mut expanded);
            expanded
        });
        let mut convolved = self.spare.take(grouped(block.expanded, after * photos));
        let source = expanded.as_ref().unwrap_or(&input);
        depthwise::forward(self.level, block, &packed.depthwise, source, &mut convolved);
        let mut output = self.spare.take(grouped(block.output, after * photos));
        let finish = if block.residual() { Finish::Add(&input) } else { Finish::Linear };
        product(self.level, &packed.project, &convolved, finish, &mut output);
        scatter(&output, block.output, y);
        self.spare.put([output]);
        Chunk { photos, input, expanded, convolved }
    }

    /// From the gradient of the output (in groups) to that of the input, into `gx` unless that is empty.
    /// The chunk's wide pictures become their own gradients. Returns the sums of the depthwise kernel.
    fn backward_chunk(&self, packed: &Backward, chunk: &mut Chunk, gradient: &[f32], gx: &mut [f32]) -> Vec<f32> {
        let block = &self.shape;
        product(self.level, &packed.project, gradient, Finish::Masked, &mut chunk.convolved);
        let mut sums = vec![0.0; depthwise::sums(block)];
        let source = chunk.expanded.as_mut().unwrap_or(&mut chunk.input);
        depthwise::backward(self.level, block, &packed.depthwise, &chunk.convolved, source, &mut sums);
        if gx.is_empty() {
            return sums;
        }
        if let (Some(expand), Some(expanded)) = (&packed.expand, &chunk.expanded) {
            let mut result = self.spare.take(chunk.input.len());
            let finish = if block.residual() { Finish::Add(gradient) } else { Finish::Linear };
            product(self.level, expand, expanded, finish, &mut result);
            scatter(&result, block.input, gx);
            self.spare.put([result]);
        } else {
            if block.residual() {
                layout::add(&mut chunk.input, gradient);
            }
            scatter(&chunk.input, block.input, gx);
        }
        sums
    }

    fn give_back(&self, chunk: Chunk) {
        self.spare.put([chunk.input, chunk.convolved].into_iter().chain(chunk.expanded));
    }

    /// The gradient of the projection, from the chunks as the way forward left them.
    fn project_gradient(&self, chunks: &[Chunk], gradients: &[Buffer], (weight, bias): (&mut [f32], &mut [f32])) {
        let (block, (_, after)) = (&self.shape, self.pixels());
        let pairs =
            chunks.iter().zip(gradients).map(|(c, g)| Pair { wide: &c.convolved, narrow: g, pixels: c.photos * after });
        let pairs: Vec<_> = pairs.collect();
        weight.copy_from_slice(&weight_gradient(self.level, self.threads, &pairs, (block.expanded, block.output)));
        for p in &pairs {
            layout::add_column_sums(p.narrow, p.pixels, bias);
        }
    }

    /// The gradient of the expansion, from the chunks as the way back left them.
    fn expand_gradient(&self, chunks: &[Chunk], (weight, bias): (&mut [f32], &mut [f32])) {
        let (block, (before, _)) = (&self.shape, self.pixels());
        let pairs = chunks
            .iter()
            .filter_map(|c| Some(Pair { wide: c.expanded.as_deref()?, narrow: &c.input, pixels: c.photos * before }));
        let pairs: Vec<_> = pairs.collect();
        let turned = weight_gradient(self.level, self.threads, &pairs, (block.expanded, block.input));
        layout::transposed(&turned, block.input, weight);
        let sums = self.threads.each(pairs, |p| {
            let mut sums = vec![0.0; block.expanded];
            layout::add_column_sums(p.wide, p.pixels, &mut sums);
            sums
        });
        for part in &sums {
            layout::add(bias, part);
        }
    }
}

impl Stage for Inverted {
    type Kept = Vec<Chunk>;
    const NAME: &'static str = "inverted residual block";

    fn lengths(&self) -> (usize, usize) {
        let (before, after) = self.pixels();
        (before * self.shape.input, after * self.shape.output)
    }

    fn shape(&self, photos: usize) -> Shape {
        let side = self.shape.output_side();
        (photos, side, side, self.shape.output).into()
    }

    fn parameters(&self) -> usize {
        let mut total = 0;
        Parts::of(&self.shape, |count| total += count);
        total
    }

    fn kept_bytes(&self) -> usize {
        let (before, after) = self.pixels();
        let wide = if self.shape.expands() { before } else { 0 } + after;
        4 * (before * self.shape.input + wide * self.shape.expanded)
    }

    fn forward(&self, x: &[f32], parameters: &[f32], keep: bool) -> (Vec<f32>, Vec<Chunk>) {
        let (block, (before, after)) = (&self.shape, self.lengths());
        let parts = parts(block, parameters);
        let packed = Forward {
            expand: parts.expand.map(|(weight, bias)| Packed::new(weight, bias)),
            depthwise: PackedDepthwise::new(parts.depthwise.0, parts.depthwise.1, block.kernel, block.stride),
            project: Packed::new(parts.project.0, parts.project.1),
        };
        let photos = self.photos_a_chunk();
        let mut y = vec![0.0; x.len() / before * after];
        let work = x.chunks(photos * before).zip(y.chunks_mut(photos * after)).collect();
        let chunks = self.threads.each(work, |(x, y): (&[f32], &mut [f32])| {
            let chunk = self.forward_chunk(&packed, x, y);
            if keep {
                return Some(chunk);
            }
            self.give_back(chunk);
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
        let (block, (before, after)) = (&self.shape, self.lengths());
        let photos = self.photos_a_chunk();
        let parts = parts(block, parameters);
        let packed = Backward {
            expand: parts.expand.filter(|_| wanted).map(|(weight, _)| Packed::transposed(weight, block.expanded)),
            depthwise: PackedDepthwise::flipped(parts.depthwise.0, block.kernel),
            project: Packed::transposed(parts.project.0, block.output),
        };
        let gradients = self.threads.each(gradient.chunks(photos * after).collect(), |part: &[f32]| {
            let mut groups = self.spare.take(grouped(block.output, part.len() / block.output));
            gather(part, block.output, &mut groups);
            groups
        });
        let mut result = vec![0.0; parameters.len()];
        let into = parts_mut(block, &mut result);
        self.project_gradient(&kept, &gradients, into.project);
        let mut gx = vec![0.0; if wanted { gradient.len() / after * before } else { 0 }];
        let mut pieces = gx.chunks_mut(photos * before);
        let work = kept.iter_mut().zip(&gradients).map(|(c, g)| (c, g, pieces.next().unwrap_or_default())).collect();
        let sums = self
            .threads
            .each(work, |(chunk, g, gx): (&mut Chunk, &Buffer, &mut [f32])| self.backward_chunk(&packed, chunk, g, gx));
        let mut total = vec![0.0; depthwise::sums(block)];
        for part in &sums {
            layout::add(&mut total, part);
        }
        depthwise::unpacked(block, &total, into.depthwise.0, into.depthwise.1);
        if let Some(into) = into.expand {
            self.expand_gradient(&kept, into);
        }
        self.spare.put(gradients);
        for chunk in kept {
            self.give_back(chunk);
        }
        (gx, result)
    }
}
