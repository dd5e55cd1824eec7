//! The options of which one of a few is chosen, on the command line and in the configuration file.

use clap::ValueEnum;

use crate::embedder::Processor;

/// Where the network runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    /// This machine's processor.
    #[default]
    Cpu,
    /// An NVIDIA card; needs a build with `--features cuda`.
    Cuda,
    /// An Apple card; needs a build with `--features metal`.
    Metal,
}

impl From<Device> for Processor {
    fn from(device: Device) -> Self {
        match device {
            Device::Cpu => Self::Cpu,
            Device::Cuda => Self::Cuda,
            Device::Metal => Self::Metal,
        }
    }
}

/// How pictures are drawn in the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImageProtocol {
    /// The best one the terminal says it knows.
    #[default]
    Auto,
    /// Kitty's graphics protocol.
    Kitty,
    /// iTerm2's inline images.
    Iterm2,
    /// Sixel.
    Sixel,
    /// Two pixels a character cell, on any terminal with colours.
    Halfblocks,
    /// No pictures: names only.
    None,
}

/// Colours of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeName {
    /// Light or dark as the terminal is, from the sixteen colours where it has no more.
    #[default]
    Auto,
    /// For a dark ground.
    Dark,
    /// For a light ground.
    Light,
    /// White on black, nothing faint.
    HighContrast,
    /// The terminal's own sixteen colours.
    Ansi,
    /// No colours.
    Mono,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Errors only.
    Error,
    /// And what may become one.
    Warn,
    /// And what was done.
    #[default]
    Info,
    /// And how.
    Debug,
    /// Everything.
    Trace,
}
