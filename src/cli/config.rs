//! The configuration file: where it lies, what it says about options, and where a mistake in it stands.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::arguments::{Device, ImageProtocol, LogLevel, ThemeName};
use super::exit::{Failure, Found};
use super::output::{line, shown};
use crate::library::nearest;
use crate::neighbor::Choice;

/// Every option with what is built in, for a person to copy and change. The keys follow it.
pub(super) const DEFAULT_OPTIONS: &str = include_str!("config/default.toml");

/// What the configuration file may say; unknown names are refused with their line and column.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Options {
    pub(super) data_dir: Option<PathBuf>,
    pub(super) cache_dir: Option<PathBuf>,
    pub(super) threads: Option<NonZeroUsize>,
    pub(super) decode_budget: Option<u64>,
    pub(super) device: Option<Device>,
    pub(super) backbone: Option<String>,
    pub(super) index: Option<Choice>,
    pub(super) approx_above: Option<usize>,
    pub(super) images: Option<ImageProtocol>,
    pub(super) theme: Option<ThemeName>,
    pub(super) mouse: Option<bool>,
    pub(super) log_level: Option<LogLevel>,
    /// Whoever owns the keys reads them.
    #[serde(rename = "keys")]
    _keys: Option<IgnoredAny>,
}

/// A configuration file that was read.
#[derive(Clone, Debug)]
pub struct ConfigFile {
    path: PathBuf,
    text: String,
}

impl ConfigFile {
    /// Reads the file. One that was named must exist; the default one need not.
    pub fn read(named: Option<&Path>) -> anyhow::Result<Option<Self>> {
        let Some(path) = named.map(Path::to_path_buf).or(default_path().filter(|path| path.is_file())) else {
            return Ok(None);
        };
        let text = fs::read_to_string(&path).with_context(|| format!("configuration file {}", shown(&path)))?;
        Ok(Some(Self { path, text }))
    }

    /// What it says about options.
    pub(super) fn options(&self) -> anyhow::Result<Options> {
        toml::from_str(&self.text).map_err(|error: toml::de::Error| {
            let message = error.message();
            self.mistake(error.span().map_or(0, |span| span.start), &with_nearest(message))
        })
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A mistake at a byte of the file, told with its line and column.
    pub fn mistake(&self, at: usize, sentence: &str) -> anyhow::Error {
        let before = self.text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        anyhow::anyhow!("configuration file {}, line {line}, column {column}: {sentence}", shown(&self.path))
    }
}

/// Where the configuration file is looked for.
fn default_path() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "tripletui").map(|dirs| dirs.config_dir().join("config.toml"))
}

/// `tripletui config --print-default`: the options, then the keys.
pub fn print_default_config(keys: &str) -> Result<Found, Failure> {
    line(&format!("{DEFAULT_OPTIONS}{}", keys.trim_end()))?;
    Ok(Found::Something)
}

/// `tripletui config --path`
pub fn print_path(named: Option<&Path>) -> Result<Found, Failure> {
    line(&shown(&wanted_path(named)?))?;
    Ok(Found::Something)
}

/// `tripletui config --check`, once everything in the file was found right; without a file nothing is found.
pub fn print_checked(named: Option<&Path>, file: Option<&ConfigFile>) -> Result<Found, Failure> {
    if let Some(file) = file {
        line(&format!("{}: no mistake", shown(&file.path)))?;
        return Ok(Found::Something);
    }
    let path = shown(&wanted_path(named)?);
    line(&format!(
        "there is no {path}: what is built in holds. `tripletui config --print-default` prints a file to start from"
    ))?;
    Ok(Found::Nothing)
}

fn wanted_path(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    let path = named.map(Path::to_path_buf).or_else(default_path);
    path.context("this system has no configuration folder: name a file with --config FILE")
}

/// Adds the name that was probably meant. The message quotes the wrong one first, then those there are.
fn with_nearest(message: &str) -> String {
    let message = message.trim_end().replace('\n', ", ");
    let mut names = message.split('`').skip(1).step_by(2);
    let near = names.next().and_then(|wrong| nearest(wrong, names));
    near.map_or_else(|| message.clone(), |near| format!("{message}; did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let file = ConfigFile { path: "c.toml".into(), text: text.to_owned() };
        file.options().unwrap_err().to_string()
    }

    #[test]
    fn mistakes_are_told_with_line_column_and_the_nearest_name() {
        let error = refused("threads = 2\n  treads = 3");
        assert!(error.starts_with("configuration file c.toml, line 2, column 3: unknown field `treads`"), "{error}");
        assert!(error.ends_with("did you mean `threads`?"), "{error}");
        let error = refused("images = \"sixle\"");
        assert!(error.contains("line 1, column 10") && error.ends_with("did you mean `sixel`?"), "{error}");
        assert!(refused("threads = [").contains("line 1, column"));
    }

    #[test]
    fn the_printed_options_are_all_there_are_and_what_is_built_in() {
        let options: Options = toml::from_str(DEFAULT_OPTIONS).unwrap();
        assert_eq!((options.theme, options.mouse), (Some(ThemeName::Auto), Some(true)));
        let error = toml::from_str::<Options>("nonsense = 1").unwrap_err();
        for name in error.message().split('`').skip(3).step_by(2).filter(|name| *name != "keys") {
            assert!(
                DEFAULT_OPTIONS.lines().any(|line| line.trim_start_matches("# ").starts_with(&format!("{name} = "))),
                "{name}"
            );
        }
    }
}
