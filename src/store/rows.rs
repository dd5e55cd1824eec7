//! Embedding rows of recent models, in large pieces: opening a library streams them and multiplies nothing.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::db::Fault;
use super::photos::blob_at;
use super::{Reader, Store, StoreError};
use crate::library::PhotoId;

/// Rows in one piece.
const ROWS_PER_CHUNK: usize = 1_000;

/// What embedding rows were computed with. Not the model's number: a library restored from a backup gives that again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RowsKey {
    /// [`super::ModelRecord::fingerprint`] of the model.
    pub model: String,
    /// Id of the backbone.
    pub backbone: String,
}

/// Embeddings, row `i` of `photos[i]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EmbeddingRows {
    /// The photos.
    pub photos: Vec<PhotoId>,
    /// Numbers per row.
    pub dim: usize,
    /// All rows, one after the other: `photos.len() * dim` numbers.
    pub values: Vec<f32>,
}

impl EmbeddingRows {
    /// Checks that there are as many numbers as photos need.
    fn check(&self, dim: usize) -> Result<(), StoreError> {
        let shape = |what: &str, expected, got| Err(StoreError::Shape { what: what.to_owned(), expected, got });
        if self.dim != dim || dim == 0 {
            return shape("an embedding row", dim.max(1), self.dim);
        }
        let expected = self.photos.len() * dim;
        if self.values.len() == expected { Ok(()) } else { shape("embedding rows", expected, self.values.len()) }
    }

    /// Sorted by photo, each once; the later row of a photo wins.
    fn in_order(self) -> Self {
        if self.photos.is_sorted_by(|a, b| a < b) {
            return self;
        }
        let mut order: Vec<(PhotoId, usize)> = self.photos.iter().copied().zip(0..).collect();
        order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        order.dedup_by_key(|(photo, _)| *photo);
        let mut values = Vec::with_capacity(order.len() * self.dim);
        for (_, row) in &order {
            values.extend_from_slice(self.values.get(row * self.dim..(row + 1) * self.dim).unwrap_or_default());
        }
        Self { photos: order.into_iter().map(|(photo, _)| photo).collect(), dim: self.dim, values }
    }
}

impl Reader {
    /// The rows kept for a model, ordered by photo id, of photos that vanished too; `None` when none are kept.
    pub fn embeddings(&self, key: &RowsKey) -> Result<Option<EmbeddingRows>, StoreError> {
        self.cache.read(|db| {
            let Some((set, dim)) = find(db, key)? else { return Ok(None) };
            let mut rows = EmbeddingRows { dim, ..EmbeddingRows::default() };
            let mut statement = db.prepare_cached("SELECT sum(length(photos)) FROM row_chunks WHERE row_set = ?1")?;
            let bytes: Option<i64> = statement.query_row([set], |row| row.get(0))?;
            let count = usize::try_from(bytes.unwrap_or(0)).unwrap_or(0) / 32;
            rows.photos.reserve_exact(count);
            rows.values.reserve_exact(count * dim);
            let mut statement =
                db.prepare_cached("SELECT photos, numbers FROM row_chunks WHERE row_set = ?1 ORDER BY no")?;
            let mut chunks = statement.query([set])?;
            while let Some(chunk) = chunks.next()? {
                read_chunk(blob_at(chunk, 0)?, blob_at(chunk, 1)?, &mut rows)?;
            }
            Ok(Some(rows.in_order()))
        })
    }
}

impl Store {
    /// Keeps these rows for a model in place of any it had. `rows.photos` should be sorted: reading is then a copy.
    pub fn put_embeddings(&mut self, key: &RowsKey, rows: &EmbeddingRows) -> Result<(), StoreError> {
        rows.check(rows.dim)?;
        self.cache_mut()?.write(|db| {
            forget(db, key)?;
            let set = create(db, key, rows.dim)?;
            write_chunks(db, set, rows)
        })
    }

    /// Adds rows to those of a model, or begins them. A photo that had one gets the new one.
    pub fn append_embeddings(&mut self, key: &RowsKey, rows: &EmbeddingRows) -> Result<(), StoreError> {
        self.cache_mut()?.write(|db| {
            let found = find(db, key)?;
            rows.check(found.map_or(rows.dim, |(_, dim)| dim))?;
            let set = match found {
                Some((set, _)) => set,
                None => create(db, key, rows.dim)?,
            };
            write_chunks(db, set, rows)
        })
    }

    /// Forgets the rows of a model.
    pub fn drop_embeddings(&mut self, key: &RowsKey) -> Result<(), StoreError> {
        self.cache_mut()?.write(|db| forget(db, key))
    }

    /// Keeps the rows of the `keep` models that were put or begun last, forgets the others.
    pub fn keep_recent_embeddings(&mut self, keep: usize) -> Result<(), StoreError> {
        self.cache_mut()?.write(|db| {
            let recent = "SELECT no FROM row_sets ORDER BY no DESC LIMIT ?1";
            db.execute(&format!("DELETE FROM row_chunks WHERE row_set NOT IN ({recent})"), [keep.cast_signed()])?;
            db.execute(&format!("DELETE FROM row_sets WHERE no NOT IN ({recent})"), [keep.cast_signed()])?;
            Ok(())
        })
    }
}

fn find(db: &Connection, key: &RowsKey) -> Result<Option<(i64, usize)>, Fault> {
    let mut statement = db.prepare_cached("SELECT no, dim FROM row_sets WHERE model = ?1 AND backbone = ?2")?;
    let found = statement
        .query_row([&key.model, &key.backbone], |row| Ok((row.get(0)?, row.get::<_, u32>(1)? as usize)))
        .optional()?;
    Ok(found)
}

