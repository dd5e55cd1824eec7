//! The models of a library: listed, chosen, carried in and out.

mod facts;

use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};

use super::model::{BASE, ModelChoice, OpenModel, open_model, read_model_file};
use crate::embedder::{HeadKind, Lite, ModelFile};
use crate::store::{Change, ModelFacts, ModelId, ModelKind, ModelRecord};
use crate::work::{Judgement, Library, Viewer, WorkError, now_unix_s};

/// A model as it is listed.
#[derive(Clone, Debug, Serialize)]
pub struct ListedModel {
    /// Its number in the library.
    pub id: ModelId,
    /// Its name.
    pub name: String,
    /// How much was trained; none for the base model.
    pub depth: Option<String>,
    /// Name of the model it started from.
    pub parent: Option<String>,
    /// The network it was made for.
    pub backbone: String,
    /// Numbers of an embedding.
    pub dim: u32,
    /// Size of its weights.
    pub bytes: u64,
    /// When it was saved, in seconds since 1970.
    pub created_unix_s: i64,
    /// Whether it answers now.
    pub current: bool,
    /// Whether it answers as soon as the library is embedded with it.
    pub wanted: bool,
    /// On held-out photos, before.
    pub before: Value,
    /// On held-out photos, after.
    pub after: Value,
    /// What the comparison says.
    pub verdict: Option<String>,
    /// Whether it is the one before any training.
    #[serde(skip)]
    pub base: bool,
    /// Before and after on held-out photos, where it was judged.
    #[serde(skip)]
    pub judgement: Option<Judgement>,
    /// How it was made, one fact a line.
    #[serde(skip)]
    pub config: Vec<String>,
}

impl ListedModel {
    /// When it was saved, as `2026-05-03 14:02` (UTC).
    pub fn created(&self) -> String {
        let (days, seconds) = (self.created_unix_s.div_euclid(86_400), self.created_unix_s.rem_euclid(86_400));
        let (year, month, day) = facts::date(days);
        format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", seconds / 3600, seconds / 60 % 60)
    }
}

/// Every model, oldest first.
pub fn list_models(viewer: &Viewer) -> Result<Vec<ListedModel>, WorkError> {
    let store = viewer.reader();
    let current = open_model(viewer, &ModelChoice::Current)?.record.map(|record| record.id);
    let wanted = store.wanted_model()?;
    let listed = |record: ModelRecord| {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let ModelFacts { name, kind, backbone, dim, config, report, .. } = record.facts;
        ListedModel {
            id: record.id,
            name,
            depth: text(&config["depth"]),
            parent: text(&config["parent"]),
            backbone,
            dim,
            bytes: record.weights_bytes,
            created_unix_s: record.created_unix_s,
            current: current == Some(record.id),
            wanted: wanted == Some(record.id),
            before: report["before"].clone(),
            after: report["after"].clone(),
            verdict: text(&report["verdict"]),
            base: kind == ModelKind::Base,
            judgement: serde_json::from_value(report.clone()).ok(),
            config: facts::in_words(&config, &report),
        }
    };
    Ok(store.models()?.into_iter().map(listed).collect())
}

/// The number of the model of this name; `None` for the base model, which is the one to fall back on.
pub fn find_model(viewer: &Viewer, name: &str) -> Result<Option<ModelId>, WorkError> {
    if name == BASE {
        return Ok(None);
    }
    super::model::named(viewer, name).map(|record| Some(record.id))
}

/// Writes a model with its story to a file that [`import_model`] takes anywhere.
pub fn export_model(viewer: &Viewer, name: &str, path: &Path) -> Result<(), WorkError> {
    viewer.require_outside(path)?;
    let OpenModel { name, network, head, tail, record, .. } = open_model(viewer, &ModelChoice::named(name))?;
    if head.kind() == HeadKind::Raw {
        return Err(WorkError::NothingToExport(name));
    }
    let backbone = network.lite().map_or_else(|| network.id(), Lite::base_id).to_owned();
    let about = record.map(|record| {
        let ModelFacts { name, config, report, .. } = record.facts;
        json!({ "name": name, "config": config, "report": report, "created_unix_s": record.created_unix_s })
    });
    let bytes = ModelFile { backbone, head, tail, about }.to_bytes()?;
    super::export::write_whole(path, &bytes).map_err(|error| WorkError::Write { path: path.to_owned(), error })
}

/// Takes a model from a file into the library, under `name` or the name it brings along, and returns that. It does not
/// answer before it is chosen. A model of another network is refused with both names.
pub fn import_model(library: &Library, path: &Path, name: Option<&str>) -> Result<String, WorkError> {
    library.require_writable(true)?;
    let viewer = library.viewer()?;
    let mut file = read_model_file(path, viewer.backbone().id())?;
    // Whether its tensors fit the network shows when it is put together.
    let unusable = |error: WorkError| WorkError::UnusableModel { path: path.to_owned(), reason: error.to_string() };
    let dim = OpenModel::of_file(&viewer, "imported", &file).map_err(unusable)?.head.dim();
    let about = file.about.take().unwrap_or(Value::Null);
    let stem = || path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let brought = about["name"].as_str().filter(|name| *name != BASE).map(str::to_owned);
    let name = name.map(str::to_owned).or(brought).unwrap_or_else(stem);
    let facts = ModelFacts {
        name: name.clone(),
        kind: ModelKind::Tuned,
        backbone: file.backbone.clone(),
        dim: dim as u32,
        parent: None,
        config: json!({ "imported": true, "depth": about["config"]["depth"], "parent": about["config"]["parent"] }),
        report: about["report"].clone(),
    };
    library.store().insert_model(&facts, &file.to_bytes()?, now_unix_s())?;
    Ok(name)
}

/// Deletes a model; [`crate::store::Store::undo`] brings it back. The one that answers gives way to the base model.
pub fn delete_model(library: &Library, name: &str) -> Result<(), WorkError> {
    library.require_writable(true)?;
    let id = find_model(&library.viewer()?, name)?.ok_or(WorkError::BaseStays)?;
    Ok(library.store().delete_model(id, now_unix_s())?)
}

/// Gives a model another name.
pub fn rename_model(library: &Library, name: &str, new: &str) -> Result<(), WorkError> {
    library.require_writable(true)?;
    let id = find_model(&library.viewer()?, name)?.ok_or(WorkError::BaseStays)?;
    Ok(library.store().rename_model(id, new, now_unix_s())?)
}

/// Takes the newest change of the library back (or, with `again`, does the one again that was taken back last) and tells
/// which it was; `None` when there is none.
pub fn undo(library: &Library, again: bool) -> Result<Option<Change>, WorkError> {
    library.require_writable(true)?;
    let mut store = library.store();
    let entry = if again { store.redo()? } else { store.undo()? };
    Ok(entry.map(|entry| entry.change))
}
