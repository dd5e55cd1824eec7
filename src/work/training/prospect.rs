//! What a training would have to learn from and how long it would take, without starting one.

use std::time::{Duration, Instant};

use candle_core::Device;

use super::pace::note_key;
use super::{DEFAULT_CUT, PhotoCounts, TrainRequest, TrainingPhotos};
use crate::embedder::{Lite, Threads};
use crate::train::{Augmentation, Depth, HeadModel, Inputs, NetworkModel, TrainError, Trainable, tried_depths};
use crate::triplet::Generator;
use crate::work::model::BASE;
use crate::work::{Library, ListedModel, Viewer, WorkError, list_models};

/// Time for measuring depths of which nothing is noted.
const MEASURED_WITHIN: Duration = Duration::from_millis(1_500);
/// Photos that are looked up to say how many activations are missing.
const LOOKED_UP: usize = 200;
/// Seconds that one core needs to read a photo.
const DECODING: f64 = 0.01;
/// Of a step of every layer the share that is the way forward.
const FORWARD: f64 = 0.35;

/// What there is to learn from.
#[derive(Clone, Debug, PartialEq)]
pub struct Prospect {
    /// In numbers.
    pub counts: PhotoCounts,
    /// What is not as one might expect, as sentences.
    pub notes: Vec<String>,
    /// Name that the new model would have.
    pub name: String,
    /// Models it can start from, the base model first.
    pub parents: Vec<Parent>,
    /// Whether the network below the head can be trained.
    pub deep: bool,
    /// How long each depth takes here, as far as that is known or quickly measured.
    pub paces: Vec<Pace>,
    /// Seconds in which all photos go through the network once, as far as that is known.
    pub seconds_through: f64,
}

/// A model that a training can start from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// Its name.
    pub name: String,
    /// How deep its network was trained, by itself or by the models it comes from; `None`: it is the library's own.
    pub trained: Option<Depth>,
}

/// How long a depth takes on this machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Which.
    pub depth: Depth,
    /// Seconds of one step for each photo of its batch.
    pub seconds_a_photo: f64,
    /// Seconds before the first step.
    pub seconds_before: f64,
}

/// What a training as asked for would have to learn from, and how long it would take.
pub fn prospect(library: &Library, request: &TrainRequest) -> Result<Prospect, WorkError> {
    let viewer = library.viewer()?;
    let photos = TrainingPhotos::of(&viewer, request)?;
    let known = seconds_a_photo(library, &viewer)?;
    let through = Through::of(library, &photos, &known);
    Ok(Prospect {
        notes: photos.notes(),
        name: viewer.reader().free_model_name("tuned")?,
        parents: parents(&list_models(&viewer)?, viewer.backbone().id()),
        deep: viewer.backbone().lite().is_some(),
        paces: paces(&viewer, &photos, &known, through)?,
        seconds_through: through.decoding + through.forward,
        counts: photos.counts,
    })
}

/// The models of a network, the base model first.
fn parents(all: &[ListedModel], backbone: &str) -> Vec<Parent> {
    let base = Parent { name: BASE.to_owned(), trained: None };
    let others = all.iter().filter(|model| model.backbone == backbone && model.name != BASE);
    let parent = |model: &ListedModel| Parent { name: model.name.clone(), trained: trained(model, all) };
    std::iter::once(base).chain(others.map(parent)).collect()
}

/// How deep a model's network was trained: a new head leaves it as it was.
fn trained(model: &ListedModel, all: &[ListedModel]) -> Option<Depth> {
    let (mut model, mut seen) = (model, 0);
    loop {
        for depth in [Depth::Tail, Depth::Full] {
            if model.depth == Some(depth.to_string()) {
                return Some(depth);
            }
        }
        seen += 1;
        // Names are given anew: a chain may lead round.
        let parent = all.iter().find(|other| Some(&other.name) == model.parent.as_ref());
        model = parent.filter(|_| seen < all.len())?;
    }
}

/// Seconds of a step for each photo at every depth, the deepest first, as far as they are noted or quickly measured.
fn seconds_a_photo(library: &Library, viewer: &Viewer) -> Result<Vec<(Depth, f64)>, WorkError> {
    let (lite, features, began) = (viewer.backbone().lite(), viewer.backbone().dim(), Instant::now());
    let mut known = Vec::new();
    for &depth in tried_depths(lite.is_some(), false) {
        let noted = viewer.reader().note(&note_key(depth, viewer.backbone().id(), library.threads()))?;
        let seconds = match noted.and_then(|note| note.parse::<f64>().ok()) {
            Some(seconds) => seconds,
            None if began.elapsed() > MEASURED_WITHIN => continue,
            None => library.in_pool(|| Ok(measured(features, lite, depth)?))?,
        };
        known.push((depth, seconds));
    }
    Ok(known)
}

