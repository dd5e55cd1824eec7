//! Which photos exist: scan, decode, EXIF, thumbnails, labels from folder names.
//!
//! This room knows no tensor library, no thread and no terminal.

mod decode;
pub mod demo;
mod format;
mod header;
mod heic;
mod jpeg;
mod label;
mod location;
mod photo;
mod scan;
mod text;
mod thumbnail;

pub use decode::{DecodeError, decode};
pub use format::PhotoFormat;
pub use header::{Header, read_header};
pub use label::{FolderLabels, folder_label};
pub use location::{Location, Skipped};
pub use photo::{ParsePhotoIdError, PhotoId};
pub use scan::{Scan, ScanError, scan};
pub use text::printable;
pub use thumbnail::{decode_thumbnail, thumbnail};
