//! Weights of one network as plain numbers, read from safetensors and checked against the table.

use super::EmbedderError;
use super::lite::{self, Block, HEAD_CHANNELS, STEM_CHANNELS, Variant};
use safetensors::{Dtype, SafeTensors};

/// A convolution with its batch-norm folded in. The layout of `weight` is told where it is used.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Convolution {
    /// All numbers, row-major.
    pub weight: Vec<f32>,
    /// One number a channel out.
    pub bias: Vec<f32>,
}

/// The convolutions of one block.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BlockWeights {
    /// `[input, expanded]`; absent where nothing is expanded.
    pub expand: Option<Convolution>,
    /// `[k, k, expanded]`.
    pub depthwise: Convolution,
    /// `[expanded, output]`.
    pub project: Convolution,
}

/// The whole network without a classifier.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Weights {
    /// `[3, 3, 3, 32]`: kernel row, kernel column, colour, channel.
    pub stem: Convolution,
    /// As many as [`lite::blocks`] lists.
    pub blocks: Vec<BlockWeights>,
    /// `[last, 1280]`.
    pub head: Convolution,
}

impl Weights {
    /// Reads a file made by `assets/convert.py`. Numbers may be f16 or f32; every tensor of the variant must be there, in its shape.
    pub(super) fn read(bytes: &[u8], variant: Variant) -> Result<Self, EmbedderError> {
        let file = SafeTensors::deserialize(bytes).map_err(|e| EmbedderError::NotSafetensors(e.to_string()))?;
        let blocks = lite::blocks(variant);
        Ok(Self {
            stem: stem(&file)?,
            blocks: blocks.iter().enumerate().map(|(n, b)| block(&file, n, b)).collect::<Result<_, _>>()?,
            head: head(&file, &blocks)?,
        })
    }
}

/// The first convolution.
pub(super) fn stem(file: &SafeTensors<'_>) -> Result<Convolution, EmbedderError> {
    convolution(file, "stem", &[3, 3, 3, STEM_CHANNELS])
}

/// The last 1x1 convolution.
pub(super) fn head(file: &SafeTensors<'_>, blocks: &[Block]) -> Result<Convolution, EmbedderError> {
    let last = blocks.last().map_or(STEM_CHANNELS, |b| b.output);
    convolution(file, "head", &[last, HEAD_CHANNELS])
}

/// The convolutions of block `number`.
pub(super) fn block(file: &SafeTensors<'_>, number: usize, b: &Block) -> Result<BlockWeights, EmbedderError> {
    let named = |part: &str, shape: &[usize]| convolution(file, &format!("blocks.{number}.{part}"), shape);
    Ok(BlockWeights {
        expand: b.expands().then(|| named("expand", &[b.input, b.expanded])).transpose()?,
        depthwise: named("depthwise", &[b.kernel, b.kernel, b.expanded])?,
        project: named("project", &[b.expanded, b.output])?,
    })
}

fn convolution(file: &SafeTensors<'_>, name: &str, shape: &[usize]) -> Result<Convolution, EmbedderError> {
    let channels = shape.last().copied().unwrap_or(0);
    Ok(Convolution {
        weight: numbers(file, &format!("{name}.weight"), shape)?,
        bias: numbers(file, &format!("{name}.bias"), &[channels])?,
    })
}

/// The tensor `name` as f32; it must have `shape` and hold finite numbers only.
pub(super) fn numbers(file: &SafeTensors<'_>, name: &str, shape: &[usize]) -> Result<Vec<f32>, EmbedderError> {
    let tensor = file.tensor(name).map_err(|_| EmbedderError::MissingTensor(name.to_owned()))?;
    if tensor.shape() != shape {
        let (expected, got) = (shape.to_vec(), tensor.shape().to_vec());
        return Err(EmbedderError::Shape { name: name.to_owned(), expected, got });
    }
    let values: Vec<f32> = match tensor.dtype() {
        Dtype::F16 => tensor.data().as_chunks().0.iter().map(|&b| half::f16::from_le_bytes(b).to_f32()).collect(),
        Dtype::F32 => tensor.data().as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect(),
        other => return Err(EmbedderError::NumberFormat { name: name.to_owned(), got: format!("{other:?}") }),
    };
    if values.iter().all(|v| v.is_finite()) { Ok(values) } else { Err(EmbedderError::NotFinite(name.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(bytes: &[u8], variant: Variant) -> String {
        Weights::read(bytes, variant).unwrap_err().to_string()
    }

    #[test]
    fn the_built_in_file_is_complete() {
        let weights = Weights::read(super::super::BUILTIN_WEIGHTS, Variant::Lite0).unwrap();
        let convolutions = weights.blocks.iter().flat_map(|b| b.expand.iter().chain([&b.depthwise, &b.project]));
        let total: usize =
            convolutions.chain([&weights.stem, &weights.head]).map(|c| c.weight.len() + c.bias.len()).sum();
        assert_eq!(total * 2, super::super::BUILTIN_WEIGHTS.len() - header_length());
    }

    fn header_length() -> usize {
        let (length, _) = super::super::BUILTIN_WEIGHTS.split_first_chunk().unwrap();
        8 + u64::from_le_bytes(*length) as usize
    }

    #[test]
    fn errors_name_the_tensor_and_both_shapes() {
        let wrong = message(super::super::BUILTIN_WEIGHTS, Variant::Lite2);
        assert_eq!(
            wrong,
            "`blocks.3.depthwise.weight` has shape [5, 5, 144], expected [3, 3, 144]: these are weights of another network"
        );
        assert!(message(b"nonsense", Variant::Lite0).starts_with("not a safetensors file"));
        let empty = safetensors::serialize(Vec::<(String, safetensors::tensor::TensorView<'_>)>::new(), None).unwrap();
        assert_eq!(message(&empty, Variant::Lite0), "`stem.weight` is missing: not a file made by assets/convert.py");
    }
}
