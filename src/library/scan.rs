//! Which files of a folder may be photos.

use std::collections::{HashSet, VecDeque};
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use walkdir::{DirEntry, WalkDir};

use super::format::{PhotoFormat, SNIFFED_BYTES, is_picture_extension};

/// One path of a photo, with what tells whether the file changed since it was last read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Relative to the scanned folder.
    pub path: PathBuf,
    /// Bytes in the file.
    pub size: u64,
    /// Time of the last change, in nanoseconds since 1970 (negative before; 0 when the file system does not say).
    pub modified_ns: i64,
}

/// A file (or folder) that could not be used, and why.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Skipped {
    /// Relative to the scanned folder. Written as text, with U+FFFD for what is not Unicode.
    #[serde(serialize_with = "as_text")]
    pub path: PathBuf,
    /// A sentence for the person, without the path.
    pub reason: String,
}

/// What a folder holds. `candidates.len() + skipped.len() + ignored` is the number of files seen, an unreadable folder
/// counting as one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Files that may be photos (by extension or by first bytes), sorted by path.
    pub candidates: Vec<Location>,
    /// Folders and files that could not be read, sorted by path.
    pub skipped: Vec<Skipped>,
    /// Files that are no pictures.
    pub ignored: u64,
}

impl Scan {
    /// Whether there was nothing at all, not even a file that is no picture.
    pub fn is_empty(&self) -> bool {
        self.candidates.is_empty() && self.skipped.is_empty() && self.ignored == 0
    }
}

/// Why a folder could not be scanned.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// Nothing is there.
    #[error("the folder `{}` does not exist: check the spelling, or connect the drive it is on", shown(.0))]
    Missing(PathBuf),
    /// Something is there, but no folder.
    #[error("`{}` is not a folder: give the folder that holds the photos", shown(.0))]
    NotAFolder(PathBuf),
    /// The folder itself cannot be listed.
    #[error("the folder `{}` cannot be read: {}", shown(.0), .1)]
    Unreadable(PathBuf, #[source] io::Error),
    /// The caller asked to stop.
    #[error("the scan was stopped")]
    Stopped,
}

/// Lists the files below `root` that may be photos.
///
/// Left out with all they hold: folders whose name starts with a dot, and the system's own (`@eaDir`, `node_modules`,
/// recycle bins). Links to folders and files are followed, but no real folder is visited twice, and the real folder
/// wins over a link to it; so loops end and a linked folder does not double its photos. Files with an unknown
/// extension are opened for their first 32 bytes; pipes, sockets and devices never.
///
/// `go_on` hears the number of files seen so far, once per file and folder, and ends the scan by answering `false`.
pub fn scan(root: &Path, go_on: &mut dyn FnMut(usize) -> bool) -> Result<Scan, ScanError> {
    let listed = fs::metadata(root).and_then(|meta| {
        let listed = if meta.is_dir() { fs::read_dir(root).map(drop) } else { Ok(()) };
        listed.map(|()| meta)
    });
    match listed {
        Ok(meta) if meta.is_dir() => {}
        Ok(_) => return Err(ScanError::NotAFolder(root.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ScanError::Missing(root.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Err(ScanError::NotAFolder(root.to_owned()));
        }
        Err(error) => return Err(ScanError::Unreadable(root.to_owned(), error)),
    }
    let mut walk =
        Walk { root, scan: Scan::default(), visited: HashSet::new(), links: VecDeque::new(), seen: 0, go_on };
    walk.folder(root)?;
    while let Some(link) = walk.links.pop_front() {
        walk.link(&link)?;
    }
    let mut scan = walk.scan;
    scan.candidates.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    scan.skipped.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(scan)
}

/// A scan under way.
struct Walk<'a> {
    root: &'a Path,
    scan: Scan,
    /// Real paths of the folders that were entered.
    visited: HashSet<PathBuf>,
    /// Links found on the way: followed when everything real has been seen.
    links: VecDeque<PathBuf>,
    seen: usize,
    go_on: &'a mut dyn FnMut(usize) -> bool,
}

impl Walk<'_> {
    /// Walks one real folder, or the target of a link under the link's name.
    fn folder(&mut self, folder: &Path) -> Result<(), ScanError> {
        let mut entries = WalkDir::new(folder).follow_root_links(true).sort_by_file_name().into_iter();
        while let Some(entry) = entries.next() {
            match entry {
                Ok(entry) if is_folder(&entry) => {
                    self.ask()?;
                    let left_out = entry.depth() > 0 && is_left_out(entry.file_name());
                    if left_out || !self.enter(entry.path()) {
                        entries.skip_current_dir();
                    }
                }
                Ok(entry) if entry.path_is_symlink() => self.links.push_back(entry.into_path()),
                Ok(entry) => {
                    let meta = entry.metadata().map_err(io::Error::from);
                    self.file(entry.path(), meta)?;
                }
                Err(error) => self.failed(&error)?,
            }
        }
        Ok(())
    }

    /// Whether this folder is visited for the first time. What cannot be resolved is entered: walkdir says why it fails.
    fn enter(&mut self, folder: &Path) -> bool {
        fs::canonicalize(folder).map_or(true, |real| self.visited.insert(real))
    }

    fn link(&mut self, link: &Path) -> Result<(), ScanError> {
        match fs::metadata(link) {
            Ok(meta) if meta.is_dir() => {
                let named_out = link.file_name().is_some_and(is_left_out);
                if named_out { Ok(()) } else { self.folder(link) }
            }
            Ok(meta) => self.file(link, Ok(meta)),
            Err(error) => {
                let broken = error.kind() == io::ErrorKind::NotFound;
                self.skip(link, if broken { "a link that leads nowhere".to_owned() } else { cannot_be_read(&error) });
                self.count()
            }
        }
    }

    fn file(&mut self, path: &Path, meta: io::Result<Metadata>) -> Result<(), ScanError> {
        match meta {
            Ok(meta) if meta.is_file() && !is_hidden(path) => match may_be_photo(path) {
                Ok(true) => self.scan.candidates.push(self.location(path, &meta)),
                Ok(false) => self.scan.ignored += 1,
                Err(error) => self.skip(path, cannot_be_read(&error)),
            },
            Ok(_) => self.scan.ignored += 1,
            Err(error) => self.skip(path, cannot_be_read(&error)),
        }
        self.count()
    }

    fn failed(&mut self, error: &walkdir::Error) -> Result<(), ScanError> {
        let path = error.path().unwrap_or(self.root).to_owned();
        self.skip(
            &path,
            error.io_error().map_or_else(|| "a link that leads back to itself".to_owned(), cannot_be_read),
        );
        self.count()
    }

    fn count(&mut self) -> Result<(), ScanError> {
        self.seen += 1;
        self.ask()
    }

    fn ask(&mut self) -> Result<(), ScanError> {
        if (self.go_on)(self.seen) { Ok(()) } else { Err(ScanError::Stopped) }
    }

    fn skip(&mut self, path: &Path, reason: String) {
        self.scan.skipped.push(Skipped { path: self.relative(path), reason });
    }

    fn location(&self, path: &Path, meta: &Metadata) -> Location {
        Location { path: self.relative(path), size: meta.len(), modified_ns: modified_ns(meta) }
    }

    fn relative(&self, path: &Path) -> PathBuf {
        path.strip_prefix(self.root).unwrap_or(path).to_owned()
    }
}

