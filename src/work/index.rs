//! The indexing job: scan the folder, read what is new, decode, embed, store, in batches that survive a kill.

mod collect;
mod pipeline;
mod plan;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use serde::Serialize;

use crate::library::{Scan, ScanError, Skipped, scan};
use crate::store::{Access, PhotoRecord};
use crate::work::index::collect::Collector;
use crate::work::index::pipeline::{IsStored, Pipeline, STALLED};
use crate::work::photo_file::Folder;
use crate::work::{Cancel, Library, Viewer, WorkError, peak_rss_mb};

/// What an indexing run says while it goes on.
#[derive(Clone, Debug)]
pub enum IndexEvent {
    /// The folder is being read; this many files so far.
    Scanning {
        /// Files seen.
        seen: usize,
    },
    /// Files are being embedded.
    Progress(IndexProgress),
    /// A batch is in the store: these photos are new in it, each with the one path it was found at.
    Committed(Vec<PhotoRecord>),
}

/// How far an indexing run is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct IndexProgress {
    /// Files done in this run, unchanged ones included.
    pub done: usize,
    /// Files to do in this run, unchanged ones included.
    pub total: usize,
    /// Files skipped so far.
    pub skipped: usize,
    /// Photos embedded per second in this run.
    pub photos_per_second: f64,
    /// Seconds left at this speed, when there is a speed.
    pub seconds_left: Option<f64>,
}

/// What one indexing run did. photos + copies + skipped + ignored = files seen, unless it was stopped.
#[derive(Clone, Debug, Serialize)]
pub struct IndexReport {
    /// Distinct photos in the library now.
    pub photos: usize,
    /// Further files with the content of one of them.
    pub copies: usize,
    /// Photos embedded by this run.
    pub embedded: usize,
    /// Photos whose features were there already.
    pub reused: usize,
    /// Files that could not be used, each with its reason, by path.
    pub skipped: Vec<Skipped>,
    /// Files that are no pictures.
    pub ignored: u64,
    /// Wall-clock time of the run.
    pub seconds: f64,
    /// Photos embedded per second of the run.
    pub photos_per_second: f64,
    /// Largest memory use of the process so far, in megabytes.
    pub peak_rss_mb: u64,
    /// Whether it was stopped before the end.
    pub stopped: bool,
}

/// Brings the store up to date with the folder. Safe to stop and to kill at any moment: what was committed stays.
pub fn index(
    library: &Library,
    cancel: &Cancel,
    observer: &mut dyn FnMut(IndexEvent),
) -> Result<IndexReport, WorkError> {
    let started = Instant::now();
    let mut last = Instant::now();
    let viewer = library.viewer()?;
    let seen = scan(library.root(), &mut |seen| {
        if last.elapsed().as_millis() > 100 {
            last = Instant::now();
            observer(IndexEvent::Scanning { seen });
        }
        !cancel.is_cancelled()
    });
    let seen = match seen {
        Err(ScanError::Stopped) => return report(&viewer, &Scan::default(), 0, Vec::new(), cancel, started),
        seen => seen?,
    };
    let known = viewer.reader().known_files()?;
    if seen.is_empty() && !known.is_empty() {
        // A drive that is not connected leaves an empty folder behind. Nobody's library is to vanish with it.
        return Err(WorkError::EmptyFolder { folder: library.root().to_owned(), files: known.len() });
    }
    let embedded = viewer.embedded_photos()?;
    let retry = viewer.reader().examiner()?.as_deref() != Some(library.examiner().as_str());
    let mut plan = plan::plan(&seen, known, &embedded, retry);
    library.require_writable(!plan.read.is_empty() || !plan.vanished.is_empty())?;
    let (run_embedded, mut skipped) = run(library, &viewer, &mut plan, cancel, observer, started)?;
    skipped.append(&mut plan.still_skipped);
    if !cancel.is_cancelled() {
        note_examined(library, &viewer)?;
    }
    report(&viewer, &seen, run_embedded, skipped, cancel, started)
}

