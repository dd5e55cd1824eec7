//! Looks through a folder for pictures, by name and first bytes; nothing is decoded and nothing is written.

use std::collections::HashSet;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use walkdir::{DirEntry, WalkDir};

use super::format::{SNIFF_BYTES, has_picture_extension, sniff};
use super::location::{Location, Skipped};

/// Folders of other programs: their pictures are not the person's.
const SYSTEM_FOLDERS: &[&str] = &["@eaDir", "node_modules", "$RECYCLE.BIN", "System Volume Information", "lost+found"];

/// What lies in a folder. candidates + skipped files + ignored = files seen; hidden ones are not seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Files that are, or claim to be, pictures, by path.
    pub candidates: Vec<Location>,
    /// Files and folders that could not be looked at.
    pub skipped: Vec<Skipped>,
    /// Files that are no pictures.
    pub ignored: u64,
}

/// Why a folder could not be looked through at all.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// There is nothing at this path.
    #[error("{}: there is no such folder; check the path", .0.display())]
    Missing(PathBuf),
    /// The path is a file.
    #[error("{} is not a folder; give the folder of photos it lies in", .0.display())]
    NotAFolder(PathBuf),
    /// The folder may not be read.
    #[error("{}: cannot be read: {error}; check its permissions", folder.display())]
    Unreadable {
        /// As it was given.
        folder: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Whoever asked for it wants it no more.
    #[error("stopped while looking for photos")]
    Stopped,
}

/// Looks through `root` and all folders below. `go_on` is told the number of files seen so far and may stop the scan.
///
/// Links are followed, but a folder is entered once only, however many links lead to it.
pub fn scan(root: &Path, go_on: &mut dyn FnMut(usize) -> bool) -> Result<Scan, ScanError> {
    check(root)?;
    let canonical = fs::canonicalize(root).map_err(|error| ScanError::Unreadable { folder: root.to_owned(), error })?;
    let mut linked: HashSet<PathBuf> = HashSet::new();
    let walk = WalkDir::new(root).follow_links(true).sort_by_file_name().into_iter();
    let walk = walk.filter_entry(|entry| entry.depth() == 0 || wanted(entry, &canonical, &mut linked));
    let (mut scan, mut seen) = (Scan::default(), 0);
    for entry in walk {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => continue,
            Ok(entry) => look_at(root, &entry, &mut scan),
            Err(error) if error.loop_ancestor().is_some() => continue,
            Err(error) => scan.skipped.push(unreadable(root, &error)),
        }
        seen += 1;
        if !go_on(seen) {
            return Err(ScanError::Stopped);
        }
    }
    scan.candidates.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(scan)
}

fn check(root: &Path) -> Result<(), ScanError> {
    match fs::metadata(root) {
        Ok(metadata) if !metadata.is_dir() => Err(ScanError::NotAFolder(root.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ScanError::Missing(root.to_owned())),
        Err(error) => Err(ScanError::Unreadable { folder: root.to_owned(), error }),
        Ok(_) => match fs::read_dir(root) {
            Ok(_) => Ok(()),
            Err(error) => Err(ScanError::Unreadable { folder: root.to_owned(), error }),
        },
    }
}

fn wanted(entry: &DirEntry, root: &Path, linked: &mut HashSet<PathBuf>) -> bool {
    let name = entry.file_name().to_string_lossy();
    if name.starts_with('.') {
        return false;
    }
    if !entry.file_type().is_dir() {
        return true;
    }
    if SYSTEM_FOLDERS.contains(&&*name) {
        return false;
    }
    // A link to a folder inside the library leads to what is seen anyway; one to a folder outside counts once.
    !entry.path_is_symlink()
        || fs::canonicalize(entry.path())
            .is_ok_and(|target| !target.starts_with(root) && !root.starts_with(&target) && linked.insert(target))
}

fn look_at(root: &Path, entry: &DirEntry, scan: &mut Scan) {
    let path = entry.path().strip_prefix(root).unwrap_or(entry.path()).to_owned();
    if !entry.file_type().is_file() {
        scan.ignored += 1;
        return;
    }
    let found = if has_picture_extension(&path) { Ok(true) } else { starts_like_a_picture(entry.path()) };
    match found {
        Ok(false) => scan.ignored += 1,
        Ok(true) => match entry.metadata() {
            Ok(metadata) => {
                scan.candidates.push(Location { path, size: metadata.len(), modified_ns: modified_ns(&metadata) });
            }
            Err(error) => scan.skipped.push(Skipped { path, reason: format!("cannot be read: {error}") }),
        },
        Err(error) => scan.skipped.push(Skipped { path, reason: format!("cannot be read: {error}") }),
    }
}

fn starts_like_a_picture(path: &Path) -> io::Result<bool> {
    let mut start = Vec::with_capacity(SNIFF_BYTES);
    File::open(path)?.take(SNIFF_BYTES as u64).read_to_end(&mut start)?;
    Ok(sniff(&start).is_some())
}

fn modified_ns(metadata: &Metadata) -> i64 {
    let Ok(time) = metadata.modified() else { return 0 };
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |ns| -ns),
    }
}