fn create(db: &Transaction<'_>, key: &RowsKey, dim: usize) -> Result<i64, Fault> {
    db.prepare_cached("INSERT INTO row_sets (model, backbone, dim) VALUES (?1, ?2, ?3)")?.execute(params![
        key.model,
        key.backbone,
        dim as u32
    ])?;
    Ok(db.last_insert_rowid())
}

fn forget(db: &Transaction<'_>, key: &RowsKey) -> Result<(), Fault> {
    if let Some((set, _)) = find(db, key)? {
        db.execute("DELETE FROM row_chunks WHERE row_set = ?1", [set])?;
        db.execute("DELETE FROM row_sets WHERE no = ?1", [set])?;
    }
    Ok(())
}

fn write_chunks(db: &Transaction<'_>, set: i64, rows: &EmbeddingRows) -> Result<(), Fault> {
    let mut insert = db.prepare_cached("INSERT INTO row_chunks (row_set, photos, numbers) VALUES (?1, ?2, ?3)")?;
    let values = rows.values.chunks(ROWS_PER_CHUNK * rows.dim.max(1));
    for (photos, values) in rows.photos.chunks(ROWS_PER_CHUNK).zip(values) {
        let mut ids = Vec::with_capacity(photos.len() * 32);
        for photo in photos {
            ids.extend_from_slice(photo.as_bytes());
        }
        let mut numbers = Vec::with_capacity(values.len() * 4);
        for value in values {
            numbers.extend_from_slice(&value.to_le_bytes());
        }
        insert.execute(params![set, ids, numbers])?;
    }
    Ok(())
}

fn read_chunk(photos: &[u8], numbers: &[u8], rows: &mut EmbeddingRows) -> Result<(), Fault> {
    let (ids, spare) = photos.as_chunks::<32>();
    let (values, odd) = numbers.as_chunks::<4>();
    if !spare.is_empty() || !odd.is_empty() || values.len() != ids.len() * rows.dim {
        return Err(Fault::Content("embedding rows of the wrong length".to_owned()));
    }
    rows.photos.extend(ids.iter().map(|id| PhotoId::from_bytes(*id)));
    rows.values.extend(values.iter().map(|value| f32::from_le_bytes(*value)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{Bench, photo};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn key(model: &str) -> RowsKey {
        RowsKey { model: model.into(), backbone: "lite0".into() }
    }

    fn rows(dim: usize, of: &[(u32, f32)]) -> EmbeddingRows {
        EmbeddingRows {
            photos: of.iter().map(|(n, _)| photo(&n.to_string())).collect(),
            dim,
            values: of.iter().flat_map(|(_, value)| std::iter::repeat_n(*value, dim)).collect(),
        }
    }

    #[test]
    fn rows_of_many_chunks_come_back_bit_for_bit() {
        let bench = Bench::new();
        let mut store = bench.open();
        let all: Vec<(u32, f32)> = (0..2_345).map(|n| (n, (n as f32).sin())).collect();
        let saved = rows(3, &all).in_order();
        store.put_embeddings(&key("m"), &saved).unwrap();
        drop(store);
        let store = bench.open();
        assert_eq!(store.embeddings(&key("m")).unwrap(), Some(saved));
        assert_eq!(store.embeddings(&key("n")).unwrap(), None);
    }

    #[test]
    fn wrong_lengths_are_refused() {
        let mut store = Bench::new().into_store();
        store.put_embeddings(&key("m"), &rows(2, &[(1, 0.5)])).unwrap();
        let wrong = store.append_embeddings(&key("m"), &rows(3, &[(2, 0.5)])).unwrap_err().to_string();
        assert_eq!(wrong, "an embedding row: expected 2 numbers, got 3");
        let short = EmbeddingRows { photos: vec![photo("1")], dim: 2, values: vec![1.0] };
        assert!(matches!(store.put_embeddings(&key("m"), &short), Err(StoreError::Shape { .. })));
        assert!(matches!(store.put_embeddings(&key("m"), &rows(0, &[])), Err(StoreError::Shape { .. })));
        assert_eq!(store.embeddings(&key("m")).unwrap().unwrap(), rows(2, &[(1, 0.5)]));
    }

    #[test]
    fn only_recent_models_keep_their_rows() {
        let mut store = Bench::new().into_store();
        for model in ["a", "b", "c"] {
            store.put_embeddings(&key(model), &rows(1, &[(1, 1.0)])).unwrap();
        }
        store.put_embeddings(&key("a"), &rows(1, &[(1, 2.0)])).unwrap();
        store.keep_recent_embeddings(2).unwrap();
        let kept: Vec<bool> = ["a", "b", "c"].map(|m| store.embeddings(&key(m)).unwrap().is_some()).to_vec();
        assert_eq!(kept, [true, false, true]);
        store.drop_embeddings(&key("a")).unwrap();
        assert_eq!(store.embeddings(&key("a")).unwrap(), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn appended_rows_act_like_a_map(parts in prop::collection::vec(
            prop::collection::vec((0..30_u32, -1.0..1.0_f32), 0..12), 1..6)) {
            let mut store = Bench::new().into_store();
            let mut map = BTreeMap::new();
            for part in &parts {
                store.append_embeddings(&key("m"), &rows(2, part)).unwrap();
                map.extend(part.iter().map(|(n, value)| (photo(&n.to_string()), *value)));
            }
            let found = store.embeddings(&key("m")).unwrap().unwrap();
            let expected: Vec<f32> = map.values().flat_map(|value| [*value; 2]).collect();
            prop_assert_eq!(found.photos, map.into_keys().collect::<Vec<_>>());
            prop_assert_eq!(found.values, expected);
        }
    }
}
