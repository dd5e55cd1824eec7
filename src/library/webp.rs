//! WebP without the buffers its decoder would fill beside ours.
//!
//! | kind | held |
//! |---|---|
//! | lossy, without transparency, shrunk | the planes of brightness and colour, 1.5 bytes a pixel, instead of RGB as well |
//! | lossless | 4 bytes a pixel, instead of 7 |
//! | the rest: animated, lossy with transparency | what the decoder holds whole |

use std::io::{self, Read, Seek, SeekFrom};

use image::RgbImage;
use image_webp::WebPDecoder;
use image_webp::vp8::{Frame, Vp8Decoder};

use super::decode::DecodeError;
use super::format::PhotoFormat;
use super::rgb::{self, Samples, Shrinker, Size};
use super::source::{GoOn, Reader};

/// Where the first chunk begins, and where the flags of an extended file are (WebP container specification).
const FIRST_CHUNK: u64 = 12;
const FLAGS_AT: u64 = 20;
const ALPHA_FLAG: u8 = 0x10;
const ANIMATION_FLAG: u8 = 0x02;
/// The byte of a simple lossless file that tells of transparency.
const LOSSLESS_ALPHA_AT: u64 = 24;
/// What one macroblock of 16 x 16 pixels takes beside its pixels, rounded up.
const MACROBLOCK: u64 = 64;
/// Rows between two questions whether to go on.
const ROWS: usize = 64;

/// What a WebP file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One lossy picture without transparency: where its data lies, and how long it is.
    Lossy {
        /// First byte.
        at: u64,
        /// Count of bytes.
        length: u64,
    },
    /// One lossless picture.
    Lossless {
        /// The byte that tells the decoder of transparency.
        flag_at: u64,
        /// Whether there is any.
        has_alpha: bool,
    },
}

impl Kind {
    /// The kind, when it is one of those above.
    pub(super) fn of(mut reader: Reader<'_>) -> Option<Self> {
        let mut at = FIRST_CHUNK;
        let (mut name, mut length) = chunk_at(&mut reader, at)?;
        let extended = if name == *b"VP8X" {
            let flags = byte_at(&mut reader, FLAGS_AT)?;
            while !matches!(&name, b"VP8 " | b"VP8L") {
                at += 8 + length.next_multiple_of(2);
                (name, length) = chunk_at(&mut reader, at)?;
            }
            Some(flags)
        } else {
            None
        };
        let has = |flag: u8| extended.is_some_and(|flags| flags & flag != 0);
        match &name {
            _ if has(ANIMATION_FLAG) => None,
            b"VP8 " if !has(ALPHA_FLAG) => Some(Self::Lossy { at: at + 8, length }),
            b"VP8L" => {
                let flag_at = if extended.is_some() { FLAGS_AT } else { LOSSLESS_ALPHA_AT };
                let has_alpha = byte_at(&mut reader, flag_at)? & ALPHA_FLAG != 0;
                Some(Self::Lossless { flag_at, has_alpha })
            }
            _ => None,
        }
    }

    /// What decoding holds beside the result; `None` where the other way is better: small lossy pictures, whose colours
    /// that one smooths between pixels.
    pub(super) fn working(self, size: Size, shorter_side: u32) -> Option<u64> {
        match self {
            Self::Lossy { .. } if rgb::factor(size, shorter_side) < 2 => None,
            Self::Lossy { length, .. } => {
                let whole = |side: u32| u64::from(side.div_ceil(16));
                let blocks = whole(size.width) * whole(size.height);
                Some(blocks * (16 * 16 * 3 / 2 + MACROBLOCK) + length + u64::from(size.width) * 6)
            }
            Self::Lossless { .. } => Some(size.pixels() * 4 + u64::from(size.width) * 3),
        }
    }