fn unreadable(root: &Path, error: &walkdir::Error) -> Skipped {
    let path = error.path().unwrap_or(root);
    let reason = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
    Skipped { path: path.strip_prefix(root).unwrap_or(path).to_owned(), reason: format!("cannot be read: {reason}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JPEG: &[u8] = b"\xff\xd8\xff\xe0 and so on, never decoded here";

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        folder
    }

    fn names(scan: &Scan) -> Vec<&str> {
        scan.candidates.iter().map(|location| location.path.to_str().unwrap()).collect()
    }

    #[test]
    fn pictures_are_known_by_name_or_content_and_the_rest_is_counted() {
        let folder = folder(&[("b.jpg", b"?"), ("a/no extension", JPEG), ("text.txt", b"hello"), ("empty", b"")]);
        let scan = scan(folder.path(), &mut |_| true).unwrap();
        assert_eq!(names(&scan), ["a/no extension", "b.jpg"]);
        assert_eq!((scan.ignored, scan.skipped.len()), (2, 0));
        assert_eq!(scan.candidates[1].size, 1);
        assert!(scan.candidates[1].modified_ns > 1_500_000_000_000_000_000);
    }

    #[test]
    fn hidden_and_system_folders_are_left_out() {
        let files = [".git/a.jpg", "@eaDir/b.jpg", "node_modules/c.jpg", ".thumbnails/d.jpg", "x/._e.jpg", "x/f.jpg"];
        let folder = folder(&files.map(|name| (name, JPEG)));
        let scan = scan(folder.path(), &mut |_| true).unwrap();
        assert_eq!((names(&scan), scan.ignored), (vec!["x/f.jpg"], 0));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_once_and_loops_end() {
        use std::os::unix::fs::symlink;
        let (inside, outside) = (folder(&[("a/1.jpg", JPEG)]), folder(&[("2.jpg", JPEG)]));
        symlink(inside.path(), inside.path().join("a/loop")).unwrap();
        symlink(inside.path().join("a"), inside.path().join("again")).unwrap();
        symlink(outside.path(), inside.path().join("there")).unwrap();
        symlink(outside.path(), inside.path().join("there too")).unwrap();
        symlink(outside.path().join("2.jpg"), inside.path().join("linked.jpg")).unwrap();
        symlink("/nowhere/at/all.jpg", inside.path().join("dangling.jpg")).unwrap();
        let scan = scan(inside.path(), &mut |_| true).unwrap();
        assert_eq!(names(&scan), ["a/1.jpg", "linked.jpg", "there/2.jpg"]);
        assert_eq!(scan.skipped.len(), 1, "{:?}", scan.skipped);
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_no_unicode_are_found() {
        use std::os::unix::ffi::OsStrExt;
        let folder = folder(&[]);
        let name = std::ffi::OsStr::from_bytes(b"caf\xe9.jpg");
        fs::write(folder.path().join(name), JPEG).unwrap();
        let scan = scan(folder.path(), &mut |_| true).unwrap();
        assert_eq!(scan.candidates[0].path.as_os_str(), name);
    }

    #[test]
    fn what_cannot_be_scanned_is_an_error_and_a_stop_is_heard() {
        let folder = folder(&[("a.jpg", JPEG), ("b.jpg", JPEG)]);
        let ask = |path: &Path| scan(path, &mut |_| true);
        assert!(matches!(ask(&folder.path().join("nowhere")), Err(ScanError::Missing(_))));
        assert!(matches!(ask(&folder.path().join("a.jpg")), Err(ScanError::NotAFolder(_))));
        assert!(matches!(scan(folder.path(), &mut |seen| seen < 2), Err(ScanError::Stopped)));
    }
}
