//! Gathers what the threads make into batches, and commits each batch as one transaction.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::library::{Location, PhotoId};
use half::f16;

use crate::store::{IndexBatch, PhotoFacts, PhotoRecord, StoreError};
use crate::work::Library;
use crate::work::embed::Decoded;
use crate::work::index::pipeline::Outcome;

/// Photos in one transaction at most: what a kill loses at most.
const BATCH: usize = 64;
/// A batch is committed after this long even when it is not full, so that slow disks show progress too.
const BATCH_AGE: Duration = Duration::from_millis(1500);

/// Folds outcomes into batches for the store.
pub(super) struct Collector<'a> {
    library: &'a Library,
    backbone: &'a str,
    batch: IndexBatch,
    opened: Instant,
    /// Content that another worker has in hand: its copies wait for what becomes of it.
    undecided: HashMap<PhotoId, Vec<Location>>,
    decided: HashMap<PhotoId, Result<(), String>>,
    /// Photos embedded in this run.
    pub(super) embedded: usize,
    /// Files skipped in this run, with the reason.
    pub(super) skipped: Vec<(PathBuf, String)>,
}

impl<'a> Collector<'a> {
    /// An empty batch for a library; features are kept under `backbone`.
    pub(super) fn new(library: &'a Library, backbone: &'a str) -> Self {
        Self {
            library,
            backbone,
            batch: empty(backbone),
            opened: Instant::now(),
            undecided: HashMap::new(),
            decided: HashMap::new(),
            embedded: 0,
            skipped: Vec::new(),
        }
    }

    /// Notes files that are no longer there.
    pub(super) fn vanished(&mut self, paths: Vec<PathBuf>) {
        self.batch.removed = paths;
    }

    /// Takes one result. When that fills a batch, it is committed, and the photos that are new in it returned.
    pub(super) fn add(&mut self, location: Location, outcome: Outcome) -> Result<Option<Vec<PhotoRecord>>, StoreError> {
        match outcome {
            Outcome::Embedded(id, decoded) => {
                self.embedded += 1;
                self.keep(id, location, *decoded);
                self.decide(id, Ok(()));
            }
            Outcome::Stored(id) => {
                self.batch.locations.push((location, id));
                self.decide(id, Ok(()));
            }
            Outcome::Claimed(id) => match self.decided.get(&id).cloned() {
                Some(decision) => self.place_copy(location, id, decision),
                None => self.undecided.entry(id).or_default().push(location),
            },
            Outcome::Failed(id, reason) => {
                self.skip(location, reason.clone());
                if let Some(id) = id {
                    self.decide(id, Err(reason));
                }
            }
        }
        let pending = self.batch.photos.len() + self.batch.locations.len() / 8 + self.batch.skipped.len() / 8;
        if pending >= BATCH || self.opened.elapsed() > BATCH_AGE { self.commit().map(Some) } else { Ok(None) }
    }

    fn keep(&mut self, id: PhotoId, location: Location, decoded: Decoded) {
        let Decoded { header, thumbnail, features } = decoded;
        self.batch.photos.push(PhotoFacts {
            id,
            bytes: location.size,
            width: header.width(),
            height: header.height(),
            taken: header.taken().map(str::to_owned),
            camera: header.camera().map(str::to_owned),
        });
        self.batch.features.push((id, features.into_iter().map(f16::from_f32).collect()));
        self.batch.thumbnails.push((id, thumbnail));
        self.batch.locations.push((location, id));
    }

    fn decide(&mut self, id: PhotoId, decision: Result<(), String>) {
        for copy in self.undecided.remove(&id).unwrap_or_default() {
            self.place_copy(copy, id, decision.clone());
        }
        self.decided.insert(id, decision);
    }

    fn place_copy(&mut self, location: Location, id: PhotoId, decision: Result<(), String>) {
        match decision {
            Ok(()) => self.batch.locations.push((location, id)),
            Err(reason) => self.skip(location, reason),
        }
    }

    fn skip(&mut self, location: Location, reason: String) {
        self.skipped.push((location.path.clone(), reason.clone()));
        self.batch.skipped.push((location, reason));
    }

    /// Commits what is pending; returns the photos that are new in it, each with the path it was found at.
    pub(super) fn commit(&mut self) -> Result<Vec<PhotoRecord>, StoreError> {
        let batch = std::mem::replace(&mut self.batch, empty(self.backbone));
        self.opened = Instant::now();
        self.library.store().commit(&batch)?;
        let found: HashMap<PhotoId, &PathBuf> = batch.locations.iter().rev().map(|(at, id)| (*id, &at.path)).collect();
        let record = |facts: &PhotoFacts| {
            let path = found.get(&facts.id)?;
            Some(PhotoRecord { facts: facts.clone(), paths: vec![(*path).clone()] })
        };
        Ok(batch.photos.iter().filter_map(record).collect())
    }
}

fn empty(backbone: &str) -> IndexBatch {
    IndexBatch { backbone: backbone.to_owned(), ..IndexBatch::default() }
}
