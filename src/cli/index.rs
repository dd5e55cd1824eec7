//! `tripletui index FOLDER`

use super::arguments::IndexArguments;
use super::exit::{Failure, Found};
use super::output::{IndexBar, json, line, shown};
use super::settings::Settings;
use crate::store::Access;
use crate::work::{Cancel, IndexReport, Library, index, refresh_models};

/// Brings the index up to date and says what was done.
pub(super) fn run(arguments: &IndexArguments, settings: &Settings, cancel: &Cancel) -> Result<Found, Failure> {
    let library = Library::open(&arguments.folder, &settings.library_options())?;
    let mut bar = IndexBar::new();
    let report = index(&library, cancel, &mut |event| bar.show(&event));
    bar.finish();
    let report = report?;
    if !report.stopped && library.access() == Access::ReadWrite {
        refresh_models(&library)?;
    }
    if arguments.json {
        json(&report)?;
    } else {
        say(&report)?;
    }
    Ok(if report.photos > 0 { Found::Something } else { Found::Nothing })
}

fn say(report: &IndexReport) -> std::io::Result<()> {
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
