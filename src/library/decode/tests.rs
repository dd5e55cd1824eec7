//! Pictures made here, in every format and orientation, whole and damaged.

use proptest::prelude::*;

use super::*;
use crate::library::read_header;

fn photo(width: u32, height: u32) -> RgbImage {
    // The top left corner is red, the top right green, the bottom left blue.
    RgbImage::from_fn(width, height, |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => Rgb([250, 0, 0]),
        (false, true) => Rgb([0, 250, 0]),
        (true, false) => Rgb([0, 0, 250]),
        (false, false) => Rgb([250, 250, 250]),
    })
}

fn encoded(photo: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    photo.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A JPEG with an EXIF block that holds this orientation, the camera and the date.
fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut tiff = b"II\x2a\0\x08\0\0\0\x03\0".to_vec();
    let mut data = Vec::new();
    let mut text = |tag: u16, value: &[u8]| {
        let mut entry = tag.to_le_bytes().to_vec();
        entry.extend_from_slice(&2u16.to_le_bytes());
        entry.extend_from_slice(&(value.len() as u32).to_le_bytes());
        entry.extend_from_slice(&(50 + data.len() as u32).to_le_bytes());
        data.extend_from_slice(value);
        entry
    };
    let (camera, date) = (text(0x0110, b"Camera 7\0"), text(0x0132, b"2021:03:04 05:06:07\0"));
    tiff.extend(camera);
    tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]);
    tiff.extend(date);
    tiff.extend([0; 4]);
    assert_eq!(tiff.len(), 50);
    tiff.extend(data);
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe1];
    bytes.extend_from_slice(&(tiff.len() as u16 + 8).to_be_bytes());
    bytes.extend_from_slice(b"Exif\0\0");
    bytes.extend(tiff);
    bytes.extend_from_slice(&jpeg[2..]);
    bytes
}

fn decoded(bytes: &[u8]) -> RgbImage {
    decode(bytes, &read_header(bytes).unwrap(), 10_000).unwrap()
}

fn close(a: Rgb<u8>, b: Rgb<u8>) -> bool {
    a.0.iter().zip(b.0).all(|(a, b)| a.abs_diff(b) < 40)
}

#[test]
fn every_orientation_comes_out_upright() {
    let upright = photo(64, 48);
    for orientation in 1..=8 {
        // What a camera held that way stores: the inverse of what the tag asks for.
        let inverse = Orientation::from_exif([1, 2, 3, 4, 5, 8, 7, 6][usize::from(orientation) - 1]).unwrap();
        let mut stored = DynamicImage::ImageRgb8(upright.clone());
        stored.apply_orientation(inverse);
        let bytes = with_exif(&encoded(&stored, ImageFormat::Jpeg), orientation);
        let header = read_header(&bytes).unwrap();
        assert_eq!((header.width(), header.height()), (64, 48), "orientation {orientation}");
        let shown = decode(&bytes, &header, 48).unwrap();
        for (x, y) in [(4, 4), (60, 4), (4, 44), (60, 44)] {
            assert!(close(*shown.get_pixel(x, y), *upright.get_pixel(x, y)), "orientation {orientation} at {x},{y}");
        }
    }
}

#[test]
fn camera_and_date_are_read_and_a_broken_exif_costs_nothing_else() {
    let jpeg = encoded(&photo(32, 32).into(), ImageFormat::Jpeg);
    let header = read_header(&with_exif(&jpeg, 1)).unwrap();
    assert_eq!((header.camera(), header.taken()), (Some("Camera 7"), Some("2021-03-04 05:06:07")));
    let mut damaged = with_exif(&jpeg, 1);
    damaged[14..60].fill(0xee);
    assert_eq!(read_header(&damaged).unwrap().camera(), None);
    assert_eq!(decoded(&damaged).dimensions(), (32, 32));
}

#[test]
fn every_format_is_read_and_the_first_frame_is_the_photo() {
    let original = photo(40, 30);
    use ImageFormat::{Bmp, Gif, Jpeg, Png, Tiff, WebP};
    for format in [Bmp, Gif, Jpeg, Png, Tiff, WebP] {
        let bytes = encoded(&original.clone().into(), format);
        let shown = decoded(&bytes);
        assert_eq!(shown.dimensions(), (40, 30), "{format:?}");
        assert!(close(*shown.get_pixel(4, 4), *original.get_pixel(4, 4)), "{format:?}");
    }
}

#[test]
fn sixteen_bits_grey_and_transparency_become_rgb() {
    let grey = DynamicImage::new_luma16(8, 8);
    assert_eq!(*decoded(&encoded(&grey, ImageFormat::Png)).get_pixel(1, 1), Rgb([0, 0, 0]));
    let transparent = DynamicImage::new_rgba8(8, 8);
    assert_eq!(*decoded(&encoded(&transparent, ImageFormat::Png)).get_pixel(1, 1), Rgb([255, 255, 255]));
}

#[test]
fn what_is_no_picture_says_so() {
    assert_eq!(read_header(b""), Err(DecodeError::Empty));
    assert_eq!(read_header(b"hello, I am a text"), Err(DecodeError::NotAPicture));
    assert_eq!(read_header(b"8BPS\0\x01 and so on"), Err(DecodeError::Unsupported("Photoshop")));
    #[cfg(not(feature = "avif"))]
    assert_eq!(
        read_header(b"\0\0\0\x20ftypavif\0\0\0\0avifmif1").unwrap_err().to_string(),
        "AVIF needs a build with `--features avif`"
    );
    let cut = read_header(b"\xff\xd8\xff\xe0\0\x10JF").unwrap_err().to_string();
    assert!(cut.starts_with("broken JPEG: "), "{cut}");
}

#[test]
fn a_picture_that_claims_to_be_huge_is_estimated_as_huge_before_anything_is_decoded() {
    let mut bytes = encoded(&photo(8, 8).into(), ImageFormat::Png);
    bytes[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]); // 60,000 x 60,000
    let check = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&check.to_be_bytes());
    let header = read_header(&bytes).unwrap();
    assert!(header.decode_bytes(256) > 10_000_000_000);
}

/// The check sum of PNG chunks (ISO 3309).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn damage_never_panics(
        format in 0usize..6, cut in 0.1f64..1.0, flips in prop::collection::vec((0.0f64..1.0, any::<u8>()), 0..12)
    ) {
        use ImageFormat::{Bmp, Gif, Jpeg, Png, Tiff, WebP};
        let mut bytes = encoded(&photo(33, 21).into(), [Bmp, Gif, Jpeg, Png, Tiff, WebP][format]);
        for (place, value) in flips {
            let place = ((bytes.len() - 1) as f64 * place) as usize;
            bytes[place] = value;
        }
        bytes.truncate((bytes.len() as f64 * cut) as usize);
        if let Ok(header) = read_header(&bytes)
            && header.decode_bytes(16) < 50_000_000
        {
            let _ = decode(&bytes, &header, 16);
        }
    }
}
