//! Trainings that were cut off or stopped: told, gone on with, or ended where they stand.

use std::time::Instant;

use serde::Serialize;

use super::checkpoints::newest;
use super::finish::{Ended, finish};
use super::start::{Inputs, Start};
use super::{RunPlan, TrainingObserver, TrainingReport};
use crate::store::RunRecord;
use crate::teach::LabelSource;
use crate::train::{Checkpoint, Mix, StopReason, Trained, Weights};
use crate::work::{Helm, Library, Viewer, WorkError};

/// A training that was cut off or stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnfinishedTraining {
    /// The model it is to make.
    pub name: String,
    /// Steps done at its last checkpoint.
    pub done: u64,
    /// Steps in all.
    pub steps: u64,
    /// Whether nobody stopped it: it was killed, or the program was left.
    pub cut_off: bool,
    /// Where its labels come from.
    pub labels: LabelSource,
}

/// All of them, newest first.
pub fn unfinished_trainings(viewer: &Viewer) -> Result<Vec<UnfinishedTraining>, WorkError> {
    let told = |record: RunRecord| {
        let plan = read_plan(&record)?;
        let done = viewer.reader().newest_checkpoint_step(&record.run)?.unwrap_or(0);
        let (name, steps) = (plan.request.name.unwrap_or_default(), plan.config.settings.steps);
        Ok(UnfinishedTraining { name, done, steps, cut_off: !plan.stopped, labels: plan.request.labels })
    };
    viewer.reader().unfinished_runs()?.into_iter().map(told).collect()
}

/// Ends a training that was cut off or stopped (that of the model `name`, or the newest) where it stands: the best weights
/// at its last checkpoint become the model, also when photos of it have gone meanwhile. Nothing is saved when nothing had
/// got better.
pub fn finish_training(
    library: &Library,
    name: Option<&str>,
    helm: &Helm,
    observer: &mut TrainingObserver<'_>,
) -> Result<TrainingReport, WorkError> {
    let began = Instant::now();
    library.require_writable(true)?;
    let viewer = library.viewer()?;
    let Unfinished { run, plan, checkpoint, start } = Unfinished::open(library, &viewer, name)?;
    let inputs = Inputs::of(library, &viewer, &start, (plan.depth, plan.cut), &plan.photos.set.photos)?;
    let trained = as_it_stands(checkpoint);
    let file = library.in_pool(|| inputs.model(&start)?.file(&trained.weights, &start))?;
    let ended = Ended { file, trained, checkpoint_failed: None, resumable: false };
    finish(library, &viewer, (&plan, &run), (&start, ended), (began, helm), observer)
}

/// Forgets a training that was cut off or stopped, with its checkpoints: that of the model `name`.
pub fn forget_training(library: &Library, name: &str) -> Result<(), WorkError> {
    library.require_writable(true)?;
    let run = find(&library.viewer()?, Some(name))?.0;
    Ok(library.store().end_run(&run)?)
}

/// The best weights of a checkpoint, without trying mixes: that needs the photos.
fn as_it_stands(checkpoint: Checkpoint) -> Trained {
    let progress = &checkpoint.progress;
    let (mix, weights): (Mix, &Weights) = match (progress.best, &checkpoint.best) {
        (Some(best), Some(weights)) if best.step > 0 => (Mix::Best, weights),
        (None, _) if progress.step > 0 => (Mix::Last, &checkpoint.weights),
        _ => (Mix::Start, &checkpoint.start),
    };
    Trained {
        weights: weights.clone(),
        mix,
        score: progress.best.map(|best| best.score),
        start_score: progress.start_score,
        best_step: progress.best.map_or(progress.step, |best| best.step),
        reason: StopReason::Stopped,
        checkpoint,
    }
}

/// A run with its last checkpoint, ready to go on.
pub(super) struct Unfinished {
    pub(super) run: String,
    pub(super) plan: RunPlan,
    pub(super) checkpoint: Checkpoint,
    pub(super) start: Start,
}

impl Unfinished {
    /// That of the model `name`, or the newest.
    pub(super) fn open(library: &Library, viewer: &Viewer, name: Option<&str>) -> Result<Self, WorkError> {
        let (run, plan) = find(viewer, name)?;
        Self::of(library, viewer, run, plan)
    }

    fn of(library: &Library, viewer: &Viewer, run: String, mut plan: RunPlan) -> Result<Self, WorkError> {
        let checkpoint = newest(library, &run)?;
        let start = Start::of_run(viewer, &plan, &checkpoint.start)?;
        if viewer.reader().check_new_model_name(plan.request.name.as_deref().unwrap_or_default()).is_err() {
            // The model that was saved when the run was stopped has the name: what comes of going on is another one.
            plan.request.name = Some(viewer.reader().free_model_name("tuned")?);
        }
        Ok(Self { run, plan, checkpoint, start })
    }
}

/// The run of the model `name`, or the newest.
fn find(viewer: &Viewer, name: Option<&str>) -> Result<(String, RunPlan), WorkError> {
    let mut known = Vec::new();
    for record in viewer.reader().unfinished_runs()? {
        let plan = read_plan(&record)?;
        let of = plan.request.name.clone().unwrap_or_default();
        if name.is_none_or(|name| name == of) {
            return Ok((record.run, plan));
        }
        known.push(of);
    }
    match name {
        Some(name) if !known.is_empty() => Err(WorkError::NoSuchRun { name: name.to_owned(), known: known.join(", ") }),
        _ => Err(WorkError::NothingToResume),
    }
}

fn read_plan(record: &RunRecord) -> Result<RunPlan, WorkError> {
    serde_json::from_str(&record.plan).map_err(|error| WorkError::Plan(error.to_string()))
}
