//! Whether somebody has changed the library meanwhile.

use super::{Reader, StoreError};

impl Reader {
    /// A number that changes whenever another connection, of this program or of another, changes `library.db`. It says
    /// nothing by itself: compare it with an earlier one of the same reader.
    pub fn version(&self) -> Result<i64, StoreError> {
        self.library.read(|db| Ok(db.query_row("PRAGMA data_version", [], |row| row.get(0))?))
    }
}

#[cfg(test)]
mod tests {
    use crate::store::fixture::{Bench, batch};

    #[test]
    fn the_version_changes_with_what_others_commit_and_only_then() {
        let bench = Bench::new();
        let mut store = bench.open();
        let reader = store.reader().unwrap();
        let before = reader.version().unwrap();
        assert_eq!(reader.version().unwrap(), before);
        store.commit(&batch(&["a.jpg"])).unwrap();
        assert_ne!(reader.version().unwrap(), before);
    }
}
