//! The model that shall answer as soon as its rows are complete; until then the current one goes on.

use rusqlite::{OptionalExtension, Transaction};

use super::db::Fault;
use super::models::{ModelId, live};
use super::{Reader, Store, StoreError};

impl Reader {
    /// The model that shall answer next, unless it was deleted.
    pub fn wanted_model(&self) -> Result<Option<ModelId>, StoreError> {
        self.library.read(|db| {
            let query = "SELECT no FROM settings JOIN models ON no = CAST(value AS INTEGER) \
                         WHERE key = 'wanted-model' AND deleted_unix_s IS NULL";
            Ok(db.prepare_cached(query)?.query_row([], |row| ModelId::at(row, 0)).optional()?)
        })
    }
}

impl Store {
    /// Notes which model shall answer next; [`Store::set_current_model`] forgets the note.
    pub fn want_model(&mut self, model: Option<ModelId>) -> Result<(), StoreError> {
        self.library_mut()?.write(|db| match model {
            Some(id) => {
                live(db, id)?;
                db.execute("INSERT OR REPLACE INTO settings VALUES ('wanted-model', ?1)", [id.text()])?;
                Ok(())
            }
            None => forget_wanted(db),
        })
    }
}

/// Forgets which model was wanted.
pub(super) fn forget_wanted(db: &Transaction<'_>) -> Result<(), Fault> {
    db.execute("DELETE FROM settings WHERE key = 'wanted-model'", [])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::store::fixture::{Bench, facts_of_model};

    #[test]
    fn a_wanted_model_is_remembered_until_one_is_chosen_or_it_is_deleted() {
        let bench = Bench::new();
        let mut store = bench.open();
        let one = store.insert_model(&facts_of_model("one"), b"1", 1).unwrap();
        store.want_model(Some(one)).unwrap();
        drop(store);
        let mut store = bench.open();
        assert_eq!((store.wanted_model().unwrap(), store.current_model().unwrap()), (Some(one), None));
        store.set_current_model(Some(one), 2).unwrap();
        assert_eq!(store.wanted_model().unwrap(), None);
        store.want_model(Some(one)).unwrap();
        store.delete_model(one, 3).unwrap();
        assert_eq!(store.wanted_model().unwrap(), None);
        assert!(store.want_model(Some(one)).is_err());
    }
}
