//! Neighbour indexes that take long to build, as the bytes they were saved in.

use rusqlite::{OptionalExtension, params};

use super::{Reader, Store, StoreError};
use crate::store::photos::blob_at;

/// Bytes in one piece.
const PIECE: usize = 8 << 20;

impl Reader {
    /// The index kept under `key`. `None` when none is kept, or its bytes are not those that were saved.
    pub fn graph(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.cache.read(|db| {
            let mut statement = db.prepare_cached("SELECT no, bytes, hash FROM graphs WHERE key = ?1")?;
            let found = statement.query_row([key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
            let Some((graph, bytes, hash)): Option<(i64, i64, Vec<u8>)> = found else { return Ok(None) };
            let mut whole = Vec::with_capacity(usize::try_from(bytes).unwrap_or(0));
            let mut pieces = db.prepare_cached("SELECT bytes FROM graph_pieces WHERE graph = ?1 ORDER BY no")?;
            let mut rows = pieces.query([graph])?;
            while let Some(row) = rows.next()? {
                whole.extend_from_slice(blob_at(row, 0)?);
            }
            if blake3::hash(&whole).as_bytes()[..] == hash[..] {
                return Ok(Some(whole));
            }
            tracing::warn!(key, "the saved neighbour index is damaged and will be built anew");
            Ok(None)
        })
    }
}

impl Store {
    /// Keeps an index under `key`; any other is forgotten, because they are large.
    pub fn put_graph(&mut self, key: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.cache_mut()?.write(|db| {
            db.execute("DELETE FROM graph_pieces", [])?;
            db.execute("DELETE FROM graphs", [])?;
            let hash = blake3::hash(bytes);
            db.execute(
                "INSERT INTO graphs (key, bytes, hash) VALUES (?1, ?2, ?3)",
                params![key, bytes.len().cast_signed(), hash.as_bytes()],
            )?;
            let graph = db.last_insert_rowid();
            let mut insert = db.prepare_cached("INSERT INTO graph_pieces (graph, bytes) VALUES (?1, ?2)")?;
            bytes.chunks(PIECE).try_for_each(|piece| insert.execute(params![graph, piece]).map(|_| ()))?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::Bench;

    #[test]
    fn an_index_of_several_pieces_comes_back_whole_and_replaces_the_last() {
        let bench = Bench::new();
        let mut store = bench.open();
        assert_eq!(store.graph("a").unwrap(), None);
        let large: Vec<u8> = (0..PIECE + 5).map(|i| (i % 251) as u8).collect();
        store.put_graph("a", b"first").unwrap();
        store.put_graph("b", &large).unwrap();
        assert_eq!((store.graph("a").unwrap(), store.graph("b").unwrap()), (None, Some(large)));
        store.put_graph("b", b"").unwrap();
        assert_eq!(store.graph("b").unwrap(), Some(Vec::new()));
    }

    #[test]
    fn a_damaged_index_is_none() {
        let bench = Bench::new();
        let mut store = bench.open();
        store.put_graph("a", b"graph").unwrap();
        let other = rusqlite::Connection::open(store.cache_file()).unwrap();
        other.execute("UPDATE graph_pieces SET bytes = x'00'", []).unwrap();
        assert_eq!(store.graph("a").unwrap(), None);
    }
}
