//! The end of the built-in network as the model: the same run on any number of threads, after a resume, and in pieces.

use super::*;
use crate::embedder::{Scratch, Threads, View, builtin};
use crate::train::{Augmentation, InputSource, NetworkModel};
use candle_core::Device;

/// Activations before the last block of photos that are drawn: labels differ in colour, photos of a label in noise.
struct Drawn {
    plain: Vec<Vec<f32>>,
    mirrored: Vec<Vec<f32>>,
}

const CUT: usize = 15;
const EACH: usize = 4;
const KINDS: usize = 4;

fn drawn() -> Drawn {
    let (lite, mut scratch) = (builtin().unwrap(), Scratch::default());
    let mut random = Generator::new(9, 9);
    let (mut plain, mut mirrored) = (Vec::new(), Vec::new());
    for label in 0..KINDS {
        for _ in 0..EACH {
            let photo = image::RgbImage::from_fn(64, 64, |x, y| {
                let noise = random.random::<u8>() / 3;
                let stripe = if (x as usize * (label + 1) + y as usize) % 16 < 8 { 150 } else { 20 };
                image::Rgb([stripe + noise, (40 * label) as u8 + noise, 60 + noise])
            });
            let mut image = lite.view(&photo, &View::PLAIN);
            plain.push(lite.activations(&image, CUT, &mut scratch).unwrap());
            lite.mirror(&mut image);
            mirrored.push(lite.activations(&image, CUT, &mut scratch).unwrap());
        }
    }
    Drawn { plain, mirrored }
}

impl InputSource for Drawn {
    fn append(&self, photos: &[(usize, View)], into: &mut Vec<f32>) -> Result<(), (usize, String)> {
        for (number, view) in photos {
            let rows = if view.mirrored { &self.mirrored } else { &self.plain };
            into.extend(rows.get(*number).ok_or((*number, "not drawn".to_owned()))?);
        }
        Ok(())
    }
}

fn set() -> TrainingSet {
    let count = KINDS * EACH;
    TrainingSet {
        photos: (0..count).map(|n| PhotoId::of_content(&n.to_le_bytes())).collect(),
        labels: (0..count).map(|n| (n % EACH != 0).then_some((n / EACH) as u32)).collect(),
        user_triplets: Vec::new(),
        validation: (0..count).filter(|n| n % EACH == 0).collect(),
    }
}

fn config(steps: u64) -> TrainConfig {
    // A margin so wide that there is always something to learn.
    let settings =
        Settings { steps, warmup: 2, learning_rate: 3e-4, margin: Margin::Hinge(1.0), ..Settings::default() };
    let settings = Settings { labels_per_batch: 3, photos_per_label: 3, ..settings };
    TrainConfig { validate_every: 3, settings, ..TrainConfig::default() }
}

fn model(inputs: &Drawn) -> NetworkModel<'_> {
    let tail = builtin().unwrap().tail(CUT, &Device::Cpu).unwrap().on(Threads::Pool);
    let mut random = Generator::new(2, 2);
    let weight: Vec<f32> = (0..6 * 1280).map(|_| random.random::<f32>() - 0.5).collect();
    NetworkModel::new(tail, (&weight, &[0.1; 6]), inputs, Augmentation::Mirror, &Device::Cpu).unwrap()
}

/// Trains on a pool of so many threads; the metric is how unlike the validation rows are.
fn train_on(
    threads: usize,
    inputs: &Drawn,
    config: &TrainConfig,
    at_once: usize,
    resume: Option<&Checkpoint>,
    observer: &mut (dyn FnMut(TrainEvent) -> Command + Send),
) -> Trained {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let mut metric = |rows: &EmbeddingMatrix| {
        let all: f32 =
            rows.rows().flat_map(|a| rows.rows().map(move |b| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>())).sum();
        Ok(Score { map_at_r: -f64::from(all), recall_at_1: 0.0, map_half_width: 0.0 })
    };
    pool.install(|| {
        let model = model(inputs).at_once(at_once);
        train(&model, &set(), config, resume, &mut metric, &mut |event| observer(event)).unwrap()
    })
}

#[test]
fn a_network_learns_the_same_bits_on_any_number_of_threads_and_after_a_resume() {
    let inputs = drawn();
    let mut losses = Vec::new();
    let mut note = |event| {
        if let TrainEvent::Step(report) = event {
            losses.push(report.loss.unwrap());
        }
        Command::Continue
    };
    let straight = train_on(1, &inputs, &config(8), usize::MAX, None, &mut note);
    assert!(losses.len() == 8 && losses[7] < losses[0], "{losses:?}");
    let on_three = train_on(3, &inputs, &config(8), usize::MAX, None, &mut go_on);
    assert!(on_three.checkpoint == straight.checkpoint, "three threads");
    let mut saved = Vec::new();
    let mut halfway = |event| match event {
        TrainEvent::Step(report) if report.step == 4 => Command::Snapshot,
        TrainEvent::Snapshot(checkpoint) => {
            saved = checkpoint.to_bytes().unwrap();
            Command::Stop
        }
        _ => Command::Continue,
    };
    train_on(2, &inputs, &config(8), usize::MAX, None, &mut halfway);
    let loaded = Checkpoint::from_bytes(&saved).unwrap();
    let resumed = train_on(2, &inputs, &config(8), usize::MAX, Some(&loaded), &mut go_on);
    assert!(resumed.checkpoint == straight.checkpoint && resumed.weights == straight.weights, "resumed");
}

#[test]
fn pieces_of_a_batch_carry_the_same_gradient_into_the_network() {
    let inputs = drawn();
    let norms = |at_once| {
        let mut norms = Vec::new();
        let mut note = |event| {
            if let TrainEvent::Step(report) = event {
                norms.push(report.gradient_norm);
            }
            Command::Continue
        };
        train_on(1, &inputs, &config(3), at_once, None, &mut note);
        norms
    };
    let (whole, pieces) = (norms(usize::MAX), norms(4));
    assert!(whole.iter().zip(&pieces).all(|(a, b)| *a > 0.0 && (a - b).abs() < 1e-3 * a), "{whole:?} {pieces:?}");
}

#[test]
fn a_photo_without_input_is_named() {
    let inputs = Drawn { plain: vec![vec![0.0; 3]], mirrored: Vec::new() };
    let model = model(&inputs);
    let wrong = |photos: &[usize]| model.forward(photos, None).unwrap_err().to_string();
    assert_eq!(wrong(&[5]), "photo 5 of the training set cannot be used: not drawn");
    assert!(wrong(&[0]).contains("3 numbers came in for 1 photos, expected 9408"), "{}", wrong(&[0]));
}

#[test]
fn parts_of_photos_are_drawn_from_the_generator_alone() {
    let draw = |seed| {
        let mut generator = Generator::new(seed, 2);
        (0..50).map(|_| Augmentation::Parts.draw(&mut generator)).collect::<Vec<View>>()
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
    for view in draw(3) {
        let part = view.part.unwrap();
        assert!((0.5..=1.0).contains(&part.area) && (0.74..=1.34).contains(&part.aspect));
        assert!([view.brightness, view.contrast, view.saturation].iter().all(|v| (0.85..=1.15).contains(v)));
    }
    let mirrored = draw(4).iter().filter(|view| view.mirrored).count();
    assert!((10..40).contains(&mirrored));
}
