//! Text from the file system, made safe to draw.

/// `text` with everything that could move the cursor, hide text or reorder it shown as an escape: control characters,
/// terminal escape sequences, direction overrides, line and paragraph separators, zero-width characters.
pub fn printable(text: &str) -> String {
    if !text.chars().any(is_hostile) {
        return text.to_owned();
    }
    let escaped = |c: char| if is_hostile(c) { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(escaped).collect()
}

fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The name that somebody probably meant, if one is near enough to be one.
pub fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |name: &str| strsim::osa_distance(&written.to_lowercase(), name);
    let most = (written.chars().count() / 3).max(1);
    names.into_iter().map(|name| (distance(name), name)).filter(|(far, _)| *far <= most).min().map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_stay_and_hostile_ones_are_escaped() {
        for name in ["été à la plage.jpg", "写真.png", "שלום.gif", "a b"] {
            assert_eq!(printable(name), name);
        }
        assert_eq!(printable("a\x1b[2Jb\n"), "a\\u{1b}[2Jb\\n");
        assert_eq!(printable("photo\u{202e}gpj.exe"), "photo\\u{202e}gpj.exe");
        assert_eq!(printable("\u{9b}31m"), "\\u{9b}31m");
    }

    #[test]
    fn the_nearest_name_is_the_one_that_was_meant() {
        let names = ["page-up", "page-down", "mark", "mark-range"];
        assert_eq!(nearest("page-dwon", names), Some("page-down"));
        assert_eq!(nearest("Mrak", names), Some("mark"));
        assert_eq!(nearest("frobnicate", names), None);
    }
}
