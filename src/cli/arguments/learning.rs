//! What may be typed after `train`, `eval` and `models`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::names::{AdoptName, DepthName, DistanceName, MiningName, Split};
use crate::teach::LabelSource;
use crate::train::Length;
use crate::triplet::Margin;
use crate::work::{DEFAULT_ACTIVATION_BYTES, DEFAULT_CHECKPOINT_SECONDS, DEFAULT_CUT, DEFAULT_HOLDOUT};

/// Ten weeks.
const MOST_MINUTES: f64 = 100_000.0;
const MEGABYTE: u64 = 1_000_000;
/// What a training that goes on was told when it began.
const TOLD: [&str; 21] = [
    "labels",
    "depth",
    "mining",
    "distance",
    "margin",
    "dim",
    "labels_per_batch",
    "photos_per_label",
    "steps",
    "minutes",
    "lr",
    "weight_decay",
    "cut",
    "split",
    "holdout",
    "seed",
    "name",
    "from",
    "adopt",
    "activations",
    "checkpoint_seconds",
];

/// `tripletui train`
#[derive(Args, Debug)]
pub struct TrainArguments {
    /// Folder of photos, indexed before.
    pub folder: PathBuf,
    /// Where labels come from: folders, folders:top, folders:deepest, or a .csv or .jsonl file with path and label.
    #[arg(long, default_value = "folders", value_name = "SOURCE")]
    pub labels: LabelSource,
    /// How much is trained; with a network that is no EfficientNet-Lite only the head [default: the deepest that learns
    /// within five minutes, or those asked for, on this machine].
    #[arg(long, value_name = "DEPTH")]
    pub depth: Option<DepthName>,
    /// Which triplets of a batch count [default: batch-all].
    #[arg(long, value_name = "MINING")]
    pub mining: Option<MiningName>,
    /// How far apart embeddings are; a margin means something else under each [default: euclidean].
    #[arg(long, value_name = "DISTANCE")]
    pub distance: Option<DistanceName>,
    /// By how much other labels should be farther: a number above 0, or `soft` [default: 0.2].
    #[arg(long, value_name = "MARGIN")]
    pub margin: Option<Margin>,
    /// Most numbers of an embedding [default: 128].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=1280))]
    pub dim: Option<u16>,
    /// Labels in a batch, P [default: 16].
    #[arg(long, value_name = "P")]
    pub labels_per_batch: Option<usize>,
    /// Photos of each label in a batch, K [default: 4].
    #[arg(long, value_name = "K")]
    pub photos_per_label: Option<usize>,
    /// Steps [default: what the depth usually needs].
    #[arg(long, value_name = "N", conflicts_with = "minutes")]
    pub steps: Option<u64>,
    /// As many steps as fit into so many minutes.
    #[arg(long, value_name = "M", value_parser = minutes)]
    pub minutes: Option<f64>,
    /// Full learning rate of the head; layers below learn at a share of it [default: by depth].
    #[arg(long, value_name = "RATE")]
    pub lr: Option<f64>,
    /// Weight decay [default: 0.01].
    #[arg(long, value_name = "SHARE")]
    pub weight_decay: Option<f64>,
    /// Block before which the network is cut at depth tail, 1 to 15: the earlier, the more learns.
    #[arg(long, value_name = "BLOCK", default_value_t = DEFAULT_CUT)]
    pub cut: usize,
    /// What is kept from training.
    #[arg(long, value_name = "BY", default_value = "photos")]
    pub split: Split,
    /// Share kept from training, halved: one half chooses the checkpoint, the other judges at the end.
    #[arg(long, value_name = "SHARE", default_value_t = DEFAULT_HOLDOUT)]
    pub holdout: f64,
    /// Every random choice derives from it: one seed, one curve.
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,
    /// Name of the new model [default: tuned 1, tuned 2, ...].
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Model to start from [default: base].
    #[arg(long, value_name = "NAME")]
    pub from: Option<String>,
    /// Whether the new model answers from now on.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub adopt: AdoptName,
    /// Room for cached activations, in MB; the oldest are dropped.
    #[arg(long, value_name = "MB", default_value_t = DEFAULT_ACTIVATION_BYTES / MEGABYTE)]
    pub activations: u64,
    /// Seconds between two checkpoints, at least; the first is taken before the first step.
    #[arg(long, value_name = "S", default_value_t = DEFAULT_CHECKPOINT_SECONDS)]
    pub checkpoint_seconds: u64,
    /// Go on with the training that was cut off or stopped last, or with that of the model NAME, exactly where its last
    /// checkpoint is.
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "", conflicts_with_all = TOLD)]
    pub resume: Option<String>,
    /// End such a training where it stands: the best weights at its last checkpoint become the model.
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "",
        conflicts_with = "resume", conflicts_with_all = TOLD)]
    pub finish: Option<String>,
    /// List the trainings that were cut off or stopped.
    #[arg(long, conflicts_with_all = ["resume", "finish"], conflicts_with_all = TOLD)]
    pub unfinished: bool,
    /// Print one JSON object a line.
    #[arg(long)]
    pub json: bool,
}

