//! Times training steps of the last five blocks with a 128-D head, batch 16 labels x 4 photos: `cargo bench --bench train_step -- [THREADS] [STEPS]`.
//!
//! Prints one JSON line: `ms_per_step` is the median over whole steps (forward, mining, loss, backward, clipping, `AdamW`) after three to warm up,
//! `ms_gradients` that of forward and backward of the network alone.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::time::Instant;

use candle_core::{Device, Tensor, Var};
use tripletui::embedder::{Tail, Threads, builtin};
use tripletui::library::PhotoId;
use tripletui::train::{Command, Parameter, Settings, TrainConfig, TrainError, TrainEvent, Trainable, TrainingSet};
use tripletui::triplet::{Generator, Mining};

const CUT: usize = 11;
const LABELS: usize = 16;
const PHOTOS: usize = 4;
const DIM: usize = 128;

/// Noise that differs from place to place: only time matters.
fn noise(count: usize, scale: f32) -> Vec<f32> {
    (0..count).map(|i| ((i.wrapping_mul(2_654_435_761) >> 7) % 2001) as f32 / 1000.0 - 1.0).map(|v| v * scale).collect()
}

struct Model {
    tail: Tail,
    activations: Tensor,
    weight: Var,
    bias: Var,
}

impl Trainable for Model {
    fn parameters(&self) -> Vec<Parameter> {
        let parameter = |name: &str, var: &Var, depth| Parameter {
            name: name.to_owned(),
            var: var.clone(),
            depth,
            decays: name.ends_with("weight"),
        };
        let of_tail = self.tail.vars().iter().map(|v| parameter(&v.name, &v.var, v.depth));
        of_tail.chain([parameter("head.weight", &self.weight, 0), parameter("head.bias", &self.bias, 0)]).collect()
    }

    fn forward(&self, photos: &[usize], _: Option<&mut Generator>) -> Result<Tensor, TrainError> {
        let rows: Vec<u32> = photos.iter().map(|&p| p as u32).collect();
        let x = self.activations.index_select(&Tensor::new(rows, &Device::Cpu)?, 0)?;
        let features = self.tail.forward(&x).map_err(|e| candle_core::Error::Msg(e.to_string()))?;
        let length = (features.sqr()?.sum_keepdim(1)? + 1e-12)?.sqrt()?;
        Ok(features.broadcast_div(&length)?.matmul(&self.weight.t()?)?.broadcast_add(&self.bias)?)
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Milliseconds of whole steps.
fn whole_steps(model: &Model, steps: u64) -> Result<Vec<f64>, Box<dyn Error>> {
    let settings = Settings { steps: steps + 3, mining: Mining::SemiHard, ..Settings::default() };
    let (labels_per_batch, photos_per_label) = (LABELS, PHOTOS);
    let config = TrainConfig {
        labels_per_batch,
        photos_per_label,
        stop_when_collapsed: false,
        settings,
        ..TrainConfig::default()
    };
    let id = |i: usize| PhotoId::of_content(&i.to_le_bytes());
    let set = TrainingSet {
        photos: (0..LABELS * PHOTOS).map(id).collect(),
        labels: (0..LABELS * PHOTOS).map(|i| Some((i / PHOTOS) as u32)).collect(),
        user_triplets: Vec::new(),
        validation: Vec::new(),
    };
    let (mut times, mut last) = (Vec::new(), Instant::now());
    let mut observer = |event: TrainEvent| {
        if matches!(event, TrainEvent::Step(_)) {
            times.push(last.elapsed().as_secs_f64() * 1e3);
            last = Instant::now();
        }
        Command::Continue
    };
    tripletui::train::train(model, &set, &config, None, &mut |_| Err("no validation".to_owned()), &mut observer)?;
    Ok(times.split_off(3))
}

/// Milliseconds of forward and backward alone.
fn gradients(model: &Model, steps: u64) -> Result<Vec<f64>, Box<dyn Error>> {
    let photos: Vec<usize> = (0..LABELS * PHOTOS).collect();
    let mut times = Vec::new();
    for _ in 0..steps {
        let start = Instant::now();
        model.forward(&photos, None)?.sqr()?.sum_all()?.backward()?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(times)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = std::env::args().skip(1).filter_map(|a| a.parse::<usize>().ok());
    let (threads, steps) = (numbers.next().unwrap_or(2), numbers.next().unwrap_or(20) as u64);
    let tail = builtin()?.tail(CUT, &Device::Cpu)?.on(Threads::Pool);
    let (side, channels) = tail.input();
    let photos = LABELS * PHOTOS;
    let model = Model {
        tail,
        activations: Tensor::from_vec(
            noise(photos * side * side * channels, 1.0),
            (photos, side, side, channels),
            &Device::Cpu,
        )?,
        weight: Var::from_vec(noise(DIM * 1280, 0.05), (DIM, 1280), &Device::Cpu)?,
        bias: Var::zeros(DIM, candle_core::DType::F32, &Device::Cpu)?,
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    let whole = pool.install(|| whole_steps(&model, steps).map_err(|e| e.to_string()))?;
    let alone = pool.install(|| gradients(&model, steps).map_err(|e| e.to_string()))?;
    let (whole, alone) = (median(whole), median(alone));
    println!(
        "{{\"depth\":\"tail\",\"batch\":{photos},\"threads\":{threads},\"ms_per_step\":{whole:.1},\"ms_gradients\":{alone:.1}}}"
    );
    Ok(())
}
