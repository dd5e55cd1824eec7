//! What a training step costs, at the sizes other programs' benchmarks use.

use std::time::Instant;

use candle_core::Device;
use rayon::ThreadPoolBuilder;
use serde::Serialize;

use crate::embedder::{Backbone, BackboneSpec, Lite, Processor, Threads};
use crate::library::PhotoId;
use crate::train::{
    Augmentation, Command, Depth, HeadModel, Inputs, NetworkModel, Settings, TrainConfig, TrainError, TrainEvent,
    Trainable, TrainingSet, train,
};
use crate::triplet::Mining;
use crate::work::bench::{BenchError, lite};

/// The tail of the measurement: in Lite0 from the first 192-channel block on.
const CUT: usize = 11;
const LABELS: usize = 16;
const PHOTOS: usize = 4;
const DIM: usize = 128;
/// Steps before the clock starts; from then on everything a step does is done, averaging of the weights included.
const UNTIMED: u64 = 3;

/// What one training step costs: embed, mine, differentiate, clip, `AdamW`, statistics.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct StepFigures {
    /// What is trained; `tail` are the last five blocks.
    pub depth: Depth,
    /// Photos in a batch.
    pub batch: usize,
    /// Threads of the pool.
    pub threads: usize,
    /// Wall-clock milliseconds divided by steps.
    pub ms_per_step: f64,
}

/// Times `steps` steps of the head with semi-hard mining, 16 labels x 4 photos, 128 numbers a photo.
pub fn head_steps(backbone: &BackboneSpec, threads: usize, steps: u64) -> Result<StepFigures, BenchError> {
    timed(backbone, threads, Depth::Head, &|backbone| {
        let features = inputs(backbone.dim());
        let weight = noise(DIM * backbone.dim(), 0.05);
        let model = HeadModel::new(&features, &weight, &[0.0; DIM], &Device::Cpu)?.on(Threads::Pool);
        Ok(ms_per_step(&model, steps)?)
    })
}

/// The same of the tail and the head.
pub fn tail_steps(backbone: &BackboneSpec, threads: usize, steps: u64) -> Result<StepFigures, BenchError> {
    timed(backbone, threads, Depth::Tail, &|backbone| {
        let tail = backbone.tail(CUT, &Device::Cpu)?.on(Threads::Pool);
        let (side, channels) = tail.input();
        let (activations, weight) = (inputs(side * side * channels), noise(DIM * backbone.dim(), 0.05));
        let model = NetworkModel::new(tail, (&weight, &[0.0; DIM]), &activations, Augmentation::Mirror, &Device::Cpu)?;
        Ok(ms_per_step(&model, steps)?)
    })
}

/// What `ms_per_step` measures of the network on a pool of `threads`.
fn timed(
    backbone: &BackboneSpec,
    threads: usize,
    depth: Depth,
    ms_per_step: &(dyn Fn(&Lite) -> Result<f64, BenchError> + Sync),
) -> Result<StepFigures, BenchError> {
    let backbone = backbone.load(Processor::Cpu)?;
    let backbone = lite(&*backbone)?;
    let pool = ThreadPoolBuilder::new().num_threads(threads).build()?;
    let ms_per_step = pool.install(|| ms_per_step(backbone))?;
    Ok(StepFigures { depth, batch: LABELS * PHOTOS, threads, ms_per_step })
}

/// Numbers that differ from place to place: only time matters.
fn noise(count: usize, scale: f32) -> Vec<f32> {
    (0..count).map(|i| ((i.wrapping_mul(2_654_435_761) >> 7) % 2001) as f32 / 1000.0 - 1.0).map(|v| v * scale).collect()
}

/// What a cache hands over for each photo of the batch: so many numbers.
fn inputs(each: usize) -> Inputs {
    let mut inputs = Inputs::default();
    noise(LABELS * PHOTOS * each, 1.0).chunks(each.max(1)).for_each(|photo| inputs.push(photo));
    inputs
}

fn ms_per_step(model: &dyn Trainable, steps: u64) -> Result<f64, TrainError> {
    let settings = Settings {
        labels_per_batch: LABELS,
        photos_per_label: PHOTOS,
        steps: steps + UNTIMED,
        warmup: UNTIMED - 1,
        mining: Mining::SemiHard,
        ..Settings::default()
    };
    let config = TrainConfig { stop_when_collapsed: false, settings, ..TrainConfig::default() };
    let set = TrainingSet {
        photos: (0..LABELS * PHOTOS).map(|photo| PhotoId::of_content(&photo.to_le_bytes())).collect(),
        labels: (0..LABELS * PHOTOS).map(|photo| Some((photo / PHOTOS) as u32)).collect(),
        user_triplets: Vec::new(),
        validation: Vec::new(),
    };
    let (mut begun, mut seconds) = (Instant::now(), 0.0);
    let mut observer = |event: TrainEvent| {
        if let TrainEvent::Step(report) = event {
            if report.step == UNTIMED {
                begun = Instant::now();
            }
            seconds = begun.elapsed().as_secs_f64();
        }
        Command::Continue
    };
    train(model, &set, &config, None, &mut |_| Err("nothing is validated".to_owned()), &mut observer)?;
    Ok(1e3 * seconds / steps as f64)
}
