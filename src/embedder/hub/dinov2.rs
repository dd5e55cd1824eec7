//! `DINOv2` ViT-S/14 (Oquab et al. 2023, arXiv 2304.07193) on candle-transformers' vision transformer.
//!
//! That one knows all of it but three things, which are settled in the weights: the scale after each branch is multiplied into the
//! last map of the branch, queries, keys and values are split where the file has them in one tensor, and the positions, learnt for 518
//! pixels, are resampled once for 224. (candle's own `DINOv2` takes the nearest position, another epsilon and the approximate GELU.)
//!
//! Features are the class token after the last norm.

use super::table::Table;
use super::{SIDE, Tensors, bicubic};
use candle_core::{DType, Device, Error, IndexOp, Module, Result, Tensor};
use candle_nn::{Activation, LayerNorm, VarBuilder, layer_norm};
use candle_transformers::models::vit::{Config, Embeddings, Encoder};

/// Numbers in a feature vector, and of every token.
pub(super) const DIM: usize = 384;

const LAYERS: usize = 12;
const HEADS: usize = 6;
/// Numbers between the two maps of a layer's second branch.
const INNER: usize = 4 * DIM;
/// Side of a patch in pixels.
const PATCH: usize = 14;
/// Patches along a side of the 518 pixels it was trained with.
const TRAINED_GRID: usize = 37;
/// Added to variances by all its norms.
const EPSILON: f64 = 1e-6;

/// What is called the same in both files but for the beginning: original name, the hub's name, shape of the weight.
const OUTSIDE: [(&str, &str, &[usize]); 2] = [
    ("patch_embed.proj", "embeddings.patch_embeddings.projection", &[DIM, 3, PATCH, PATCH]),
    ("norm", "layernorm", &[DIM]),
];

/// The same within a layer.
const INSIDE: [(&str, &str, &[usize]); 5] = [
    ("norm1", "norm1", &[DIM]),
    ("attn.proj", "attention.output.dense", &[DIM, DIM]),
    ("norm2", "norm2", &[DIM]),
    ("mlp.fc1", "mlp.fc1", &[INNER, DIM]),
    ("mlp.fc2", "mlp.fc2", &[DIM, INNER]),
];

/// Scale of each branch: original name, the hub's name, and the map (under the hub's name) it is multiplied into.
const SCALES: [(&str, &str, &str); 2] =
    [("ls1.gamma", "layer_scale1.lambda1", "attention.output.dense"), ("ls2.gamma", "layer_scale2.lambda1", "mlp.fc2")];

/// Parts of the hub's layers under the names of candle's vision transformer.
const CANDLE_NAMES: [(&str, &str); 4] = [
    ("norm1", "layernorm_before"),
    ("norm2", "layernorm_after"),
    ("mlp.fc1", "intermediate.dense"),
    ("mlp.fc2", "output.dense"),
];

const PARTS: [&str; 3] = ["query", "key", "value"];

/// Names and shapes in `facebook/dinov2-small`.
pub(super) fn hub_table() -> Table {
    let mut table = Table::default();
    table.tensor("embeddings.cls_token", [1, 1, DIM]);
    table.tensor("embeddings.position_embeddings", [1, TRAINED_GRID * TRAINED_GRID + 1, DIM]);
    for &(_, name, shape) in &OUTSIDE {
        table.affine(name, shape);
    }
    for layer in 0..LAYERS {
        let name = |part: &str| format!("encoder.layer.{layer}.{part}");
        for part in &PARTS {
            table.affine(&name(&format!("attention.attention.{part}")), [DIM, DIM]);
        }
        for &(_, part, shape) in &INSIDE {
            table.affine(&name(part), shape);
        }
        for &(_, part, _) in &SCALES {
            table.tensor(name(part), [DIM]);
        }
    }
    table
}

/// Names and shapes in the original's state and in `timm/vit_small_patch14_dinov2.lvd142m`.
pub(super) fn original_table() -> Table {
    let mut table = Table::default();
    table.tensor("cls_token", [1, 1, DIM]);
    table.tensor("pos_embed", [1, TRAINED_GRID * TRAINED_GRID + 1, DIM]);
    for &(name, _, shape) in &OUTSIDE {
        table.affine(name, shape);
    }
    for layer in 0..LAYERS {
        let name = |part: &str| format!("blocks.{layer}.{part}");
        table.affine(&name("attn.qkv"), [3 * DIM, DIM]);
        for &(part, _, shape) in &INSIDE {
            table.affine(&name(part), shape);
        }
        for &(part, _, _) in &SCALES {
            table.tensor(name(part), [DIM]);
        }
    }
    table
}

/// The network, ready to run.
pub(super) struct DinoV2 {
    embeddings: Embeddings,
    encoder: Encoder,
    norm: LayerNorm,
}

