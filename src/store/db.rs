//! One database file: opened with the right durability, its errors sorted into what a person can act on.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior, ffi};

use super::{StoreError, schema};

/// Which of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Library,
    Cache,
}

impl Kind {
    const fn steps(self) -> &'static [&'static str] {
        match self {
            Self::Library => schema::LIBRARY,
            Self::Cache => schema::CACHE,
        }
    }

    /// Set before the first table: features (2,560 bytes) fit six to a page of 16 KiB, one to a page of 4 KiB.
    const fn layout(self) -> &'static str {
        match self {
            Self::Library => "PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL;",
            Self::Cache => "PRAGMA page_size = 16384; PRAGMA auto_vacuum = INCREMENTAL;",
        }
    }

    /// `library.db` survives a power cut after every commit; `cache.db` may lose the last ones, but stays whole.
    const fn durability(self) -> &'static str {
        match self {
            Self::Library => {
                "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = 67108864;"
            }
            Self::Cache => "PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864;",
        }
    }
}

/// Why the body of a read or a write failed, before it is known in which file.
#[derive(Debug)]
pub(super) enum Fault {
    Sql(rusqlite::Error),
    Store(StoreError),
    /// A value that this program never writes.
    Content(String),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A connection to one of the files.
#[derive(Debug)]
pub(super) struct Db {
    connection: Connection,
    path: PathBuf,
    kind: Kind,
}

impl Db {
    /// Opens for writing, creating or bringing up to date what needs it.
    pub(super) fn writable(path: &Path, kind: Kind) -> Result<Self, StoreError> {
        refuse_newer(path, kind)?;
        Self::writable_with(path, kind, kind.steps())
    }

