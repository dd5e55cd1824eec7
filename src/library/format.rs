//! What kind of picture a file is: by its first bytes, never by its name.

use std::ffi::OsStr;
use std::fmt;

/// How many first bytes [`PhotoFormat::of_content`] looks at.
pub(super) const SNIFFED_BYTES: usize = 32;

/// A picture format, whether this build can decode it or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PhotoFormat {
    /// JPEG, baseline or progressive.
    Jpeg,
    /// PNG; of an animated one the still picture.
    Png,
    /// WebP, lossy or lossless; of an animated one the first frame.
    WebP,
    /// GIF, first frame.
    Gif,
    /// Windows and OS/2 bitmaps.
    Bmp,
    /// TIFF and `BigTIFF`, first page.
    Tiff,
    /// AVIF, with the build feature `avif`.
    Avif,
    /// HEIC and HEIF, with the build feature `heic`.
    Heic,
    /// A format that is known to hold pictures, and that this program does not decode. The name is for the person.
    Other(&'static str),
}

impl PhotoFormat {
    /// The format that starts with these bytes (32 are enough), or `None` when no known picture starts so.
    pub fn of_content(first: &[u8]) -> Option<Self> {
        if let Some((_, format)) = MAGIC.iter().find(|(magic, _)| first.starts_with(magic)) {
            return Some(*format);
        }
        match first {
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            [_, _, _, _, b'f', b't', b'y', b'p', brands @ ..] => of_brands(brands),
            [b'B', b'M', ..] if is_bitmap_header(first) => Some(Self::Bmp),
            [0, 0, kind @ (1 | 2), 0, count, 0, ..] if *count > 0 && first.get(9) == Some(&0) => {
                Some(Self::Other(if *kind == 1 { "ICO" } else { "CUR" }))
            }
            [b'P', b'1'..=b'7', b' ' | b'\t' | b'\r' | b'\n', ..] => Some(Self::Other("PNM")),
            [10, 0 | 2 | 3 | 4 | 5, 1, 1 | 2 | 4 | 8, ..] => Some(Self::Other("PCX")),
            _ => None,
        }
    }

    /// Whether these bytes look like a Targa picture, which has no first bytes of its own: asked last.
    pub(super) fn is_targa(bytes: &[u8]) -> bool {
        if bytes.ends_with(b"TRUEVISION-XFILE.\0") {
            return true;
        }
        let Some([_, map @ (0 | 1), 1 | 2 | 3 | 9 | 10 | 11, header @ ..]) = bytes.first_chunk::<18>() else {
            return false;
        };
        let map_bits = header[4];
        let sizes = [header[9], header[10], header[11], header[12]];
        let bits = header[13];
        let map_fits = if *map == 0 { map_bits == 0 } else { [15, 16, 24, 32].contains(&map_bits) };
        map_fits && sizes[..2] != [0, 0] && sizes[2..] != [0, 0] && [8, 15, 16, 24, 32].contains(&bits)
    }
}

impl fmt::Display for PhotoFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
            Self::Avif => "AVIF",
            Self::Heic => "HEIC",
            Self::Other(name) => name,
        })
    }
}

/// First bytes that say everything.
const MAGIC: &[(&[u8], PhotoFormat)] = &[
    (b"\xFF\xD8\xFF", PhotoFormat::Jpeg),
    (b"\x89PNG\r\n\x1A\n", PhotoFormat::Png),
    (b"GIF87a", PhotoFormat::Gif),
    (b"GIF89a", PhotoFormat::Gif),
    (b"II*\0\x10\0\0\0CR", PhotoFormat::Other("camera raw (CR2)")),
    (b"II*\0", PhotoFormat::Tiff),
    (b"MM\0*", PhotoFormat::Tiff),
    (b"II+\0", PhotoFormat::Tiff),
    (b"MM\0+", PhotoFormat::Tiff),
    (b"\0\0\0\x0CJXL \r\n\x87\n", PhotoFormat::Other("JPEG XL")),
    (b"\0\0\0\x0CjP  \r\n\x87\n", PhotoFormat::Other("JPEG 2000")),
    (b"\xFF\x4F\xFF\x51", PhotoFormat::Other("JPEG 2000")),
    (b"8BPS", PhotoFormat::Other("Photoshop")),
    (b"DDS ", PhotoFormat::Other("DDS")),
    (b"\x76\x2F\x31\x01", PhotoFormat::Other("OpenEXR")),
    (b"#?RADIANCE", PhotoFormat::Other("Radiance HDR")),
    (b"qoif", PhotoFormat::Other("QOI")),
    (b"FUJIFILMCCD-RAW", PhotoFormat::Other("camera raw (RAF)")),
    (b"IIRO", PhotoFormat::Other("camera raw (ORF)")),
    (b"IIRS", PhotoFormat::Other("camera raw (ORF)")),
    (b"MMOR", PhotoFormat::Other("camera raw (ORF)")),
    (b"IIU\0", PhotoFormat::Other("camera raw (RW2)")),
    (b"\0MRM", PhotoFormat::Other("camera raw (MRW)")),
    (b"FOVb", PhotoFormat::Other("camera raw (X3F)")),
    (b"II\x1A\0\0\0HEAPCCDR", PhotoFormat::Other("camera raw (CRW)")),
    (b"BA", PhotoFormat::Other("OS/2 bitmap array")),
];

