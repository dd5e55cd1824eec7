//! The screen, pure: a [`State`], [`update`] that takes a [`Message`] and answers with [`Effect`]s, and [`view`] that
//! draws the state.
//!
//! This room touches no file, no clock, no thread and no tensor. Pictures arrive encoded in the terminal's language
//! ([`Picture`]) and are only placed; rows of photos are shared, so that a key costs what is in sight.

mod act;
mod asked;
mod chord;
mod compare;
mod compare_pane;
mod details_popup;
mod filter;
mod filter_box;
mod filter_popup;
mod find;
mod gone;
mod grid;
mod grid_pane;
mod help_popup;
mod hints;
mod key_map;
mod key_table;
mod key_text;
mod keys;
mod layer;
mod lines;
mod list;
mod map;
mod map_pane;
mod measured;
mod message;
mod models;
mod mouse;
mod mouse_event;
mod moves;
mod order;
mod palette;
mod palette_popup;
mod panes;
mod photos;
mod pictures;
mod prompt;
mod query_pane;
mod remap;
mod settle;
mod sidebar;
mod sidebar_pane;
mod skipped_pane;
mod state;
mod strip;
mod theme;
mod training;
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

pub use asked::{Asked, Examples};
pub use key_map::KeyMap;
pub use key_text::KeyTables;
pub use keys::{Action, Context};
pub use map::layout::{MapLayout, MapPhotos, MapStage};
pub use message::{
    Answered, Audited, Effect, EmbeddingProgress, IndexProgress, IndexSummary, LibraryChange, Message, Mouse, Ranked,
    SkippedRow,
};
pub use order::{Distances, PhotoList};
pub use photos::PhotoRow;
pub use pictures::{Picture, PictureKey, PictureWant, Priority};
pub use remap::{KeyChange, KeyMistake, Written};
pub use state::{Settings, State};
pub use theme::Theme;
pub use training::{
    Believed, DepthPace, HardRow, LabelFrom, LiveNeighbors, ModelRow, ModelsNews, ModelsOrder, PairRow, ParentRow,
    Share, Steering, StepDetails, StepRow, TrainingFacts, TrainingNews, TrainingOffer, TrainingOrder, TrainingOutcome,
    TrainingWish, UnfinishedRow,
};
pub use update::update;
pub use view::view;
