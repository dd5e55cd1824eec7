//! Models: weights with their story. Inserted whole or not at all; deleting one can be undone.

use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, Transaction, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::db::Fault;
use super::history::{Change, forget_model, record};
use super::wanted::forget_wanted;
use super::{Reader, Store, StoreError};

/// The number of a model in its library. Never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ModelId(i64);

impl ModelId {
    /// From a column.
    pub(super) fn at(row: &Row<'_>, column: usize) -> rusqlite::Result<Self> {
        row.get(column).map(Self)
    }

    /// As the settings keep it.
    pub(super) fn text(self) -> String {
        self.0.to_string()
    }
}

/// Where a model comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelKind {
    /// Computed from the library's features, without training.
    Base,
    /// Trained.
    Tuned,
}

/// What is said of a model when it is saved.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelFacts {
    /// Unique among the models that are not deleted.
    pub name: String,
    /// Where it comes from.
    pub kind: ModelKind,
    /// Id of the backbone whose features it takes.
    pub backbone: String,
    /// Numbers per embedding.
    pub dim: u32,
    /// The model its training started from.
    pub parent: Option<ModelId>,
    /// How it was made: settings, seed, labels, split.
    pub config: Value,
    /// How good it is: before, after, verdict, curves.
    pub report: Value,
}

/// A model without its weights.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelRecord {
    /// Its number.
    pub id: ModelId,
    /// What was said of it.
    pub facts: ModelFacts,
    /// When it was saved, in seconds since 1970.
    pub created_unix_s: i64,
    /// The first 16 hexadecimal digits of its weights' BLAKE3: names what was computed with them ([`super::RowsKey`]).
    pub fingerprint: String,
    /// Size of the weights.
    pub weights_bytes: u64,
}

impl ModelKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Tuned => "tuned",
        }
    }
}

const SELECT: &str = "SELECT no, name, kind, backbone, dim, parent, config, report, created_unix_s, fingerprint, \
                      length(weights) FROM models WHERE deleted_unix_s IS NULL";

impl Reader {
    /// The models, oldest first, without weights.
    pub fn models(&self) -> Result<Vec<ModelRecord>, StoreError> {
        self.library.read(|db| select(db, "ORDER BY no", []))
    }

    /// The model of this name.
    pub fn model_named(&self, name: &str) -> Result<Option<ModelRecord>, StoreError> {
        self.library.read(|db| Ok(select(db, "AND name = ?1", [name])?.pop()))
    }

    /// The model of this number, unless it was deleted.
    pub fn model(&self, id: ModelId) -> Result<Option<ModelRecord>, StoreError> {
        self.library.read(|db| Ok(select(db, "AND no = ?1", [id.0])?.pop()))
    }

    /// The model chosen to answer; `None` when none was chosen or the chosen one was deleted.
    pub fn current_model(&self) -> Result<Option<ModelRecord>, StoreError> {
        self.library.read(|db| {
            let chosen = current(db)?.map(|id| id.0);
            Ok(select(db, "AND no = ?1", [chosen])?.pop())
        })
    }

    /// The weights of a model as they were saved (safetensors).
    pub fn model_weights(&self, id: ModelId) -> Result<Vec<u8>, StoreError> {
        self.library.read(|db| {
            let mut statement = db.prepare_cached("SELECT weights FROM models WHERE no = ?1")?;
            statement.query_row([id.0], |row| row.get(0)).optional()?.ok_or_else(|| unknown(id))
        })
    }

    /// Refuses a name that a trained model cannot be given: taken, reserved or unfit to be shown.
    pub fn check_new_model_name(&self, name: &str) -> Result<(), StoreError> {
        check_name(name, ModelKind::Tuned)?;
        match self.model_named(name)? {
            Some(_) => Err(StoreError::NameTaken(name.to_owned())),
            None => Ok(()),
        }
    }

    /// The first of `prefix 1`, `prefix 2`, ... that no model ever had.
    pub fn free_model_name(&self, prefix: &str) -> Result<String, StoreError> {
        self.library.read(|db| {
            let mut taken = db.prepare_cached("SELECT 1 FROM models WHERE name = ?1")?;
            let mut number = 1_u64;
            loop {
                let name = format!("{prefix} {number}");
                if !taken.exists([&name])? {
                    return Ok(name);
                }
                number += 1;
            }
        })
    }
}

