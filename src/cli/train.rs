//! `tripletui train FOLDER`

mod objects;
mod teller;

use super::arguments::TrainArguments;
use super::exit::{Failure, Found, INTERRUPTED};
use super::output::{json, line};
use super::settings::Settings;
use crate::eval::Report;
use crate::train::{Command, StopReason, TrainConfig};
use crate::work::{
    Helm, Library, TrainRequest, TrainingEvent, TrainingReport, Viewer, finish_training, resume_training, train_model,
    unfinished_trainings,
};
use teller::Teller;

/// Trains, says how it goes, and what came of it.
pub(super) fn run(arguments: &TrainArguments, settings: &Settings) -> Result<Found, Failure> {
    if arguments.unfinished {
        return list_unfinished(arguments, settings);
    }
    let cancel = super::process::cancel_on_interrupt()?;
    let library = Library::open(&arguments.folder, &settings.library_options())?;
    let (helm, mut teller) = (Helm::of(&cancel), Teller::new(arguments.json));
    let mut hear = |event: TrainingEvent| {
        if let Err(error) = teller.tell(&event) {
            // Nobody reads any more: finish as after Ctrl-C.
            tracing::warn!("the output is gone: {error}");
            cancel.cancel();
        }
        Command::Continue
    };
    let named = |name: &'_ str| (!name.is_empty()).then(|| name.to_owned());
    let report = match (&arguments.resume, &arguments.finish) {
        (Some(name), _) => resume_training(&library, named(name).as_deref(), &helm, &mut hear)?,
        (_, Some(name)) => finish_training(&library, named(name).as_deref(), &helm, &mut hear)?,
        _ => train_model(&library, &request(arguments), &helm, &mut hear)?,
    };
    teller.finish();
    if arguments.json {
        json(&objects::done(&report))?;
    } else {
        say(&report)?;
    }
    if report.resumable { Err(Failure::Signal(INTERRUPTED)) } else { Ok(Found::Something) }
}

fn list_unfinished(arguments: &TrainArguments, settings: &Settings) -> Result<Found, Failure> {
    let trainings = unfinished_trainings(&Viewer::open(&arguments.folder, &settings.library_options())?)?;
    for training in &trainings {
        if arguments.json {
            json(training)?;
        } else {
            let name = super::output::printable_text(&training.name);
            line(&format!("{name}: {} of {} steps done; --resume='{name}' goes on", training.done, training.steps))?;
        }
    }
    Ok(if trainings.is_empty() { Found::Nothing } else { Found::Something })
}

fn request(arguments: &TrainArguments) -> TrainRequest {
    let defaults = TrainRequest::default();
    let mut config = TrainConfig { seed: arguments.seed, ..defaults.config };
    let settings = &mut config.settings;
    settings.labels_per_batch = arguments.labels_per_batch.unwrap_or(settings.labels_per_batch);
    settings.photos_per_label = arguments.photos_per_label.unwrap_or(settings.photos_per_label);
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
        StopReason::Stopped if report.resumable => "stopped; --resume goes on from here",
        StopReason::Stopped => "ended where it was stopped",
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
        None if report.saved => line("no verdict: no photo with another of its label was held out")?,
        None => {}
    }
    let used = match (report.in_use, report.saved) {
        (true, _) => "answers from now on",
        (_, true) => "is saved, but not in use",
        _ => "is not saved: nothing had got better than at the start",
    };
    line(&format!("model `{}` {used}", super::output::printable_text(&report.model)))?;
    if let Some(reason) = &report.checkpoint_failed {
        line(&format!("its last checkpoint could not be saved: {reason}"))?;
    }
    Ok(())
}
