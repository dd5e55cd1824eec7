//! The program on the terminal: sets it up and restores it, passes messages to [`crate::ui`], runs the effects.
//!
//! [`run`] owns the terminal until the person leaves. What the screen shows comes from a [`Backend`], which knows how to
//! index and to search; this room knows neither. It owns these threads: the input, the signals, the picture workers,
//! one that answers questions (one running, the newest waiting) and one that lets the backend index.
//!
//! The loop waits for one message, drains the rest, updates the state with each, runs the effects and draws once, at
//! most 60 times a second; while nothing happens it sleeps.

mod backend;
mod clipboard;
mod errands;
mod folder;
mod hurry;
mod images;
mod inbox;
mod input;
mod key_file;
mod lent;
mod mailbox;
mod map;
mod measure;
mod newest;
mod options;
mod orders;
mod pens;
mod picture;
mod queue;
mod rows;
mod session;
mod signals;
mod status;
mod terminal;
mod typed_path;
mod viewer;
mod workers;

#[cfg(test)]
mod tests;

pub use backend::{Backend, Exported, Undone};
pub use images::Images;
pub use key_file::{default_keys, key_map};
pub use mailbox::Outbox;
pub use measure::{ViewFigures, measure_view};
pub use options::{AppError, Left, Options};
pub use session::run;

use std::path::Path;
use std::sync::Arc;

use crate::work::LibraryOptions;

/// Opens a folder of photos on the terminal, and returns when the person leaves.
pub fn browse(folder: &Path, library: LibraryOptions, options: &Options) -> Result<Left, AppError> {
    run(Arc::new(folder::Folder::new(folder, library)), options)
}
