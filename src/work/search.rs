//! Questions to one library: the model, its embedding rows, and the index over them.

mod audit;
mod build;
mod change;
mod filter;
pub(super) mod graph;
mod question;
mod rows;

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

pub use audit::AuditRecord;
pub use build::{Blueprint, Built, IndexSettings, refresh_neighbors};
pub use change::Change;
pub use filter::{Filter, Selection};
pub use question::{Example, Question};
pub(super) use rows::Rows;

use crate::embedder::Scratch;
use crate::library::PhotoId;
use crate::neighbor::{Answer, Closeness, Cost, LinearScan, Members, Method, NeighborIndex, nearest_among};
use crate::work::embed::embed_photo;
use crate::work::listing::{ListedPhoto, listed_photos};
use crate::work::model::{OpenModel, open_model};
use crate::work::photo_file::{Content, Unusable};
use crate::work::rows::embedding_rows;
use crate::work::{ModelChoice, Viewer, WorkError};

/// Draws the random pairs and queries by which a library is measured: the same library, the same figures.
const SEED: u64 = 1;

/// The number of the next searcher.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Share of the library's random pairs that lie closer than a "good match" may: beyond that distance a photo is hardly
/// more like the query than others are. On 1,944 photos of groceries with 81 labels, untrained, 68 % of the ten nearest lie
/// within it, of which 73 % have the query's label; of the others 38 %.
pub const GOOD_MATCH: f64 = 0.005;

/// An answer with how it was found and the time it took.
#[derive(Clone, Debug)]
pub struct Found {
    /// The neighbours, nearest first.
    pub answer: Answer,
    /// How they were found.
    pub method: Method,
    /// How long the search took, embedding not included.
    pub elapsed: Duration,
}

impl Found {
    /// How it was found: method, exactness, share of the library looked at, time.
    pub fn in_words(&self, audit: Option<&AuditRecord>) -> String {
        let exact = match audit {
            Some(audit) => audit.in_words(),
            None if self.answer.exact => "exact".to_owned(),
            None => "approximate".to_owned(),
        };
        let share = 100.0 * self.answer.visited as f64 / self.answer.of.max(1) as f64;
        format!("{}, {exact}, checked {share:.1} %, {:.2} ms", self.method, self.elapsed.as_secs_f64() * 1e3)
    }
}

/// One model's embedding of a library, ready to be asked.
pub struct Searcher {
    /// Which searcher of this process.
    number: u64,
    model: OpenModel,
    /// Whether the features in the store are the model's own.
    takes_stored_features: bool,
    index: Box<dyn NeighborIndex>,
    costs: Vec<Cost>,
    audit: Option<AuditRecord>,
    closeness: Closeness,
    settings: IndexSettings,
    /// Where what was measured is noted; none for models that are not kept.
    noted_under: Option<String>,
    /// The photo of each row of the index; none once it is gone.
    photos: Vec<Option<ListedPhoto>>,
    rows: HashMap<PhotoId, usize>,
}

impl Searcher {
    /// Reads the rows of the chosen model and builds the index over them.
    pub fn open(viewer: &Viewer, choice: &ModelChoice) -> Result<Self, WorkError> {
        let mut searcher = Self::read(viewer, choice)?;
        let built = searcher.blueprint().build(viewer, &|| true)?;
        searcher.install(built);
        Ok(searcher)
    }

    /// Reads the rows of the chosen model. Until an index is built and [installed](Searcher::install), every question is
    /// answered by a scan.
    pub fn read(viewer: &Viewer, choice: &ModelChoice) -> Result<Self, WorkError> {
        let model = open_model(viewer, choice)?;
        let gallery = Arc::new(embedding_rows(viewer, &model)?);
        if gallery.is_empty() {
            return Err(WorkError::NotIndexed { folder: viewer.root().to_owned() });
        }
        let rows: HashMap<PhotoId, usize> = gallery.photos().iter().enumerate().map(|(row, id)| (*id, row)).collect();
        let mut photos: Vec<Option<ListedPhoto>> = vec![None; gallery.len()];
        for photo in listed_photos(viewer)? {
            if let Some(place) = rows.get(&photo.record.facts.id).and_then(|row| photos.get_mut(*row)) {
                *place = Some(photo);
            }
        }
        Ok(Self {
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            takes_stored_features: model.uses(viewer.backbone()),
            noted_under: build::noted_under(&model, choice),
            closeness: Closeness::of(&gallery, SEED),
            index: Box::new(LinearScan::new(gallery)),
            settings: viewer.index_settings(),
            costs: Vec::new(),
            audit: None,
            model,
            photos,
            rows,
        })
    }

    /// Name of the model that answers.
    pub fn model(&self) -> &str {
        &self.model.name
    }

    /// How the index finds its answers.
    pub fn method(&self) -> Method {
        self.index.method()
    }

    /// Axes in the tree of the index, if it has one.
    pub fn axes(&self) -> Option<usize> {
        self.index.axes()
    }