/// Whether the entry is a folder to be walked: a real one, or what the walk started from, which may be a link to one.
fn is_folder(entry: &DirEntry) -> bool {
    entry.depth() == 0 || entry.file_type().is_dir()
}

/// Folders that are not a person's photos: hidden ones and those that systems and servers make.
fn is_left_out(name: &OsStr) -> bool {
    const SYSTEM: [&str; 8] = [
        "@eaDir",
        "node_modules",
        "#recycle",
        "@Recycle",
        "$RECYCLE.BIN",
        "System Volume Information",
        "lost+found",
        "__MACOSX",
    ];
    name.as_encoded_bytes().starts_with(b".") || SYSTEM.iter().any(|system| name == *system)
}

/// Whether a scan looks at this path, given relative to the scanned folder: no part of it is left out.
pub fn is_scanned(relative: &Path) -> bool {
    !relative.iter().any(is_left_out)
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// By extension, or for unknown extensions by the first bytes.
fn may_be_photo(path: &Path) -> io::Result<bool> {
    if path.extension().is_some_and(is_picture_extension) {
        return Ok(true);
    }
    let mut first = Vec::with_capacity(SNIFFED_BYTES);
    File::open(path)?.take(SNIFFED_BYTES as u64).read_to_end(&mut first)?;
    Ok(PhotoFormat::of_content(&first).is_some())
}

fn modified_ns(meta: &Metadata) -> i64 {
    let Ok(time) = meta.modified() else { return 0 };
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |ns| -ns),
    }
}

