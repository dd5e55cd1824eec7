//! Plain bitmaps of 24 or 32 bits, row by row: most are. Palettes, masks and run lengths are left to the other decoder.

use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

use image::RgbImage;

use super::decode::DecodeError;
use super::format::PhotoFormat;
use super::rgb::{Samples, Shrinker, Size};
use super::source::Reader;

/// Bytes of the file header and of the part of the bitmap header that is looked at.
pub(super) const HEADER: usize = 34;
/// Bytes of rows read at once.
const AT_ONCE: usize = 1 << 20;
/// The header that most programs write (`BITMAPINFOHEADER`); the larger ones begin with it.
const INFO_HEADER: u32 = 40;

/// How the rows of a plain bitmap lie in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rows {
    /// Where the first one begins.
    at: u64,
    bytes_per_pixel: usize,
    is_top_down: bool,
}

impl Rows {
    /// From the first [`HEADER`] bytes, if they are those of a plain bitmap.
    pub(super) fn of(first: &[u8]) -> Option<Self> {
        let long = |at: usize| Some(u32::from_le_bytes(*first.get(at..)?.first_chunk()?));
        let short = |at: usize| Some(u16::from_le_bytes(*first.get(at..)?.first_chunk()?));
        let bytes_per_pixel = match short(28)? {
            24 => 3,
            32 => 4,
            _ => return None,
        };
        let is_plain = long(14)? >= INFO_HEADER && long(30)? == 0;
        let is_top_down = long(22)?.cast_signed() < 0;
        is_plain.then_some(Self { at: u64::from(long(10)?), bytes_per_pixel, is_top_down })
    }

    /// Bytes from one row to the next: a multiple of four.
    fn stride(self, width: u32) -> usize {
        (width as usize * self.bytes_per_pixel).next_multiple_of(4)
    }

    /// Rows read at once: most bitmaps lie upside down, and going back for every row would read all of it many times.
    fn rows_at_once(self, width: u32) -> usize {
        (AT_ONCE / self.stride(width).max(1)).max(1)
    }

    /// What is held beside the result: rows as they are, and one in our order.
    pub(super) fn working(self, size: Size) -> u64 {
        (self.stride(size.width) * self.rows_at_once(size.width)) as u64 + u64::from(size.width) * 3
    }

    /// The picture as stored, averaged down as it comes.
    pub(super) fn decode(self, mut reader: Reader<'_>, size: Size, shorter_side: u32) -> Result<RgbImage, DecodeError> {
        self.read(&mut reader, size, shorter_side).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => DecodeError::damaged(PhotoFormat::Bmp, "the file ends too early"),
            _ => DecodeError::Unreadable(error.to_string()),
        })
    }

    fn read(self, reader: &mut Reader<'_>, size: Size, shorter_side: u32) -> io::Result<RgbImage> {
        let stride = self.stride(size.width);
        let at_once = self.rows_at_once(size.width);
        let mut rows = vec![0; stride * at_once];
        let mut rgb = vec![0; size.width as usize * 3];
        let mut shrinker = Shrinker::new(size, shorter_side);
        let height = size.height as usize;
        for top in (0..height).step_by(at_once) {
            let count = at_once.min(height - top);
            let first_in_file = if self.is_top_down { top } else { height - top - count };
            let rows = rows.get_mut(..stride * count).unwrap_or_default();
            reader.seek(SeekFrom::Start(self.at + first_in_file as u64 * stride as u64))?;
            reader.read_exact(rows)?;
            for number in 0..count {
                let place = if self.is_top_down { number } else { count - 1 - number };
                let row = rows.chunks_exact(stride).nth(place).unwrap_or_default();
                for (to, from) in rgb.chunks_exact_mut(3).zip(row.chunks_exact(self.bytes_per_pixel)) {
                    // Blue comes first; the fourth byte of a plain bitmap means nothing.
                    to.copy_from_slice(&[from[2], from[1], from[0]]);
                }
                shrinker.push(&rgb, Samples::RGB);
            }
        }
        shrinker.finish().ok_or_else(|| ErrorKind::UnexpectedEof.into())
    }
}
