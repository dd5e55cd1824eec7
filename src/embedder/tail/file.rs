//! A trained tail as safetensors bytes, and a backbone that computes with it.

use super::{PREFIX, Tail};
use crate::embedder::lite;
use crate::embedder::network::Network;
use crate::embedder::weights::{self, Weights};
use crate::embedder::{EmbedderError, Lite, id_of};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The one metadata entry of a saved tail: a single key keeps the file's bytes the same from run to run.
const METADATA: &str = "tripletui";

/// What a saved tail says of itself.
#[derive(Serialize, Deserialize)]
struct Description {
    format: u32,
    backbone: String,
    cut: usize,
}

impl Tail {
    /// The variables as f32 safetensors bytes, marked with the backbone and the cut. Equal variables give equal bytes.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, EmbedderError> {
        let format = |error: &dyn std::fmt::Display| EmbedderError::NotSafetensors(error.to_string());
        let mut numbers = Vec::new();
        for v in &self.vars {
            let values = v.var.flatten_all()?.to_vec1::<f32>()?;
            numbers.push(values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>());
        }
        let views = self.vars.iter().zip(&numbers).map(|(v, bytes)| {
            let view = TensorView::new(Dtype::F32, v.var.dims().to_vec(), bytes).map_err(|e| format(&e))?;
            Ok((v.name.trim_start_matches(PREFIX).to_owned(), view))
        });
        assemble(&self.backbone, self.cut, views.collect::<Result<Vec<_>, EmbedderError>>()?)
    }
}

/// The file of a tail with these tensors, named as in the weights file.
pub(in crate::embedder) fn assemble(
    backbone: &str,
    cut: usize,
    tensors: Vec<(String, TensorView<'_>)>,
) -> Result<Vec<u8>, EmbedderError> {
    let format = |error: &dyn std::fmt::Display| EmbedderError::NotSafetensors(error.to_string());
    let description = Description { format: 1, backbone: backbone.to_owned(), cut };
    let text = serde_json::to_string(&description).map_err(|e| format(&e))?;
    safetensors::serialize(tensors, Some(HashMap::from([(METADATA.to_owned(), text)]))).map_err(|e| format(&e))
}

/// Where the tail of a saved file starts; fails when it is none.
pub(in crate::embedder) fn cut_of(tail: &[u8]) -> Result<usize, EmbedderError> {
    Ok(describe(tail)?.cut)
}

impl Lite {
    /// The same network with the end of a trained tail ([`Tail::to_safetensors`]), computing as fast as before, under an id of its own.
    ///
    /// Refused when the tail was trained on another backbone. A tail that was there already is replaced.
    pub fn with_tail(&self, tail: &[u8]) -> Result<Self, EmbedderError> {
        let description = describe(tail)?;
        if description.backbone != self.base {
            let (expected, found) = (self.base.clone(), description.backbone);
            return Err(EmbedderError::OtherBackbone { expected, found });
        }
        let mut weights = Weights::read(&self.source, self.variant)?;
        overlay(&mut weights, tail, self.variant)?;
        Ok(Self {
            id: id_of(tail, self.variant.name()),
            base: self.base.clone(),
            variant: self.variant,
            source: self.source.clone(),
            tail: Some(tail.to_vec()),
            network: Network::new(&weights, self.variant, self.network.level()),
        })
    }

    /// Where the tail of a saved file starts; fails when it is none.
    pub fn cut_of(tail: &[u8]) -> Result<usize, EmbedderError> {
        cut_of(tail)
    }
}

fn describe(tail: &[u8]) -> Result<Description, EmbedderError> {
    let format = |error: &dyn std::fmt::Display| EmbedderError::NotSafetensors(error.to_string());
    let (_, header) = SafeTensors::read_metadata(tail).map_err(|e| format(&e))?;
    let text = header.metadata().as_ref().and_then(|m| m.get(METADATA));
    let text = text.ok_or_else(|| format(&"it has no tripletui metadata"))?;
    serde_json::from_str(text).map_err(|e| format(&e))
}

/// Puts the tensors of a saved tail in the place of those of the network it was trained from.
pub(in crate::embedder) fn overlay(
    weights: &mut Weights,
    tail: &[u8],
    variant: lite::Variant,
) -> Result<(), EmbedderError> {
    let cut = describe(tail)?.cut;
    let file = SafeTensors::deserialize(tail).map_err(|e| EmbedderError::NotSafetensors(e.to_string()))?;
    let blocks = lite::blocks(variant);
    if cut == 0 {
        weights.stem = weights::stem(&file)?;
    }
    for (number, (shape, block)) in blocks.iter().zip(&mut weights.blocks).enumerate().skip(cut) {
        *block = weights::block(&file, number, shape)?;
    }
    weights.head = weights::head(&file, &blocks)?;
    Ok(())
}
