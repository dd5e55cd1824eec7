//! The trainable end of the network: the blocks from a cut on, and the last convolution with its mean, as Candle variables.

mod file;
mod plain;
#[cfg(test)]
mod tests;

use super::kernels::SimdLevel;
use super::lite::{self, Block, HEAD_CHANNELS, Variant};
use super::ops::{self, Inverted, LastConvolution, Spare, Threads};
use super::weights::{BlockWeights, Convolution, Weights};
use super::{EmbedderError, Lite};
use candle_core::{Device, Tensor, Var};
pub(super) use file::overlay;
use std::sync::Arc;

/// What the names of variables start with: the network's last convolution is called `head` too.
const PREFIX: &str = "tail.";

/// One trainable tensor of a [`Tail`].
#[derive(Clone, Debug)]
pub struct TailVar {
    /// As in the weights file, after `tail.`: `tail.blocks.11.expand.weight`, `tail.head.bias`.
    pub name: String,
    /// Stages between it and the embedding: 1 for the last convolution, 2 for the last block, and so on (0 is the head that is trained
    /// with it); for learning rates that fall with depth.
    pub depth: usize,
    /// The tensor itself. Batch-norm is folded into it.
    pub var: Var,
}

/// The blocks from `cut` on as Candle modules, with variables.
pub struct Tail {
    backbone: String,
    cut: usize,
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
        let blocks = all.get(cut..).filter(|rest| cut > 0 && !rest.is_empty()).ok_or(EmbedderError::Cut(cut))?.to_vec();
        let mut vars = Vec::new();
        for (number, (block, weights)) in all.iter().zip(&weights.blocks).enumerate().skip(cut) {
            for (part, shape, convolution) in block_parts(block, weights) {
                let name = format!("blocks.{number}.{part}");
                push(&mut vars, &name, all.len() - number + 1, (&shape, convolution), device)?;
            }
        }
        let last = all.last().map_or(0, |b| b.output);
        push(&mut vars, "head", 1, (&[last, HEAD_CHANNELS], &weights.head), device)?;
        let (level, spare) = (SimdLevel::detect(), Arc::default());
        Ok(Self { backbone: String::new(), cut, blocks, vars, level, threads: Threads::Calling, spare })
    }

    /// Computes the chunks of a batch where `threads` says; without this, on the calling thread.
    #[must_use]
    pub const fn on(mut self, threads: Threads) -> Self {
        self.threads = threads;
        self
    }

    /// The first block that is part of it, counted from 0.
    pub const fn cut(&self) -> usize {
        self.cut
    }

    /// The id of the backbone it was made from, whose activations it takes.
    pub fn backbone(&self) -> &str {
        &self.backbone
    }

    /// What a photo's activations are: side and channels of the picture before the first block.
    pub fn input(&self) -> (usize, usize) {
        self.blocks.first().map_or((0, 0), |b| (b.side, b.input))
    }

    /// All trainable tensors, from the cut to the end: of each convolution the weight, then the bias.
    pub fn vars(&self) -> &[TailVar] {
        &self.vars
    }

    /// Features `[b, 1280]`, not normalised, of `activations` `[b, side, side, channels]` on the device of the variables, f32.
    ///
    /// Gradients reach the variables, and `activations` if these are made from variables. On the CPU the stages are this room's own ops, elsewhere
    /// compositions of Candle's.
    pub fn forward(&self, activations: &Tensor) -> Result<Tensor, EmbedderError> {
        let (side, channels) = self.input();
        let (_, height, width, got) = activations.dims4()?;
        if (height, width, got) != (side, side, channels) {
            return Err(EmbedderError::Shape {
                name: "activations".to_owned(),
                expected: vec![side, side, channels],
                got: vec![height, width, got],
            });
        }
        let mut x = activations.clone();
        let mut rest = self.vars.as_slice();
        for block in &self.blocks {
            let (vars, after) = rest.split_at(if block.expands() { 6 } else { 4 });
            x = self.block(block, vars, &x)?;
            rest = after;
        }
        self.last(rest, &x)
    }

    fn block(&self, block: &Block, vars: &[TailVar], x: &Tensor) -> Result<Tensor, EmbedderError> {
        if !x.device().is_cpu() {
            return Ok(plain::block(block, vars, x)?);
        }
        let (level, threads, spare) = (self.level, self.threads, Arc::clone(&self.spare));
        Ok(ops::apply(Inverted { shape: *block, level, threads, spare }, x, &flat(vars)?)?)
    }

    fn last(&self, vars: &[TailVar], x: &Tensor) -> Result<Tensor, EmbedderError> {
        if !x.device().is_cpu() {
            return Ok(plain::last(vars, x)?);
        }
        let (_, _, side, input) = x.dims4()?;
        let (level, threads, spare) = (self.level, self.threads, Arc::clone(&self.spare));
        let stage = LastConvolution { side, input, output: HEAD_CHANNELS, level, threads, spare };
        Ok(ops::apply(stage, x, &flat(vars)?)?)
    }
}

impl Lite {
    /// The blocks from `cut` on with their weights as variables on `device`. Fails for `cut` 0 and beyond the last block.
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
