//! The training of a folder: orders are taken in their turn, and one run at a time goes on a thread of its own.

mod indexed;
mod run;
mod teller;
mod words;
mod wrong_labels;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::{Folder, locked, sentence};
use crate::app::Outbox;
use crate::library::PhotoId;
use crate::store::Access;
use crate::teach::LabelSource;
use crate::ui::{LabelFrom, Message, Ranked, TrainingNews, TrainingOffer, TrainingOrder, UnfinishedRow};
use crate::work::{Helm, Library, TrainRequest, Viewer, Watched, forget_training, prospect, unfinished_trainings};
use indexed::Indexed;
pub(super) use indexed::Indexing;
use run::{Run, What};
use teller::LastStep;
use words::{label_source, offer, steered};
use wrong_labels::{WrongLabels, labels_of_run};

pub(super) use run::share_of_threads;
pub(super) use words::{believed, request};
pub(super) use wrong_labels::is_about_label;

/// Candidates among which a watched query is answered.
const CANDIDATES: usize = 200;
/// How long leaving waits for a step in hand and its checkpoint. What is not saved by then is lost since the last one.
const LONGEST_STEP: Duration = Duration::from_secs(20);

/// Said to whoever would begin a second run.
const ONE_AT_A_TIME: &str = "a training is running already: stop it first, or wait for its end";
/// Said of orders to a run that is not there.
const NONE_RUNS: &str = "no training is running";

/// A query with its answer by the model before training.
pub(super) type Before = Arc<Mutex<Option<(PhotoId, Vec<Ranked>)>>>;

/// What a folder's training consists of.
#[derive(Default)]
pub(super) struct Training {
    running: Mutex<Option<Running>>,
    /// Whether it is known which photos there are.
    indexed: Arc<Indexed>,
    wrong: WrongLabels,
    /// Where the labels of the last run, or of the last one offered, come from.
    labels: Mutex<LabelSource>,
    /// The query that is watched.
    watched: Mutex<Option<PhotoId>>,
    before: Before,
    last: Arc<LastStep>,
    is_left: AtomicBool,
}

struct Running {
    helm: Arc<Helm>,
    /// What came of it is about to be told.
    over: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Training {
    /// No run takes its first step until what is returned is gone.
    pub(super) fn indexing(&self) -> Indexing<'_> {
        self.indexed.begin()
    }

    /// The helm of the run that goes on.
    pub(super) fn helm(&self) -> Option<Arc<Helm>> {
        let running = locked(&self.running);
        let goes_on = |running: &&Running| !running.over.load(Ordering::Relaxed) && !running.thread.is_finished();
        running.as_ref().filter(goes_on).map(|running| Arc::clone(&running.helm))
    }

    fn steer(&self, order: impl FnOnce(&Helm)) -> Result<(), String> {
        self.helm().map(|helm| order(&helm)).ok_or_else(|| NONE_RUNS.to_owned())
    }

