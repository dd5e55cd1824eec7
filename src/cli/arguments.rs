//! What may be typed: commands and options.

mod choices;
mod learning;
mod names;
mod searching;
mod viewing;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::neighbor::Choice;
use crate::work::{ExportFormat, ExportWhat};
pub(super) use choices::{Device, LogLevel};
pub use choices::{ImageProtocol, ThemeName};
pub(super) use learning::{EvalArguments, ModelsAction, ModelsArguments, TrainArguments};
pub(super) use searching::{DupesArguments, FilterArguments, QueryArguments};
use viewing::ViewArguments;

const EXAMPLES: &str = "\
Examples:
  tripletui demo                          look around in a small made-up picture folder
  tripletui ~/photos                      index a folder and browse it by similarity
  tripletui ~/photos --print0 | xargs -0 cp -t picked   do something with the photos marked on the screen
  tripletui index ~/photos --json         index without a screen, figures as JSON
  tripletui query ~/photos cat.jpg -k 5   the five photos most like cat.jpg
  tripletui train ~/photos                learn from folder names what belongs together
  tripletui eval ~/photos --model base    how well photos of one label find each other
  tripletui export ~/photos --what embeddings --format npy -o photos.npy
  tripletui config --print-default        every option and key, as a file to change

A folder that is called like a command is written with its path: tripletui ./index
Nothing is ever written into the photo folder. Exit codes: 0 ok, 1 nothing found, 2 usage or input error.";

const INSTRUCTIONS: &str = "\
The environment variable TRIPLETUI_SIMD makes the network compute with other instructions than the best this machine has:
avx512, avx2, neon or scalar. One it does not have is refused.";

/// Browse a folder of photos by similarity, in the terminal.
#[derive(Debug, Parser)]
#[command(name = "tripletui", version, about, after_help = EXAMPLES)]
pub struct Arguments {
    /// Folder of photos to open; without it the last one is opened.
    pub folder: Option<PathBuf>,
    /// Print the paths of the marked photos to standard output on leaving, one a line; the screen is drawn on the terminal.
    #[arg(long)]
    pub print_marked: bool,
    /// The same, each path ended by a NUL character instead of a line end, for `xargs -0`.
    #[arg(short = '0', long = "print0")]
    pub print0: bool,
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// A headless command, or `demo`.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options that every command takes.
#[derive(Args, Clone, Debug, Default)]
pub struct Global {
    /// Where libraries are kept (marks, models): what cannot be made again.
    #[arg(long, global = true, value_name = "DIR", env = "TRIPLETUI_DATA_DIR", help_heading = "Global options")]
    pub data_dir: Option<PathBuf>,
    /// Where features and thumbnails are kept: deleting it costs time only.
    #[arg(long, global = true, value_name = "DIR", env = "TRIPLETUI_CACHE_DIR", help_heading = "Global options")]
    pub cache_dir: Option<PathBuf>,
    /// Threads that decode and embed [default: all cores].
    #[arg(long, global = true, value_name = "N", help_heading = "Global options")]
    pub threads: Option<NonZeroUsize>,
    /// Memory that decoding may take at once, over all threads, in MB [default: 420].
    #[arg(long, global = true, value_name = "MB", help_heading = "Global options")]
    pub decode_budget: Option<u64>,
    /// Where the network runs: cpu, cuda or metal [default: cpu].
    #[arg(long, global = true, value_name = "DEVICE", help_heading = "Global options")]
    pub device: Option<Device>,
    /// Another network with its weights (safetensors): lite1:FILE .. lite4:FILE, dinov2-small:FILE, resnet18:FILE,
    /// mobilenetv4-small:FILE, convnext-atto:FILE; the README says which files [default: the built-in EfficientNet-Lite0].
    #[arg(long, global = true, value_name = "NAME:FILE", help_heading = "Global options")]
    pub backbone: Option<String>,
    /// What finds neighbours; approx needs a build with `--features approx` [default: auto, what is measured to be fast].
    #[arg(long, global = true, value_name = "INDEX", help_heading = "Global options")]
    pub index: Option<Choice>,
    /// With more photos than this, `--index auto` may be approximate [default: never].
    #[arg(long, global = true, value_name = "PHOTOS", help_heading = "Global options")]
    pub approx_above: Option<usize>,
    /// How pictures are drawn [default: auto, the terminal is asked].
    #[arg(long, global = true, value_name = "PROTOCOL", help_heading = "Global options")]
    pub images: Option<ImageProtocol>,
    /// Colours [default: auto, by the ground of the terminal and the colours it has]; with `NO_COLOR` none unless asked for.
    #[arg(long, global = true, value_name = "THEME", help_heading = "Global options")]
    pub theme: Option<ThemeName>,
    /// Leave the mouse to the terminal.
    #[arg(long, global = true, help_heading = "Global options")]
    pub no_mouse: bool,
    /// A TOML file with these options and the keys, see `tripletui config` [default: config.toml in the platform's
    /// configuration folder].
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    pub config: Option<PathBuf>,
    /// How much goes into the log file: error, warn, info, debug or trace [default: info].
    #[arg(long, global = true, value_name = "LEVEL", help_heading = "Global options")]
    pub log_level: Option<LogLevel>,
}

/// What can be done without opening a folder on the screen.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a small folder of drawn pictures in the cache directory and open it.
    Demo(DemoArguments),
    /// Bring the index of a folder up to date.
    Index(IndexArguments),
    /// Find the photos most like given images (inside or outside the folder).
    Query(QueryArguments),
    /// List the photos of a folder: paths, labels, pixels, size, day, camera, and which are marked.
    List(ListArguments),
    /// Teach what similar means: train a model with triplet loss on labelled photos.
    Train(Box<TrainArguments>),
    /// Measure how well a model brings together photos of one label.
    Eval(EvalArguments),
    /// List, choose, export, import, rename or delete models.
    Models(ModelsArguments),
    /// List files that show the same picture: copies, and the same photo saved, scaled, trimmed or brightened differently.
    Dupes(DupesArguments),
    /// Tell that a folder has moved: its marks and models follow.
    Relink(RelinkArguments),
    /// Write features or embeddings to a file.
    Export(ExportArguments),
    /// Measure the speed of one part of the program.
    #[command(after_help = INSTRUCTIONS)]
    Bench(BenchArguments),
    /// Show terminal, threads, SIMD level, store paths and sizes, build features.
    #[command(after_help = INSTRUCTIONS)]
    Doctor(DoctorArguments),
    /// Check the configuration file (options, colours, keys), or print the default one.
    Config(ConfigArguments),
}

