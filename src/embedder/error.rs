//! Why a network cannot be loaded or run.

use std::path::PathBuf;

use super::NoSuchLevel;

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
    /// There is no such device, or this build cannot use it.
    #[error("--device {name}: it cannot be used here ({source}); --device cpu always can")]
    NoDevice {
        /// The kind.
        name: &'static str,
        /// What the tensor library said.
        source: candle_core::Error,
    },
    /// The network runs on the processor only.
    #[error("{0} is computed on the processor only: write --device cpu")]
    OnlyOnProcessor(&'static str),
    /// A trained tail belongs to other weights.
    #[error("the tail was trained on backbone `{found}`, not on `{expected}`")]
    OtherBackbone {
        /// The backbone in use.
        expected: String,
        /// The backbone the tail was trained on.
        found: String,
    },
    /// The instructions asked for are not there.
    #[error(transparent)]
    Level(#[from] NoSuchLevel),
    /// A tensor operation failed.
    #[error("computing with the network: {0}")]
    Tensor(#[from] candle_core::Error),
    /// There is no block to cut the network before.
    #[error(
        "the network cannot be cut before block {0}: choose one from 1 to its last (15 in lite0); depth `full` trains all of it"
    )]
    Cut(usize),
}
