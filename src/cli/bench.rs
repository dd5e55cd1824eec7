//! `tripletui bench PART`: figures to be compared with other programs, in whole-command runs.

use anyhow::Context;

use super::arguments::{BenchArguments, BenchPart};
use super::exit::{Failure, Found};
use super::output::{json, line};
use super::settings::Settings;
use crate::work::bench;

/// Runs one measurement.
pub(super) fn run(arguments: &BenchArguments, settings: &Settings) -> Result<Found, Failure> {
    let (batch, repeat) = (arguments.batch.get(), arguments.repeat.get());
    match arguments.part {
        BenchPart::Forward => {
            let figures = bench::forward(&settings.backbone, batch, settings.threads, repeat)?;
            show(arguments.json, &figures, &format!("{:.3} ms a photo", figures.ms_per_photo))?;
        }
        BenchPart::Decode => {
            let folder = arguments.folder.as_deref().context("`bench decode` needs --folder DIR")?;
            let figures = bench::decode_folder(folder, settings.threads)?;
            show(
                arguments.json,
                &figures,
                &format!("{:.2} ms a photo, {} failed", figures.ms_per_photo, figures.failed),
            )?;
        }
    }
    Ok(Found::Something)
}

fn show(as_json: bool, figures: &impl serde::Serialize, words: &str) -> std::io::Result<()> {
    if as_json { json(figures) } else { line(words) }
}
