//! Every format, orientation and kind of damage, in memory and as a stream.

mod rows;
mod stopped;

use super::*;
use crate::library::read_header;
use image::codecs::jpeg::JpegEncoder;
use image::{ImageFormat, Rgb};
use proptest::prelude::*;
use std::io::Cursor;

/// Red at the top left, green right, blue below: tells all eight orientations apart.
fn photo(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x * 2 < width, y * 2 < height) {
        (true, true) => Rgb([220, 30, 30]),
        (false, true) => Rgb([30, 200, 30]),
        (true, false) => Rgb([30, 30, 220]),
        (false, false) => Rgb([230, 230, 230]),
    })
}

fn encoded(photo: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    photo.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn jpeg(photo: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 92).encode_image(photo).unwrap();
    bytes
}

/// The TIFF block of EXIF with an orientation, a camera and a date.
fn exif(orientation: u8) -> Vec<u8> {
    let mut block = b"MM\0*\0\0\0\x08\0\x03".to_vec();
    block.extend_from_slice(b"\x01\x10\0\x02\0\0\0\x04Box\0");
    block.extend_from_slice(&[1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    block.extend_from_slice(b"\x01\x32\0\x02\0\0\0\x14\0\0\0\x32\0\0\0\0");
    block.extend_from_slice(b"2004:07:11 15:06:12\0");
    block
}

fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let block = exif(orientation);
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend_from_slice(&[0xFF, 0xE1]);
    bytes.extend_from_slice(&(block.len() as u16 + 8).to_be_bytes());
    bytes.extend_from_slice(b"Exif\0\0");
    bytes.extend_from_slice(&block);
    bytes.extend_from_slice(&jpeg[2..]);
    bytes
}

fn decoded(bytes: &[u8], shorter_side: u32) -> RgbImage {
    let header = read_header(bytes).unwrap();
    let image = decode(bytes, &header, shorter_side).unwrap();
    let (width, height) = image.dimensions();
    assert!(width.min(height) >= header.width().min(header.height()).min(shorter_side));
    assert!(u64::from(width) * u64::from(height) * 3 <= header.decode_bytes(shorter_side));
    image
}

/// Whether the four quarters are red, green, blue, white.
fn is_upright(image: &RgbImage) -> bool {
    let (width, height) = image.dimensions();
    let at = |x: u32, y: u32| image.get_pixel(width * x / 4, height * y / 4).0;
    let near = |pixel: [u8; 3], to: [u8; 3]| pixel.iter().zip(to).all(|(a, b)| a.abs_diff(b) < 24);
    near(at(1, 1), [220, 30, 30])
        && near(at(3, 1), [30, 200, 30])
        && near(at(1, 3), [30, 30, 220])
        && near(at(3, 3), [230, 230, 230])
}

#[test]
fn every_orientation_comes_out_upright_at_every_scale() {
    use image::imageops::{flip_horizontal, flip_vertical, rotate90, rotate180, rotate270};
    for (width, height) in [(64, 48), (1200, 900), (2600, 2100)] {
        let upright = photo(width, height);
        for orientation in 1..=8_u8 {
            // What a camera stores so that `orientation` undoes it (EXIF 2.32, table 6).
            let stored = match orientation {
                2 => flip_horizontal(&upright),
                3 => rotate180(&upright),
                4 => flip_vertical(&upright),
                5 => flip_horizontal(&rotate90(&upright)),
                6 => rotate270(&upright),
                7 => flip_horizontal(&rotate270(&upright)),
                8 => rotate90(&upright),
                _ => upright.clone(),
            };
            let bytes = with_exif(&jpeg(&stored), orientation);
            let header = read_header(&bytes).unwrap();
            assert_eq!((header.width(), header.height()), (width, height), "orientation {orientation}");
            let image = decoded(&bytes, 256);
            assert!(image.width() > image.height(), "orientation {orientation}");
            assert!(is_upright(&image), "orientation {orientation} at {width} x {height}");
        }
    }
}

#[test]
fn the_camera_and_the_date_are_read() {
    let bytes = with_exif(&jpeg(&photo(16, 16)), 1);
    let header = read_header(&bytes).unwrap();
    assert_eq!((header.camera(), header.taken()), (Some("Box"), Some("2004-07-11 15:06:12")));
    assert_eq!(header.format(), PhotoFormat::Jpeg);
}

#[test]
fn broken_exif_does_not_cost_the_photo() {
    let mut bytes = with_exif(&jpeg(&photo(64, 48)), 6);
    bytes[12..20].fill(0xEE);
    let header = read_header(&bytes).unwrap();
    assert_eq!((header.width(), header.camera()), (64, None));
    assert!(is_upright(&decoded(&bytes, 32)));
}

#[test]
fn every_format_gives_the_same_picture() {
    let photo = DynamicImage::ImageRgb8(photo(400, 300));
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp, ImageFormat::Tiff] {
        let image = decoded(&encoded(&photo, format), 100);
        assert!(is_upright(&image), "{format:?}");
        assert_eq!(image.dimensions(), (400, 300));
    }
    let large = DynamicImage::ImageRgb8(self::photo(1000, 800));
    assert_eq!(decoded(&encoded(&large, ImageFormat::Png), 100).dimensions(), (250, 200));
}

