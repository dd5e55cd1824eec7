//! What a file says about its picture before a pixel is decoded.

use std::io::Cursor;

use image::codecs::bmp::BmpDecoder;
use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::tiff::TiffDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{ColorType, ExtendedColorType, ImageDecoder, ImageResult};

use super::decode::DecodeError;
use super::exif::Shot;
use super::format::PhotoFormat;
use super::guard::guarded;
use super::heif;
use super::jpeg;
use super::rgb::{self, Size};

/// What decoders need besides their pixels: rows, tables, headers.
const OVERHEAD: u64 = 1 << 20;

/// What is known of a photo from its header: enough to say what decoding it will cost.
#[derive(Clone, Debug)]
pub struct Header {
    format: PhotoFormat,
    /// As stored, before it is turned upright.
    stored: Size,
    shot: Shot,
    cost: Cost,
}

/// What decoding costs in memory.
#[derive(Clone, Debug)]
pub(super) enum Cost {
    /// A JPEG, by its plan.
    Jpeg(jpeg::Frame),
    /// Everything is decoded at full size, in this many bytes a pixel, then brought to RGB.
    Full { bytes_per_pixel: u64, is_rgb: bool },
}

impl Header {
    /// The format, by content.
    pub const fn format(&self) -> PhotoFormat {
        self.format
    }

    /// Pixels from left to right when the photo is upright.
    pub fn width(&self) -> u32 {
        self.upright().width
    }

    /// Pixels from top to bottom when the photo is upright.
    pub fn height(&self) -> u32 {
        self.upright().height
    }

    /// Make and model of the camera, as EXIF has them.
    pub fn camera(&self) -> Option<&str> {
        self.shot.camera.as_deref()
    }

    /// When the photo was taken, `YYYY-MM-DD HH:MM:SS` in the camera's time, from EXIF.
    pub fn taken(&self) -> Option<&str> {
        self.shot.taken.as_deref()
    }

    /// The most bytes that [`super::decode`] will hold at once for this shorter side, its result included and the
    /// file's own bytes not. An estimate from the header alone, on the safe side.
    pub fn decode_bytes(&self, shorter_side: u32) -> u64 {
        let decoding = match &self.cost {
            Cost::Jpeg(frame) => jpeg::decode_bytes(frame, shorter_side),
            Cost::Full { bytes_per_pixel, .. } => self.stored.pixels().saturating_mul(*bytes_per_pixel),
        };
        let shrunk = rgb::shrunk(self.decoded(shorter_side), shorter_side).pixels().saturating_mul(3);
        let copies = if self.shot.orientation == Orientation::NoTransforms { 1 } else { 2 };
        let converted = match &self.cost {
            Cost::Full { is_rgb: true, .. } | Cost::Jpeg(_) if self.is_kept_whole(shorter_side) => {
                shrunk * (copies - 1)
            }
            _ => shrunk.saturating_mul(copies),
        };
        decoding.saturating_add(converted).saturating_add(OVERHEAD)
    }

    /// A header made by the room itself, for containers that no `ImageDecoder` reads.
    #[cfg(any(feature = "avif", feature = "heic"))]
    pub(super) const fn of_container(format: PhotoFormat, stored: Size, shot: Shot, bytes_per_pixel: u64) -> Self {
        Self { format, stored, shot, cost: Cost::Full { bytes_per_pixel, is_rgb: false } }
    }

    pub(super) const fn orientation(&self) -> Orientation {
        self.shot.orientation
    }

    pub(super) const fn cost(&self) -> &Cost {
        &self.cost
    }

    /// Size of what the decoder hands over.
    fn decoded(&self, shorter_side: u32) -> Size {
        match &self.cost {
            Cost::Jpeg(frame) => jpeg::decoded_size(frame, shorter_side),
            Cost::Full { .. } => self.stored,
        }
    }

    fn is_kept_whole(&self, shorter_side: u32) -> bool {
        let decoded = self.decoded(shorter_side);
        rgb::shrunk(decoded, shorter_side) == decoded
    }

