//! A library of made-up features, and somebody who listens.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use half::f16;
use rand::Rng;
use tempfile::TempDir;

use crate::app::backend::Backend;
use crate::app::folder::Folder;
use crate::app::mailbox::{Incoming, Outbox};
use crate::embedder::{BackboneSpec, Processor};
use crate::library::{Location, PhotoId};
use crate::store::{IndexBatch, PhotoFacts, Store, StoreDirs};
use crate::train::{Depth, Length};
use crate::triplet::{Generator, Margin, Mining};
use crate::ui::{
    Message, ModelRow, ModelsNews, ModelsOrder, TrainingNews, TrainingOrder, TrainingOutcome, TrainingWish,
    UnfinishedRow,
};
use crate::work::{Cancel, IndexSettings, LibraryOptions, refresh_models};

/// Only for what never comes: a busy machine may take its time.
const PATIENCE: Duration = Duration::from_secs(300);
const JOB: u64 = 1;

/// A folder behind a screen that is not there.
pub(super) struct Bench {
    pub(super) folder: Arc<Folder>,
    pub(super) outbox: Outbox,
    current: Arc<AtomicU64>,
    receiver: Receiver<Incoming>,
    place: PathBuf,
    /// What keeps it there.
    kept: Option<Arc<TempDir>>,
}

pub(super) fn photo(number: usize) -> PhotoId {
    PhotoId::of_content(&number.to_le_bytes())
}

/// How the features of a library are made up: a part tells labels apart, below louder noise.
#[derive(Clone, Copy, Debug)]
pub(super) struct Made {
    pub(super) labels: usize,
    pub(super) each: usize,
    /// How far the centres of the labels lie from each other, and photos from their centre.
    pub(super) apart: f32,
    pub(super) around: f32,
    /// Numbers of the part, and how many are noise alone.
    pub(super) telling: usize,
    pub(super) noise: usize,
    /// One photo in so many lies in the folder of another label.
    pub(super) one_wrong_in: Option<usize>,
}

impl Made {
    /// Some that can be learned, not at once.
    pub(super) const USUAL: Self =
        Self { labels: 6, each: 8, apart: 0.8, around: 0.6, telling: 40, noise: 120, one_wrong_in: None };

    pub(super) const fn photos(&self) -> usize {
        self.labels * self.each
    }

    /// Whether this photo lies in the folder of another label.
    pub(super) fn is_wrong(&self, number: usize) -> bool {
        self.one_wrong_in.is_some_and(|many| number.is_multiple_of(many))
    }

    /// The label of the folder in which a photo lies; wrong ones are dealt among all others.
    fn folder(&self, number: usize) -> usize {
        let label = number / self.each;
        let by =
            self.one_wrong_in.filter(|_| self.is_wrong(number)).map_or(0, |many| 1 + number / many % (self.labels - 1));
        (label + by) % self.labels
    }
}

pub(super) const fn photos() -> usize {
    Made::USUAL.photos()
}

fn options(place: &Path) -> LibraryOptions {
    LibraryOptions {
        dirs: StoreDirs { data: place.join("data"), cache: place.join("cache") },
        threads: 2,
        decode_budget: 100_000_000,
        backbone: BackboneSpec::Builtin,
        processor: Processor::Cpu,
        index: IndexSettings::default(),
    }
}

/// A store with photos of these features.
fn fill(place: &Path, made: Made) {
    let folder = place.join("photos");
    std::fs::create_dir_all(&folder).unwrap();
    let options = options(place);
    let backbone = BackboneSpec::Builtin.load(Processor::Cpu).unwrap();
    let mut random = Generator::new(7, 7);
    let mut draw = || random.random::<f32>() - 0.5;
    let mut batch = IndexBatch { backbone: backbone.id().to_owned(), ..IndexBatch::default() };
    for label in 0..made.labels {
        let centre: Vec<f32> = (0..made.telling).map(|_| made.apart * draw()).collect();
        for number in label * made.each..(label + 1) * made.each {
            let id = photo(number);
            let loud = made.telling + made.noise;
            let row = (0..backbone.dim())
                .map(|j| centre.get(j).map_or(if j < loud { draw() } else { 0.0 }, |c| c + made.around * draw()));
            let path = PathBuf::from(format!("label {}/{number}.png", made.folder(number)));
            batch.photos.push(PhotoFacts { id, bytes: 1, width: 4, height: 3, taken: None, camera: None });
            batch.locations.push((Location { path, size: 1, modified_ns: 1 }, id));
            batch.features.push((id, row.map(f16::from_f32).collect()));
            batch.thumbnails.push((id, vec![1]));
        }
    }
    Store::open(&folder.canonicalize().unwrap(), &options.dirs).unwrap().commit(&batch).unwrap();
}

impl Bench {
    pub(super) fn new() -> Self {
        Self::of(Made::USUAL)
    }

    /// A library of these features.
    pub(super) fn of(made: Made) -> Self {
        let kept = Arc::new(tempfile::tempdir().unwrap());
        fill(kept.path(), made);
        Self { kept: Some(Arc::clone(&kept)), ..Self::opened(kept.path().to_owned()) }
    }

    /// One that is there.
    pub(super) fn opened(place: PathBuf) -> Self {
        let folder = Arc::new(Folder::new(&place.join("photos"), options(&place)));
        let (sender, receiver) = channel();
        let current = Arc::new(AtomicU64::new(JOB));
        let outbox = Outbox::new(sender, JOB, Arc::clone(&current));
        let library = Arc::clone(folder.open().unwrap());
        refresh_models(&library, &Cancel::default(), &mut |_, _| {}).unwrap();
        folder.renew_neighbors(&library, &outbox).unwrap();
        folder.neighbors.wait();
        Self { folder, outbox, current, receiver, place, kept: None }
    }

