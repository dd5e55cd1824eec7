//! Where libraries lie on disk: one folder each in the data and in the cache directory, never inside the photo folder.
//!
//! ```text
//! <data>/last-folder                          the photo folder used last
//! <data>/libraries/<key>/library.db, folder, lock
//! <cache>/libraries/<key>/cache.db
//! ```

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::StoreError;
use super::path_bytes::{to_bytes, to_path};

/// The directories that hold all libraries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreDirs {
    /// What cannot be made again.
    pub data: PathBuf,
    /// What can.
    pub cache: PathBuf,
}

impl StoreDirs {
    /// The directories the platform intends for this, e.g. `~/.local/share/tripletui` and `~/.cache/tripletui`.
    pub fn platform() -> Result<Self, StoreError> {
        let dirs = directories::ProjectDirs::from("", "", "tripletui").ok_or(StoreError::NoHome)?;
        Ok(Self { data: dirs.data_local_dir().to_owned(), cache: dirs.cache_dir().to_owned() })
    }

    /// The photo folder that was opened last, if any was. It may be gone by now.
    pub fn last_folder(&self) -> Option<PathBuf> {
        fs::read(self.data.join("last-folder")).ok().filter(|bytes| !bytes.is_empty()).map(|bytes| to_path(&bytes))
    }

    /// The photo folders that have a library, sorted. Some may be gone.
    pub fn folders(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.data.join("libraries")).into_iter().flatten().flatten();
        let mut folders: Vec<PathBuf> = entries
            .filter_map(|entry| fs::read(entry.path().join("folder")).ok())
            .map(|bytes| to_path(&bytes))
            .collect();
        folders.sort();
        folders.dedup();
        folders
    }
}

/// Where the library of one photo folder lies.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The photo folder, canonical.
    pub(super) folder: PathBuf,
    /// The library's folder in the data directory.
    pub(super) data: PathBuf,
    /// The library's folder in the cache directory.
    pub(super) cache: PathBuf,
}

impl Place {
    /// The place for a canonical folder path.
    pub(super) fn of(folder: &Path, dirs: &StoreDirs) -> Self {
        let key = key(folder);
        let below = Path::new("libraries").join(key);
        Self { folder: folder.to_owned(), data: dirs.data.join(&below), cache: dirs.cache.join(&below) }
    }

    /// `library.db`.
    pub(super) fn library_file(&self) -> PathBuf {
        self.data.join("library.db")
    }

    /// `cache.db`.
    pub(super) fn cache_file(&self) -> PathBuf {
        self.cache.join("cache.db")
    }

    /// The file whose lock decides who writes.
    pub(super) fn lock_file(&self) -> PathBuf {
        self.data.join("lock")
    }

    /// Notes the folder in the registry; with `dirs`, also as the one used last. A failure costs comfort only.
    pub(super) fn remember(&self, dirs: &StoreDirs) {
        let bytes = to_bytes(&self.folder);
        for file in [self.data.join("folder"), dirs.data.join("last-folder")] {
            if fs::read(&file).ok().as_deref() == Some(&bytes) {
                continue;
            }
            if let Err(error) = write_atomically(&file, &bytes) {
                tracing::warn!("cannot note the folder in {}: {error}", file.display());
            }
        }
    }
}

/// A short name for a folder: readable part, then 64 bits of the hash of its path.
fn key(folder: &Path) -> String {
    let name = folder.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let slug: String = name.chars().take(32).map(plain).collect();
    let hash = blake3::hash(&to_bytes(folder)).to_hex();
    let slug = if slug.trim_matches('-').is_empty() { "folder" } else { slug.trim_matches('-') };
    format!("{slug}-{}", hash.as_str().get(..16).unwrap_or_default())
}

/// Replaces a small file so that a crash leaves the old or the new content.
pub(super) fn write_atomically(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let next = file.with_extension("new");
    let mut out = fs::File::create(&next)?;
    out.write_all(bytes)?;
    out.sync_all()?;
    fs::rename(&next, file)
}

/// Makes a folder that only its owner may read: thumbnails of private photos lie in it.
pub(super) fn make_private_folder(path: &Path) -> Result<(), StoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|source| StoreError::io("create", path, source))
}

/// The canonical path of a photo folder that exists.
pub(super) fn canonical(folder: &Path) -> Result<PathBuf, StoreError> {
    let wrong = |source| StoreError::Folder { path: folder.to_owned(), source };
    let path = fs::canonicalize(folder).map_err(wrong)?;
    if fs::metadata(&path).map_err(wrong)?.is_dir() {
        Ok(path)
    } else {
        Err(StoreError::NotAFolder { path: folder.to_owned() })
    }
}

/// The canonical path a folder has, or had before it vanished: what still exists of it is resolved, the rest kept.
pub(super) fn canonical_or_gone(folder: &Path) -> Result<PathBuf, StoreError> {
    let absolute =
        std::path::absolute(folder).map_err(|source| StoreError::Folder { path: folder.to_owned(), source })?;
    for above in absolute.ancestors() {
        if let (Ok(real), Ok(rest)) = (fs::canonicalize(above), absolute.strip_prefix(above)) {
            return Ok(if rest.as_os_str().is_empty() { real } else { real.join(rest) });
        }
    }
    Ok(absolute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_readable_and_differ_by_the_whole_path() {
        let one = key(Path::new("/a/My Photos"));
        assert!(one.starts_with("my-photos-") && one.len() == 10 + 16, "{one}");
        assert_ne!(one, key(Path::new("/b/My Photos")));
        assert_eq!(one, key(Path::new("/a/My Photos")));
        assert!(key(Path::new("/")).starts_with("folder-"));
        assert!(key(Path::new("/фото")).starts_with("folder-"));
    }

    #[test]
    fn a_folder_that_is_gone_keeps_the_resolved_part_of_its_path() {
        let root = tempfile::tempdir().unwrap();
        let real = fs::canonicalize(root.path()).unwrap();
        assert_eq!(canonical_or_gone(&root.path().join("gone/deep")).unwrap(), real.join("gone/deep"));
        assert_eq!(canonical_or_gone(root.path()).unwrap(), real);
    }

    #[test]
    fn a_missing_folder_and_a_file_are_told_apart() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        fs::write(&file, b"x").unwrap();
        assert!(matches!(canonical(&file), Err(StoreError::NotAFolder { .. })));
        assert!(matches!(canonical(&root.path().join("none")), Err(StoreError::Folder { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_look_into_a_library() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let place = Place::of(root.path(), &StoreDirs { data: root.path().join("d"), cache: root.path().join("c") });
        make_private_folder(&place.cache).unwrap();
        assert_eq!(fs::metadata(&place.cache).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
