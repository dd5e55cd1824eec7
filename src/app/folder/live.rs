//! The folder while it is open: its photos are told, what is new is indexed, and again whenever the folder changes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::stand_back::stand_back;
use super::told::{Difference, Told};
use super::training::Indexing;
use super::{Folder, locked, sentence};
use crate::app::mailbox::Outbox;
use crate::app::rows::{SkippedList, progress_message};
use crate::store::{Access, MarkKind, PhotoRecord};
use crate::ui::{IndexProgress, IndexSummary, LibraryChange, Message};
use crate::work::{
    Cancel, FolderWatch, IndexEvent, IndexReport, Library, Viewer, Watching, Woken, WorkError, index, refresh_models,
};

/// Rows in one message: few enough that a key is not kept waiting.
const ROWS_AT_ONCE: usize = 1024;
/// While a library is new, its neighbours are made anew whenever it has grown by this factor.
const GROWTH: usize = 3;
/// With fewer photos than this nobody asks for neighbours yet.
const FIRST_NEIGHBORS: usize = 24;
/// Between two looks at what another program has written into the library.
const BETWEEN_READS: Duration = Duration::from_secs(5);

/// Tells the photos and keeps the library and the screen up to date with the folder, until nobody wants to know.
pub(super) fn keep_up(folder: &Folder, outbox: &Outbox) -> Result<(), WorkError> {
    folder.outbox.get_or_init(|| outbox.clone());
    let mut told = Told::default();
    folder.glance(&mut told, outbox);
    let library = folder.open().inspect_err(|_| folder.take_back_glance(&mut told, outbox))?;
    let viewer = library.viewer()?;
    let mut live = Live {
        version: None,
        folder,
        library,
        viewer,
        outbox,
        told,
        look: Duration::ZERO,
        is_first: true,
        is_away: false,
    };
    live.tell_photos()?;
    live.tell_kept()?;
    // A training that goes on at once waits for what the first look finds.
    let first = folder.training.indexing();
    folder.tell_trainings(&live.viewer, outbox);
    if live.told.len() > 0 {
        folder.renew_neighbors(library, outbox)?;
    }
    match library.access() {
        Access::ReadOnly(why) => {
            let text =
                format!("opened read-only: {why}; marks are not kept, new photos come when that program has them");
            outbox.send(Message::Notice(text));
            outbox.send(Message::PhotosTold);
            drop(first);
            live.read_along()
        }
        Access::ReadWrite => live.index_along(first),
    }
}

/// One opened folder, as far as it was told.
struct Live<'a> {
    folder: &'a Folder,
    library: &'a Arc<Library>,
    viewer: Viewer,
    outbox: &'a Outbox,
    told: Told,
    /// Which state of the store was told.
    version: Option<i64>,
    /// How long it takes to see that nothing has changed.
    look: Duration,
    /// Whether the folder was not gone through yet.
    is_first: bool,
    /// Whether the folder could not be looked at the last time.
    is_away: bool,
}

