//! Trainings that have begun and not ended: what each was told, beside its checkpoints.

use rusqlite::{OptionalExtension, params};

use super::{Reader, Store, StoreError};

/// A training that was cut off or stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// Its name among runs.
    pub run: String,
    /// What it was told, as its caller wrote it.
    pub plan: String,
    /// When it began, in seconds since 1970.
    pub created_unix_s: i64,
}

impl Reader {
    /// The runs that have a checkpoint to go on from, newest first.
    pub fn unfinished_runs(&self) -> Result<Vec<RunRecord>, StoreError> {
        self.library.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT run, plan, created_unix_s FROM runs \
                 WHERE run IN (SELECT run FROM checkpoints) ORDER BY created_unix_s DESC, run DESC",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(RunRecord { run: row.get(0)?, plan: row.get(1)?, created_unix_s: row.get(2)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Steps done at the newest checkpoint of a run.
    pub fn newest_checkpoint_step(&self, run: &str) -> Result<Option<u64>, StoreError> {
        self.library.read(|db| {
            let query = "SELECT step FROM checkpoints WHERE run = ?1 ORDER BY rowid DESC LIMIT 1";
            let found = db.prepare_cached(query)?.query_row([run], |row| row.get::<_, i64>(0)).optional()?;
            Ok(found.map(i64::cast_unsigned))
        })
    }

    /// The newest checkpoint of a run: steps done, and its content.
    pub fn newest_checkpoint(&self, run: &str) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        self.library.read(|db| {
            let query = "SELECT step, state FROM checkpoints WHERE run = ?1 ORDER BY rowid DESC LIMIT 1";
            let mut statement = db.prepare_cached(query)?;
            let found = statement.query_row([run], |row| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?)));
            Ok(found.optional()?)
        })
    }
}

impl Store {
    /// Notes that a run begins. One without a checkpoint is forgotten when the next one begins.
    pub fn begin_run(&mut self, run: &RunRecord) -> Result<(), StoreError> {
        self.library_mut()?.write(|db| {
            db.execute("DELETE FROM runs WHERE run NOT IN (SELECT run FROM checkpoints)", [])?;
            db.execute(
                "INSERT OR REPLACE INTO runs VALUES (?1, ?2, ?3)",
                params![run.run, run.plan, run.created_unix_s],
            )?;
            Ok(())
        })
    }

    /// Notes in place of what a run was told that it is told this.
    pub fn replan_run(&mut self, run: &str, plan: &str) -> Result<(), StoreError> {
        self.library_mut()?.write(|db| {
            db.execute("UPDATE runs SET plan = ?2 WHERE run = ?1", params![run, plan])?;
            Ok(())
        })
    }

    /// Forgets a run that has ended, with its checkpoints.
    pub fn end_run(&mut self, run: &str) -> Result<(), StoreError> {
        self.library_mut()?.write(|db| {
            db.execute("DELETE FROM runs WHERE run = ?1", [run])?;
            Ok(())
        })?;
        self.drop_checkpoints(run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::Bench;

    fn run(name: &str, at: i64) -> RunRecord {
        RunRecord { run: name.to_owned(), plan: format!("plan of {name}"), created_unix_s: at }
    }

    #[test]
    fn runs_with_a_checkpoint_are_offered_newest_first_until_they_end() {
        let bench = Bench::new();
        let mut store = bench.open();
        store.begin_run(&run("never got far", 1)).unwrap();
        for (name, at) in [("one", 2), ("two", 3)] {
            store.begin_run(&run(name, at)).unwrap();
            store.put_checkpoint((name, 10), name.as_bytes(), 2, at).unwrap();
            store.put_checkpoint((name, 20), b"later", 2, at).unwrap();
        }
        store.replan_run("two", "another plan").unwrap();
        assert_eq!(store.unfinished_runs().unwrap()[0], RunRecord { plan: "another plan".into(), ..run("two", 3) });
        store.replan_run("two", "plan of two").unwrap();
        drop(store);
        let mut store = bench.open();
        assert_eq!(store.unfinished_runs().unwrap(), [run("two", 3), run("one", 2)]);
        assert_eq!(store.newest_checkpoint("one").unwrap(), Some((20, b"later".to_vec())));
        store.end_run("two").unwrap();
        assert_eq!(store.unfinished_runs().unwrap(), [run("one", 2)]);
        assert_eq!(store.newest_checkpoint("two").unwrap(), None);
    }
}
