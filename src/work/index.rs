//! The indexing job: scan the folder, read what is new, decode, embed, store, in batches that survive a kill.

mod collect;
mod pipeline;
mod plan;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde::Serialize;

use crate::embedder::Backbone;
use crate::library::{Scan, Skipped, scan};
use crate::store::{Access, PhotoRecord, StoreError};
use crate::work::index::collect::Collector;
use crate::work::index::pipeline::Pipeline;
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
    let seen = scan(library.root(), &mut |seen| {
        if last.elapsed().as_millis() > 100 {
            last = Instant::now();
            observer(IndexEvent::Scanning { seen });
        }
        !cancel.is_cancelled()
    })?;
    let viewer = library.viewer()?;
    let embedded = viewer.embedded_photos()?;
    let retry = viewer.reader().examiner()?.as_deref() != Some(library.examiner().as_str());
    let mut plan = plan::plan(&seen, viewer.reader().known_files()?, &embedded, retry);
    library.require_writable(!plan.read.is_empty() || !plan.vanished.is_empty())?;
    let (run_embedded, mut skipped) = run(library, viewer.backbone(), &mut plan, cancel, observer, started)?;
    skipped.append(&mut plan.still_skipped);
    if !cancel.is_cancelled() {
        note_examined(library)?;
    }
    report(&viewer, &seen, run_embedded, skipped, cancel, started)
}

fn run(
    library: &Library,
    backbone: &dyn Backbone,
    plan: &mut plan::Plan,
    cancel: &Cancel,
    observer: &mut dyn FnMut(IndexEvent),
    started: Instant,
) -> Result<(usize, Vec<(PathBuf, String)>), WorkError> {
    let reader = Mutex::new(library.store().reader()?);
    let is_stored = |id| {
        let reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = reader.knows_photo(id).and_then(|known| Ok(known && reader.has_thumbnail(id)?));
        asked.and_then(|known| Ok(known && reader.has_features(backbone.id(), id)?)).unwrap_or(false)
    };
    let pipeline = Pipeline {
        root: library.root(),
        backbone,
        budget: library.budget(),
        threads: library.threads(),
        is_stored: &is_stored,
        cancel,
    };
    let mut collector = Collector::new(library, backbone.id());
    collector.vanished(std::mem::take(&mut plan.vanished));
    let before = plan.unchanged_files + plan.still_skipped.len();
    let total = before + plan.read.len();
    let (mut done, mut last) = (before, Instant::now());
    pipeline.run(&plan.read, &mut |location, outcome| {
        done += 1;
        if let Some(added) = collector.add(location, outcome)? {
            observer(IndexEvent::Committed(added));
        }
        if last.elapsed().as_millis() > 100 || done == total {
            last = Instant::now();
            let skipped = collector.skipped.len() + plan.still_skipped.len();
            observer(IndexEvent::Progress(progress(done, before, total, skipped, collector.embedded, started)));
        }
        Ok::<_, StoreError>(())
    })?;
    let added = collector.commit()?;
    observer(IndexEvent::Committed(added));
    Ok((collector.embedded, collector.skipped))
}

fn note_examined(library: &Library) -> Result<(), WorkError> {
    if library.access() == Access::ReadWrite {
        library.store().set_examiner(&library.examiner())?;
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
    let photos = viewer.reader().photos()?;
    let files: usize = photos.iter().map(|photo| photo.paths.len()).sum();
    let mut skipped: Vec<Skipped> = skipped.into_iter().map(|(path, reason)| Skipped { path, reason }).collect();
    skipped.extend(seen.skipped.iter().cloned());
    skipped.sort_by(|a, b| a.path.cmp(&b.path));
    let seconds = started.elapsed().as_secs_f64();
    Ok(IndexReport {
        photos: photos.len(),
        copies: files - photos.len(),
        embedded,
        reused: photos.len().saturating_sub(embedded),
        skipped,
        ignored: seen.ignored,
        seconds,
        photos_per_second: embedded as f64 / seconds.max(1e-9),
        peak_rss_mb: peak_rss_mb(),
        stopped: cancel.is_cancelled(),
    })
}
