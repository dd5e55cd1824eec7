//! TIFF strip by strip: a photo of any size is decoded in the memory of one strip, or one row of tiles.
//!
//! Grey, RGB, RGBA and CMYK of 8 or 16 bits with their samples side by side; the rest is left to the decoder that holds
//! pictures whole.

use image::RgbImage;
use image::metadata::Orientation;
use tiff::decoder::ifd::Value;
use tiff::decoder::{ChunkType, Decoder, Limits};
use tiff::tags::{IfdPointer, Tag};
use tiff::{ColorType, TiffError};

use super::decode::DecodeError;
use super::exif::{Shot, ShotText};
use super::format::PhotoFormat;
use super::rgb::{Samples, Shrinker, Size};
use super::source::Reader;

/// The compressions whose decoder takes in a whole strip before it begins: both kinds of JPEG.
const WHOLE_STRIPS: [u16; 2] = [6, 7];

/// How a picture is cut into strips or tiles.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunks {
    samples: Samples,
    is_cmyk: bool,
    /// Pixels across and down of one.
    chunk: Size,
    /// The most bytes of one, as stored and as decoded, where they are held beside the result.
    held: u64,
}

fn open(reader: Reader<'_>) -> Result<Decoder<Reader<'_>>, DecodeError> {
    // Strips are counted before they are decoded; lists of them keep the decoder's own limit.
    let mut limits = Limits::default();
    (limits.decoding_buffer_size, limits.intermediate_buffer_size) = (usize::MAX, usize::MAX);
    Ok(Decoder::new(reader).map_err(|error| explained(&error))?.with_limits(limits))
}

impl Chunks {
    /// How this picture can be decoded strip by strip; `None` when it cannot.
    pub(super) fn of(reader: Reader<'_>) -> Option<Self> {
        let mut decoder = open(reader).ok()?;
        let (channels, bits, is_cmyk) = match decoder.colortype().ok()? {
            ColorType::Gray(bits) => (1, bits, false),
            ColorType::RGB(bits) => (3, bits, false),
            ColorType::RGBA(bits) => (4, bits, false),
            ColorType::CMYK(bits) => (4, bits, true),
            _ => return None,
        };
        let numbers = |decoder: &mut Decoder<_>, tag| decoder.find_tag_unsigned_vec::<u16>(tag).ok().flatten();
        let is_plain = numbers(&mut decoder, Tag::SampleFormat).is_none_or(|kinds| kinds.iter().all(|kind| *kind == 1));
        let is_chunky = numbers(&mut decoder, Tag::PlanarConfiguration).is_none_or(|kind| kind == [1]);
        if !matches!(bits, 8 | 16) || !is_plain || !is_chunky {
            return None;
        }
        let (width, height) = decoder.chunk_dimensions();
        let sizes = match decoder.get_chunk_type() {
            ChunkType::Strip => Tag::StripByteCounts,
            ChunkType::Tile => Tag::TileByteCounts,
        };
        let compression = decoder.find_tag_unsigned::<u16>(Tag::Compression).ok().flatten().unwrap_or(1);
        let held = if WHOLE_STRIPS.contains(&compression) {
            let stored = decoder.get_tag_u64_vec(sizes).ok()?.into_iter().max().unwrap_or(0);
            // And it gives a whole strip back, which is then copied.
            let strip = Size { width, height: height.min(decoder.dimensions().ok()?.1) };
            stored.saturating_add(strip.pixels().saturating_mul(channels as u64 * u64::from(bits / 8)))
        } else {
            0
        };
        let samples = Samples { channels, wide: bits == 16, little: cfg!(target_endian = "little") };
        Some(Self { samples, is_cmyk, chunk: Size { width, height }, held })
    }

    /// Bytes of a row of strips or tiles.
    fn band(&self, size: Size) -> u64 {
        let height = u64::from(self.chunk.height.min(size.height));
        height.saturating_mul(u64::from(size.width)).saturating_mul(self.samples.bytes_per_pixel() as u64)
    }

    /// What is held beside the result.
    pub(super) fn working(&self, size: Size) -> u64 {
        let tile = self.chunk.pixels().saturating_mul(self.samples.bytes_per_pixel() as u64);
        let tile = if self.chunk.width < size.width { tile } else { 0 };
        self.band(size).saturating_add(tile).saturating_add(self.held).saturating_add(u64::from(size.width) * 6)
    }

    /// The picture as stored, averaged down as it comes.
    pub(super) fn decode(&self, reader: Reader<'_>, size: Size, shorter_side: u32) -> Result<RgbImage, DecodeError> {
        let mut decoder = open(reader)?;
        let across = size.width.div_ceil(self.chunk.width.max(1));
        let pixel = self.samples.bytes_per_pixel();
        let line = size.width as usize * pixel;
        let (mut band, mut tile) = (vec![0; self.band(size) as usize], Vec::new());
        let mut shrinker = Shrinker::new(size, shorter_side);
        for (number, top) in (0..size.height).step_by(self.chunk.height.max(1) as usize).enumerate() {
            let height = self.chunk.height.min(size.height - top) as usize;
            for column in 0..across {
                let index = number as u32 * across + column;
                if across == 1 {
                    decoder.read_chunk_bytes(index, &mut band).map_err(|error| explained(&error))?;
                    continue;
                }
                let (width, _) = decoder.chunk_data_dimensions(index);
                tile.resize(width as usize * pixel * height, 0);
                decoder.read_chunk_bytes(index, &mut tile).map_err(|error| explained(&error))?;
                let left = (column * self.chunk.width) as usize * pixel;
                for (to, from) in band.chunks_exact_mut(line).zip(tile.chunks_exact(width as usize * pixel)) {
                    to.iter_mut().skip(left).zip(from).for_each(|(to, from)| *to = *from);
                }
            }
            for row in band.chunks_exact(line).take(height) {
                if self.is_cmyk { shrinker.push_inks(row, self.samples) } else { shrinker.push(row, self.samples) }
            }
        }
        shrinker.finish().ok_or_else(|| DecodeError::damaged(PhotoFormat::Tiff, "it has fewer rows than it says"))
    }
}

/// What the camera wrote down, from the tags alone: for files too large to be copied to an EXIF reader.
pub(super) fn shot(reader: Reader<'_>) -> Shot {
    let Ok(mut decoder) = open(reader) else { return Shot::default() };
    let text = |decoder: &mut Decoder<_>, tag| decoder.get_tag_ascii_string(tag).ok();
    let (make, model) = (text(&mut decoder, Tag::Make), text(&mut decoder, Tag::Model));
    let original = exif_date(&mut decoder);
    let taken = original.or_else(|| text(&mut decoder, Tag::DateTime));
    let number = |decoder: &mut Decoder<_>, tag| decoder.find_tag_unsigned::<u16>(tag).ok().flatten();
    let orientation =
        number(&mut decoder, Tag::Orientation).and_then(|code| Orientation::from_exif(u8::try_from(code).ok()?));
    let has = |decoder: &mut Decoder<_>, tag| decoder.find_tag(Tag::Unknown(tag)).is_ok_and(|value| value.is_some());
    let is_preview = number(&mut decoder, Tag::Unknown(0xFE)).is_some_and(|kind| kind & 1 == 1);
    let is_raw = has(&mut decoder, 0xC612) || (is_preview && has(&mut decoder, 0x14A));
    Shot::of_texts(ShotText { make, model, taken }, orientation, is_raw)
}

/// The date of taking, which lies in a directory of its own.
fn exif_date(decoder: &mut Decoder<Reader<'_>>) -> Option<String> {
    let at = decoder.find_tag_unsigned::<u64>(Tag::ExifDirectory).ok()??;
    let directory = decoder.read_directory(IfdPointer(at)).ok()?;
    match decoder.read_directory_tags(&directory).find_tag(Tag::Unknown(0x9003)).ok()?? {
        Value::Ascii(text) => Some(text),
        _ => None,
    }
}

fn explained(error: &TiffError) -> DecodeError {
    let format = PhotoFormat::Tiff;
    match error {
        TiffError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            DecodeError::damaged(format, "the file ends too early")
        }
        TiffError::LimitsExceeded => DecodeError::OverBudget(format),
        TiffError::UnsupportedError(what) => DecodeError::unsupported(format, what.to_string()),
        other => DecodeError::damaged(format, other.to_string()),
    }
}
