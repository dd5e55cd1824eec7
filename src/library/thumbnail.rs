//! Small pictures for the screen.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::{ImageFormat, RgbImage};

use super::decode::DecodeError;

const QUALITY: u8 = 85;

/// A JPEG of the photo whose longer side has `longer_side` pixels, or the photo's own size when that is smaller.
pub fn thumbnail(photo: &RgbImage, longer_side: u32) -> Result<Vec<u8>, DecodeError> {
    let failed = |error: &dyn ToString| DecodeError::Broken { format: "thumbnail", reason: error.to_string() };
    let scale = f64::from(longer_side) / f64::from(photo.width().max(photo.height()).max(1));
    let side = |side: u32| ((f64::from(side) * scale).round() as u32).clamp(1, longer_side.max(1));
    let mut bytes = Vec::with_capacity(32 * 1024);
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
    if scale >= 1.0 {
        encoder.encode_image(photo).map_err(|error| failed(&error))?;
    } else {
        let small = resized(photo, side(photo.width()), side(photo.height())).map_err(|error| failed(&error))?;
        encoder.encode_image(&small).map_err(|error| failed(&error))?;
    }
    Ok(bytes)
}

fn resized(photo: &RgbImage, width: u32, height: u32) -> Result<RgbImage, Box<dyn std::error::Error>> {
    let source = ImageRef::new(photo.width(), photo.height(), photo.as_raw(), PixelType::U8x3)?;
    let mut target = Image::new(width, height, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
    Resizer::new().resize(&source, &mut target, &options)?;
    RgbImage::from_raw(width, height, target.into_vec()).ok_or_else(|| "the resized picture is incomplete".into())
}

/// The pixels of a thumbnail that [`thumbnail`] made.
pub fn decode_thumbnail(bytes: &[u8]) -> Result<RgbImage, DecodeError> {
    let decoded = image::load_from_memory_with_format(bytes, ImageFormat::Jpeg);
    decoded.map(|photo| photo.into_rgb8()).map_err(|error| DecodeError::broken(super::PhotoFormat::Jpeg, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbnail_keeps_the_shape_and_never_grows() {
        for (size, expected) in
            [((1000, 500), (256, 128)), ((90, 60), (90, 60)), ((5000, 3), (256, 1)), ((1, 1), (1, 1))]
        {
            let bytes = thumbnail(&RgbImage::new(size.0, size.1), 256).unwrap();
            assert_eq!(decode_thumbnail(&bytes).unwrap().dimensions(), expected);
        }
    }
}
