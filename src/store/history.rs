//! What was changed, so that it can be undone and redone: marks, triplets, and which model answers.
//!
//! A line of entries with a point in it: what lies before is done, what lies after was undone. A new change cuts off what
//! was undone. A change and its entry are one transaction.

use std::fmt;

use rusqlite::{OptionalExtension, Transaction, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::db::Fault;
use super::marks::{Mark, add_marks, remove_marks};
use super::models::{ModelId, put_current, put_deleted, put_name};
use super::triplets::{UserTriplet, add_triplets, remove_triplets};
use super::{Reader, Store, StoreError};

/// Entries kept; older ones can no longer be undone.
const KEPT: i64 = 1_000;

/// One change, with what was there before and what came after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Marks that went and marks that came.
    Marks {
        /// Those that went.
        before: Vec<Mark>,
        /// Those that came.
        after: Vec<Mark>,
    },
    /// Triplets that went and triplets that came.
    Triplets {
        /// Those that went.
        before: Vec<UserTriplet>,
        /// Those that came.
        after: Vec<UserTriplet>,
    },
    /// Another model answers.
    CurrentModel {
        /// The one before, if any was chosen.
        before: Option<ModelId>,
        /// The one after, if any was chosen.
        after: Option<ModelId>,
    },
    /// A model has another name.
    ModelName {
        /// The model.
        model: ModelId,
        /// Its name before.
        before: String,
        /// Its name after.
        after: String,
    },
    /// A model was deleted or came back.
    ModelDeleted {
        /// The model.
        model: ModelId,
        /// When it had been deleted, in seconds since 1970, if it was.
        before: Option<i64>,
        /// When it was deleted, in seconds since 1970, if it was.
        after: Option<i64>,
    },
}

/// A change in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Grows with every entry.
    pub seq: i64,
    /// What was changed.
    pub change: Change,
    /// When, in seconds since 1970.
    pub created_unix_s: i64,
    /// Whether it was undone.
    pub undone: bool,
}

impl fmt::Display for Change {
    /// What was done, for people: "3 marks changed".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let changed = |f: &mut fmt::Formatter<'_>, count: usize, what: &str| {
            write!(f, "{count} {what}{} changed", if count == 1 { "" } else { "s" })
        };
        match self {
            Self::Marks { before, after } => changed(f, before.len().max(after.len()), "mark"),
            Self::Triplets { before, after } => changed(f, before.len().max(after.len()), "triplet"),
            Self::CurrentModel { .. } => f.write_str("another model in use"),
            Self::ModelName { before, after, .. } => write!(f, "model `{before}` renamed to `{after}`"),
            Self::ModelDeleted { after: Some(_), .. } => f.write_str("a model deleted"),
            Self::ModelDeleted { after: None, .. } => f.write_str("a model brought back"),
        }
    }
}

impl Change {
    /// What takes this back.
    #[must_use]
    pub fn inverse(self) -> Self {
        match self {
            Self::Marks { before, after } => Self::Marks { before: after, after: before },
            Self::Triplets { before, after } => Self::Triplets { before: after, after: before },
            Self::CurrentModel { before, after } => Self::CurrentModel { before: after, after: before },
            Self::ModelName { model, before, after } => Self::ModelName { model, before: after, after: before },
            Self::ModelDeleted { model, before, after } => Self::ModelDeleted { model, before: after, after: before },
        }
    }

    /// Whether the model is part of this change.
    pub(super) fn mentions(&self, id: ModelId) -> bool {
        match self {
            Self::Marks { .. } | Self::Triplets { .. } => false,
            Self::CurrentModel { before, after } => [before, after].contains(&&Some(id)),
            Self::ModelName { model, .. } | Self::ModelDeleted { model, .. } => *model == id,
        }
    }

    /// The columns `what`, `before`, `after`.
    fn columns(&self) -> Result<(&'static str, String, String), Fault> {
        let (what, before, after) = match self {
            Self::Marks { before, after } => ("marks", json(before)?, json(after)?),
            Self::Triplets { before, after } => ("triplets", json(before)?, json(after)?),
            Self::CurrentModel { before, after } => ("current-model", json(before)?, json(after)?),
            Self::ModelName { model, before, after } => ("model-name", json(&(model, before))?, json(&(model, after))?),
            Self::ModelDeleted { model, before, after } => {
                ("model-deleted", json(&(model, before))?, json(&(model, after))?)
            }
        };
        Ok((what, before, after))
    }

