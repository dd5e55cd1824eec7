//! A path as people type, paste and drop it: quoted, with `~`, with backslashes before blanks, as a `file:` address.

use std::path::{Path, PathBuf};

/// A path with `~` standing for the home folder.
pub(super) fn home(typed: &str) -> PathBuf {
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    match (Path::new(typed).strip_prefix("~"), home) {
        (Ok(below), Some(home)) => home.join(below),
        _ => PathBuf::from(typed),
    }
}

/// Which files may be meant, most likely first: as typed, without quotes, escapes and `file:`; from where the program
/// was started, and from the folder of photos.
pub(super) fn candidates(typed: &str, folder: &Path) -> Vec<PathBuf> {
    let typed = typed.trim();
    let mut texts = vec![typed.to_owned()];
    for quote in ['\'', '"'] {
        let inner = typed.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        texts.extend(inner.map(str::to_owned));
    }
    texts.push(unescaped(typed));
    texts.extend(typed.strip_prefix("file://").map(decoded));
    texts.into_iter().map(|text| home(&text)).flat_map(|path| [path.clone(), folder.join(path)]).collect()
}

/// Without the backslashes that a shell would want.
fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        plain.extend(if c == '\\' { characters.next() } else { Some(c) });
    }
    plain
}

/// With `%20` as a blank, and so on.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, others @ ..] = rest {
        let digits = others.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let coded = digits.filter(|_| *first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(coded.unwrap_or(*first));
        rest = if coded.is_some() { others.get(2..).unwrap_or_default() } else { others };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_path_is_understood() {
        let wanted = Path::new("/a b/ü.jpg");
        for typed in ["/a b/ü.jpg", " '/a b/ü.jpg' ", "\"/a b/ü.jpg\"", "/a\\ b/ü.jpg", "file:///a%20b/%C3%BC.jpg"]
        {
            assert!(candidates(typed, Path::new("/photos")).iter().any(|path| path == wanted), "{typed}");
        }
        assert!(candidates("sea/1.jpg", Path::new("/photos")).contains(&PathBuf::from("/photos/sea/1.jpg")));
        assert!(candidates("100%.jpg", Path::new("/photos")).contains(&PathBuf::from("100%.jpg")));
    }
}