    fn writable_with(path: &Path, kind: Kind, steps: &[&str]) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|e| sort(path, kind, e))?;
        let mut db = Self { connection, path: path.to_owned(), kind };
        db.set_up(steps).map_err(|fault| db.explain(fault))?;
        Ok(db)
    }

    fn set_up(&mut self, steps: &[&str]) -> Result<(), Fault> {
        self.connection.busy_timeout(Duration::from_secs(5))?;
        let found = schema::version(&self.connection)?;
        let known = schema::newest(steps);
        if found > known {
            return Err(StoreError::Newer { path: self.path.clone(), found, known }.into());
        }
        self.connection.execute_batch(self.kind.layout())?;
        self.connection.pragma_update(None, "journal_mode", "WAL")?;
        self.connection.execute_batch(self.kind.durability())?;
        if self.kind == Kind::Library && found > 0 && found < known {
            self.back_up(found)?;
        }
        schema::migrate(&mut self.connection, steps)?;
        Ok(())
    }

    /// Keeps a copy of the file as it was before a migration, e.g. `library.v1.db`.
    fn back_up(&self, version: u32) -> Result<(), Fault> {
        let copy = self.path.with_extension(format!("v{version}.db"));
        let unfinished = self.path.with_extension("copying");
        if copy.exists() {
            return Ok(());
        }
        remove_if_there(&unfinished)?;
        self.connection.execute("VACUUM INTO ?1", [unfinished.to_string_lossy()])?;
        Ok(fs::rename(&unfinished, &copy).map_err(|e| StoreError::io("rename", &unfinished, e))?)
    }

    /// Opens a file that exists for reading only. Nothing is created, brought up to date or repaired.
    pub(super) fn read_only(path: &Path, kind: Kind) -> Result<Self, StoreError> {
        refuse_newer(path, kind)?;
        match Self::read_only_through(path.as_os_str().as_ref(), path, kind, OpenFlags::empty()) {
            // A folder that may not be written has no room for the shared-memory file; without a log it needs none.
            Err(StoreError::NotWritable { .. }) if log_is_empty(path) => {
                let uri = format!("file:{}?immutable=1", percent_encoded(path));
                Self::read_only_through(Path::new(&uri), path, kind, OpenFlags::SQLITE_OPEN_URI)
            }
            other => other,
        }
    }

    fn read_only_through(name: &Path, path: &Path, kind: Kind, more: OpenFlags) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
        let open = || {
            let connection = Connection::open_with_flags(name, flags)?;
            connection.busy_timeout(Duration::from_secs(5))?;
            let found = schema::version(&connection)?;
            Ok((connection, found))
        };
        let (connection, found) = open().map_err(|e| sort(path, kind, e))?;
        let known = schema::newest(kind.steps());
        match found {
            _ if found > known => Err(StoreError::Newer { path: path.to_owned(), found, known }),
            _ if found < known => Err(StoreError::Older { path: path.to_owned(), found, known }),
            _ => Ok(Self { connection, path: path.to_owned(), kind }),
        }
    }

    /// An empty stand-in that is written nowhere, for a cache that cannot be read.
    pub(super) fn in_memory(path: &Path, kind: Kind) -> Result<Self, StoreError> {
        let empty = || {
            let mut connection = Connection::open_in_memory()?;
            schema::migrate(&mut connection, kind.steps())?;
            Ok(connection)
        };
        let connection = empty().map_err(|e| sort(path, kind, e))?;
        Ok(Self { connection, path: path.to_owned(), kind })
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Runs a question.
    pub(super) fn read<T>(&self, body: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, StoreError> {
        body(&self.connection).map_err(|fault| self.explain(fault))
    }

    /// Runs a change as one transaction: all of it or nothing.
    pub(super) fn write<T>(
        &mut self,
        body: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let result = run(&mut self.connection, body);
        result.map_err(|fault| self.explain(fault))
    }

    /// Gives the disk back what was deleted.
    pub(super) fn give_space_back(&mut self) -> Result<(), StoreError> {
        self.read(|db| {
            // Each step frees one page, so all must be taken.
            let mut vacuum = db.prepare("PRAGMA incremental_vacuum")?;
            let mut steps = vacuum.query([])?;
            while steps.next()?.is_some() {}
            // Busy readers keep the log for now: the next checkpoint does it.
            db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            Ok(())
        })
    }

    fn explain(&self, fault: Fault) -> StoreError {
        let error = match fault {
            Fault::Store(error) => error,
            Fault::Sql(error) => sort(&self.path, self.kind, error),
            Fault::Content(detail) => damaged(&self.path, self.kind, detail),
        };
        if error.is_damaged_cache() && fs::write(damage_note(&self.path), b"damaged\n").is_err() {
            tracing::warn!("cannot note that {} is damaged", self.path.display());
        }
        error
    }
}

fn run<T>(connection: &mut Connection, body: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = body(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

fn damaged(path: &Path, kind: Kind, detail: String) -> StoreError {
    match kind {
        Kind::Library => StoreError::LibraryDamaged { path: path.to_owned(), detail },
        Kind::Cache => StoreError::CacheDamaged { path: path.to_owned(), detail },
    }
}

/// What a database error means for the person.
fn sort(path: &Path, kind: Kind, error: rusqlite::Error) -> StoreError {
    let owned = path.to_owned();
    let detail = error.to_string();
    match error.sqlite_error().map(|error| error.extended_code) {
        Some(ffi::SQLITE_IOERR_SHMSIZE) => return StoreError::DiskFull { path: owned },
        Some(ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC) => {
            return StoreError::WriteFailed { path: owned, detail };
        }
        _ => {}
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => damaged(path, kind, detail),
        Some(ErrorCode::DiskFull) => StoreError::DiskFull { path: owned },
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            StoreError::NotWritable { path: owned, detail }
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { path: owned },
        None if is_wrong_value(&error) => damaged(path, kind, detail),
        Some(_) | None => StoreError::Sql { path: owned, source: error },
    }
}

const fn is_wrong_value(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType};
    matches!(error, FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..))
}

/// Refuses a newer file by its first bytes alone, so that it is not even opened.
pub(super) fn refuse_newer(path: &Path, kind: Kind) -> Result<(), StoreError> {
    let mut header = [0; 64];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    let known = schema::newest(kind.steps());
    let [.., a, b, c, d] = header;
    let found = u32::from_be_bytes([a, b, c, d]);
    if read.is_ok() && header.starts_with(b"SQLite format 3\0") && found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    Ok(())
}

/// The note that a cache was found damaged while it was in use.
pub(super) fn damage_note(cache: &Path) -> PathBuf {
    cache.with_extension("db-is-damaged")
}

/// A file that lies beside a database: its log (`-wal`) or its shared memory (`-shm`).
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Removes a file; that there is none is success.
pub(super) fn remove_if_there(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::io("remove", path, error)),
        _ => Ok(()),
    }
}

fn log_is_empty(path: &Path) -> bool {
    fs::metadata(beside(path, "-wal")).map_or(true, |log| log.len() == 0)
}