    /// What the indexes were measured to cost on these rows; empty when nothing was to be chosen.
    pub fn costs(&self) -> &[Cost] {
        &self.costs
    }

    /// What the last audit of this index over these rows found.
    pub const fn audited(&self) -> Option<&AuditRecord> {
        self.audit.as_ref()
    }

    /// The rows that answer, and their photos.
    pub fn members(&self) -> &Members {
        self.index.members()
    }

    /// Bytes of the rows, and of the index besides them.
    pub fn memory_bytes(&self) -> (usize, usize) {
        (self.members().built().embeddings().memory_bytes(), self.index.memory_bytes())
    }

    /// Which index was asked for.
    pub const fn settings(&self) -> IndexSettings {
        self.settings
    }

    /// Where the photos with these hashes lie.
    pub fn paths_of(&self, hashes: &[String]) -> Vec<PathBuf> {
        let listed = self.photos.iter().flatten().filter(|photo| hashes.contains(&photo.record.facts.id.to_string()));
        listed.map(|photo| photo.path().to_owned()).collect()
    }

    /// The photo of one row.
    pub fn photo(&self, row: usize) -> Option<&ListedPhoto> {
        self.photos.get(row)?.as_ref()
    }

    /// The distance beyond which a neighbour is no good match: `share` of this library's random pairs are closer.
    /// [`GOOD_MATCH`] is the share to use. None when there are no pairs.
    pub fn cut_off(&self, share: f64) -> Option<f32> {
        self.closeness.distance_at(share)
    }

    /// The share of this library's random pairs that are closer than `distance`.
    pub fn share_closer(&self, distance: f32) -> f64 {
        self.closeness.share_closer(distance)
    }

    /// A photo of the library, to ask with. None when it is not in the index.
    pub fn example_of_photo(&self, photo: PhotoId) -> Option<Example> {
        let row = self.rows.get(&photo)?;
        Some(Example { photo: Some(photo), row: self.members().row(*row).to_vec() })
    }

    /// What these features of the library's own network show, to ask with; `None` when the model has a trained network,
    /// for which they say nothing.
    pub fn example_of_features(&self, features: &[f32]) -> Result<Option<Example>, WorkError> {
        if !self.takes_stored_features {
            return Ok(None);
        }
        Ok(Some(Example { photo: None, row: self.model.head.embed(features)? }))
    }

    /// An image file inside or outside the folder, to ask with; it stands for the photo with the same content.
    pub fn example_of_file(&self, viewer: &Viewer, path: &Path) -> Result<Example, WorkError> {
        let unread = |error| Unusable::Because(format!("cannot be read: {error}")).at(path);
        let file = Box::new(File::open(path).map_err(unread)?);
        let (mut content, photo) = Content::read(file, &|| true).map_err(|why| why.at(path))?;
        if let Some(known) = self.example_of_photo(photo) {
            return Ok(known);
        }
        let scratch = &mut Scratch::default();
        let embedded = embed_photo(&mut content, &*self.model.network, viewer.budget(), scratch, &|| true);
        let row = self.model.head.embed(&embedded.map_err(|why| why.at(path))?.features)?;
        Ok(Example { photo: Some(photo), row })
    }

    /// The photos that answer a question best, those asked with left out: `k` of them when so many pass its selection.
    /// A question that few photos may answer is answered from those alone.
    pub fn answer(&self, question: &Question<'_>) -> Result<Found, WorkError> {
        let started = Instant::now();
        let query = question.direction()?;
        let asked: Vec<usize> = question.photos().filter_map(|photo| self.rows.get(&photo).copied()).collect();
        let keep = |row: usize| !asked.contains(&row) && question.among.is_none_or(|among| among.contains(row));
        let (answer, method) = match question.among {
            Some(among) if among.is_few(self.members()) => {
                let rows = among.rows().filter(|row| keep(*row));
                (nearest_among(self.members(), &query, question.k, rows)?, Method::LinearScan)
            }
            _ => (self.index.nearest(&query, question.k, &keep)?, self.method()),
        };
        Ok(Found { answer, method, elapsed: started.elapsed() })
    }

    /// How far every photo is from what is asked, those asked with included; `k` and the selection do not count.
    pub fn distances(&self, question: &Question<'_>) -> Result<HashMap<PhotoId, f32>, WorkError> {
        let (query, rows) = (question.direction()?, self.members().rows());
        let answer = nearest_among(self.members(), &query, rows, 0..rows)?;
        Ok(answer.neighbors.iter().map(|neighbor| (neighbor.photo, neighbor.distance)).collect())
    }

    /// The `k` photos most like one of the library, itself left out. Nothing when it is not in the index.
    pub fn nearest_to_photo(&self, photo: PhotoId, k: usize) -> Result<Option<Found>, WorkError> {
        let Some(example) = self.example_of_photo(photo) else { return Ok(None) };
        self.answer(&Question::like(&[example], k)).map(Some)
    }
}
