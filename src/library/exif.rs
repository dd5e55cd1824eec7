//! What the camera wrote down: which way is up, which camera, when. Read leniently: broken EXIF never costs the photo.

use std::io::{BufRead, Seek};

use exif::{Exif, In, Reader, Tag, Value};
use image::metadata::Orientation;

use super::guard::guarded;

/// Longest camera name kept, in letters.
const LONGEST_NAME: usize = 80;

/// The part of EXIF this program uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shot {
    /// How the stored pixels must be turned to be upright.
    pub(super) orientation: Orientation,
    /// Make and model, without repetition.
    pub(super) camera: Option<String>,
    /// `YYYY-MM-DD HH:MM:SS`, in the camera's own time.
    pub(super) taken: Option<String>,
    /// The file is a camera's raw file in TIFF clothes: its first picture is only a small preview.
    pub(super) is_raw: bool,
}

impl Default for Shot {
    fn default() -> Self {
        Self { orientation: Orientation::NoTransforms, camera: None, taken: None, is_raw: false }
    }
}

impl Shot {
    /// Reads the EXIF of a PNG, WebP, AVIF or HEIC file; what is absent or broken is left at its default.
    pub(super) fn of_container(mut file: impl BufRead + Seek) -> Self {
        let read = || lenient(reader().read_from_container(&mut file));
        guarded(read).flatten().map(|exif| Self::of_exif(&exif)).unwrap_or_default()
    }

    /// Reads an EXIF block that starts with its TIFF header.
    pub(super) fn of_block(block: &[u8]) -> Self {
        guarded(|| raw(block)).flatten().map(|exif| Self::of_exif(&exif)).unwrap_or_default()
    }

    fn of_exif(exif: &Exif) -> Self {
        let number = |tag| exif.get_field(tag, In::PRIMARY).and_then(|field| field.value.get_uint(0));
        let orientation = number(Tag::Orientation).and_then(|code| Orientation::from_exif(u8::try_from(code).ok()?));
        let dates = [Tag::DateTimeOriginal, Tag::DateTimeDigitized, Tag::DateTime];
        let is_preview = number(Tag(exif::Context::Tiff, 0xFE)).is_some_and(|kind| kind & 1 == 1);
        let has_others = number(Tag(exif::Context::Tiff, 0x14A)).is_some();
        let is_negative = number(Tag(exif::Context::Tiff, 0xC612)).is_some();
        let texts = ShotText {
            make: text(exif, Tag::Make),
            model: text(exif, Tag::Model),
            taken: dates.into_iter().find_map(|tag| date(&text(exif, tag)?)),
        };
        Self::of_texts(texts, orientation, is_negative || (is_preview && has_others))
    }

    /// From what a file says; a date may be as cameras write it, or not be one.
    pub(super) fn of_texts(texts: ShotText, orientation: Option<Orientation>, is_raw: bool) -> Self {
        let ShotText { make, model, taken } = texts;
        Self {
            orientation: orientation.unwrap_or(Orientation::NoTransforms),
            camera: camera(make.and_then(|text| trimmed(&text)), model.and_then(|text| trimmed(&text))),
            taken: taken.and_then(|text| date(&text)),
            is_raw,
        }
    }
}

/// Words about a shot, as they stand in the file.
pub(super) struct ShotText {
    pub(super) make: Option<String>,
    pub(super) model: Option<String>,
    pub(super) taken: Option<String>,
}

fn reader() -> Reader {
    let mut reader = Reader::new();
    reader.continue_on_error(true);
    reader
}

fn raw(block: &[u8]) -> Option<Exif> {
    lenient(reader().read_raw(block.to_vec()))
}

/// What could be read before the first fault counts.
fn lenient(read: Result<Exif, exif::Error>) -> Option<Exif> {
    read.or_else(|error| error.distill_partial_result(|_| ())).ok()
}

/// The first text of a field, without padding; empty is absent.
fn text(exif: &Exif, tag: Tag) -> Option<String> {
    let Value::Ascii(texts) = &exif.get_field(tag, In::PRIMARY)?.value else { return None };
    trimmed(&String::from_utf8_lossy(texts.first()?))
}

/// Text up to its padding; empty is absent.
fn trimmed(text: &str) -> Option<String> {
    let text = text.split('\0').next().unwrap_or_default();
    let text: String = text.trim().chars().take(LONGEST_NAME).collect();
    (!text.is_empty()).then_some(text)
}

/// `Canon` and `Canon EOS 20D` are `Canon EOS 20D`; `NIKON CORPORATION` and `NIKON D70` are `NIKON D70`.
fn camera(make: Option<String>, model: Option<String>) -> Option<String> {
    let (make, model) = match (make, model) {
        (Some(make), Some(model)) => (make, model),
        (make, model) => return model.or(make),
    };
    let brand = make.split_whitespace().next().unwrap_or_default().to_lowercase();
    Some(if model.to_lowercase().starts_with(&brand) { model } else { format!("{make} {model}") })
}

/// `2004:07:11 15:06:12` becomes `2004-07-11 15:06:12`; what is no date (cameras write zeros or blanks) is absent.
fn date(text: &str) -> Option<String> {
    let numbers: Vec<u32> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .take(6)
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let &[year, month, day, hour, minute, second] = numbers.as_slice() else { return None };
    let is_date = (1800..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let is_time = hour < 24 && minute < 60 && second < 61;
    (is_date && is_time).then(|| format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Cursor;

    #[test]
    fn make_and_model_are_not_said_twice() {
        let name = |make: &str, model: &str| camera(Some(make.to_owned()), Some(model.to_owned()));
        assert_eq!(name("Canon", "Canon EOS 20D").as_deref(), Some("Canon EOS 20D"));
        assert_eq!(name("NIKON CORPORATION", "NIKON D70").as_deref(), Some("NIKON D70"));
        assert_eq!(name("SONY", "DSC-S75").as_deref(), Some("SONY DSC-S75"));
        assert_eq!(camera(None, Some("Q".to_owned())).as_deref(), Some("Q"));
        assert_eq!(camera(None, None), None);
    }

    #[test]
    fn only_real_dates_are_dates() {
        assert_eq!(date("2004:07:11 15:06:12").as_deref(), Some("2004-07-11 15:06:12"));
        assert_eq!(date("2004-7-1T5:06:12.50").as_deref(), Some("2004-07-01 05:06:12"));
        for none in
            ["", "0000:00:00 00:00:00", "    :  :     :  :  ", "2004:13:01 00:00:00", "2004:07:11", "99999999999"]
        {
            assert_eq!(date(none), None, "{none}");
        }
    }

    #[test]
    fn a_block_cut_short_keeps_what_came_before() {
        let mut block = b"MM\0*\0\0\0\x08\0\x09".to_vec();
        block.extend_from_slice(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0");
        assert_eq!(Shot::of_block(&block).orientation, Orientation::Rotate90);
    }

    proptest! {
        #[test]
        fn garbage_is_no_exif_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut block = b"II*\0\x08\0\0\0".to_vec();
            block.extend(bytes);
            let _ = Shot::of_block(&block);
            let _ = Shot::of_container(Cursor::new(&block));
        }
    }
}
