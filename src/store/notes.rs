//! Small things that were measured and are worth remembering: losing one costs the time to measure it again.

use rusqlite::OptionalExtension;

use super::{Reader, Store, StoreError};

impl Reader {
    /// What was noted under `key`.
    pub fn note(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.cache.read(|db| {
            let mut statement = db.prepare_cached("SELECT value FROM notes WHERE key = ?1")?;
            Ok(statement.query_row([key], |row| row.get(0)).optional()?)
        })
    }
}

impl Store {
    /// Notes `value` under `key`, in place of what was noted there.
    pub fn set_note(&mut self, key: &str, value: &str) -> Result<(), StoreError> {
        self.cache_mut()?.write(|db| {
            db.execute("INSERT OR REPLACE INTO notes VALUES (?1, ?2)", [key, value])?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::store::fixture::Bench;

    #[test]
    fn the_last_note_under_a_key_is_remembered() {
        let bench = Bench::new();
        let mut store = bench.open();
        assert_eq!(store.note("a").unwrap(), None);
        for (key, value) in [("a", "first"), ("b", "other"), ("a", "second")] {
            store.set_note(key, value).unwrap();
        }
        drop(store);
        let store = bench.open();
        assert_eq!(store.note("a").unwrap().as_deref(), Some("second"));
        assert_eq!(store.note("b").unwrap().as_deref(), Some("other"));
    }
}
