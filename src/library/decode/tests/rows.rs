//! What is decoded row by row, or plane by plane, against the decoder that holds the picture whole.

use super::*;
use crate::library::header::read_header_of;

const WEBP: [(&str, &[u8]); 6] = [
    ("lossy", include_bytes!("../../../../tests/fixtures/webp/lossy.webp")),
    ("lossy, extended", include_bytes!("../../../../tests/fixtures/webp/lossy_exif.webp")),
    ("lossy, transparent", include_bytes!("../../../../tests/fixtures/webp/lossy_clear.webp")),
    ("lossless", include_bytes!("../../../../tests/fixtures/webp/lossless.webp")),
    ("lossless, extended", include_bytes!("../../../../tests/fixtures/webp/lossless_exif.webp")),
    ("lossless, transparent", include_bytes!("../../../../tests/fixtures/webp/lossless_clear.webp")),
];

/// The slow twin: everything in memory, then averaged down.
fn whole(bytes: &[u8], shorter_side: u32) -> RgbImage {
    let format = PhotoFormat::of_content(bytes).unwrap();
    let go_on = || true;
    let mut source = Source::Memory(bytes);
    let image = still(source.reader(&go_on).unwrap(), format, Limits::no_limits()).unwrap();
    rgb::to_rgb(image, shorter_side)
}

/// Largest and mean difference of two pictures, in levels of 255.
fn difference(a: &RgbImage, b: &RgbImage) -> (u8, f64) {
    assert_eq!(a.dimensions(), b.dimensions());
    let apart: Vec<u8> = a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| a.abs_diff(*b)).collect();
    let mean = apart.iter().map(|d| f64::from(*d)).sum::<f64>() / apart.len() as f64;
    (apart.into_iter().max().unwrap(), mean)
}

/// From memory and from a stream, which must be one picture.
fn both_ways(bytes: &[u8], shorter_side: u32) -> RgbImage {
    let image = decode(bytes, &read_header(bytes).unwrap(), shorter_side).unwrap();
    let mut file = Cursor::new(bytes);
    let mut source = Source::Stream(&mut file);
    let header = read_header_of(&mut source, &|| true).unwrap();
    assert!(decode_while(&mut source, &header, shorter_side, &|| true).unwrap() == image);
    image
}

fn pattern(width: u32, height: u32) -> DynamicImage {
    let at = |x: u32, y: u32, c: u32| (x * (7 + c) + y * (3 + c * 5) + (x * y) / 9) as u8;
    image::RgbaImage::from_fn(width, height, |x, y| Rgba([0, 1, 2, 3].map(|c| at(x, y, c)))).into()
}

/// The kinds of pixels that a PNG may have.
fn kinds(photo: &DynamicImage) -> Vec<DynamicImage> {
    vec![
        photo.to_luma8().into(),
        photo.to_luma_alpha8().into(),
        photo.to_rgb8().into(),
        photo.to_rgba8().into(),
        photo.to_luma16().into(),
        photo.to_luma_alpha16().into(),
        photo.to_rgb16().into(),
        photo.to_rgba16().into(),
    ]
}

#[test]
fn png_in_rows_is_the_whole_one_of_every_kind() {
    for photo in kinds(&pattern(67, 41)) {
        let bytes = encoded(&photo, ImageFormat::Png);
        assert!(matches!(read_header(&bytes).unwrap().cost(), Cost::PngRows { .. }));
        for shorter_side in [41, 20, 9] {
            assert!(both_ways(&bytes, shorter_side) == whole(&bytes, shorter_side), "{:?}", photo.color());
        }
    }
}

#[test]
fn png_of_a_palette_and_of_few_bits_becomes_rgb() {
    for (color, depth) in
        [(::png::ColorType::Indexed, ::png::BitDepth::Four), (::png::ColorType::Grayscale, ::png::BitDepth::One)]
    {
        let mut bytes = Vec::new();
        let mut encoder = ::png::Encoder::new(&mut bytes, 30, 20);
        encoder.set_color(color);
        encoder.set_depth(depth);
        encoder.set_palette((0..48).map(|i| (i * 5) as u8).collect::<Vec<u8>>());
        let row = if depth == ::png::BitDepth::One { 4 } else { 15 };
        let data: Vec<u8> = (0..row * 20).map(|i| (i * 29) as u8).collect();
        encoder.write_header().unwrap().write_image_data(&data).unwrap();
        for shorter_side in [20, 5] {
            assert!(both_ways(&bytes, shorter_side) == whole(&bytes, shorter_side), "{color:?}");
        }
    }
}