    fn from_columns(what: &str, before: &str, after: &str) -> Result<Self, Fault> {
        match what {
            "marks" => Ok(Self::Marks { before: value(before)?, after: value(after)? }),
            "triplets" => Ok(Self::Triplets { before: value(before)?, after: value(after)? }),
            "current-model" => Ok(Self::CurrentModel { before: value(before)?, after: value(after)? }),
            "model-name" => {
                let ((model, before), (_, after)): ((_, _), (ModelId, _)) = (value(before)?, value(after)?);
                Ok(Self::ModelName { model, before, after })
            }
            "model-deleted" => {
                let ((model, before), (_, after)): ((_, _), (ModelId, _)) = (value(before)?, value(after)?);
                Ok(Self::ModelDeleted { model, before, after })
            }
            _ => Err(Fault::Content(format!("a change of the kind `{what}`"))),
        }
    }
}

fn json(value: &impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::Content(error.to_string()))
}

fn value<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|error| Fault::Content(error.to_string()))
}

impl Reader {
    /// The history, oldest first.
    pub fn history(&self) -> Result<Vec<HistoryEntry>, StoreError> {
        self.library.read(|db| entries(db, "SELECT * FROM history ORDER BY seq"))
    }
}

impl Store {
    /// Takes the newest change back that is still done, and returns it; `None` when there is none.
    pub fn undo(&mut self) -> Result<Option<HistoryEntry>, StoreError> {
        self.step("SELECT * FROM history WHERE undone = 0 ORDER BY seq DESC LIMIT 1", true)
    }

    /// Does the change again that was undone last, and returns it; `None` when there is none.
    pub fn redo(&mut self) -> Result<Option<HistoryEntry>, StoreError> {
        self.step("SELECT * FROM history WHERE undone = 1 ORDER BY seq LIMIT 1", false)
    }

    fn step(&mut self, which: &str, undone: bool) -> Result<Option<HistoryEntry>, StoreError> {
        self.library_mut()?.write(|db| {
            let Some(entry) = entries(db, which)?.pop() else { return Ok(None) };
            let change = entry.change.clone();
            apply(db, &if undone { change.inverse() } else { change })?;
            db.execute("UPDATE history SET undone = ?1 WHERE seq = ?2", params![undone, entry.seq])?;
            Ok(Some(HistoryEntry { undone, ..entry }))
        })
    }
}

/// Makes a change that is not written down.
fn apply(db: &Transaction<'_>, change: &Change) -> Result<(), Fault> {
    match change {
        Change::Marks { before, after } => {
            remove_marks(db, before)?;
            add_marks(db, after)?;
        }
        Change::Triplets { before, after } => {
            remove_triplets(db, before)?;
            add_triplets(db, after)?;
        }
        Change::CurrentModel { after, .. } => put_current(db, *after)?,
        Change::ModelName { model, after, .. } => put_name(db, *model, after)?,
        Change::ModelDeleted { model, after, .. } => put_deleted(db, *model, *after)?,
    }
    Ok(())
}

