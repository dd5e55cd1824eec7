//! A run from its request, or from its last checkpoint, to a new model.

use std::time::{Duration, Instant};

use super::checkpoints::Checkpoints;
use super::depth::{Chosen, choose};
use super::finish::{Ended, finish};
use super::helm::End;
use super::live::Live;
use super::pace::{note_key, usual_rate};
use super::start::{Inputs, Start};
use super::steer::Steer;
use super::unfinished::Unfinished;
use super::{RunPlan, TrainRequest, TrainingEvent, TrainingPhotos, TrainingPlan, TrainingReport};
use crate::embedder::ModelFile;
use crate::embedding::EmbeddingMatrix;
use crate::eval::evaluate_by_scan;
use crate::library::PhotoId;
use crate::neighbor::Gallery;
use crate::store::RunRecord;
use crate::train::{Checkpoint, Command, Score, StopReason, TrainConfig, Trained, train};
use crate::work::each_photo::Job;
use crate::work::{Helm, Library, WorkError, now_unix_s};

/// Hears what a training says; what it answers to [`TrainingEvent::Loop`] is done.
pub type TrainingObserver<'a> = dyn FnMut(TrainingEvent) -> Command + Send + 'a;

/// Trains a model as told and saves it. What is wished at the `helm` is done between two steps.
pub fn train_model(
    library: &Library,
    request: &TrainRequest,
    helm: &Helm,
    observer: &mut TrainingObserver<'_>,
) -> Result<TrainingReport, WorkError> {
    let began = Instant::now();
    library.require_writable(true)?;
    let viewer = library.viewer()?;
    let mut request = request.clone();
    if let Some(rate) = request.learning_rate {
        request.config.settings.learning_rate = rate;
    }
    request.config.validate().map_err(crate::train::TrainError::from)?;
    let name = match request.name.take() {
        Some(name) => viewer.reader().check_new_model_name(&name).map(|()| name)?,
        None => viewer.reader().free_model_name("tuned")?,
    };
    request.name = Some(name);
    let start = Start::of(&viewer, &request)?;
    let mut photos = TrainingPhotos::of(&viewer, &request)?;
    let mut progress = |done, total| _ = observer(TrainingEvent::Preparing { done, total });
    let mut job = Job { threads: library.threads(), cancel: helm.cancel(), progress: &mut progress };
    let chosen = choose((library, &viewer), &request, &start, &mut photos, &mut job)?;
    let Chosen { depth, cut, inputs, steps, seconds_a_step, why } = chosen;
    let mut config = request.config.clone();
    config.settings.steps = steps;
    config.settings.learning_rate = request.learning_rate.unwrap_or_else(|| usual_rate(depth));
    config.settings.warmup = config.settings.warmup.min(steps / 4);
    config.validate().map_err(crate::train::TrainError::from)?;
    let parent = start.parent.record.as_ref().map(|record| record.id);
    let parent_name = start.parent.name.clone();
    let plan = RunPlan { request, photos, depth, cut, config, parent, parent_name, stopped: false };
    observer(TrainingEvent::Planned(Box::new(plan.told(start.head.dim(), seconds_a_step, why))));
    let now = now_unix_s();
    let run = format!("{now}-{}", plan.request.name.as_deref().unwrap_or_default());
    library.store().begin_run(&RunRecord { run: run.clone(), plan: plan.text()?, created_unix_s: now })?;
    let going = Going { library, plan: &plan, run: &run, start: &start, inputs: &inputs, helm };
    let ended = going.to_the_end(None, observer)?;
    finish(library, &viewer, (&plan, &run), (&start, ended), (began, helm), observer)
}

/// Goes on with a training that was cut off or stopped, exactly where its last checkpoint is: the one that was to make
/// the model `name`, or the newest.
pub fn resume_training(
    library: &Library,
    name: Option<&str>,
    helm: &Helm,
    observer: &mut TrainingObserver<'_>,
) -> Result<TrainingReport, WorkError> {
    let began = Instant::now();
    library.require_writable(true)?;
    let viewer = library.viewer()?;
    let Unfinished { run, mut plan, checkpoint, start } = Unfinished::open(library, &viewer, name)?;
    let mut inputs = Inputs::of(library, &viewer, &start, (plan.depth, plan.cut), &plan.photos.set.photos)?;
    let mut progress = |done, total| _ = observer(TrainingEvent::Preparing { done, total });
    let mut job = Job { threads: library.threads(), cancel: helm.cancel(), progress: &mut progress };
    let mut readable = plan.photos.clone();
    let (limit, labels) = (plan.request.activation_bytes, &plan.request.labels);
    let prepared = inputs.prepare(library, &start, (&mut readable, labels), limit, &mut job);
    if readable.set != plan.photos.set {
        return Err(WorkError::PhotosGone { run: plan.request.name.unwrap_or_default() });
    }
    prepared?;
    let (config, done) = (checkpoint.progress.config.clone(), checkpoint.progress.step);
    let told = TrainingPlan { done, config, ..plan.told(start.head.dim(), 0.0, None) };
    observer(TrainingEvent::Planned(Box::new(told)));
    if plan.stopped {
        plan.stopped = false;
        library.store().replan_run(&run, &plan.text()?)?;
    }
    let going = Going { library, plan: &plan, run: &run, start: &start, inputs: &inputs, helm };
    let ended = going.to_the_end(Some(&checkpoint), observer)?;
    finish(library, &viewer, (&plan, &run), (&start, ended), (began, helm), observer)
}

