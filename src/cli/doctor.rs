//! `tripletui doctor`: what this program finds on this machine.

use std::env;
use std::io::{self, IsTerminal};
use std::path::Path;

use serde::Serialize;

use super::arguments::DoctorArguments;
use super::exit::{Failure, Found};
use super::neighbor_figures::NeighborFigures;
use super::output::{json, line};
use super::settings::Settings;
use crate::embedder::simd_level;
use crate::neighbor::Method;
use crate::work::{ModelChoice, Searcher, Viewer, folder_bytes};

#[derive(Serialize)]
struct Report {
    version: &'static str,
    terminal: Terminal,
    threads: usize,
    cores: usize,
    simd: String,
    device: String,
    features: Vec<&'static str>,
    data_dir: String,
    data_bytes: u64,
    cache_dir: String,
    cache_bytes: u64,
    library: Option<LibraryReport>,
}

#[derive(Serialize)]
struct Terminal {
    term: String,
    is_tty: bool,
    columns: Option<u16>,
    rows: Option<u16>,
    images: String,
    color: bool,
}

#[derive(Serialize)]
struct LibraryReport {
    folder: String,
    backbone: String,
    photos: usize,
    skipped: usize,
    library_bytes: u64,
    cache_bytes: u64,
    model: Option<String>,
    method: Option<Method>,
    neighbors: Option<NeighborFigures>,
}

/// Looks at the machine, and at one library when a folder is given.
pub(super) fn run(arguments: &DoctorArguments, settings: &Settings) -> Result<Found, Failure> {
    let library = arguments.folder.as_deref().map(|folder| look_at(folder, settings)).transpose()?;
    let report = Report {
        version: env!("CARGO_PKG_VERSION"),
        terminal: terminal(settings),
        threads: settings.threads,
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        simd: simd_level()?.to_owned(),
        device: settings.processor.name().to_owned(),
        features: build_features(),
        data_dir: settings.dirs.data.display().to_string(),
        data_bytes: folder_bytes(&settings.dirs.data),
        cache_dir: settings.dirs.cache.display().to_string(),
        cache_bytes: folder_bytes(&settings.dirs.cache),
        library,
    };
    if arguments.json {
        json(&report)?;
    } else {
        say(&report)?;
    }
    Ok(Found::Something)
}

fn terminal(settings: &Settings) -> Terminal {
    let size = crate::cli::browse::terminal_size();
    Terminal {
        term: env::var("TERM").unwrap_or_default(),
        is_tty: io::stdout().is_terminal(),
        columns: size.map(|s| s.0),
        rows: size.map(|s| s.1),
        images: format!("{:?}", settings.images).to_lowercase(),
        color: env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

fn build_features() -> Vec<&'static str> {
    let all = [
        ("turbo", cfg!(feature = "turbo")),
        ("avif", cfg!(feature = "avif")),
        ("heic", cfg!(feature = "heic")),
        ("approx", cfg!(feature = "approx")),
        ("cuda", cfg!(feature = "cuda")),
        ("metal", cfg!(feature = "metal")),
    ];
    all.iter().filter(|f| f.1).map(|f| f.0).collect()
}

fn look_at(folder: &Path, settings: &Settings) -> Result<LibraryReport, Failure> {
    let viewer = Viewer::open(folder, &settings.library_options())?;
    let store = viewer.reader();
    let searcher = Searcher::open(&viewer, &ModelChoice::Current).ok();
    let (library_bytes, cache_bytes) = store.disk_usage();
    Ok(LibraryReport {
        folder: viewer.root().display().to_string(),
        backbone: viewer.backbone().id().to_owned(),
        photos: store.photos()?.len(),
        skipped: store.skipped()?.len(),
        library_bytes,
        cache_bytes,
        model: searcher.as_ref().map(|s| s.model().to_owned()),
        method: searcher.as_ref().map(Searcher::method),
        neighbors: searcher.as_ref().map(NeighborFigures::of),
    })
}

fn say(report: &Report) -> io::Result<()> {
    let terminal = &report.terminal;
    let size = terminal.columns.zip(terminal.rows).map_or("size unknown".into(), |(c, r)| format!("{c}x{r}"));
    let kind = if terminal.is_tty { "" } else { ", output is not a terminal" };
    line(&format!("tripletui    {}", report.version))?;
    line(&format!("terminal     {} {size}{kind}", terminal.term))?;
    line(&format!("pictures     {} (decided when the screen opens)", terminal.images))?;
    line(&format!("colour       {}", if terminal.color { "yes" } else { "no (NO_COLOR)" }))?;
    line(&format!("threads      {} of {} cores", report.threads, report.cores))?;
    line(&format!("SIMD         {}", report.simd))?;
    line(&format!("device       {}", report.device))?;
    let features =
        if report.features.is_empty() { "none beyond the default".into() } else { report.features.join(", ") };
    line(&format!("features     {features}"))?;
    line(&format!(
        "data         {} ({} kB)",
        super::output::printable_text(&report.data_dir),
        report.data_bytes / 1000
    ))?;
    line(&format!(
        "cache        {} ({} kB)",
        super::output::printable_text(&report.cache_dir),
        report.cache_bytes / 1000
    ))?;
    if let Some(library) = &report.library {
        line(&format!("library      {}", super::output::printable_text(&library.folder)))?;
        line(&format!("  photos     {} ({} files skipped)", library.photos, library.skipped))?;
        line(&format!("  network    {}", library.backbone))?;
        line(&format!("  model      {}", library.model.as_deref().unwrap_or("none yet: nothing is indexed")))?;
        library.neighbors.as_ref().map_or_else(|| line("  neighbours -"), NeighborFigures::say)?;
        line(&format!("  store      {} kB, cache {} kB", library.library_bytes / 1000, library.cache_bytes / 1000))?;
    }
    Ok(())
}
