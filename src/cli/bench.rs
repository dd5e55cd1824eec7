//! `tripletui bench PART`: figures to be compared with other programs, in whole-command runs.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;

use super::arguments::{BenchArguments, BenchPart};
use super::exit::{Failure, Found};
use super::output::{json, line};
use super::settings::Settings;
use crate::work::bench::{self, SearchFigures};
use crate::work::{ModelChoice, Searcher, Viewer};

/// Runs one measurement.
pub(super) fn run(arguments: &BenchArguments, settings: &Settings) -> Result<Found, Failure> {
    let (repeat, threads, as_json) = (arguments.repeat.get(), settings.threads, arguments.json);
    match arguments.part {
        BenchPart::Forward => {
            let figures =
                bench::forward(&settings.backbone, settings.processor, arguments.batch.get(), threads, repeat)?;
            show(as_json, &figures, || format!("{:.3} ms a photo", figures.ms_per_photo))?;
        }
        BenchPart::Kernels => bench::kernels(&settings.backbone, repeat, &mut |figures| {
            let (ms, gflops, share) = (figures.ms, figures.gflops, 100.0 * figures.share_of_peak);
            show(as_json, &figures, || format!("{ms:8.3} ms  {gflops:7.1} GFLOP/s  {share:4.0} %  {}", figures.kernel))
        })?,
        BenchPart::TrainStep => {
            for steps in [bench::head_steps, bench::tail_steps] {
                let figures = steps(&settings.backbone, threads, repeat as u64)?;
                show(as_json, &figures, || format!("{}: {:.2} ms a step", figures.depth, figures.ms_per_step))?;
            }
        }
        BenchPart::Decode => {
            let figures = bench::decode_folder(folder(arguments)?, threads)?;
            show(as_json, &figures, || format!("{:.2} ms a photo, {} failed", figures.ms_per_photo, figures.failed))?;
        }
        BenchPart::Pipeline => {
            let figures = bench::pipeline(folder(arguments)?, &settings.library_options())?;
            let (speed, failed, memory) = (figures.photos_per_second, figures.failed, figures.peak_rss_mb);
            show(as_json, &figures, || format!("{speed:.1} photos/s, {failed} failed, {memory} MB of memory at most"))?;
        }
        BenchPart::Search => search(arguments, settings)?,
        BenchPart::View => return Err(Failure::usage("`bench view` draws the screen")),
    }
    Ok(Found::Something)
}

/// Prints figures that were measured elsewhere, one a line.
pub fn print_figures<T: serde::Serialize + std::fmt::Display>(figures: &[T], as_json: bool) -> Result<Found, Failure> {
    for figure in figures {
        show(as_json, figure, || figure.to_string())?;
    }
    Ok(Found::Something)
}

/// One line for each index, as soon as it is measured.
fn search(arguments: &BenchArguments, settings: &Settings) -> Result<(), Failure> {
    let gallery = match (&arguments.folder, &arguments.npy, &arguments.made_up[..]) {
        (Some(folder), _, _) => {
            let viewer = Viewer::open(folder, &settings.library_options())?;
            let model = arguments.model.as_deref().map_or(ModelChoice::Current, ModelChoice::named);
            Arc::clone(Searcher::read(&viewer, &model)?.members().built())
        }
        (None, Some(file), _) => Arc::new(bench::read_npy(file)?),
        (None, None, [rows, dim]) => Arc::new(bench::made_up_rows(rows.get(), dim.get())?),
        (None, None, _) => return Err(Failure::usage("--made-up takes two numbers: ROWS NUMBERS".to_owned())),
    };
    let mut said = Ok(());
    let mut tell = |figures: SearchFigures| {
        if said.is_ok() {
            said = show(arguments.json, &figures, || in_words(&figures));
        }
    };
    bench::search(&gallery, arguments.k.get(), arguments.queries.get(), settings.threads, &mut tell)?;
    Ok(said?)
}

fn in_words(figures: &SearchFigures) -> String {
    let SearchFigures { method, n, d, p50_ms, p99_ms, build_s, row_bytes, index_bytes, .. } = figures;
    let axes = figures.axes.map(|axes| format!(" over {axes} axes")).unwrap_or_default();
    let (visited, recall) = (100.0 * figures.visited, figures.recall);
    format!(
        "{method}{axes}, {n} x {d}: half within {p50_ms:.3} ms, 99 % within {p99_ms:.3} ms, checks {visited:.2} %, \
         recall {recall:.3}, built in {build_s:.2} s, {row_bytes:.0} + {index_bytes:.0} bytes a photo (rows + index)"
    )
}

fn folder(arguments: &BenchArguments) -> anyhow::Result<&Path> {
    arguments.folder.as_deref().context("this measurement needs --folder DIR")
}

fn show(as_json: bool, figures: &impl serde::Serialize, words: impl FnOnce() -> String) -> std::io::Result<()> {
    if as_json { json(figures) } else { line(&words()) }
}
