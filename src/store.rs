//! Everything tripletui keeps on disk: two `SQLite` files a library, neither inside the photo folder.
//!
//! - `library.db` (data directory, flushed at every commit): photo identities, marks, triplets, models, history.
//! - `cache.db` (cache directory): features, thumbnails, skipped files, embedding rows, activations. Deleting it costs
//!   time only.
//!
//! [`Store`] writes, one program at a time; [`Reader`]s, one for each worker, only look. All calls block; time comes in
//! as a parameter. This room knows no tensor, no terminal and no thread.

mod batch;
mod db;
mod dirs;
mod error;
mod features;
mod open;
mod path_bytes;
mod photos;
mod relink;
mod schema;
mod thumbnails;

pub use batch::IndexBatch;
pub use dirs::StoreDirs;
pub use error::StoreError;
pub use features::KeptBackbone;
pub use open::{Access, ReadOnlyReason, Reader, Store};
pub use photos::{KnownFile, Outcome, PhotoFacts, PhotoRecord};
pub use relink::{Moved, find_moved, relink};

#[cfg(test)]
mod fixture;
