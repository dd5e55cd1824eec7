//! A model as one portable safetensors file: the head, and where more was trained, the end of the network.
//!
//! Tensors `weight` and `bias` are the head's, those under `tail.` the network's, under the names of its weights file. What the file is
//! stands in one metadata entry, so that equal models give equal bytes.

use super::head::{Head, HeadError, HeadKind};
use super::tail;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;

/// The one metadata entry.
const METADATA: &str = "tripletui";
/// What the names of the network's tensors start with.
const TAIL: &str = "tail.";
/// Files of the head alone are of format 1, those with more of format 2.
const NEWEST: u32 = 2;

/// A model with all its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelFile {
    /// Id of the backbone as published, before any of it was trained.
    pub backbone: String,
    /// What maps features to embeddings.
    pub head: Head,
    /// The trained end of the network, as [`super::Tail::to_safetensors`] writes it.
    pub tail: Option<Vec<u8>>,
    /// What its maker says of it, for people: name, settings, report.
    pub about: Option<Value>,
}

/// Why bytes are no model, or no model of this backbone.
#[derive(Debug, thiserror::Error)]
pub enum ModelFileError {
    /// Not written by this program, or damaged.
    #[error("this is not a model saved by tripletui: {0}")]
    Format(String),
    /// Written by a newer program.
    #[error("the model has format {0}, and this program knows formats up to {NEWEST}: use the program that wrote it")]
    Newer(u64),
    /// Its head is none.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// It belongs to another backbone.
    #[error("the model was made for backbone `{found}`, not for `{expected}`")]
    Backbone {
        /// The backbone in use.
        expected: String,
        /// The backbone the model was made for.
        found: String,
    },
}

/// What a file says of itself.
#[derive(Serialize, Deserialize)]
struct Description {
    format: u32,
    backbone: String,
    kind: HeadKind,
    feature_dim: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cut: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    about: Option<Value>,
}

impl ModelFile {
    /// A model of the head alone.
    pub const fn of_head(backbone: String, head: Head) -> Self {
        Self { backbone, head, tail: None, about: None }
    }

    /// The file's bytes. The same model gives the same bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ModelFileError> {
        let bytes = |values: &[f32]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
        let (weight, bias) = (bytes(self.head.weight()), bytes(self.head.bias()));
        let mut tensors = Vec::new();
        if self.head.kind() != HeadKind::Raw {
            let (dim, features) = (self.head.dim(), self.head.feature_dim());
            tensors.push(("weight".to_owned(), view(vec![dim, features], &weight)?));
            tensors.push(("bias".to_owned(), view(vec![dim], &bias)?));
        }
        let mut cut = None;
        if let Some(tail) = &self.tail {
            cut = Some(tail::cut_of(tail).map_err(format)?);
            let file = SafeTensors::deserialize(tail).map_err(format)?;
            tensors.extend(file.tensors().into_iter().map(|(name, view)| (format!("{TAIL}{name}"), view)));
        }
        let description = Description {
            format: if cut.is_some() { NEWEST } else { 1 },
            backbone: self.backbone.clone(),
            kind: self.head.kind(),
            feature_dim: self.head.feature_dim(),
            cut,
            about: self.about.clone(),
        };
        let text = serde_json::to_string(&description).map_err(format)?;
        safetensors::serialize(tensors, Some(HashMap::from([(METADATA.to_owned(), text)]))).map_err(format)
    }

    /// The model in a file's bytes. Numbers that are not finite, missing tensors and other shapes are refused.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelFileError> {
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(format)?;
        let text = header.metadata().as_ref().and_then(|m| m.get(METADATA));
        let text = text.ok_or_else(|| format("it has no tripletui metadata"))?;
        let said: Value = serde_json::from_str(text).map_err(format)?;
        if let Some(newer) = said["format"].as_u64().filter(|number| *number > u64::from(NEWEST)) {
            return Err(ModelFileError::Newer(newer));
        }
        let Description { backbone, kind, feature_dim, cut, about, .. } =
            serde_json::from_value(said).map_err(format)?;
        let file = SafeTensors::deserialize(bytes).map_err(format)?;
        let head = if kind == HeadKind::Raw {
            Head::raw(feature_dim)
        } else {
            Head::from_parts(kind, feature_dim, numbers(&file, "weight")?, numbers(&file, "bias")?)?
        };
        let tail = cut.map(|cut| {
            let tensors = file.tensors().into_iter();
            let tensors = tensors.filter_map(|(name, view)| Some((name.strip_prefix(TAIL)?.to_owned(), view)));
            tail::assemble(&backbone, cut, tensors.collect()).map_err(format)
        });
        let tail = tail.transpose()?;
        Ok(Self { backbone, head, tail, about })
    }

    /// The same, refused when it was made for another backbone than `expected`, with both names.
    pub fn for_backbone(bytes: &[u8], expected: &str) -> Result<Self, ModelFileError> {
        let file = Self::from_bytes(bytes)?;
        if file.backbone == expected {
            return Ok(file);
        }
        Err(ModelFileError::Backbone { expected: expected.to_owned(), found: file.backbone })
    }
}

