//! Small pictures for the grid, as JPEG.

use rusqlite::{OptionalExtension, Transaction, params};

use super::db::Fault;
use super::{Reader, Store, StoreError};
use crate::library::PhotoId;

impl Reader {
    /// The photo's thumbnail as JPEG, if one was saved.
    pub fn thumbnail(&self, photo: PhotoId) -> Result<Option<Vec<u8>>, StoreError> {
        self.cache.read(|db| {
            let mut statement = db.prepare_cached("SELECT jpeg FROM thumbnails WHERE photo = ?1")?;
            Ok(statement.query_row([photo.as_bytes()], |row| row.get(0)).optional()?)
        })
    }

    /// Whether the photo has a thumbnail.
    pub fn has_thumbnail(&self, photo: PhotoId) -> Result<bool, StoreError> {
        self.cache.read(|db| {
            Ok(db.prepare_cached("SELECT 1 FROM thumbnails WHERE photo = ?1")?.exists([photo.as_bytes()])?)
        })
    }
}

impl Store {
    /// Gives the disk back what was deleted from the cache.
    pub(super) fn give_cache_space_back(&mut self) -> Result<(), StoreError> {
        self.cache_mut()?
            .read(|db| Ok(db.execute_batch("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE);")?))
    }
}

/// Saves thumbnails within a transaction of `cache.db`.
pub(super) fn insert(db: &Transaction<'_>, thumbnails: &[(PhotoId, Vec<u8>)]) -> Result<(), Fault> {
    let mut insert = db.prepare_cached(
        "INSERT INTO thumbnails (photo, jpeg) VALUES (?1, ?2) ON CONFLICT (photo) DO UPDATE SET jpeg = ?2",
    )?;
    for (photo, jpeg) in thumbnails {
        insert.execute(params![photo.as_bytes(), jpeg])?;
    }
    Ok(())
}