#[test]
fn grey_alpha_and_sixteen_bits_become_rgb() {
    let photo = DynamicImage::ImageRgb8(photo(40, 30));
    for other in [photo.to_rgba8().into(), photo.to_rgb16().into(), DynamicImage::from(photo.to_rgba16())] {
        assert!(is_upright(&decoded(&encoded(&other, ImageFormat::Png), 16)));
    }
    let grey = decoded(&encoded(&photo.to_luma16().into(), ImageFormat::Png), 16);
    assert!(grey.pixels().all(|pixel| pixel.0[0] == pixel.0[1] && pixel.0[1] == pixel.0[2]));
}

#[test]
fn a_jpeg_cut_short_gives_the_picture_as_far_as_it_goes() {
    for (width, height) in [(640, 480), (1200, 900), (2600, 2100)] {
        let bytes = jpeg(&photo(width, height));
        let cut = &bytes[..bytes.len() / 2];
        let image = decoded(cut, 256);
        let near = image.get_pixel(image.width() / 8, image.height() / 8).0;
        assert!(near[0] > 180 && near[1] < 70, "{width}: {near:?}");
    }
}

#[test]
fn other_files_cut_short_are_damaged_not_fatal() {
    let photo = DynamicImage::ImageRgb8(photo(200, 150));
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp, ImageFormat::Tiff] {
        let bytes = encoded(&photo, format);
        let cut = &bytes[..bytes.len() / 2];
        let result = read_header(cut).and_then(|header| decode(cut, &header, 64));
        assert!(matches!(result, Err(DecodeError::Damaged { .. })), "{format:?}: {result:?}");
    }
}

#[test]
fn what_cannot_be_decoded_says_why() {
    let says = |bytes: &[u8]| read_header(bytes).unwrap_err().to_string();
    assert_eq!(says(b""), "the file is empty");
    assert_eq!(says(b"just text"), "not a picture: its first bytes are those of no known format");
    assert_eq!(says(b"\0\0\x01\0\x01\0\x10\x10\0\0\x01\0"), "ICO pictures are not supported");
    if !cfg!(feature = "heic") {
        assert!(says(b"\0\0\0\x18ftypheic\0\0\0\0").contains("feature `heic`"));
    }
}

#[test]
fn a_claimed_giant_is_seen_in_the_header() {
    let mut png = encoded(&DynamicImage::new_rgb8(4, 4), ImageFormat::Png);
    png[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    png[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    // Interlaced: one that is not takes the memory of its rows.
    png[28] = 1;
    let crc = png_crc(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    let header = read_header(&png).unwrap();
    assert_eq!((header.width(), header.height()), (60_000, 60_000));
    assert!(header.decode_bytes(256) > 10_000_000_000);
}

fn png_crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 })
    })
}

/// Small files of every format to be mutated.
fn samples() -> Vec<Vec<u8>> {
    let photo = photo(48, 40);
    let other = DynamicImage::ImageRgb8(photo.clone());
    let formats = [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp, ImageFormat::Tiff];
    let mut samples: Vec<_> = formats.iter().map(|format| encoded(&other, *format)).collect();
    samples.push(with_exif(&jpeg(&photo), 5));
    samples
}

proptest! {
    #[test]
    fn mutated_files_never_panic(
        which in 0_usize..6,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
        shorter_side in 1_u32..64,
    ) {
        let mut bytes = samples().swap_remove(which);
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if is_cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let budget = 64 << 20;
        if let Ok(header) = read_header(&bytes)
            && header.decode_bytes(shorter_side) <= budget
            && let Ok(image) = decode(&bytes, &header, shorter_side)
        {
            prop_assert!(image.width() > 0 && image.height() > 0);
        }
    }
}

#[test]
fn a_damaged_chunk_is_told_by_its_name() {
    let what = "CRC error: expected 0x1 have 0x2 while decoding ChunkType { type: IHDR, critical: true, private: false } chunk";
    let said = DecodeError::damaged(PhotoFormat::Png, what).to_string();
    assert_eq!(said, "damaged PNG: CRC error: expected 0x1 have 0x2 while decoding IHDR chunk");
    assert!(DecodeError::damaged(PhotoFormat::Png, "ChunkType { type: zHDR").to_string().ends_with(": zHDR"));
}
