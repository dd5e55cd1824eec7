//! JPEG: most photos are, so decoding them decides how fast a library is indexed. None is decoded larger than needed.
//!
//! | size needed | decoder |
//! |---|---|
//! | an eighth of the photo or less | [`eighth`]: only the mean of each block |
//! | a quarter, a half | `jpeg-decoder`: the transform of fewer coefficients of each block |
//! | more, or what those refuse | `zune-jpeg`: everything |
//!
//! With the feature `turbo`, libjpeg-turbo takes the middle row. The first two can be stopped while they work; the last
//! one has small photos to do, and a few strips so narrow that there is nothing to scale.

mod bits;
#[cfg(not(feature = "turbo"))]
mod bytewise;
mod eighth;
mod frame;
mod planes;
mod steps;

use image::RgbImage;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

pub(super) use frame::{Frame, read_frame};

use super::rgb::Size;
use super::source::GoOn;

/// The largest of 8, 4, 2 and 1 that leaves at least `shorter_side` pixels on the shorter side.
fn divisor(frame: &Frame, shorter_side: u32) -> u32 {
    let shorter = frame.size().shorter();
    // Pictures of four inks are rare: an eighth, or all of it.
    let by = if frame.components.len() == 4 { &[8][..] } else { &[8, 4, 2] };
    by.iter().copied().find(|by| shorter.div_ceil(*by) >= shorter_side).unwrap_or(1)
}

/// Size of what [`decode`] hands over.
pub(super) fn decoded_size(frame: &Frame, shorter_side: u32) -> Size {
    scaled_size(frame, divisor(frame, shorter_side))
}

fn scaled_size(frame: &Frame, divisor: u32) -> Size {
    let Size { width, height } = frame.size();
    Size { width: width.div_ceil(divisor), height: height.div_ceil(divisor) }
}

/// The most bytes [`decode`] holds at once, its result included.
pub(super) fn decode_bytes(frame: &Frame, shorter_side: u32) -> u64 {
    match divisor(frame, shorter_side) {
        // Two bytes a block, RGB, and two code tables.
        8 => frame.blocks() * 2 + decoded_size(frame, shorter_side).pixels() * 3 + (1 << 16),
        // Halves and quarters are of photos that decode in full within some megabytes: the second attempt counts.
        _ => whole_bytes(frame),
    }
}

/// The picture as stored. Damage inside is filled with grey where the decoder can go on; errors are one line. Once `go_on`
/// says so, what comes back means nothing.
pub(super) fn decode(bytes: &[u8], frame: &Frame, shorter_side: u32, go_on: &GoOn<'_>) -> Result<RgbImage, String> {
    match divisor(frame, shorter_side) {
        1 => whole(bytes, frame),
        8 => {
            let Size { width, height } = scaled_size(frame, 8);
            let planes = eighth::means(bytes, frame, go_on)?;
            Ok(planes::to_rgb(&planes, frame, width, height))
        }
        divisor => match scaled(bytes, frame, divisor, go_on) {
            Some(image) => Ok(image),
            None if go_on() => whole(bytes, frame),
            None => Err("stopped".to_owned()),
        },
    }
}

/// RGB at full size; of a progressive one all coefficients, two bytes each; some rows of samples.
fn whole_bytes(frame: &Frame) -> u64 {
    let coefficients = if frame.is_progressive() { frame.blocks() * 128 } else { 0 };
    let rows = u64::from(frame.size().width) * 256;
    frame.size().pixels() * 3 + coefficients + rows
}

fn whole(bytes: &[u8], frame: &Frame) -> Result<RgbImage, String> {
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let pixels = decoder.decode().map_err(|error| error.to_string())?;
    let Size { width, height } = frame.size();
    RgbImage::from_raw(width, height, pixels).ok_or_else(|| "its pixels do not fill its size".to_owned())
}

