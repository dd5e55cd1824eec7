//! Numbers, times and names as they stand on the screen.

use std::borrow::Cow;
use std::time::Duration;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// `10480` as `10,480`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun: `1 photo`, `3 photos`.
pub(super) fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number as u64))
}

/// A time still to wait: `12 s`, `2 min 50 s`, `1 h 5 min`.
pub(super) fn waiting(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, 0) => format!("{m} min"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

/// A time something took: `0.8 ms`, `240 ms`, `1.2 s`.
pub(super) fn took(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1e3;
    match milliseconds {
        ..10.0 => format!("{milliseconds:.1} ms"),
        ..1000.0 => format!("{milliseconds:.0} ms"),
        _ => format!("{:.1} s", milliseconds / 1e3),
    }
}

/// A file size in decimal units: `512 B`, `2.3 MB`.
pub(super) fn file_size(bytes: u64) -> String {
    let bytes_f = bytes as f64;
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.0} kB", bytes_f / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes_f / 1e6),
        _ => format!("{:.1} GB", bytes_f / 1e9),
    }
}

/// `part` of `whole` in percent: `0.4 %`, `38 %`.
pub(super) fn percent(part: usize, whole: usize) -> String {
    let share = 100.0 * part as f64 / whole.max(1) as f64;
    if share < 9.95 { format!("{share:.1} %") } else { format!("{share:.0} %") }
}

/// A bar of `columns` cells, filled to `share` (0 to 1) in eighths of a cell.
pub(super) fn bar(share: f64, columns: usize) -> String {
    const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let eighths = (share.clamp(0.0, 1.0) * 8.0 * columns as f64).round() as usize;
    let part = (!eighths.is_multiple_of(8)).then(|| EIGHTHS.get(eighths % 8).copied()).flatten();
    let text: String = std::iter::repeat_n('█', eighths / 8).chain(part).collect();
    format!("{text:columns$}")
}

/// How many columns the text takes on the screen.
pub(super) fn columns_of(text: &str) -> usize {
    text.width()
}

/// The text in at most `columns`, its end replaced by `…` when it is longer.
pub(super) fn cut_end(text: &str, columns: usize) -> Cow<'_, str> {
    if columns_of(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut kept = head(text, columns.saturating_sub(1));
    kept.extend((columns > 0).then_some('…'));
    Cow::Owned(kept)
}

/// The text in at most `columns`, its start replaced by `…` when it is longer.
pub(super) fn cut_start(text: &str, columns: usize) -> Cow<'_, str> {
    if columns_of(text) <= columns {
        return Cow::Borrowed(text);
    }
    let kept = tail(text, columns.saturating_sub(1));
    Cow::Owned((columns > 0).then_some('…').into_iter().chain(kept.chars()).collect())
}

/// The text in at most `columns`, its middle replaced by `…` when it is longer: the end of a file name tells more.
pub(super) fn cut_middle(text: &str, columns: usize) -> Cow<'_, str> {
    if columns_of(text) <= columns || columns < 5 {
        return cut_end(text, columns);
    }
    let end = (columns - 1) / 2;
    let start = head(text, columns - 1 - end);
    Cow::Owned(format!("{start}…{}", tail(text, end)))
}

/// The longest start of the text that fits. Widths are summed a character at a time, which never comes out too narrow.
fn head(text: &str, columns: usize) -> String {
    let mut left = columns;
    text.chars().take_while(|c| fits(*c, &mut left)).collect()
}

/// The longest end of the text that fits.
fn tail(text: &str, columns: usize) -> String {
    let mut left = columns;
    let kept: Vec<char> = text.chars().rev().take_while(|c| fits(*c, &mut left)).collect();
    kept.into_iter().rev().collect()
}

fn fits(character: char, left: &mut usize) -> bool {
    let width = character.width().unwrap_or(0);
    let fits = width <= *left;
    *left = left.saturating_sub(width);
    fits
}

/// The last component of a printable path. A backslash parts components on Windows only: elsewhere it begins what stands
/// for a character that cannot be printed.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit(|c| c == '/' || (cfg!(windows) && c == '\\')).next().unwrap_or(path)
}

/// A file's name without what follows its last dot.
pub(super) fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem })
}

/// Whether `text` contains `wanted`, upper and lower case being the same. `wanted` must be lower case already.
pub(super) fn contains(text: &str, wanted: &str) -> bool {
    if wanted.is_ascii() && text.is_ascii() {
        let wanted = wanted.as_bytes();
        return wanted.is_empty()
            || text.as_bytes().windows(wanted.len()).any(|part| part.eq_ignore_ascii_case(wanted));
    }
    text.to_lowercase().contains(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_like_a_person_writes_them() {
        assert_eq!(
            ["0", "999", "1,000", "10,480", "1,234,567"],
            [0, 999, 1000, 10480, 1_234_567].map(grouped).as_slice()
        );
        assert_eq!(
            ["2 min 50 s", "12 s", "2 min", "1 h 5 min"],
            [170, 12, 120, 3900].map(|s| waiting(Duration::from_secs(s))).as_slice()
        );
        assert_eq!(
            ["0.8 ms", "240 ms", "1.2 s"],
            [800, 240_000, 1_200_000].map(|us| took(Duration::from_micros(us))).as_slice()
        );
        assert_eq!(
            ["512 B", "2 kB", "2.3 MB", "4.0 GB"],
            [512, 2_000, 2_345_678, 4_000_000_000].map(file_size).as_slice()
        );
        assert_eq!(
            (percent(4, 1000), percent(1, 0), percent(38, 100)),
            ("0.4 %".into(), "100 %".into(), "38 %".into())
        );
        assert_eq!(
            (bar(0.5, 4), bar(0.0, 3), bar(2.0, 3), bar(0.1, 4)),
            ("██  ".into(), "   ".into(), "███".into(), "▍   ".into())
        );
    }

    #[test]
    fn a_stem_is_a_name_without_its_ending() {
        assert_eq!([stem("a.b.jpg"), stem("none"), stem(".hidden"), stem("")], ["a.b", "none", ".hidden", ""]);
    }

    #[test]
    fn text_is_cut_by_columns_not_bytes() {
        assert_eq!(cut_middle("IMG_20210503_2034.jpg", 12), "IMG_20…4.jpg");
        assert_eq!(cut_end("葡萄と桃", 5), "葡萄…");
        assert_eq!(cut_start("holidays/sea/a.jpg", 8), "…a/a.jpg");
        for columns in 0..30 {
            for text in ["", "é́́́", "葡萄葡萄葡萄", "a👩‍👩‍👧‍👦b👍🏽", "שלום עולם"]
            {
                for cut in [cut_end(text, columns), cut_start(text, columns), cut_middle(text, columns)] {
                    assert!(columns_of(&cut) <= columns, "{text} in {columns}: {cut}");
                }
            }
        }
    }

    #[test]
    fn search_ignores_case_in_any_script() {
        assert!(contains("Sea/IMG_1.JPG", "img_1.j") && contains("ÜBER.png", "über") && contains("a", ""));
        assert!(!contains("a", "ab") && !contains("é", "e"));
    }
}
