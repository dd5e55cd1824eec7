//! What may be typed to find photos: by likeness, by filters, by being the same picture.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use crate::library::Taken;
use crate::work::{DupeSettings, GOOD_MATCH};

/// `tripletui query`
#[derive(Args, Debug)]
pub struct QueryArguments {
    /// Folder of photos, indexed before.
    pub folder: PathBuf,
    /// Images to ask about; several are several questions.
    #[arg(required_unless_present = "plus", value_name = "IMAGE")]
    pub asked: Vec<PathBuf>,
    /// One question from several images: photos like all of these.
    #[arg(long, num_args = 1.., value_name = "IMAGE", conflicts_with = "asked")]
    pub plus: Vec<PathBuf>,
    /// And unlike these.
    #[arg(long, num_args = 1.., value_name = "IMAGE", requires = "plus", conflicts_with = "asked")]
    pub minus: Vec<PathBuf>,
    /// Which photos may answer.
    #[command(flatten)]
    pub filter: FilterArguments,
    /// Share of the library's random pairs that lie closer than a good match may.
    #[arg(long, value_name = "SHARE", default_value_t = GOOD_MATCH, value_parser = share)]
    pub cut_off: f64,
    /// How many neighbours to list.
    #[arg(short, default_value = "10")]
    pub k: NonZeroUsize,
    /// Model that answers: a name, `base` or `raw` [default: the current one].
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Print one JSON object a line.
    #[arg(long)]
    pub json: bool,
}

/// A share, from 0 to 1.
fn share(text: &str) -> Result<f64, String> {
    let wrong = || format!("`{text}` is no share: write a number from 0 to 1, for example 0.01");
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or_else(wrong)
}

/// Which photos may answer: those that pass everything that is given.
#[derive(Args, Clone, Debug, Default)]
pub struct FilterArguments {
    /// Only photos of this label; several are alternatives.
    #[arg(long, value_name = "LABEL")]
    pub label: Vec<String>,
    /// Only photos in this folder of the library, or below it.
    #[arg(long = "in", value_name = "DIR")]
    pub within: Option<PathBuf>,
    /// Only photos taken on this day, or in this month or year, or later: 2021-05-03, 2021-05, 2021.
    #[arg(long, value_name = "DATE")]
    pub from: Option<Taken>,
    /// Only photos taken on this day, or in this month or year, or earlier.
    #[arg(long, value_name = "DATE")]
    pub to: Option<Taken>,
    /// Only photos whose path contains this text.
    #[arg(long, value_name = "TEXT")]
    pub name: Option<String>,
}

/// `tripletui dupes`
#[derive(Args, Debug)]
pub struct DupesArguments {
    /// Folder of photos, indexed before.
    pub folder: PathBuf,
    /// Largest distance between the features of two near-duplicates, from 0 to 2; their pictures must be alike as well.
    #[arg(long, value_name = "DISTANCE", default_value_t = DupeSettings::THRESHOLD)]
    pub threshold: f32,
    /// Print one JSON object a line, one a group.
    #[arg(long)]
    pub json: bool,
}
