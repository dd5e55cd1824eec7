//! What can go wrong on disk, said so that a person knows what happened, to which file, and what to do.

use std::io;
use std::path::{Path, PathBuf};

use super::open::ReadOnlyReason;
use crate::library::PhotoId;

/// Why the store could not do what was asked. The text is a sentence for the person.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The photo folder is missing or cannot be reached.
    #[error("cannot open the photo folder {}: {source}", path.display())]
    Folder {
        /// The folder as given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The path is not a folder.
    #[error("{} is not a folder: give the folder that holds the photos", path.display())]
    NotAFolder {
        /// The path as given.
        path: PathBuf,
    },
    /// The platform names no data or cache folder.
    #[error("this user has no home folder to keep libraries in: say where with --data-dir and --cache-dir")]
    NoHome,
    /// A file operation failed.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file was written by a newer program. It was not touched.
    #[error(
        "{} was written by a newer tripletui (format {found}, this program knows {known}): nothing was changed; \
         use the newer program, or other folders with --data-dir and --cache-dir", path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: u32,
        /// The newest version this program knows.
        known: u32,
    },
    /// The file has an older format and this program may not write to it.
    #[error(
        "{} has an older format ({found}, now {known}) or is just being created, and cannot be brought up to date \
         because it is open read-only: close the other tripletui, or open it once where it can be written", path.display()
    )]
    Older {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: u32,
        /// The version this program needs.
        known: u32,
    },
    /// `library.db` is damaged. It was left as it is.
    #[error(
        "{} is damaged ({detail}): it was left as it is. Put back a copy from a backup, rescue it with \
         `sqlite3 FILE .recover`, or move it away to start afresh (the photos are safe; marks and models in it are \
         then lost)", path.display()
    )]
    LibraryDamaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// `cache.db` is damaged; the next start sets it aside and makes a new one.
    #[error(
        "{} is damaged ({detail}): start tripletui again, it is then set aside and made anew (this costs time, \
         nothing is lost)", path.display()
    )]
    CacheDamaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// No space is left.
    #[error(
        "the disk is full: {} could not be written. What was saved before is safe; free some space and try again",
        path.display()
    )]
    DiskFull {
        /// The file that could not grow.
        path: PathBuf,
    },
    /// The system would not write: the database does not say whether a quota is used up or the disk fails.
    #[error(
        "{} could not be written ({detail}): the disk fails, or your quota on it is used up. What was saved before is \
         safe; free some space, or keep it elsewhere with --data-dir and --cache-dir", path.display()
    )]
    WriteFailed {
        /// The file.
        path: PathBuf,
        /// What the database said.
        detail: String,
    },
    /// The file or its folder may not be written.
    #[error(
        "{} cannot be written ({detail}): check its permissions, or keep it elsewhere with --data-dir and --cache-dir",
        path.display()
    )]
    NotWritable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// A write was asked of a store that is open read-only.
    #[error("the library of {} is open read-only: {why}", folder.display())]
    ReadOnly {
        /// The photo folder.
        folder: PathBuf,
        /// Why it is read-only.
        why: ReadOnlyReason,
    },
    /// Another program kept the file locked for too long.
    #[error("{} is in use by another program: close it or try again", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// A location or a mark names a photo the library does not know.
    #[error("the library does not know the photo {0}")]
    UnknownPhoto(PhotoId),
    /// There is no such model, or it was deleted.
    #[error("there is no model {0}")]
    UnknownModel(String),
    /// Model names are unique.
    #[error("there is already a model named `{0}`: choose another name")]
    NameTaken(String),
    /// The name cannot be a model's name.
    #[error("`{0}` cannot be a model's name: use 1 to 100 visible characters, and not `raw` or `base`")]
    BadName(String),
    /// Numbers of another length than the ones already kept.
    #[error("{what}: expected {expected} numbers, got {got}")]
    Shape {
        /// What they belong to.
        what: String,
        /// Numbers expected.
        expected: usize,
        /// Numbers given.
        got: usize,
    },
    /// No library is kept for this folder.
    #[error("no library is known for {}: `tripletui index FOLDER` makes one", folder.display())]
    UnknownLibrary {
        /// The folder.
        folder: PathBuf,
    },
    /// Relinking would throw away what was taught to the library at the new place.
    #[error(
        "{} already has a library of its own with marks, duels or models: nothing was changed; export its models and \
         remove {} first if it may go", folder.display(), library.display()
    )]
    AlreadyTaught {
        /// The new folder.
        folder: PathBuf,
        /// Where its library lies.
        library: PathBuf,
    },
    /// The database refused for another reason.
    #[error("{}: {source}", path.display())]
    Sql {
        /// The file.
        path: PathBuf,
        /// What the database said.
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// Whether the cache is damaged: opening the store again rebuilds it.
    pub const fn is_damaged_cache(&self) -> bool {
        matches!(self, Self::CacheDamaged { .. })
    }

    /// A failed file operation, sorted into full disk, missing permission and the rest.
    pub(super) fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::NotWritable { path, detail: source.to_string() }
            }
            _ => Self::Io { doing, path, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_file_and_the_remedy() {
        let full = StoreError::io("write", Path::new("/d/library.db"), io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(
            full.to_string(),
            "the disk is full: /d/library.db could not be written. What was saved before is safe; free some space and \
             try again"
        );
        let denied = StoreError::io("write", Path::new("/d"), io::Error::from(io::ErrorKind::PermissionDenied));
        assert!(denied.to_string().starts_with("/d cannot be written (permission denied): check"), "{denied}");
    }
}
