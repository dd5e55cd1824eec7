//! What a training step costs, at the sizes other programs' benchmarks use.

use std::time::Instant;

use candle_core::Device;
use rayon::ThreadPoolBuilder;
use serde::Serialize;

use crate::embedder::{Backbone, BackboneSpec, Lite, Processor, Threads, View};
use crate::embedding::EmbeddingMatrix;
use crate::library::PhotoId;
use crate::train::{
    Augmentation, Command, Depth, HeadModel, InputSource, NetworkModel, Settings, TrainConfig, TrainError, TrainEvent,
    Trainable, TrainingSet, train,
};
use crate::triplet::Mining;
use crate::work::bench::{BenchError, lite};

/// The tail of the measurement: in Lite0 from the first 192-channel block on.
const CUT: usize = 11;
const LABELS: usize = 16;
const PHOTOS: usize = 4;
const DIM: usize = 128;
/// Photos of the whole network in memory with their activations.
const AT_ONCE: usize = 8;
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

/// Times `steps` steps with semi-hard mining, 16 labels x 4 photos, 128 numbers a photo.
pub fn train_steps(
    backbone: &BackboneSpec,
    depth: Depth,
    threads: usize,
    steps: u64,
) -> Result<StepFigures, BenchError> {
    let backbone = backbone.load(Processor::Cpu)?;
    let backbone = lite(&*backbone)?;
    let pool = ThreadPoolBuilder::new().num_threads(threads).build()?;
    let ms_per_step = pool.install(|| match depth {
        Depth::Head => time_head(backbone, steps),
        Depth::Tail => time_network(backbone, CUT, steps),
        Depth::Full => time_network(backbone, 0, steps),
    })?;
    Ok(StepFigures { depth, batch: LABELS * PHOTOS, threads, ms_per_step })
}

fn time_head(backbone: &Lite, steps: u64) -> Result<f64, BenchError> {
    let dim = backbone.dim();
    let mut features = EmbeddingMatrix::new(dim);
    let rows = noise(LABELS * PHOTOS * dim, 1.0);
    rows.chunks(dim).try_for_each(|row| features.push(row)).map_err(TrainError::from)?;
    let model = HeadModel::new(&features, &noise(DIM * dim, 0.05), &[0.0; DIM], &Device::Cpu)?.on(Threads::Pool);
    Ok(ms_per_step(&model, steps)?)
}

fn time_network(backbone: &Lite, cut: usize, steps: u64) -> Result<f64, BenchError> {
    let tail = backbone.tail(cut, &Device::Cpu)?.on(Threads::Pool);
    let (side, channels) = tail.input();
    let one = side * side * channels;
    let (inputs, weight) = (Inputs { one, all: noise(LABELS * PHOTOS * one, 1.0) }, noise(DIM * backbone.dim(), 0.05));
    let model = NetworkModel::new(tail, (&weight, &[0.0; DIM]), &inputs, Augmentation::Mirror, &Device::Cpu)?;
    let model = if cut == 0 { model.at_once(AT_ONCE) } else { model };
    Ok(ms_per_step(&model, steps)?)
}

/// Numbers that differ from place to place: only time matters.
fn noise(count: usize, scale: f32) -> Vec<f32> {
    (0..count).map(|i| ((i.wrapping_mul(2_654_435_761) >> 7) % 2001) as f32 / 1000.0 - 1.0).map(|v| v * scale).collect()
}

/// Activations as a cache hands them over.
struct Inputs {
    one: usize,
    all: Vec<f32>,
}

impl InputSource for Inputs {
    fn append(&self, photos: &[(usize, View)], into: &mut Vec<f32>) -> Result<(), (usize, String)> {
        for (photo, _) in photos {
            let values = self.all.chunks_exact(self.one).nth(*photo).ok_or((*photo, "no such photo".to_owned()))?;
            into.extend_from_slice(values);
        }
        Ok(())
    }
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
