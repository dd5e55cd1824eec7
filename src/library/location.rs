//! Where photos lie, and what could not be read.

use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

/// One path of a photo, with what tells cheaply whether the file has changed since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Path relative to the root folder.
    pub path: PathBuf,
    /// File size in bytes.
    pub size: u64,
    /// Time of the last change, in nanoseconds since 1970 (negative before).
    pub modified_ns: i64,
}

/// A file or folder that could not be read, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// Path relative to the root folder.
    #[serde(serialize_with = "as_text")]
    pub path: PathBuf,
    /// The reason, in words for a person.
    pub reason: String,
}

/// Names that are not UTF-8 still have a text form; serde refuses them otherwise.
fn as_text<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_not_utf8_can_be_serialised() {
        use std::os::unix::ffi::OsStrExt;
        let path = PathBuf::from(std::ffi::OsStr::from_bytes(b"a\xff.jpg"));
        let text = serde_json::to_string(&Skipped { path, reason: "broken".into() }).unwrap();
        assert_eq!(text, "{\"path\":\"a\u{fffd}.jpg\",\"reason\":\"broken\"}");
    }
}
