//! From the first bytes of a file, and whatever else its format needs, to its [`Header`].

use std::borrow::Cow;

use image::codecs::bmp::BmpDecoder;
use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::tiff::TiffDecoder;
use image::codecs::webp::WebPDecoder;
use image::{ColorType, ExtendedColorType, ImageDecoder, ImageResult};

use super::{Cost, Header};
use crate::library::decode::DecodeError;
use crate::library::exif::Shot;
use crate::library::format::{PhotoFormat, SNIFFED_BYTES};
use crate::library::guard::guarded;
use crate::library::rgb::Size;
use crate::library::source::{GoOn, Reader, Source};
use crate::library::{bmp, heif, jpeg, png, tiff, webp};

/// TIFF files are copied to have their EXIF read; of those that are larger, or not in memory, only the tags are read.
const LARGEST_COPY: usize = 64 << 20;
/// How much of a JPEG is read at first to find its header: more than cameras put before it.
const JPEG_START: usize = 1 << 20;
/// How much of one is read at most: sixteen times the longest EXIF and colour profiles seen.
const JPEG_MOST: usize = 16 << 20;

/// Reads what the file says about its picture. The content decides the format, never a file name.
///
/// Costs microseconds and allocates little, whatever size the file claims. Errors are the reason to show for the file.
pub fn read_header(bytes: &[u8]) -> Result<Header, DecodeError> {
    read_header_of(&mut Source::Memory(bytes), &|| true)
}

/// The same of bytes from anywhere, as long as `go_on` says so.
pub fn read_header_of(source: &mut Source<'_>, go_on: &GoOn<'_>) -> Result<Header, DecodeError> {
    let first = first(source, SNIFFED_BYTES)?;
    if first.is_empty() {
        return Err(DecodeError::Empty);
    }
    let format = match PhotoFormat::of_content(&first) {
        Some(format) => format,
        None if is_targa(source, &first) => PhotoFormat::Other("TGA"),
        None => return Err(DecodeError::NotAPicture),
    };
    let header = guarded(|| read(source, format, go_on)).unwrap_or(Err(DecodeError::Panicked(format)));
    match header {
        Err(_) if !go_on() => Err(DecodeError::Stopped),
        Ok(Header { stored: Size { width: 0, .. } | Size { height: 0, .. }, .. }) => {
            Err(DecodeError::damaged(format, "it says it is zero pixels wide or high"))
        }
        header => header,
    }
}

fn first(source: &mut Source<'_>, count: usize) -> Result<Vec<u8>, DecodeError> {
    source.first(count).map(Cow::into_owned).map_err(|error| DecodeError::Unreadable(error.to_string()))
}

fn is_targa(source: &Source<'_>, first: &[u8]) -> bool {
    PhotoFormat::is_targa(if let Source::Memory(bytes) = source { bytes } else { first })
}

fn reader<'a>(source: &'a mut Source<'_>, go_on: &'a GoOn<'a>) -> Result<Reader<'a>, DecodeError> {
    source.reader(go_on).map_err(|error| DecodeError::Unreadable(error.to_string()))
}

fn read(source: &mut Source<'_>, format: PhotoFormat, go_on: &GoOn<'_>) -> Result<Header, DecodeError> {
    match format {
        PhotoFormat::Jpeg => jpeg_header(source),
        PhotoFormat::Png => png_header(source, go_on),
        // The frame may need a buffer of its own beside the screen's.
        PhotoFormat::Gif => full(format, GifDecoder::new(reader(source, go_on)?), 4, Shot::default()),
        PhotoFormat::Bmp => {
            let header = full(format, BmpDecoder::new(reader(source, go_on)?), 0, Shot::default())?;
            let rows = bmp::Rows::of(&first(source, bmp::HEADER)?);
            Ok(Header { cost: rows.map_or(header.cost, Cost::BmpRows), ..header })
        }
        PhotoFormat::WebP => webp_header(source, go_on),
        PhotoFormat::Tiff => tiff_header(source, go_on),
        PhotoFormat::Avif | PhotoFormat::Heic => {
            heif::require(format)?;
            let bytes = source.whole(go_on).map_err(|error| DecodeError::Unreadable(error.to_string()))?;
            heif::read_header(&bytes, format)
        }
        PhotoFormat::Other(name) => Err(DecodeError::Unsupported(name.to_owned())),
    }
}

