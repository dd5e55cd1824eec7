//! Small pictures for the grid, as JPEG.

use rusqlite::{OptionalExtension, Transaction, params};

use super::db::Fault;
use super::{Reader, StoreError};
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

#[cfg(test)]
mod tests {
    use crate::store::IndexBatch;
    use crate::store::fixture::{Bench, batch, photo};

    #[test]
    fn a_worker_reads_what_was_saved_while_the_writer_is_open() {
        let bench = Bench::new();
        let mut store = bench.open();
        let reader = store.reader().unwrap();
        store.commit(&batch(&["a.jpg"])).unwrap();
        let worker = std::thread::Builder::new().spawn(move || reader.thumbnail(photo("a.jpg")).unwrap()).unwrap();
        assert_eq!(worker.join().unwrap().unwrap(), b"a.jpg");
        let newer = IndexBatch { thumbnails: vec![(photo("a.jpg"), b"newer".to_vec())], ..IndexBatch::default() };
        store.commit(&newer).unwrap();
        assert_eq!(store.thumbnail(photo("a.jpg")).unwrap().unwrap(), b"newer");
        assert_eq!(store.thumbnail(photo("b.jpg")).unwrap(), None);
    }
}
