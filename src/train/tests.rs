use super::*;
use crate::embedding::EmbeddingMatrix;
use crate::eval::map_at_r;
use crate::library::PhotoId;
use crate::triplet::{Distance, GuardState, Margin, Mining, Triplet};
use candle_core::{Device, Var};
use rand::Rng;

mod models;
mod network;
mod slow_step;
mod steered;
mod stops;

const LABELS: usize = 12;
const PHOTOS: usize = 10;
const FEATURES: usize = 24;
const DIM: usize = 8;

/// Features whose first third tells labels apart and whose rest is louder noise; every fifth photo is for validation.
struct World {
    features: EmbeddingMatrix,
    set: TrainingSet,
    labels: Vec<u32>,
}

fn world(signal: f32) -> World {
    let mut random = Generator::new(11, 9);
    let mut draw = || (0..4).map(|_| random.random::<f32>() - 0.5).sum::<f32>();
    let (mut features, mut set, mut labels) = (EmbeddingMatrix::new(FEATURES), TrainingSet::default(), Vec::new());
    for label in 0..LABELS {
        let centre: Vec<f32> = (0..FEATURES / 3).map(|_| signal * draw()).collect();
        for photo in 0..PHOTOS {
            let row: Vec<f32> =
                (0..FEATURES).map(|j| centre.get(j).map_or(2.0 * draw(), |c| c + 0.5 * draw())).collect();
            features.push(&row).unwrap();
            let number = label * PHOTOS + photo;
            set.photos.push(PhotoId::of_content(&number.to_le_bytes()));
            let is_validation = photo % 5 == 0 || photo % 5 == 1;
            set.labels.push((!is_validation).then_some(label as u32));
            labels.push(label as u32);
            if is_validation {
                set.validation.push(number);
            }
        }
    }
    World { features, set, labels }
}

impl World {
    fn head(&self) -> HeadModel<'_> {
        let mut random = Generator::new(5, 5);
        let weight: Vec<f32> = (0..DIM * FEATURES).map(|_| random.random::<f32>() - 0.5).collect();
        HeadModel::new(&self.features, &weight, &[0.0; DIM], &Device::Cpu).unwrap()
    }

    fn score(&self, embeddings: &EmbeddingMatrix) -> Score {
        let labels: Vec<u32> = self.set.validation.iter().map(|photo| self.labels[*photo]).collect();
        let (mut map, mut recall) = (0.0, 0.0);
        for (query, row) in embeddings.rows().enumerate() {
            let closeness = |other: usize| row.iter().zip(embeddings.row(other)).map(|(a, b)| a * b).sum::<f32>();
            let mut order: Vec<usize> = (0..labels.len()).filter(|other| *other != query).collect();
            order.sort_by(|i, j| closeness(*j).total_cmp(&closeness(*i)));
            let relevant: Vec<bool> = order.iter().map(|other| labels[*other] == labels[query]).collect();
            map += map_at_r(&relevant, relevant.iter().filter(|hit| **hit).count());
            recall += f64::from(u8::from(relevant[0]));
        }
        let queries = labels.len() as f64;
        Score { map_at_r: map / queries, recall_at_1: recall / queries, map_half_width: 0.0 }
    }

    fn train(
        &self,
        model: &dyn Trainable,
        config: &TrainConfig,
        resume: Option<&Checkpoint>,
        observer: &mut Observer<'_>,
    ) -> Result<Trained, TrainError> {
        train(model, &self.set, config, resume, &mut |rows| Ok(self.score(rows)), observer)
    }
}

fn config(steps: u64) -> TrainConfig {
    let settings = Settings { steps, warmup: 10, learning_rate: 5e-3, ..Settings::default() };
    let settings = Settings { labels_per_batch: 6, photos_per_label: 3, ..settings };
    TrainConfig { seed: 4, patience: None, settings, ..TrainConfig::default() }
}

fn go_on(_: TrainEvent) -> Command {
    Command::Continue
}

#[test]
fn training_helps_photos_never_seen_and_the_best_is_loaded() {
    let world = world(1.0);
    let model = world.head();
    let trained = world.train(&model, &config(300), None, &mut go_on).unwrap();
    let (before, after) = (trained.start_score.unwrap(), trained.score.unwrap());
    assert!(after.map_at_r > before.map_at_r + 0.1, "{before:?} {after:?}");
    assert_eq!(Weights::of(&model.parameters()).unwrap(), trained.weights);
    let mut rows = EmbeddingMatrix::new(DIM);
    let embedded = model.forward(&world.set.validation, None).unwrap().to_vec2::<f32>().unwrap();
    for row in &embedded {
        rows.push(row).unwrap();
    }
    assert_eq!(world.score(&rows), after);
}

