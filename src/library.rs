//! Which photos exist: scan, decode, EXIF, thumbnails, labels from folder names.
//!
//! This room knows no tensor library, no thread and no terminal. It reads the photo folder and never writes into it.
//! Content decides what a file is; its name only decides whether it is looked at.

mod bmp;
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
mod png;
mod rgb;
mod scan;
mod source;
mod taken;
mod text;
mod thumbnail;
mod tiff;
mod webp;

pub use decode::{DecodeError, decode, decode_while};
pub use format::PhotoFormat;
pub use guard::panic_is_expected;
pub use header::{Header, read_header, read_header_of};
pub use label::{FolderLabels, folder_label};
pub use likeness::{Sketch, View, Views};
pub use photo::{ParsePhotoIdError, PhotoId};
pub use scan::{Location, Scan, ScanError, Skipped, is_scanned, scan};
pub use source::{GoOn, Source, Stream};
pub use taken::{ParseTakenError, Taken};
pub use text::{nearest, printable};
pub use thumbnail::{decode_thumbnail, thumbnail};
