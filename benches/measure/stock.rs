//! `EfficientNet-Lite0` as the tensor library computes it by itself: NCHW, its own `conv2d`, one group at a time.

use std::collections::HashMap;

use candle_core::{DType, Device, Result, Tensor};

const WEIGHTS: &[u8] = include_bytes!("../../assets/efficientnet_lite0.f16.safetensors");
const SIDE: usize = 224;
/// Stride of the first block of each stage, and blocks in it.
const STAGES: [(usize, usize); 7] = [(1, 1), (2, 2), (2, 2), (2, 3), (1, 3), (2, 4), (1, 1)];

struct Convolution {
    weight: Tensor, /* [out, in / groups, k, k] */
    bias: Tensor,   /* [1, out, 1, 1] */
    stride: usize,
    groups: usize,
}

impl Convolution {
    /// "SAME" padding: what is odd goes to the end.
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (side, kernel) = (x.dim(2)?, self.weight.dim(2)?);
        let padding = ((side.div_ceil(self.stride) - 1) * self.stride + kernel).saturating_sub(side);
        let (before, after) = (padding / 2, padding - padding / 2);
        let x = x.pad_with_zeros(2, before, after)?.pad_with_zeros(3, before, after)?;
        x.conv2d(&self.weight, 0, self.stride, 1, self.groups)?.broadcast_add(&self.bias)
    }
}

/// The network without a classifier.
pub(crate) struct Lite0 {
    stem: Convolution,
    blocks: Vec<[Option<Convolution>; 3]>,
    last: Convolution,
}

impl Lite0 {
    /// From the weights that are built into the program.
    pub(crate) fn load() -> Result<Self> {
        let tensors = candle_core::safetensors::load_buffer(WEIGHTS, &Device::Cpu)?;
        let strides =
            STAGES.iter().flat_map(|&(first, blocks)| (0..blocks).map(move |n| if n == 0 { first } else { 1 }));
        let blocks = strides.enumerate().map(|(number, stride)| {
            let part = |name: &str, stride| convolution(&tensors, &format!("blocks.{number}.{name}"), stride);
            Ok([part("expand", 1)?, part("depthwise", stride)?, part("project", 1)?])
        });
        let missing = || candle_core::Error::Msg("the weights are incomplete".to_owned());
        Ok(Self {
            stem: convolution(&tensors, "stem", 2)?.ok_or_else(missing)?,
            blocks: blocks.collect::<Result<_>>()?,
            last: convolution(&tensors, "head", 1)?.ok_or_else(missing)?,
        })
    }

    /// Features `[1280]` of an image NHWC `[224, 224, 3]`.
    pub(crate) fn features(&self, image: &[f32]) -> Result<Vec<f32>> {
        let x = Tensor::from_slice(image, (1, SIDE, SIDE, 3), &Device::Cpu)?.permute((0, 3, 1, 2))?.contiguous()?;
        let mut x = relu6(&self.stem.forward(&x)?)?;
        for [expand, depthwise, project] in &self.blocks {
            let mut y = x.clone();
            for convolution in [expand, depthwise].into_iter().flatten() {
                y = relu6(&convolution.forward(&y)?)?;
            }
            let y = project.as_ref().map_or(Ok(y.clone()), |project| project.forward(&y))?;
            x = if x.dims() == y.dims() { (x + y)? } else { y };
        }
        relu6(&self.last.forward(&x)?)?.mean((2, 3))?.flatten_all()?.to_vec1()
    }
}

fn relu6(x: &Tensor) -> Result<Tensor> {
    x.clamp(0f32, 6f32)
}

/// Weights as they are stored: `[k, k, in, out]`, depthwise `[k, k, channels]`, 1x1 `[in, out]`.
fn convolution(tensors: &HashMap<String, Tensor>, name: &str, stride: usize) -> Result<Option<Convolution>> {
    let (Some(weight), Some(bias)) = (tensors.get(&format!("{name}.weight")), tensors.get(&format!("{name}.bias")))
    else {
        return Ok(None);
    };
    let weight = weight.to_dtype(DType::F32)?;
    let (weight, groups) = match *weight.dims() {
        [input, output] => (weight.t()?.reshape((output, input, 1, 1))?, 1),
        [k, _, channels] => (weight.permute((2, 0, 1))?.reshape((channels, 1, k, k))?, channels),
        _ => (weight.permute((3, 2, 0, 1))?, 1),
    };
    let bias = bias.to_dtype(DType::F32)?;
    let bias = bias.reshape((1, bias.elem_count(), 1, 1))?;
    Ok(Some(Convolution { weight: weight.contiguous()?, bias, stride, groups }))
}
