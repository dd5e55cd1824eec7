//! The jobs that the screen and the command line both run: index, search, export. This room owns threads, queues,
//! cancellation, progress and the memory budget; it knows no terminal and no mathematics.

pub mod bench;
mod budget;
mod cancel;
mod demo;
mod each_photo;
mod embed;
mod error;
mod export;
mod index;
mod library;
mod listing;
mod measure;
mod model;
mod neighbors;
mod relink;
mod rows;
mod search;

pub use budget::{Budget, Permit, TooLarge};
pub use cancel::Cancel;
pub use demo::write_demo;
pub use embed::Decoded;
pub use error::WorkError;
pub use export::{ExportFormat, ExportWhat, export_embeddings, export_features};
pub use index::{IndexEvent, IndexProgress, IndexReport, index};
pub use library::{Library, LibraryOptions, Viewer, existing_folder};
pub use listing::{ListedPhoto, listed_photos};
pub use measure::{folder_bytes, peak_rss_mb};
pub use model::{ModelChoice, now_unix_s, refresh_models, use_model};
pub use neighbors::{Neighbors, NeighborsEvent};
pub use relink::relink;
pub use search::{
    AuditRecord, Blueprint, Built, Change, Example, Filter, Found, GOOD_MATCH, IndexSettings, ParseTakenError,
    Question, Searcher, Selection, Taken, refresh_neighbors,
};