#[test]
fn interlaced_png_is_decoded_whole() {
    let bytes = include_bytes!("../../../../tests/fixtures/png/interlaced.png");
    assert!(matches!(read_header(bytes).unwrap().cost(), Cost::Full { .. }));
    assert!(both_ways(bytes, 20) == whole(bytes, 20));
}

#[test]
fn bitmaps_in_rows_are_the_whole_ones() {
    for photo in [pattern(37, 23).to_rgb8().into(), pattern(37, 23)] {
        let bytes = encoded(&photo, ImageFormat::Bmp);
        for shorter_side in [23, 6] {
            assert!(both_ways(&bytes, shorter_side) == whole(&bytes, shorter_side));
        }
    }
    // Plain, with the simplest header, rows from the top.
    let mut bytes = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    bytes.extend([3_i32.to_le_bytes(), (-2_i32).to_le_bytes(), [1, 0, 24, 0], [0; 4]].concat());
    bytes.extend([0; 20]);
    bytes.extend([1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 11, 12, 13, 14, 15, 16, 17, 18, 19, 0, 0, 0]);
    assert!(matches!(read_header(&bytes).unwrap().cost(), Cost::BmpRows(_)));
    assert_eq!(both_ways(&bytes, 2).as_raw(), &[3, 2, 1, 6, 5, 4, 9, 8, 7, 13, 12, 11, 16, 15, 14, 19, 18, 17]);
    assert!(both_ways(&bytes, 2) == whole(&bytes, 2));
}

/// A TIFF of RGB in tiles of 16 x 16, nothing compressed.
fn tiled(photo: &RgbImage) -> Vec<u8> {
    let (across, down) = (photo.width().div_ceil(16), photo.height().div_ceil(16));
    let entries = 10_u16;
    let lists_at = 8 + 2 + u32::from(entries) * 12 + 4;
    let tiles_at = lists_at + 8 * across * down + 8;
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend(entries.to_le_bytes());
    let mut entry = |tag: u16, kind: u16, count: u32, value: u32| {
        bytes.extend([tag.to_le_bytes(), kind.to_le_bytes()].concat());
        bytes.extend([count.to_le_bytes(), value.to_le_bytes()].concat());
    };
    let count = across * down;
    entry(256, 4, 1, photo.width());
    entry(257, 4, 1, photo.height());
    entry(258, 3, 3, lists_at + 8 * count);
    entry(259, 3, 1, 1);
    entry(262, 3, 1, 2);
    entry(277, 3, 1, 3);
    entry(322, 4, 1, 16);
    entry(323, 4, 1, 16);
    entry(324, 4, count, lists_at);
    entry(325, 4, count, lists_at + 4 * count);
    bytes.extend([0; 4]);
    (0..count).for_each(|tile| bytes.extend((tiles_at + tile * 768).to_le_bytes()));
    (0..count).for_each(|_| bytes.extend(768_u32.to_le_bytes()));
    bytes.extend([8, 0, 8, 0, 8, 0, 0, 0]);
    for (row, column) in (0..down).flat_map(|row| (0..across).map(move |column| (row, column))) {
        for (y, x) in (row * 16..row * 16 + 16).flat_map(|y| (column * 16..column * 16 + 16).map(move |x| (y, x))) {
            bytes.extend(photo.get_pixel_checked(x, y).map_or([99; 3], |pixel| pixel.0));
        }
    }
    bytes
}

#[test]
fn tiff_in_strips_and_in_tiles_is_the_whole_one() {
    let photo = pattern(53, 39);
    let same = |bytes: &[u8], what: &str| {
        assert!(matches!(read_header(bytes).unwrap().cost(), Cost::TiffChunks(_)), "{what}");
        for shorter_side in [39, 13] {
            let (largest, _) = difference(&both_ways(bytes, shorter_side), &whole(bytes, shorter_side));
            assert!(largest <= 1, "{what}: {largest}");
        }
    };
    for photo in kinds(&photo).into_iter().filter(|photo| photo.color().channel_count() != 2) {
        same(&encoded(&photo, ImageFormat::Tiff), &format!("{:?}", photo.color()));
    }
    same(&tiled(&photo.to_rgb8()), "tiles");
    let mut inks = Cursor::new(Vec::new());
    let mut encoder = ::tiff::encoder::TiffEncoder::new(&mut inks).unwrap();
    encoder.write_image::<::tiff::encoder::colortype::CMYK8>(53, 39, photo.as_bytes()).unwrap();
    same(inks.get_ref(), "inks");
}