/// The major and compatible brands of an ISO base media file, after `ftyp`: major, minor version, compatible ones.
fn of_brands(brands: &[u8]) -> Option<PhotoFormat> {
    let brand = |brand: &[u8]| match brand {
        b"avif" | b"avis" => Some(PhotoFormat::Avif),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"hevm" | b"hevs" => Some(PhotoFormat::Heic),
        b"crx " => Some(PhotoFormat::Other("camera raw (CR3)")),
        _ => None,
    };
    let mut words = brands.chunks_exact(4);
    let major = words.next()?;
    // `mif1` and `msf1` only say "a HEIF container": what is in it comes after.
    let generic = matches!(major, b"mif1" | b"msf1");
    brand(major).or_else(|| generic.then(|| words.find_map(brand).unwrap_or(PhotoFormat::Heic)))
}

/// `BM` alone is two letters of text: the size of the header that follows must be one that exists, too.
fn is_bitmap_header(first: &[u8]) -> bool {
    let size = first.get(14..18).and_then(|size| size.try_into().ok()).map(u32::from_le_bytes);
    size.is_some_and(|size| (12..=124).contains(&size))
}

/// Whether files with this extension are pictures: those the program decodes, and those it can say something about.
pub(super) fn is_picture_extension(extension: &OsStr) -> bool {
    const EXTENSIONS: &[&str] = &[
        "jpg", "jpeg", "jpe", "jfif", "jif", "png", "apng", "webp", "gif", "bmp", "dib", "tif", "tiff", "avif",
        "avifs", "heic", "heif", "heics", "heifs", "hif", "ico", "cur", "tga", "psd", "jxl", "jp2", "j2k", "jpf",
        "jpx", "pcx", "pbm", "pgm", "ppm", "pnm", "pam", "qoi", "exr", "hdr", "dds", "cr2", "cr3", "crw", "nef", "nrw",
        "arw", "srf", "sr2", "srw", "dng", "orf", "rw2", "rwl", "raf", "pef", "3fr", "x3f", "kdc", "dcr", "mrw", "erf",
        "iiq", "mos",
    ];
    let Some(extension) = extension.to_str() else { return false };
    EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_name_the_format() {
        let brands = b"\0\0\0\x1Cftypmif1\0\0\0\0mif1avif";
        assert_eq!(PhotoFormat::of_content(brands), Some(PhotoFormat::Avif));
        assert_eq!(PhotoFormat::of_content(b"\0\0\0\x18ftypheic\0\0\0\0"), Some(PhotoFormat::Heic));
        assert_eq!(PhotoFormat::of_content(b"\0\0\0\x18ftypmp42\0\0\0\0"), None);
        assert_eq!(PhotoFormat::of_content(b"RIFF\0\0\0\0WEBPVP8 "), Some(PhotoFormat::WebP));
        assert_eq!(PhotoFormat::of_content(b"RIFF\0\0\0\0WAVEfmt "), None);
        assert_eq!(PhotoFormat::of_content(b"BMW is a maker of cars in Munich"), None);
        assert_eq!(PhotoFormat::of_content(b"\0\0\x01\0\x02\0\x20\x20\0\0"), Some(PhotoFormat::Other("ICO")));
        assert_eq!(PhotoFormat::of_content(b""), None);
        assert_eq!(PhotoFormat::of_content(b"Purely text"), None);
    }

    #[test]
    fn extensions_are_known_in_any_case() {
        assert!(is_picture_extension(OsStr::new("JpEg")));
        assert!(!is_picture_extension(OsStr::new("txt")));
    }

    #[test]
    fn a_targa_picture_is_recognised_by_its_header_or_its_footer() {
        let mut header = vec![0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 4, 0, 24, 0];
        assert!(PhotoFormat::is_targa(&header));
        header[16] = 7;
        assert!(!PhotoFormat::is_targa(&header));
        assert!(PhotoFormat::is_targa(b"...TRUEVISION-XFILE.\0"));
        assert!(!PhotoFormat::is_targa(b""));
    }
}
