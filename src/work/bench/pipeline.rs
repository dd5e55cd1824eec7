//! What indexing a folder costs from nothing: scan, read, hash, decode, thumbnail, embed, store, model.

use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use crate::store::StoreDirs;
use crate::work::bench::BenchError;
use crate::work::{Cancel, Library, LibraryOptions, index, peak_rss_mb, refresh_models};

/// What indexing a folder from nothing costs.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct PipelineFigures {
    /// Photos in the index.
    pub photos: usize,
    /// Files that could not be used.
    pub failed: usize,
    /// Wall-clock seconds, opening and the base model included.
    pub seconds: f64,
    /// Photos per second.
    pub photos_per_second: f64,
    /// Wall-clock milliseconds divided by photos.
    pub ms_per_photo: f64,
    /// Largest memory use, in megabytes.
    pub peak_rss_mb: u64,
}

/// Indexes `folder` into a temporary store that is gone afterwards; `options` say all but where the store is.
pub fn pipeline(folder: &Path, options: &LibraryOptions) -> Result<PipelineFigures, BenchError> {
    let place = tempfile::tempdir()?;
    let dirs = StoreDirs { data: place.path().join("data"), cache: place.path().join("cache") };
    let begun = Instant::now();
    let library = Library::open(folder, &LibraryOptions { dirs, ..options.clone() })?;
    let cancel = Cancel::default();
    let report = index(&library, &cancel, &mut |_| ())?;
    refresh_models(&library, &cancel, &mut |_, _| ())?;
    let seconds = begun.elapsed().as_secs_f64();
    let photos = report.photos;
    Ok(PipelineFigures {
        photos,
        failed: report.skipped.len(),
        seconds,
        photos_per_second: photos as f64 / seconds,
        ms_per_photo: 1e3 * seconds / photos.max(1) as f64,
        peak_rss_mb: peak_rss_mb(),
    })
}
