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
mod folder;
mod images;
mod input;
mod mailbox;
mod map;
mod newest;
mod picture;
mod queue;
mod rows;
mod session;
mod signals;
mod terminal;
mod viewer;
mod workers;

#[cfg(test)]
mod tests;

pub use backend::Backend;
pub use images::Images;
pub use mailbox::Outbox;
pub use session::{AppError, Left, Options, run};

use std::path::Path;
use std::sync::Arc;

use crate::work::LibraryOptions;

/// Opens a folder of photos on the terminal, and returns when the person leaves.
pub fn browse(folder: &Path, library: LibraryOptions, options: &Options) -> Result<Left, AppError> {
    run(Arc::new(folder::Folder::new(folder, library)), options)
}
