//! A run from its request, or from its last checkpoint, to a new model.

use std::time::{Duration, Instant};

use candle_core::Device;

use super::checkpoints::{Checkpoints, newest};
use super::depth::{Chosen, choose};
use super::finish::{Ended, finish};
use super::pace::usual_rate;
use super::start::{Inputs, Start};
use super::{RunPlan, TrainRequest, TrainingEvent, TrainingPhotos, TrainingReport};
use crate::embedder::ModelFile;
use crate::embedding::EmbeddingMatrix;
use crate::eval::evaluate_by_scan;
use crate::library::PhotoId;
use crate::neighbor::Gallery;
use crate::store::RunRecord;
use crate::train::{Checkpoint, Command, Score, TrainConfig, TrainEvent, Trained, train};
use crate::work::each_photo::Job;
use crate::work::{Cancel, Library, WorkError, now_unix_s};

/// Hears what a training says; what it answers to [`TrainingEvent::Loop`] is done.
pub type TrainingObserver<'a> = dyn FnMut(TrainingEvent) -> Command + Send + 'a;

/// Trains a model as told and saves it. A first `cancel` finishes the step in hand and keeps the best so far.
pub fn train_model(
    library: &Library,
    request: &TrainRequest,
    cancel: &Cancel,
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
    let mut job = Job { threads: library.threads(), cancel, progress: &mut progress };
    let chosen = choose((library, &viewer), &request, &start, &mut photos, &mut job)?;
    let Chosen { depth, cut, inputs, steps, seconds_a_step, why } = chosen;
    let mut config = request.config.clone();
    config.settings.steps = steps;
    config.settings.learning_rate = request.learning_rate.unwrap_or_else(|| usual_rate(depth));
    config.settings.warmup = config.settings.warmup.min(steps / 4);
    config.validate().map_err(crate::train::TrainError::from)?;
    let parent = start.parent.record.as_ref().map(|record| record.id);
    let plan = RunPlan { request, photos, depth, cut, config, parent, parent_name: start.parent.name.clone() };
    observer(TrainingEvent::Planned(Box::new(plan.told(start.head.dim(), seconds_a_step, why))));
    let now = now_unix_s();
    let run = format!("{now}-{}", plan.request.name.as_deref().unwrap_or_default());
    let text = serde_json::to_string(&plan).map_err(|error| WorkError::Plan(error.to_string()))?;
    library.store().begin_run(&RunRecord { run: run.clone(), plan: text, created_unix_s: now })?;
    let going = Going { library, plan: &plan, run: &run, start: &start, inputs: &inputs, cancel };
    let ended = going.to_the_end(None, observer)?;
    finish(library, &viewer, (&plan, &run), (&start, ended), (began, cancel), observer)
}

/// The newest training that was cut off or stopped, if there is one: its name, steps done and steps in all.
pub fn unfinished_training(library: &Library) -> Result<Option<(String, u64, u64)>, WorkError> {
    let Some(record) = library.store().unfinished_runs()?.into_iter().next() else { return Ok(None) };
    let plan = read_plan(&record)?;
    let done = library.store().newest_checkpoint(&record.run)?.map_or(0, |(step, _)| step);
    Ok(Some((plan.request.name.unwrap_or_default(), done, plan.config.settings.steps)))
}

/// Goes on with the newest training that was cut off or stopped, exactly where its last checkpoint is.
pub fn resume_training(
    library: &Library,
    cancel: &Cancel,
    observer: &mut TrainingObserver<'_>,
) -> Result<TrainingReport, WorkError> {
    let began = Instant::now();
    library.require_writable(true)?;
    let viewer = library.viewer()?;
    let record = library.store().unfinished_runs()?.into_iter().next().ok_or(WorkError::NothingToResume)?;
    let mut plan = read_plan(&record)?;
    let checkpoint = newest(library, &record.run)?;
    let start = Start::of_run(&viewer, &plan, &checkpoint.start)?;
    if viewer.reader().check_new_model_name(plan.request.name.as_deref().unwrap_or_default()).is_err() {
        // The model that was saved when the run was stopped has the name: what comes of going on is another one.
        plan.request.name = Some(viewer.reader().free_model_name("tuned")?);
    }
    let mut inputs = Inputs::of(library, &viewer, &start, (plan.depth, plan.cut), &plan.photos.set.photos)?;
    let mut progress = |done, total| _ = observer(TrainingEvent::Preparing { done, total });
    let mut job = Job { threads: library.threads(), cancel, progress: &mut progress };
    let mut readable = plan.photos.clone();
    inputs.prepare(library, &start, (&mut readable, plan.request.activation_bytes), &mut job)?;
    if readable != plan.photos {
        return Err(WorkError::PhotosGone { run: plan.request.name.unwrap_or_default() });
    }
    observer(TrainingEvent::Planned(Box::new(plan.told(start.head.dim(), 0.0, None))));
    let going = Going { library, plan: &plan, run: &record.run, start: &start, inputs: &inputs, cancel };
    let ended = going.to_the_end(Some(&checkpoint), observer)?;
    finish(library, &viewer, (&plan, &record.run), (&start, ended), (began, cancel), observer)
}

fn read_plan(record: &RunRecord) -> Result<RunPlan, WorkError> {
    serde_json::from_str(&record.plan).map_err(|error| WorkError::Plan(error.to_string()))
}

/// A run about to go through the loop.
struct Going<'a> {
    library: &'a Library,
    plan: &'a RunPlan,
    run: &'a str,
    start: &'a Start,
    inputs: &'a Inputs<'a>,
    cancel: &'a Cancel,
}

impl Going<'_> {
    fn to_the_end(&self, resume: Option<&Checkpoint>, observer: &mut TrainingObserver<'_>) -> Result<Ended, WorkError> {
        let every = Duration::from_secs(self.plan.request.checkpoint_seconds);
        let mut checkpoints = Checkpoints::of(self.library, self.run, every);
        let ended = self.library.in_pool(|| self.in_pool(resume, &mut checkpoints, observer));
        let (file, trained) = ended?;
        Ok(Ended { file, trained, checkpoint_failed: checkpoints.failed() })
    }

    fn in_pool(
        &self,
        resume: Option<&Checkpoint>,
        checkpoints: &mut Checkpoints<'_>,
        observer: &mut TrainingObserver<'_>,
    ) -> Result<(ModelFile, Trained), WorkError> {
        let model = self.inputs.model(self.start, &Device::Cpu)?;
        let photos = &self.plan.photos;
        let ids: Vec<PhotoId> =
            photos.set.validation.iter().filter_map(|n| photos.set.photos.get(*n).copied()).collect();
        let labels: Vec<Option<u32>> = photos.validation_labels.iter().copied().map(Some).collect();
        let mut metric = |rows: &EmbeddingMatrix| score(&ids, rows, &labels, &self.plan.config);
        let mut hear = |event: TrainEvent| {
            let due = checkpoints.is_due(&event);
            if let TrainEvent::Snapshot(checkpoint) = &event {
                checkpoints.save(checkpoint);
            }
            let answer = observer(TrainingEvent::Loop(event));
            match answer {
                _ if self.cancel.is_cancelled() => Command::Stop,
                Command::Continue if due => Command::Snapshot,
                other => other,
            }
        };
        let trained = train(model.trainable(), &photos.set, &self.plan.config, resume, &mut metric, &mut hear)?;
        if trained.reason == crate::train::StopReason::Stopped {
            checkpoints.save(&trained.checkpoint);
        }
        let file = model.file(&trained.weights, self.start)?;
        Ok((file, trained))
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
