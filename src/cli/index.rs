//! `tripletui index FOLDER`

use super::arguments::IndexArguments;
use super::exit::{Failure, Found};
use super::output::{IndexBar, json, line, shown};
use super::settings::Settings;
use crate::store::Access;
use crate::work::{IndexReport, Library, WorkError, index, refresh_models};

/// The signal that Ctrl-C sends.
const INTERRUPTED: i32 = 2;

/// Brings the index up to date and says what was done.
pub(super) fn run(arguments: &IndexArguments, settings: &Settings) -> Result<Found, Failure> {
    let cancel = super::process::cancel_on_interrupt()?;
    let library = Library::open(&arguments.folder, &settings.library_options())?;
    let mut bar = IndexBar::new();
    let report = index(&library, &cancel, &mut |event| bar.show(&event));
    bar.finish();
    let report = report?;
    if !report.stopped && library.access() == Access::ReadWrite {
        match refresh_models(&library, &cancel, &mut |done, total| bar.embedding(done, total)) {
            Err(WorkError::Stopped) => return Err(Failure::Signal(INTERRUPTED)),
            refreshed => refreshed.map(|_| ())?,
        }
        bar.finish();
    }
    if arguments.json {
        json(&report)?;
    } else {
        say(&report)?;
    }
    if report.stopped {
        return Err(Failure::Signal(INTERRUPTED));
    }
    Ok(if report.photos > 0 { Found::Something } else { Found::Nothing })
}

fn say(report: &IndexReport) -> std::io::Result<()> {
    if report.photos == 0 {
        line("there are no photos in this folder that can be used")?;
    }
    line(&format!(
        "{} photos, {} copies, {} embedded, {} reused, {} skipped, {} other files ignored",
        report.photos,
        report.copies,
        report.embedded,
        report.reused,
        report.skipped.len(),
        report.ignored
    ))?;
    line(&format!(
        "{:.1} s, {:.1} photos/s, {} MB of memory at most",
        report.seconds, report.photos_per_second, report.peak_rss_mb
    ))?;
    for skipped in &report.skipped {
        line(&format!("skipped {}: {}", shown(&skipped.path), skipped.reason))?;
    }
    if report.stopped {
        line("stopped before the end; run it again to go on from here")?;
    }
    Ok(())
}