    pub(super) fn place(&self) -> &Path {
        &self.place
    }

    /// The person leaves.
    pub(super) fn leave(&self) {
        self.current.store(0, Ordering::Relaxed);
        self.folder.leave();
    }

    /// The person leaves and comes back.
    pub(super) fn again(self) -> Self {
        let place = self.place.clone();
        let kept = self.closed();
        Self { kept: Some(kept), ..Self::opened(place) }
    }

    /// The person leaves; what is on disk stays as long as what is returned.
    pub(super) fn closed(self) -> Arc<TempDir> {
        self.leave();
        self.kept.unwrap()
    }

    pub(super) fn order(&self, order: TrainingOrder) {
        self.folder.training(order, &self.outbox).unwrap();
    }

    pub(super) fn refused(&self, order: TrainingOrder) -> String {
        self.folder.training(order, &self.outbox).unwrap_err()
    }

    /// The next message that `wanted` wants.
    pub(super) fn wait<T>(&self, mut wanted: impl FnMut(Message) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Incoming::FromJob { message, .. } = self.receiver.recv_timeout(left).unwrap() else { continue };
            if let Some(found) = wanted(message) {
                return found;
            }
        }
    }

    /// The next news of the training that `wanted` wants.
    pub(super) fn news<T>(&self, mut wanted: impl FnMut(TrainingNews) -> Option<T>) -> T {
        self.wait(|message| match message {
            Message::Training(news) => wanted(news),
            Message::Failed(why) => panic!("{why}"),
            _ => None,
        })
    }

    /// Waits for a step from number `step` on.
    pub(super) fn step(&self, step: u64) -> u64 {
        self.news(|news| match news {
            TrainingNews::Steps { rows, .. } => rows.last().map(|row| row.step).filter(|last| *last >= step),
            TrainingNews::Ended(end) => panic!("{end:?}"),
            _ => None,
        })
    }

    pub(super) fn end(&self) -> Result<Box<TrainingOutcome>, String> {
        self.news(|news| if let TrainingNews::Ended(end) = news { Some(end) } else { None })
    }

    /// The same where checkpoints fail meanwhile.
    pub(super) fn end_with_failures(&self) -> Result<Box<TrainingOutcome>, String> {
        self.wait(|message| if let Message::Training(TrainingNews::Ended(end)) = message { Some(end) } else { None })
    }

    /// The trainings that can go on, as they are told when the library is opened.
    pub(super) fn unfinished(&self) -> (Vec<UnfinishedRow>, bool) {
        while self.receiver.try_recv().is_ok() {}
        let viewer = self.folder.open().unwrap().viewer().unwrap();
        self.folder.tell_trainings(&viewer, &self.outbox);
        self.news(
            |news| if let TrainingNews::Unfinished { rows, cut_off } = news { Some((rows, cut_off)) } else { None },
        )
    }

    /// What is said about an order, and the list after it.
    pub(super) fn models(&self, order: ModelsOrder) -> (Vec<ModelsNews>, Vec<ModelRow>) {
        while self.receiver.try_recv().is_ok() {}
        self.folder.models(order, &self.outbox).unwrap();
        let mut said = Vec::new();
        let list = self.wait(|message| match message {
            Message::Models(ModelsNews::List(list)) => Some(list),
            Message::Models(news) => {
                said.push(news);
                None
            }
            _ => None,
        });
        (said, list)
    }

    /// The weights of a model.
    pub(super) fn weights(&self, name: &str) -> Vec<u8> {
        let viewer = self.folder.open().unwrap().viewer().unwrap();
        let record = viewer.reader().model_named(name).unwrap().unwrap();
        let file = viewer.reader().model_weights(record.id).unwrap();
        let header = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
        file[8 + header..].to_vec()
    }

    /// Begins a training that has got these orders before its first step.
    pub(super) fn start(&self, wish: TrainingWish, orders: impl IntoIterator<Item = TrainingOrder>) {
        let indexing = self.folder.training.indexing();
        self.order(TrainingOrder::Start(Box::new(wish)));
        orders.into_iter().for_each(|order| self.order(order));
        drop(indexing);
    }

    /// Trains to the end and returns the outcome with the weights.
    pub(super) fn train(&self, wish: TrainingWish) -> (Box<TrainingOutcome>, Vec<u8>) {
        self.order(TrainingOrder::Start(Box::new(wish)));
        let outcome = self.end().unwrap();
        let weights = self.weights(&outcome.model);
        (outcome, weights)
    }
}

/// One of the head that lasts longer than any test: without validation photos nothing ends it early.
pub(super) fn endless() -> TrainingWish {
    TrainingWish { holdout: 0.0, ..wish(100_000) }
}

/// A short training of the head.
pub(super) fn wish(steps: u64) -> TrainingWish {
    TrainingWish {
        labels: crate::ui::LabelFrom::Folders,
        depth: Some(Depth::Head),
        mining: Mining::BatchAll,
        margin: Margin::Hinge(0.2),
        length: Length::Steps(steps),
        learning_rate: Some(1e-3),
        labels_per_batch: 4,
        photos_per_label: 3,
        holdout: 0.4,
        seed: 1,
        parent: None,
        name: None,
        gentle: false,
    }
}
