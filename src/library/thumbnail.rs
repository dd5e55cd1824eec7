//! Small pictures for the screen.

use std::io::Cursor;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::{DynamicImage, ImageDecoder, Limits, RgbImage};

use super::decode::DecodeError;
use super::format::PhotoFormat;
use super::guard::guarded;

/// JPEG quality: artefacts are invisible at this size, a thumbnail is about 15 kB.
const QUALITY: u8 = 85;
/// Longest side that [`decode_thumbnail`] accepts: the cache is ours, but it is a file that may be damaged.
const LARGEST: u32 = 4096;

/// A JPEG of `photo` whose longer side is `longer_side` pixels; a smaller photo keeps its
/// size. Errors only when the photo has no pixel.
pub fn thumbnail(photo: &RgbImage, longer_side: u32) -> Result<Vec<u8>, DecodeError> {
    let failed = |error: &dyn std::fmt::Display| DecodeError::Thumbnail(error.to_string());
    let mut jpeg = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, QUALITY);
    let (width, height) = photo.dimensions();
    let longer = width.max(height);
    if longer <= longer_side {
        encoder.encode_image(photo).map_err(|error| failed(&error))?;
        return Ok(jpeg);
    }
    let scaled = |side: u32| {
        let (side, longer) = (u64::from(side) * u64::from(longer_side), u64::from(longer));
        ((side + longer / 2) / longer).max(1) as u32
    };
    let source = ImageRef::new(width, height, photo.as_raw(), PixelType::U8x3).map_err(|error| failed(&error))?;
    let mut small = Image::new(scaled(width), scaled(height), PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
    Resizer::new().resize(&source, &mut small, &options).map_err(|error| failed(&error))?;
    let (width, height) = (small.width(), small.height());
    encoder.encode(small.buffer(), width, height, image::ExtendedColorType::Rgb8).map_err(|error| failed(&error))?;
    Ok(jpeg)
}

/// The pixels of what [`thumbnail`] made. Errors on bytes that are no JPEG, or one far larger than a thumbnail.
pub fn decode_thumbnail(bytes: &[u8]) -> Result<RgbImage, DecodeError> {
    let format = PhotoFormat::Jpeg;
    let decode = || {
        let mut decoder = JpegDecoder::new(Cursor::new(bytes))?;
        let mut limits = Limits::no_limits();
        (limits.max_image_width, limits.max_image_height) = (Some(LARGEST), Some(LARGEST));
        decoder.set_limits(limits)?;
        DynamicImage::from_decoder(decoder).map(DynamicImage::into_rgb8)
    };
    let decoded = guarded(decode).ok_or(DecodeError::Panicked(format))?;
    decoded.map_err(|error| DecodeError::of_image(format, &error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn a_thumbnail_keeps_the_shape_and_the_colours() {
        let photo = RgbImage::from_fn(900, 300, |x, _| if x < 450 { Rgb([250, 10, 10]) } else { Rgb([10, 10, 250]) });
        let small = decode_thumbnail(&thumbnail(&photo, 256).unwrap()).unwrap();
        assert_eq!(small.dimensions(), (256, 85));
        let near = |at: &Rgb<u8>, to: [u8; 3]| at.0.iter().zip(to).all(|(a, b)| a.abs_diff(b) < 12);
        assert!(near(small.get_pixel(40, 40), [250, 10, 10]));
        assert!(near(small.get_pixel(220, 40), [10, 10, 250]));
    }

    #[test]
    fn a_small_photo_is_not_blown_up_and_a_thin_one_keeps_a_pixel() {
        let size = |width, height| {
            decode_thumbnail(&thumbnail(&RgbImage::new(width, height), 256).unwrap()).unwrap().dimensions()
        };
        assert_eq!(size(40, 30), (40, 30));
        assert_eq!(size(9000, 3), (256, 1));
    }

    #[test]
    fn bytes_that_are_no_thumbnail_are_an_error() {
        assert!(decode_thumbnail(b"").is_err());
        assert!(decode_thumbnail(b"\xFF\xD8\xFF\xE0 no more").is_err());
    }
}
