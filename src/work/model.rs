//! Models: which one answers, and the one that exists before any training.

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use super::each_photo::Job;
use super::rows::keep_rows;
use crate::embedder::{Backbone, FEWEST_PHOTOS, Head, ModelFile};
use crate::store::{ModelFacts, ModelId, ModelKind, ModelRecord, RowsKey};
use crate::work::{Cancel, Library, Viewer, WorkError};

/// Dimension of the base model's embedding, when the library is large enough for it.
pub(super) const BASE_DIM: usize = 128;
/// The model before any training.
pub(super) const BASE: &str = "base";
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
    /// A model of the store by its name, or a model's file by its path.
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
    /// The library's own network, or that network with a trained end.
    pub(super) network: Arc<dyn Backbone>,
    pub(super) head: Head,
    /// The trained end of the network as bytes, where there is one.
    pub(super) tail: Option<Vec<u8>>,
    /// Under what its rows are kept; those of `raw`, of files, and of a base that is not in the store, are made anew
    /// each time.
    pub(super) key: Option<RowsKey>,
    /// Its record, where it is in the store.
    pub(super) record: Option<ModelRecord>,
}

impl OpenModel {
    /// From a model's file.
    pub(super) fn of_file(viewer: &Viewer, name: &str, file: &ModelFile) -> Result<Self, WorkError> {
        let base = viewer.network();
        let network = match &file.tail {
            None => Arc::clone(base),
            Some(tail) => {
                base.with_trained_end(tail).ok_or_else(|| WorkError::NotTrainable(base.id().to_owned()))??
            }
        };
        let (expected, found) = (network.dim(), file.head.feature_dim());
        if expected != found {
            return Err(WorkError::HeadOfOtherNetwork { expected, found });
        }
        let (head, tail) = (file.head.clone(), file.tail.clone());
        Ok(Self { name: name.to_owned(), network, head, tail, key: None, record: None })
    }

    /// Whether it leaves the network as it is, so that the features in the store are its own.
    pub(super) fn uses(&self, backbone: &dyn Backbone) -> bool {
        self.network.id() == backbone.id()
    }
}

/// Makes the chosen model ready.
pub(super) fn open_model(viewer: &Viewer, choice: &ModelChoice) -> Result<OpenModel, WorkError> {
    let (store, backbone) = (viewer.reader(), viewer.backbone());
    let record = match choice {
        ModelChoice::Raw => return open_head(viewer, RAW, Head::raw(backbone.dim())),
        ModelChoice::Current => {
            let current = store.current_model()?.filter(|model| model.facts.backbone == backbone.id());
            current.map_or_else(|| base_record(viewer), |model| Ok(Some(model)))?
        }
        ModelChoice::Base => base_record(viewer)?,
        ModelChoice::Named(name) => match named(viewer, name) {
            Err(WorkError::NoSuchModel { .. }) if Path::new(name).is_file() => {
                return open_file(viewer, Path::new(name));
            }
            found => Some(found?),
        },
    };
    let Some(record) = record else {
        return open_head(viewer, BASE, base_head(viewer, BASE_DIM)?);
    };
    open_record(viewer, &record)
}

fn open_head(viewer: &Viewer, name: &str, head: Head) -> Result<OpenModel, WorkError> {
    OpenModel::of_file(viewer, name, &ModelFile::of_head(viewer.backbone().id().to_owned(), head))
}

fn open_file(viewer: &Viewer, path: &Path) -> Result<OpenModel, WorkError> {
    let file = read_model_file(path, viewer.backbone().id())?;
    OpenModel::of_file(viewer, &path.display().to_string(), &file)
}

/// A model's file from disk; errors name it.
pub(super) fn read_model_file(path: &Path, backbone: &str) -> Result<ModelFile, WorkError> {
    let unusable = |reason: String| WorkError::UnusableModel { path: path.to_owned(), reason };
    let bytes = std::fs::read(path).map_err(|error| unusable(format!("cannot be read: {error}")))?;
    ModelFile::for_backbone(&bytes, backbone).map_err(|error| unusable(error.to_string()))
}

