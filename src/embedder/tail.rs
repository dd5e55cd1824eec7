//! The trainable end of the network: the blocks from a cut on, and the last convolution with its mean, as Candle variables. Cut before
//! block 0 it is the whole network, the stem included.

mod file;
mod plain;
#[cfg(test)]
mod tests;

use super::kernels::SimdLevel;
use super::lite::{self, Block, HEAD_CHANNELS, STEM_CHANNELS, Variant};
use super::ops::{self, Inverted, LastConvolution, Spare, Stage, Stem, Threads};
use super::weights::{BlockWeights, Convolution, Weights};
use super::{EmbedderError, Lite};
use candle_core::{Device, Tensor, Var};
pub(super) use file::{assemble, cut_of, overlay};
use std::sync::Arc;

/// What the names of variables start with: the network's last convolution is called `head` too.
const PREFIX: &str = "tail.";

/// One trainable tensor of a [`Tail`].
#[derive(Clone, Debug)]
pub struct TailVar {
    /// As in the weights file, after `tail.`: `tail.blocks.11.expand.weight`, `tail.head.bias`.
    pub name: String,
    /// Stages between it and the embedding: 1 for the last convolution, 2 for the last block, and so on up to the stem (0 is the head that
    /// is trained with it); for learning rates that fall with depth.
    pub depth: usize,
    /// The tensor itself. Batch-norm is folded into it.
    pub var: Var,
}

/// The stages from block `cut` on as Candle modules, with variables.
pub struct Tail {
    backbone: String,
    cut: usize,
    /// Side of the image, where the stem is part of it.
    image_side: Option<usize>,
    blocks: Vec<Block>,
    vars: Vec<TailVar>,
    level: SimdLevel,
    threads: Threads,
    spare: Arc<Spare>,
}

impl Tail {
    /// From plain weights.
    fn new(weights: &Weights, variant: Variant, cut: usize, device: &Device) -> Result<Self, EmbedderError> {
        let all = lite::blocks(variant);
        let blocks = all.get(cut..).filter(|rest| !rest.is_empty()).ok_or(EmbedderError::Cut(cut))?.to_vec();
        let image_side = (cut == 0).then(|| variant.input_side());
        let mut vars = Vec::new();
        if image_side.is_some() {
            push(&mut vars, "stem", all.len() + 2, (&[3, 3, 3, STEM_CHANNELS], &weights.stem), device)?;
        }
        for (number, (block, weights)) in all.iter().zip(&weights.blocks).enumerate().skip(cut) {
            for (part, shape, convolution) in block_parts(block, weights) {
                let name = format!("blocks.{number}.{part}");
                push(&mut vars, &name, all.len() - number + 1, (&shape, convolution), device)?;
            }
        }
        let last = all.last().map_or(0, |b| b.output);
        push(&mut vars, "head", 1, (&[last, HEAD_CHANNELS], &weights.head), device)?;
        let (level, spare) = (SimdLevel::detect()?, Arc::default());
        Ok(Self { backbone: String::new(), cut, image_side, blocks, vars, level, threads: Threads::Calling, spare })
    }

    /// Computes the chunks of a batch where `threads` says; without this, on the calling thread.
    #[must_use]
    pub const fn on(mut self, threads: Threads) -> Self {
        self.threads = threads;
        self
    }

    /// Where they are computed.
    pub const fn threads(&self) -> Threads {
        self.threads
    }

    /// The first block that is part of it, counted from 0.
    pub const fn cut(&self) -> usize {
        self.cut
    }

    /// The id of the backbone it was made from, whose activations it takes.
    pub fn backbone(&self) -> &str {
        &self.backbone
    }

    /// What comes in for a photo: side and channels of the picture before the first block, or of the image where the stem is part of it.
    pub fn input(&self) -> (usize, usize) {
        self.image_side.map_or_else(|| self.blocks.first().map_or((0, 0), |b| (b.side, b.input)), |side| (side, 3))
    }

    /// All trainable tensors, from the cut to the end: of each convolution the weight, then the bias.
    pub fn vars(&self) -> &[TailVar] {
        &self.vars
    }

    /// Features `[b, 1280]`, not normalised, of `input` `[b, side, side, channels]` (see [`Tail::input`]) on the device of the variables, f32.
    ///
    /// Gradients reach the variables, and `input` if that is made from variables. On the CPU the stages are this room's own ops, elsewhere
    /// compositions of Candle's.
    pub fn forward(&self, input: &Tensor) -> Result<Tensor, EmbedderError> {
        self.run(input, true)
    }

    /// The same without gradients: nothing is kept for the way back.
    pub fn features(&self, input: &Tensor) -> Result<Tensor, EmbedderError> {
        Ok(self.run(&input.detach(), false)?.detach())
    }

