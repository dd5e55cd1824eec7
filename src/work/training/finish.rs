//! The end of a run: the verdict on held-out photos, the model in the store, and whether it answers from now on.

use std::time::Instant;

use serde_json::json;

use super::start::Start;
use super::{Adopt, Judgement, RunPlan, TrainingEvent, TrainingObserver, TrainingReport, evaluate_models};
use crate::embedder::ModelFile;
use crate::eval::Verdict;
use crate::store::{ModelFacts, ModelKind};
use crate::train::{Mix, StopReason, Trained};
use crate::work::each_photo::Job;
use crate::work::model::OpenModel;
use crate::work::{Cancel, Helm, Library, Viewer, WorkError, now_unix_s, use_model};

/// What the loop left.
pub(super) struct Ended {
    pub(super) file: ModelFile,
    pub(super) trained: Trained,
    pub(super) checkpoint_failed: Option<String>,
    /// Whether it can go on from its last checkpoint.
    pub(super) resumable: bool,
}

/// Judges, saves and adopts.
pub(super) fn finish(
    library: &Library,
    viewer: &Viewer,
    (plan, run): (&RunPlan, &str),
    (start, ended): (&Start, Ended),
    (began, helm): (Instant, &Helm),
    observer: &mut TrainingObserver<'_>,
) -> Result<TrainingReport, WorkError> {
    let Ended { file, trained, checkpoint_failed, resumable } = ended;
    let name = plan.request.name.clone().unwrap_or_default();
    // Of a run that was stopped before anything got better there is nothing to keep but the run itself.
    let saved = trained.reason != StopReason::Stopped || trained.mix != Mix::Start;
    let judgement = if saved {
        judge(library, viewer, plan, &[&start.model(), &OpenModel::of_file(viewer, &name, &file)?])?
    } else {
        Judgement::default()
    };
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
        resumable,
        saved,
        in_use: false,
        seconds: began.elapsed().as_secs_f64(),
        checkpoint_failed,
    };
    if !saved {
        if !resumable {
            library.store().end_run(run)?;
        }
        return Ok(report);
    }
    let facts = ModelFacts {
        name: report.model.clone(),
        kind: ModelKind::Tuned,
        backbone: file.backbone.clone(),
        dim: file.head.dim() as u32,
        parent: plan.parent,
        config: json!({
            "request": plan.request, "depth": plan.depth, "cut": plan.cut, "config": plan.config,
            "photos": plan.photos.counts, "parent": plan.parent_name,
            "history": trained.checkpoint.progress.history, "left_out": trained.checkpoint.progress.left_out,
        }),
        report: json!({
            "before": report.judgement.before, "after": report.judgement.after, "comparison": report.judgement.comparison,
            "verdict": report.verdict, "validation": report.validation, "mix": report.mix, "reason": report.reason,
            "steps": report.steps, "best_step": report.best_step, "seconds": report.seconds,
        }),
    };
    let model = library.store().insert_model(&facts, &file.to_bytes()?, now_unix_s())?;
    if !resumable {
        library.store().end_run(run)?;
    }
    if adopts(plan.request.adopt, verdict, trained.mix) {
        let mut progress = |done, total| _ = observer(TrainingEvent::Embedding { done, total });
        // A stop now leaves the model saved and wanted: the next indexing run, or `models use`, goes on.
        let embedding = if trained.reason == StopReason::Stopped { Cancel::default() } else { helm.cancel().clone() };
        match use_model(library, Some(model), &embedding, &mut progress) {
            Err(WorkError::Stopped) => {}
            used => used.map(|()| report.in_use = true)?,
        }
    }
    Ok(report)
}

fn judge(library: &Library, viewer: &Viewer, plan: &RunPlan, models: &[&OpenModel; 2]) -> Result<Judgement, WorkError> {
    if !plan.photos.can_judge() {
        return Ok(Judgement::default());
    }
    // The verdict is what the run was for: a stop does not keep it from being read.
    let (go_on, mut quiet, seed) = (Cancel::default(), |_, _| (), plan.config.seed);
    let mut job = Job { threads: library.threads(), cancel: &go_on, progress: &mut quiet };
    let evaluations = evaluate_models(viewer, models, &plan.photos.held_out, &mut job)?;
    let [before, after] = evaluations.as_slice() else { return Ok(Judgement::default()) };
    Ok(Judgement {
        before: Some(before.report(seed)),
        after: Some(after.report(seed)),
        comparison: Some(after.compared_with(before, seed)),
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
