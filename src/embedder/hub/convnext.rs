//! `ConvNeXt`, the first version (Liu et al. 2022, arXiv 2201.03545), in the size atto that timm added: `convnext_atto`.
//!
//! Features are the mean over the last feature map after the norm before the classifier, what timm returns without a classifier.
//! The second version (`convnextv2_atto`) has other tensors and is refused.

use super::Tensors;
use super::table::Table;
use candle_core::{DType, Device};
use candle_nn::{Func, VarBuilder, layer_norm};
use candle_transformers::models::convnext::{Config, convnext_no_final_layer};

/// Numbers in a feature vector.
pub(super) const DIM: usize = 320;

/// Blocks and channels of the four stages.
const STAGES: [(usize, usize); 4] = [(2, 40), (2, 80), (6, 160), (2, DIM)];
/// Added to variances by all its norms.
const EPSILON: f64 = 1e-6;

/// Names and shapes in timm's file.
pub(super) fn table() -> Table {
    let mut table = Table::default();
    table.affine("stem.0", [STAGES[0].1, 3, 4, 4]);
    table.affine("stem.1", [STAGES[0].1]);
    let mut input = STAGES[0].1;
    for (stage, &(blocks, channels)) in STAGES.iter().enumerate() {
        if input != channels {
            table.affine(&format!("stages.{stage}.downsample.0"), [input]);
            table.affine(&format!("stages.{stage}.downsample.1"), [channels, input, 2, 2]);
        }
        input = channels;
        for block in 0..blocks {
            let name = |part: &str| format!("stages.{stage}.blocks.{block}.{part}");
            table.tensor(name("gamma"), [channels]);
            table.affine(&name("conv_dw"), [channels, 1, 7, 7]);
            table.affine(&name("norm"), [channels]);
            table.affine(&name("mlp.fc1"), [4 * channels, channels, 1, 1]);
            table.affine(&name("mlp.fc2"), [channels, 4 * channels, 1, 1]);
        }
    }
    table.affine("head.norm", [DIM]);
    table
}

/// From tensors that fit [`table`].
pub(super) fn build(tensors: Tensors) -> candle_core::Result<Func<'static>> {
    let weights = VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu);
    let stages = convnext_no_final_layer(&Config::atto(), weights.clone())?;
    let norm = layer_norm(DIM, EPSILON, weights.pp("head.norm"))?;
    Ok(Func::new(move |pixels| pixels.apply(&stages)?.apply(&norm)))
}
