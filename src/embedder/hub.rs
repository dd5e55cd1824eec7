//! Networks under the names their publishers gave the tensors, computed by candle-transformers in f32 on the processor.
//!
//! Only a head can be trained on them. They are slower than the built-in network by far: see the README.

mod bicubic;
mod convnext;
mod dinov2;
mod file;
mod mobilenet;
mod resnet;
mod table;

use super::preprocess::{self, Colours, Square};
use super::{Backbone, EmbedderError, Scratch};
use candle_core::{Device, Module, Tensor};
use image::RgbImage;
use std::collections::HashMap;
use table::Table;

/// Side of the square input of every one of them, in pixels.
const SIDE: u32 = 224;

/// A published network whose weights can be given as a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HubNetwork {
    /// `DINOv2` ViT-S/14 without registers (Oquab et al. 2023, arXiv 2304.07193): `facebook/dinov2-small`, or the names of the original and of timm.
    DinoV2Small,
    /// `ResNet`-18 (He et al. 2015, arXiv 1512.03385) as in timm.
    ResNet18,
    /// `MobileNetV4` conv small (Qin et al. 2024, arXiv 2404.10518) as in timm.
    MobileNetV4Small,
    /// `ConvNeXt` (the first version, Liu et al. 2022, arXiv 2201.03545) in timm's size atto.
    ConvNextAtto,
}

/// Tensors of a network by their names in the file.
type Tensors = HashMap<String, Tensor>;

/// What computes `[1, dim]` from `[1, 3, 224, 224]`.
type Layers = Box<dyn Module + Send + Sync>;

impl HubNetwork {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::DinoV2Small, Self::ResNet18, Self::MobileNetV4Small, Self::ConvNextAtto];

    /// As on the command line and in a backbone's id.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DinoV2Small => "dinov2-small",
            Self::ResNet18 => "resnet18",
            Self::MobileNetV4Small => "mobilenetv4-small",
            Self::ConvNextAtto => "convnext-atto",
        }
    }

    /// Numbers in a feature vector, as the publisher uses the network for features: what the classifier would be given, or
    /// the normalised class token of `DINOv2`.
    const fn dim(self) -> usize {
        match self {
            Self::DinoV2Small => dinov2::DIM,
            Self::ResNet18 => resnet::DIM,
            Self::MobileNetV4Small => mobilenet::DIM,
            Self::ConvNextAtto => convnext::DIM,
        }
    }

    /// What the shorter side of a photo is scaled to (bicubic) before the centre is cut out. From the publishers' own
    /// settings: timm's `resnet18.a1_in1k` keeps 0.95 of it, `mobilenetv4_conv_small.e2400_r224_in1k` and
    /// `convnext_atto.d2_in1k` 0.875; `preprocessor_config.json` of `facebook/dinov2-small` scales to 256.
    const fn resized_side(self) -> u32 {
        match self {
            Self::ResNet18 => 235,
            Self::DinoV2Small | Self::MobileNetV4Small | Self::ConvNextAtto => 256,
        }
    }

    /// The tensors a file must have; one table for each way of naming them.
    fn tables(self) -> Vec<Table> {
        match self {
            Self::DinoV2Small => vec![dinov2::hub_table(), dinov2::original_table()],
            Self::ResNet18 => vec![resnet::table()],
            Self::MobileNetV4Small => vec![mobilenet::table()],
            Self::ConvNextAtto => vec![convnext::table()],
        }
    }

    /// Tensors that may be in a file beside those: the classifier, what only training uses.
    const fn beside(self) -> &'static [&'static str] {
        match self {
            Self::DinoV2Small => &["mask_token", "embeddings.mask_token"],
            Self::ResNet18 => &["fc.weight", "fc.bias"],
            Self::MobileNetV4Small => &["classifier.weight", "classifier.bias"],
            Self::ConvNextAtto => &["head.fc.weight", "head.fc.bias"],
        }
    }

    fn build(self, tensors: Tensors) -> candle_core::Result<Layers> {
        Ok(match self {
            Self::DinoV2Small => Box::new(dinov2::build(tensors)?),
            Self::ResNet18 => Box::new(resnet::build(tensors)?),
            Self::MobileNetV4Small => Box::new(mobilenet::build(tensors)?),
            Self::ConvNextAtto => Box::new(convnext::build(tensors)?),
        })
    }
}

/// A published network with the weights of one file.
pub struct HubBackbone {
    id: String,
    network: HubNetwork,
    layers: Layers,
}

impl HubBackbone {
    /// From the bytes of a safetensors file that holds exactly this network, in f16 or f32, with or without its classifier.
    pub fn from_bytes(bytes: &[u8], network: HubNetwork) -> Result<Self, EmbedderError> {
        let tensors = file::read(bytes, network)?;
        Ok(Self { id: super::id_of(bytes, network.name()), network, layers: network.build(tensors)? })
    }
}

impl Backbone for HubBackbone {
    fn id(&self) -> &str {
        &self.id
    }

    fn dim(&self) -> usize {
        self.network.dim()
    }

    fn preprocess(&self, photo: &RgbImage) -> Vec<f32> {
        let square = Square::as_torchvision(self.network.resized_side(), SIDE);
        preprocess::centre_square(photo, &square, &Colours::IMAGENET)
    }

    fn shorter_side(&self) -> u32 {
        self.network.resized_side()
    }

    fn features(&self, image: &[f32], _scratch: &mut Scratch) -> Result<Vec<f32>, EmbedderError> {
        let side = SIDE as usize;
        let (expected, got) = (side * side * 3, image.len());
        if got != expected {
            return Err(EmbedderError::ImageLength { expected, got });
        }
        let pixels = Tensor::from_slice(image, (1, side, side, 3), &Device::Cpu)?;
        let features = self.layers.forward(&pixels.permute((0, 3, 1, 2))?.contiguous()?)?;
        let features = features.flatten_all()?.to_vec1::<f32>()?;
        if features.iter().all(|v| v.is_finite()) { Ok(features) } else { Err(EmbedderError::NoFeatures) }
    }
}

#[cfg(test)]
mod tests;