impl Store {
    /// Saves a model under a name that is free.
    pub fn insert_model(&mut self, facts: &ModelFacts, weights: &[u8], now_unix_s: i64) -> Result<ModelId, StoreError> {
        self.library_mut()?.write(|db| insert(db, facts, weights, now_unix_s))
    }

    /// Saves a model in place of the one of that name, if there is one: the old one is deleted, and where it was chosen
    /// to answer, the new one is. This is not in the history.
    pub fn replace_model(
        &mut self,
        facts: &ModelFacts,
        weights: &[u8],
        now_unix_s: i64,
    ) -> Result<ModelId, StoreError> {
        self.library_mut()?.write(|db| {
            let old = select(db, "AND name = ?1", [&facts.name])?.pop().map(|model| model.id);
            if let Some(old) = old {
                put_deleted(db, old, Some(now_unix_s))?;
            }
            let new = insert(db, facts, weights, now_unix_s)?;
            if old.is_some() && old == current(db)? {
                put_current(db, Some(new))?;
            }
            Ok(new)
        })
    }

    /// Chooses the model that answers; `None` leaves it to the program. Whatever model was wanted next is not any more.
    pub fn set_current_model(&mut self, model: Option<ModelId>, now_unix_s: i64) -> Result<(), StoreError> {
        self.library_mut()?.write(|db| {
            if let Some(id) = model {
                live(db, id)?;
            }
            let before = current(db)?;
            put_current(db, model)?;
            forget_wanted(db)?;
            record(db, &Change::CurrentModel { before, after: model }, now_unix_s)
        })
    }

    /// Gives a model another name.
    pub fn rename_model(&mut self, model: ModelId, name: &str, now_unix_s: i64) -> Result<(), StoreError> {
        self.library_mut()?.write(|db| {
            let facts = live(db, model)?.facts;
            check_name(name, facts.kind)?;
            put_name(db, model, name)?;
            record(db, &Change::ModelName { model, before: facts.name, after: name.to_owned() }, now_unix_s)
        })
    }

    /// Deletes a model so that it can be undone; [`Store::purge_models`] frees its space.
    pub fn delete_model(&mut self, model: ModelId, now_unix_s: i64) -> Result<(), StoreError> {
        self.library_mut()?.write(|db| {
            live(db, model)?;
            put_deleted(db, model, Some(now_unix_s))?;
            record(db, &Change::ModelDeleted { model, before: None, after: Some(now_unix_s) }, now_unix_s)
        })
    }

    /// Removes for good what was deleted before this time, with its place in the history. Returns how many models went.
    pub fn purge_models(&mut self, deleted_before_unix_s: i64) -> Result<usize, StoreError> {
        self.library_mut()?.write(|db| {
            let mut statement = db.prepare("DELETE FROM models WHERE deleted_unix_s < ?1 RETURNING no")?;
            let gone = statement.query_map([deleted_before_unix_s], |row| row.get(0).map(ModelId))?;
            let gone = gone.collect::<Result<Vec<_>, _>>()?;
            for model in &gone {
                forget_model(db, *model)?;
                db.execute("DELETE FROM settings WHERE key = 'current-model' AND value = ?1", [model.text()])?;
            }
            Ok(gone.len())
        })
    }
}

