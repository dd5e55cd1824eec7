//! From the bytes of a file to upright RGB pixels.

use image::codecs::bmp::BmpDecoder;
use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::tiff::TiffDecoder;
use image::codecs::webp::WebPDecoder;
use image::error::LimitErrorKind;
use image::{DynamicImage, ImageDecoder, ImageError, ImageResult, Limits, RgbImage, Rgba};

use super::format::PhotoFormat;
use super::guard::guarded;
use super::header::{Cost, Header};
use super::source::{GoOn, Reader, Source};
use super::text::printable;
use super::{heif, jpeg, png, rgb};

/// Longest reason a decoder may give, in letters.
const LONGEST_REASON: usize = 160;

/// Why a file gives no picture. Its text is the reason shown to the person, without the path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// No bytes at all.
    #[error("the file is empty")]
    Empty,
    /// The first bytes are those of no known picture format.
    #[error("not a picture: its first bytes are those of no known format")]
    NotAPicture,
    /// A picture in a format, or a variant of one, that is not decoded.
    #[error("{0} pictures are not supported")]
    Unsupported(String),
    /// A picture that another build of this program decodes.
    #[error("{format} pictures need a build with the feature `{feature}`: cargo install --features {feature}")]
    NeedsFeature {
        /// What the file is.
        format: PhotoFormat,
        /// The cargo feature that decodes it.
        feature: &'static str,
    },
    /// The file contradicts its format, or ends too early.
    #[error("damaged {format}: {what}")]
    Damaged {
        /// What the file is.
        format: PhotoFormat,
        /// What the decoder says, in one line.
        what: String,
    },
    /// The decoder wanted more memory than the header said.
    #[error("{0} that wants more memory than its header says")]
    OverBudget(PhotoFormat),
    /// The bytes could not be read while the picture was decoded.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// The caller asked to stop.
    #[error("decoding was stopped")]
    Stopped,
    /// The decoder panicked. The process goes on.
    #[error("the {0} decoder failed on this file (a bug in it)")]
    Panicked(PhotoFormat),
    /// A thumbnail could not be written.
    #[error("the thumbnail could not be made: {0}")]
    Thumbnail(String),
}

impl DecodeError {
    /// Damage, with what the decoder says about it made fit to be shown.
    pub(super) fn damaged(format: PhotoFormat, what: impl AsRef<str>) -> Self {
        Self::Damaged { format, what: one_line(what.as_ref()) }
    }

    /// A variant of a format that is not decoded, in the decoder's words.
    pub(super) fn unsupported(format: PhotoFormat, what: impl AsRef<str>) -> Self {
        Self::Unsupported(format!("such {format} ({})", one_line(what.as_ref())))
    }

    pub(super) fn of_image(format: PhotoFormat, error: &ImageError) -> Self {
        match error {
            ImageError::Unsupported(what) => Self::unsupported(format, what.to_string()),
            ImageError::Limits(limit) if limit.kind() == LimitErrorKind::InsufficientMemory => Self::OverBudget(format),
            ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Self::damaged(format, "the file ends too early")
            }
            ImageError::Decoding(inner) => {
                let inner = std::error::Error::source(inner).map_or_else(|| inner.to_string(), ToString::to_string);
                Self::damaged(format, inner)
            }
            other => Self::damaged(format, other.to_string()),
        }
    }
}

fn one_line(what: &str) -> String {
    printable(with_chunks_named(what.trim()).as_str()).chars().take(LONGEST_REASON).collect()
}

/// The PNG decoder tells all properties of a chunk; its name says enough.
fn with_chunks_named(what: &str) -> String {
    let mut parts = what.split("ChunkType { type: ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (name, others) = part.split_once(',').unwrap_or((part, ""));
        let (_, after) = others.split_once('}').unwrap_or_default();
        format!("{text}{name}{after}")
    })
}

/// Decodes the photo: 8 bits RGB, upright by EXIF, transparent parts over white; of an animation the first frame.
///
/// `header` is what [`super::read_header`] said of the same bytes. The shorter side of the result is at least
/// `shorter_side`, or the photo's own if that is smaller; it may be larger, because photos are only scaled where that is
/// cheaper than not scaling. At most [`Header::decode_bytes`] bytes are held at once: ask for that first, nothing here
/// refuses a photo for its size. A panic of a decoder becomes an error.
///
/// A JPEG that ends too early or is damaged inside gives the picture as far as it goes, the rest grey.
pub fn decode(bytes: &[u8], header: &Header, shorter_side: u32) -> Result<RgbImage, DecodeError> {
    decode_while(&mut Source::Memory(bytes), header, shorter_side, &|| true)
}