/// Seconds in which all photos are read, and in which they go forward through the network once.
#[derive(Clone, Copy)]
struct Through {
    decoding: f64,
    forward: f64,
}

impl Through {
    fn of(library: &Library, photos: &TrainingPhotos, known: &[(Depth, f64)]) -> Self {
        let all = photos.set.photos.len() as f64;
        let whole = known.iter().find(|(depth, _)| *depth == Depth::Full).map_or(0.0, |(_, seconds)| *seconds);
        Self { decoding: all * DECODING / library.threads() as f64, forward: all * FORWARD * whole }
    }
}

fn paces(
    viewer: &Viewer,
    photos: &TrainingPhotos,
    known: &[(Depth, f64)],
    through: Through,
) -> Result<Vec<Pace>, WorkError> {
    let pace = |&(depth, seconds_a_photo): &(Depth, f64)| -> Result<Pace, WorkError> {
        let seconds_before = match depth {
            Depth::Head => 0.0,
            Depth::Tail => {
                let missing = viewer.backbone().lite().map_or(Ok(1.0), |lite| share_missing(viewer, lite, photos))?;
                // Plain and mirrored.
                missing * (through.decoding + 2.0 * through.forward)
            }
            Depth::Full => through.decoding,
        };
        Ok(Pace { depth, seconds_a_photo, seconds_before })
    };
    known.iter().map(pace).collect()
}

/// Of the photos, the share whose activations are not in the cache.
fn share_missing(viewer: &Viewer, lite: &Lite, photos: &TrainingPhotos) -> Result<f64, WorkError> {
    let layer = format!("{}/{DEFAULT_CUT}", lite.base_id());
    let every = (photos.set.photos.len() / LOOKED_UP).max(1);
    let (mut missing, mut asked) = (0, 0);
    for photo in photos.set.photos.iter().step_by(every) {
        asked += 1;
        missing += usize::from(!viewer.reader().has_activation(&layer, *photo, 0)?);
    }
    Ok(f64::from(missing as u32) / f64::from(asked.max(1)))
}

/// Seconds of a step for each of its photos: some made-up ones, forward and back, the second time. Of fewer than these a
/// photo takes several times as long as in a batch.
fn measured(features: usize, lite: Option<&Lite>, depth: Depth) -> Result<f64, TrainError> {
    let dim = crate::work::model::BASE_DIM;
    let (weight, bias) = (noise(dim * features, 0.05), vec![0.0; dim]);
    let photos = match depth {
        Depth::Head => 32,
        Depth::Tail => 16,
        Depth::Full => 2,
    };
    let mut inputs = Inputs::default();
    let network = match (lite, depth) {
        (Some(lite), Depth::Tail) => Some(lite.tail(DEFAULT_CUT, &Device::Cpu)?),
        (Some(lite), Depth::Full) => Some(lite.tail(0, &Device::Cpu)?),
        _ => None,
    };
    let each = network.as_ref().map_or(features, |tail| tail.input().0 * tail.input().0 * tail.input().1);
    (0..photos).for_each(|_| inputs.push(&noise(each, 1.0)));
    match network {
        None => timed(&HeadModel::new(&inputs, &weight, &bias, &Device::Cpu)?.on(Threads::Pool), photos),
        Some(tail) => {
            let tail = tail.on(Threads::Pool);
            timed(&NetworkModel::new(tail, (&weight, &bias), &inputs, Augmentation::Mirror, &Device::Cpu)?, photos)
        }
    }
}

fn timed(model: &dyn Trainable, photos: usize) -> Result<f64, TrainError> {
    let numbers: Vec<usize> = (0..photos).collect();
    let mut seconds = 0.0;
    for _ in 0..2 {
        let began = Instant::now();
        let rows = model.forward(&numbers, Some(&mut Generator::new(0, 0)))?;
        rows.sqr()?.sum_all()?.backward()?;
        seconds = began.elapsed().as_secs_f64();
    }
    Ok(seconds / photos as f64)
}

/// Numbers that differ from place to place: only time matters.
fn noise(count: usize, scale: f32) -> Vec<f32> {
    (0..count).map(|i| scale * (((i.wrapping_mul(2_654_435_761) >> 7) % 2001) as f32 / 1000.0 - 1.0)).collect()
}