fn insert(db: &Transaction<'_>, facts: &ModelFacts, weights: &[u8], now_unix_s: i64) -> Result<ModelId, Fault> {
    check_name(&facts.name, facts.kind)?;
    let hash = blake3::hash(weights).to_hex();
    let fingerprint = hash.as_str().get(..16).unwrap_or_default();
    let ModelFacts { name, kind, backbone, dim, parent, config, report } = facts;
    let parent = parent.map(|id| id.0);
    let (config, report) = (config.to_string(), report.to_string());
    db.prepare_cached(
        "INSERT INTO models (name, kind, backbone, dim, parent, config, report, created_unix_s, fingerprint, weights) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![name, kind.name(), backbone, dim, parent, config, report, now_unix_s, fingerprint, weights])
    .map_err(|error| name_taken(error, name))?;
    Ok(ModelId(db.last_insert_rowid()))
}

fn check_name(name: &str, kind: ModelKind) -> Result<(), StoreError> {
    let length = name.chars().count();
    let visible = (1..=100).contains(&length) && name.trim() == name && !name.chars().any(char::is_control);
    let reserved = name == "raw" || (name == "base" && kind != ModelKind::Base);
    if visible && !reserved { Ok(()) } else { Err(StoreError::BadName(name.to_owned())) }
}

/// Sets or clears which model answers, without history.
pub(super) fn put_current(db: &Transaction<'_>, model: Option<ModelId>) -> Result<(), Fault> {
    match model {
        Some(id) => db.execute("INSERT OR REPLACE INTO settings VALUES ('current-model', ?1)", [id.text()])?,
        None => db.execute("DELETE FROM settings WHERE key = 'current-model'", [])?,
    };
    Ok(())
}

/// Names a model, without history.
pub(super) fn put_name(db: &Transaction<'_>, model: ModelId, name: &str) -> Result<(), Fault> {
    let renamed = db.execute("UPDATE models SET name = ?2 WHERE no = ?1", params![model.0, name]);
    one_changed(renamed.map_err(|error| name_taken(error, name))?, model)
}

/// Deletes a model or brings it back, without history.
pub(super) fn put_deleted(db: &Transaction<'_>, model: ModelId, deleted: Option<i64>) -> Result<(), Fault> {
    let name = db.query_row("SELECT name FROM models WHERE no = ?1", [model.0], |row| row.get::<_, String>(0));
    let name = name.optional()?.unwrap_or_default();
    let changed = db.execute("UPDATE models SET deleted_unix_s = ?2 WHERE no = ?1", params![model.0, deleted]);
    one_changed(changed.map_err(|error| name_taken(error, &name))?, model)
}

fn one_changed(rows: usize, model: ModelId) -> Result<(), Fault> {
    if rows == 1 { Ok(()) } else { Err(unknown(model)) }
}

/// The only rule of the table that a caller can break is that names are unique.
fn name_taken(error: rusqlite::Error, name: &str) -> Fault {
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => StoreError::NameTaken(name.to_owned()).into(),
        _ => error.into(),
    }
}

fn unknown(model: ModelId) -> Fault {
    StoreError::UnknownModel(format!("number {}", model.0)).into()
}

/// The record of a model that is not deleted.
pub(super) fn live(db: &Connection, model: ModelId) -> Result<ModelRecord, Fault> {
    select(db, "AND no = ?1", [model.0])?.pop().ok_or_else(|| unknown(model))
}

/// The number that was chosen to answer, whether or not that model is still there.
fn current(db: &Connection) -> Result<Option<ModelId>, Fault> {
    let mut statement = db.prepare_cached("SELECT CAST(value AS INTEGER) FROM settings WHERE key = 'current-model'")?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?.map(ModelId))
}

fn select(db: &Connection, which: &str, values: impl rusqlite::Params) -> Result<Vec<ModelRecord>, Fault> {
    let mut statement = db.prepare_cached(&format!("{SELECT} {which}"))?;
    let mut rows = statement.query(values)?;
    let mut models = Vec::new();
    while let Some(row) = rows.next()? {
        models.push(model_at(row)?);
    }
    Ok(models)
}

