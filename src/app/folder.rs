//! A folder of photos behind the screen: the jobs of [`crate::work`], told in the screen's messages.

mod answers;
mod errands;
mod glance;
mod live;
mod models;
mod stand_back;
mod told;
mod training;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use image::RgbImage;

use super::backend::{Backend, Exported, Undone};
use super::mailbox::Outbox;
use super::map::FolderMap;
use crate::library::{PhotoId, printable};
use crate::store::{Mark, MarkKind, Reader};
use crate::ui::{Answered, Asked, Examples, MapLayout, PhotoRow};
use crate::work::{FolderWatch, Library, LibraryOptions, Neighbors, Viewer, WorkError};
use answers::renew;
use models::Models;
use training::Training;

/// How long a picture or a mark waits for the library to be open.
const OPENING: Duration = Duration::from_secs(5);
/// Why there is no map yet.
const NO_MAP: &str = "there is no map yet: it appears when the first photos are indexed";
/// Why a photo has no neighbours yet.
const WAITING: &str = "its neighbours are not known yet: indexing goes on";

/// A folder of photos, opened by the indexing thread, asked by the others.
pub(super) struct Folder {
    at: PathBuf,
    options: LibraryOptions,
    watch: FolderWatch,
    library: OnceLock<Arc<Library>>,
    viewer: Mutex<Option<Viewer>>,
    /// Reads until there is a viewer.
    glance: Mutex<Option<Reader>>,
    glance_is_over: Condvar,
    neighbors: Arc<Neighbors>,
    training: Training,
    models: Models,
    map: FolderMap,
    paths: Mutex<HashMap<PhotoId, PathBuf>>,
    /// Image files outside the folder that were asked about.
    visitors: Mutex<HashMap<PhotoId, PathBuf>>,
    /// How to tell the screen something at any time.
    outbox: OnceLock<Outbox>,
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
            glance: Mutex::new(None),
            glance_is_over: Condvar::new(),
            neighbors: Arc::default(),
            training: Training::default(),
            models: Models::default(),
            map: FolderMap::default(),
            paths: Mutex::new(HashMap::new()),
            visitors: Mutex::new(HashMap::new()),
            outbox: OnceLock::new(),
        }
    }

    fn open(&self) -> Result<&Arc<Library>, WorkError> {
        if let Some(library) = self.library.get() {
            return Ok(library);
        }
        let library = Arc::new(Library::open(&self.at, &self.options)?);
        *locked(&self.viewer) = Some(library.viewer()?);
        let library = self.library.get_or_init(|| library);
        self.end_glance();
        Ok(library)
    }

    /// The library, which is being opened: that takes a moment, and what waits for it is not lost.
    fn soon_open(&self) -> Option<&Arc<Library>> {
        self.open_within(OPENING)
    }

    fn open_within(&self, patience: Duration) -> Option<&Arc<Library>> {
        let is_opening = |glance: &mut Option<Reader>| self.library.get().is_none() && glance.is_some();
        drop(self.glance_is_over.wait_timeout_while(locked(&self.glance), patience, is_opening));
        self.library.get()
    }

    /// Runs a question to the store on the shared connection for small ones.
    fn ask<T>(&self, question: impl FnOnce(&Viewer) -> Option<T>) -> Option<T> {
        locked(&self.viewer).as_ref().and_then(question)
    }

    /// Brings the neighbours up to date with what the store has, behind those that answer now.
    fn renew_neighbors(&self, library: &Arc<Library>, outbox: &Outbox) -> Result<(), WorkError> {
        renew(&self.neighbors, library, outbox)
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
        self.training.leave();
    }

    fn neighbors(&self, asked: &Asked) -> Result<Answered, String> {
        self.neighbors.ask(|searcher| self.answer(searcher, asked)).ok_or(WAITING)?
    }

    fn distances(&self, photo: PhotoId, with: &Examples) -> Result<HashMap<PhotoId, f32>, String> {
        self.neighbors.ask(|searcher| self.measure(searcher, photo, with)).ok_or(WAITING)?
    }

    fn look(&self, path: &str) -> Result<Arc<PhotoRow>, String> {
        self.look_at(path)
    }

    fn map(&self, go_on: &dyn Fn() -> bool, tell: &dyn Fn(MapLayout)) -> Result<(), String> {
        let told = self.map.tell(&self.neighbors, go_on, tell).map_err(|error| sentence(&error))?;
        if told { Ok(()) } else { Err(NO_MAP.to_owned()) }
    }

    fn thumbnail(&self, photo: PhotoId) -> Option<Vec<u8>> {
        let known = self.ask(|viewer| viewer.reader().thumbnail(photo).ok()?);
        known.or_else(|| self.glanced_thumbnail(photo))
    }

    fn picture(&self, photo: PhotoId, shorter_side: u32) -> Result<RgbImage, String> {
        let path = self.path(photo).ok_or("this photo has no path any more: it was moved or deleted")?;
        let library = self.soon_open().ok_or("the library is still being opened")?;
        library.picture(&path, shorter_side).map_err(|error| sentence(&error))
    }

    fn path(&self, photo: PhotoId) -> Option<PathBuf> {
        locked(&self.paths).get(&photo).or(locked(&self.visitors).get(&photo)).cloned()
    }

    fn save_marks(&self, photos: &[PhotoId], marked: bool) -> Result<(), String> {
        let library = self.soon_open().ok_or("the library is still being opened; mark it again in a moment")?;
        let now = crate::work::now_unix_s();
        let mark = |photo: &PhotoId| Mark { photo: *photo, kind: MarkKind::Marked, created_unix_s: now };
        let marks: Vec<Mark> = photos.iter().map(mark).collect();
        let (remove, add) = if marked { (&[][..], &marks[..]) } else { (&marks[..], &[][..]) };
        library.store().change_marks(remove, add, now).map(|_| ()).map_err(|error| printable(&error.to_string()))
    }

    fn undo(&self, again: bool) -> Result<Undone, String> {
        let undone = self.take_back(again, self.outbox.get())?;
        // Another model may answer now, which the screens of models and training show.
        if let Some((viewer, outbox)) =
            self.library.get().and_then(|library| library.viewer().ok()).zip(self.outbox.get())
        {
            models::tell_models(&viewer, outbox);
        }
        Ok(undone)
    }

    fn export(&self, photos: &[PhotoId], to: &str, replace: bool) -> Result<Exported, String> {
        self.export_paths(photos, to, replace)
    }

    fn training(&self, order: crate::ui::TrainingOrder, outbox: &Outbox) -> Result<(), String> {
        self.order_training(order, outbox)
    }

    fn models(&self, order: crate::ui::ModelsOrder, outbox: &Outbox) -> Result<(), String> {
        self.order_models(order, outbox)
    }
}

#[cfg(test)]
mod tests;
