//! Models: which one answers, the one that exists before any training, and the embedding rows kept for them.

use std::collections::HashSet;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::embedder::{FEWEST_PHOTOS, Head, ModelFile};
use crate::embedding::EmbeddingMatrix;
use crate::library::PhotoId;
use crate::neighbor::Gallery;
use crate::store::{EmbeddingRows, ModelFacts, ModelKind, ModelRecord, RowsKey};
use crate::work::{Library, Viewer, WorkError};

/// Dimension of the base model's embedding, when the library is large enough for it.
const BASE_DIM: usize = 128;
/// The rows of this many models are kept, so that going back to one of them is at once.
const KEPT_ROW_SETS: usize = 4;
/// The model before any training.
const BASE: &str = "base";
/// The backbone's features themselves.
const RAW: &str = "raw";

/// Which model is to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelChoice {
    /// The one in use, `base` until another was chosen.
    Current,
    /// The one before any training.
    Base,
    /// The unit-length features themselves, for comparison.
    Raw,
    /// A model of the store by its name.
    Named(String),
}

impl ModelChoice {
    /// What a name on the command line means.
    pub fn named(name: &str) -> Self {
        match name {
            RAW => Self::Raw,
            BASE => Self::Base,
            _ => Self::Named(name.to_owned()),
        }
    }
}

/// A model, ready to embed.
pub(super) struct OpenModel {
    pub(super) name: String,
    pub(super) head: Head,
    /// Under what its rows are kept; those of `raw`, and of a base that is not in the store, are made anew each time.
    key: Option<RowsKey>,
}

/// Makes the chosen model ready.
pub(super) fn open_model(viewer: &Viewer, choice: &ModelChoice) -> Result<OpenModel, WorkError> {
    let (store, backbone) = (viewer.reader(), viewer.backbone());
    let record = match choice {
        ModelChoice::Raw => {
            return Ok(OpenModel { name: RAW.to_owned(), head: Head::raw(backbone.dim()), key: None });
        }
        ModelChoice::Current => {
            let current = store.current_model()?.filter(|model| model.facts.backbone == backbone.id());
            current.map_or_else(|| base_record(viewer), |model| Ok(Some(model)))?
        }
        ModelChoice::Base => base_record(viewer)?,
        ModelChoice::Named(name) => Some(named(viewer, name)?),
    };
    let Some(record) = record else {
        return Ok(OpenModel { name: BASE.to_owned(), head: base_head(viewer)?, key: None });
    };
    let head = ModelFile::for_backbone(&store.model_weights(record.id)?, backbone.id())?.head;
    let key = Some(RowsKey { model: record.fingerprint, backbone: record.facts.backbone });
    let name = if record.facts.kind == ModelKind::Base { BASE.to_owned() } else { record.facts.name };
    Ok(OpenModel { name, head, key })
}

/// The base model of the network in use: each network has its own.
fn base_record(viewer: &Viewer) -> Result<Option<ModelRecord>, WorkError> {
    let is_base = |m: &ModelRecord| m.facts.kind == ModelKind::Base && m.facts.backbone == viewer.backbone().id();
    Ok(viewer.reader().models()?.into_iter().find(is_base))
}

fn named(viewer: &Viewer, name: &str) -> Result<ModelRecord, WorkError> {
    let Some(record) = viewer.reader().model_named(name)? else {
        let mut known: Vec<String> = vec![BASE.to_owned(), RAW.to_owned()];
        let tuned = viewer.reader().models()?.into_iter().filter(|model| model.facts.kind == ModelKind::Tuned);
        known.extend(tuned.map(|model| model.facts.name));
        return Err(WorkError::NoSuchModel { name: name.to_owned(), known: known.join(", ") });
    };
    if record.facts.backbone == viewer.backbone().id() {
        return Ok(record);
    }
    let (made_for, here) = (record.facts.backbone, viewer.backbone().id().to_owned());
    Err(WorkError::OtherBackbone { model: record.facts.name, made_for, here })
}

