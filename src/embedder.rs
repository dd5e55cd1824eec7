//! From a photo to features: preprocessing, the [`Backbone`], its weights and kernels.
//!
//! The built-in network is `EfficientNet-Lite0` with `ImageNet` weights (see `assets/MODEL_CARD.md`); larger ones of the family load from a
//! file, and so do some published networks of other families ([`HubNetwork`]). This room starts no threads: one photo is computed on the calling thread, and a caller that wants more gives each thread its own [`Scratch`].
//! The end of the network can be trained ([`Tail`]), on the calling thread or on a pool the caller has installed ([`Threads`]).

mod accelerated;
mod error;
mod head;
mod hub;
#[expect(
    unsafe_code,
    reason = "vector instructions; bounds are checked first, and every kernel is tested against a slow twin"
)]
#[expect(clippy::inline_always, reason = "a kernel must become part of the function that enables its instructions")]
#[expect(clippy::needless_range_loop, reason = "loops of constant length over registers")]
mod kernels;
mod lite;
pub mod measure;
mod model_file;
mod network;
mod ops;
mod preprocess;
mod spec;
mod tail;
mod weights;

pub use accelerated::{Accelerated, Processor};
use candle_core::Device;
pub use error::EmbedderError;
pub use head::{FEWEST_PHOTOS, Head, HeadError, HeadKind};
pub use hub::{HubBackbone, HubNetwork};
use image::RgbImage;
use kernels::SimdLevel as Level;
pub use kernels::{NoSuchLevel, SimdLevel};
pub use lite::Variant;
pub use model_file::{ModelFile, ModelFileError};
use network::Network;
pub use network::Scratch;
pub use ops::{Threads, affine};
use preprocess::{Colours, Square};
pub use preprocess::{Part, View};
pub use spec::{BackboneSpec, ParseBackboneError};
use std::borrow::Cow;
use std::sync::Arc;
pub use tail::{Tail, TailVar};
use weights::Weights;

/// Weights of Lite0, made by `assets/convert.py`.
const BUILTIN_WEIGHTS: &[u8] = include_bytes!("../assets/efficientnet_lite0.f16.safetensors");

/// A pretrained network: photo in, features out.
pub trait Backbone: Send + Sync {
    /// Name and weights, e.g. `lite0-0123456789ab`: features of different ids never mix.
    fn id(&self) -> &str;

    /// Numbers in a feature vector.
    fn dim(&self) -> usize;

    /// The network's input for an upright photo of any size: NHWC `[side, side, 3]`, colours shifted and scaled as the network wants them.
    fn preprocess(&self, photo: &RgbImage) -> Vec<f32>;

    /// Shorter side of a photo that is enough for [`preprocess`](Self::preprocess), in pixels.
    fn shorter_side(&self) -> u32;

    /// Features `[dim]`, not normalised, of one preprocessed photo. Fails when `image` has another length than `preprocess` gives.
    fn features(
        &self,
        image: &[f32], /* [side, side, 3] */
        scratch: &mut Scratch,
    ) -> Result<Vec<f32>, EmbedderError>;

    /// This network as one whose end can be trained; `None` where only a head can.
    fn lite(&self) -> Option<&Lite> {
        None
    }

    /// Where it computes, and where it is trained.
    fn device(&self) -> Device {
        Device::Cpu
    }

    /// This network, where it computes, with the end that a training has left ([`Tail::to_safetensors`]) in place of its own;
    /// `None` where only a head can be trained.
    fn with_trained_end(&self, tail: &[u8]) -> Option<Result<Arc<dyn Backbone>, EmbedderError>> {
        let trained = self.lite()?.with_tail(tail);
        Some(trained.map(|lite| Arc::new(lite) as Arc<dyn Backbone>))
    }
}

/// `EfficientNet-Lite` with packed weights.
pub struct Lite {
    id: String,
    /// The id without a trained tail.
    base: String,
    variant: Variant,
    /// The file the weights came from, to train them.
    source: Cow<'static, [u8]>,
    /// A trained tail that replaces some of them.
    tail: Option<Vec<u8>>,
    network: Network,
}