/// `tripletui demo`
#[derive(Args, Debug)]
pub struct DemoArguments {
    /// Only make the folder and print its path.
    #[arg(long)]
    pub no_open: bool,
}

/// `tripletui index`
#[derive(Args, Debug)]
pub struct IndexArguments {
    /// Folder of photos.
    pub folder: PathBuf,
    /// Answer N random photos by the neighbour index and by a scan over every photo, and count where they agree.
    #[arg(long, value_name = "N")]
    pub audit: Option<NonZeroUsize>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `tripletui list`
#[derive(Args, Debug)]
pub struct ListArguments {
    /// Folder of photos, indexed before.
    pub folder: PathBuf,
    /// Print one JSON object a line.
    #[arg(long)]
    pub json: bool,
}

/// `tripletui relink`
#[derive(Args, Debug)]
pub struct RelinkArguments {
    /// Where the folder was.
    pub old: PathBuf,
    /// Where it is now.
    pub new: PathBuf,
}

/// `tripletui export`
#[derive(Args, Debug)]
pub struct ExportArguments {
    /// Folder of photos, indexed before.
    pub folder: PathBuf,
    /// What to write.
    #[arg(long)]
    pub what: ExportWhat,
    /// Model whose embeddings are written [default: the current one].
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// File format; npy puts the paths into FILE.paths.txt.
    #[arg(long, default_value = "npy")]
    pub format: ExportFormat,
    /// File to write.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// `tripletui bench`
#[derive(Args, Debug)]
pub struct BenchArguments {
    /// What to measure.
    pub part: BenchPart,
    /// Photos in one pass of `forward`.
    #[arg(long, default_value = "8")]
    pub batch: NonZeroUsize,
    /// Passes or steps to measure.
    #[arg(long, default_value = "20")]
    pub repeat: NonZeroUsize,
    /// Folder of photos for `decode` and `pipeline`, of indexed photos for `search`.
    #[arg(long, value_name = "DIR", required_if_eq_any([("part", "decode"), ("part", "pipeline")]))]
    pub folder: Option<PathBuf>,
    /// Model whose rows `search` takes from the folder: a name, `base` or `raw` [default: the current one].
    #[arg(long, value_name = "NAME", requires = "folder")]
    pub model: Option<String>,
    /// Float32 rows [n, d] for `search`, from `numpy.save` or `tripletui export`.
    #[arg(long, value_name = "FILE", conflicts_with = "folder")]
    pub npy: Option<PathBuf>,
    /// Made-up rows for `search`, where no others are given: how many, of how many numbers.
    #[arg(long, num_args = 2, value_names = ["ROWS", "NUMBERS"], default_values = ["100000", "64"])]
    pub made_up: Vec<NonZeroUsize>,
    /// Questions that `search` asks.
    #[arg(long, default_value = "500")]
    pub queries: NonZeroUsize,
    /// Neighbours that each of them asks for.
    #[arg(short, default_value = "10")]
    pub k: NonZeroUsize,
    /// What `view` draws.
    #[command(flatten)]
    pub view: ViewArguments,
    /// Print JSON, one object a line.
    #[arg(long)]
    pub json: bool,
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BenchPart {
    /// The network alone, on a picture made up.
    Forward,
    /// Its kernels one by one, on one thread, beside a large matrix product.
    Kernels,
    /// A training step, of the head and of the last five blocks.
    TrainStep,
    /// Reading the pixels of a folder of photos.
    Decode,
    /// Indexing a folder of photos from nothing, into a temporary store.
    Pipeline,
    /// Finding neighbours, by every index this program has.
    Search,
    /// The screen, from a key to a frame, with made-up photos.
    View,
}

/// `tripletui config`
#[derive(Args, Clone, Copy, Debug)]
pub struct ConfigArguments {
    /// Print a whole configuration file with what is built in: a start for one of your own.
    #[arg(long, conflicts_with_all = ["path", "check"])]
    pub print_default: bool,
    /// Print where the configuration file is looked for.
    #[arg(long, conflicts_with = "check")]
    pub path: bool,
    /// Check the file, which is what happens without an option too.
    #[arg(long)]
    pub check: bool,
}

/// `tripletui doctor`
#[derive(Args, Debug)]
pub struct DoctorArguments {
    /// A folder whose library is shown too.
    pub folder: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}
