//! Questions to one library: the model, its embedding rows, and the index over them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::embedder::{Backbone, Head, Scratch};
use crate::library::PhotoId;
use crate::neighbor::{Answer, Gallery, KdTreeIndex, Method, NeighborIndex};
use crate::work::embed::embed_photo;
use crate::work::listing::{ListedPhoto, listed_photos};
use crate::work::model::{OpenModel, open_model};
use crate::work::rows::embedding_rows;
use crate::work::{ModelChoice, Viewer, WorkError};

/// An answer with the time it took.
#[derive(Clone, Debug)]
pub struct Found {
    /// The neighbours, nearest first.
    pub answer: Answer,
    /// How long the search took, embedding not included.
    pub elapsed: Duration,
}

impl Found {
    /// How it was found: method, exactness, share of the library looked at, time.
    pub fn in_words(&self, method: Method) -> String {
        let exact = if self.answer.exact { "exact" } else { "approximate" };
        let share = 100.0 * self.answer.visited as f64 / self.answer.of.max(1) as f64;
        format!("{method}, {exact}, checked {share:.1} %, {:.2} ms", self.elapsed.as_secs_f64() * 1e3)
    }
}

/// One model's embedding of a library, ready to be asked.
pub struct Searcher {
    model: String,
    network: Arc<dyn Backbone>,
    /// Whether the features in the store are the model's own.
    takes_stored_features: bool,
    head: Head,
    gallery: Arc<Gallery>,
    index: Box<dyn NeighborIndex>,
    photos: Vec<Option<ListedPhoto>>,
    rows: HashMap<PhotoId, usize>,
}

impl Searcher {
    /// Reads the rows of the chosen model and builds the index over them.
    pub fn open(viewer: &Viewer, choice: &ModelChoice) -> Result<Self, WorkError> {
        let model = open_model(viewer, choice)?;
        let gallery = Arc::new(embedding_rows(viewer, &model)?);
        if gallery.is_empty() {
            return Err(WorkError::NotIndexed { folder: viewer.root().to_owned() });
        }
        let rows: HashMap<PhotoId, usize> = gallery.photos().iter().enumerate().map(|(row, id)| (*id, row)).collect();
        let mut by_row: Vec<Option<ListedPhoto>> = vec![None; gallery.len()];
        for photo in listed_photos(viewer)? {
            if let Some(place) = rows.get(&photo.record.facts.id).and_then(|row| by_row.get_mut(*row)) {
                *place = Some(photo);
            }
        }
        let index = Box::new(KdTreeIndex::build(Arc::clone(&gallery))?);
        let takes_stored_features = model.uses(viewer.backbone());
        let OpenModel { name, network, head, .. } = model;
        Ok(Self { model: name, network, takes_stored_features, head, gallery, index, photos: by_row, rows })
    }

    /// Name of the model that answers.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// How the index finds its answers.
    pub fn method(&self) -> Method {
        self.index.method()
    }

    /// The embedding rows.
    pub const fn gallery(&self) -> &Arc<Gallery> {
        &self.gallery
    }

    /// The photo of one row.
    pub fn photo(&self, row: usize) -> Option<&ListedPhoto> {
        self.photos.get(row)?.as_ref()
    }

    /// The `k` photos most like one of the library, itself left out. Nothing when it is not in the index.
    pub fn nearest_to_photo(&self, photo: PhotoId, k: usize) -> Result<Option<Found>, WorkError> {
        let Some(row) = self.rows.get(&photo) else { return Ok(None) };
        self.nearest(self.gallery.embeddings().row(*row), k, Some(photo)).map(Some)
    }

    /// The `k` photos most like an image file, inside or outside the folder; a photo with the same content is left out.
    pub fn nearest_to_file(&self, viewer: &Viewer, path: &Path, k: usize) -> Result<Found, WorkError> {
        let unusable = |reason: String| WorkError::Image { path: path.to_owned(), reason };
        let bytes = std::fs::read(path).map_err(|error| unusable(format!("cannot be read: {error}")))?;
        let id = PhotoId::of_content(&bytes);
        if let Some(found) = self.nearest_to_photo(id, k)? {
            return Ok(found);
        }
        let embedded = embed_photo(&bytes, &*self.network, viewer.budget(), &mut Scratch::default());
        self.nearest(&self.head.embed(&embedded.map_err(unusable)?.features)?, k, None)
    }

    /// The `k` photos most like what these features of the library's own network show; `None` when the model has a
    /// trained network, for which they say nothing.
    pub fn nearest_to_features(&self, features: &[f32], k: usize) -> Result<Option<Found>, WorkError> {
        if !self.takes_stored_features {
            return Ok(None);
        }
        self.nearest(&self.head.embed(features)?, k, None).map(Some)
    }

    fn nearest(&self, query: &[f32], k: usize, without: Option<PhotoId>) -> Result<Found, WorkError> {
        let started = Instant::now();
        let own_row = without.and_then(|id| self.rows.get(&id).copied());
        let answer = self.index.nearest(query, k, &|row| Some(row) != own_row)?;
        Ok(Found { answer, elapsed: started.elapsed() })
    }
}
