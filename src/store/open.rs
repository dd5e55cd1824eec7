//! Opening a library: who writes, what is brought up to date, what is set aside.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use super::db::{Db, Kind, beside, damage_note, refuse_newer, remove_if_there};
use super::dirs::{Place, canonical, make_private_folder};
use super::{StoreDirs, StoreError};

/// Whether this program may change the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It may.
    ReadWrite,
    /// It may only look, because of this.
    ReadOnly(ReadOnlyReason),
}

/// Why a library is open read-only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOnlyReason {
    /// Another program has it open and writes.
    OtherProgram,
    /// Its folder may not be written.
    NoPermission,
}

impl fmt::Display for ReadOnlyReason {
    /// A sentence for the status line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherProgram => "another tripletui has it open; what is changed here is not saved",
            Self::NoPermission => "its folder may not be written; what is changed here is not saved",
        })
    }
}

/// Everything kept about one photo folder, open for reading. Cheap to make, one for each worker (`Send`).
#[derive(Debug)]
pub struct Reader {
    pub(super) place: Place,
    pub(super) library: Db,
    pub(super) cache: Db,
}

/// Everything kept about one photo folder. Reads as a [`Reader`]; writes when [`Store::access`] says so.
#[derive(Debug)]
pub struct Store {
    reader: Reader,
    access: Access,
    set_aside: Option<PathBuf>,
    /// Held until the connections above are closed.
    _lock: Option<File>,
}

impl Deref for Store {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl Store {
    /// Opens the library of a photo folder: makes it, brings it up to date, or opens it read-only when somebody else
    /// writes. A damaged cache is set aside ([`Store::damaged_cache`]); a damaged library is an error.
    pub fn open(folder: &Path, dirs: &StoreDirs) -> Result<Self, StoreError> {
        let place = Place::of(&canonical(folder)?, dirs);
        let store = match claim(&place)? {
            Claim::Ours(lock) => Self::open_writable(place, lock)?,
            Claim::Denied(why) => {
                let reader = Reader::open(place)?;
                Self { reader, access: Access::ReadOnly(why), set_aside: None, _lock: None }
            }
        };
        if store.access != Access::ReadOnly(ReadOnlyReason::NoPermission) {
            store.place.remember(dirs);
        }
        Ok(store)
    }

    fn open_writable(place: Place, lock: File) -> Result<Self, StoreError> {
        refuse_newer(&place.library_file(), Kind::Library)?;
        refuse_newer(&place.cache_file(), Kind::Cache)?;
        let library = Db::writable(&place.library_file(), Kind::Library)?;
        make_private_folder(&place.cache)?;
        let (cache, set_aside) = open_cache(&place.cache_file())?;
        let reader = Reader { place, library, cache };
        Ok(Self { reader, access: Access::ReadWrite, set_aside, _lock: Some(lock) })
    }

    /// Whether changes are possible, and if not, why.
    pub const fn access(&self) -> Access {
        self.access
    }

    /// Where a damaged cache was set aside when this store was opened. What it held is made anew by indexing.
    pub fn damaged_cache(&self) -> Option<&Path> {
        self.set_aside.as_deref()
    }

    /// Another connection, for a worker.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        Reader::open(self.place.clone())
    }

    /// `library.db`, if it may be written.
    pub(super) fn library_mut(&mut self) -> Result<&mut Db, StoreError> {
        self.may_write()?;
        Ok(&mut self.reader.library)
    }

    /// `cache.db`, if it may be written.
    pub(super) fn cache_mut(&mut self) -> Result<&mut Db, StoreError> {
        self.may_write()?;
        Ok(&mut self.reader.cache)
    }

    fn may_write(&self) -> Result<(), StoreError> {
        match self.access {
            Access::ReadWrite => Ok(()),
            Access::ReadOnly(why) => Err(StoreError::ReadOnly { folder: self.place.folder.clone(), why }),
        }
    }
}

impl Reader {
    /// Opens both files for reading. A cache that cannot be read is replaced by an empty one in memory.
    pub(super) fn open(place: Place) -> Result<Self, StoreError> {
        let library = Db::read_only(&place.library_file(), Kind::Library)?;
        let file = place.cache_file();
        let cache = match Db::read_only(&file, Kind::Cache) {
            Err(newer @ StoreError::Newer { .. }) => return Err(newer),
            Err(_) => Db::in_memory(&file, Kind::Cache)?,
            Ok(cache) => cache,
        };
        Ok(Self { place, library, cache })
    }

    /// The photo folder, canonical.
    pub fn folder(&self) -> &Path {
        &self.place.folder
    }

    /// `library.db`: what cannot be made again.
    pub fn library_file(&self) -> &Path {
        self.library.path()
    }

    /// `cache.db`: what can.
    pub fn cache_file(&self) -> &Path {
        self.cache.path()
    }

    /// Bytes on disk of the library and of the cache, their logs included.
    pub fn disk_usage(&self) -> (u64, u64) {
        let size = |path: PathBuf| fs::metadata(path).map_or(0, |file| file.len());
        let all = |file: &Path| ["", "-wal", "-shm"].iter().map(|suffix| size(beside(file, suffix))).sum();
        (all(self.library.path()), all(self.cache.path()))
    }
}

/// Whether the writer's lock was free.
pub(super) enum Claim {
    Ours(File),
    Denied(ReadOnlyReason),
}

/// Takes the writer's lock of a library, making its folder if there is none. The lock ends with the file handle, so a
/// killed program leaves none behind.
pub(super) fn claim(place: &Place) -> Result<Claim, StoreError> {
    let denied = |error: StoreError| match error {
        StoreError::NotWritable { .. } if place.library_file().exists() => {
            Ok(Claim::Denied(ReadOnlyReason::NoPermission))
        }
        other => Err(other),
    };
    if let Err(error) = make_private_folder(&place.data) {
        return denied(error);
    }
    let path = place.lock_file();
    match OpenOptions::new().create(true).truncate(false).write(true).open(&path) {
        Err(error) => denied(StoreError::io("open", &path, error)),
        Ok(file) => match file.try_lock() {
            Ok(()) => Ok(Claim::Ours(file)),
            Err(TryLockError::WouldBlock) => Ok(Claim::Denied(ReadOnlyReason::OtherProgram)),
            Err(TryLockError::Error(error)) => Err(StoreError::io("lock", &path, error)),
        },
    }
}

/// Opens the cache for writing; a damaged one is set aside first.
fn open_cache(file: &Path) -> Result<(Db, Option<PathBuf>), StoreError> {
    if !damage_note(file).exists() {
        match Db::writable(file, Kind::Cache) {
            // `Sql` here is a schema that this program did not make.
            Err(StoreError::CacheDamaged { .. } | StoreError::Sql { .. }) => {}
            other => return other.map(|cache| (cache, None)),
        }
    }
    let aside = file.with_extension("db.damaged");
    match fs::rename(file, &aside) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(StoreError::io("set aside", file, error)),
        _ => {}
    }
    for leftover in [beside(file, "-wal"), beside(file, "-shm"), damage_note(file)] {
        remove_if_there(&leftover)?;
    }
    Ok((Db::writable(file, Kind::Cache)?, Some(aside)))
}
