//! `tripletui bench PART`: figures to be compared with other programs, in whole-command runs.

use std::path::Path;

use anyhow::Context;

use super::arguments::{BenchArguments, BenchPart};
use super::exit::{Failure, Found};
use super::output::{json, line};
use super::settings::Settings;
use crate::train::Depth;
use crate::work::bench;

/// Runs one measurement.
pub(super) fn run(arguments: &BenchArguments, settings: &Settings) -> Result<Found, Failure> {
    let (repeat, threads, as_json) = (arguments.repeat.get(), settings.threads, arguments.json);
    match arguments.part {
        BenchPart::Forward => {
            let figures = bench::forward(&settings.backbone, arguments.batch.get(), threads, repeat)?;
            show(as_json, &figures, || format!("{:.3} ms a photo", figures.ms_per_photo))?;
        }
        BenchPart::Kernels => bench::kernels(&settings.backbone, repeat, &mut |figures| {
            let (ms, gflops, share) = (figures.ms, figures.gflops, 100.0 * figures.share_of_peak);
            show(as_json, &figures, || format!("{ms:8.3} ms  {gflops:7.1} GFLOP/s  {share:4.0} %  {}", figures.kernel))
        })?,
        BenchPart::TrainStep => {
            for depth in [Depth::Head, Depth::Tail] {
                let figures = bench::train_steps(&settings.backbone, depth, threads, repeat as u64)?;
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
    }
    Ok(Found::Something)
}

fn folder(arguments: &BenchArguments) -> anyhow::Result<&Path> {
    arguments.folder.as_deref().context("this measurement needs --folder DIR")
}

fn show(as_json: bool, figures: &impl serde::Serialize, words: impl FnOnce() -> String) -> std::io::Result<()> {
    if as_json { json(figures) } else { line(&words()) }
}
