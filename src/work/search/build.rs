//! Building the index over a model's rows: what was measured is remembered, so that opening the same library again
//! measures nothing.

use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::{AuditRecord, SEED, Searcher, graph};
use crate::library::PhotoId;
use crate::neighbor::{Choice, Chosen, Cost, Gallery, Members, NeighborIndex, build, choose};
use crate::store::Access;
use crate::work::model::OpenModel;
use crate::work::{Cancel, Library, ModelChoice, Viewer, WorkError};

/// Which index is to answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IndexSettings {
    /// Which one.
    pub choice: Choice,
    /// With more photos than this, `auto` means the approximate one; never when there is no number.
    pub approx_above: Option<usize>,
}

impl IndexSettings {
    /// Whether a library of so many photos is answered by the approximate index.
    pub fn wants_approximate(&self, photos: usize) -> bool {
        let is_large = self.approx_above.is_some_and(|above| photos > above);
        self.choice == Choice::Approx || (self.choice == Choice::Auto && is_large)
    }
}

/// What was measured over one set of photos, as it is noted.
#[derive(Debug, Deserialize, Serialize)]
struct CostsNote {
    photos: String,
    costs: Vec<Cost>,
}

/// Everything needed to build an index, away from the [`Searcher`] that goes on answering meanwhile.
pub struct Blueprint {
    gallery: Arc<Gallery>,
    settings: IndexSettings,
    noted_under: Option<String>,
}

/// An index ready to be [installed](Searcher::install).
pub struct Built {
    index: Box<dyn NeighborIndex>,
    costs: Vec<Cost>,
    audit: Option<AuditRecord>,
    noted_under: Option<String>,
    /// What the photos are called in notes.
    photos: String,
    /// Whether the costs were measured just now, or the graph built.
    is_new: bool,
}

/// Where what is measured of a model is noted.
pub(super) fn noted_under(model: &OpenModel, choice: &ModelChoice) -> Option<String> {
    match (&model.key, choice) {
        (Some(key), _) => Some(format!("{} {}", key.model, key.backbone)),
        (None, ModelChoice::Raw) => Some(format!("{} {}", model.name, model.network.id())),
        // A file may hold another model the next time.
        (None, _) => None,
    }
}

