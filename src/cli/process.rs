//! The process around a headless command: its log file and Ctrl-C.

use std::fs::{self, File};

use anyhow::Context;
use tracing_subscriber::filter::LevelFilter;

use super::arguments::LogLevel;
use super::settings::Settings;
use crate::work::Cancel;

/// Sends what the program logs to a file in the cache directory, never to the screen. Without a writable cache directory
/// nothing is logged.
pub fn log_to_file(settings: &Settings) {
    let path = settings.dirs.cache.join("tripletui.log");
    let Ok(file) = fs::create_dir_all(&settings.dirs.cache).and_then(|()| File::create(path)) else { return };
    let level = match settings.log_level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    // A second call in one process keeps the first subscriber, which is all that is wanted.
    let _ = tracing_subscriber::fmt().with_ansi(false).with_max_level(level).with_writer(file).try_init();
}

/// A switch that Ctrl-C turns: the first one lets the command finish what it has in hand, the second ends the process.
#[cfg(unix)]
pub fn cancel_on_interrupt() -> anyhow::Result<Cancel> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let cancel = Cancel::default();
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(signal, 130, cancel.flag())
            .and_then(|_| signal_hook::flag::register(signal, cancel.flag()))
            .context("cannot listen for Ctrl-C")?;
    }
    Ok(cancel)
}

/// A switch that nothing turns: Ctrl-C ends the process, which loses at most the batch in hand.
#[cfg(not(unix))]
pub fn cancel_on_interrupt() -> anyhow::Result<Cancel> {
    Ok(Cancel::default())
}