fn base_head(viewer: &Viewer) -> Result<Head, WorkError> {
    if viewer.embedded_photos()?.is_empty() {
        return Ok(Head::raw(viewer.backbone().dim()));
    }
    let (store, backbone) = (viewer.reader(), viewer.backbone().id());
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

/// Brings the models up to date with the photos: the base model is computed anew when the library has grown by a third
/// since, and the rows of the current model are completed. Returns whether the base model changed.
pub fn refresh_models(library: &Library) -> Result<bool, WorkError> {
    let viewer = library.viewer()?;
    let photos = viewer.embedded_photos()?.len();
    let base = base_record(&viewer)?;
    let known = base.and_then(|model| model.facts.config["photos"].as_u64()).unwrap_or(0) as usize;
    let outdated =
        photos > 0 && (known == 0 || photos * 3 >= known * 4 || (known < FEWEST_PHOTOS && photos >= FEWEST_PHOTOS));
    if outdated {
        save_base(library, &viewer, photos)?;
    }
    keep_rows(library, &viewer, &open_model(&viewer, &ModelChoice::Current)?)?;
    Ok(outdated)
}

fn save_base(library: &Library, viewer: &Viewer, photos: usize) -> Result<(), WorkError> {
    let head = base_head(viewer)?;
    let backbone = viewer.backbone().id().to_owned();
    let taken = viewer.reader().model_named(BASE)?.is_some_and(|model| model.facts.backbone != backbone);
    let facts = ModelFacts {
        name: if taken { format!("{BASE} of {backbone}") } else { BASE.to_owned() },
        kind: ModelKind::Base,
        dim: head.dim() as u32,
        parent: None,
        config: json!({ "photos": photos, "dim": BASE_DIM, "head": head.kind() }),
        report: json!({}),
        backbone,
    };
    let weights = ModelFile::of_head(facts.backbone.clone(), head).to_bytes()?;
    library.store().replace_model(&facts, &weights, now_unix_s())?;
    Ok(())
}

/// Seconds since 1970, for records.
pub fn now_unix_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Photos and rows of one model, by photo id.
struct Rows {
    photos: Vec<PhotoId>,
    matrix: EmbeddingMatrix,
}

impl Rows {
    /// The rows of these photos, from their features.
    fn embed(viewer: &Viewer, head: &Head, photos: &[PhotoId]) -> Result<Self, WorkError> {
        let mut rows = Self { photos: Vec::new(), matrix: EmbeddingMatrix::new(head.dim()) };
        for chunk in photos.chunks(1024) {
            let features = viewer.reader().features_of(viewer.backbone().id(), chunk)?;
            for (photo, features) in chunk.iter().zip(features) {
                // Features without a direction (a network that answers all zeros) have no neighbours.
                if features.is_some_and(|features| head.embed_into(&features, &mut rows.matrix).is_ok()) {
                    rows.photos.push(*photo);
                }
            }
        }
        Ok(rows)
    }
}

/// The listed photos with features whose rows are not kept yet.
fn without_rows(viewer: &Viewer, kept: &[PhotoId]) -> Result<Vec<PhotoId>, WorkError> {
    let kept: HashSet<&PhotoId> = kept.iter().collect();
    let mut photos: Vec<PhotoId> = viewer.embedded_photos()?.into_iter().filter(|id| !kept.contains(id)).collect();
    photos.sort_unstable();
    Ok(photos)
}

fn keep_rows(library: &Library, viewer: &Viewer, model: &OpenModel) -> Result<(), WorkError> {
    let Some(key) = &model.key else { return Ok(()) };
    let kept = viewer.reader().embeddings(key)?.map(|rows| rows.photos);
    let missing = without_rows(viewer, kept.as_deref().unwrap_or_default())?;
    if missing.is_empty() {
        return Ok(());
    }
    let Rows { photos, matrix } = Rows::embed(viewer, &model.head, &missing)?;
    let rows = EmbeddingRows { photos, dim: matrix.dim(), values: matrix.as_slice().to_vec() };
    let mut store = library.store();
    if kept.is_some() {
        store.append_embeddings(key, &rows)?;
    } else {
        store.put_embeddings(key, &rows)?;
        store.keep_recent_embeddings(KEPT_ROW_SETS)?;
    }
    Ok(())
}

/// The embedding of every listed photo, by id: kept rows are read, missing ones made.
pub(super) fn embedding_rows(viewer: &Viewer, model: &OpenModel) -> Result<Gallery, WorkError> {
    let kept = model.key.as_ref().map_or(Ok(None), |key| viewer.reader().embeddings(key))?.unwrap_or_default();
    let missing = without_rows(viewer, &kept.photos)?;
    let listed = viewer.reader().photo_ids()?;
    let made = Rows::embed(viewer, &model.head, &missing)?;
    let mut merged: Vec<(PhotoId, &[f32])> =
        kept.photos.iter().copied().zip(kept.values.chunks_exact(kept.dim.max(1))).collect();
    merged.retain(|(photo, _)| listed.binary_search(photo).is_ok());
    merged.extend(made.photos.iter().copied().zip(made.matrix.rows()));
    merged.sort_unstable_by_key(|(photo, _)| *photo);
    let mut matrix = EmbeddingMatrix::with_capacity(model.head.dim(), merged.len());
    let mut photos = Vec::with_capacity(merged.len());
    for (photo, row) in merged {
        if matrix.push(row).is_ok() {
            photos.push(photo);
        }
    }
    Ok(Gallery::new(photos, matrix)?)
}
