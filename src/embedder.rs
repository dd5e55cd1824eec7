//! From a photo to features: preprocessing, the [`Backbone`], its weights and kernels.
//!
//! The built-in network is `EfficientNet-Lite0` with `ImageNet` weights (see `assets/MODEL_CARD.md`); larger ones of the family load from a
//! file, and so do some published networks of other families ([`HubNetwork`]). This room starts no threads: one photo is computed on the calling thread, and a caller that wants more gives each thread its own [`Scratch`].
//! The end of the network can be trained ([`Tail`]), on the calling thread or on a pool the caller has installed ([`Threads`]).

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
mod model_file;
mod network;
mod ops;
mod preprocess;
mod spec;
mod tail;
mod weights;

pub use head::{FEWEST_PHOTOS, Head, HeadError, HeadKind};
pub use hub::{HubBackbone, HubNetwork};
use image::RgbImage;
use kernels::SimdLevel as Level;
pub use kernels::SimdLevel;
pub use lite::Variant;
pub use model_file::{ModelFile, ModelFileError};
use network::Network;
pub use network::Scratch;
pub use ops::Threads;
use preprocess::{Colours, Square};
pub use preprocess::{Part, View};
pub use spec::{BackboneSpec, ParseBackboneError};
use std::borrow::Cow;
use std::path::PathBuf;
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
}

/// Why a network cannot be loaded or run.
#[derive(Debug, thiserror::Error)]
pub enum EmbedderError {
    /// The file cannot be read.
    #[error("cannot read the weights {}: {source}", path.display())]
    Unreadable {
        /// The weights file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file can be read but not used.
    #[error("the weights {} do not fit {network}: {source}", path.display())]
    Unfit {
        /// The weights file.
        path: PathBuf,
        /// Which network they were to fill.
        network: &'static str,
        /// What is wrong.
        source: Box<EmbedderError>,
    },
    /// The bytes are no safetensors file.
    #[error("not a safetensors file ({0})")]
    NotSafetensors(String),
    /// A tensor the network needs is not there.
    #[error("`{0}` is missing: not a file made by assets/convert.py")]
    MissingTensor(String),
    /// A tensor has another shape than the network's table says.
    #[error("`{name}` has shape {got:?}, expected {expected:?}: these are weights of another network")]
    Shape {
        /// The tensor.
        name: String,
        /// What the table says.
        expected: Vec<usize>,
        /// What the file has.
        got: Vec<usize>,
    },
    /// A tensor the network needs is not there.
    #[error("`{name}` is missing; the file has {count} tensors{}", first.as_ref().map_or_else(String::new, |first| format!(", the first of them `{first}`")))]
    Lacking {
        /// The tensor.
        name: String,
        /// How many others there are.
        count: usize,
        /// The first of them by name.
        first: Option<String>,
    },
    /// A tensor that the network does not have.
    #[error("the network has no `{0}`: these are weights of another network")]
    Surplus(String),
    /// The file fits another network.
    #[error("these are weights of {0}; write --backbone {0}:FILE")]
    OtherNetwork(&'static str),
    /// The file is larger than any weights can be.
    #[error("the weights {} have {megabytes} MB, and files of more than {most} MB are weights of no network here", path.display())]
    TooLarge {
        /// The weights file.
        path: PathBuf,
        /// Its size.
        megabytes: u64,
        /// The most that is read.
        most: u64,
    },
    /// A tensor is neither f16 nor f32.
    #[error("`{name}` holds {got} numbers, expected F16 or F32")]
    NumberFormat {
        /// The tensor.
        name: String,
        /// Its number format.
        got: String,
    },
    /// A tensor holds NaN or infinity.
    #[error("`{0}` holds numbers that are not finite")]
    NotFinite(String),
    /// The image has another length than the network's input.
    #[error("an image of {got} numbers was given to a network that takes {expected}")]
    ImageLength {
        /// Numbers the network takes.
        expected: usize,
        /// Numbers given.
        got: usize,
    },
    /// The network's answer to an image is not made of finite numbers.
    #[error("the network's features of this photo are not finite numbers")]
    NoFeatures,
    /// A trained tail belongs to other weights.
    #[error("the tail was trained on backbone `{found}`, not on `{expected}`")]
    OtherBackbone {
        /// The backbone in use.
        expected: String,
        /// The backbone the tail was trained on.
        found: String,
    },
    /// A tensor operation failed.
    #[error("computing with the network: {0}")]
    Tensor(#[from] candle_core::Error),
    /// There is no block to cut the network before.
    #[error(
        "the network cannot be cut before block {0}: choose one from 1 to its last (15 in lite0); depth `full` trains all of it"
    )]
    Cut(usize),
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
    Lite::from_bytes(BUILTIN_WEIGHTS, Variant::Lite0, Level::detect())
}

/// The instructions the kernels use on this machine: `avx512`, `avx2`, `neon` or `scalar`.
/// The environment variable `TRIPLETUI_SIMD` chooses a lesser one.
pub fn simd_level() -> &'static str {
    Level::detect().name()
}

#[cfg(test)]
mod tests;