#[cfg(feature = "turbo")]
fn scaled(bytes: &[u8], _: &Frame, divisor: u32, _: &GoOn<'_>) -> Option<RgbImage> {
    use turbojpeg::{Decompressor, Image, PixelFormat, ScalingFactor};
    let mut decoder = Decompressor::new().ok()?;
    let factor = ScalingFactor::new(1, divisor as usize);
    decoder.set_scaling_factor(factor).ok()?;
    let size = decoder.read_header(bytes).ok()?.scaled(factor);
    let mut pixels = vec![0; size.width * size.height * 3];
    let (width, height, pitch) = (size.width, size.height, size.width * 3);
    let output = Image { pixels: pixels.as_mut_slice(), width, pitch, height, format: PixelFormat::RGB };
    decoder.decompress(bytes, output).ok()?;
    RgbImage::from_raw(width as u32, height as u32, pixels)
}

/// `None` when the decoder refuses the file: the other one is more forgiving.
#[cfg(not(feature = "turbo"))]
fn scaled(bytes: &[u8], frame: &Frame, divisor: u32, go_on: &GoOn<'_>) -> Option<RgbImage> {
    use bytewise::Bytewise;
    use jpeg_decoder::{Decoder, PixelFormat};
    let size = scaled_size(frame, divisor);
    let mut decoder = Decoder::new(Bytewise::new(bytes, go_on));
    let (width, height) = decoder.scale(size.width.try_into().ok()?, size.height.try_into().ok()?).ok()?;
    let pixels = decoder.decode().ok()?;
    let pixels = match decoder.info()?.pixel_format {
        PixelFormat::RGB24 => pixels,
        PixelFormat::L8 => pixels.iter().flat_map(|&grey| [grey; 3]).collect(),
        PixelFormat::L16 | PixelFormat::CMYK32 => return None,
    };
    RgbImage::from_raw(width.into(), height.into(), pixels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Drawn by `tests/fixtures/jpeg/make.py`, each 203 x 149 pixels.
    const FIXTURES: [(&str, &[u8]); 6] = [
        ("baseline, colours halved both ways", include_bytes!("../../tests/fixtures/jpeg/baseline_420.jpg")),
        ("baseline, restarts", include_bytes!("../../tests/fixtures/jpeg/baseline_422_restarts.jpg")),
        ("baseline, red green blue", include_bytes!("../../tests/fixtures/jpeg/baseline_444_rgb.jpg")),
        ("progressive", include_bytes!("../../tests/fixtures/jpeg/progressive_420.jpg")),
        ("progressive, grey", include_bytes!("../../tests/fixtures/jpeg/progressive_grey.jpg")),
        ("baseline, four inks", include_bytes!("../../tests/fixtures/jpeg/baseline_inks.jpg")),
    ];

    fn frame(bytes: &[u8]) -> Frame {
        read_frame(bytes).unwrap().0
    }

    /// The slow twin: everything decoded, then averaged.
    fn averaged(bytes: &[u8], frame: &Frame, by: u32) -> RgbImage {
        let whole = whole(bytes, frame).unwrap();
        let size = scaled_size(frame, by);
        RgbImage::from_fn(size.width, size.height, |x, y| {
            let across = x * by..((x + 1) * by).min(whole.width());
            let down = y * by..((y + 1) * by).min(whole.height());
            let pixels: Vec<_> = down.flat_map(|y| across.clone().map(move |x| (x, y))).collect();
            let sum =
                |channel: usize| pixels.iter().map(|&(x, y)| u32::from(whole.get_pixel(x, y).0[channel])).sum::<u32>();
            image::Rgb([0, 1, 2].map(|channel| ((sum(channel) + pixels.len() as u32 / 2) / pixels.len() as u32) as u8))
        })
    }

    /// Mean difference of two pictures, in levels of 255.
    fn difference(a: &RgbImage, b: &RgbImage) -> f32 {
        assert_eq!(a.dimensions(), b.dimensions());
        let sum: u32 = a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
        sum as f32 / a.as_raw().len() as f32
    }

    #[test]
    fn a_scaled_decode_is_the_average_of_the_whole_one() {
        for (name, bytes) in FIXTURES {
            let frame = frame(bytes);
            for (shorter_side, by) in [(19, 8), (38, 4), (75, 2), (76, 1)] {
                let by = if name.ends_with("inks") && by < 8 { 1 } else { by };
                assert_eq!(divisor(&frame, shorter_side), by);
                let scaled = decode(bytes, &frame, shorter_side, &|| true).unwrap();
                let off = difference(&scaled, &averaged(bytes, &frame, by));
                // Colours that are stored at half size are known for blocks of 16 x 16 only.
                let most = if by == 8 && frame.sampling() != (1, 1) { 7.0 } else { 3.0 };
                assert!(off < most, "{name} at 1/{by}: {off}");
            }
        }
    }

    #[test]
    fn inks_with_their_transform_are_an_average_too() {
        let (_, bytes) = FIXTURES[5];
        let mut transformed = bytes.to_vec();
        let adobe = transformed.windows(5).position(|name| name == b"Adobe").unwrap();
        transformed[adobe + 11] = 2;
        let frame = frame(&transformed);
        assert_eq!(frame.adobe, Some(2));
        let scaled = decode(&transformed, &frame, 19, &|| true).unwrap();
        assert!(difference(&scaled, &averaged(&transformed, &frame, 8)) < 6.0);
    }

    #[test]
    fn decoding_ends_at_the_next_row_of_units_after_it_was_stopped() {
        for (name, bytes) in FIXTURES {
            let frame = frame(bytes);
            let asked = std::cell::Cell::new(0);
            let go_on = || asked.replace(asked.get() + 1) < 3;
            let _ = decode(bytes, &frame, 19, &go_on);
            assert_eq!(asked.get(), 4, "{name}: asked once more, and then no row was read");
        }
    }

    #[test]
    fn after_damage_the_picture_goes_on_at_the_next_restart() {
        let (_, bytes) = FIXTURES[1];
        let frame = frame(bytes);
        let mut damaged = bytes.to_vec();
        let middle = damaged.len() / 2;
        damaged[middle..middle + 40].fill(0x55);
        let (whole, damaged) =
            (decode(bytes, &frame, 19, &|| true).unwrap(), decode(&damaged, &frame, 19, &|| true).unwrap());
        let last_rows = |image: &RgbImage| image.as_raw()[image.as_raw().len() * 3 / 4..].to_vec();
        let same = last_rows(&whole).iter().zip(last_rows(&damaged)).filter(|(a, b)| a.abs_diff(*b) < 3).count();
        assert!(same * 10 > last_rows(&whole).len() * 8, "{same} samples of the last rows are right");
    }

    #[test]
    fn a_progressive_file_cut_short_is_the_coarse_picture() {
        let (_, bytes) = FIXTURES[3];
        let frame = frame(bytes);
        let cut = decode(&bytes[..bytes.len() * 2 / 3], &frame, 19, &|| true).unwrap();
        assert!(difference(&cut, &decode(bytes, &frame, 19, &|| true).unwrap()) < 6.0);
    }

    #[test]
    fn a_hundred_megapixels_fit_a_small_budget_at_an_eighth() {
        for (_, bytes) in FIXTURES {
            let mut large = bytes.to_vec();
            let at = large.windows(2).position(|pair| matches!(pair, [0xFF, 0xC0 | 0xC2])).unwrap();
            large[at + 5..at + 9].copy_from_slice(&[8700_u16.to_be_bytes(), 11_600_u16.to_be_bytes()].concat());
            let frame = frame(&large);
            assert!(decode_bytes(&frame, 256) < 24 << 20);
            assert!(decode_bytes(&frame, 8000) > 280 << 20);
        }
    }

    proptest! {
        #[test]
        fn mutated_files_give_a_picture_or_an_error(
            which in 0_usize..6,
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..20),
            cut in any::<prop::sample::Index>(),
            shorter_side in prop::sample::select(vec![19_u32, 38, 75]),
        ) {
            let mut bytes = FIXTURES[which].1.to_vec();
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            bytes.truncate(cut.index(bytes.len() * 2).max(16));
            if let Ok((frame, _)) = read_frame(&bytes)
                && frame.unsupported().is_none()
                && frame.size().pixels() > 0
                && divisor(&frame, shorter_side) == 8
                && decode_bytes(&frame, shorter_side) < 32 << 20
                && let Ok(image) = decode(&bytes, &frame, shorter_side, &|| true)
            {
                prop_assert_eq!(image.dimensions(), (frame.size().width.div_ceil(8), frame.size().height.div_ceil(8)));
            }
        }
    }
}