/// Writes a change down that was just made in this transaction.
pub(super) fn record(db: &Transaction<'_>, change: &Change, now_unix_s: i64) -> Result<(), Fault> {
    let (what, before, after) = change.columns()?;
    db.execute("DELETE FROM history WHERE undone = 1", [])?;
    db.prepare_cached("INSERT INTO history (what, before, after, created_unix_s) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![what, before, after, now_unix_s])?;
    let oldest = "SELECT seq FROM history ORDER BY seq DESC LIMIT 1 OFFSET ?1";
    let too_old: Option<i64> = db.prepare_cached(oldest)?.query_row([KEPT], |row| row.get(0)).optional()?;
    db.execute("DELETE FROM history WHERE seq <= ?1", [too_old])?;
    Ok(())
}

/// Forgets every change a model is part of.
pub(super) fn forget_model(db: &Transaction<'_>, model: ModelId) -> Result<(), Fault> {
    for entry in entries(db, "SELECT * FROM history")?.iter().filter(|entry| entry.change.mentions(model)) {
        db.execute("DELETE FROM history WHERE seq = ?1", [entry.seq])?;
    }
    Ok(())
}

fn entries(db: &rusqlite::Connection, query: &str) -> Result<Vec<HistoryEntry>, Fault> {
    let mut statement = db.prepare_cached(query)?;
    let mut rows = statement.query([])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let (what, before, after): (String, String, String) = (row.get("what")?, row.get("before")?, row.get("after")?);
        entries.push(HistoryEntry {
            seq: row.get("seq")?,
            change: Change::from_columns(&what, &before, &after)?,
            created_unix_s: row.get("created_unix_s")?,
            undone: row.get("undone")?,
        });
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MarkKind;
    use crate::store::fixture::{Bench, facts_of_model, photo};

    fn mark(content: &str) -> Mark {
        Mark { photo: photo(content), kind: MarkKind::Marked, created_unix_s: 1 }
    }

    fn marked(store: &Store) -> usize {
        store.marks().unwrap().len()
    }

    #[test]
    fn undo_and_redo_walk_the_line_and_survive_a_restart() {
        let bench = Bench::new();
        let mut store = bench.open();
        for name in ["a", "b", "c"] {
            store.change_marks(&[], &[mark(name)], 1).unwrap();
        }
        store.undo().unwrap();
        drop(store);
        let mut store = bench.open();
        assert_eq!(marked(&store), 2);
        assert_eq!(store.undo().unwrap().unwrap().change, Change::Marks { before: vec![], after: vec![mark("b")] });
        assert!(store.redo().unwrap().is_some_and(|entry| !entry.undone));
        assert!(store.redo().unwrap().is_some());
        assert_eq!((marked(&store), store.redo().unwrap()), (3, None));
        for left in [2, 1, 0] {
            store.undo().unwrap();
            assert_eq!(marked(&store), left);
        }
        assert_eq!(store.undo().unwrap(), None);
    }

    #[test]
    fn a_new_change_cuts_off_what_was_undone() {
        let mut store = Bench::new().into_store();
        store.change_marks(&[], &[mark("a")], 1).unwrap();
        store.undo().unwrap();
        store.change_marks(&[], &[mark("b")], 2).unwrap();
        assert_eq!(store.redo().unwrap(), None);
        assert_eq!(store.marks().unwrap(), [mark("b")]);
        assert_eq!(store.history().unwrap().len(), 1);
    }

    #[test]
    fn undoing_a_training_brings_the_earlier_model_back() {
        let mut store = Bench::new().into_store();
        let one = store.insert_model(&facts_of_model("one"), b"1", 1).unwrap();
        let two = store.insert_model(&facts_of_model("two"), b"2", 2).unwrap();
        store.set_current_model(Some(one), 1).unwrap();
        store.set_current_model(Some(two), 2).unwrap();
        store.rename_model(two, "zwei", 3).unwrap();
        store.delete_model(two, 4).unwrap();
        assert_eq!(store.current_model().unwrap(), None, "a deleted model does not answer");
        store.undo().unwrap();
        assert_eq!(store.current_model().unwrap().unwrap().facts.name, "zwei");
        store.undo().unwrap();
        assert_eq!(store.current_model().unwrap().unwrap().facts.name, "two");
        store.undo().unwrap();
        assert_eq!(store.current_model().unwrap().unwrap().id, one);
        store.redo().unwrap();
        assert_eq!(store.current_model().unwrap().unwrap().id, two);
    }

    #[test]
    fn the_oldest_entries_go() {
        let mut store = Bench::new().into_store();
        let change = Change::CurrentModel { before: None, after: None };
        let extra = 5;
        store
            .library_mut()
            .unwrap()
            .write(|db| (0..KEPT + extra).try_for_each(|now| record(db, &change, now)))
            .unwrap();
        let history = store.history().unwrap();
        assert_eq!((history.len(), history[0].created_unix_s), (KEPT as usize, extra));
    }
}