fn cannot_be_read(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "cannot be read: permission denied".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

fn shown(path: &Path) -> String {
    super::text::printable(&path.to_string_lossy())
}

fn as_text<S: serde::Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn folder(files: &[&str]) -> TempDir {
        let root = TempDir::new().unwrap();
        for file in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"\x89PNG\r\n\x1A\n").unwrap();
        }
        root
    }

    fn all(root: &Path) -> Scan {
        scan(root, &mut |_| true).unwrap()
    }

    fn paths(scan: &Scan) -> Vec<&str> {
        scan.candidates.iter().map(|location| location.path.to_str().unwrap()).collect()
    }

    #[test]
    fn extension_or_first_bytes_make_a_candidate_and_all_else_is_counted() {
        let root = folder(&["b/2.JPG", "a.png", "b/no_extension", "c/strange.xyz"]);
        fs::write(root.path().join("notes.txt"), "a note").unwrap();
        fs::write(root.path().join("b/empty"), "").unwrap();
        fs::write(root.path().join(".hidden.jpg"), "hidden").unwrap();
        let mut seen = 0;
        let found = scan(root.path(), &mut |count| {
            seen = count;
            true
        });
        let found = found.unwrap();
        assert_eq!(paths(&found), ["a.png", "b/2.JPG", "b/no_extension", "c/strange.xyz"]);
        assert_eq!((found.ignored, found.skipped.len(), seen), (3, 0, 7));
        assert_eq!(found.candidates[0].size, 8);
        assert!(found.candidates[0].modified_ns > 1_600_000_000_000_000_000);
    }

    #[test]
    fn hidden_and_system_folders_are_left_out_but_a_hidden_root_is_not() {
        let files = [".git/a.png", "x/@eaDir/a.png", "x/.thumbnails/a.png", "node_modules/a.png", "x/a.png"];
        let root = folder(&files);
        let found = all(root.path());
        assert_eq!(paths(&found), ["x/a.png"]);
        assert_eq!(found.ignored, 0);
        let hidden = folder(&[".root/a.png"]);
        assert_eq!(paths(&all(&hidden.path().join(".root"))), ["a.png"]);
    }

    #[test]
    fn a_path_is_scanned_unless_a_part_of_it_is_left_out() {
        for scanned in ["", "a.jpg", "2021/sea/a.jpg"] {
            assert!(is_scanned(Path::new(scanned)), "{scanned}");
        }
        for left_out in [".a.jpg.part", "x/.git/a.jpg", "x/@eaDir/a.jpg/thumb.jpg", "node_modules/a.png"] {
            assert!(!is_scanned(Path::new(left_out)), "{left_out}");
        }
    }

    #[test]
    fn what_cannot_be_scanned_says_why() {
        let root = folder(&["a.png"]);
        let says = |path: &Path| scan(path, &mut |_| true).unwrap_err().to_string();
        assert!(says(&root.path().join("none")).contains("does not exist"));
        assert!(says(&root.path().join("a.png")).contains("is not a folder"));
        assert!(says(&root.path().join("a.png/below")).contains("is not a folder"));
        let mut asked = 0;
        let stopped = scan(root.path(), &mut |_| {
            asked += 1;
            false
        });
        assert!(matches!(stopped, Err(ScanError::Stopped)));
        assert_eq!(asked, 1, "nothing is looked at after the stop");
    }

    #[test]
    fn an_empty_folder_is_an_empty_scan() {
        assert_eq!(all(TempDir::new().unwrap().path()), Scan::default());
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_but_no_real_folder_twice() {
        use std::os::unix::fs::symlink;
        let outside = folder(&["far/o.png"]);
        let root = folder(&["z/real.png", "z/deep/d.png"]);
        let at = |name: &str| root.path().join(name);
        symlink(at("z"), at("a_link_before_z")).unwrap();
        symlink(root.path(), at("z/loop")).unwrap();
        symlink(at("z/self"), at("z/self")).unwrap();
        symlink(outside.path().join("far"), at("outside")).unwrap();
        symlink(outside.path(), at("outside_again")).unwrap();
        symlink(at("z/real.png"), at("file_link.png")).unwrap();
        symlink(at("nowhere"), at("broken.png")).unwrap();
        symlink(root.path().parent().unwrap().join("no such"), at(".hidden_link")).unwrap();
        let found = all(root.path());
        assert_eq!(paths(&found), ["file_link.png", "outside/o.png", "z/deep/d.png", "z/real.png"]);
        let skipped: Vec<_> = found.skipped.iter().map(|skipped| skipped.path.to_str().unwrap()).collect();
        assert_eq!(skipped, [".hidden_link", "broken.png", "z/self"]);
        assert_eq!(found.skipped[1].reason, "a link that leads nowhere");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn names_that_are_not_unicode_are_photos_too() {
        use std::os::unix::ffi::OsStrExt;
        let root = TempDir::new().unwrap();
        let name = OsStr::from_bytes(b"caf\xE9.jpg");
        fs::write(root.path().join(name), "x").unwrap();
        let found = all(root.path());
        assert_eq!(found.candidates[0].path.as_os_str(), name);
        let skipped = Skipped { path: name.into(), reason: "why".to_owned() };
        assert!(serde_json::to_string(&skipped).unwrap().contains("caf\u{FFFD}.jpg"));
    }

    #[cfg(unix)]
    #[test]
    fn pipes_are_never_opened() {
        let root = TempDir::new().unwrap();
        let path = root.path().join("pipe.jpg");
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        assert_eq!(all(root.path()).ignored, 1);
    }

    #[cfg(unix)]
    #[test]
    fn an_unreadable_folder_is_skipped_with_its_reason() {
        use std::os::unix::fs::PermissionsExt;
        let root = folder(&["ok.png", "locked/a.png"]);
        let locked = root.path().join("locked");
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
        let readable_anyway = fs::read_dir(&locked).is_ok();
        let found = all(root.path());
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o700)).unwrap();
        if !readable_anyway {
            assert_eq!(paths(&found), ["ok.png"]);
            assert_eq!(
                found.skipped,
                [Skipped { path: "locked".into(), reason: "cannot be read: permission denied".into() }]
            );
        }
    }
}
