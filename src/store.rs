//! Everything tripletui keeps on disk: two `SQLite` files a library, neither inside the photo folder.
//!
//! - `library.db` (data directory, flushed at every commit): photo identities, marks, triplets, models, history.
//! - `cache.db` (cache directory): features, thumbnails, skipped files, embedding rows, activations,
//!   measurements. Deleting it costs time only.
//!
//! [`Store`] writes, one program at a time; [`Reader`]s, one for each worker, only look. All calls block; time comes in
//! as a parameter. This room knows no tensor, no terminal and no thread.

mod activations;
mod batch;
mod checkpoints;
mod db;
mod dirs;
mod error;
mod examiner;
mod features;
mod graphs;
mod history;
mod marks;
mod models;
mod notes;
mod open;
mod path_bytes;
mod photos;
mod relink;
mod rows;
mod runs;
mod schema;
mod thumbnails;
mod triplets;
mod version;
mod wanted;

pub use activations::Activation;
pub use batch::IndexBatch;
pub use checkpoints::CheckpointRecord;
pub use dirs::StoreDirs;
pub use error::StoreError;
pub use features::KeptBackbone;
pub use history::{Change, HistoryEntry};
pub use marks::{Mark, MarkKind};
pub use models::{ModelFacts, ModelId, ModelKind, ModelRecord};
pub use open::{Access, ReadOnlyReason, Reader, Store};
pub use photos::{KnownFile, Outcome, PhotoFacts, PhotoRecord};
pub use relink::{Moved, find_moved, relink};
pub use rows::{EmbeddingRows, RowsKey};
pub use runs::RunRecord;
pub use triplets::{TripletSource, UserTriplet};

#[cfg(test)]
mod fixture;