impl Live<'_> {
    /// Indexes, then waits for changes, and so on. From here on everything else goes first: no key waits for new photos.
    fn index_along(&mut self, first: Indexing<'_>) -> Result<(), WorkError> {
        stand_back();
        self.folder.watch.start();
        let mut first = Some(first);
        loop {
            match self.index_once() {
                Ok(true) => self.is_here(),
                Ok(false) | Err(WorkError::Stopped) => return Ok(()),
                Err(error) if error.is_absence() => self.is_gone(&error),
                Err(error) => self.outbox.send(Message::Failed(sentence(&error))),
            }
            drop(first.take());
            let patience = self.stand();
            if self.folder.watch.wait(patience, self.look) == Woken::Stopped {
                return Ok(());
            }
            if self.is_away {
                // What comes back may be another folder of that name.
                self.folder.watch.start();
            }
        }
    }

    /// Tells what another program, which indexes, has written.
    fn read_along(&mut self) -> Result<(), WorkError> {
        while self.folder.watch.wait(Some(BETWEEN_READS), Duration::ZERO) != Woken::Stopped {
            let difference = self.tell_photos()?;
            if difference.in_words().is_some() {
                self.tell_kept()?;
                self.folder.renew_neighbors(self.library, self.outbox)?;
            }
        }
        Ok(())
    }

    /// Says what is lasting: how changes become known, where the system does not tell. Returns how long to wait for them.
    fn stand(&self) -> Option<Duration> {
        let (words, patience) = match self.folder.watch.watching(self.look) {
            _ if self.is_away => {
                ("not there: its photos are kept".to_owned().into(), Some(FolderWatch::until_next_try()))
            }
            Watching::Told => (None, None),
            Watching::Looking { every, why } => {
                let words = format!("new photos are looked for every {} s: {why}", every.as_secs());
                (Some(words), Some(every))
            }
        };
        self.outbox.send(Message::Standing(words));
        patience
    }

    fn is_gone(&mut self, why: &WorkError) {
        if !std::mem::replace(&mut self.is_away, true) {
            self.outbox.send(Message::Failed(sentence(why)));
        }
    }

    fn is_here(&mut self) {
        self.is_first = false;
        if std::mem::take(&mut self.is_away) {
            self.outbox.send(Message::Notice("the folder is there again".to_owned()));
        }
    }

    /// Brings the library and the screen up to date once. Returns whether to go on.
    fn index_once(&mut self) -> Result<bool, WorkError> {
        let _indexing = self.folder.training.indexing();
        let (started, known) = (Instant::now(), self.told.len());
        let report = self.index_new(known)?;
        if report.stopped {
            return Ok(false);
        }
        if report.embedded == 0 {
            self.look = started.elapsed();
        }
        let mut difference = self.tell_photos()?;
        // They were told while they came.
        difference.new += report.embedded;
        let has_come = self.is_first || difference.new > 0;
        let changed = has_come && self.refresh_models(report.embedded > 0)?;
        let words = difference.in_words();
        if changed || words.is_some() {
            self.folder.renew_neighbors(self.library, self.outbox)?;
        }
        self.outbox.send(Message::Skipped(SkippedList::of(&report.skipped)));
        self.outbox.send(Message::IndexFinished(summary(&report)));
        if let Some(words) = words.filter(|_| !self.is_first) {
            self.outbox.send(Message::Notice(words));
        }
        Ok(true)
    }

    fn index_new(&mut self, known: usize) -> Result<IndexReport, WorkError> {
        let (cancel, mut embedded) = (Cancel::default(), known);
        let mut next_neighbors = FIRST_NEIGHBORS.max(known * GROWTH);
        let Self { folder, library, viewer, outbox, told, is_first, .. } = self;
        index(library, &cancel, &mut |event| {
            if !outbox.is_wanted() {
                cancel.cancel();
            }
            if let IndexEvent::Committed(added) = &event {
                embedded += added.len();
                folder.tell_added(library.root(), added, told, outbox);
                // Neighbours of a half-made library are a preview: that they fail now is told at the end.
                let _ = folder.neighbors.take_in(viewer, added);
                if embedded >= next_neighbors {
                    next_neighbors = embedded * GROWTH;
                    let _ = folder.renew_neighbors(library, outbox);
                }
            }
            // Looking again is nothing worth a line, unless it finds something.
            let is_shown = *is_first || !matches!(event, IndexEvent::Scanning { .. });
            if let Some(progress) = progress_message(&event).filter(|_| is_shown) {
                outbox.send(Message::IndexProgress(progress));
            }
        })
    }

    fn refresh_models(&self, has_grown: bool) -> Result<bool, WorkError> {
        if has_grown {
            self.outbox.send(Message::IndexProgress(IndexProgress::Other("learning the library's axes".into())));
        }
        let cancel = Cancel::default();
        refresh_models(self.library, &cancel, &mut |done, total| {
            if !self.outbox.is_wanted() {
                cancel.cancel();
            }
            let text = format!("embedding with the model: {done} / {total}");
            self.outbox.send(Message::IndexProgress(IndexProgress::Other(text)));
        })
    }

    /// Tells what is different in the store from what was told, in pieces, and remembers the paths.
    fn tell_photos(&mut self) -> Result<Difference, WorkError> {
        let version = self.viewer.reader().version()?;
        if self.version.replace(version) == Some(version) {
            return Ok(Difference::default());
        }
        let photos = self.viewer.reader().photos()?;
        let path = |record: &PhotoRecord| record.paths.first().map_or(Path::new(""), PathBuf::as_path).to_owned();
        *locked(&self.folder.paths) =
            photos.iter().map(|photo| (photo.facts.id, self.viewer.root().join(path(photo)))).collect();
        let difference = self.told.difference(photos.iter());
        for rows in difference.rows.chunks(ROWS_AT_ONCE).take_while(|_| self.outbox.is_wanted()) {
            self.outbox.send(Message::LibraryChanged(LibraryChange::Added(rows.to_vec())));
        }
        for gone in difference.gone.chunks(ROWS_AT_ONCE) {
            self.outbox.send(Message::LibraryChanged(LibraryChange::Removed(gone.to_vec())));
        }
        Ok(difference)
    }

    fn tell_kept(&self) -> Result<(), WorkError> {
        let reader = self.viewer.reader();
        let marks = reader.marks()?.into_iter().filter(|mark| mark.kind == MarkKind::Marked);
        self.outbox.send(Message::MarksLoaded(marks.map(|mark| mark.photo).collect()));
        self.outbox.send(Message::Skipped(SkippedList::of(&reader.skipped()?)));
        Ok(())
    }
}

impl Folder {
    /// Photos that are there already, or new ones of a batch while indexing goes on.
    pub(super) fn tell_added(&self, root: &Path, added: &[PhotoRecord], told: &mut Told, outbox: &Outbox) {
        let mut paths = locked(&self.paths);
        for record in added {
            paths.insert(record.facts.id, root.join(record.paths.first().map_or(Path::new(""), PathBuf::as_path)));
        }
        drop(paths);
        let rows = told.tell(added.iter());
        if !rows.is_empty() {
            outbox.send(Message::LibraryChanged(LibraryChange::Added(rows)));
        }
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
