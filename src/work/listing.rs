//! The photos of a library with the label their folder gives them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::library::{FolderLabels, folder_label};
use crate::store::PhotoRecord;
use crate::work::{Viewer, WorkError};

/// A photo and its label.
#[derive(Clone, Debug)]
pub struct ListedPhoto {
    /// What the store knows.
    pub record: PhotoRecord,
    /// The name of the deepest folder it lies in; none at the top, and none when its copies lie under several labels.
    pub label: Option<Arc<str>>,
}

impl ListedPhoto {
    /// A photo with the label its folders give it.
    pub(super) fn of(record: PhotoRecord) -> Self {
        Self { label: one_label(&record.paths).map(Into::into), record }
    }

    /// Every label that its folders give it, in order.
    pub fn labels(&self) -> Vec<String> {
        labels_of(&self.record.paths).into_iter().collect()
    }

    /// The first of its paths, relative to the library's folder.
    pub fn path(&self) -> &Path {
        self.record.paths.first().map_or(Path::new(""), PathBuf::as_path)
    }
}

/// Every photo that has a file in the folder now, by path.
pub fn listed_photos(viewer: &Viewer) -> Result<Vec<ListedPhoto>, WorkError> {
    let mut names: BTreeSet<Arc<str>> = BTreeSet::new();
    let mut shared = |name: String| -> Arc<str> {
        if let Some(known) = names.get(name.as_str()) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        names.insert(Arc::clone(&name));
        name
    };
    let records = viewer.reader().photos()?;
    Ok(records
        .into_iter()
        .map(|record| ListedPhoto { label: one_label(&record.paths).map(&mut shared), record })
        .collect())
}

fn one_label(paths: &[PathBuf]) -> Option<String> {
    let labels = labels_of(paths);
    if labels.len() == 1 { labels.into_iter().next() } else { None }
}

fn labels_of(paths: &[PathBuf]) -> BTreeSet<String> {
    paths.iter().filter_map(|path| folder_label(path, FolderLabels::Deepest)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_under_two_labels_leave_a_photo_without_one() {
        let label = |paths: &[&str]| one_label(&paths.iter().map(PathBuf::from).collect::<Vec<_>>());
        assert_eq!(label(&["fruit/apple/a.jpg"]), Some("apple".into()));
        assert_eq!(label(&["a.jpg", "fruit/apple/a.jpg"]), Some("apple".into()));
        assert_eq!(label(&["fruit/apple/a.jpg", "fruit/pear/a.jpg"]), None);
        assert_eq!(label(&["a.jpg"]), None);
    }
}
