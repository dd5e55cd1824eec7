//! The same stages out of Candle's own operations, for GPUs, and as the slow twin in tests.
//!
//! A depthwise convolution is the sum over its taps of the shifted picture times the tap: 9 or 25 products of whole pictures, where
//! Candle's `conv2d` would make one launch a channel.

use super::TailVar;
use crate::embedder::lite::{self, Block};
use candle_core::{Error, Result, Tensor, Var};

/// One inverted-residual block on `x` `[b, side, side, input]`; `vars` are its weights and biases in order.
pub(super) fn block(block: &Block, vars: &[TailVar], x: &Tensor) -> Result<Tensor> {
    let (expand, rest) = vars.split_at(if block.expands() { 2 } else { 0 });
    let (depthwise, project) = rest.split_at(2);
    let wide = if block.expands() { relu6(&pointwise(expand, x)?)? } else { x.clone() };
    let wide = relu6(&convolve(block, depthwise, &wide)?)?;
    let y = pointwise(project, &wide)?;
    if block.residual() { y + x } else { Ok(y) }
}

/// The stem on images `x` `[b, side, side, 3]`: all patches side by side, then one product.
pub(super) fn stem(side: usize, vars: &[TailVar], x: &Tensor) -> Result<Tensor> {
    let (weight, bias) = pair(vars)?;
    let (out, before) = (side.div_ceil(2), lite::leading_padding(side, 3, 2));
    let length = (1 + out * 2).max(before + side).next_multiple_of(2);
    let after = length - before - side;
    let x = x.pad_with_zeros(1, before, after)?.pad_with_zeros(2, before, after)?;
    let taps = (0..9).map(|tap| shifted(&x, (tap / 3, tap % 3), out, 2)).collect::<Result<Vec<_>>>()?;
    let patches = Tensor::cat(&taps, 3)?;
    let (b, channels) = (patches.dim(0)?, bias.dim(0)?);
    let y = patches.reshape((b * out * out, 27))?.matmul(&weight.reshape((27, channels))?)?.broadcast_add(bias)?;
    relu6(&y.reshape((b, out, out, channels))?)
}

/// The last 1x1 convolution with `ReLU6` and the mean over the pixels: `[b, side, side, c]` to `[b, 1280]`.
pub(super) fn last(vars: &[TailVar], x: &Tensor) -> Result<Tensor> {
    let (b, height, width, _) = x.dims4()?;
    relu6(&pointwise(vars, x)?)?.reshape((b, height * width, ()))?.mean(1)
}

fn pair(vars: &[TailVar]) -> Result<(&Var, &Var)> {
    match vars {
        [weight, bias] => Ok((&weight.var, &bias.var)),
        _ => Err(Error::Msg(format!("{} variables, expected a weight and a bias", vars.len()))),
    }
}

fn relu6(x: &Tensor) -> Result<Tensor> {
    x.clamp(0f32, 6f32)
}

fn pointwise(vars: &[TailVar], x: &Tensor) -> Result<Tensor> {
    let (weight, bias) = pair(vars)?;
    let (b, height, width, depth) = x.dims4()?;
    let y = x.reshape((b * height * width, depth))?.matmul(weight)?.broadcast_add(bias)?;
    y.reshape((b, height, width, ()))
}

fn convolve(block: &Block, vars: &[TailVar], x: &Tensor) -> Result<Tensor> {
    let (weight, bias) = pair(vars)?;
    let (out, stride) = (block.output_side(), block.stride);
    let before = lite::leading_padding(block.side, block.kernel, stride);
    // Long enough for the last window, and cut into pairs where every second row and column is taken.
    let length = (block.kernel - 1 + out * stride).max(before + block.side).next_multiple_of(stride);
    let after = length - before - block.side;
    let x = x.pad_with_zeros(1, before, after)?.pad_with_zeros(2, before, after)?;
    let mut sum: Option<Tensor> = None;
    for (ky, kx) in (0..block.kernel * block.kernel).map(|tap| (tap / block.kernel, tap % block.kernel)) {
        let tap = weight.narrow(0, ky, 1)?.narrow(1, kx, 1)?.unsqueeze(0)?;
        let term = shifted(&x, (ky, kx), out, stride)?.broadcast_mul(&tap)?;
        sum = Some(if let Some(sum) = sum { (sum + term)? } else { term });
    }
    sum.ok_or_else(|| Error::Msg("a kernel without taps".to_owned()))?.broadcast_add(bias)
}

/// The pixels tap `(ky, kx)` meets, `[b, out, out, c]`, of a padded picture.
fn shifted(x: &Tensor, (ky, kx): (usize, usize), out: usize, stride: usize) -> Result<Tensor> {
    let (b, length, _, channels) = x.dims4()?;
    if stride == 1 {
        return x.narrow(1, ky, out)?.narrow(2, kx, out);
    }
    let half = length / stride;
    let x = x.reshape((b, half, stride, half, stride * channels))?;
    let x = x.narrow(2, ky % stride, 1)?.squeeze(2)?.narrow(1, ky / stride, out)?;
    x.narrow(2, kx / stride, out)?.narrow(3, kx % stride * channels, channels)
}