#[test]
fn webp_with_fewer_buffers_is_the_whole_one() {
    for (name, bytes) in WEBP {
        let header = read_header(bytes).unwrap();
        for shorter_side in [149, 37] {
            let (largest, mean) = difference(&both_ways(bytes, shorter_side), &whole(bytes, shorter_side));
            // Colours are smoothed between pixels when all of it is made, and averaged when it is not.
            let (most, mean_most) = if name.starts_with("lossy") && shorter_side == 37 { (32, 1.0) } else { (0, 0.0) };
            assert!(largest <= most && mean <= mean_most, "{name} at {shorter_side}: {largest}, {mean}");
        }
        let small = matches!(header.cost(), Cost::WebP { kind, .. } if kind.working(header.stored(), 37).is_some());
        assert_eq!(small, name != "lossy, transparent", "{name}");
    }
}

#[test]
fn a_hundred_megapixels_take_a_part_of_the_default_budget() {
    let sized = |bytes: &[u8], at: usize, size: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes[at..at + size.len()].copy_from_slice(size);
        bytes
    };
    let le = |width: u32, height: u32| [width.to_le_bytes(), height.to_le_bytes()].concat();
    let be = |width: u32, height: u32| [width.to_be_bytes(), height.to_be_bytes()].concat();
    let mut png = sized(&encoded(&pattern(8, 8).to_rgb8().into(), ImageFormat::Png), 16, &be(11_600, 8_700));
    let crc = png_crc(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    let bmp = sized(&encoded(&pattern(8, 8).to_rgb8().into(), ImageFormat::Bmp), 18, &le(11_600, 8_700));
    let lossy = sized(WEBP[0].1, 26, &[11_600_u16.to_le_bytes(), 8_700_u16.to_le_bytes()].concat());
    let lossless = sized(WEBP[3].1, 21, &(11_599_u32 + (8_699 << 14)).to_le_bytes());
    for (what, bytes, most) in
        [("PNG", png, 12), ("BMP", bmp, 4), ("lossy WebP", lossy, 185), ("lossless WebP", lossless, 410)]
    {
        let header = read_header(&bytes).unwrap();
        assert_eq!((header.width(), header.height()), (11_600, 8_700), "{what}");
        let bytes = header.decode_bytes(256);
        assert!(bytes < most * 1_000_000, "{what}: {bytes}");
    }
}

#[test]
fn what_the_camera_wrote_into_a_tiff_is_read_from_a_stream_too() {
    let mut tiff = encoded(&pattern(20, 10).to_rgb8().into(), ImageFormat::Tiff);
    // The picture's own directory, with the tags of `exif` added at its end.
    let directory = u32::from_le_bytes(tiff[4..8].try_into().unwrap()) as usize;
    let count = usize::from(u16::from_le_bytes(tiff[directory..directory + 2].try_into().unwrap()));
    let mut entries: Vec<[u8; 12]> = tiff[directory + 2..directory + 2 + count * 12].as_chunks().0.to_vec();
    let texts = tiff.len() as u32;
    tiff.extend(b"Box\0\x002004:07:11 15:06:12\0");
    let entry = |tag: u16, kind: u16, count: u32, value: u32| -> [u8; 12] {
        let bytes = [tag.to_le_bytes(), kind.to_le_bytes()].concat();
        [bytes, count.to_le_bytes().to_vec(), value.to_le_bytes().to_vec()].concat().try_into().unwrap()
    };
    entries.extend([
        entry(0x110, 2, 4, u32::from_le_bytes(*b"Box\0")),
        entry(0x112, 3, 1, 6),
        entry(0x132, 2, 20, texts + 5),
    ]);
    entries.sort_by_key(|entry| u16::from_le_bytes([entry[0], entry[1]]));
    let at = (tiff.len() as u32).next_multiple_of(2);
    tiff.resize(at as usize, 0);
    tiff.extend((entries.len() as u16).to_le_bytes());
    tiff.extend(entries.concat());
    tiff.extend([0; 4]);
    tiff[4..8].copy_from_slice(&at.to_le_bytes());
    let mut file = Cursor::new(tiff.clone());
    let of_stream = read_header_of(&mut Source::Stream(&mut file), &|| true).unwrap();
    for header in [read_header(&tiff).unwrap(), of_stream] {
        assert_eq!((header.camera(), header.taken()), (Some("Box"), Some("2004-07-11 15:06:12")));
        assert_eq!((header.width(), header.height()), (10, 20));
    }
}
