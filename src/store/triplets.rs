//! Triplets a person made: for this photo, that one is closer than the other.

use rusqlite::{Row, Transaction, params};
use serde::{Deserialize, Serialize};

use super::db::Fault;
use super::history::{Change, record};
use super::photos::photo_at;
use super::{Reader, Store, StoreError};
use crate::library::PhotoId;

/// One comparison a person made.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UserTriplet {
    /// The photo compared with.
    pub anchor: PhotoId,
    /// The photo said to be closer to it.
    pub closer: PhotoId,
    /// The photo said to be farther from it.
    pub farther: PhotoId,
    /// How it was made.
    pub source: TripletSource,
    /// When, in seconds since 1970.
    pub created_unix_s: i64,
}

/// How a person made a triplet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TripletSource {
    /// In a duel of two photos for one anchor.
    Duel,
    /// From marks "similar" and "not similar" on one query.
    Marks,
    /// From a file the person gave.
    Import,
}

impl TripletSource {
    const fn name(self) -> &'static str {
        match self {
            Self::Duel => "duel",
            Self::Marks => "marks",
            Self::Import => "import",
        }
    }

    fn from_name(name: &str) -> Result<Self, Fault> {
        let known = [Self::Duel, Self::Marks, Self::Import].into_iter().find(|source| source.name() == name);
        known.ok_or_else(|| Fault::Content(format!("a triplet made by `{name}`")))
    }
}

impl Reader {
    /// Every triplet in the order they were made.
    pub fn triplets(&self) -> Result<Vec<UserTriplet>, StoreError> {
        self.library.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT anchor, closer, farther, source, created_unix_s FROM triplets ORDER BY created_unix_s, no",
            )?;
            let mut rows = statement.query([])?;
            let mut triplets = Vec::new();
            while let Some(row) = rows.next()? {
                triplets.push(triplet_at(row)?);
            }
            Ok(triplets)
        })
    }
}

impl Store {
    /// Removes and adds triplets as one change that can be undone. Returns whether anything changed: triplets that are
    /// not there or are there already do not count.
    pub fn change_triplets(
        &mut self,
        remove: &[UserTriplet],
        add: &[UserTriplet],
        now_unix_s: i64,
    ) -> Result<bool, StoreError> {
        self.library_mut()?.write(|db| {
            let before = remove_triplets(db, remove)?;
            let after = add_triplets(db, add)?;
            let changed = !before.is_empty() || !after.is_empty();
            if changed {
                record(db, &Change::Triplets { before, after }, now_unix_s)?;
            }
            Ok(changed)
        })
    }
}

/// Removes triplets, whenever they were made; returns those that were there, as they were.
pub(super) fn remove_triplets(db: &Transaction<'_>, triplets: &[UserTriplet]) -> Result<Vec<UserTriplet>, Fault> {
    let mut delete = db.prepare_cached(
        "DELETE FROM triplets WHERE anchor = ?1 AND closer = ?2 AND farther = ?3 AND source = ?4 \
         RETURNING anchor, closer, farther, source, created_unix_s",
    )?;
    let mut removed = Vec::new();
    for UserTriplet { anchor, closer, farther, source, .. } in triplets {
        let roles = params![anchor.as_bytes(), closer.as_bytes(), farther.as_bytes(), source.name()];
        let mut rows = delete.query(roles)?;
        while let Some(row) = rows.next()? {
            removed.push(triplet_at(row)?);
        }
    }
    Ok(removed)
}

/// Adds triplets; returns those that were not there.
pub(super) fn add_triplets(db: &Transaction<'_>, triplets: &[UserTriplet]) -> Result<Vec<UserTriplet>, Fault> {
    let mut insert = db.prepare_cached(
        "INSERT OR IGNORE INTO triplets (anchor, closer, farther, source, created_unix_s) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut added = Vec::new();
    for triplet in triplets {
        let UserTriplet { anchor, closer, farther, source, created_unix_s } = triplet;
        let row = params![anchor.as_bytes(), closer.as_bytes(), farther.as_bytes(), source.name(), created_unix_s];
        if insert.execute(row)? > 0 {
            added.push(triplet.clone());
        }
    }
    Ok(added)
}

fn triplet_at(row: &Row<'_>) -> Result<UserTriplet, Fault> {
    let source: String = row.get(3)?;
    Ok(UserTriplet {
        anchor: photo_at(row, 0)?,
        closer: photo_at(row, 1)?,
        farther: photo_at(row, 2)?,
        source: TripletSource::from_name(&source)?,
        created_unix_s: row.get(4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{Bench, photo};

    fn duel(anchor: &str, closer: &str, farther: &str, at: i64) -> UserTriplet {
        let source = TripletSource::Duel;
        UserTriplet {
            anchor: photo(anchor),
            closer: photo(closer),
            farther: photo(farther),
            source,
            created_unix_s: at,
        }
    }

    #[test]
    fn triplets_come_back_in_the_order_they_were_made() {
        let bench = Bench::new();
        let mut store = bench.open();
        let mut made = vec![duel("a", "b", "c", 5), duel("a", "c", "b", 5), duel("b", "a", "c", 6)];
        made[1].source = TripletSource::Import;
        assert!(store.change_triplets(&[], &made, 6).unwrap());
        assert!(!store.change_triplets(&[], &made, 7).unwrap(), "they are there already");
        drop(store);
        assert_eq!(bench.open().triplets().unwrap(), made);
    }

    #[test]
    fn a_changed_mind_is_one_step_to_undo() {
        let mut store = Bench::new().into_store();
        store.change_triplets(&[], &[duel("a", "b", "c", 1)], 1).unwrap();
        store.change_triplets(&[duel("a", "b", "c", 0)], &[duel("a", "c", "b", 2)], 2).unwrap();
        assert_eq!(store.triplets().unwrap(), [duel("a", "c", "b", 2)]);
        store.undo().unwrap();
        assert_eq!(store.triplets().unwrap(), [duel("a", "b", "c", 1)]);
        store.redo().unwrap();
        assert_eq!(store.triplets().unwrap(), [duel("a", "c", "b", 2)]);
    }
}