fn made_triplets() -> Vec<Triplet> {
    (0..9).map(|i| Triplet { anchor: 10 * i + 2, positive: 10 * i + 3, negative: 10 * i + 14 }).collect()
}

#[test]
fn a_run_that_was_saved_and_resumed_is_the_same_run_bit_for_bit() {
    let mut world = world(1.0);
    world.set.user_triplets = made_triplets();
    for mining in Mining::ALL {
        let mut config = config(200);
        config.settings.mining = mining;
        let straight = world.train(&world.head(), &config, None, &mut go_on).unwrap();
        let mut saved = Vec::new();
        let mut halfway = |event| match event {
            TrainEvent::Step(report) if report.step == 100 => Command::Snapshot,
            TrainEvent::Snapshot(checkpoint) => {
                saved = checkpoint.to_bytes().unwrap();
                Command::Stop
            }
            _ => Command::Continue,
        };
        world.train(&world.head(), &config, None, &mut halfway).unwrap();
        let loaded = Checkpoint::from_bytes(&saved).unwrap();
        assert_eq!(loaded.progress.step, 100);
        let resumed = world.train(&world.head(), &config, Some(&loaded), &mut go_on).unwrap();
        assert_eq!(resumed.checkpoint, straight.checkpoint, "{mining:?}");
        assert_eq!((resumed.weights, resumed.mix), (straight.weights, straight.mix), "{mining:?}");
    }
}

#[test]
fn restoring_a_snapshot_undoes_every_step_since() {
    let world = world(1.0);
    let straight = world.train(&world.head(), &config(60), None, &mut go_on).unwrap();
    let mut undone = false;
    let mut back = |event| match event {
        TrainEvent::Step(report) if report.step == 20 && !undone => Command::Snapshot,
        TrainEvent::Step(report) if report.step == 45 && !undone => {
            undone = true;
            Command::Restore
        }
        _ => Command::Continue,
    };
    let steered = world.train(&world.head(), &config(60), None, &mut back).unwrap();
    assert!(undone);
    assert_eq!(steered.checkpoint, straight.checkpoint);
}

#[test]
fn one_seed_gives_one_curve_and_another_seed_another() {
    let world = world(1.0);
    let curve = |seed| {
        let mut losses = Vec::new();
        let mut note = |event| {
            if let TrainEvent::Step(report) = event {
                losses.push(report.loss.unwrap());
            }
            Command::Continue
        };
        world.train(&world.head(), &TrainConfig { seed, ..config(40) }, None, &mut note).unwrap();
        losses
    };
    assert_eq!(curve(1), curve(1));
    assert_ne!(curve(1), curve(2));
}

#[test]
fn a_collapse_is_caught_and_leaves_the_best_weights() {
    // Labels that mean nothing, batch-hard and a high rate: the only way to lower the loss is to shrink every distance.
    let world = world(0.0);
    let mut config = config(600);
    (config.settings.mining, config.settings.learning_rate) = (Mining::BatchHard, 0.02);
    config.settings.weight_decay = 0.0;
    let mut spreads = Vec::new();
    let mut note = |event| {
        if let TrainEvent::Step(report) = event {
            spreads.push(report.statistics.spread.mean);
        }
        Command::Continue
    };
    let trained = world.train(&world.head(), &config, None, &mut note).unwrap();
    assert_eq!(trained.reason, StopReason::Collapsed, "{spreads:?}");
    assert!(spreads.last() < spreads.first());
    assert!(trained.score.unwrap().map_at_r >= trained.start_score.unwrap().map_at_r);
}

