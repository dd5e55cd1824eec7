//! States of trainings, so that one that was cut off goes on exactly where it was.

use rusqlite::{OptionalExtension, params};

use super::{Reader, Store, StoreError};

/// A checkpoint without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointRecord {
    /// The training it belongs to.
    pub run: String,
    /// Steps done.
    pub step: u64,
    /// When it was saved, in seconds since 1970.
    pub created_unix_s: i64,
    /// Size of its content.
    pub bytes: u64,
}

impl Reader {
    /// Every checkpoint, newest first.
    pub fn checkpoints(&self) -> Result<Vec<CheckpointRecord>, StoreError> {
        self.library.read(|db| {
            let mut statement =
                db.prepare_cached("SELECT run, step, created_unix_s, bytes FROM checkpoints ORDER BY rowid DESC")?;
            let rows = statement.query_map([], |row| {
                let (step, bytes): (i64, i64) = (row.get(1)?, row.get(3)?);
                Ok(CheckpointRecord {
                    run: row.get(0)?,
                    step: step.cast_unsigned(),
                    created_unix_s: row.get(2)?,
                    bytes: bytes.cast_unsigned(),
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The content of a checkpoint, if it is still there.
    pub fn checkpoint(&self, run: &str, step: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.library.read(|db| {
            let mut statement = db.prepare_cached("SELECT state FROM checkpoints WHERE run = ?1 AND step = ?2")?;
            Ok(statement.query_row(params![run, step.cast_signed()], |row| row.get(0)).optional()?)
        })
    }
}

impl Store {
    /// Saves a checkpoint and drops the oldest of its run beyond the newest `keep` (at least one), all at once: there is
    /// always a whole one. A step that was saved before is replaced.
    pub fn put_checkpoint(
        &mut self,
        (run, step): (&str, u64),
        state: &[u8],
        keep: usize,
        now_unix_s: i64,
    ) -> Result<(), StoreError> {
        self.library_mut()?.write(|db| {
            db.prepare_cached("INSERT OR REPLACE INTO checkpoints VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(params![
                run,
                step.cast_signed(),
                now_unix_s,
                state.len().cast_signed(),
                state
            ])?;
            db.prepare_cached(
                "DELETE FROM checkpoints WHERE run = ?1 AND rowid NOT IN \
                 (SELECT rowid FROM checkpoints WHERE run = ?1 ORDER BY rowid DESC LIMIT ?2)",
            )?
            .execute(params![run, keep.max(1).cast_signed()])?;
            Ok(())
        })
    }

    /// Drops the checkpoints of a run that has ended.
    pub fn drop_checkpoints(&mut self, run: &str) -> Result<(), StoreError> {
        self.library_mut()?.write(|db| {
            db.execute("DELETE FROM checkpoints WHERE run = ?1", [run])?;
            Ok(())
        })?;
        self.library_mut()?.give_space_back()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::Bench;

    fn steps(store: &Store) -> Vec<(String, u64)> {
        store.checkpoints().unwrap().into_iter().map(|saved| (saved.run, saved.step)).collect()
    }

    #[test]
    fn the_newest_of_each_run_are_kept() {
        let bench = Bench::new();
        let mut store = bench.open();
        for step in [10, 20, 30] {
            store.put_checkpoint(("one", step), &step.to_le_bytes(), 2, 5).unwrap();
        }
        store.put_checkpoint(("two", 10), b"other", 0, 6).unwrap();
        drop(store);
        let mut store = bench.open();
        let expected = [("two", 10), ("one", 30), ("one", 20)].map(|(run, step)| (run.to_owned(), step));
        assert_eq!(steps(&store), expected);
        assert_eq!(store.checkpoint("one", 30).unwrap(), Some(30_u64.to_le_bytes().to_vec()));
        assert_eq!(store.checkpoint("one", 10).unwrap(), None);
        store.drop_checkpoints("one").unwrap();
        assert_eq!(steps(&store), [("two".to_owned(), 10)]);
    }

    #[test]
    fn going_back_and_saving_the_step_again_makes_it_the_newest() {
        let mut store = Bench::new().into_store();
        store.put_checkpoint(("run", 10), b"a", 3, 1).unwrap();
        store.put_checkpoint(("run", 20), b"b", 3, 2).unwrap();
        store.put_checkpoint(("run", 10), b"c", 3, 3).unwrap();
        assert_eq!(steps(&store), [("run".to_owned(), 10), ("run".to_owned(), 20)]);
        assert_eq!(store.checkpoint("run", 10).unwrap().unwrap(), b"c");
    }

    #[test]
    fn space_of_dropped_checkpoints_returns_to_the_disk() {
        let bench = Bench::new();
        let mut store = bench.open();
        store.put_checkpoint(("run", 1), &vec![7; 4_000_000], 1, 1).unwrap();
        assert!(store.disk_usage().0 > 4_000_000);
        store.drop_checkpoints("run").unwrap();
        let (library, _) = store.disk_usage();
        assert!(library < 1_000_000, "{library} bytes left");
    }
}
