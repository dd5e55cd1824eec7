//! Measurements of one part of the program, with the fields that other programs' benchmarks print.

mod npy;
mod search;

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use image::{Rgb, RgbImage};
use serde::Serialize;

use crate::embedder::{Backbone, BackboneSpec, Scratch};
use crate::library::{decode, read_header, scan};
use crate::work::{WorkError, peak_rss_mb};

pub use npy::read_npy;
pub use search::{SearchFigures, made_up_rows, search};

/// What the network alone costs.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ForwardFigures {
    /// Photos in one pass.
    pub batch: usize,
    /// Threads, each with photos of its own.
    pub threads: usize,
    /// Wall-clock milliseconds divided by photos.
    pub ms_per_photo: f64,
}

/// Times the network on one picture: three passes to warm up, then `repeat` passes of `batch` photos.
pub fn forward(
    backbone: &BackboneSpec,
    batch: usize,
    threads: usize,
    repeat: usize,
) -> Result<ForwardFigures, WorkError> {
    let backbone = backbone.load()?;
    let image = backbone.preprocess(&RgbImage::from_fn(256, 256, |x, y| Rgb([x as u8, y as u8, (x ^ y) as u8])));
    let threads = threads.min(batch).max(1);
    let mut scratches: Vec<Scratch> = (0..threads).map(|_| Scratch::default()).collect();
    for _ in 0..3 {
        pass(&*backbone, &image, batch, &mut scratches)?;
    }
    let started = Instant::now();
    for _ in 0..repeat {
        pass(&*backbone, &image, batch, &mut scratches)?;
    }
    let ms_per_photo = 1e3 * started.elapsed().as_secs_f64() / (repeat * batch) as f64;
    Ok(ForwardFigures { batch, threads, ms_per_photo })
}

fn pass(backbone: &dyn Backbone, image: &[f32], batch: usize, scratches: &mut [Scratch]) -> Result<(), WorkError> {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let workers: Vec<_> = scratches
            .iter_mut()
            .map(|scratch| {
                let next = &next;
                scope.spawn(move || -> Result<(), WorkError> {
                    while next.fetch_add(1, Ordering::Relaxed) < batch {
                        std::hint::black_box(backbone.features(image, scratch)?);
                    }
                    Ok(())
                })
            })
            .collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or(Ok(())))
    })
}

/// What reading pixels costs.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct DecodeFigures {
    /// Files decoded.
    pub photos: usize,
    /// Files that could not be.
    pub failed: usize,
    /// Threads, each with photos of its own.
    pub threads: usize,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// Photos per second.
    pub photos_per_second: f64,
    /// Wall-clock milliseconds divided by photos.
    pub ms_per_photo: f64,
    /// Largest memory use, in megabytes.
    pub peak_rss_mb: u64,
}

/// Decodes every photo of `folder` to the size that embedding needs, each from memory, on `threads` threads.
pub fn decode_folder(folder: &Path, threads: usize) -> Result<DecodeFigures, WorkError> {
    let files = scan(folder, &mut |_| true)?.candidates;
    let (next, failed, nanoseconds) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let threads = threads.max(1);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Ok(bytes) = fs::read(folder.join(&file.path)) else { continue };
                    let started = Instant::now();
                    let decoded = read_header(&bytes).and_then(|header| decode(&bytes, &header, 256));
                    nanoseconds.fetch_add(started.elapsed().as_nanos() as usize, Ordering::Relaxed);
                    failed.fetch_add(usize::from(decoded.is_err()), Ordering::Relaxed);
                }
            });
        }
    });
    let failed = failed.into_inner();
    let photos = files.len() - failed;
    let seconds = nanoseconds.into_inner() as f64 / 1e9 / threads as f64;
    Ok(DecodeFigures {
        photos,
        failed,
        threads,
        seconds,
        photos_per_second: photos as f64 / seconds.max(1e-9),
        ms_per_photo: 1e3 * seconds / photos.max(1) as f64,
        peak_rss_mb: peak_rss_mb(),
    })
}
