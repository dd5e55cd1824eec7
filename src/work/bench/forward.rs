//! What the network alone costs.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use image::{Rgb, RgbImage};
use serde::Serialize;

use crate::embedder::{Backbone, BackboneSpec, EmbedderError, Processor, Scratch};
use crate::work::bench::BenchError;

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
    processor: Processor,
    batch: usize,
    threads: usize,
    repeat: usize,
) -> Result<ForwardFigures, BenchError> {
    let backbone = backbone.load(processor)?;
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

fn pass(backbone: &dyn Backbone, image: &[f32], batch: usize, scratches: &mut [Scratch]) -> Result<(), EmbedderError> {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let workers: Vec<_> = scratches
            .iter_mut()
            .map(|scratch| {
                let next = &next;
                scope.spawn(move || -> Result<(), EmbedderError> {
                    while next.fetch_add(1, Ordering::Relaxed) < batch {
                        std::hint::black_box(backbone.features(image, scratch)?);
                    }
                    Ok(())
                })
            })
            .collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}
