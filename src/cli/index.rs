//! `tripletui index FOLDER`

use serde::Serialize;

use super::arguments::IndexArguments;
use super::exit::{Failure, Found, INTERRUPTED};
use super::neighbor_figures::NeighborFigures;
use super::output::{Bar, json, line, shown};
use super::settings::Settings;
use crate::store::Access;
use crate::work::{
    AuditRecord, Cancel, IndexReport, Library, Searcher, WorkError, index, refresh_models, refresh_neighbors,
};

/// The figures of the run with those of the neighbour index.
#[derive(Serialize)]
struct Reply<'a> {
    #[serde(flatten)]
    report: &'a IndexReport,
    neighbors: Option<NeighborFigures>,
}

/// Brings the index up to date and says what was done.
pub(super) fn run(arguments: &IndexArguments, settings: &Settings) -> Result<Found, Failure> {
    let cancel = super::process::cancel_on_interrupt()?;
    let library = Library::open(&arguments.folder, &settings.library_options())?;
    let mut bar = Bar::new();
    let report = index(&library, &cancel, &mut |event| bar.show_indexing(&event));
    bar.clear();
    let report = report?;
    let mut searcher = None;
    if !report.stopped && library.access() == Access::ReadWrite {
        bar = Bar::new();
        refresh_models(&library, &cancel, &mut |done, total| bar.show("embedding with the model", done, total))?;
        bar.clear();
        searcher = refresh_neighbors(&library, &cancel)?;
    }
    let audit = match (searcher.as_mut(), arguments.audit) {
        (Some(searcher), Some(queries)) => Some(audit(searcher, &library, queries.get(), &cancel)?),
        _ => None,
    };
    let neighbors = searcher.as_ref().map(NeighborFigures::of);
    if arguments.json {
        json(&Reply { report: &report, neighbors })?;
    } else {
        say(&report)?;
        neighbors.as_ref().map_or(Ok(()), NeighborFigures::say)?;
    }
    if report.stopped || cancel.is_cancelled() {
        return Err(Failure::Signal(INTERRUPTED));
    }
    if let Some(record) = audit.filter(AuditRecord::is_broken) {
        let asked = searcher.as_ref().map_or_else(Vec::new, |searcher| searcher.paths_of(&record.audit.disagreements));
        let asked = asked.iter().map(|path| shown(path)).collect::<Vec<_>>().join(", ");
        return Err(Failure::usage(format!("the neighbours are {}; photos asked about: {asked}", record.in_words())));
    }
    Ok(if report.photos > 0 { Found::Something } else { Found::Nothing })
}

/// Audits the index, to its end or until Ctrl-C.
fn audit(
    searcher: &mut Searcher,
    library: &Library,
    queries: usize,
    cancel: &Cancel,
) -> Result<AuditRecord, WorkError> {
    let found = searcher.audit(queries, 0, &mut |_| !cancel.is_cancelled())?;
    searcher.take_down(found, Some(library))
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
