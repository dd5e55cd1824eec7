//! Options from the command line over options from the configuration file over what is built in.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use anyhow::Context;
use serde::Deserialize;

use super::arguments::{Device, Global, ImageProtocol, LogLevel};
use crate::embedder::{BackboneSpec, Processor};
use crate::neighbor::Choice;
use crate::store::StoreDirs;
use crate::work::{IndexSettings, LibraryOptions};

const MEGABYTE: u64 = 1_000_000;
const DECODE_BUDGET_MB: u64 = 420;
const MOST_THREADS: usize = 1024;

/// What the configuration file may say; unknown names are refused with their line and column.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    data_dir: Option<PathBuf>,
    cache_dir: Option<PathBuf>,
    threads: Option<NonZeroUsize>,
    decode_budget: Option<u64>,
    device: Option<Device>,
    backbone: Option<String>,
    index: Option<Choice>,
    approx_above: Option<usize>,
    images: Option<ImageProtocol>,
    log_level: Option<LogLevel>,
}

/// Every option, decided.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where libraries and caches are.
    pub dirs: StoreDirs,
    /// Threads that decode and embed.
    pub threads: usize,
    /// Bytes that decoding may hold at once.
    pub decode_budget: u64,
    /// Where the network runs.
    pub processor: Processor,
    /// Which network.
    pub backbone: BackboneSpec,
    /// What finds neighbours.
    pub index: IndexSettings,
    /// How pictures are drawn.
    pub images: ImageProtocol,
    /// How much is logged.
    pub log_level: LogLevel,
}

impl Settings {
    /// Decides every option. A configuration file that was named must exist; the default one need not.
    pub fn decide(given: &Global) -> anyhow::Result<Self> {
        let file = read(given.config.as_deref())?;
        let mut dirs = StoreDirs::platform()?;
        if let Some(data) = given.data_dir.clone().or(file.data_dir) {
            dirs.data = data;
        }
        if let Some(cache) = given.cache_dir.clone().or(file.cache_dir) {
            dirs.cache = cache;
        }
        let processor = given.device.or(file.device).unwrap_or_default().into();
        refuse_missing_device(processor)?;
        let index = IndexSettings {
            choice: given.index.or(file.index).unwrap_or_default(),
            approx_above: given.approx_above.or(file.approx_above),
        };
        refuse_missing_index(index)?;
        let backbone = given.backbone.clone().or(file.backbone);
        let threads = given.threads.or(file.threads).or_else(|| available_parallelism().ok());
        let threads = threads.map_or(1, NonZeroUsize::get);
        anyhow::ensure!(threads <= MOST_THREADS, "--threads {threads}: at most {MOST_THREADS} are of use");
        let megabytes = given.decode_budget.or(file.decode_budget).unwrap_or(DECODE_BUDGET_MB);
        Ok(Self {
            dirs,
            threads,
            decode_budget: megabytes.saturating_mul(MEGABYTE),
            processor,
            backbone: backbone.map_or(Ok(BackboneSpec::default()), |text| text.parse())?,
            index,
            images: given.images.or(file.images).unwrap_or_default(),
            log_level: given.log_level.or(file.log_level).unwrap_or_default(),
        })
    }

    /// What opening a library needs.
    pub fn library_options(&self) -> LibraryOptions {
        LibraryOptions {
            dirs: self.dirs.clone(),
            threads: self.threads,
            decode_budget: self.decode_budget,
            backbone: self.backbone.clone(),
            processor: self.processor,
            index: self.index,
        }
    }
}

fn read(named: Option<&Path>) -> anyhow::Result<File> {
    let default = directories::ProjectDirs::from("", "", "tripletui").map(|dirs| dirs.config_dir().join("config.toml"));
    let Some(path) = named.map(Path::to_path_buf).or(default.filter(|path| path.is_file())) else {
        return Ok(File::default());
    };
    let text = fs::read_to_string(&path).with_context(|| format!("configuration file {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("configuration file {}", path.display()))
}

fn refuse_missing_device(processor: Processor) -> anyhow::Result<()> {
    let name = processor.name();
    anyhow::ensure!(
        processor.is_built(),
        "--device {name}: this program was built without it; build with `--features {name}`"
    );
    Ok(())
}

fn refuse_missing_index(index: IndexSettings) -> anyhow::Result<()> {
    let asked = if index.choice == Choice::Approx { "--index approx" } else { "--approx-above" };
    let is_wanted = index.choice == Choice::Approx || index.approx_above.is_some();
    anyhow::ensure!(
        cfg!(feature = "approx") || !is_wanted,
        "{asked}: this program was built without the approximate index; build with `--features approx` (needs a C++ compiler)"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_file(text: &str) -> anyhow::Result<Settings> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, text).unwrap();
        Settings::decide(&Global { config: Some(path), threads: NonZeroUsize::new(3), ..Global::default() })
    }

    #[test]
    fn the_command_line_wins_over_the_file_and_the_file_over_the_default() {
        let settings = with_file("threads = 7\ndecode-budget = 100\nimages = \"sixel\"").unwrap();
        assert_eq!((settings.threads, settings.decode_budget), (3, 100 * MEGABYTE));
        assert_eq!((settings.images, settings.processor), (ImageProtocol::Sixel, Processor::Cpu));
    }

    #[test]
    fn a_mistake_in_the_file_is_named_with_its_line() {
        let error = format!("{:#}", with_file("threads = 2\ntreads = 3").unwrap_err());
        assert!(error.contains("line 2, column 1") && error.contains("treads"), "{error}");
    }

    #[test]
    fn a_named_file_that_is_missing_is_an_error_with_its_path() {
        let global = Global { config: Some("/nowhere/config.toml".into()), ..Global::default() };
        assert!(format!("{:#}", Settings::decide(&global).unwrap_err()).contains("/nowhere/config.toml"));
    }
}