impl TrainArguments {
    /// How long.
    pub fn length(&self) -> Length {
        match (self.steps, self.minutes) {
            (Some(steps), _) => Length::Steps(steps),
            (None, Some(minutes)) => Length::Minutes(minutes),
            (None, None) => Length::Usual,
        }
    }

    /// Room for activations in bytes.
    pub const fn activation_bytes(&self) -> u64 {
        self.activations.saturating_mul(MEGABYTE)
    }
}

/// A time that a training can last.
fn minutes(text: &str) -> Result<f64, String> {
    let wrong = || format!("`{text}` is no time: write minutes above 0, for example 5 or 0.5, at most {MOST_MINUTES}");
    text.parse().ok().filter(|minutes: &f64| *minutes > 0.0 && *minutes <= MOST_MINUTES).ok_or_else(wrong)
}

/// `tripletui eval`
#[derive(Args, Debug)]
pub struct EvalArguments {
    /// Folder of photos, indexed before.
    pub folder: PathBuf,
    /// Model to evaluate: a name, a model's file, `base` or `raw` [default: the current one].
    #[arg(long, value_name = "NAME|FILE")]
    pub model: Option<String>,
    /// Where labels come from: folders, folders:top, folders:deepest, or a .csv or .jsonl file with path and label.
    #[arg(long, default_value = "folders", value_name = "SOURCE")]
    pub labels: LabelSource,
    /// Which photos ask and answer: `none` all labelled ones, else those that a training with this split holds out.
    #[arg(long, value_name = "BY", default_value = "none")]
    pub split: Split,
    /// Share that the split keeps from training; the held-out half of it is evaluated.
    #[arg(long, value_name = "SHARE", default_value_t = DEFAULT_HOLDOUT)]
    pub holdout: f64,
    /// Seed of the split and of the intervals.
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `tripletui models`
#[derive(Args, Debug)]
pub struct ModelsArguments {
    /// Folder of photos.
    pub folder: PathBuf,
    /// What to do [default: list].
    #[command(subcommand)]
    pub action: Option<ModelsAction>,
    /// Print one JSON object a line.
    #[arg(long, global = true)]
    pub json: bool,
}

/// What can be done with models.
#[derive(Debug, Subcommand)]
pub enum ModelsAction {
    /// Every model with its numbers, oldest first.
    List,
    /// Let a model answer from now on; the library is embedded with it first.
    Use {
        /// Its name, or `base`.
        name: String,
    },
    /// Write a model to a file that `import` takes on any machine.
    Export {
        /// Its name, or `base`.
        name: String,
        /// File to write.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Take a model from a file.
    Import {
        /// The file.
        file: PathBuf,
        /// Its name here [default: the one it brings along].
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
    },
    /// Give a model another name.
    Rename {
        /// Its name.
        name: String,
        /// Its new name.
        new: String,
    },
    /// Delete a model; `undo` brings it back.
    Delete {
        /// Its name.
        name: String,
    },
    /// Take the newest change back: a model chosen, renamed or deleted, marks set.
    Undo,
    /// Do the change again that was taken back last.
    Redo,
}
