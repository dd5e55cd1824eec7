//! tripletui: browse a folder of photos by similarity in the terminal, and teach it what similar means.
//!
//! The crate is laid out in rooms. Dependencies point down only:
//!
//! ```text
//! main -> app | cli -> ui, work -> store, teach -> train -> triplet, embedder, eval -> neighbor -> library, embedding
//!                     work -> layout -> embedding
//!                     train, triplet, embedder -> tensors
//! ```
//!
//! What is absent, and where (`tests/integration/rooms.rs` reads the source and fails when this stops being true):
//!
//! - `library`, `embedding`, `layout`, `neighbor`, `eval` know no tensor library.
//! - `embedder`, `triplet`, `train`, `library`, `layout`, `neighbor`, `eval`, `store`, `ui` start no threads.
//! - `embedder`, `triplet`, `train`, `store`, `work`, `library` know no terminal.
//! - `ui` touches no file, no clock and no tensor; `view` draws from state alone.
//! - `cli` knows no screen, `work` knows neither.
//! - Nothing writes into the photo folder.

pub mod app;
pub mod cli;
pub mod embedder;
pub mod embedding;
pub mod eval;
pub mod layout;
pub mod library;
pub mod neighbor;
pub mod store;
pub mod teach;
mod tensors;
pub mod train;
pub mod triplet;
pub mod ui;
pub mod work;
