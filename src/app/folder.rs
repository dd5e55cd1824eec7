//! A folder of photos behind the screen: the jobs of [`crate::work`], told in the screen's messages.

mod live;
mod told;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use image::RgbImage;

use super::backend::Backend;
use super::mailbox::Outbox;
use crate::library::{PhotoId, printable};
use crate::store::{Mark, MarkKind};
use crate::ui::{Answered, Audited, Message, Ranked};
use crate::work::{
    AuditRecord, FolderWatch, Found, GOOD_MATCH, Library, LibraryOptions, ModelChoice, Neighbors, NeighborsEvent,
    Question, Searcher, Viewer, WorkError,
};

/// Why a photo has no neighbours yet.
const WAITING: &str = "its neighbours are not known yet: indexing goes on";

/// A folder of photos, opened by the indexing thread, asked by the others.
pub(super) struct Folder {
    at: PathBuf,
    options: LibraryOptions,
    watch: FolderWatch,
    library: OnceLock<Arc<Library>>,
    viewer: Mutex<Option<Viewer>>,
    neighbors: Neighbors,
    paths: Mutex<HashMap<PhotoId, PathBuf>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn sentence(error: &WorkError) -> String {
    printable(&error.to_string())
}

impl Folder {
    /// A folder that nothing has looked at yet.
    pub(super) fn new(folder: &Path, options: LibraryOptions) -> Self {
        Self {
            at: folder.to_owned(),
            options,
            watch: FolderWatch::new(folder),
            library: OnceLock::new(),
            viewer: Mutex::new(None),
            neighbors: Neighbors::new(),
            paths: Mutex::new(HashMap::new()),
        }
    }

    fn open(&self) -> Result<&Arc<Library>, WorkError> {
        if let Some(library) = self.library.get() {
            return Ok(library);
        }
        let library = Arc::new(Library::open(&self.at, &self.options)?);
        *locked(&self.viewer) = Some(library.viewer()?);
        Ok(self.library.get_or_init(|| library))
    }

    /// Runs a question to the store on the shared connection for small ones.
    fn ask<T>(&self, question: impl FnOnce(&Viewer) -> Option<T>) -> Option<T> {
        locked(&self.viewer).as_ref().and_then(question)
    }

    /// Brings the neighbours up to date with what the store has, behind those that answer now.
    fn renew_neighbors(&self, library: &Arc<Library>, outbox: &Outbox) -> Result<(), WorkError> {
        let outbox = outbox.clone();
        self.neighbors.renew(Arc::clone(library), ModelChoice::Current, move |event| match event {
            NeighborsEvent::Changed => outbox.send(Message::GalleryChanged),
            NeighborsEvent::Failed(error) => outbox.send(Message::Failed(sentence(&error))),
            NeighborsEvent::Audited(record) => {
                if record.is_broken() {
                    outbox.send(Message::Failed(format!("the neighbours are {}", record.in_words())));
                }
                outbox.send(Message::GalleryChanged);
            }
        })
    }

    /// The neighbours of a photo that was embedded after the index was built: its features are in the store.
    fn nearest_to_new(&self, searcher: &Searcher, photo: PhotoId, k: usize) -> Result<Found, String> {
        let features = self
            .ask(|viewer| viewer.reader().features_of(viewer.backbone().id(), &[photo]).ok()?.into_iter().next()?)
            .ok_or(WAITING)?;
        let example = searcher.example_of_features(&features).map_err(|error| sentence(&error))?.ok_or(WAITING)?;
        searcher.answer(&Question::like(&[example], k)).map_err(|error| sentence(&error))
    }

    fn nearest(&self, searcher: &Searcher, photo: PhotoId, k: usize) -> Result<Answered, String> {
        let found = searcher.nearest_to_photo(photo, k).map_err(|error| sentence(&error))?;
        let found = found.map_or_else(|| self.nearest_to_new(searcher, photo, k), Ok)?;
        let ranked =
            |neighbor: &crate::neighbor::Neighbor| Ranked { photo: neighbor.photo, distance: neighbor.distance };
        let audited = |record: &AuditRecord| Audited {
            asked: record.audit.asked,
            agreed: record.audit.agreed,
            recall: record.recall,
        };
        Ok(Answered {
            neighbors: found.answer.neighbors.iter().map(ranked).collect(),
            cut_off: searcher.cut_off(GOOD_MATCH),
            method: found.method.to_string().into(),
            exact: found.answer.exact,
            audited: searcher.audited().map(audited),
            visited: found.answer.visited,
            of: found.answer.of,
            elapsed: found.elapsed,
            model: printable(searcher.model()).into(),
        })
    }
}

impl Backend for Folder {
    fn folder(&self) -> String {
        let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
        let below = home.as_deref().and_then(|home| self.at.strip_prefix(home).ok());
        printable(&below.map_or_else(|| self.at.clone(), |below| Path::new("~").join(below)).to_string_lossy())
    }

    fn index(&self, outbox: &Outbox) -> Result<(), String> {
        live::keep_up(self, outbox).map_err(|error| sentence(&error))
    }

    fn leave(&self) {
        self.watch.stop();
    }

    fn neighbors(&self, photo: PhotoId, k: usize) -> Result<Answered, String> {
        self.neighbors.ask(|searcher| self.nearest(searcher, photo, k)).ok_or(WAITING)?
    }

    fn thumbnail(&self, photo: PhotoId) -> Option<Vec<u8>> {
        self.ask(|viewer| viewer.reader().thumbnail(photo).ok()?)
    }

    fn picture(&self, photo: PhotoId, shorter_side: u32) -> Result<RgbImage, String> {
        let path = self.path(photo).ok_or("this photo has no path any more: it was moved or deleted")?;
        let library = self.library.get().ok_or("the library is still being opened")?;
        library.picture(&path, shorter_side).map_err(|error| sentence(&error))
    }

    fn path(&self, photo: PhotoId) -> Option<PathBuf> {
        locked(&self.paths).get(&photo).cloned()
    }

    fn save_marks(&self, photos: &[PhotoId], marked: bool) -> Result<(), String> {
        let library = self.library.get().ok_or("the library is still being opened; mark it again in a moment")?;
        let now = crate::work::now_unix_s();
        let mark = |photo: &PhotoId| Mark { photo: *photo, kind: MarkKind::Marked, created_unix_s: now };
        let marks: Vec<Mark> = photos.iter().map(mark).collect();
        let (remove, add) = if marked { (&[][..], &marks[..]) } else { (&marks[..], &[][..]) };
        library.store().change_marks(remove, add, now).map(|_| ()).map_err(|error| printable(&error.to_string()))
    }
}

#[cfg(test)]
mod tests;