impl Lite {
    /// From the bytes of a file made by `assets/convert.py`, computing with `level`.
    pub fn from_bytes(
        bytes: impl Into<Cow<'static, [u8]>>,
        variant: Variant,
        level: SimdLevel,
    ) -> Result<Self, EmbedderError> {
        let source = bytes.into();
        let id = id_of(&source, variant.name());
        let network = Network::new(&Weights::read(&source, variant)?, variant, level);
        Ok(Self { base: id.clone(), id, variant, source, tail: None, network })
    }

    /// The id of the backbone as published, before any tail of it was trained: what a [`Tail`] belongs to.
    pub fn base_id(&self) -> &str {
        &self.base
    }

    /// All weights as plain numbers.
    fn weights(&self) -> Result<Weights, EmbedderError> {
        let mut weights = Weights::read(&self.source, self.variant)?;
        if let Some(tail) = &self.tail {
            tail::overlay(&mut weights, tail, self.variant)?;
        }
        Ok(weights)
    }

    /// The network's input, NHWC `[side, side, 3]`, for one view of an upright photo; [`View::PLAIN`] is what [`Backbone::preprocess`] gives.
    pub fn view(&self, photo: &RgbImage, view: &View) -> Vec<f32> {
        preprocess::view(photo, view, self.variant.resized_side() as u32, self.variant.input_side() as u32)
    }

    /// Exchanges left and right of a preprocessed photo.
    pub fn mirror(&self, image: &mut [f32]) {
        preprocess::mirror(image, self.variant.input_side());
    }

    /// Refuses a block before which the network cannot be cut for training its tail: 0 and those beyond the last.
    pub fn tail_is_possible(&self, cut: usize) -> Result<(), EmbedderError> {
        if cut == 0 { Err(EmbedderError::Cut(0)) } else { self.cut_shape(cut).map(|_| ()) }
    }

    /// Side and channels of the picture before block `cut`; of the image for 0. Fails beyond the last block.
    pub fn cut_shape(&self, cut: usize) -> Result<(usize, usize), EmbedderError> {
        if cut == 0 {
            return Ok((self.variant.input_side(), 3));
        }
        let block = lite::blocks(self.variant).get(cut).copied().ok_or(EmbedderError::Cut(cut))?;
        Ok((block.side, block.input))
    }

    /// Activations at the input of block `cut` (counted from 0), NHWC `[side, side, channels]`, for one preprocessed photo.
    ///
    /// In Lite0, `cut` 11 gives `[14, 14, 112]`, the input of the first 192-channel block. Fails for `cut` 0 and beyond the last block.
    pub fn activations(&self, image: &[f32], cut: usize, scratch: &mut Scratch) -> Result<Vec<f32>, EmbedderError> {
        self.network.activations(image, cut, scratch)
    }
}

/// `lite0-0123456789ab`: the network and what it computes with.
fn id_of(bytes: &[u8], name: &str) -> String {
    let hash = blake3::hash(bytes).to_hex();
    format!("{name}-{}", hash.chars().take(12).collect::<String>())
}

impl Backbone for Lite {
    fn id(&self) -> &str {
        &self.id
    }

    fn dim(&self) -> usize {
        lite::HEAD_CHANNELS
    }

    fn preprocess(&self, photo: &RgbImage) -> Vec<f32> {
        let square = Square::new(self.variant.resized_side() as u32, self.variant.input_side() as u32);
        preprocess::centre_square(photo, &square, &Colours::LITE)
    }

    fn shorter_side(&self) -> u32 {
        self.variant.resized_side() as u32
    }

    fn features(&self, image: &[f32], scratch: &mut Scratch) -> Result<Vec<f32>, EmbedderError> {
        self.network.features(image, scratch)
    }

    fn lite(&self) -> Option<&Lite> {
        Some(self)
    }
}

/// The built-in network, `EfficientNet-Lite0`, computing with the best instructions of the machine (see [`simd_level`]).
pub fn builtin() -> Result<Lite, EmbedderError> {
    Lite::from_bytes(BUILTIN_WEIGHTS, Variant::Lite0, Level::detect()?)
}

/// The instructions the kernels use on this machine: `avx512`, `avx2`, `neon` or `scalar`.
/// The environment variable `TRIPLETUI_SIMD` chooses a lesser one; what the machine has not is refused.
pub fn simd_level() -> Result<&'static str, EmbedderError> {
    Ok(Level::detect()?.name())
}

#[cfg(test)]
mod tests;
