//! The jobs that the screen and the command line both run: index, search, export. This room owns threads, queues,
//! cancellation, progress and the memory budget; it knows no terminal and no mathematics.

pub mod bench;
mod budget;
mod cancel;
mod demo;
mod dupes;
mod each_photo;
mod embed;
mod error;
mod evaluate;
mod export;
mod index;
mod labelled;
mod library;
mod listing;
mod look;
mod map;
mod measure;
mod model;
mod models;
mod neighbors;
mod path_list;
mod photo_file;
mod relink;
mod rows;
mod search;
mod training;
mod watch;

pub use budget::{Budget, NoPermit, Permit, TooLarge};
pub use cancel::Cancel;
pub use demo::write_demo;
pub use dupes::{Dupe, DupeGroup, DupeProgress, DupeSettings, duplicates};
pub use embed::Decoded;
pub use error::WorkError;
pub use evaluate::{EvalReport, EvalRequest, evaluate};
pub use export::{ExportFormat, ExportWhat, export_embeddings, export_features};
pub use index::{IndexEvent, IndexProgress, IndexReport, index};
pub use labelled::label_of;
pub use library::{Library, LibraryOptions, Viewer, existing_folder};
pub use listing::{ListedPhoto, listed_photos};
pub use look::look_at;
pub use map::{MapJob, MapLook};
pub use measure::{folder_bytes, peak_rss_mb};
pub use model::{ModelChoice, now_unix_s, refresh_models, use_model};
pub use models::{ListedModel, delete_model, export_model, find_model, import_model, list_models, rename_model, undo};
pub use neighbors::{Neighbors, NeighborsEvent};
pub use path_list::write_paths;
pub use relink::relink;
pub use search::{
    AuditRecord, Blueprint, Built, Change, Example, Filter, Found, GOOD_MATCH, IndexSettings, Question, Searcher,
    Selection, refresh_neighbors,
};
pub use training::{
    Adopt, DEFAULT_ACTIVATION_BYTES, DEFAULT_CHECKPOINT_SECONDS, DEFAULT_CUT, DEFAULT_HOLDOUT, Helm, Judgement,
    LiveAnswer, Pace, Parent, PhotoCounts, Prospect, Steered, TrainRequest, TrainingEvent, TrainingObserver,
    TrainingPlan, TrainingReport, UnfinishedTraining, Watched, finish_training, forget_training, prospect,
    resume_training, train_model, unfinished_trainings,
};
pub use watch::{FolderWatch, Watching, Woken};