/// A run about to go through the loop.
struct Going<'a> {
    library: &'a Library,
    plan: &'a RunPlan,
    run: &'a str,
    start: &'a Start,
    inputs: &'a Inputs<'a>,
    helm: &'a Helm,
}

impl Going<'_> {
    fn to_the_end(&self, resume: Option<&Checkpoint>, observer: &mut TrainingObserver<'_>) -> Result<Ended, WorkError> {
        let every = Duration::from_secs(self.plan.request.checkpoint_seconds);
        let mut checkpoints = Checkpoints::of(self.library, self.run, every, resume.is_some());
        let ended = self.library.in_pool(|| self.in_pool(resume, &mut checkpoints, observer));
        let (file, trained) = ended?;
        let resumable = trained.reason == StopReason::Stopped && !self.helm.is_discarded();
        if resumable {
            let stopped = RunPlan { stopped: true, ..self.plan.clone() };
            self.library.store().replan_run(self.run, &stopped.text()?)?;
        }
        Ok(Ended { file, trained, checkpoint_failed: checkpoints.failed(), resumable })
    }

    /// Notes how long steps took, for the next time somebody asks.
    fn note_pace(&self, seconds_a_photo: Option<f64>) {
        let (library, network) = (self.library, &self.start.parent.network);
        let Some(seconds) = seconds_a_photo else { return };
        let base = network.lite().map_or_else(|| network.id(), crate::embedder::Lite::base_id);
        let key = note_key(self.plan.depth, base, library.threads());
        if let Err(error) = library.store().set_note(&key, &seconds.to_string()) {
            tracing::warn!("the pace is not noted: {error}");
        }
    }

    fn in_pool(
        &self,
        resume: Option<&Checkpoint>,
        checkpoints: &mut Checkpoints<'_>,
        observer: &mut TrainingObserver<'_>,
    ) -> Result<(ModelFile, Trained), WorkError> {
        let model = self.inputs.model(self.start)?;
        let photos = &self.plan.photos;
        let ids: Vec<PhotoId> =
            photos.set.validation.iter().filter_map(|n| photos.set.photos.get(*n).copied()).collect();
        let labels: Vec<Option<u32>> = photos.validation_labels.iter().copied().map(Some).collect();
        let mut metric = |rows: &EmbeddingMatrix| score(&ids, rows, &labels, &self.plan.config);
        let settings = resume.map_or(self.plan.config.settings, |checkpoint| checkpoint.progress.config.settings);
        let live = Live::new(self.library, self.plan, self.start);
        let mut steer = Steer::new(self.helm, checkpoints, (&live, &model, photos), observer, settings);
        let trained = std::thread::scope(|scope| {
            let _over = Over(self.helm);
            if self.helm.is_steered() {
                scope.spawn(|| live.prepare(self.helm));
            }
            let hear = &mut |event| steer.hear(event);
            train(model.trainable(), &photos.set, &self.plan.config, resume, &mut metric, hear)
        })?;
        let (is_good, end) = (steer.is_good(), self.helm.ends());
        self.note_pace(steer.seconds_a_photo());
        let goes_on = trained.reason == StopReason::Stopped || end == Some(End::Leave);
        if goes_on && end != Some(End::Discard) && is_good {
            checkpoints.save(&trained.checkpoint);
        }
        if end == Some(End::Leave) {
            return Err(WorkError::Stopped);
        }
        let file = model.file(&trained.weights, self.start)?;
        Ok((file, trained))
    }
}

/// Tells the helm that the last step is taken, whatever came of it.
struct Over<'a>(&'a Helm);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Retrieval on the validation photos, each query and gallery.
fn score(
    ids: &[PhotoId],
    rows: &EmbeddingMatrix,
    labels: &[Option<u32>],
    config: &TrainConfig,
) -> Result<Score, String> {
    let gallery = Gallery::new(ids.to_vec(), rows.clone()).map_err(|error| error.to_string())?;
    let evaluation = evaluate_by_scan(&std::sync::Arc::new(gallery), labels).map_err(|error| error.to_string())?;
    Ok(Score::from(&evaluation.report(config.seed)))
}
