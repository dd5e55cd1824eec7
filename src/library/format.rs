//! What a file is, by its first bytes; its name only says whether to look.

use std::path::Path;

/// A picture format, known by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhotoFormat {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP, still or animated.
    WebP,
    /// GIF: the first frame is the photo.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// TIFF: the first page is the photo.
    Tiff,
    /// AVIF, with the feature `avif`.
    Avif,
    /// HEIC or HEIF, with the feature `heic`.
    Heic,
    /// Recognised as a picture, but not one that can be shown; the name of the format.
    Other(&'static str),
}

/// Bytes that are enough to tell a format.
pub(super) const SNIFF_BYTES: usize = 32;

const EXTENSIONS: &[&str] = &[
    "jpg", "jpeg", "jpe", "jfif", "png", "apng", "webp", "gif", "bmp", "dib", "tif", "tiff", "avif", "avifs", "heic",
    "heif", "hif", "ico", "cur", "jxl", "jp2", "j2k", "psd", "cr2", "cr3", "nef", "arw", "dng", "orf", "rw2", "raf",
    "pef", "srw",
];

/// Whether the name of a file says that it is a picture.
pub(super) fn has_picture_extension(path: &Path) -> bool {
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
}

/// What the first bytes of a file say that it is, if it is a picture.
pub(super) fn sniff(start: &[u8]) -> Option<PhotoFormat> {
    let at = |offset: usize, magic: &[u8]| start.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    let found = if at(0, b"\xff\xd8\xff") {
        PhotoFormat::Jpeg
    } else if at(0, b"\x89PNG\r\n\x1a\n") {
        PhotoFormat::Png
    } else if at(0, b"RIFF") && at(8, b"WEBP") {
        PhotoFormat::WebP
    } else if at(0, b"GIF87a") || at(0, b"GIF89a") {
        PhotoFormat::Gif
    } else if at(4, b"ftyp") {
        brand(start)?
    } else if at(0, b"II\x2a\0\x10\0\0\0CR") {
        PhotoFormat::Other("Canon raw")
    } else if at(0, b"II\x2a\0") || at(0, b"MM\0\x2a") || at(0, b"II\x2b\0") || at(0, b"MM\0\x2b") {
        PhotoFormat::Tiff
    } else if at(0, b"BM") && is_bitmap(start) {
        PhotoFormat::Bmp
    } else {
        PhotoFormat::Other(rare(&at)?)
    };
    Some(found)
}

/// The brand of an ISO base media file (ISO/IEC 14496-12).
fn brand(start: &[u8]) -> Option<PhotoFormat> {
    match start.get(8..12)? {
        b"avif" | b"avis" => Some(PhotoFormat::Avif),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => Some(PhotoFormat::Heic),
        b"crx " => Some(PhotoFormat::Other("Canon raw")),
        _ => None,
    }
}

/// "BM" alone begins many texts: the size of the second header must be one that exists.
fn is_bitmap(start: &[u8]) -> bool {
    let size = start.get(14..18).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
    matches!(size, Some(12 | 16 | 40 | 52 | 56 | 64 | 108 | 124))
}

fn rare(at: &dyn Fn(usize, &[u8]) -> bool) -> Option<&'static str> {
    let known: [(&[u8], &'static str); 9] = [
        (b"\0\0\x01\0", "Windows icon"),
        (b"\0\0\x02\0", "Windows cursor"),
        (b"8BPS", "Photoshop"),
        (b"\xff\x0a", "JPEG XL"),
        (b"\0\0\0\x0cJXL ", "JPEG XL"),
        (b"\0\0\0\x0cjP  ", "JPEG 2000"),
        (b"FUJIFILMCCD-RAW", "Fujifilm raw"),
        (b"IIRO", "Olympus raw"),
        (b"IIU\0", "Panasonic raw"),
    ];
    known.iter().find(|(magic, _)| at(0, magic)).map(|(_, name)| *name)
}

impl PhotoFormat {
    /// Its name in sentences.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
            Self::Avif => "AVIF",
            Self::Heic => "HEIC",
            Self::Other(name) => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_and_text_is_no_bitmap() {
        assert_eq!(sniff(b"\xff\xd8\xff\xe1 ..."), Some(PhotoFormat::Jpeg));
        assert_eq!(sniff(b"\0\0\0\x20ftypavif...."), Some(PhotoFormat::Avif));
        assert_eq!(sniff(b"\0\0\0\x20ftypmif1...."), Some(PhotoFormat::Heic));
        assert_eq!(sniff(b"\0\0\0\x20ftypmp42...."), None);
        assert_eq!(sniff(b"BMW and other cars, a text"), None);
        assert_eq!(sniff(b""), None);
        assert!(has_picture_extension(Path::new("a/B.JPeG")) && !has_picture_extension(Path::new("jpg")));
    }
}