/// A model of the store.
pub(super) fn open_record(viewer: &Viewer, record: &ModelRecord) -> Result<OpenModel, WorkError> {
    let file = ModelFile::for_backbone(&viewer.reader().model_weights(record.id)?, viewer.backbone().id())?;
    let name = if record.facts.kind == ModelKind::Base { BASE } else { &record.facts.name };
    let key = RowsKey { model: record.fingerprint.clone(), backbone: record.facts.backbone.clone() };
    Ok(OpenModel { key: Some(key), record: Some(record.clone()), ..OpenModel::of_file(viewer, name, &file)? })
}

/// The base model of the network in use: each network has its own.
fn base_record(viewer: &Viewer) -> Result<Option<ModelRecord>, WorkError> {
    let is_base = |m: &ModelRecord| m.facts.kind == ModelKind::Base && m.facts.backbone == viewer.backbone().id();
    Ok(viewer.reader().models()?.into_iter().find(is_base))
}

/// The record of the model of this name, made for the network in use.
pub(super) fn named(viewer: &Viewer, name: &str) -> Result<ModelRecord, WorkError> {
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

/// The half-whitened principal axes of the library's features, at most `dim` numbers a photo.
pub(super) fn base_head(viewer: &Viewer, dim: usize) -> Result<Head, WorkError> {
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
        dim,
    );
    failed?;
    Ok(head?)
}

/// Brings the models up to date with the photos: the base model is computed anew when the library has grown by a third
/// since, the rows of the current model are completed, and those of a model that is wanted next, which is then in use.
/// `progress` hears of photos that must be decoded for that. Returns whether another model answers than before.
pub fn refresh_models(
    library: &Library,
    cancel: &Cancel,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<bool, WorkError> {
    let viewer = library.viewer()?;
    let photos = viewer.embedded_photos()?.len();
    let base = base_record(&viewer)?;
    let known = base.and_then(|model| model.facts.config["photos"].as_u64()).unwrap_or(0) as usize;
    let outdated =
        photos > 0 && (known == 0 || photos * 3 >= known * 4 || (known < FEWEST_PHOTOS && photos >= FEWEST_PHOTOS));
    if outdated {
        save_base(library, &viewer, photos)?;
    }
    let mut job = Job { threads: library.threads(), cancel, progress };
    keep_rows(library, &viewer, &open_model(&viewer, &ModelChoice::Current)?, &mut job)?;
    let wanted = viewer.reader().wanted_model()?.map_or(Ok(None), |wanted| viewer.reader().model(wanted))?;
    match wanted {
        // One that is wanted for another network waits until that one is in use again.
        Some(wanted) if wanted.facts.backbone == viewer.backbone().id() => {
            match open_record(&viewer, &wanted) {
                Ok(model) => {
                    keep_rows(library, &viewer, &model, &mut job)?;
                    library.store().set_current_model(Some(wanted.id), now_unix_s())?;
                    Ok(true)
                }
                // A model that cannot be used must not keep the photos from being indexed.
                Err(error) => {
                    tracing::error!("model `{}` cannot be used: {error}", wanted.facts.name);
                    library.store().want_model(None)?;
                    Ok(outdated)
                }
            }
        }
        _ => Ok(outdated),
    }
}

/// Lets a model of the store answer from now on; `None` is the base model. Where its rows are not complete they are made
/// first, and until that is done the earlier model answers. Stopped or killed, the next [`refresh_models`] goes on.
pub fn use_model(
    library: &Library,
    model: Option<ModelId>,
    cancel: &Cancel,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<(), WorkError> {
    library.require_writable(true)?;
    if let Some(id) = model {
        library.store().want_model(model)?;
        let viewer = library.viewer()?;
        if let Some(record) = viewer.reader().model(id)? {
            let model = open_record(&viewer, &record)?;
            keep_rows(library, &viewer, &model, &mut Job { threads: library.threads(), cancel, progress })?;
        }
    }
    library.store().set_current_model(model, now_unix_s())?;
    Ok(())
}

fn save_base(library: &Library, viewer: &Viewer, photos: usize) -> Result<(), WorkError> {
    let head = base_head(viewer, BASE_DIM)?;
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
