//! The screen, pure: a [`State`], [`update`] that takes a [`Message`] and answers with [`Effect`]s, and [`view`] that
//! draws the state.
//!
//! This room touches no file, no clock, no thread and no tensor. Pictures arrive encoded in the terminal's language
//! ([`Picture`]) and are only placed; rows of photos are shared, so that a key costs what is in sight.

mod act;
mod chord;
mod find;
mod grid;
mod grid_pane;
mod help_popup;
mod keys;
mod lines;
mod map;
mod map_pane;
mod message;
mod mouse;
mod order;
mod panes;
mod photos;
mod pictures;
mod query_pane;
mod sidebar;
mod sidebar_pane;
mod skipped_pane;
mod state;
mod theme;
mod update;
mod view;
mod walk;
mod wants;
mod words;
mod zoom_pane;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use keys::{Action, Context, KeyMap};
pub use map::layout::{MapLayout, MapStage};
pub use message::{
    Answered, Audited, Effect, EmbeddingProgress, IndexProgress, IndexSummary, LibraryChange, Message, Mouse, Ranked,
    SkippedRow,
};
pub use photos::PhotoRow;
pub use pictures::{Picture, PictureKey, PictureWant, Priority};
pub use state::{Settings, State};
pub use theme::Theme;
pub use update::update;
pub use view::view;
