//! `MobileNetV4` conv small (Qin et al. 2024, arXiv 2404.10518): timm's `mobilenetv4_conv_small`.
//!
//! Features are 1,280 numbers, what timm returns without a classifier: the mean over the last feature map through one more 1x1
//! convolution, batch-norm and `ReLU`.

use super::Tensors;
use super::table::Table;
use candle_core::{DType, Device};
use candle_nn::{Conv2dConfig, Func, ModuleT, VarBuilder, batch_norm, conv2d_no_bias};
use candle_transformers::models::mobilenetv4::{Config, mobilenetv4_no_final_layer};

/// Numbers in a feature vector.
pub(super) const DIM: usize = 1280;
/// Channels of the last feature map.
const LAST: usize = 960;
/// Added to variances by its batch-norms.
const EPSILON: f64 = 1e-5;

/// One block of a stage.
enum Block {
    /// A convolution: channels out, side of the kernel.
    Plain(usize, usize),
    /// A universal inverted bottleneck: channels out; sides of the depthwise kernels before and after the expansion, 0 for none; factor of the expansion.
    Bottleneck(usize, usize, usize, usize),
}

use Block::{Bottleneck, Plain};

/// The stages after the stem, from table 11 of the paper's appendix.
const STAGES: [&[Block]; 5] = [
    &[Plain(32, 3), Plain(32, 1)],
    &[Plain(96, 3), Plain(64, 1)],
    &[
        Bottleneck(96, 5, 5, 3),
        Bottleneck(96, 0, 3, 2),
        Bottleneck(96, 0, 3, 2),
        Bottleneck(96, 0, 3, 2),
        Bottleneck(96, 0, 3, 2),
        Bottleneck(96, 3, 0, 4),
    ],
    &[
        Bottleneck(128, 3, 3, 6),
        Bottleneck(128, 5, 5, 4),
        Bottleneck(128, 0, 5, 4),
        Bottleneck(128, 0, 5, 3),
        Bottleneck(128, 0, 3, 4),
        Bottleneck(128, 0, 3, 4),
    ],
    &[Plain(LAST, 1)],
];

/// Names and shapes in timm's file.
pub(super) fn table() -> Table {
    let mut table = Table::default();
    let mut input = 32;
    table.normed("conv_stem", "bn1", [input, 3, 3, 3]);
    let blocks = STAGES.iter().enumerate().flat_map(|(stage, blocks)| {
        blocks.iter().enumerate().map(move |(number, block)| (format!("blocks.{stage}.{number}"), block))
    });
    for (block, shape) in blocks {
        let mut normed =
            |part: &str, shape| table.normed(&format!("{block}.{part}.conv"), &format!("{block}.{part}.bn"), shape);
        match *shape {
            Plain(output, kernel) => {
                table.normed(&format!("{block}.conv"), &format!("{block}.bn1"), [output, input, kernel, kernel]);
                input = output;
            }
            Bottleneck(output, before, after, expansion) => {
                let expanded = input * expansion;
                if before > 0 {
                    normed("dw_start", [input, 1, before, before]);
                }
                normed("pw_exp", [expanded, input, 1, 1]);
                if after > 0 {
                    normed("dw_mid", [expanded, 1, after, after]);
                }
                normed("pw_proj", [output, expanded, 1, 1]);
                input = output;
            }
        }
    }
    table.normed("conv_head", "norm_head", [DIM, LAST, 1, 1]);
    table
}

/// From tensors that fit [`table`].
pub(super) fn build(tensors: Tensors) -> candle_core::Result<Func<'static>> {
    let weights = VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu);
    let stages = mobilenetv4_no_final_layer(&Config::small(), weights.clone())?;
    let last = conv2d_no_bias(LAST, DIM, 1, Conv2dConfig::default(), weights.pp("conv_head"))?;
    let norm = batch_norm(DIM, EPSILON, weights.pp("norm_head"))?;
    Ok(Func::new(move |pixels| norm.forward_t(&pixels.apply(&stages)?.apply(&last)?, false)?.relu()))
}
