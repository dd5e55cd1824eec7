//! What the screen knows of one photo.

use std::sync::Arc;

use crate::library::PhotoId;

/// What the screen knows of a photo. Every text is printable already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhotoRow {
    /// Which photo.
    pub id: PhotoId,
    /// Its first path, relative to the folder.
    pub name: Box<str>,
    /// Its labels: none, one, or several when copies lie in folders of several labels.
    pub labels: Box<[Arc<str>]>,
    /// Further paths with the same content.
    pub copies: Box<[Box<str>]>,
    /// Pixels across, upright.
    pub width: u32,
    /// Pixels down, upright.
    pub height: u32,
    /// Size of the file.
    pub bytes: u64,
    /// When it was taken, as `2021-05-03 14:02:11`.
    pub taken: Option<Box<str>>,
    /// What took it.
    pub camera: Option<Arc<str>>,
}

impl PhotoRow {
    /// The labels in one text; empty when there is none.
    pub(in crate::ui) fn label_words(&self) -> String {
        self.labels.join(" + ")
    }
}
