//! Which photos exist: scan, decode, EXIF, thumbnails, labels from folder names.
//!
//! This room knows no tensor library, no thread and no terminal. It reads the photo folder and never writes into it.
//! Content decides what a file is; its name only decides whether it is looked at.

mod decode;
pub mod demo;
mod exif;
mod format;
mod guard;
mod header;
mod heif;
mod jpeg;
mod label;
mod likeness;
mod photo;
mod rgb;
mod scan;
mod text;
mod thumbnail;

pub use decode::{DecodeError, decode};
pub use format::PhotoFormat;
pub use guard::panic_is_expected;
pub use header::{Header, read_header};
pub use label::{FolderLabels, folder_label};
pub use likeness::{Sketch, View, Views};
pub use photo::{ParsePhotoIdError, PhotoId};
pub use scan::{Location, Scan, ScanError, Skipped, scan};
pub use text::printable;
pub use thumbnail::{decode_thumbnail, thumbnail};
