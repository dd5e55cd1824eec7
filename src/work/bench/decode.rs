//! What reading pixels costs.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use serde::Serialize;

use crate::library::{decode, read_header, scan};
use crate::work::bench::BenchError;
use crate::work::{WorkError, peak_rss_mb};

/// What reading pixels costs.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct DecodeFigures {
    /// Files decoded.
    pub photos: usize,
    /// Files that could not be.
    pub failed: usize,
    /// Threads, each with photos of its own.
    pub threads: usize,
    /// Seconds in the decoder, of the photos that could be decoded: their sum, divided by the threads. Reading the files is
    /// not in it.
    pub decode_seconds: f64,
    /// Photos per second of decoding.
    pub photos_per_second: f64,
    /// Milliseconds of decoding divided by photos.
    pub ms_per_photo: f64,
    /// Largest memory use, in megabytes.
    pub peak_rss_mb: u64,
}

/// Decodes every photo of `folder` to the size that embedding needs, each from memory, on `threads` threads.
pub fn decode_folder(folder: &Path, threads: usize) -> Result<DecodeFigures, BenchError> {
    let files = scan(folder, &mut |_| true).map_err(WorkError::from)?.candidates;
    let (next, failed, nanoseconds) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let threads = threads.max(1);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Ok(bytes) = fs::read(folder.join(&file.path)) else {
                        failed.fetch_add(1, Ordering::Relaxed);
                        continue;
                    };
                    let started = Instant::now();
                    let decoded = read_header(&bytes).and_then(|header| decode(&bytes, &header, 256));
                    let took = started.elapsed().as_nanos() as usize;
                    match decoded {
                        Ok(_) => nanoseconds.fetch_add(took, Ordering::Relaxed),
                        Err(_) => failed.fetch_add(1, Ordering::Relaxed),
                    };
                }
            });
        }
    });
    let failed = failed.into_inner();
    let photos = files.len() - failed;
    let decode_seconds = nanoseconds.into_inner() as f64 / 1e9 / threads as f64;
    Ok(DecodeFigures {
        photos,
        failed,
        threads,
        decode_seconds,
        photos_per_second: photos as f64 / decode_seconds.max(1e-9),
        ms_per_photo: 1e3 * decode_seconds / photos.max(1) as f64,
        peak_rss_mb: peak_rss_mb(),
    })
}
