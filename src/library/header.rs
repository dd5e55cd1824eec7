//! What a file says about its picture before a pixel is decoded.

mod read;

use image::metadata::Orientation;

use super::exif::Shot;
use super::format::PhotoFormat;
use super::rgb::{self, Size};
use super::{bmp, jpeg, png, tiff, webp};
pub use read::{read_header, read_header_of};

/// What decoders need besides their pixels: rows, tables, headers.
const OVERHEAD: u64 = 1 << 20;

/// What is known of a photo from its header: enough to say what decoding it will cost.
#[derive(Clone, Debug)]
pub struct Header {
    format: PhotoFormat,
    /// As stored, before it is turned upright.
    stored: Size,
    shot: Shot,
    cost: Cost,
}

/// What decoding costs in memory.
#[derive(Clone, Debug)]
pub(super) enum Cost {
    /// A JPEG, by its plan.
    Jpeg(jpeg::Frame),
    /// Everything is decoded at full size, in this many bytes a pixel, then brought to RGB.
    Full { bytes_per_pixel: u64, is_rgb: bool },
    /// A PNG whose rows come in order, of this many bytes a pixel.
    PngRows { bytes_per_pixel: u64 },
    /// A plain bitmap.
    BmpRows(bmp::Rows),
    /// A TIFF whose strips or tiles can be decoded one by one.
    TiffChunks(tiff::Chunks),
    /// A WebP that needs fewer buffers than the decoder would fill by itself, and what those would be.
    WebP { kind: webp::Kind, bytes_per_pixel: u64, is_rgb: bool },
}

impl Header {
    /// The format, by content.
    pub const fn format(&self) -> PhotoFormat {
        self.format
    }

    /// Pixels from left to right when the photo is upright.
    pub fn width(&self) -> u32 {
        self.upright().width
    }

    /// Pixels from top to bottom when the photo is upright.
    pub fn height(&self) -> u32 {
        self.upright().height
    }

    /// Make and model of the camera, as EXIF has them.
    pub fn camera(&self) -> Option<&str> {
        self.shot.camera.as_deref()
    }

    /// When the photo was taken, `YYYY-MM-DD HH:MM:SS` in the camera's time, from EXIF.
    pub fn taken(&self) -> Option<&str> {
        self.shot.taken.as_deref()
    }

    /// The most bytes that [`super::decode`] will hold at once for this shorter side, its result included and the
    /// file's own bytes not. An estimate from the header alone, on the safe side.
    pub fn decode_bytes(&self, shorter_side: u32) -> u64 {
        let result = rgb::shrunk(self.decoded(shorter_side), shorter_side).pixels().saturating_mul(3);
        let turned = if self.shot.orientation == Orientation::NoTransforms { 0 } else { result };
        let full = |bytes_per_pixel: u64, is_rgb: bool| {
            let own = if is_rgb && self.is_kept_whole(shorter_side) { 0 } else { result };
            self.stored.pixels().saturating_mul(bytes_per_pixel).saturating_add(own)
        };
        let decoding = match &self.cost {
            Cost::Jpeg(frame) => jpeg::decode_bytes(frame, shorter_side).saturating_add(
                // What is handed over is the result, unless it is averaged down once more.
                if self.is_kept_whole(shorter_side) { 0 } else { result },
            ),
            Cost::Full { bytes_per_pixel, is_rgb } => full(*bytes_per_pixel, *is_rgb),
            Cost::PngRows { bytes_per_pixel } => png::working(self.stored, *bytes_per_pixel).saturating_add(result),
            Cost::BmpRows(rows) => rows.working(self.stored).saturating_add(result),
            Cost::TiffChunks(chunks) => chunks.working(self.stored).saturating_add(result),
            Cost::WebP { kind, bytes_per_pixel, is_rgb } => match kind.working(self.stored, shorter_side) {
                Some(working) => working.saturating_add(result),
                None => full(*bytes_per_pixel, *is_rgb),
            },
        };
        decoding.saturating_add(turned).saturating_add(OVERHEAD)
    }

    /// Whether decoding needs the whole file in memory, wherever its bytes come from.
    pub const fn is_read_whole(&self) -> bool {
        matches!(self.format, PhotoFormat::Jpeg | PhotoFormat::Avif | PhotoFormat::Heic)
    }

    /// A header made by the room itself, for containers that no `ImageDecoder` reads.
    #[cfg(any(feature = "avif", feature = "heic"))]
    pub(super) const fn of_container(format: PhotoFormat, stored: Size, shot: Shot, bytes_per_pixel: u64) -> Self {
        Self { format, stored, shot, cost: Cost::Full { bytes_per_pixel, is_rgb: false } }
    }

    pub(super) const fn orientation(&self) -> Orientation {
        self.shot.orientation
    }

    /// Pixels as stored, before the picture is turned upright.
    pub(super) const fn stored(&self) -> Size {
        self.stored
    }

    pub(super) const fn cost(&self) -> &Cost {
        &self.cost
    }

    /// Size of what the decoder hands over.
    fn decoded(&self, shorter_side: u32) -> Size {
        match &self.cost {
            Cost::Jpeg(frame) => jpeg::decoded_size(frame, shorter_side),
            _ => self.stored,
        }
    }

    fn is_kept_whole(&self, shorter_side: u32) -> bool {
        let decoded = self.decoded(shorter_side);
        rgb::shrunk(decoded, shorter_side) == decoded
    }

    fn upright(&self) -> Size {
        let Size { width, height } = self.stored;
        match self.shot.orientation {
            Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH => Size { width: height, height: width },
            _ => self.stored,
        }
    }
}
