//! Which program looked at the files last: another build may read what that one had to skip.

use rusqlite::OptionalExtension;

use super::{Reader, Store, StoreError};

const KEY: &str = "examined-by";

impl Reader {
    /// Who looked at the files last, in the words given to [`Store::set_examiner`].
    pub fn examiner(&self) -> Result<Option<String>, StoreError> {
        self.library.read(|db| {
            let mut statement = db.prepare_cached("SELECT value FROM settings WHERE key = ?1")?;
            Ok(statement.query_row([KEY], |row| row.get(0)).optional()?)
        })
    }
}

impl Store {
    /// Notes who looked at all files of the folder.
    pub fn set_examiner(&mut self, who: &str) -> Result<(), StoreError> {
        self.library_mut()?.write(|db| {
            db.execute("INSERT OR REPLACE INTO settings VALUES (?1, ?2)", [KEY, who])?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::store::fixture::Bench;

    #[test]
    fn the_last_examiner_is_remembered() {
        let bench = Bench::new();
        let mut store = bench.open();
        assert_eq!(store.examiner().unwrap(), None);
        store.set_examiner("one").unwrap();
        store.set_examiner("two").unwrap();
        drop(store);
        assert_eq!(bench.open().examiner().unwrap().as_deref(), Some("two"));
    }
}
