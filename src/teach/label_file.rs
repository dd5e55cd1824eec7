//! Labels from a file: CSV with a header, or JSON lines, with a `path` (relative to the photo folder) and a `label`.
//!
//! ```text
//! path,label                      {"path": "2019/cat.jpg", "label": "Mitzi"}
//! 2019/cat.jpg,Mitzi              {"path": "2019/dog.jpg", "label": "Rex"}
//! ```
//!
//! Columns and keys of other names are left alone, and so are empty lines. A path may come twice: which label counts is
//! for the caller to say.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// One labelled photo.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LabelRow {
    /// Relative to the photo folder, as written.
    pub path: PathBuf,
    /// Never empty.
    pub label: String,
}

/// Why a label file cannot be used; each sentence says what is missing and how to give it.
#[derive(Debug, thiserror::Error)]
pub enum LabelFileError {
    /// The file cannot be read as text.
    #[error("{path}: the label file cannot be read: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// The ending is neither of the two.
    #[error("{0}: a label file ends in .csv, .jsonl or .ndjson")]
    Ending(PathBuf),
    /// The header lacks a column.
    #[error("the first line must name the columns `path` and `label` (for example `path,label`), found {0}")]
    Columns(String),
    /// A line cannot be used.
    #[error("line {line}: {reason}")]
    Line {
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// No labelled photo.
    #[error("there is no labelled photo in the file: it needs lines with a path and a label")]
    Empty,
    /// One of the above, in this file.
    #[error("{path}: {wrong}")]
    In {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        wrong: Box<LabelFileError>,
    },
}

/// Reads a `.csv`, `.jsonl` or `.ndjson` file.
pub fn read_label_file(path: &Path) -> Result<Vec<LabelRow>, LabelFileError> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let parse = match ending.as_deref() {
        Some("csv") => parse_csv,
        Some("jsonl" | "ndjson") => parse_jsonl,
        _ => return Err(LabelFileError::Ending(path.to_owned())),
    };
    let unreadable = |reason| LabelFileError::Unreadable { path: path.to_owned(), reason };
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    parse(&text).map_err(|wrong| LabelFileError::In { path: path.to_owned(), wrong: Box::new(wrong) })
}

/// Rows of a CSV text (RFC 4180: quotes, commas and line breaks in quotes) with `path` and `label` among its columns.
pub fn parse_csv(text: &str) -> Result<Vec<LabelRow>, LabelFileError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(without_mark(text).as_bytes());
    let failed = |error: csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        LabelFileError::Line { line, reason: error.to_string() }
    };
    let header = reader.headers().map_err(failed)?.clone();
    let column = |name: &str| header.iter().position(|found| found.eq_ignore_ascii_case(name));
    let (Some(path), Some(label)) = (column("path"), column("label")) else {
        let found: Vec<String> = header.iter().map(|name| format!("`{name}`")).collect();
        return Err(LabelFileError::Columns(if found.is_empty() { "nothing".into() } else { found.join(", ") }));
    };
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(failed)?;
        let field = |column: usize| record.get(column).unwrap_or_default().to_owned();
        let line = record.position().map_or(0, csv::Position::line);
        rows.push(checked(LabelRow { path: field(path).into(), label: field(label) }, line)?);
    }
    if rows.is_empty() { Err(LabelFileError::Empty) } else { Ok(rows) }
}

/// Rows of a text with one JSON object a line.
pub fn parse_jsonl(text: &str) -> Result<Vec<LabelRow>, LabelFileError> {
    let mut rows = Vec::new();
    for (line, text) in (1..).zip(without_mark(text).lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let wrong = |error: serde_json::Error| {
            let reason = format!("expected an object such as {{\"path\": \"a.jpg\", \"label\": \"cat\"}}: {error}");
            LabelFileError::Line { line, reason }
        };
        let row: LabelRow = serde_json::from_str(text).map_err(wrong)?;
        rows.push(checked(LabelRow { label: row.label.trim().to_owned(), ..row }, line)?);
    }
    if rows.is_empty() { Err(LabelFileError::Empty) } else { Ok(rows) }
}

/// A byte order mark, as spreadsheets write it, is no part of the first column's name.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn checked(row: LabelRow, line: u64) -> Result<LabelRow, LabelFileError> {
    let missing = match (row.path.as_os_str().is_empty(), row.label.is_empty()) {
        (true, _) => "the path is empty",
        (_, true) => "the label is empty: leave the line out if the photo has none",
        _ => return Ok(row),
    };
    Err(LabelFileError::Line { line, reason: missing.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(path: &str, label: &str) -> LabelRow {
        LabelRow { path: path.into(), label: label.into() }
    }

    #[test]
    fn csv_is_read_by_its_header() {
        let text =
            "\u{feff}Label,rating,path\r\nMitzi,5,2019/cat.jpg\r\n\r\n\"Rex, the \"\"dog\"\"\",3, déjà vu.jpg\r\n";
        assert_eq!(parse_csv(text).unwrap(), [row("2019/cat.jpg", "Mitzi"), row("déjà vu.jpg", "Rex, the \"dog\"")]);
    }

    #[test]
    fn json_lines_are_read() {
        let text =
            "{\"path\": \"a.jpg\", \"label\": \"x\", \"by\": 7}\n\n{\"label\": \" y \", \"path\": \"b\\n.jpg\"}\n";
        assert_eq!(parse_jsonl(text).unwrap(), [row("a.jpg", "x"), row("b\n.jpg", "y")]);
    }

    #[test]
    fn what_is_missing_is_said() {
        let wrong = |result: Result<Vec<LabelRow>, LabelFileError>| result.unwrap_err().to_string();
        let columns = "the first line must name the columns `path` and `label` (for example `path,label`), found ";
        assert_eq!(wrong(parse_csv("file,class\na.jpg,x\n")), format!("{columns}`file`, `class`"));
        assert_eq!(wrong(parse_csv("")), format!("{columns}nothing"));
        let empty = "there is no labelled photo in the file: it needs lines with a path and a label";
        assert_eq!(wrong(parse_csv("path,label\n")), empty);
        assert_eq!(wrong(parse_jsonl("\n")), empty);
        let label = "the label is empty: leave the line out if the photo has none";
        assert_eq!(wrong(parse_csv("path,label\na.jpg,x\nb.jpg,\n")), format!("line 3: {label}"));
        assert!(wrong(parse_csv("path,label\na.jpg\n")).starts_with("line 2: "));
        let json = "line 2: expected an object such as {\"path\": \"a.jpg\", \"label\": \"cat\"}: ";
        assert!(wrong(parse_jsonl("{\"path\":\"a\",\"label\":\"b\"}\n[1]\n")).starts_with(json));
    }

    #[test]
    fn a_file_is_read_by_its_ending_and_named_in_errors() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        assert_eq!(read_label_file(&file("l.CSV", "path,label\na,b\n")).unwrap(), [row("a", "b")]);
        assert_eq!(read_label_file(&file("l.jsonl", "{\"path\":\"a\",\"label\":\"b\"}")).unwrap(), [row("a", "b")]);
        let broken = file("l.csv", "nothing");
        let error = read_label_file(&broken).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{}: the first line", broken.display())), "{error}");
        assert!(matches!(read_label_file(&file("l.txt", "")), Err(LabelFileError::Ending(_))));
        let missing = folder.path().join("no.csv");
        assert!(matches!(read_label_file(&missing), Err(LabelFileError::Unreadable { .. })));
    }
}
