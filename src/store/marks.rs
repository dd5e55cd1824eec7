//! What a person said about single photos and pairs. Kept by content: a photo may vanish and return with its marks.

use rusqlite::{Row, Transaction, params};
use serde::{Deserialize, Serialize};

use super::db::Fault;
use super::history::{Change, record};
use super::photos::{blob_at, photo_at};
use super::{Reader, Store, StoreError};
use crate::library::PhotoId;

/// What was said.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarkKind {
    /// Marked, for whatever the person wants to do with the marked ones.
    Marked,
    /// Similar to this query.
    Similar(PhotoId),
    /// Not similar to this query.
    NotSimilar(PhotoId),
    /// This label of the photo is wrong: it stays out of training.
    WrongLabel(String),
}

/// One thing said about one photo.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mark {
    /// The photo.
    pub photo: PhotoId,
    /// What was said.
    pub kind: MarkKind,
    /// When, in seconds since 1970.
    pub created_unix_s: i64,
}

impl MarkKind {
    /// The two columns it is kept in.
    fn columns(&self) -> (&'static str, &[u8]) {
        match self {
            Self::Marked => ("marked", &[]),
            Self::Similar(query) => ("similar", query.as_bytes()),
            Self::NotSimilar(query) => ("not-similar", query.as_bytes()),
            Self::WrongLabel(label) => ("wrong-label", label.as_bytes()),
        }
    }

    fn from_columns(kind: &str, value: &[u8]) -> Result<Self, Fault> {
        let query = || <[u8; 32]>::try_from(value).map(PhotoId::from_bytes).ok();
        let found = match kind {
            "marked" => Some(Self::Marked),
            "similar" => query().map(Self::Similar),
            "not-similar" => query().map(Self::NotSimilar),
            "wrong-label" => String::from_utf8(value.to_vec()).map(Self::WrongLabel).ok(),
            _ => None,
        };
        found.ok_or_else(|| Fault::Content(format!("a mark of the kind `{kind}`")))
    }
}

impl Reader {
    /// Every mark, in the order they were made; equally old ones by photo and kind.
    pub fn marks(&self) -> Result<Vec<Mark>, StoreError> {
        self.library.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT photo, kind, value, created_unix_s FROM marks ORDER BY created_unix_s, photo, kind, value",
            )?;
            let mut rows = statement.query([])?;
            let mut marks = Vec::new();
            while let Some(row) = rows.next()? {
                marks.push(mark_at(row)?);
            }
            Ok(marks)
        })
    }
}

impl Store {
    /// Removes and adds marks as one change that can be undone. Returns whether anything changed: marks that are not
    /// there or are there already do not count.
    pub fn change_marks(&mut self, remove: &[Mark], add: &[Mark], now_unix_s: i64) -> Result<bool, StoreError> {
        self.library_mut()?.write(|db| {
            let before = remove_marks(db, remove)?;
            let after = add_marks(db, add)?;
            let changed = !before.is_empty() || !after.is_empty();
            if changed {
                record(db, &Change::Marks { before, after }, now_unix_s)?;
            }
            Ok(changed)
        })
    }
}

/// Removes marks, whenever they were made; returns those that were there, as they were.
pub(super) fn remove_marks(db: &Transaction<'_>, marks: &[Mark]) -> Result<Vec<Mark>, Fault> {
    let mut delete = db.prepare_cached(
        "DELETE FROM marks WHERE photo = ?1 AND kind = ?2 AND value = ?3 RETURNING photo, kind, value, created_unix_s",
    )?;
    let mut removed = Vec::new();
    for mark in marks {
        let (kind, value) = mark.kind.columns();
        let mut rows = delete.query(params![mark.photo.as_bytes(), kind, value])?;
        while let Some(row) = rows.next()? {
            removed.push(mark_at(row)?);
        }
    }
    Ok(removed)
}

/// Adds marks; returns those that were not there.
pub(super) fn add_marks(db: &Transaction<'_>, marks: &[Mark]) -> Result<Vec<Mark>, Fault> {
    let mut insert = db.prepare_cached("INSERT OR IGNORE INTO marks VALUES (?1, ?2, ?3, ?4)")?;
    let mut added = Vec::new();
    for mark in marks {
        let (kind, value) = mark.kind.columns();
        if insert.execute(params![mark.photo.as_bytes(), kind, value, mark.created_unix_s])? > 0 {
            added.push(mark.clone());
        }
    }
    Ok(added)
}

fn mark_at(row: &Row<'_>) -> Result<Mark, Fault> {
    let kind: String = row.get(1)?;
    let kind = MarkKind::from_columns(&kind, blob_at(row, 2)?)?;
    Ok(Mark { photo: photo_at(row, 0)?, kind, created_unix_s: row.get(3)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{Bench, photo};

    fn mark(content: &str, kind: MarkKind, at: i64) -> Mark {
        Mark { photo: photo(content), kind, created_unix_s: at }
    }

    #[test]
    fn every_kind_comes_back_in_order() {
        let bench = Bench::new();
        let mut store = bench.open();
        let marks = [
            mark("a", MarkKind::WrongLabel("Äpfel".into()), 1),
            mark("a", MarkKind::Marked, 2),
            mark("b", MarkKind::Similar(photo("a")), 3),
            mark("b", MarkKind::NotSimilar(photo("a")), 4),
        ];
        assert!(store.change_marks(&[], &marks, 4).unwrap());
        assert_eq!(store.marks().unwrap(), marks);
        drop(store);
        assert_eq!(bench.open().marks().unwrap(), marks);
    }

    #[test]
    fn marking_twice_changes_nothing_and_keeps_the_first_time() {
        let mut store = Bench::new().into_store();
        assert!(store.change_marks(&[], &[mark("a", MarkKind::Marked, 1)], 1).unwrap());
        assert!(!store.change_marks(&[], &[mark("a", MarkKind::Marked, 2)], 2).unwrap());
        assert!(!store.change_marks(&[mark("b", MarkKind::Marked, 2)], &[], 2).unwrap());
        assert_eq!(store.history().unwrap().len(), 1);
        assert!(store.change_marks(&[mark("a", MarkKind::Marked, 9)], &[], 9).unwrap());
        assert!(store.undo().unwrap().is_some());
        assert_eq!(store.marks().unwrap(), [mark("a", MarkKind::Marked, 1)]);
    }
}
