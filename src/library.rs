//! Which photos exist: scan, decode, EXIF, thumbnails, labels from folder names.
//!
//! This room knows no tensor library, no thread and no terminal.

pub mod demo;
mod photo;

pub use photo::{ParsePhotoIdError, PhotoId};
