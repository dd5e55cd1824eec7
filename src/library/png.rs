//! PNG row by row: a photo of any size is decoded in the memory of a few rows.
//!
//! Interlaced pictures come in seven passes over the whole of it and are left to the decoder that holds them whole.

use png::{BitDepth, DecodingError, Limits, Transformations};

use image::RgbImage;

use super::decode::DecodeError;
use super::format::PhotoFormat;
use super::rgb::{Samples, Shrinker, Size};
use super::source::Reader;

/// The most that chunks beside the pixels may take: far more than they do.
const LARGEST_CHUNK: usize = 4 << 20;
/// Bytes that the decompression looks back on, twice over, and what is not yet decompressed.
const WINDOW: u64 = 256 << 10;
/// Where the header says whether the picture is interlaced (PNG specification, 11.2.1).
const INTERLACE_AT: usize = 28;
/// How many first bytes tell that.
pub(super) const HEADER: usize = INTERLACE_AT + 1;

/// Whether rows come in order.
pub(super) fn is_in_rows(first: &[u8]) -> bool {
    first.get(INTERLACE_AT) == Some(&0)
}

/// What the decoder holds beside the result: some rows of it and two of ours, and its window.
pub(super) fn working(size: Size, bytes_per_pixel: u64) -> u64 {
    u64::from(size.width) * (4 * bytes_per_pixel + 6) + WINDOW
}

/// The picture as stored, averaged down as it comes.
pub(super) fn decode(reader: Reader<'_>, size: Size, shorter_side: u32) -> Result<RgbImage, DecodeError> {
    let mut decoder = png::Decoder::new_with_limits(reader, Limits { bytes: LARGEST_CHUNK });
    decoder.set_transformations(Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let mut reader = decoder.read_info().map_err(|error| explained(&error))?;
    let (color, depth) = reader.output_color_type();
    let samples = Samples { channels: color.samples(), wide: depth == BitDepth::Sixteen, little: false };
    let mut shrinker = Shrinker::new(size, shorter_side);
    while let Some(row) = reader.next_row().map_err(|error| explained(&error))? {
        shrinker.push(row.data(), samples);
    }
    shrinker.finish().ok_or_else(|| DecodeError::damaged(PhotoFormat::Png, "it has fewer rows than it says"))
}

fn explained(error: &DecodingError) -> DecodeError {
    match error {
        DecodingError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            DecodeError::damaged(PhotoFormat::Png, "the file ends too early")
        }
        DecodingError::LimitsExceeded => DecodeError::OverBudget(PhotoFormat::Png),
        other => DecodeError::damaged(PhotoFormat::Png, other.to_string()),
    }
}
