//! What a session is told, and how it ends.

use std::io;
use std::path::PathBuf;

use super::images::Images;
use crate::ui::{KeyMap, Theme};

/// What can be chosen.
#[derive(Clone, Debug)]
pub struct Options {
    /// How pictures are drawn.
    pub images: Images,
    /// Colours; `None`: none with `NO_COLOR`, else by the ground of the terminal.
    pub theme: Option<Theme>,
    /// Whether the mouse is used.
    pub mouse: bool,
    /// Which key does what.
    pub keys: KeyMap,
    /// Standard output is for the marked photos: the screen is drawn on the terminal itself when that is another place.
    pub output_is_for_marks: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { images: Images::Auto, theme: None, mouse: true, keys: KeyMap::default(), output_is_for_marks: false }
    }
}

/// How the person left.
#[derive(Clone, Debug, Default)]
pub struct Left {
    /// The signal that ended the session, if one did.
    pub signal: Option<i32>,
    /// The paths of the photos that were marked, in order.
    pub marked: Vec<PathBuf>,
}

/// There can be no session.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// This is no terminal to draw on.
    #[error(
        "there is no screen here: {0}. Without one, `tripletui index FOLDER` reads the photos, \
         `tripletui query FOLDER IMAGE` says what is similar, and `tripletui list FOLDER` lists them"
    )]
    NoTerminal(&'static str),
    /// The terminal does not do what it is told.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] io::Error),
}
