//! Labels from folder names.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::text::printable;

/// Which folder of a path names the label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FolderLabels {
    /// The first below the library's folder: `fruit` of `fruit/apple/1.jpg`.
    TopLevel,
    /// The one the photo lies in: `apple` of `fruit/apple/1.jpg`.
    Deepest,
}

/// The label that a photo's path, relative to the library's folder, gives it; none for a photo at the top.
pub fn folder_label(relative: &Path, which: FolderLabels) -> Option<String> {
    let folders = relative.parent()?;
    let name = match which {
        FolderLabels::TopLevel => folders.components().next()?.as_os_str(),
        FolderLabels::Deepest => folders.file_name()?,
    };
    Some(printable(&name.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chosen_folder_names_the_label() {
        let label = |path: &str, which| folder_label(Path::new(path), which);
        assert_eq!(label("fruit/apple/1.jpg", FolderLabels::TopLevel).as_deref(), Some("fruit"));
        assert_eq!(label("fruit/apple/1.jpg", FolderLabels::Deepest).as_deref(), Some("apple"));
        assert_eq!(label("1.jpg", FolderLabels::Deepest), None);
    }
}
