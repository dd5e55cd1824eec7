//! How long steps take here.

use std::time::Instant;

use crate::train::{Depth, TrainConfig, TrainError, Trainable, TrainingSet};
use crate::triplet::{Generator, Sampler};

/// The full learning rate of the head at a depth: alone it may take larger steps than with the convolutions below it.
pub(super) const fn usual_rate(depth: Depth) -> f64 {
    match depth {
        Depth::Head => 5e-4,
        Depth::Tail => 2e-4,
        Depth::Full => 1e-4,
    }
}

/// Seconds of one step: a batch as the run will deal it, forward and back, the second time.
pub(super) fn seconds_a_step(
    model: &dyn Trainable,
    set: &TrainingSet,
    config: &TrainConfig,
) -> Result<f64, TrainError> {
    let generator = || Generator::new(config.seed, u64::MAX);
    let (labels, photos) = (config.settings.labels_per_batch, config.settings.photos_per_label);
    let mut sampler = Sampler::new(&set.labels, &set.user_triplets, labels, photos, generator())?;
    let mut last = 0.0;
    let batch = sampler.next_batch();
    for _ in 0..2 {
        let began = Instant::now();
        for piece in batch.photos.chunks(model.photos_at_once().max(1)) {
            let rows = model.forward(piece, Some(&mut generator()))?;
            rows.sqr()?.sum_all()?.backward()?;
        }
        last = began.elapsed().as_secs_f64();
    }
    Ok(last)
}

/// Under what the seconds of a step, for each of its photos, are noted.
pub(super) fn note_key(depth: Depth, backbone: &str, threads: usize) -> String {
    format!("seconds a photo at depth {depth} of {backbone} on {threads} threads")
}
