//! One batch of indexing, saved.
//!
//! Two files have no common commit, so a batch is two transactions: first `cache.db`, then `library.db`. Killed
//!
//! - before the first: nothing of the batch is known; its files are read again.
//! - between them: features lie in the cache of photos the library does not list yet. Their files are not among
//!   [`Reader::known_files`], so they are read and hashed again, but [`Reader::has_features`] then spares the network.
//! - after the second: all is saved.
//!
//! So at most one batch is ever read twice, and none embedded twice. A power cut can take the newest transactions from
//! the cache (it is not flushed at each commit), and a person may delete the cache: then photos are listed without
//! features. [`Reader::photos_without_features`] names exactly those, and an index run begins by asking it, so none
//! stays that way. What was taught lies in `library.db` alone and is flushed at each commit.

use std::path::PathBuf;

use half::f16;
use rusqlite::{Transaction, params};

use super::db::Fault;
use super::path_bytes::to_bytes;
use super::photos::PhotoFacts;
use super::{Store, StoreError, features, thumbnails};
use crate::library::{Location, PhotoId};

/// What indexing found out about some files. Paths are relative to the photo folder; of two entries for one path the
/// later list wins, in the order `removed`, `locations`, `skipped`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndexBatch {
    /// Photos that are new, or whose facts were read again.
    pub photos: Vec<PhotoFacts>,
    /// Paths and what lies there. The photo must be in `photos` or known already.
    pub locations: Vec<(Location, PhotoId)>,
    /// Files that could not be read, and why.
    pub skipped: Vec<(Location, String)>,
    /// Paths where nothing is any more.
    pub removed: Vec<PathBuf>,
    /// Features by the backbone named here.
    pub features: Vec<(PhotoId, Vec<f16>)>,
    /// Id of the backbone that made `features`; not looked at when there are none.
    pub backbone: String,
    /// Small JPEG pictures.
    pub thumbnails: Vec<(PhotoId, Vec<u8>)>,
}

impl Store {
    /// Saves a batch. When this returns, a kill at any moment keeps it; see the module for what happens before.
    pub fn commit(&mut self, batch: &IndexBatch) -> Result<(), StoreError> {
        self.cache_mut()?.write(|cache| {
            features::insert(cache, &batch.backbone, &batch.features)?;
            thumbnails::insert(cache, &batch.thumbnails)?;
            note_skipped(cache, batch)
        })?;
        self.library_mut()?.write(|library| {
            insert_photos(library, &batch.photos)?;
            place_photos(library, batch)
        })
    }
}

fn note_skipped(cache: &Transaction<'_>, batch: &IndexBatch) -> Result<(), Fault> {
    let mut forget = cache.prepare_cached("DELETE FROM skipped WHERE path = ?1")?;
    let readable = batch.locations.iter().map(|(location, _)| &location.path);
    for path in batch.removed.iter().chain(readable) {
        forget.execute([to_bytes(path)])?;
    }
    let mut note = cache.prepare_cached("INSERT OR REPLACE INTO skipped VALUES (?1, ?2, ?3, ?4)")?;
    for (location, reason) in &batch.skipped {
        note.execute(params![to_bytes(&location.path), location.size.cast_signed(), location.modified_ns, reason])?;
    }
    Ok(())
}

fn insert_photos(library: &Transaction<'_>, photos: &[PhotoFacts]) -> Result<(), Fault> {
    let mut insert = library.prepare_cached(
        "INSERT INTO photos (id, bytes, width, height, taken, camera) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (id) DO UPDATE SET bytes = ?2, width = ?3, height = ?4, taken = ?5, camera = ?6",
    )?;
    for photo in photos {
        let bytes = photo.bytes.cast_signed();
        insert.execute(params![photo.id.as_bytes(), bytes, photo.width, photo.height, photo.taken, photo.camera])?;
    }
    Ok(())
}

fn place_photos(library: &Transaction<'_>, batch: &IndexBatch) -> Result<(), Fault> {
    let mut remove = library.prepare_cached("DELETE FROM locations WHERE path = ?1")?;
    for path in &batch.removed {
        remove.execute([to_bytes(path)])?;
    }
    let mut place =
        library.prepare_cached("INSERT OR REPLACE INTO locations SELECT ?1, no, ?2, ?3 FROM photos WHERE id = ?4")?;
    for (Location { path, size, modified_ns }, photo) in &batch.locations {
        let placed = place.execute(params![to_bytes(path), size.cast_signed(), modified_ns, photo.as_bytes()])?;
        if placed == 0 {
            return Err(StoreError::UnknownPhoto(*photo).into());
        }
    }
    for (location, _) in &batch.skipped {
        remove.execute([to_bytes(&location.path)])?;
    }
    Ok(())
}
