//! The end of a run: the verdict on held-out photos, the model in the store, and whether it answers from now on.

use std::time::Instant;

use serde_json::json;

use super::start::Start;
use super::{Adopt, Judgement, RunPlan, TrainingEvent, TrainingObserver, TrainingReport, evaluate_model};
use crate::embedder::ModelFile;
use crate::eval::Verdict;
use crate::store::{ModelFacts, ModelKind};
use crate::train::{Mix, StopReason, Trained};
use crate::work::each_photo::Job;
use crate::work::model::OpenModel;
use crate::work::{Cancel, Library, Viewer, WorkError, now_unix_s, use_model};

/// What the loop left.
pub(super) struct Ended {
    pub(super) file: ModelFile,
    pub(super) trained: Trained,
    pub(super) checkpoint_failed: Option<String>,
}

/// Judges, saves and adopts.
pub(super) fn finish(
    library: &Library,
    viewer: &Viewer,
    (plan, run): (&RunPlan, &str),
    (start, ended): (&Start, Ended),
    (began, cancel): (Instant, &Cancel),
    observer: &mut TrainingObserver<'_>,
) -> Result<TrainingReport, WorkError> {
    let Ended { file, trained, checkpoint_failed } = ended;
    let name = plan.request.name.clone().unwrap_or_default();
    let judgement = judge(library, viewer, plan, &[&start.model(), &OpenModel::of_file(viewer, &name, &file)?])?;
    let verdict = judgement.verdict();
    let mut report = TrainingReport {
        model: name,
        depth: plan.depth,
        steps: trained.checkpoint.progress.step,
        best_step: trained.best_step,
        mix: trained.mix,
        validation: trained.start_score.zip(trained.score),
        judgement,
        verdict,
        reason: trained.reason,
        in_use: false,
        seconds: began.elapsed().as_secs_f64(),
        checkpoint_failed,
    };
    let facts = ModelFacts {
        name: report.model.clone(),
        kind: ModelKind::Tuned,
        backbone: file.backbone.clone(),
        dim: file.head.dim() as u32,
        parent: plan.parent,
        config: json!({
            "request": plan.request, "depth": plan.depth, "cut": plan.cut, "config": plan.config,
            "photos": plan.photos.counts, "parent": plan.parent_name,
            "history": trained.checkpoint.progress.history,
        }),
        report: json!(report),
    };
    let model = library.store().insert_model(&facts, &file.to_bytes()?, now_unix_s())?;
    if trained.reason != StopReason::Stopped {
        library.store().end_run(run)?;
    }
    if adopts(plan.request.adopt, verdict, trained.mix) {
        let mut progress = |done, total| _ = observer(TrainingEvent::Embedding { done, total });
        // A stop now leaves the model saved and wanted: the next indexing run, or `models use`, goes on.
        let embedding = if trained.reason == StopReason::Stopped { Cancel::default() } else { cancel.clone() };
        match use_model(library, Some(model), &embedding, &mut progress) {
            Err(WorkError::Stopped) => {}
            used => used.map(|()| report.in_use = true)?,
        }
    }
    Ok(report)
}

fn judge(
    library: &Library,
    viewer: &Viewer,
    plan: &RunPlan,
    [before, after]: &[&OpenModel; 2],
) -> Result<Judgement, WorkError> {
    if plan.photos.held_out.is_empty() {
        return Ok(Judgement::default());
    }
    // The verdict is what the run was for: a stop does not keep it from being read.
    let (go_on, mut quiet, seed) = (Cancel::default(), |_, _| (), plan.config.seed);
    let mut evaluate = |model: &OpenModel| {
        let mut job = Job { threads: library.threads(), cancel: &go_on, progress: &mut quiet };
        evaluate_model(viewer, model, &plan.photos.held_out, &mut job)
    };
    let (before, after) = (evaluate(before)?, evaluate(after)?);
    Ok(Judgement {
        before: Some(before.report(seed)),
        after: Some(after.report(seed)),
        comparison: Some(after.compared_with(&before, seed)),
    })
}

/// A model that is worse, or that learned nothing, is not made current unless asked.
fn adopts(adopt: Adopt, verdict: Option<Verdict>, mix: Mix) -> bool {
    match adopt {
        Adopt::Always => true,
        Adopt::Never => false,
        Adopt::Auto => verdict != Some(Verdict::Worse) && mix != Mix::Start,
    }
}
