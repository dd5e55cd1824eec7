//! From a file's bytes to upright RGB pixels, for every format; nothing that a file contains may stop the program.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::metadata::Orientation;
use image::{DynamicImage, ImageFormat, ImageReader, Limits, Rgb, RgbImage};

use super::format::PhotoFormat;
use super::header::Header;
use super::{heic, jpeg};

/// Why a file gives no picture, in the words that the list of skipped files shows.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DecodeError {
    /// No bytes.
    #[error("the file is empty")]
    Empty,
    /// Named like a picture, but not one.
    #[error("its content is no picture, whatever its name says")]
    NotAPicture,
    /// A format that this build leaves out.
    #[error("{format} needs a build with `--features {feature}`")]
    NeedsFeature {
        /// The format.
        format: &'static str,
        /// The cargo feature that reads it.
        feature: &'static str,
    },
    /// A picture, but of a kind that cannot be read here.
    #[error("{0} is not supported; convert it to JPEG or PNG")]
    Unsupported(&'static str),
    /// A picture that is damaged.
    #[error("broken {format}: {reason}")]
    Broken {
        /// The format.
        format: &'static str,
        /// What the decoder said.
        reason: String,
    },
}

impl DecodeError {
    /// Damage, in the decoder's words on one line.
    pub(super) fn broken(format: PhotoFormat, reason: &impl ToString) -> Self {
        let reason = reason.to_string();
        let line = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        Self::Broken { format: format.name(), reason: super::text::printable(&line) }
    }
}

/// Decodes to upright RGB. The shorter side has at least `shorter_side` pixels when the photo has them, and may have more.
/// Transparent parts lie over white.
pub fn decode(bytes: &[u8], header: &Header, shorter_side: u32) -> Result<RgbImage, DecodeError> {
    quietly(header.format, || {
        let photo = match header.format {
            PhotoFormat::Jpeg => jpeg::decode(bytes, header.stored, shorter_side)?,
            PhotoFormat::Heic => return heic::decode(bytes),
            other => over_white(with_image_crate(bytes, other, header.decode_bytes(shorter_side))?),
        };
        Ok(upright(photo, header.orientation))
    })
}

fn with_image_crate(bytes: &[u8], format: PhotoFormat, memory: u64) -> Result<DynamicImage, DecodeError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), image_format(format)?);
    let mut limits = Limits::default();
    limits.max_alloc = Some(memory.max(1 << 20) * 2);
    reader.limits(limits);
    reader.decode().map_err(|error| DecodeError::broken(format, &error))
}

/// The decoder for a format that the image crate reads, in this build.
pub(super) const fn image_format(format: PhotoFormat) -> Result<ImageFormat, DecodeError> {
    Ok(match format {
        PhotoFormat::Jpeg => ImageFormat::Jpeg,
        PhotoFormat::Png => ImageFormat::Png,
        PhotoFormat::WebP => ImageFormat::WebP,
        PhotoFormat::Gif => ImageFormat::Gif,
        PhotoFormat::Bmp => ImageFormat::Bmp,
        PhotoFormat::Tiff => ImageFormat::Tiff,
        PhotoFormat::Avif if cfg!(feature = "avif") => ImageFormat::Avif,
        PhotoFormat::Avif => return Err(DecodeError::NeedsFeature { format: "AVIF", feature: "avif" }),
        PhotoFormat::Heic => return Err(DecodeError::NeedsFeature { format: "HEIC", feature: "heic" }),
        PhotoFormat::Other(name) => return Err(DecodeError::Unsupported(name)),
    })
}

fn over_white(photo: DynamicImage) -> RgbImage {
    if !photo.color().has_alpha() {
        return photo.into_rgb8();
    }
    let photo = photo.into_rgba8();
    let (width, height) = photo.dimensions();
    RgbImage::from_fn(width, height, |x, y| {
        let [r, g, b, alpha] = photo.get_pixel(x, y).0.map(u16::from);
        Rgb([r, g, b].map(|value| ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8))
    })
}

fn upright(photo: RgbImage, orientation: Orientation) -> RgbImage {
    if orientation == Orientation::NoTransforms {
        return photo;
    }
    let mut photo = DynamicImage::ImageRgb8(photo);
    photo.apply_orientation(orientation);
    photo.into_rgb8()
}

/// Runs a decoder so that a panic inside it becomes a reason to skip the file.
pub(super) fn quietly<T>(
    format: PhotoFormat,
    decoder: impl FnOnce() -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    catch_unwind(AssertUnwindSafe(decoder))
        .unwrap_or_else(|_| Err(DecodeError::broken(format, &"the decoder gave up on it")))
}

#[cfg(test)]
mod tests;
