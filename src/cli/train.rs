//! `tripletui train FOLDER`

mod objects;
mod teller;

use super::arguments::TrainArguments;
use super::exit::{Failure, Found};
use super::output::{json, line};
use super::settings::Settings;
use crate::eval::Report;
use crate::train::{Command, StopReason, TrainConfig};
use crate::work::{Library, TrainRequest, TrainingEvent, TrainingReport, resume_training, train_model};
use teller::Teller;

/// The signal that Ctrl-C sends.
const INTERRUPTED: i32 = 2;

/// Trains, says how it goes, and what came of it.
pub(super) fn run(arguments: &TrainArguments, settings: &Settings) -> Result<Found, Failure> {
    let cancel = super::process::cancel_on_interrupt()?;
    let library = Library::open(&arguments.folder, &settings.library_options())?;
    let mut teller = Teller::new(arguments.json);
    let mut hear = |event: TrainingEvent| {
        if let Err(error) = teller.tell(&event) {
            // Nobody reads any more: finish as after Ctrl-C.
            tracing::warn!("the output is gone: {error}");
            cancel.cancel();
        }
        Command::Continue
    };
    let report = if arguments.resume {
        resume_training(&library, &cancel, &mut hear)?
    } else {
        train_model(&library, &request(arguments), &cancel, &mut hear)?
    };
    teller.finish();
    if arguments.json {
        json(&objects::done(&report))?;
    } else {
        say(&report)?;
    }
    if report.reason == StopReason::Stopped { Err(Failure::Signal(INTERRUPTED)) } else { Ok(Found::Something) }
}

fn request(arguments: &TrainArguments) -> TrainRequest {
    let defaults = TrainRequest::default();
    let mut config = TrainConfig { seed: arguments.seed, ..defaults.config };
    config.labels_per_batch = arguments.labels_per_batch.unwrap_or(config.labels_per_batch);
    config.photos_per_label = arguments.photos_per_label.unwrap_or(config.photos_per_label);
    let settings = &mut config.settings;
    settings.mining = arguments.mining.map_or(settings.mining, Into::into);
    settings.distance = arguments.distance.map_or(settings.distance, Into::into);
    settings.margin = arguments.margin.unwrap_or(settings.margin);
    settings.weight_decay = arguments.weight_decay.unwrap_or(settings.weight_decay);
    TrainRequest {
        labels: arguments.labels.clone(),
        split: arguments.split.into(),
        holdout: arguments.holdout,
        depth: arguments.depth.map(Into::into),
        cut: arguments.cut,
        dim: arguments.dim.map_or(defaults.dim, usize::from),
        length: arguments.length(),
        learning_rate: arguments.lr,
        config,
        name: arguments.name.clone(),
        parent: arguments.from.clone(),
        adopt: arguments.adopt.into(),
        activation_bytes: arguments.activation_bytes(),
        checkpoint_seconds: arguments.checkpoint_seconds,
    }
}

fn say(report: &TrainingReport) -> std::io::Result<()> {
    let reason = match report.reason {
        StopReason::Finished => "all steps taken",
        StopReason::EarlyStopping => "validation no longer got better",
        StopReason::Stopped => "stopped; --resume goes on from here",
        StopReason::Collapsed => "collapsed: all photos fell into one place; the best weights before that are kept",
        StopReason::Diverged => "diverged: something was no longer a number; the best weights before that are kept",
    };
    line(&format!("{} steps in {:.0} s: {reason}", report.steps, report.seconds))?;
    let judged = &report.judgement;
    if let (Some(before), Some(after)) = (&judged.before, &judged.after) {
        let row = |name: &str, r: &Report| {
            format!(
                "{name}  Recall@1 {:.3} [{:.3}, {:.3}]  MAP@R {:.3} [{:.3}, {:.3}]",
                r.recall_at_1,
                r.ci95.recall_at_1.0,
                r.ci95.recall_at_1.1,
                r.map_at_r,
                r.ci95.map_at_r.0,
                r.ci95.map_at_r.1
            )
        };
        line(&format!("on {} held-out photos ({} lone):", after.queries, after.lone))?;
        line(&row("before", before))?;
        line(&row("after ", after))?;
    }
    match report.verdict {
        Some(verdict) => line(&format!("verdict: {verdict}"))?,
        None => line("no verdict: no photo was held out")?,
    }
    let used = if report.in_use { "answers from now on" } else { "is saved, but not in use" };
    line(&format!("model `{}` {used}", super::output::printable_text(&report.model)))?;
    if let Some(reason) = &report.checkpoint_failed {
        line(&format!("its last checkpoint could not be saved: {reason}"))?;
    }
    Ok(())
}
