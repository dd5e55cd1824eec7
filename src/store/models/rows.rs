//! Records of models out of the rows of their table.

use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::Value;

use super::{ModelFacts, ModelId, ModelKind, ModelRecord, unknown};
use crate::store::db::Fault;

const SELECT: &str = "SELECT no, name, kind, backbone, dim, parent, config, report, created_unix_s, fingerprint, \
                      length(weights) FROM models WHERE deleted_unix_s IS NULL";

/// The record of a model that is not deleted.
pub(in crate::store) fn live(db: &Connection, model: ModelId) -> Result<ModelRecord, Fault> {
    select(db, "AND no = ?1", [model.0])?.pop().ok_or_else(|| unknown(model))
}

/// The number that was chosen to answer, whether or not that model is still there.
pub(super) fn current(db: &Connection) -> Result<Option<ModelId>, Fault> {
    let mut statement = db.prepare_cached("SELECT CAST(value AS INTEGER) FROM settings WHERE key = 'current-model'")?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?.map(ModelId))
}

pub(super) fn select(db: &Connection, which: &str, values: impl rusqlite::Params) -> Result<Vec<ModelRecord>, Fault> {
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