#[test]
fn settings_change_from_the_next_step_on_and_nonsense_is_refused() {
    let world = world(1.0);
    let changed = Settings { margin: Margin::Soft, distance: Distance::Cosine, ..config(30).settings };
    let mut told = Vec::new();
    let mut steer = |event| match event {
        TrainEvent::Step(report) if report.step == 10 => Command::Change(Box::new(changed)),
        TrainEvent::Step(report) if report.step == 20 => {
            Command::Change(Box::new(Settings { learning_rate: -1.0, ..changed }))
        }
        TrainEvent::Changed(settings) => {
            assert_eq!(*settings, changed);
            told.push("changed".to_owned());
            Command::Continue
        }
        TrainEvent::Refused { reason } => {
            told.push(reason);
            Command::Continue
        }
        TrainEvent::Step(report) if report.step > 10 => {
            assert_eq!(report.statistics.census.active, report.statistics.census.valid);
            Command::Continue
        }
        _ => Command::Continue,
    };
    let trained = world.train(&world.head(), &config(30), None, &mut steer).unwrap();
    assert_eq!(told, ["changed", "the learning rate must be a number above 0, got -1"]);
    assert_eq!(trained.checkpoint.progress.history, [(0, config(30).settings), (10, changed)]);
}

#[test]
fn a_run_ends_when_told_or_when_validation_no_longer_improves() {
    let world = world(1.0);
    let mut stop = |event: TrainEvent| match event {
        TrainEvent::Step(report) if report.step == 7 => Command::Stop,
        _ => Command::Continue,
    };
    let stopped = world.train(&world.head(), &config(100), None, &mut stop).unwrap();
    assert_eq!((stopped.reason, stopped.checkpoint.progress.step), (StopReason::Stopped, 7));
    let impatient = TrainConfig { patience: Some(2), validate_every: 5, ..config(2000) };
    let early = world.train(&world.head(), &impatient, None, &mut go_on).unwrap();
    assert_eq!(early.reason, StopReason::EarlyStopping);
    assert!(early.checkpoint.progress.step < 2000);
    assert!(early.best_step < early.checkpoint.progress.step);
}

#[test]
fn without_validation_photos_the_last_weights_are_the_result() {
    let mut world = world(1.0);
    world.set.validation.clear();
    let trained = world.train(&world.head(), &config(20), None, &mut go_on).unwrap();
    assert_eq!((trained.mix, trained.score), (Mix::Last, None));
    assert_eq!(trained.weights, trained.checkpoint.weights);
}

#[test]
fn triplets_a_person_made_suffice_without_any_label() {
    let mut world = world(1.0);
    world.set.labels.fill(None);
    world.set.user_triplets = made_triplets();
    let mut losses = Vec::new();
    let mut note = |event| {
        if let TrainEvent::Step(report) = event {
            assert_eq!((report.loss, report.mined_loss), (report.user_loss, None));
            losses.push(report.loss.unwrap());
        }
        Command::Continue
    };
    world.train(&world.head(), &config(150), None, &mut note).unwrap();
    let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
    assert!(mean(&losses[130..]) < 0.5 * mean(&losses[..20]), "{losses:?}");
}

#[test]
fn a_checkpoint_of_another_model_or_none_at_all_is_refused() {
    let world = world(1.0);
    let checkpoint = world.train(&world.head(), &config(3), None, &mut go_on).unwrap().checkpoint;
    let smaller = HeadModel::new(&world.features, &[0.1; FEATURES], &[0.0], &Device::Cpu).unwrap();
    let error = world.train(&smaller, &config(3), Some(&checkpoint), &mut go_on).unwrap_err().to_string();
    assert!(error.contains("has shape [8, 24] in the checkpoint and [1, 24] in the model"), "{error}");
    assert!(Checkpoint::from_bytes(b"not a checkpoint").is_err());
    let mut bytes = checkpoint.to_bytes().unwrap();
    assert_eq!(Checkpoint::from_bytes(&bytes).unwrap(), checkpoint);
    bytes.truncate(bytes.len() - 5);
    assert!(Checkpoint::from_bytes(&bytes).is_err());
}

#[test]
fn loading_weights_is_all_or_nothing() {
    let parameter = |name: &str, values: &[f32]| {
        let var = Var::from_slice(values, values.len(), &Device::Cpu).unwrap();
        Parameter { name: name.into(), var, depth: 0, decays: true }
    };
    let parameters = [parameter("a", &[1.0, 2.0]), parameter("b", &[3.0])];
    let mut other = Weights::of(&[parameter("a", &[5.0, 6.0])]).unwrap();
    assert!(other.load_into(&parameters).is_err());
    assert_eq!(parameters[0].var.to_vec1::<f32>().unwrap(), [1.0, 2.0]);
    other.0.extend(Weights::of(&[parameter("b", &[7.0])]).unwrap().0);
    let between = Weights::of(&parameters).unwrap().toward(&other, 0.25);
    assert_eq!(between.get("a").unwrap().values, [2.0, 3.0]);
}