fn percent_encoded(path: &Path) -> String {
    use std::fmt::Write;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    path.as_os_str().as_encoded_bytes().iter().fold(String::new(), |mut text, &byte| {
        if plain(byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{Bench, batch};

    const NOW: u32 = schema::LIBRARY.len() as u32;

    /// The steps of this version and one more.
    fn next() -> Vec<&'static str> {
        [schema::LIBRARY, &["ALTER TABLE photos ADD COLUMN stars INTEGER NOT NULL DEFAULT 3;"]].concat()
    }

    #[test]
    fn a_library_of_this_version_is_carried_to_a_later_one_and_copied_before() {
        let bench = Bench::new();
        let mut store = bench.open();
        store.commit(&batch(&["a.jpg", "b.jpg"])).unwrap();
        let file = store.library_file().to_owned();
        drop(store);
        let later = Db::writable_with(&file, Kind::Library, &next()).unwrap();
        let stars: i64 = later.read(|db| Ok(db.query_row("SELECT sum(stars) FROM photos", [], |r| r.get(0))?)).unwrap();
        assert_eq!((stars, later.read(|db| Ok(schema::version(db)?)).unwrap()), (6, NOW + 1));
        drop(later);
        let copy = Connection::open(file.with_extension(format!("v{NOW}.db"))).unwrap();
        let photos: i64 = copy.query_row("SELECT count(*) FROM photos", [], |row| row.get(0)).unwrap();
        assert_eq!((photos, schema::version(&copy).unwrap()), (2, NOW));
        let before = fs::read(&file).unwrap();
        let refused = Db::writable(&file, Kind::Library);
        assert!(matches!(refused, Err(StoreError::Newer { found, known: NOW, .. }) if found == NOW + 1));
        assert_eq!(fs::read(&file).unwrap(), before);
    }

    #[test]
    fn a_newer_version_that_is_still_in_the_log_is_refused_too() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("library.db");
        drop(Db::writable(&file, Kind::Library).unwrap());
        let newer = Connection::open(&file).unwrap();
        newer.pragma_update(None, "user_version", 9).unwrap();
        assert!(refuse_newer(&file, Kind::Library).is_ok(), "the first bytes do not show it yet");
        assert!(matches!(Db::writable(&file, Kind::Library), Err(StoreError::Newer { found: 9, .. })));
        assert!(matches!(Db::read_only(&file, Kind::Library), Err(StoreError::Newer { found: 9, .. })));
    }

    #[test]
    fn a_full_disk_is_a_sentence_and_what_was_saved_stays() {
        let bench = Bench::new();
        let mut store = bench.open();
        store.commit(&batch(&["a.jpg"])).unwrap();
        store.cache_mut().unwrap().read(|db| Ok(db.pragma_update(None, "max_page_count", 20)?)).unwrap();
        let mut large = batch(&["b.jpg"]);
        large.thumbnails[0].1 = vec![1; 1_000_000];
        let error = store.commit(&large).unwrap_err();
        assert!(matches!(&error, StoreError::DiskFull { path } if path == store.cache_file()), "{error}");
        assert_eq!(store.photos().unwrap().len(), 1);
        assert!(store.thumbnail(large.photos[0].id).unwrap().is_none());
        store.commit(&batch(&["c.jpg"])).unwrap();
    }

    #[test]
    fn a_file_without_a_log_is_read_where_nothing_may_be_written() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("odd ?#%41é.db");
        drop(Db::writable(&file, Kind::Cache).unwrap());
        assert!(log_is_empty(&file));
        let uri = format!("file:{}?immutable=1", percent_encoded(&file));
        let db = Db::read_only_through(Path::new(&uri), &file, Kind::Cache, OpenFlags::SQLITE_OPEN_URI).unwrap();
        let none: i64 = db.read(|db| Ok(db.query_row("SELECT count(*) FROM features", [], |row| row.get(0))?)).unwrap();
        assert_eq!(none, 0);
    }

    #[test]
    fn durability_is_what_the_files_need() {
        let bench = Bench::new();
        let mut store = bench.open();
        let mut pragma = |kind: Kind, name: &str| -> String {
            let db = if kind == Kind::Library { store.library_mut() } else { store.cache_mut() };
            let text = |row: &rusqlite::Row<'_>| Ok(format!("{:?}", row.get_ref(0)?));
            db.unwrap().read(|db| Ok(db.query_row(&format!("PRAGMA {name}"), [], text)?)).unwrap()
        };
        assert_eq!(pragma(Kind::Library, "synchronous"), "Integer(2)");
        assert_eq!(pragma(Kind::Cache, "synchronous"), "Integer(1)");
        assert_eq!(pragma(Kind::Library, "foreign_keys"), "Integer(1)");
        assert_eq!(pragma(Kind::Cache, "page_size"), "Integer(16384)");
        assert_eq!(pragma(Kind::Library, "journal_mode"), pragma(Kind::Cache, "journal_mode"));
    }
}
