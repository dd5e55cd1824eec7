//! Why a job could not do its work.

use std::io;
use std::path::PathBuf;

use crate::embedder::{EmbedderError, HeadError, ModelFileError};
use crate::eval::EvalError;
use crate::library::ScanError;
use crate::neighbor::NeighborError;
use crate::store::{ReadOnlyReason, StoreError};
use crate::teach::LabelFileError;
use crate::train::{SplitError, TrainError};

/// Why a job could not do its work; each says what happened, to which file, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// The folder cannot be opened.
    #[error("folder {}: {}", folder.display(), in_words(error))]
    Folder {
        /// As it was given.
        folder: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// There is nothing in the folder any more.
    #[error(
        "the folder {} is empty, but {files} files are known in it: is its drive connected? Nothing was taken out of the library",
        folder.display()
    )]
    EmptyFolder {
        /// The library's folder.
        folder: PathBuf,
        /// Files the library knows there.
        files: usize,
    },
    /// The path is a file.
    #[error("{} is not a folder; give the folder of photos it lies in", path.display())]
    NotAFolder {
        /// As it was given.
        path: PathBuf,
    },
    /// The library may only be looked at.
    #[error("the library of {} is read-only: {why}; nothing can be noted in it now", folder.display())]
    ReadOnly {
        /// The library's folder.
        folder: PathBuf,
        /// Who or what keeps it from being written.
        why: ReadOnlyReason,
    },
    /// The model was made for another network.
    #[error("model `{model}` was made for the network {made_for}, but {here} is in use; choose it with --backbone")]
    OtherBackbone {
        /// The model.
        model: String,
        /// Its network.
        made_for: String,
        /// The network in use.
        here: String,
    },
    /// There is nothing in the index that could answer.
    #[error("no photo of {0} is indexed yet; run `tripletui index {0}` first", folder.display())]
    NotIndexed {
        /// The library's folder.
        folder: PathBuf,
    },
    /// The model is not in the store.
    #[error("there is no model `{name}`; known are: {known}")]
    NoSuchModel {
        /// As it was given.
        name: String,
        /// All that could have been given.
        known: String,
    },
    /// A model's file cannot be used.
    #[error("model {}: {reason}", path.display())]
    UnusableModel {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Only a head can be trained on this network.
    #[error("the network {0} cannot be trained, only a head on its features; use --depth head")]
    NotTrainable(String),
    /// Every layer of the parent was trained already.
    #[error(
        "every layer of model `{0}` was trained: train it further with --depth full, or its head with --depth head"
    )]
    WholeNetworkTrained(String),
    /// The number of dimensions of a trained model is what it is.
    #[error("the embedding of model `{model}` has {dim} numbers: --dim is for trainings that start from `base`")]
    DimOfParent {
        /// The parent.
        model: String,
        /// Numbers of its embedding.
        dim: usize,
    },
    /// The head takes another number of features than the network gives.
    #[error("its head is made for {found} features a photo, and the network gives {expected}")]
    HeadOfOtherNetwork {
        /// Features of the network in use.
        expected: usize,
        /// Features the head takes.
        found: usize,
    },
    /// A file would be written among the photos.
    #[error("{} lies in the folder of photos, which is never written to; name a file elsewhere", path.display())]
    AmongPhotos {
        /// The file.
        path: PathBuf,
    },
    /// The raw features are no model.
    #[error("`{0}` has no weights that could be exported")]
    NothingToExport(String),
    /// The base model is made from the library itself.
    #[error(
        "the base model belongs to the library: it is made anew whenever it is gone, and cannot be renamed or deleted"
    )]
    BaseStays,
    /// There are no labels to learn from.
    #[error("there is nothing to learn from: {missing}; {how}")]
    NothingToLearn {
        /// What is missing.
        missing: String,
        /// How to give it.
        how: String,
    },
    /// No training was cut off.
    #[error("there is no training to resume in this library; start one without --resume")]
    NothingToResume,
    /// No training of this name was cut off.
    #[error("no training of `{name}` was cut off in this library; those that were: {known}")]
    NoSuchRun {
        /// As it was given.
        name: String,
        /// All that could have been given.
        known: String,
    },
    /// A training cannot go on exactly, because photos are missing.
    #[error(
        "photos that the training of `{run}` uses have changed or gone, so it cannot go on exactly; --finish keeps what it has \
         learned so far as a model, and a training without --resume starts anew"
    )]
    PhotosGone {
        /// The model it was to make.
        run: String,
    },
    /// A query cannot be answered by a model in training.
    #[error("this photo cannot be watched while it trains: {0}")]
    Unwatchable(String),
    /// The plan of a run cannot be written or read.
    #[error("the plan of the training cannot be used ({0}); start it anew without --resume")]
    Plan(String),
    /// Threads could not be started.
    #[error("cannot start threads: {0}")]
    Threads(String),
    /// The job was told to stop before it had a result.
    #[error("stopped")]
    Stopped,
    /// An image that was asked about cannot be used.
    #[error("{}: {reason}", path.display())]
    Image {
        /// As it was given.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A file of rows cannot be used.
    #[error("{} {reason}", path.display())]
    Rows {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A file could not be written.
    #[error("cannot write {}: {error}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// There is no approximate index in this build.
    #[error("this program was built without the approximate index; build with `--features approx`")]
    NoApproximate,
    /// The system gives no thread.
    #[error("no thread can be started: {0}")]
    Thread(io::Error),
    /// A job met a mistake of this program.
    #[error("{0} failed, and this is a mistake in tripletui; the log says more")]
    Panicked(&'static str),
    /// Looking for files failed.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// The store could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The network could not be used.
    #[error(transparent)]
    Embedder(#[from] EmbedderError),
    /// A head could not be made or used.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// A model's file cannot be used.
    #[error(transparent)]
    ModelFile(#[from] ModelFileError),
    /// The training loop refused.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// The photos cannot be split.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// A label file cannot be used.
    #[error(transparent)]
    Labels(#[from] LabelFileError),
    /// The photos cannot be evaluated.
    #[error(transparent)]
    Eval(#[from] EvalError),
    /// The neighbour index refused.
    #[error(transparent)]
    Neighbor(#[from] NeighborError),
}

impl WorkError {
    /// Whether the folder of photos cannot be looked at now, as when its drive is not connected: it may come back.
    pub const fn is_absence(&self) -> bool {
        matches!(
            self,
            Self::Folder { .. }
                | Self::NotAFolder { .. }
                | Self::EmptyFolder { .. }
                | Self::Scan(ScanError::Missing(_) | ScanError::NotAFolder(_) | ScanError::Unreadable(..))
        )
    }
}

fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such folder; check the path".to_owned(),
        io::ErrorKind::PermissionDenied => "may not be read; check its permissions".to_owned(),
        _ => error.to_string(),
    }
}
