//! JPEG, never decoded larger than needed.
//!
//! A large photo is decoded at a half, a quarter or an eighth by transforming fewer coefficients of each block (DCT
//! scaling), which costs little memory and skips most of the arithmetic; what is small already, or what the scaling
//! decoder refuses, is decoded in full. With the feature `turbo`, libjpeg-turbo does both.

use image::RgbImage;
use jpeg_decoder::PixelFormat;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::decode::DecodeError;
use super::format::PhotoFormat;

/// Widest and highest picture that a JPEG can hold.
const MAX_SIDE: usize = 65_535;

fn broken(reason: &impl ToString) -> DecodeError {
    DecodeError::broken(PhotoFormat::Jpeg, reason)
}

fn options() -> DecoderOptions {
    let options = DecoderOptions::default().set_max_width(MAX_SIDE).set_max_height(MAX_SIDE);
    options.set_strict_mode(false).jpeg_set_out_colorspace(ColorSpace::RGB)
}

/// Width, height and whether it is progressive, from the header.
pub(super) fn size(bytes: &[u8]) -> Result<((u32, u32), bool), DecodeError> {
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options());
    decoder.decode_headers().map_err(|error| broken(&error))?;
    let info = decoder.info().ok_or_else(|| broken(&"its header is incomplete"))?;
    let progressive = !info.sof.is_sequential_dct();
    Ok(((u32::from(info.width), u32::from(info.height)), progressive))
}

/// The largest of 8, 4, 2 and 1 that leaves at least `shorter_side` pixels on the shorter side.
fn divisor((width, height): (u32, u32), shorter_side: u32) -> u32 {
    let shorter = width.min(height);
    [8, 4, 2].into_iter().find(|divisor| shorter.div_ceil(*divisor) >= shorter_side).unwrap_or(1)
}

/// Bytes held while decoding to this size: the pixels, twice while they are turned upright, and for a progressive picture
/// all coefficients (two bytes a sample, three samples a pixel).
pub(super) fn decode_bytes(stored: (u32, u32), progressive: bool, shorter_side: u32) -> u64 {
    let pixels = u64::from(stored.0) * u64::from(stored.1);
    let divisor = u64::from(divisor(stored, shorter_side));
    let coefficients = if progressive { pixels * 6 } else { 0 };
    // Up to four samples a pixel before colours are converted, and the upright copy.
    coefficients + pixels / (divisor * divisor) * 10 + 64 * u64::from(stored.0)
}

/// Decodes, as small as possible with at least `shorter_side` pixels on the shorter side; not turned upright.
pub(super) fn decode(bytes: &[u8], stored: (u32, u32), shorter_side: u32) -> Result<RgbImage, DecodeError> {
    let divisor = divisor(stored, shorter_side);
    let scaled = if divisor > 1 { scaled(bytes, stored, divisor).ok() } else { None };
    scaled.map_or_else(|| full(bytes), Ok)
}

fn full(bytes: &[u8]) -> Result<RgbImage, DecodeError> {
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options());
    let pixels = decoder.decode().map_err(|error| broken(&error))?;
    let (width, height) = decoder.dimensions().ok_or_else(|| broken(&"its header is incomplete"))?;
    let (width, height) = (width as u32, height as u32);
    match decoder.output_colorspace() {
        Some(ColorSpace::Luma) => RgbImage::from_raw(width, height, spread(&pixels)),
        _ => RgbImage::from_raw(width, height, pixels),
    }
    .ok_or_else(|| broken(&"it holds fewer pixels than it says"))
}

#[cfg(feature = "turbo")]
fn scaled(bytes: &[u8], _: (u32, u32), divisor: u32) -> Result<RgbImage, DecodeError> {
    use turbojpeg::{Decompressor, Image, PixelFormat, ScalingFactor};
    let mut decoder = Decompressor::new().map_err(|error| broken(&error))?;
    let factor = ScalingFactor::new(1, divisor as usize);
    decoder.set_scaling_factor(factor).map_err(|error| broken(&error))?;
    let size = decoder.read_header(bytes).map_err(|error| broken(&error))?.scaled(factor);
    let mut pixels = vec![0; size.width * size.height * 3];
    let (width, height, pitch) = (size.width, size.height, size.width * 3);
    let output = Image { pixels: pixels.as_mut_slice(), width, pitch, height, format: PixelFormat::RGB };
    decoder.decompress(bytes, output).map_err(|error| broken(&error))?;
    RgbImage::from_raw(width as u32, height as u32, pixels).ok_or_else(|| broken(&"it holds fewer pixels than it says"))
}

