//! What is known of a photo, as `list` and `query` tell it: all that the screen shows of it, in words.

use std::collections::HashSet;

use indicatif::DecimalBytes;
use serde::Serialize;

use super::output::printable_text;
use crate::library::PhotoId;
use crate::store::MarkKind;
use crate::work::{ListedPhoto, Viewer, WorkError};

/// What stands behind the path of a photo.
#[derive(Serialize)]
pub(super) struct PhotoFacts<'a> {
    label: Option<&'a str>,
    /// Every label its files have; a photo of several has no `label`.
    labels: Vec<String>,
    width: u32,
    height: u32,
    bytes: u64,
    taken: Option<&'a str>,
    camera: Option<&'a str>,
    /// Further files with the same content.
    copies: usize,
    marked: bool,
}

impl<'a> PhotoFacts<'a> {
    /// What is known of this photo, and whether it is among the marked ones.
    pub(super) fn of(photo: &'a ListedPhoto, marked: &HashSet<PhotoId>) -> Self {
        let facts = &photo.record.facts;
        Self {
            label: photo.label.as_deref(),
            labels: photo.labels(),
            width: facts.width,
            height: facts.height,
            bytes: facts.bytes,
            taken: facts.taken.as_deref(),
            camera: facts.camera.as_deref(),
            copies: photo.record.paths.len().saturating_sub(1),
            marked: marked.contains(&facts.id),
        }
    }

    /// `sea + holiday  4032x3024  2.35 MB  2021-05-03 14:02:11  Nikon D70  marked`, with `-` for what is not known.
    pub(super) fn in_words(&self) -> String {
        let labels = if self.labels.is_empty() { "-".to_owned() } else { printable_text(&self.labels.join(" + ")) };
        let known = |text: Option<&str>| text.map_or_else(|| "-".to_owned(), printable_text);
        let (taken, camera, size) = (known(self.taken), known(self.camera), DecimalBytes(self.bytes));
        let marked = if self.marked { "  marked" } else { "" };
        format!("{labels}  {}x{}  {size}  {taken}  {camera}{marked}", self.width, self.height)
    }
}

/// The photos that are marked.
pub(super) fn marked_photos(viewer: &Viewer) -> Result<HashSet<PhotoId>, WorkError> {
    let marks = viewer.reader().marks()?.into_iter();
    Ok(marks.filter(|mark| mark.kind == MarkKind::Marked).map(|mark| mark.photo).collect())
}
