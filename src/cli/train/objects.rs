//! Events of a training as JSON objects, one a line.

use serde_json::{Value, json};

use crate::train::{StepReport, TrainEvent};
use crate::work::{TrainingPlan, TrainingReport};

/// What will be done.
pub(super) fn plan(plan: &TrainingPlan) -> Value {
    merged("plan", json!(plan))
}

/// What came of it: the last line.
pub(super) fn done(report: &TrainingReport) -> Value {
    merged("done", json!(report))
}

fn merged(event: &str, from: Value) -> Value {
    let mut object = json!({ "event": event });
    if let (Value::Object(into), Value::Object(from)) = (&mut object, from) {
        into.extend(from);
    }
    object
}

/// An event of the loop; `seconds` are those since the last step.
pub(super) fn of_event(event: &TrainEvent, seconds: f64) -> Value {
    match event {
        TrainEvent::Started { step, parameters, usable_labels, lone_labels } => json!({
            "event": "start", "step": step, "parameters": parameters, "usable_labels": usable_labels,
            "lone_labels": lone_labels,
        }),
        TrainEvent::Step(report) => of_step(report, report.photos as f64 / seconds.max(1e-9)),
        TrainEvent::Validated { step, score, best } => json!({
            "event": "eval", "split": "validation", "step": step, "recall_at_1": score.recall_at_1,
            "map_at_r": score.map_at_r, "best": best,
        }),
        TrainEvent::MixTried { mix, score } => json!({
            "event": "mix", "mix": mix, "recall_at_1": score.recall_at_1, "map_at_r": score.map_at_r,
        }),
        TrainEvent::Changed(settings) => json!({ "event": "changed", "settings": settings }),
        TrainEvent::LeftOut { out, back } => json!({ "event": "left_out", "out": out, "back": back }),
        TrainEvent::Refused { reason } => json!({ "event": "refused", "reason": reason }),
        TrainEvent::Restored { step, .. } => json!({ "event": "restored", "step": step }),
        TrainEvent::Snapshot(checkpoint) => json!({ "event": "checkpoint", "step": checkpoint.progress.step }),
    }
}

fn of_step(report: &StepReport, photos_per_second: f64) -> Value {
    let (statistics, census) = (&report.statistics, &report.statistics.census);
    let [hard, semi_hard, easy] = census.shares();
    json!({
        "event": "step", "step": report.step, "steps": report.steps,
        "loss": report.loss, "mined_loss": report.mined_loss, "user_loss": report.user_loss,
        "triplets": report.triplets, "dropped_pairs": report.dropped_pairs,
        "valid": census.valid, "active": census.active, "active_fraction": census.active_fraction(),
        "violating": census.hard, "violating_fraction": census.violating_fraction(),
        "hard": hard, "semi_hard": semi_hard, "easy": easy,
        "anchors": census.anchors, "skipped_anchors": census.skipped_anchors,
        "positive": statistics.positive, "negative": statistics.negative, "spread": statistics.spread,
        "lengths": report.lengths, "gradient_norm": report.gradient_norm, "learning_rate": report.learning_rate,
        "photos": report.photos, "photos_per_second": photos_per_second, "state": report.state,
        "suspects": report.suspects.iter().map(|(photo, share)| json!({ "photo": photo, "active": share })).collect::<Vec<_>>(),
    })
}
