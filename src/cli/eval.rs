//! `tripletui eval FOLDER`

use super::arguments::EvalArguments;
use super::exit::{Failure, Found};
use super::output::{Bar, json, line, printable_text};
use super::settings::Settings;
use crate::work::{EvalReport, EvalRequest, ModelChoice, Viewer, WorkError, evaluate};

/// The signal that Ctrl-C sends.
const INTERRUPTED: i32 = 2;

/// Evaluates one model and says how well it does.
pub(super) fn run(arguments: &EvalArguments, settings: &Settings) -> Result<Found, Failure> {
    let cancel = super::process::cancel_on_interrupt()?;
    let viewer = Viewer::open(&arguments.folder, &settings.library_options())?;
    let request = EvalRequest {
        model: arguments.model.as_deref().map_or(ModelChoice::Current, ModelChoice::named),
        labels: arguments.labels.clone(),
        split: arguments.split.into(),
        holdout: arguments.holdout,
        seed: arguments.seed,
    };
    let mut bar = Bar::new();
    let mut progress = |done, total| bar.show("embedding with the model", done, total);
    let report = match evaluate(&viewer, &request, settings.threads, &cancel, &mut progress) {
        Err(WorkError::Stopped) => return Err(Failure::Signal(INTERRUPTED)),
        report => report?,
    };
    bar.clear();
    if arguments.json {
        json(&report)?;
    } else {
        say(&report)?;
    }
    Ok(if report.report.queries > 0 { Found::Something } else { Found::Nothing })
}

fn say(report: &EvalReport) -> std::io::Result<()> {
    let r = &report.report;
    line(&format!(
        "model {}: {} queries, {} lone, {} labels",
        printable_text(&report.model),
        r.queries,
        r.lone,
        report.labels
    ))?;
    let rows = [
        ("Recall@1", r.recall_at_1, r.ci95.recall_at_1),
        ("Recall@5", r.recall_at_5, r.ci95.recall_at_5),
        ("Recall@10", r.recall_at_10, r.ci95.recall_at_10),
        ("R-precision", r.r_precision, r.ci95.r_precision),
        ("MAP@R", r.map_at_r, r.ci95.map_at_r),
    ];
    for (name, value, interval) in rows {
        line(&format!("{name:11}  {value:.3}  [{:.3}, {:.3}]", interval.0, interval.1))?;
    }
    report.notes.iter().try_for_each(|note| line(note))
}