fn run(
    library: &Library,
    viewer: &Viewer,
    plan: &mut plan::Plan,
    cancel: &Cancel,
    observer: &mut dyn FnMut(IndexEvent),
    started: Instant,
) -> Result<(usize, Vec<(PathBuf, String)>), WorkError> {
    let backbone = Arc::clone(viewer.network());
    let mut collector = Collector::new(library, backbone.id());
    collector.vanished(std::mem::take(&mut plan.vanished));
    let before = plan.unchanged_files + plan.still_skipped.len();
    let total = before + plan.read.len();
    if !plan.read.is_empty() {
        let pipeline = Pipeline {
            files: Arc::new(Folder(library.root().to_owned())),
            backbone: Arc::clone(&backbone),
            budget: Arc::clone(library.budget()),
            threads: library.threads(),
            stalled: STALLED,
            is_stored: stored(library, backbone.id())?,
            cancel: cancel.clone(),
        };
        let (mut done, mut last) = (before, Instant::now());
        pipeline.run(std::mem::take(&mut plan.read), &mut |one| {
            if let Some((location, outcome)) = one {
                done += 1;
                if let Some(added) = collector.add(location, outcome)? {
                    observer(IndexEvent::Committed(added));
                }
            }
            if last.elapsed().as_millis() > 100 || done == total {
                last = Instant::now();
                let skipped = collector.skipped.len() + plan.still_skipped.len();
                observer(IndexEvent::Progress(progress(done, before, total, skipped, collector.embedded, started)));
            }
            Ok(())
        })?;
    }
    let added = collector.commit()?;
    observer(IndexEvent::Committed(added));
    Ok((collector.embedded, collector.skipped))
}

/// Asks the store, through a connection of its own, whether it has all of a photo.
fn stored(library: &Library, backbone: &str) -> Result<Arc<IsStored>, WorkError> {
    let (reader, backbone) = (Mutex::new(library.store().reader()?), backbone.to_owned());
    Ok(Arc::new(move |id| {
        let reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = reader.knows_photo(id).and_then(|known| Ok(known && reader.has_thumbnail(id)?));
        asked.and_then(|known| Ok(known && reader.has_features(&backbone, id)?)).unwrap_or(false)
    }))
}

fn note_examined(library: &Library, viewer: &Viewer) -> Result<(), WorkError> {
    let examiner = library.examiner();
    if library.access() == Access::ReadWrite && viewer.reader().examiner()?.as_deref() != Some(examiner.as_str()) {
        library.store().set_examiner(&examiner)?;
    }
    Ok(())
}

fn progress(
    done: usize,
    before: usize,
    total: usize,
    skipped: usize,
    embedded: usize,
    started: Instant,
) -> IndexProgress {
    let seconds = started.elapsed().as_secs_f64().max(1e-9);
    let files_per_second = (done - before) as f64 / seconds;
    IndexProgress {
        done,
        total,
        skipped,
        photos_per_second: embedded as f64 / seconds,
        seconds_left: (files_per_second > 0.0).then(|| (total - done) as f64 / files_per_second),
    }
}

fn report(
    viewer: &Viewer,
    seen: &Scan,
    embedded: usize,
    skipped: Vec<(PathBuf, String)>,
    cancel: &Cancel,
    started: Instant,
) -> Result<IndexReport, WorkError> {
    let (photos, files) = viewer.reader().counts()?;
    let mut skipped: Vec<Skipped> = skipped.into_iter().map(|(path, reason)| Skipped { path, reason }).collect();
    skipped.extend(seen.skipped.iter().cloned());
    skipped.sort_by(|a, b| a.path.cmp(&b.path));
    let seconds = started.elapsed().as_secs_f64();
    Ok(IndexReport {
        photos,
        copies: files - photos,
        embedded,
        reused: photos.saturating_sub(embedded),
        skipped,
        ignored: seen.ignored,
        seconds,
        photos_per_second: embedded as f64 / seconds.max(1e-9),
        peak_rss_mb: peak_rss_mb(),
        stopped: cancel.is_cancelled(),
    })
}
