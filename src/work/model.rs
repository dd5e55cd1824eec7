//! Models: which one answers, and the one that exists before any training.

use crate::embedder::Head;
use crate::embedding::EmbeddingMatrix;
use crate::library::PhotoId;
use crate::neighbor::Gallery;
use crate::work::{Library, WorkError};

/// Dimension of the base model's embedding, when the library is large enough for it.
const BASE_DIM: usize = 128;
/// The model before any training.
pub(super) const BASE: &str = "base";
/// The backbone's features themselves.
pub(super) const RAW: &str = "raw";

/// Which model is to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelChoice {
    /// The one in use, `base` until another was chosen.
    Current,
    /// The unit-length features themselves, for comparison.
    Raw,
    /// A model of the store by its name.
    Named(String),
}

impl ModelChoice {
    /// What a name on the command line means.
    pub fn named(name: &str) -> Self {
        if name == RAW { Self::Raw } else { Self::Named(name.to_owned()) }
    }
}

/// A model, ready to embed.
pub(super) struct OpenModel {
    pub(super) name: String,
    pub(super) head: Head,
}

/// Makes the chosen model ready.
pub(super) fn open_model(library: &Library, choice: &ModelChoice) -> Result<OpenModel, WorkError> {
    match choice {
        ModelChoice::Raw => Ok(OpenModel { name: RAW.to_owned(), head: Head::raw(library.backbone().dim()) }),
        ModelChoice::Named(name) if name != BASE => {
            Err(WorkError::NoSuchModel { name: name.clone(), known: format!("{BASE}, {RAW}") })
        }
        _ => Ok(OpenModel { name: BASE.to_owned(), head: base_head(library)? }),
    }
}

fn base_head(library: &Library) -> Result<Head, WorkError> {
    let (store, backbone) = (library.store(), library.backbone().id());
    let mut failed = Ok(());
    let head = Head::half_whitened_pca(
        &mut |visit| {
            let shown = store.features(backbone, &mut |_, features| visit(features));
            if let Err(error) = shown {
                failed = Err(error);
            }
        },
        BASE_DIM,
    );
    failed?;
    Ok(head?)
}

/// The embedding of every photo that has features, in the order of their ids.
pub(super) fn embedding_rows(library: &Library, head: &Head) -> Result<Gallery, WorkError> {
    let mut photos: Vec<PhotoId> = Vec::new();
    let mut rows = EmbeddingMatrix::new(head.dim());
    library.store().features(library.backbone().id(), &mut |photo, features| {
        // Features without a direction (a network that answers all zeros) have no neighbours.
        if head.embed_into(features, &mut rows).is_ok() {
            photos.push(photo);
        }
    })?;
    Ok(Gallery::new(photos, rows)?)
}
