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

    /// Looks at the library of a photo folder without claiming it: nothing is made, locked or noted. `None` when there is
    /// none yet.
    pub fn look(folder: &Path, dirs: &StoreDirs) -> Result<Option<Reader>, StoreError> {
        let place = Place::of(&canonical(folder)?, dirs);
        if place.library_file().exists() { Reader::open(place).map(Some) } else { Ok(None) }
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
    /// Opens both files for reading. A cache that is missing, damaged, of an older format or closed to this user is replaced
    /// by an empty one in memory; not one that only happens to be in use, or fails otherwise.
    pub(super) fn open(place: Place) -> Result<Self, StoreError> {
        let library = Db::read_only(&place.library_file(), Kind::Library)?;
        let file = place.cache_file();
        let cache = match Db::read_only(&file, Kind::Cache) {
            Err(StoreError::CacheDamaged { .. } | StoreError::Older { .. } | StoreError::NotWritable { .. }) => {
                Db::in_memory(&file, Kind::Cache)?
            }
            other => other?,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{Bench, batch, photo};
    use std::io::{Read, Seek, SeekFrom, Write};

    #[test]
    fn the_second_opener_reads_and_says_why_it_may_not_write() {
        let bench = Bench::new();
        let mut first = bench.open();
        first.commit(&batch(&["a.jpg"])).unwrap();
        let mut second = bench.open_at_once();
        assert_eq!(second.access(), Access::ReadOnly(ReadOnlyReason::OtherProgram));
        first.commit(&batch(&["b.jpg"])).unwrap();
        assert_eq!(second.photos().unwrap().len(), 2);
        assert_eq!(second.thumbnail(photo("b.jpg")).unwrap().unwrap(), b"b.jpg");
        let error = second.commit(&batch(&["c.jpg"])).unwrap_err().to_string();
        assert!(error.ends_with("is open read-only: another tripletui has it open; what is changed here is not saved"));
        assert!(second.reader().unwrap().knows_photo(photo("a.jpg")).unwrap());
        drop(first);
        assert_eq!(bench.open().access(), Access::ReadWrite);
    }

    #[test]
    fn a_newer_file_is_refused_and_neither_file_is_touched() {
        for newer in ["library", "cache"] {
            let bench = Bench::new();
            let store = bench.open();
            let files = [store.library_file().to_owned(), store.cache_file().to_owned()];
            drop(store);
            let chosen = if newer == "library" { &files[0] } else { &files[1] };
            rusqlite::Connection::open(chosen).unwrap().pragma_update(None, "user_version", 1_000).unwrap();
            let before = files.each_ref().map(|file| fs::read(file).unwrap());
            let error = Store::open(&bench.folder, &bench.dirs).unwrap_err();
            assert!(matches!(&error, StoreError::Newer { path, found: 1_000, .. } if path == chosen), "{error}");
            assert_eq!(files.each_ref().map(|file| fs::read(file).unwrap()), before);
        }
    }

    #[test]
    fn a_cache_that_was_deleted_or_is_garbage_costs_time_only() {
        let bench = Bench::new();
        bench.open().commit(&batch(&["a.jpg", "b.jpg"])).unwrap();
        let cache = bench.open().cache_file().to_owned();
        fs::remove_file(&cache).unwrap();
        let mut store = bench.open();
        assert_eq!((store.photos().unwrap().len(), store.damaged_cache()), (2, None));
        assert_eq!(store.photos_without_features("lite0").unwrap().len(), 2);
        store.commit(&batch(&["a.jpg", "b.jpg"])).unwrap();
        drop(store);
        fs::write(&cache, vec![7; 50_000]).unwrap();
        let store = bench.open();
        let aside = store.damaged_cache().unwrap();
        assert_eq!(fs::read(aside).unwrap(), vec![7; 50_000]);
        assert_eq!(store.photos_without_features("lite0").unwrap().len(), 2);
        drop(store);
        assert_eq!(bench.open().damaged_cache(), None);
    }

    #[test]
    fn a_cache_that_is_only_in_use_is_not_taken_for_an_empty_one() {
        let bench = Bench::new();
        let mut store = bench.open();
        store.commit(&batch(&["a.jpg"])).unwrap();
        let cache = store.cache_file().to_owned();
        drop(store);
        let other = rusqlite::Connection::open(&cache).unwrap();
        other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
        let error = Store::look(&bench.folder, &bench.dirs).unwrap_err();
        assert!(matches!(&error, StoreError::Busy { path } if path == &cache), "{error}");
        drop(other);
        let reader = Store::look(&bench.folder, &bench.dirs).unwrap().unwrap();
        assert!(reader.photos_without_features("lite0").unwrap().is_empty());
    }

    #[test]
    fn damage_found_while_reading_the_cache_is_mended_at_the_next_start() {
        let bench = Bench::new();
        let names: Vec<String> = (0..500).map(|n| format!("{n}.jpg")).collect();
        bench.open().commit(&batch(&names.iter().map(String::as_str).collect::<Vec<_>>())).unwrap();
        let cache = bench.open().cache_file().to_owned();
        let mut file = OpenOptions::new().read(true).write(true).open(&cache).unwrap();
        let mut rest = Vec::new();
        file.seek(SeekFrom::Start(16_384)).unwrap();
        file.read_to_end(&mut rest).unwrap();
        file.seek(SeekFrom::Start(16_384)).unwrap();
        file.write_all(&vec![0xff; rest.len()]).unwrap();
        drop(file);
        let store = bench.open();
        assert_eq!(store.damaged_cache(), None, "its first page is whole");
        let error = store.photos_without_features("lite0").unwrap_err();
        assert!(error.is_damaged_cache() && error.to_string().contains("start tripletui again"), "{error}");
        assert_eq!(store.photos().unwrap().len(), 500, "the library does not depend on it");
        drop(store);
        let store = bench.open();
        assert!(store.damaged_cache().is_some());
        assert_eq!(store.photos_without_features("lite0").unwrap().len(), 500);
    }

    #[test]
    fn a_damaged_library_is_named_with_its_remedy_and_left_alone() {
        let bench = Bench::new();
        let file = bench.open().library_file().to_owned();
        fs::write(&file, vec![9; 5_000]).unwrap();
        let error = Store::open(&bench.folder, &bench.dirs).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{} is damaged", file.display())) && error.contains("backup"), "{error}");
        assert_eq!(fs::read(&file).unwrap(), vec![9; 5_000]);
    }

    #[cfg(unix)]
    #[test]
    fn a_library_that_may_not_be_written_opens_read_only() {
        use std::os::unix::fs::PermissionsExt;
        let bench = Bench::new();
        bench.open().commit(&batch(&["a.jpg"])).unwrap();
        let folder = bench.open().library_file().parent().unwrap().to_owned();
        let allow = |mode, file: &Path| fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
        allow(0o500, &folder);
        allow(0o400, &folder.join("lock"));
        let root_may_anything = File::create(folder.join("probe")).is_ok();
        if !root_may_anything {
            let mut store = bench.open();
            assert_eq!(store.access(), Access::ReadOnly(ReadOnlyReason::NoPermission));
            assert_eq!(store.photos().unwrap().len(), 1);
            assert!(matches!(store.commit(&batch(&["b.jpg"])), Err(StoreError::ReadOnly { .. })));
        }
        allow(0o700, &folder);
    }

    #[cfg(unix)]
    #[test]
    fn a_data_directory_that_cannot_be_made_is_a_sentence() {
        let bench = Bench::new();
        fs::write(&bench.dirs.data, b"a file in the way").unwrap();
        let error = Store::open(&bench.folder, &bench.dirs).unwrap_err().to_string();
        assert!(error.starts_with("cannot create ") && error.contains("data/libraries/photos-"), "{error}");
    }

    #[test]
    fn the_last_folder_is_remembered_under_one_name() {
        let bench = Bench::new();
        assert_eq!(bench.dirs.last_folder(), None);
        drop(bench.open());
        let other = bench.root.path().join("other");
        fs::create_dir(&other).unwrap();
        drop(Store::open(&other, &bench.dirs).unwrap());
        let same = bench.folder.join("..").join("photos");
        let store = Store::open(&same, &bench.dirs).unwrap();
        let real = fs::canonicalize(&bench.folder).unwrap();
        assert_eq!((bench.dirs.last_folder(), store.folder()), (Some(real.clone()), real.as_path()));
        assert_eq!(bench.dirs.folders().len(), 2);
        assert!(fs::read_dir(&bench.folder).unwrap().next().is_none(), "nothing is written into the photo folder");
    }
}
