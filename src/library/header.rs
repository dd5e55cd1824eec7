//! What a file says about its picture before any pixel is decoded.

use std::io::Cursor;

use exif::{Exif, In, Reader, Tag, Value};
use image::ImageReader;
use image::metadata::Orientation;

use super::decode::{DecodeError, image_format, quietly};
use super::format::{PhotoFormat, SNIFF_BYTES, sniff};
use super::{jpeg, text::printable};

/// Facts about a picture from its header: enough to decide whether, and how small, to decode it.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    pub(super) format: PhotoFormat,
    /// As stored, before it is turned upright.
    pub(super) stored: (u32, u32),
    pub(super) orientation: Orientation,
    /// Whether the JPEG is progressive: all of its coefficients are held at once.
    pub(super) progressive: bool,
    camera: Option<String>,
    taken: Option<String>,
}

/// Reads the header. Content decides what a file is, never its name; a broken EXIF block costs only what it says.
pub fn read_header(bytes: &[u8]) -> Result<Header, DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    let start = bytes.get(..SNIFF_BYTES.min(bytes.len())).unwrap_or_default();
    let format = sniff(start).ok_or(DecodeError::NotAPicture)?;
    quietly(format, || {
        let (stored, progressive) = size_of(bytes, format)?;
        if stored.0 == 0 || stored.1 == 0 {
            return Err(DecodeError::Broken { format: format.name(), reason: "it has no pixels".into() });
        }
        let exif = read_exif(bytes);
        let orientation = exif.as_ref().and_then(orientation).unwrap_or(Orientation::NoTransforms);
        let camera = exif.as_ref().and_then(camera);
        let taken = exif.as_ref().and_then(taken);
        Ok(Header { format, stored, orientation, progressive, camera, taken })
    })
}

fn size_of(bytes: &[u8], format: PhotoFormat) -> Result<((u32, u32), bool), DecodeError> {
    if format == PhotoFormat::Jpeg {
        return jpeg::size(bytes);
    }
    if format == PhotoFormat::Heic {
        return super::heic::size(bytes).map(|size| (size, false));
    }
    let reader = ImageReader::with_format(Cursor::new(bytes), image_format(format)?);
    reader.into_dimensions().map(|size| (size, false)).map_err(|error| DecodeError::broken(format, &error))
}

impl Header {
    /// What the content is.
    pub const fn format(&self) -> PhotoFormat {
        self.format
    }

    /// Width in pixels, upright.
    pub const fn width(&self) -> u32 {
        if self.lies_on_its_side() { self.stored.1 } else { self.stored.0 }
    }

    /// Height in pixels, upright.
    pub const fn height(&self) -> u32 {
        if self.lies_on_its_side() { self.stored.0 } else { self.stored.1 }
    }

    /// Maker and model of the camera, if the file tells.
    pub fn camera(&self) -> Option<&str> {
        self.camera.as_deref()
    }

    /// When it was taken, as `YYYY-MM-DD HH:MM:SS` in the camera's time, if the file tells.
    pub fn taken(&self) -> Option<&str> {
        self.taken.as_deref()
    }

    /// Bytes that [`super::decode`] to this size may hold at once, estimated from the header alone, on the high side.
    pub fn decode_bytes(&self, shorter_side: u32) -> u64 {
        let pixels = u64::from(self.stored.0) * u64::from(self.stored.1);
        match self.format {
            PhotoFormat::Jpeg => jpeg::decode_bytes(self.stored, self.progressive, shorter_side),
            // Up to 16 bits in four channels, beside the 8-bit RGB made of them.
            PhotoFormat::Png | PhotoFormat::Tiff => pixels * 11,
            // Four channels, once more for what the format predicts from, and RGB.
            PhotoFormat::WebP | PhotoFormat::Gif | PhotoFormat::Avif | PhotoFormat::Heic => pixels * 11,
            PhotoFormat::Bmp | PhotoFormat::Other(_) => pixels * 7,
        }
    }

    const fn lies_on_its_side(&self) -> bool {
        matches!(
            self.orientation,
            Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
        )
    }
}

fn read_exif(bytes: &[u8]) -> Option<Exif> {
    let mut reader = Reader::new();
    reader.continue_on_error(true);
    match reader.read_from_container(&mut Cursor::new(bytes)) {
        Ok(exif) => Some(exif),
        Err(exif::Error::PartialResult(partial)) => Some(partial.into_inner().0),
        Err(_) => None,
    }
}

fn orientation(exif: &Exif) -> Option<Orientation> {
    let value = exif.get_field(Tag::Orientation, In::PRIMARY)?.value.get_uint(0)?;
    Orientation::from_exif(u8::try_from(value).ok()?)
}

fn words(exif: &Exif, tag: Tag) -> Option<String> {
    let Value::Ascii(parts) = &exif.get_field(tag, In::PRIMARY)?.value else { return None };
    let text = String::from_utf8_lossy(parts.first()?).into_owned();
    let text = printable(text.trim_matches(|c: char| c.is_whitespace() || c == '\0'));
    (!text.is_empty()).then_some(text)
}

fn camera(exif: &Exif) -> Option<String> {
    let model = words(exif, Tag::Model)?;
    let Some(maker) = words(exif, Tag::Make) else { return Some(model) };
    let first = maker.split_whitespace().next().unwrap_or_default();
    let repeats = model.to_lowercase().starts_with(&first.to_lowercase());
    Some(if repeats { model } else { format!("{maker} {model}") })
}

fn taken(exif: &Exif) -> Option<String> {
    let text = words(exif, Tag::DateTimeOriginal).or_else(|| words(exif, Tag::DateTime))?;
    let (date, time) = text.split_once(' ')?;
    let mut parts = date.split([':', '-']).map(str::parse::<u32>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let plausible = (1800..=2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let time: Vec<u32> = time.split(':').map_while(|part| part.trim().parse().ok()).collect();
    match time[..] {
        [hour, minute, second] if plausible && hour < 24 && minute < 60 && second < 61 => {
            Some(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"))
        }
        _ => None,
    }
}
