//! Everything that headless commands print goes through here.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::library::printable;
use crate::work::{IndexEvent, IndexProgress};

/// Prints one line to standard output.
pub(super) fn line(text: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}

/// Prints one value as a line of JSON.
pub(super) fn json(value: &impl Serialize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, value).map_err(io::Error::from)?;
    writeln!(out)
}

/// Prints paths to standard output, byte for byte, each followed by `end`.
pub fn print_paths(paths: &[PathBuf], end: u8) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for path in paths {
        out.write_all(path.as_os_str().as_encoded_bytes())?;
        out.write_all(&[end])?;
    }
    out.flush()
}

/// Prints an error with its causes to standard error, in one line.
pub(super) fn complain(error: &anyhow::Error) {
    // Nobody is left to tell when standard error is gone too.
    let _ = writeln!(io::stderr().lock(), "tripletui: {}", printable(&format!("{error:#}")));
}

/// Says on standard error what goes on before there is a screen.
pub(super) fn note(text: &str) {
    // What cannot be told is no reason to stop.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// A path as it is shown: control characters escaped.
pub(super) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

/// A path in text form as it is shown.
pub(super) fn printable_text(path: &str) -> String {
    printable(path)
}

const PLAIN_EVERY: Duration = Duration::from_secs(5);

/// Progress of a job on standard error: a bar on a terminal, a plain line every few seconds otherwise.
pub(super) struct Bar {
    bar: Option<ProgressBar>,
    said: Instant,
}

impl Bar {
    /// Nothing is drawn yet.
    pub(super) fn new() -> Self {
        let style = ProgressStyle::with_template("{spinner} {msg} {wide_bar} {pos}/{len}");
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            style.map_or(bar.clone(), |style| bar.with_style(style))
        });
        Self { bar, said: Instant::now() }
    }

    /// Whether it is a bar that moves, not lines.
    pub(super) const fn is_drawn(&self) -> bool {
        self.bar.is_some()
    }

    /// Shows what is done and how far it is; a total of 0 is not known yet.
    pub(super) fn show(&mut self, words: &str, done: usize, total: usize) {
        if let Some(bar) = &self.bar {
            if total > 0 {
                bar.set_length(total as u64);
            }
            bar.set_position(done as u64);
            bar.set_message(words.to_owned());
        } else if self.said.elapsed() >= PLAIN_EVERY && total > 0 {
            self.said = Instant::now();
            // Progress that cannot be told is no reason to stop.
            let _ = writeln!(io::stderr().lock(), "{done} / {total}, {words}");
        }
    }

    /// Shows an event of an indexing run.
    pub(super) fn show_indexing(&mut self, event: &IndexEvent) {
        match event {
            IndexEvent::Scanning { seen } => self.show(&format!("looking: {seen} files"), 0, 0),
            IndexEvent::Progress(progress) => self.show(&in_words(*progress), progress.done, progress.total),
            IndexEvent::Committed(_) => {}
        }
    }

    /// Takes the bar away.
    pub(super) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn in_words(progress: IndexProgress) -> String {
    let left = progress.seconds_left.map(|s| format!(", {} left", HumanDuration(Duration::from_secs_f64(s))));
    let skipped = if progress.skipped > 0 { format!(", {} skipped", progress.skipped) } else { String::new() };
    format!("{:.0} photos/s{}{skipped}", progress.photos_per_second, left.unwrap_or_default())
}
