//! What the two files contain, and how an older one becomes a current one.
//!
//! `user_version` counts the steps that were run. A step is never changed once released: a new one is appended. Times
//! are seconds since 1970, photos are the 32 bytes of their content hash, numbers are little-endian.

use rusqlite::{Connection, TransactionBehavior};

/// Steps of `library.db`: what cannot be made again.
pub(super) const LIBRARY: &[&str] = &[
    "
CREATE TABLE photos (
    no INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE CHECK (length(id) = 32), bytes INTEGER NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL, taken TEXT, camera TEXT
) STRICT;
CREATE TABLE locations (
    path BLOB PRIMARY KEY, photo INTEGER NOT NULL REFERENCES photos (no), size INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX locations_by_photo ON locations (photo);
CREATE TABLE marks (
    photo BLOB NOT NULL CHECK (length(photo) = 32), kind TEXT NOT NULL, value BLOB NOT NULL,
    created_unix_s INTEGER NOT NULL, PRIMARY KEY (photo, kind, value)
) STRICT, WITHOUT ROWID;
CREATE TABLE triplets (
    no INTEGER PRIMARY KEY, anchor BLOB NOT NULL, closer BLOB NOT NULL, farther BLOB NOT NULL, source TEXT NOT NULL,
    created_unix_s INTEGER NOT NULL, UNIQUE (anchor, closer, farther, source)
) STRICT;
CREATE TABLE models (
    no INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, kind TEXT NOT NULL, backbone TEXT NOT NULL,
    dim INTEGER NOT NULL, parent INTEGER, created_unix_s INTEGER NOT NULL, deleted_unix_s INTEGER,
    config TEXT NOT NULL, report TEXT NOT NULL, fingerprint TEXT NOT NULL, weights BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX models_by_name ON models (name) WHERE deleted_unix_s IS NULL;
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE history (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
    created_unix_s INTEGER NOT NULL, undone INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE checkpoints (
    run TEXT NOT NULL, step INTEGER NOT NULL, created_unix_s INTEGER NOT NULL, bytes INTEGER NOT NULL,
    state BLOB NOT NULL, UNIQUE (run, step)
) STRICT;
",
    "
CREATE TABLE runs (run TEXT PRIMARY KEY, plan TEXT NOT NULL, created_unix_s INTEGER NOT NULL) STRICT, WITHOUT ROWID;
",
];

/// Steps of `cache.db`: what can be made again.
pub(super) const CACHE: &[&str] = &[
    "
CREATE TABLE skipped (
    path BLOB PRIMARY KEY, size INTEGER NOT NULL, modified_ns INTEGER NOT NULL, reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE backbones (no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, dim INTEGER NOT NULL) STRICT;
CREATE TABLE features (
    no INTEGER PRIMARY KEY, backbone INTEGER NOT NULL, photo BLOB NOT NULL CHECK (length(photo) = 32),
    numbers BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX features_by_photo ON features (backbone, photo);
CREATE TABLE thumbnails (
    no INTEGER PRIMARY KEY, photo BLOB NOT NULL UNIQUE CHECK (length(photo) = 32), jpeg BLOB NOT NULL
) STRICT;
CREATE TABLE row_sets (
    no INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, backbone TEXT NOT NULL, dim INTEGER NOT NULL,
    UNIQUE (model, backbone)
) STRICT;
CREATE TABLE row_chunks (
    no INTEGER PRIMARY KEY AUTOINCREMENT, row_set INTEGER NOT NULL, photos BLOB NOT NULL, numbers BLOB NOT NULL
) STRICT;
CREATE INDEX row_chunks_by_set ON row_chunks (row_set);
CREATE TABLE activations (
    no INTEGER PRIMARY KEY AUTOINCREMENT, layer TEXT NOT NULL, photo BLOB NOT NULL, variant INTEGER NOT NULL,
    bytes INTEGER NOT NULL, numbers BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX activations_by_photo ON activations (layer, photo, variant);
CREATE TABLE totals (name TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;
",
    "
CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE graphs (
    no INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, bytes INTEGER NOT NULL, hash BLOB NOT NULL
) STRICT;
CREATE TABLE graph_pieces (
    no INTEGER PRIMARY KEY AUTOINCREMENT, graph INTEGER NOT NULL, bytes BLOB NOT NULL
) STRICT;
CREATE INDEX graph_pieces_by_graph ON graph_pieces (graph);
",
];

/// The version of a file on which all steps have run.
pub(super) fn newest(steps: &[&str]) -> u32 {
    steps.len() as u32
}

/// The number of steps that have run on this file; 0 for a new one.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Runs the steps that are missing, all or none of them. A version beyond the steps is left alone.
pub(super) fn migrate(connection: &mut Connection, steps: &[&str]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = version(&transaction)?;
    let missing = steps.get(done as usize..).unwrap_or_default();
    if missing.is_empty() {
        return Ok(());
    }
    missing.iter().try_for_each(|step| transaction.execute_batch(step))?;
    transaction.pragma_update(None, "user_version", newest(steps))?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str =
        "CREATE TABLE notes (no INTEGER PRIMARY KEY, text TEXT) STRICT; INSERT INTO notes VALUES (1, 'kept');";
    const SECOND: &str = "ALTER TABLE notes ADD COLUMN length INTEGER; UPDATE notes SET length = length(text);";

    fn columns(connection: &Connection, table: &str) -> Vec<String> {
        let statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
        statement.column_names().map(str::to_owned).collect()
    }

    #[test]
    fn an_older_file_keeps_its_rows_and_gains_what_is_new() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &[FIRST]).unwrap();
        assert_eq!(version(&connection).unwrap(), 1);
        migrate(&mut connection, &[FIRST, SECOND]).unwrap();
        assert_eq!(version(&connection).unwrap(), 2);
        let row: (String, i64) =
            connection.query_row("SELECT text, length FROM notes", [], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
        assert_eq!(row, ("kept".to_owned(), 4));
        migrate(&mut connection, &[FIRST, SECOND]).unwrap();
        assert_eq!(columns(&connection, "notes"), ["no", "text", "length"]);
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_as_it_was() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &[FIRST]).unwrap();
        assert!(migrate(&mut connection, &[FIRST, SECOND, "CREATE NONSENSE;"]).is_err());
        assert_eq!(version(&connection).unwrap(), 1);
        assert_eq!(columns(&connection, "notes"), ["no", "text"]);
    }

    #[test]
    fn a_new_file_and_one_brought_up_step_by_step_are_alike() {
        for steps in [LIBRARY, CACHE] {
            let schema = |stops: &[usize]| {
                let mut connection = Connection::open_in_memory().unwrap();
                for &n in stops {
                    migrate(&mut connection, &steps[..n]).unwrap();
                }
                let mut statement = connection.prepare("SELECT name, sql FROM sqlite_master ORDER BY name").unwrap();
                let rows = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
                rows.collect::<rusqlite::Result<Vec<(String, Option<String>)>>>().unwrap()
            };
            let every: Vec<usize> = (1..=steps.len()).collect();
            assert_eq!(schema(&every), schema(&[steps.len()]));
        }
    }
}
