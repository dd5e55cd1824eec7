//! Which photos exist: scan, decode, EXIF, thumbnails, labels from folder names.
//!
//! This room knows no tensor library, no thread and no terminal.

mod location;
mod photo;

pub use location::{Location, Skipped};
pub use photo::{ParsePhotoIdError, PhotoId};