    fn run(&self, input: &Tensor, learns: bool) -> Result<Tensor, EmbedderError> {
        let (side, channels) = self.input();
        let (_, height, width, got) = input.dims4()?;
        if (height, width, got) != (side, side, channels) {
            return Err(EmbedderError::Shape {
                name: "activations".to_owned(),
                expected: vec![side, side, channels],
                got: vec![height, width, got],
            });
        }
        let mut x = input.clone();
        let mut rest = self.vars.as_slice();
        if let Some(side) = self.image_side {
            let (vars, after) = rest.split_at(2);
            x = self.stem(side, vars, &x, learns)?;
            rest = after;
        }
        for block in &self.blocks {
            let (vars, after) = rest.split_at(if block.expands() { 6 } else { 4 });
            x = self.block(block, vars, &x, learns)?;
            rest = after;
        }
        self.last(rest, &x, learns)
    }

    fn stem(&self, side: usize, vars: &[TailVar], x: &Tensor, learns: bool) -> Result<Tensor, EmbedderError> {
        let (level, threads, spare) = (self.level, self.threads, Arc::clone(&self.spare));
        let stage = Stem { side, output: STEM_CHANNELS, level, threads, spare };
        apply(stage, x, vars, learns, || plain::stem(side, vars, x))
    }

    fn block(&self, block: &Block, vars: &[TailVar], x: &Tensor, learns: bool) -> Result<Tensor, EmbedderError> {
        let (level, threads, spare) = (self.level, self.threads, Arc::clone(&self.spare));
        apply(Inverted { shape: *block, level, threads, spare }, x, vars, learns, || plain::block(block, vars, x))
    }

    fn last(&self, vars: &[TailVar], x: &Tensor, learns: bool) -> Result<Tensor, EmbedderError> {
        let (_, _, side, input) = x.dims4()?;
        let (level, threads, spare) = (self.level, self.threads, Arc::clone(&self.spare));
        let stage = LastConvolution { side, input, output: HEAD_CHANNELS, level, threads, spare };
        apply(stage, x, vars, learns, || plain::last(vars, x))
    }
}

/// One stage: on the CPU as this room's own op, elsewhere as `plain` composes it of Candle's.
fn apply<S: Stage>(
    stage: S,
    x: &Tensor,
    vars: &[TailVar],
    learns: bool,
    plain: impl FnOnce() -> candle_core::Result<Tensor>,
) -> Result<Tensor, EmbedderError> {
    if !x.device().is_cpu() {
        return Ok(plain()?);
    }
    let parameters = flat(vars)?;
    Ok(ops::apply(stage, x, &if learns { parameters } else { parameters.detach() })?)
}

impl Lite {
    /// The stages from block `cut` on with their weights as variables on `device`: 0 is the whole network. Fails beyond the last block.
    pub fn tail(&self, cut: usize, device: &Device) -> Result<Tail, EmbedderError> {
        let tail = Tail::new(&self.weights()?, self.variant, cut, device)?;
        Ok(Tail { backbone: self.base.clone(), ..tail })
    }
}

/// The convolutions of a block under their names, with the shapes of their weights.
fn block_parts<'a>(
    block: &Block,
    weights: &'a BlockWeights,
) -> impl Iterator<Item = (&'static str, Vec<usize>, &'a Convolution)> {
    let &Block { kernel, input, expanded, output, .. } = block;
    let expand = weights.expand.iter().map(move |c| ("expand", vec![input, expanded], c));
    expand.chain([
        ("depthwise", vec![kernel, kernel, expanded], &weights.depthwise),
        ("project", vec![expanded, output], &weights.project),
    ])
}

fn push(
    vars: &mut Vec<TailVar>,
    name: &str,
    depth: usize,
    (shape, convolution): (&[usize], &Convolution),
    device: &Device,
) -> Result<(), EmbedderError> {
    let weight = Tensor::from_slice(&convolution.weight, shape, device)?;
    let bias = Tensor::from_slice(&convolution.bias, convolution.bias.len(), device)?;
    for (kind, tensor) in [("weight", weight), ("bias", bias)] {
        vars.push(TailVar { name: format!("{PREFIX}{name}.{kind}"), depth, var: Var::from_tensor(&tensor)? });
    }
    Ok(())
}

/// All variables one after the other, as an op takes them.
fn flat(vars: &[TailVar]) -> candle_core::Result<Tensor> {
    let flat: Vec<Tensor> = vars.iter().map(|v| v.var.flatten_all()).collect::<Result<_, _>>()?;
    Tensor::cat(&flat, 0)
}
