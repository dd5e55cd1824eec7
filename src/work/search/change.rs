//! Photos that come and go while an index answers: added to its side list, marked as gone, until a new index is due.

use std::collections::HashSet;

use super::Searcher;
use crate::library::PhotoId;
use crate::store::PhotoRecord;
use crate::work::listing::listed_photos;
use crate::work::model::open_model;
use crate::work::rows::{Rows, rows_without_decoding};
use crate::work::{ListedPhoto, ModelChoice, Viewer, WorkError};

/// What has changed since an index was built.
pub struct Change {
    /// Of which searcher.
    of: u64,
    /// Photos that are in the folder, with their paths of now.
    listed: Vec<ListedPhoto>,
    /// Rows of those that are new.
    rows: Rows,
    /// Photos that no longer lie in the folder.
    gone: Vec<PhotoId>,
}

impl Searcher {
    /// What makes this searcher know the photos of a batch that is in the store now.
    pub fn change_of_batch(&self, viewer: &Viewer, batch: &[PhotoRecord]) -> Result<Change, WorkError> {
        let ids = batch.iter().map(|record| record.facts.id);
        let new: Vec<PhotoId> = ids.filter(|id| !self.rows.contains_key(id)).collect();
        let rows = rows_without_decoding(viewer, &self.model, &new)?;
        let listed = batch.iter().cloned().map(ListedPhoto::of).collect();
        Ok(Change { of: self.number, listed, rows, gone: Vec::new() })
    }

    /// What makes this searcher know exactly the photos that lie in the folder now.
    pub fn change_since(&self, viewer: &Viewer) -> Result<Change, WorkError> {
        let listed = listed_photos(viewer)?;
        let here: HashSet<PhotoId> = listed.iter().map(|photo| photo.record.facts.id).collect();
        let gone = self.rows.keys().filter(|photo| !here.contains(*photo)).copied().collect();
        let mut new: Vec<PhotoId> = here.into_iter().filter(|photo| !self.rows.contains_key(photo)).collect();
        new.sort_unstable();
        Ok(Change { of: self.number, rows: rows_without_decoding(viewer, &self.model, &new)?, listed, gone })
    }

    /// Takes a change in. Rows of photos keep their numbers. Once more than 5 % of the photos have come or gone, the index
    /// [is due](Searcher::is_stale) to be built anew; it stays exact until then. Returns whether photos came or went: not
    /// when the change was made out for another searcher, whose model may be another.
    pub fn apply(&mut self, change: Change) -> Result<bool, WorkError> {
        let Change { of, listed, rows, gone } = change;
        if of != self.number {
            return Ok(false);
        }
        for (photo, embedding) in rows.photos.iter().zip(rows.matrix.rows()) {
            if !self.rows.contains_key(photo) {
                let row = self.index.members_mut().insert(*photo, embedding)?;
                self.photos.resize(row + 1, None);
                self.rows.insert(*photo, row);
            }
        }
        for photo in listed {
            if let Some(place) = self.rows.get(&photo.record.facts.id).and_then(|row| self.photos.get_mut(*row)) {
                *place = Some(photo);
            }
        }
        for row in gone.iter().filter_map(|photo| self.rows.remove(photo)) {
            self.index.members_mut().remove(row);
            if let Some(place) = self.photos.get_mut(row) {
                *place = None;
            }
        }
        let has_changed = !rows.photos.is_empty() || !gone.is_empty();
        if has_changed {
            // What was audited were other photos.
            self.audit = None;
        }
        Ok(has_changed)
    }

    /// Whether so much has come and gone that the index should be built anew.
    pub fn is_stale(&self) -> bool {
        self.members().is_stale()
    }

    /// Whether this is the model that answers by `choice` now.
    pub fn is_of(&self, viewer: &Viewer, choice: &ModelChoice) -> Result<bool, WorkError> {
        let wanted = open_model(viewer, choice)?;
        Ok(wanted.key.is_some() && wanted.key == self.model.key)
    }
}