    /// Tells the run to end after its step, and waits until it is saved.
    pub(super) fn leave(&self) {
        self.is_left.store(true, Ordering::Relaxed);
        let Some(running) = locked(&self.running).take() else { return };
        running.helm.leave();
        let until = Instant::now() + LONGEST_STEP;
        while !running.thread.is_finished() && Instant::now() < until {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

fn tell(outbox: &Outbox, news: TrainingNews) {
    outbox.send(Message::Training(news));
}

impl Folder {
    pub(super) fn opened(&self) -> Result<&Arc<Library>, String> {
        self.library.get().ok_or_else(|| "the library is still being opened; try again in a moment".to_owned())
    }

    /// Does what is asked of the training.
    pub(super) fn order_training(&self, order: TrainingOrder, outbox: &Outbox) -> Result<(), String> {
        match order {
            TrainingOrder::Offer(labels) => tell(outbox, TrainingNews::Offer(self.offer(&labels))),
            TrainingOrder::Start(wish) => self.begin(What::New(Box::new(request(&wish))), wish.gentle, outbox)?,
            TrainingOrder::Resume(name) => self.begin(What::Resume(name), false, outbox)?,
            TrainingOrder::Finish(name) => self.begin(What::Finish(name), false, outbox)?,
            TrainingOrder::Forget(name) => {
                forget_training(self.opened()?, &name).map_err(|error| sentence(&error))?;
                self.tell_unfinished(&self.viewer_now()?, outbox)?;
            }
            TrainingOrder::Pause => self.training.steer(Helm::pause)?,
            TrainingOrder::GoOn => self.training.steer(Helm::go_on)?,
            TrainingOrder::Stop => self.training.steer(Helm::stop)?,
            TrainingOrder::Discard => self.training.steer(Helm::discard)?,
            TrainingOrder::Change(steering) => self.training.steer(|helm| helm.change(steered(steering)))?,
            TrainingOrder::Checkpoint => self.training.steer(Helm::checkpoint)?,
            TrainingOrder::GoBack => self.training.steer(Helm::go_back)?,
            TrainingOrder::Gentle(gentle) => self.training.steer(|helm| helm.gentle(gentle))?,
            TrainingOrder::Watch(query) => self.watch(query),
            TrainingOrder::Pairs(wanted) => self.want_pairs(wanted, outbox),
            TrainingOrder::LabelIsWrong { photo, wrong } => {
                // The screen shows it already: what is kept is told, also when that could not be.
                let said = self.say_wrong(photo, wrong);
                self.tell_wrong_labels(&self.viewer_now()?, outbox)?;
                said?;
            }
        }
        Ok(())
    }

    fn viewer_now(&self) -> Result<Viewer, String> {
        self.opened()?.viewer().map_err(|error| sentence(&error))
    }

    /// What is kept about trainings, told once when the library is opened.
    pub(super) fn tell_trainings(&self, viewer: &Viewer, outbox: &Outbox) {
        let told = self.tell_wrong_labels(viewer, outbox).and_then(|()| match self.library.get().map(|l| l.access()) {
            // Another program has the library: an unfinished run may well be its own, in progress.
            Some(Access::ReadOnly(_)) | None => Ok(()),
            Some(Access::ReadWrite) => self.tell_unfinished(viewer, outbox),
        });
        if let Err(why) = told {
            outbox.send(Message::Failed(why));
        }
    }

    fn tell_unfinished(&self, viewer: &Viewer, outbox: &Outbox) -> Result<(), String> {
        if self.training.helm().is_none() {
            tell(outbox, unfinished(viewer, true)?);
        }
        Ok(())
    }

    fn offer(&self, labels: &LabelFrom) -> Result<TrainingOffer, String> {
        let request = TrainRequest { labels: label_source(labels), ..TrainRequest::default() };
        locked(&self.training.labels).clone_from(&request.labels);
        prospect(&self.opened()?.with_threads(share_of_threads()), &request)
            .map(offer)
            .map_err(|error| sentence(&error))
    }

    /// Begins a run; a reason against it ends it before it began, except that one is running already.
    fn begin(&self, what: What, gentle: bool, outbox: &Outbox) -> Result<(), String> {
        if self.training.helm().is_some() {
            return Err(ONE_AT_A_TIME.to_owned());
        }
        if let Err(why) = self.spawn(what, gentle, outbox) {
            tell(outbox, TrainingNews::Ended(Err(why)));
        }
        Ok(())
    }

    fn spawn(&self, what: What, gentle: bool, outbox: &Outbox) -> Result<(), String> {
        if self.training.is_left.load(Ordering::Relaxed) {
            return Ok(());
        }
        let wanted = outbox.clone();
        let helm = Arc::new(Helm::steered(move || wanted.is_wanted()));
        helm.gentle(gentle);
        let labels = match &what {
            What::New(request) => Some(request.labels.clone()),
            What::Resume(name) | What::Finish(name) => labels_of_run(&self.viewer_now()?, name)?,
        };
        // One that goes on may not know yet of labels that were said to be wrong since.
        helm.leave_out(self.training.wrong.said());
        let over = Arc::new(AtomicBool::new(false));
        let run = Run {
            over: Arc::clone(&over),
            library: Arc::clone(self.opened()?),
            neighbors: Arc::clone(&self.neighbors),
            helm: Arc::clone(&helm),
            indexed: Arc::clone(&self.training.indexed),
            outbox: outbox.clone(),
            wrong: Arc::clone(&self.training.wrong.photos),
            before: Arc::clone(&self.training.before),
            last: Arc::clone(&self.training.last),
        };
        self.training.last.forget();
        if let Some(labels) = labels {
            *locked(&self.training.labels) = labels;
        }
        let thread = thread::Builder::new().name("training".into()).spawn(move || run.go(what));
        let thread = thread.map_err(|error| format!("no thread can be started: {error}"))?;
        *locked(&self.training.running) = Some(Running { helm, over, thread });
        let watched = *locked(&self.training.watched);
        self.watch(watched);
        Ok(())
    }

    /// Lists pairs from now on, and those of the last step at once: a run that is paused takes no other.
    fn want_pairs(&self, wanted: bool, outbox: &Outbox) {
        if let Some(latest) = self.training.last.want_pairs(wanted, &self.training.wrong.photos) {
            tell(outbox, TrainingNews::Steps { rows: Vec::new(), latest: Box::new(latest) });
        }
    }

    /// Notes what is watched, and lets the run know.
    fn watch(&self, query: Option<PhotoId>) {
        *locked(&self.training.watched) = query;
        let Some(helm) = self.training.helm() else { return };
        let answer = query.and_then(|query| {
            let found = self.neighbors.ask(|searcher| searcher.nearest_to_photo(query, CANDIDATES));
            let answer = found.and_then(Result::ok)??.answer;
            let ranked = |n: &crate::neighbor::Neighbor| Ranked { photo: n.photo, distance: n.distance };
            Some((query, answer.neighbors.iter().map(ranked).collect::<Vec<_>>()))
        });
        let watched = answer.as_ref().map(|(query, ranked)| Watched {
            query: *query,
            among: ranked.iter().map(|ranked| ranked.photo).collect(),
        });
        // First what it is compared with: an answer may come at once.
        *locked(&self.training.before) = answer;
        helm.watch(watched);
    }
}

/// The trainings that can go on; `offers`: one that was cut off is offered at once.
fn unfinished(viewer: &Viewer, offers: bool) -> Result<TrainingNews, String> {
    let mut known = unfinished_trainings(viewer).map_err(|error| sentence(&error))?;
    let cut_off = offers && known.iter().any(|run| run.cut_off);
    // The one that was cut off is offered, so it comes first.
    known.sort_by_key(|run| !run.cut_off);
    let row = |run: crate::work::UnfinishedTraining| {
        // Names of models are printable: the store takes no others.
        UnfinishedRow { name: run.name, done: run.done, steps: run.steps }
    };
    Ok(TrainingNews::Unfinished { rows: known.into_iter().map(row).collect(), cut_off })
}