/// From tensors that fit one of the tables.
pub(super) fn build(mut tensors: Tensors) -> Result<DinoV2> {
    if tensors.contains_key("cls_token") {
        tensors = hub_names(tensors)?;
    }
    let weights = VarBuilder::from_tensors(candle_names(tensors)?, DType::F32, &Device::Cpu);
    let config = Config {
        hidden_size: DIM,
        num_hidden_layers: LAYERS,
        num_attention_heads: HEADS,
        intermediate_size: INNER,
        hidden_act: Activation::Gelu,
        layer_norm_eps: EPSILON,
        image_size: SIDE as usize,
        patch_size: PATCH,
        num_channels: 3,
        qkv_bias: true,
    };
    Ok(DinoV2 {
        embeddings: Embeddings::new(&config, false, weights.pp("embeddings"))?,
        encoder: Encoder::new(&config, weights.pp("encoder"))?,
        norm: layer_norm(DIM, EPSILON, weights.pp("layernorm"))?,
    })
}

impl Module for DinoV2 {
    fn forward(&self, pixels: &Tensor /* [b, 3, 224, 224] */) -> Result<Tensor> {
        let tokens = self.encoder.forward(&self.embeddings.forward(pixels, None, false)?)?;
        tokens.i((.., 0))?.apply(&self.norm)
    }
}

fn take(tensors: &mut Tensors, name: &str) -> Result<Tensor> {
    tensors.remove(name).ok_or_else(|| Error::CannotFindTensor { path: name.to_owned() }.bt())
}

/// Gives a tensor another name.
fn rename(tensors: &mut Tensors, from: &str, to: &str) -> Result<()> {
    let tensor = take(tensors, from)?;
    tensors.insert(to.to_owned(), tensor);
    Ok(())
}

/// From the original's names to the hub's.
fn hub_names(mut tensors: Tensors) -> Result<Tensors> {
    rename(&mut tensors, "cls_token", "embeddings.cls_token")?;
    rename(&mut tensors, "pos_embed", "embeddings.position_embeddings")?;
    for kind in ["weight", "bias"] {
        for (from, to, _) in OUTSIDE {
            rename(&mut tensors, &format!("{from}.{kind}"), &format!("{to}.{kind}"))?;
        }
        for layer in 0..LAYERS {
            let (old, new) = (format!("blocks.{layer}"), format!("encoder.layer.{layer}"));
            for (from, to, _) in INSIDE {
                rename(&mut tensors, &format!("{old}.{from}.{kind}"), &format!("{new}.{to}.{kind}"))?;
            }
            let thirds = take(&mut tensors, &format!("{old}.attn.qkv.{kind}"))?.chunk(PARTS.len(), 0)?;
            let named = PARTS.map(|part| format!("{new}.attention.attention.{part}.{kind}"));
            tensors.extend(named.into_iter().zip(thirds));
        }
    }
    for layer in 0..LAYERS {
        for (from, to, _) in SCALES {
            rename(&mut tensors, &format!("blocks.{layer}.{from}"), &format!("encoder.layer.{layer}.{to}"))?;
        }
    }
    Ok(tensors)
}

/// From the hub's names to those of candle's vision transformer, without scales and with positions for 224 pixels.
fn candle_names(mut tensors: Tensors) -> Result<Tensors> {
    let positions = take(&mut tensors, "embeddings.position_embeddings")?.squeeze(0)?;
    let grid = positions.i(1..)?.reshape((TRAINED_GRID, TRAINED_GRID, DIM))?;
    let grid = bicubic::resampled(&grid, SIDE as usize / PATCH)?.flatten_to(1)?;
    let positions = Tensor::cat(&[&positions.i(..1)?, &grid], 0)?.unsqueeze(0)?;
    tensors.insert("embeddings.position_embeddings".to_owned(), positions);
    for layer in 0..LAYERS {
        let name = |part: &str| format!("encoder.layer.{layer}.{part}");
        for (_, scale, map) in SCALES {
            let scale = take(&mut tensors, &name(scale))?;
            for (kind, scale) in [("weight", scale.unsqueeze(1)?), ("bias", scale)] {
                let map = name(&format!("{map}.{kind}"));
                let scaled = take(&mut tensors, &map)?.broadcast_mul(&scale)?;
                tensors.insert(map, scaled);
            }
        }
        for (part, (from, to)) in
            ["weight", "bias"].iter().flat_map(|kind| CANDLE_NAMES.iter().map(move |names| (kind, names)))
        {
            rename(&mut tensors, &name(&format!("{from}.{part}")), &name(&format!("{to}.{part}")))?;
        }
    }
    Ok(tensors)
}
