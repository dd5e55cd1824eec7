//! A folder of photos behind the screen: the jobs of [`crate::work`], told in the screen's messages.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use image::RgbImage;

use super::backend::Backend;
use super::mailbox::Outbox;
use super::map::FolderMap;
use super::rows::{RowMaker, SkippedList, progress_message};
use crate::library::{PhotoId, printable};
use crate::store::{Access, Mark, MarkKind, PhotoRecord};
use crate::ui::{Answered, Audited, IndexSummary, LibraryChange, MapLayout, Message, Ranked};
use crate::work::{
    AuditRecord, Cancel, Found, GOOD_MATCH, IndexEvent, IndexReport, Library, LibraryOptions, ModelChoice, Neighbors,
    NeighborsEvent, Question, Searcher, Viewer, WorkError, index, listed_photos, refresh_models,
};

/// Rows in one message while a library is opened: the first screenful must not wait for the last row.
const ROWS_AT_ONCE: usize = 4096;
/// While a library is new, its neighbours are made anew whenever it has grown by this factor.
const GROWTH: usize = 3;
/// With fewer photos than this nobody asks for neighbours yet.
const FIRST_NEIGHBORS: usize = 24;
/// Why there is no map yet.
const NO_MAP: &str = "there is no map yet: it appears when the first photos are indexed";
/// Why a photo has no neighbours yet.
const WAITING: &str = "its neighbours are not known yet: indexing goes on";

/// A folder of photos, opened by the indexing thread, asked by the others.
pub(super) struct Folder {
    at: PathBuf,
    options: LibraryOptions,
    library: OnceLock<Arc<Library>>,
    viewer: Mutex<Option<Viewer>>,
    neighbors: Neighbors,
    map: FolderMap,
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
            library: OnceLock::new(),
            viewer: Mutex::new(None),
            neighbors: Neighbors::new(),
            map: FolderMap::default(),
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

    /// Tells all photos of the store, in pieces, and remembers their paths.
    fn tell_photos(&self, viewer: &Viewer, rows: &mut RowMaker, outbox: &Outbox) -> Result<usize, WorkError> {
        let photos = listed_photos(viewer)?;
        let paths = photos.iter().map(|p| (p.record.facts.id, viewer.root().join(p.path()))).collect();
        *locked(&self.paths) = paths;
        let mut all = photos.iter().map(|photo| rows.row(&photo.record));
        let first: Vec<_> = all.by_ref().take(ROWS_AT_ONCE).collect();
        outbox.send(Message::LibraryChanged(LibraryChange::Whole(first)));
        loop {
            let next: Vec<_> = all.by_ref().take(ROWS_AT_ONCE).collect();
            if next.is_empty() || !outbox.is_wanted() {
                return Ok(photos.len());
            }
            outbox.send(Message::LibraryChanged(LibraryChange::Added(next)));
        }
    }

    fn tell_kept(viewer: &Viewer, outbox: &Outbox) -> Result<(), WorkError> {
        let marks = viewer.reader().marks()?.into_iter().filter(|mark| mark.kind == MarkKind::Marked);
        outbox.send(Message::MarksLoaded(marks.map(|mark| mark.photo).collect()));
        outbox.send(Message::Skipped(SkippedList::of(&viewer.reader().skipped()?)));
        Ok(())
    }