    fn upright(&self) -> Size {
        let Size { width, height } = self.stored;
        match self.shot.orientation {
            Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH => Size { width: height, height: width },
            _ => self.stored,
        }
    }
}

/// Reads what the file says about its picture. The content decides the format, never a file name.
///
/// Costs microseconds and allocates little, whatever size the file claims. Errors are the reason to show for the file.
pub fn read_header(bytes: &[u8]) -> Result<Header, DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    let format = match PhotoFormat::of_content(bytes) {
        Some(format) => format,
        None if PhotoFormat::is_targa(bytes) => PhotoFormat::Other("TGA"),
        None => return Err(DecodeError::NotAPicture),
    };
    let header = guarded(|| read(bytes, format)).unwrap_or(Err(DecodeError::Panicked(format)))?;
    match header.stored {
        Size { width: 0, .. } | Size { height: 0, .. } => {
            Err(DecodeError::damaged(format, "it says it is zero pixels wide or high"))
        }
        _ => Ok(header),
    }
}

fn read(bytes: &[u8], format: PhotoFormat) -> Result<Header, DecodeError> {
    let input = Cursor::new(bytes);
    match format {
        PhotoFormat::Jpeg => {
            let (frame, block) = jpeg::read_frame(bytes).map_err(|what| DecodeError::damaged(format, what))?;
            if let Some(feature) = frame.unsupported() {
                return Err(DecodeError::Unsupported(format!("JPEG ({feature})")));
            }
            let shot = block.map(Shot::of_block).unwrap_or_default();
            Ok(Header { format, stored: frame.size(), shot, cost: Cost::Jpeg(frame) })
        }
        PhotoFormat::Png => full(bytes, format, PngDecoder::new(input), 0),
        // The frame may need a buffer of its own beside the screen's.
        PhotoFormat::Gif => full(bytes, format, GifDecoder::new(input), 4),
        PhotoFormat::Bmp => full(bytes, format, BmpDecoder::new(input), 0),
        PhotoFormat::WebP => full(bytes, format, WebPDecoder::new(input), 8),
        PhotoFormat::Tiff => tiff(bytes, input),
        PhotoFormat::Avif | PhotoFormat::Heic => heif::read_header(bytes, format),
        PhotoFormat::Other(name) => Err(DecodeError::Unsupported(name.to_owned())),
    }
}

/// A format that is decoded whole. `working` is the decoder's own bytes a pixel, beside its output.
fn full(
    bytes: &[u8],
    format: PhotoFormat,
    decoder: ImageResult<impl ImageDecoder>,
    working: u64,
) -> Result<Header, DecodeError> {
    let decoder = decoder.map_err(|error| DecodeError::of_image(format, &error))?;
    Ok(whole(&decoder, format, working, Shot::of_file(bytes, format)))
}

fn whole(decoder: &impl ImageDecoder, format: PhotoFormat, working: u64, shot: Shot) -> Header {
    let (width, height) = decoder.dimensions();
    let color = decoder.color_type();
    let bytes_per_pixel = u64::from(color.bytes_per_pixel()) + working;
    let cost = Cost::Full { bytes_per_pixel, is_rgb: color == ColorType::Rgb8 };
    Header { format, stored: Size { width, height }, shot, cost }
}

fn tiff(bytes: &[u8], input: Cursor<&[u8]>) -> Result<Header, DecodeError> {
    let format = PhotoFormat::Tiff;
    let shot = Shot::of_file(bytes, format);
    if shot.is_raw {
        return Err(DecodeError::Unsupported("camera raw".to_owned()));
    }
    let mut decoder = TiffDecoder::new(input).map_err(|error| DecodeError::of_image(format, &error))?;
    let orientation = decoder.orientation().unwrap_or(shot.orientation);
    // The decoder fills a buffer of its own, then ours.
    let own = match decoder.original_color_type() {
        ExtendedColorType::Cmyk8 => 4,
        ExtendedColorType::Cmyk16 => 8,
        _ => u64::from(decoder.color_type().bytes_per_pixel()),
    };
    Ok(whole(&decoder, format, own, Shot { orientation, ..shot }))
}