fn format(error: impl std::fmt::Display) -> ModelFileError {
    ModelFileError::Format(error.to_string())
}

fn view(shape: Vec<usize>, bytes: &[u8]) -> Result<TensorView<'_>, ModelFileError> {
    TensorView::new(Dtype::F32, shape, bytes).map_err(format)
}

/// The numbers of one f32 tensor of a file.
fn numbers(file: &SafeTensors<'_>, name: &str) -> Result<Vec<f32>, ModelFileError> {
    let tensor = file.tensor(name).map_err(format)?;
    if tensor.dtype() != Dtype::F32 {
        return Err(format(format_args!("`{name}` is {}, expected F32", tensor.dtype())));
    }
    Ok(tensor.data().as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedder::{Lite, builtin};
    use candle_core::Device;
    use serde_json::json;

    fn head() -> Head {
        Head::trained(6, (0..18).map(|i| i as f32 / 7.0).collect(), vec![0.5, -0.25, 1.0]).unwrap()
    }

    #[test]
    fn models_come_back_bit_for_bit() {
        let lite = builtin().unwrap();
        let tail = lite.tail(15, &Device::Cpu).unwrap().to_safetensors().unwrap();
        let about = Some(json!({ "name": "tuned 1", "report": { "map_at_r": 0.5 } }));
        for head in [head(), Head::raw(6)] {
            for (tail, about) in [(None, None), (Some(tail.clone()), None), (Some(tail.clone()), about.clone())] {
                let file = ModelFile { backbone: lite.base_id().to_owned(), head: head.clone(), tail, about };
                let bytes = file.to_bytes().unwrap();
                assert_eq!(bytes, file.to_bytes().unwrap());
                assert_eq!(ModelFile::from_bytes(&bytes).unwrap(), file);
            }
        }
    }

    #[test]
    fn a_tail_from_a_model_file_computes_as_before() {
        let lite = builtin().unwrap();
        let tail = lite.tail(14, &Device::Cpu).unwrap().to_safetensors().unwrap();
        let file = ModelFile { tail: Some(tail.clone()), ..ModelFile::of_head(lite.base_id().to_owned(), head()) };
        let read = ModelFile::for_backbone(&file.to_bytes().unwrap(), lite.base_id()).unwrap();
        let id = |tail: &[u8]| lite.with_tail(tail).unwrap().id;
        assert_eq!(id(&read.tail.unwrap()), id(&tail));
        assert_eq!(Lite::cut_of(&tail).unwrap(), 14);
    }

    #[test]
    fn another_backbone_is_refused_with_both_names() {
        let bytes = ModelFile::of_head("lite0-0123".to_owned(), head()).to_bytes().unwrap();
        let error = ModelFile::for_backbone(&bytes, "lite2-4567").unwrap_err().to_string();
        assert_eq!(error, "the model was made for backbone `lite0-0123`, not for `lite2-4567`");
    }

    #[test]
    fn garbage_and_newer_files_are_refused_in_words() {
        for garbage in [&b""[..], b"garbage", &[0xff; 64]] {
            assert!(matches!(ModelFile::from_bytes(garbage), Err(ModelFileError::Format(_))));
        }
        let text = json!({ "format": 9, "something": "else" }).to_string();
        let none: Vec<(String, TensorView<'_>)> = Vec::new();
        let newer = safetensors::serialize(none, Some(HashMap::from([(METADATA.to_owned(), text)]))).unwrap();
        assert!(matches!(ModelFile::from_bytes(&newer), Err(ModelFileError::Newer(9))));
        let mut cut = ModelFile::of_head("b".to_owned(), head()).to_bytes().unwrap();
        cut.truncate(cut.len() - 3);
        assert!(ModelFile::from_bytes(&cut).is_err());
    }
}
