//! `ResNet`-18 (He et al. 2015, arXiv 1512.03385): timm's `resnet18`; the names are those of torchvision too.
//!
//! Features are the mean over the last feature map, what timm returns without a classifier.

use super::Tensors;
use super::table::Table;
use candle_core::{DType, Device};
use candle_nn::{Func, VarBuilder};
use candle_transformers::models::resnet::resnet18_no_final_layer;

/// Numbers in a feature vector.
pub(super) const DIM: usize = 512;

/// Channels out of the four layers of two blocks each.
const CHANNELS: [usize; 4] = [64, 128, 256, DIM];

/// Names and shapes in timm's file.
pub(super) fn table() -> Table {
    let mut table = Table::default();
    table.normed("conv1", "bn1", [CHANNELS[0], 3, 7, 7]);
    let mut input = CHANNELS[0];
    for (layer, &output) in CHANNELS.iter().enumerate() {
        for block in 0..2 {
            let name = |part: &str| format!("layer{}.{block}.{part}", layer + 1);
            table.normed(&name("conv1"), &name("bn1"), [output, input, 3, 3]);
            table.normed(&name("conv2"), &name("bn2"), [output, output, 3, 3]);
            if input != output {
                table.normed(&name("downsample.0"), &name("downsample.1"), [output, input, 1, 1]);
            }
            input = output;
        }
    }
    table
}

/// From tensors that fit [`table`].
pub(super) fn build(tensors: Tensors) -> candle_core::Result<Func<'static>> {
    resnet18_no_final_layer(VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu))
}