/// The same of bytes from anywhere, as long as `go_on` says so: after that it fails with [`DecodeError::Stopped`]. It is
/// asked every few milliseconds, but for what only other people's decoders know: lossy WebP until its planes are there,
/// AVIF, HEIC, and JPEG that is decoded at full size (or, with the feature `turbo`, at a half or a quarter).
///
/// A stream is read as it is decoded and takes no memory, unless [`Header::is_read_whole`] says so.
pub fn decode_while(
    source: &mut Source<'_>,
    header: &Header,
    shorter_side: u32,
    go_on: &GoOn<'_>,
) -> Result<RgbImage, DecodeError> {
    let format = header.format();
    let work = || pixels(source, header, shorter_side, go_on).map(|image| rgb::upright(image, header.orientation()));
    match guarded(work).unwrap_or(Err(DecodeError::Panicked(format))) {
        _ if !go_on() => Err(DecodeError::Stopped),
        Ok(image) if image.width() == 0 || image.height() == 0 => {
            Err(DecodeError::damaged(format, "it holds no pixel"))
        }
        image => image,
    }
}

/// The picture as stored, not yet upright.
fn pixels(
    source: &mut Source<'_>,
    header: &Header,
    shorter_side: u32,
    go_on: &GoOn<'_>,
) -> Result<RgbImage, DecodeError> {
    let (format, size) = (header.format(), header.stored());
    let unreadable = |error: std::io::Error| DecodeError::Unreadable(error.to_string());
    let whole = match header.cost() {
        Cost::Jpeg(frame) => {
            let bytes = source.whole(go_on).map_err(unreadable)?;
            let image = jpeg::decode(&bytes, frame, shorter_side, go_on);
            DynamicImage::ImageRgb8(image.map_err(|what| DecodeError::damaged(format, what))?)
        }
        Cost::PngRows { .. } => return png::decode(source.reader(go_on).map_err(unreadable)?, size, shorter_side),
        Cost::BmpRows(rows) => return rows.decode(source.reader(go_on).map_err(unreadable)?, size, shorter_side),
        Cost::TiffChunks(chunks) => {
            return chunks.decode(source.reader(go_on).map_err(unreadable)?, size, shorter_side);
        }
        Cost::WebP { kind, .. } if kind.working(size, shorter_side).is_some() => {
            return kind.decode(source.reader(go_on).map_err(unreadable)?, size, shorter_side, go_on);
        }
        Cost::Full { .. } | Cost::WebP { .. } if matches!(format, PhotoFormat::Avif | PhotoFormat::Heic) => {
            heif::decode(&source.whole(go_on).map_err(unreadable)?, format)?
        }
        Cost::Full { .. } | Cost::WebP { .. } => {
            let mut limits = Limits::no_limits();
            limits.max_alloc = Some(header.decode_bytes(shorter_side));
            still(source.reader(go_on).map_err(unreadable)?, format, limits)
                .map_err(|error| DecodeError::of_image(format, &error))?
        }
    };
    Ok(rgb::to_rgb(whole, shorter_side))
}

fn still(input: Reader<'_>, format: PhotoFormat, limits: Limits) -> ImageResult<DynamicImage> {
    match format {
        PhotoFormat::Png => DynamicImage::from_decoder(PngDecoder::with_limits(input, limits)?),
        PhotoFormat::Gif => limited(GifDecoder::new(input)?, limits),
        PhotoFormat::Bmp => limited(BmpDecoder::new(input)?, limits),
        PhotoFormat::Tiff => limited(TiffDecoder::new(input)?, limits),
        _ => {
            let mut decoder = WebPDecoder::new(input)?;
            if decoder.has_animation() {
                decoder.set_background_color(Rgba([255; 4]))?;
            }
            limited(decoder, limits)
        }
    }
}

fn limited(mut decoder: impl ImageDecoder, limits: Limits) -> ImageResult<DynamicImage> {
    decoder.set_limits(limits)?;
    DynamicImage::from_decoder(decoder)
}

#[cfg(test)]
mod tests;