fn model_at(row: &Row<'_>) -> Result<ModelRecord, Fault> {
    let kind: String = row.get(2)?;
    let kind = [ModelKind::Base, ModelKind::Tuned].into_iter().find(|known| known.name() == kind);
    let json = |column| -> Result<Value, Fault> {
        let text: String = row.get(column)?;
        serde_json::from_str(&text).map_err(|error| Fault::Content(error.to_string()))
    };
    let facts = ModelFacts {
        name: row.get(1)?,
        kind: kind.ok_or_else(|| Fault::Content("a model of an unknown kind".to_owned()))?,
        backbone: row.get(3)?,
        dim: row.get(4)?,
        parent: row.get::<_, Option<i64>>(5)?.map(ModelId),
        config: json(6)?,
        report: json(7)?,
    };
    let weights_bytes: i64 = row.get(10)?;
    Ok(ModelRecord {
        id: ModelId(row.get(0)?),
        facts,
        created_unix_s: row.get(8)?,
        fingerprint: row.get(9)?,
        weights_bytes: weights_bytes.cast_unsigned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{Bench, facts_of_model};

    fn names(store: &Store) -> Vec<String> {
        store.models().unwrap().into_iter().map(|model| model.facts.name).collect()
    }

    #[test]
    fn a_model_comes_back_whole() {
        let bench = Bench::new();
        let mut store = bench.open();
        let parent = store.insert_model(&facts_of_model("first"), &[], 1).unwrap();
        let facts = ModelFacts { parent: Some(parent), ..facts_of_model("tuned 1") };
        let weights: Vec<u8> = (0..100_000_u32).map(|i| (i % 251) as u8).collect();
        let id = store.insert_model(&facts, &weights, 77).unwrap();
        drop(store);
        let store = bench.open();
        let found = store.model_named("tuned 1").unwrap().unwrap();
        assert_eq!((found.id, &found.facts, found.created_unix_s, found.weights_bytes), (id, &facts, 77, 100_000));
        assert_eq!(store.model_weights(id).unwrap(), weights);
        assert!(found.fingerprint.len() == 16 && blake3::hash(&weights).to_hex().starts_with(&found.fingerprint));
        assert_eq!(store.model(id).unwrap(), Some(found));
    }

    #[test]
    fn names_are_unique_visible_and_not_reserved() {
        let mut store = Bench::new().into_store();
        let one = store.insert_model(&facts_of_model("one"), b"1", 1).unwrap();
        let two = store.insert_model(&facts_of_model("two"), b"2", 2).unwrap();
        assert!(matches!(store.insert_model(&facts_of_model("one"), b"3", 3), Err(StoreError::NameTaken(_))));
        assert!(matches!(store.rename_model(two, "one", 3), Err(StoreError::NameTaken(name)) if name == "one"));
        for bad in ["", " a", "raw", "base", "a\tb", &"x".repeat(101)] {
            assert!(matches!(store.rename_model(two, bad, 3), Err(StoreError::BadName(_))), "{bad:?}");
        }
        store.delete_model(one, 4).unwrap();
        store.rename_model(two, "one", 5).unwrap();
        assert_eq!(names(&store), ["one"]);
        assert!(matches!(store.delete_model(one, 6), Err(StoreError::UnknownModel(_))));
        assert!(matches!(store.set_current_model(Some(one), 6), Err(StoreError::UnknownModel(_))));
    }

    #[test]
    fn bringing_a_model_back_under_a_name_taken_since_is_refused_and_changes_nothing() {
        let mut store = Bench::new().into_store();
        let one = store.insert_model(&facts_of_model("one"), b"1", 1).unwrap();
        store.delete_model(one, 2).unwrap();
        let other = store.insert_model(&facts_of_model("one"), b"2", 3).unwrap();
        assert!(matches!(store.undo(), Err(StoreError::NameTaken(_))));
        assert_eq!(store.models().unwrap().iter().map(|model| model.id).collect::<Vec<_>>(), [other]);
    }

    #[test]
    fn a_new_base_takes_the_place_of_the_old_one() {
        let mut store = Bench::new().into_store();
        let base = ModelFacts { kind: ModelKind::Base, ..facts_of_model("base") };
        let old = store.replace_model(&base, b"1", 1).unwrap();
        store.set_current_model(Some(old), 1).unwrap();
        let new = store.replace_model(&base, b"2", 2).unwrap();
        assert_ne!(old, new);
        assert_eq!(store.current_model().unwrap().unwrap().id, new);
        assert_eq!(names(&store), ["base"]);
        assert_eq!(store.model_weights(old).unwrap(), b"1", "its children still find it");
    }

    #[test]
    fn purging_takes_deleted_models_and_their_history_and_nothing_else() {
        let mut store = Bench::new().into_store();
        let one = store.insert_model(&facts_of_model("one"), b"1", 1).unwrap();
        let two = store.insert_model(&facts_of_model("two"), b"2", 1).unwrap();
        store.set_current_model(Some(two), 2).unwrap();
        store.set_current_model(Some(one), 3).unwrap();
        store.delete_model(one, 10).unwrap();
        assert_eq!(store.purge_models(10).unwrap(), 0);
        assert_eq!(store.purge_models(11).unwrap(), 1);
        assert!(matches!(store.model_weights(one), Err(StoreError::UnknownModel(_))));
        assert_eq!(store.current_model().unwrap(), None);
        assert_eq!(store.history().unwrap().len(), 1);
        store.undo().unwrap();
        assert_eq!((names(&store), store.undo().unwrap()), (vec!["two".to_owned()], None));
        assert!(store.insert_model(&facts_of_model("three"), b"3", 12).unwrap() > two, "numbers are not given twice");
    }

    #[test]
    fn free_names_count_on_past_deleted_ones() {
        let mut store = Bench::new().into_store();
        assert_eq!(store.free_model_name("tuned").unwrap(), "tuned 1");
        let one = store.insert_model(&facts_of_model("tuned 1"), b"1", 1).unwrap();
        store.delete_model(one, 2).unwrap();
        assert_eq!(store.free_model_name("tuned").unwrap(), "tuned 2");
    }
}