/// A name for a set of photos, whatever their order.
pub(super) fn name_of(mut photos: Vec<PhotoId>) -> String {
    photos.sort_unstable();
    let mut hasher = blake3::Hasher::new();
    for photo in &photos {
        hasher.update(photo.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// The photos of an index that can be found.
pub(super) fn name_of_members(members: &Members) -> String {
    name_of((0..members.rows()).filter(|row| members.contains(*row)).map(|row| members.photo(row)).collect())
}

fn costs_key(noted_under: &str) -> String {
    format!("costs of {noted_under}")
}

fn graph_key(noted_under: &str, photos: &str) -> String {
    format!("graph of {noted_under} over {photos}")
}

impl Blueprint {
    /// Builds the index that the settings ask for. What was measured or built over the same photos before is not measured
    /// or built again. An approximate index takes long; `go_on` is asked every now and then, and ends it by returning
    /// false.
    pub fn build(&self, viewer: &Viewer, go_on: &(dyn Fn() -> bool + Sync)) -> Result<Built, WorkError> {
        if !self.is_approximate() {
            return self.build_exact(viewer);
        }
        let photos = name_of(self.gallery.photos().to_vec());
        let kept =
            self.noted_under.as_deref().map(|key| viewer.reader().graph(&graph_key(key, &photos))).transpose()?;
        let (index, is_new) = graph::index(&self.gallery, kept.flatten(), viewer.threads(), go_on)?;
        self.finish(viewer, photos, Chosen { index, costs: Vec::new() }, is_new)
    }

    /// Whether an approximate index is asked for.
    pub fn is_approximate(&self) -> bool {
        self.settings.wants_approximate(self.gallery.len())
    }

    /// Builds the exact index that is fastest, or asked for: it can answer until an approximate one is built.
    pub fn build_exact(&self, viewer: &Viewer) -> Result<Built, WorkError> {
        let photos = name_of(self.gallery.photos().to_vec());
        let costs = self.noted_costs(viewer, &photos)?;
        let (chosen, is_new) = match self.settings.choice.plan(&costs) {
            Some(plan) => (Chosen { index: build(&self.gallery, plan)?, costs }, false),
            None => (self.measure()?, true),
        };
        self.finish(viewer, photos, chosen, is_new)
    }

    fn finish(&self, viewer: &Viewer, photos: String, chosen: Chosen, is_new: bool) -> Result<Built, WorkError> {
        let Chosen { index, costs } = chosen;
        let audit = AuditRecord::noted(viewer, self.noted_under.as_deref(), &photos, &*index)?;
        Ok(Built { index, costs, audit, noted_under: self.noted_under.clone(), photos, is_new })
    }

    fn measure(&self) -> Result<Chosen, WorkError> {
        let started = Instant::now();
        Ok(choose(&self.gallery, self.settings.choice, SEED, &|| started.elapsed())?)
    }

    fn noted_costs(&self, viewer: &Viewer, photos: &str) -> Result<Vec<Cost>, WorkError> {
        let Some(key) = &self.noted_under else { return Ok(Vec::new()) };
        let note = viewer.reader().note(&costs_key(key))?;
        // A note that another version wrote is no note.
        let note = note.and_then(|text| serde_json::from_str::<CostsNote>(&text).ok());
        Ok(note.filter(|note| note.photos == photos).map(|note| note.costs).unwrap_or_default())
    }
}

impl Built {
    /// Keeps what was measured, or took long to build, where the library may be written.
    pub fn remember(&self, library: &Library) -> Result<(), WorkError> {
        let Some(key) = self.noted_under.as_ref().filter(|_| self.is_new) else { return Ok(()) };
        if library.access() != Access::ReadWrite {
            return Ok(());
        }
        if let Some(bytes) = self.index.save()? {
            library.store().put_graph(&graph_key(key, &self.photos), &bytes)?;
        }
        if !self.costs.is_empty() {
            let note = CostsNote { photos: self.photos.clone(), costs: self.costs.clone() };
            let text = serde_json::to_string(&note).unwrap_or_default();
            library.store().set_note(&costs_key(key), &text)?;
        }
        Ok(())
    }
}

impl Searcher {
    /// What is needed to build the index anew, over the photos it was built over.
    pub fn blueprint(&self) -> Blueprint {
        let gallery = Arc::clone(self.members().built());
        Blueprint { gallery, settings: self.settings, noted_under: self.noted_under.clone() }
    }

    /// Lets an index built from the [`Searcher::blueprint`] answer from now on. Photos that came and went since stay come
    /// and gone. False when it was built over other photos, and is of no use here.
    pub fn install(&mut self, mut built: Built) -> bool {
        let fits = Arc::ptr_eq(built.index.members().built(), self.members().built());
        if fits {
            *built.index.members_mut() = self.members().clone();
            (self.index, self.costs, self.audit) = (built.index, built.costs, built.audit);
        }
        fits
    }
}

/// Opens the neighbours of a library's current model, measured and remembered. None when nothing is indexed.
pub fn refresh_neighbors(library: &Library, cancel: &Cancel) -> Result<Option<Searcher>, WorkError> {
    let viewer = library.viewer()?;
    let mut searcher = match Searcher::read(&viewer, &ModelChoice::Current) {
        Err(WorkError::NotIndexed { .. }) => return Ok(None),
        read => read?,
    };
    let built = searcher.blueprint().build(&viewer, &|| !cancel.is_cancelled())?;
    built.remember(library)?;
    searcher.install(built);
    Ok(Some(searcher))
}