#[cfg(not(feature = "turbo"))]
fn scaled(bytes: &[u8], (width, height): (u32, u32), divisor: u32) -> Result<RgbImage, DecodeError> {
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    let side = |side: u32| u16::try_from(side.div_ceil(divisor)).map_err(|error| broken(&error));
    let (width, height) = decoder.scale(side(width)?, side(height)?).map_err(|error| broken(&error))?;
    let pixels = decoder.decode().map_err(|error| broken(&error))?;
    let format = decoder.info().map(|info| info.pixel_format);
    let pixels = match format {
        Some(PixelFormat::RGB24) => pixels,
        Some(PixelFormat::L8) => spread(&pixels),
        Some(PixelFormat::CMYK32) => from_inverted_cmyk(&pixels),
        _ => return Err(broken(&"more than 8 bits a sample")),
    };
    RgbImage::from_raw(width.into(), height.into(), pixels).ok_or_else(|| broken(&"it holds fewer pixels than it says"))
}

/// Grey to RGB.
fn spread(grey: &[u8]) -> Vec<u8> {
    grey.iter().flat_map(|value| [*value; 3]).collect()
}

/// CMYK as cameras and Photoshop store it in JPEG, 255 meaning no ink.
#[cfg(not(feature = "turbo"))]
fn from_inverted_cmyk(pixels: &[u8]) -> Vec<u8> {
    let mix = |ink: u8, black: u8| (u16::from(ink) * u16::from(black) / 255) as u8;
    pixels.chunks_exact(4).flat_map(|p| [mix(p[0], p[3]), mix(p[1], p[3]), mix(p[2], p[3])]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ExtendedColorType, Rgb, codecs::jpeg::JpegEncoder};

    fn encoded(width: u32, height: u32) -> (RgbImage, Vec<u8>) {
        let photo = RgbImage::from_fn(width, height, |x, y| {
            Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, ((x + y) * 128 / (width + height)) as u8])
        });
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 95).encode_image(&photo).unwrap();
        (photo, bytes)
    }

    #[test]
    fn the_scale_leaves_the_shorter_side_long_enough() {
        assert_eq!(divisor((4000, 3000), 256), 8);
        assert_eq!(divisor((2047, 2048), 256), 8);
        assert_eq!(divisor((2000, 2040), 256), 4);
        assert_eq!(divisor((348, 464), 256), 1);
        assert_eq!(divisor((511, 9000), 256), 2);
    }

    #[test]
    fn a_scaled_decode_is_the_average_of_the_full_one() {
        let (photo, bytes) = encoded(1203, 900);
        for (side, divisor) in [(100, 8), (200, 4), (400, 2), (900, 1)] {
            let small = decode(&bytes, (1203, 900), side).unwrap();
            assert_eq!(small.dimensions(), (1203_u32.div_ceil(divisor), 900_u32.div_ceil(divisor)));
            for (x, y) in [(0, 0), (small.width() / 2, small.height() / 2), (small.width() / 3, small.height() - 2)] {
                let there =
                    photo.get_pixel((x * divisor + divisor / 2).min(1202), (y * divisor + divisor / 2).min(899));
                let close = small.get_pixel(x, y).0.iter().zip(there.0).all(|(a, b)| a.abs_diff(b) < 8);
                assert!(close, "1/{divisor} at {x},{y}: {:?} for {there:?}", small.get_pixel(x, y));
            }
        }
    }

    #[test]
    fn grey_becomes_rgb_at_every_scale() {
        let mut bytes = Vec::new();
        JpegEncoder::new(&mut bytes).encode(&[90; 640 * 640], 640, 640, ExtendedColorType::L8).unwrap();
        for side in [80, 640] {
            let photo = decode(&bytes, (640, 640), side).unwrap();
            assert!(photo.pixels().all(|p| p.0.iter().all(|v| v.abs_diff(90) < 3)));
        }
    }

    #[test]
    fn the_estimate_falls_with_the_scale_and_rises_with_progressive_coefficients() {
        let full = decode_bytes((8000, 6000), false, 6000);
        let scaled = decode_bytes((8000, 6000), false, 256);
        assert!(full > 3 * 48_000_000 && scaled < 20_000_000, "{full} {scaled}");
        assert!(decode_bytes((8000, 6000), true, 256) > 6 * 48_000_000);
    }
}