/// A format that is decoded whole. `working` is the decoder's own bytes a pixel, beside its output.
fn full(
    format: PhotoFormat,
    decoder: ImageResult<impl ImageDecoder>,
    working: u64,
    shot: Shot,
) -> Result<Header, DecodeError> {
    let decoder = decoder.map_err(|error| DecodeError::of_image(format, &error))?;
    let (width, height) = decoder.dimensions();
    let color = decoder.color_type();
    let bytes_per_pixel = u64::from(color.bytes_per_pixel()) + working;
    let cost = Cost::Full { bytes_per_pixel, is_rgb: color == ColorType::Rgb8 };
    Ok(Header { format, stored: Size { width, height }, shot, cost })
}

fn jpeg_header(source: &mut Source<'_>) -> Result<Header, DecodeError> {
    let format = PhotoFormat::Jpeg;
    let of = |bytes: &[u8]| {
        let (frame, block) = jpeg::read_frame(bytes).map_err(|what| DecodeError::damaged(format, what))?;
        if let Some(feature) = frame.unsupported() {
            return Err(DecodeError::Unsupported(format!("JPEG ({feature})")));
        }
        let shot = block.map(Shot::of_block).unwrap_or_default();
        Ok(Header { format, stored: frame.size(), shot, cost: Cost::Jpeg(frame) })
    };
    if let Source::Memory(bytes) = source {
        return of(bytes);
    }
    let mut count = JPEG_START;
    loop {
        let start = first(source, count)?;
        match of(&start) {
            Err(DecodeError::Damaged { .. }) if start.len() == count && count < JPEG_MOST => count *= 4,
            header => return header,
        }
    }
}

fn png_header(source: &mut Source<'_>, go_on: &GoOn<'_>) -> Result<Header, DecodeError> {
    let shot = Shot::of_container(reader(source, go_on)?);
    let header = full(PhotoFormat::Png, PngDecoder::new(reader(source, go_on)?), 0, shot)?;
    Ok(match header.cost {
        Cost::Full { bytes_per_pixel, .. } if png::is_in_rows(&first(source, png::HEADER)?) => {
            Header { cost: Cost::PngRows { bytes_per_pixel }, ..header }
        }
        _ => header,
    })
}

fn webp_header(source: &mut Source<'_>, go_on: &GoOn<'_>) -> Result<Header, DecodeError> {
    let shot = Shot::of_container(reader(source, go_on)?);
    // Planes, and a second picture where there is transparency.
    let header = full(PhotoFormat::WebP, WebPDecoder::new(reader(source, go_on)?), 8, shot)?;
    Ok(match (webp::Kind::of(reader(source, go_on)?), header.cost) {
        (Some(kind), Cost::Full { bytes_per_pixel, is_rgb }) => {
            Header { cost: Cost::WebP { kind, bytes_per_pixel, is_rgb }, ..header }
        }
        (_, cost) => Header { cost, ..header },
    })
}

fn tiff_header(source: &mut Source<'_>, go_on: &GoOn<'_>) -> Result<Header, DecodeError> {
    let format = PhotoFormat::Tiff;
    let shot = match source {
        Source::Memory(bytes) if bytes.len() <= LARGEST_COPY => Shot::of_block(bytes),
        _ => tiff::shot(reader(source, go_on)?),
    };
    if shot.is_raw {
        return Err(DecodeError::Unsupported("camera raw".to_owned()));
    }
    let decoder = TiffDecoder::new(reader(source, go_on)?);
    let mut decoder = decoder.map_err(|error| DecodeError::of_image(format, &error))?;
    let orientation = decoder.orientation().unwrap_or(shot.orientation);
    // The decoder fills a buffer of its own, then ours.
    let own = match decoder.original_color_type() {
        ExtendedColorType::Cmyk8 => 4,
        ExtendedColorType::Cmyk16 => 8,
        _ => u64::from(decoder.color_type().bytes_per_pixel()),
    };
    let header = full(format, Ok(decoder), own, Shot { orientation, ..shot })?;
    let chunks = tiff::Chunks::of(reader(source, go_on)?);
    Ok(Header { cost: chunks.map_or(header.cost, Cost::TiffChunks), ..header })
}
