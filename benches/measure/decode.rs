//! Ways to read a JPEG of 6.9 megapixels down to what the network needs, each on one thread, baseline and progressive.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use image::imageops::{FilterType, resize};
use image::{Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use tripletui::library::{decode, demo, read_header};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;

use crate::Failure;

const SIZE: (u32, u32) = (3072, 2240);
/// The shorter side that embedding asks for, and those that need a quarter, a half and all of this photo.
const SIDES: [(&str, u32); 4] = [("an eighth", 256), ("a quarter", 512), ("a half", 1024), ("whole", 2240)];

/// A drawn picture, enlarged, with grain, so that its detail costs what a photo's does.
fn photo() -> RgbImage {
    let mut photo = resize(&demo::draw(5, 3), SIZE.0, SIZE.1, FilterType::CatmullRom);
    let mut noise = 1_u32;
    for pixel in photo.pixels_mut() {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = i16::from((noise >> 24) as u8 % 9) - 4;
        *pixel = Rgb(pixel.0.map(|v| (i16::from(v) + grain).clamp(0, 255) as u8));
    }
    photo
}

fn encoded(photo: &RgbImage, progressive: bool) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_progressive(progressive);
    encoder.set_optimized_huffman_tables(true);
    encoder.encode(photo.as_raw(), SIZE.0 as u16, SIZE.1 as u16, ColorType::Rgb)?;
    Ok(bytes)
}

/// One way to decode.
type Way = Box<dyn Fn(&[u8]) -> Result<usize, Failure>>;

fn ways() -> Vec<(String, Way)> {
    let mut ways: Vec<(String, Way)> = Vec::new();
    for (size, side) in SIDES {
        let ours = move |bytes: &[u8]| -> Result<usize, Failure> {
            Ok(decode(bytes, &read_header(bytes)?, side)?.as_raw().len())
        };
        ways.push((format!("tripletui, {size}"), Box::new(ours)));
    }
    for (size, by) in [("an eighth", 8), ("a quarter", 4), ("a half", 2)] {
        let scaled = move |bytes: &[u8]| -> Result<usize, Failure> {
            let mut decoder = jpeg_decoder::Decoder::new(bytes);
            decoder.scale(SIZE.0 as u16 / by, SIZE.1 as u16 / by)?;
            Ok(decoder.decode()?.len())
        };
        ways.push((format!("jpeg-decoder, {size}"), Box::new(scaled)));
    }
    let whole = |bytes: &[u8]| -> Result<usize, Failure> {
        let pixels = JpegDecoder::new(ZCursor::new(bytes)).decode().map_err(|error| error.to_string())?;
        Ok(pixels.len())
    };
    ways.push(("zune-jpeg, whole".to_owned(), Box::new(whole)));
    #[cfg(feature = "turbo")]
    ways.extend(turbo());
    ways
}

#[cfg(feature = "turbo")]
fn turbo() -> Vec<(String, Way)> {
    use turbojpeg::{Decompressor, Image, PixelFormat, ScalingFactor};
    let way = |(size, by): (&str, usize)| -> (String, Way) {
        let scaled = move |bytes: &[u8]| -> Result<usize, Failure> {
            let mut decoder = Decompressor::new()?;
            let factor = ScalingFactor::new(1, by);
            decoder.set_scaling_factor(factor)?;
            let size = decoder.read_header(bytes)?.scaled(factor);
            let mut pixels = vec![0; size.width * size.height * 3];
            let (width, height, pitch) = (size.width, size.height, size.width * 3);
            let output = Image { pixels: pixels.as_mut_slice(), width, pitch, height, format: PixelFormat::RGB };
            decoder.decompress(bytes, output)?;
            Ok(pixels.len())
        };
        (format!("libjpeg-turbo, {size}"), Box::new(scaled))
    };
    [("an eighth", 8), ("a quarter", 4), ("a half", 2), ("whole", 1)].map(way).into()
}

/// Measures them all.
pub(crate) fn decode_ways(criterion: &mut Criterion) -> Result<(), Failure> {
    let photo = photo();
    for (kind, progressive) in [("baseline", false), ("progressive", true)] {
        let bytes = encoded(&photo, progressive)?;
        let mut group = criterion.benchmark_group(format!("decode {kind}"));
        group.sample_size(10).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(2));
        group.throughput(Throughput::Elements(u64::from(SIZE.0) * u64::from(SIZE.1)));
        for (name, way) in ways() {
            way(&bytes)?;
            group.bench_function(name, |b| b.iter(|| black_box(way(&bytes).ok())));
        }
        group.finish();
    }
    Ok(())
}