    /// New photos of a batch, while indexing goes on.
    fn tell_added(&self, root: &Path, added: &[PhotoRecord], rows: &mut RowMaker, outbox: &Outbox) {
        let mut paths = locked(&self.paths);
        for record in added {
            paths.insert(record.facts.id, root.join(record.paths.first().map_or(Path::new(""), PathBuf::as_path)));
        }
        drop(paths);
        if !added.is_empty() {
            let new = added.iter().map(|record| rows.row(record)).collect();
            outbox.send(Message::LibraryChanged(LibraryChange::Added(new)));
        }
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

    fn run(&self, outbox: &Outbox) -> Result<(), WorkError> {
        let library = self.open()?;
        let (viewer, mut rows) = (library.viewer()?, RowMaker::default());
        let known = self.tell_photos(&viewer, &mut rows, outbox)?;
        Self::tell_kept(&viewer, outbox)?;
        if known > 0 {
            self.renew_neighbors(library, outbox)?;
        }
        if let Access::ReadOnly(why) = library.access() {
            outbox.send(Message::Notice(format!("opened read-only: {why}; new photos and marks are not kept")));
            return Ok(());
        }
        let report = self.index_new(library, &viewer, &mut rows, known, outbox)?;
        if report.stopped {
            return Ok(());
        }
        if report.embedded > 0 {
            outbox.send(Message::IndexProgress(crate::ui::IndexProgress::Other("learning the library's axes".into())));
        }
        let cancel = Cancel::default();
        let refreshed = refresh_models(library, &cancel, &mut |done, total| {
            if !outbox.is_wanted() {
                cancel.cancel();
            }
            let text = format!("embedding with the model: {done} / {total}");
            outbox.send(Message::IndexProgress(crate::ui::IndexProgress::Other(text)));
        });
        let changed = match refreshed {
            Err(WorkError::Stopped) => return Ok(()),
            refreshed => refreshed?,
        };
        self.tell_photos(&viewer, &mut rows, outbox)?;
        outbox.send(Message::Skipped(SkippedList::of(&report.skipped)));
        if changed || report.embedded > 0 || report.photos != known {
            self.renew_neighbors(library, outbox)?;
        }
        outbox.send(Message::IndexFinished(summary(&report)));
        Ok(())
    }

    fn index_new(
        &self,
        library: &Arc<Library>,
        viewer: &Viewer,
        rows: &mut RowMaker,
        known: usize,
        outbox: &Outbox,
    ) -> Result<IndexReport, WorkError> {
        let (cancel, mut embedded) = (Cancel::default(), known);
        let mut next_neighbors = FIRST_NEIGHBORS.max(known * GROWTH);
        let report = index(library, &cancel, &mut |event| {
            if !outbox.is_wanted() {
                cancel.cancel();
            }
            if let IndexEvent::Committed(added) = &event {
                embedded += added.len();
                self.tell_added(library.root(), added, rows, outbox);
                // Neighbours of a half-made library are a preview: that they fail now is told at the end.
                let _ = self.neighbors.take_in(viewer, added);
                if embedded >= next_neighbors {
                    next_neighbors = embedded * GROWTH;
                    let _ = self.renew_neighbors(library, outbox);
                }
            }
            if let Some(progress) = progress_message(&event) {
                outbox.send(Message::IndexProgress(progress));
            }
        })?;
        Ok(report)
    }
}

fn summary(report: &IndexReport) -> IndexSummary {
    IndexSummary {
        photos: report.photos,
        embedded: report.embedded,
        skipped: report.skipped.len(),
        ignored: report.ignored,
        elapsed: Duration::from_secs_f64(report.seconds),
    }
}

impl Backend for Folder {
    fn folder(&self) -> String {
        let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
        let below = home.as_deref().and_then(|home| self.at.strip_prefix(home).ok());
        printable(&below.map_or_else(|| self.at.clone(), |below| Path::new("~").join(below)).to_string_lossy())
    }

    fn index(&self, outbox: &Outbox) -> Result<(), String> {
        self.run(outbox).map_err(|error| sentence(&error))
    }

    fn neighbors(&self, photo: PhotoId, k: usize) -> Result<Answered, String> {
        self.neighbors.ask(|searcher| self.nearest(searcher, photo, k)).ok_or(WAITING)?
    }

    fn map(&self, go_on: &dyn Fn() -> bool, tell: &dyn Fn(MapLayout)) -> Result<(), String> {
        let told = self.map.tell(&self.neighbors, go_on, tell).map_err(|error| sentence(&error))?;
        if told { Ok(()) } else { Err(NO_MAP.to_owned()) }
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
