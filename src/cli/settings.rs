//! Options from the command line over options from the configuration file over what is built in.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use super::arguments::{Global, ImageProtocol, LogLevel, ThemeName};
use super::config::{ConfigFile, Options};
use crate::embedder::{BackboneSpec, Processor};
use crate::neighbor::Choice;
use crate::store::StoreDirs;
use crate::work::{IndexSettings, LibraryOptions};

const MEGABYTE: u64 = 1_000_000;
const DECODE_BUDGET_MB: u64 = 420;
const MOST_THREADS: usize = 1024;

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
    /// Colours.
    pub theme: ThemeName,
    /// Whether the mouse is used.
    pub mouse: bool,
    /// How much is logged.
    pub log_level: LogLevel,
}

impl Settings {
    /// Decides every option.
    pub fn decide(given: &Global, file: Option<&ConfigFile>) -> anyhow::Result<Self> {
        let file = file.map_or(Ok(Options::default()), ConfigFile::options)?;
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
            theme: given.theme.or(file.theme).unwrap_or_default(),
            mouse: !given.no_mouse && file.mouse.unwrap_or(true),
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
    use crate::cli::config::DEFAULT_OPTIONS;

    fn with_file(text: &str, given: &Global) -> Settings {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        let file = ConfigFile::read(Some(&path)).unwrap();
        Settings::decide(given, file.as_ref()).unwrap()
    }

    #[test]
    fn the_command_line_wins_over_the_file_and_the_file_over_the_default() {
        let given = Global { threads: NonZeroUsize::new(3), theme: Some(ThemeName::Light), ..Global::default() };
        let settings =
            with_file("threads = 7\ndecode-budget = 100\nimages = \"sixel\"\ntheme = \"mono\"\nmouse = false", &given);
        assert_eq!((settings.threads, settings.decode_budget), (3, 100 * MEGABYTE));
        assert_eq!((settings.images, settings.processor), (ImageProtocol::Sixel, Processor::Cpu));
        assert_eq!((settings.theme, settings.mouse), (ThemeName::Light, false));
    }

    #[test]
    fn the_default_file_decides_what_is_decided_without_one() {
        let with = with_file(DEFAULT_OPTIONS, &Global::default());
        let without = Settings::decide(&Global::default(), None).unwrap();
        assert_eq!(format!("{with:?}"), format!("{without:?}"));
    }

    #[test]
    fn a_named_file_that_is_missing_is_an_error_with_its_path() {
        let error = ConfigFile::read(Some("/nowhere/config.toml".as_ref())).unwrap_err();
        assert!(format!("{error:#}").contains("/nowhere/config.toml"));
    }
}