    /// The picture, averaged down.
    pub(super) fn decode(
        self,
        mut reader: Reader<'_>,
        size: Size,
        shorter_side: u32,
        go_on: &GoOn<'_>,
    ) -> Result<RgbImage, DecodeError> {
        let unreadable = |error: io::Error| DecodeError::Unreadable(error.to_string());
        match self {
            Self::Lossy { at, length } => {
                let other_size =
                    || DecodeError::damaged(PhotoFormat::WebP, "its picture has another size than its header says");
                // Frame tag, start code, then both sides in 14 bits each (RFC 6386, 9.1): looked at before room is made.
                let mut start = [0; 10];
                reader.seek(SeekFrom::Start(at)).map_err(unreadable)?;
                reader.read_exact(&mut start).map_err(|_| other_size())?;
                let [.., w0, w1, h0, h1] = start;
                let side = |bytes: [u8; 2]| u32::from(u16::from_le_bytes(bytes) & 0x3FFF);
                if (side([w0, w1]), side([h0, h1])) != (size.width, size.height) {
                    return Err(other_size());
                }
                reader.seek(SeekFrom::Start(at)).map_err(unreadable)?;
                let frame = Vp8Decoder::decode_frame(reader.take(length)).map_err(|error| explained(&error))?;
                if (u32::from(frame.width), u32::from(frame.height)) != (size.width, size.height) {
                    return Err(other_size());
                }
                from_planes(&frame, size, shorter_side, go_on)
            }
            Self::Lossless { flag_at, has_alpha } => {
                let bytes = WithAlpha { bytes: reader, flag_at, at: 0 };
                let mut decoder = WebPDecoder::new(io::BufReader::new(bytes)).map_err(|error| explained(&error))?;
                let mut pixels = vec![0; size.pixels() as usize * 4];
                decoder.read_image(&mut pixels).map_err(|error| explained(&error))?;
                let samples = Samples { channels: 4, wide: false, little: false };
                let mut shrinker = Shrinker::new(size, shorter_side);
                for row in pixels.chunks_exact_mut(size.width as usize * 4) {
                    if !has_alpha {
                        row.iter_mut().skip(3).step_by(4).for_each(|alpha| *alpha = 255);
                    }
                    shrinker.push(row, samples);
                }
                shrinker.finish().ok_or_else(too_short)
            }
        }
    }
}

fn too_short() -> DecodeError {
    DecodeError::damaged(PhotoFormat::WebP, "it has fewer rows than it says")
}

fn chunk_at(reader: &mut Reader<'_>, at: u64) -> Option<([u8; 4], u64)> {
    let mut head = [0; 8];
    reader.seek(SeekFrom::Start(at)).ok()?;
    reader.read_exact(&mut head).ok()?;
    let [a, b, c, d, length @ ..] = head;
    Some(([a, b, c, d], u64::from(u32::from_le_bytes(length))))
}

fn byte_at(reader: &mut Reader<'_>, at: u64) -> Option<u8> {
    let mut byte = [0];
    reader.seek(SeekFrom::Start(at)).ok()?;
    reader.read_exact(&mut byte).ok()?;
    Some(byte[0])
}

/// Averages brightness and colour apart, as the means of both are the colours of the mean, up to rounding.
fn from_planes(frame: &Frame, size: Size, shorter_side: u32, go_on: &GoOn<'_>) -> Result<RgbImage, DecodeError> {
    let width = size.width as usize;
    let stride = width.next_multiple_of(16);
    let mut shrinker = Shrinker::new(size, shorter_side);
    let mut row = vec![0; width * 3];
    for (y, light) in frame.ybuf.chunks_exact(stride).take(size.height as usize).enumerate() {
        if y % ROWS == 0 && !go_on() {
            return Err(DecodeError::Stopped);
        }
        let colours = y / 2 * (stride / 2)..(y / 2 + 1) * (stride / 2);
        let (Some(blue), Some(red)) = (frame.ubuf.get(colours.clone()), frame.vbuf.get(colours)) else {
            return Err(too_short());
        };
        for (pixels, (light, (blue, red))) in row.chunks_mut(6).zip(light.chunks(2).zip(blue.iter().zip(red))) {
            for (pixel, light) in pixels.chunks_exact_mut(3).zip(light) {
                pixel.copy_from_slice(&[*light, *blue, *red]);
            }
        }
        shrinker.push(&row, Samples::RGB);
    }
    let mut image = shrinker.finish().ok_or_else(too_short)?;
    image.pixels_mut().for_each(|pixel| pixel.0 = from_yuv(pixel.0));
    Ok(image)
}

/// ITU-R BT.601 with brightness from 16 to 235, in units of 1/65536.
fn from_yuv([y, u, v]: [u8; 3]) -> [u8; 3] {
    let (y, u, v) = (i32::from(y) - 16, i32::from(u) - 128, i32::from(v) - 128);
    let light = 76_309 * y + (1 << 15);
    let rgb = [light + 104_597 * v, light - 25_675 * u - 53_279 * v, light + 132_201 * u];
    rgb.map(|sample| (sample >> 16).clamp(0, 255) as u8)
}

/// The same bytes, but for a flag that says there is transparency: then the decoder fills one buffer, with all four
/// channels, instead of one with four and one with three.
struct WithAlpha<'a> {
    bytes: Reader<'a>,
    flag_at: u64,
    at: u64,
}

impl Read for WithAlpha<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(into)?;
        if let Some(place) = self.flag_at.checked_sub(self.at)
            && let Some(flags) = into.get_mut(..count).and_then(|read| read.get_mut(place as usize))
        {
            *flags |= ALPHA_FLAG;
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for WithAlpha<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = self.bytes.seek(to)?;
        Ok(self.at)
    }
}

fn explained(error: &image_webp::DecodingError) -> DecodeError {
    match error {
        image_webp::DecodingError::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            DecodeError::damaged(PhotoFormat::WebP, "the file ends too early")
        }
        other => DecodeError::damaged(PhotoFormat::WebP, other.to_string()),
    }
}
