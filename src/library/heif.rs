//! AVIF and HEIC, which need libraries in C (dav1d, libheif), each behind a build feature of its name. Without it such a
//! file is skipped with that reason.

use image::DynamicImage;

use super::decode::DecodeError;
use super::format::PhotoFormat;
use super::header::Header;

/// Refuses what this build has no decoder for, before anything is read.
pub(super) fn require(format: PhotoFormat) -> Result<(), DecodeError> {
    match format {
        PhotoFormat::Avif if cfg!(feature = "avif") => Ok(()),
        PhotoFormat::Heic if cfg!(feature = "heic") => Ok(()),
        _ => Err(missing(&[], format)),
    }
}

/// What the file says about its picture, or which build feature could tell.
pub(super) fn read_header(bytes: &[u8], format: PhotoFormat) -> Result<Header, DecodeError> {
    #[cfg(feature = "avif")]
    if format == PhotoFormat::Avif {
        return avif::read_header(bytes);
    }
    #[cfg(feature = "heic")]
    if format == PhotoFormat::Heic {
        return heic::read_header(bytes);
    }
    Err(missing(bytes, format))
}

/// The picture as stored; a HEIC picture is already turned upright.
pub(super) fn decode(bytes: &[u8], format: PhotoFormat) -> Result<DynamicImage, DecodeError> {
    #[cfg(feature = "avif")]
    if format == PhotoFormat::Avif {
        return avif::decode(bytes);
    }
    #[cfg(feature = "heic")]
    if format == PhotoFormat::Heic {
        return heic::decode(bytes);
    }
    Err(missing(bytes, format))
}

fn missing(_: &[u8], format: PhotoFormat) -> DecodeError {
    let feature = if format == PhotoFormat::Avif { "avif" } else { "heic" };
    DecodeError::NeedsFeature { format, feature }
}

#[cfg(feature = "avif")]
mod avif {
    use std::io::Cursor;

    use image::codecs::avif::AvifDecoder;
    use image::metadata::Orientation;
    use image::{DynamicImage, ImageResult};

    use crate::library::decode::DecodeError;
    use crate::library::exif::Shot;
    use crate::library::format::PhotoFormat;
    use crate::library::header::Header;
    use crate::library::rgb::Size;

    /// Planes of up to 12 bits (2 bytes x 3), their copy while colours are converted, and four 16-bit channels.
    const BYTES_PER_PIXEL: u64 = 6 + 6 + 8;

    /// The size comes from the largest `ispe` property (ISO/IEC 23008-12, 6.5.3): decoding starts only after the caller
    /// knows what it costs. `irot` turns counter-clockwise, in quarters; EXIF then has no say (MIAF, 7.3.6.7).
    pub(super) fn read_header(bytes: &[u8]) -> Result<Header, DecodeError> {
        let property = |name: &[u8]| {
            let name = name.to_owned();
            bytes
                .windows(4)
                .enumerate()
                .filter(move |(_, word)| *word == name)
                .filter_map(|(at, _)| bytes.get(at + 4..))
        };
        let number = |at: &[u8]| at.first_chunk().map(|word| u32::from_be_bytes(*word));
        let sizes = property(b"ispe")
            .filter_map(|at| Some(Size { width: number(at.get(4..)?)?, height: number(at.get(8..)?)? }));
        let stored = sizes
            .filter(|size| size.width <= 65_536 && size.height <= 65_536)
            .max_by_key(|size| size.pixels())
            .ok_or_else(|| DecodeError::damaged(PhotoFormat::Avif, "it does not say how large it is"))?;
        let orientation = match property(b"irot").next().and_then(|at| at.first()) {
            Some(1) => Orientation::Rotate270,
            Some(2) => Orientation::Rotate180,
            Some(3) => Orientation::Rotate90,
            _ => Orientation::NoTransforms,
        };
        let shot = Shot { orientation, ..Shot::of_file(bytes, PhotoFormat::Avif) };
        Ok(Header::of_container(PhotoFormat::Avif, stored, shot, BYTES_PER_PIXEL))
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<DynamicImage, DecodeError> {
        let decoded: ImageResult<_> = AvifDecoder::new(Cursor::new(bytes)).and_then(DynamicImage::from_decoder);
        decoded.map_err(|error| DecodeError::of_image(PhotoFormat::Avif, &error))
    }
}

#[cfg(feature = "heic")]
mod heic {
    use image::metadata::Orientation;
    use image::{DynamicImage, RgbImage};
    use libheif_rs::{ColorSpace, HeifContext, LibHeif, RgbChroma};

    use crate::library::decode::DecodeError;
    use crate::library::exif::Shot;
    use crate::library::format::PhotoFormat;
    use crate::library::header::Header;
    use crate::library::rgb::Size;

    /// Planes of up to 16 bits, libheif's RGB, and ours.
    const BYTES_PER_PIXEL: u64 = 6 + 3 + 3;

    fn damaged(error: &impl ToString) -> DecodeError {
        DecodeError::damaged(PhotoFormat::Heic, error.to_string())
    }

    /// libheif turns the picture itself, by the container's own properties; EXIF has no say.
    pub(super) fn read_header(bytes: &[u8]) -> Result<Header, DecodeError> {
        let context = HeifContext::read_from_bytes(bytes).map_err(|error| damaged(&error))?;
        let handle = context.primary_image_handle().map_err(|error| damaged(&error))?;
        let size = Size { width: handle.width(), height: handle.height() };
        let shot = Shot { orientation: Orientation::NoTransforms, ..Shot::of_file(bytes, PhotoFormat::Heic) };
        Ok(Header::of_container(PhotoFormat::Heic, size, shot, BYTES_PER_PIXEL))
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<DynamicImage, DecodeError> {
        let context = HeifContext::read_from_bytes(bytes).map_err(|error| damaged(&error))?;
        let handle = context.primary_image_handle().map_err(|error| damaged(&error))?;
        let decoded = LibHeif::new().decode(&handle, ColorSpace::Rgb(RgbChroma::Rgb), None);
        let decoded = decoded.map_err(|error| damaged(&error))?;
        let plane = decoded.planes().interleaved.ok_or_else(|| damaged(&"it holds no pixels"))?;
        let width = plane.width as usize * 3;
        let rows = plane.data.chunks(plane.stride).take(plane.height as usize);
        let pixels: Vec<u8> = rows.flat_map(|row| row.iter().take(width).copied()).collect();
        let image = RgbImage::from_raw(plane.width, plane.height, pixels);
        image.map(DynamicImage::ImageRgb8).ok_or_else(|| damaged(&"it holds fewer pixels than it says"))
    }
}
