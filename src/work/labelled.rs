//! The labelled photos of a library.

use std::collections::HashSet;

use crate::library::PhotoId;
use crate::store::{MarkKind, PhotoRecord};
use crate::teach::{LabelSource, Labelled, Placed, read_label_file};
use crate::work::{Viewer, WorkError};

/// Every photo of the library that has features, with the label that `source` gives it, and how many lost theirs because
/// a person said it is wrong.
pub(super) fn labelled_photos(viewer: &Viewer, source: &LabelSource) -> Result<(Labelled, usize), WorkError> {
    let embedded = viewer.embedded_photos()?;
    let records: Vec<PhotoRecord> =
        viewer.reader().photos()?.into_iter().filter(|record| embedded.contains(&record.facts.id)).collect();
    if records.is_empty() {
        return Err(WorkError::NotIndexed { folder: viewer.root().to_owned() });
    }
    let placed: Vec<Placed<'_>> = records.iter().map(|r| (r.facts.id, r.paths.as_slice())).collect();
    let mut labelled = match source {
        LabelSource::Folders => Labelled::from_folders(&placed, None),
        LabelSource::FoldersAt(level) => Labelled::from_folders(&placed, Some(*level)),
        LabelSource::File(path) => Labelled::from_rows(&placed, &read_label_file(path)?, viewer.root()),
    };
    let wrong: HashSet<(PhotoId, String)> = viewer
        .reader()
        .marks()?
        .into_iter()
        .filter_map(|mark| match mark.kind {
            MarkKind::WrongLabel(label) => Some((mark.photo, label)),
            _ => None,
        })
        .collect();
    let names = labelled.names.clone();
    let is_wrong =
        |photo, label: u32| names.get(label as usize).is_some_and(|name| wrong.contains(&(photo, name.clone())));
    let left_out = labelled.leave_out(is_wrong);
    Ok((labelled, left_out))
}

/// The label that `source` gives a photo, unless a person said that it is wrong.
pub fn label_of(viewer: &Viewer, source: &LabelSource, photo: PhotoId) -> Result<Option<String>, WorkError> {
    let (labelled, _) = labelled_photos(viewer, source)?;
    let row = labelled.photos.iter().position(|id| *id == photo);
    let label = row.and_then(|row| labelled.labels.get(row).copied().flatten());
    Ok(label.and_then(|label| labelled.names.get(label as usize).cloned()))
}
