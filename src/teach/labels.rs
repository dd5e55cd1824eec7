//! Which photo has which label: from the folders the photos lie in, or from a file.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::LabelRow;
use crate::library::{FolderLabels, PhotoId, folder_label};

/// Where labels come from; on the command line `folders`, `folders:top`, `folders:deepest`, or a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum LabelSource {
    /// Folder names, of the level that says more: see [`Labelled::from_folders`].
    #[default]
    Folders,
    /// Folder names of one level.
    FoldersAt(FolderLabels),
    /// A `.csv`, `.jsonl` or `.ndjson` file with a path and a label a line.
    File(PathBuf),
}

/// The text names no source of labels.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is no source of labels: write folders, folders:top, folders:deepest, or the path of a .csv or .jsonl file"
)]
pub struct ParseLabelSourceError(String);

impl FromStr for LabelSource {
    type Err = ParseLabelSourceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "folders" | "folders:auto" => Ok(Self::Folders),
            "folders:top" | "folders:top-level" => Ok(Self::FoldersAt(FolderLabels::TopLevel)),
            "folders:deepest" => Ok(Self::FoldersAt(FolderLabels::Deepest)),
            "" => Err(ParseLabelSourceError(text.to_owned())),
            _ if text.starts_with("folders:") => Err(ParseLabelSourceError(text.to_owned())),
            file => Ok(Self::File(file.into())),
        }
    }
}

impl fmt::Display for LabelSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folders => f.write_str("folders"),
            Self::FoldersAt(FolderLabels::TopLevel) => f.write_str("folders:top"),
            Self::FoldersAt(FolderLabels::Deepest) => f.write_str("folders:deepest"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

impl From<LabelSource> for String {
    fn from(source: LabelSource) -> Self {
        source.to_string()
    }
}

impl TryFrom<String> for LabelSource {
    type Error = ParseLabelSourceError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// A photo and where it lies, relative to the photo folder.
pub type Placed<'a> = (PhotoId, &'a [PathBuf]);

/// Photos with their labels: row `i` of `labels` belongs to `photos[i]`, and names a label by its place in `names`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labelled {
    /// The photos, in the order given.
    pub photos: Vec<PhotoId>,
    /// Their labels; `None` for photos without one, and for those with several.
    pub labels: Vec<Option<u32>>,
    /// The labels that are used, sorted.
    pub names: Vec<String>,
    /// Photos with several labels (copies under different ones): left out.
    pub contradicting: usize,
    /// Photos without a label.
    pub unlabelled: usize,
    /// Paths in the file where no photo of the library lies.
    pub unknown: Vec<PathBuf>,
}

impl Labelled {
    /// Labels by folder names. Without a level the deepest one is taken, unless it tells photos apart rather than
    /// bringing them together (most photos would be alone under their label) while the top level does not.
    pub fn from_folders(photos: &[Placed<'_>], level: Option<FolderLabels>) -> Self {
        let at = |level| {
            let labels = |paths: &[PathBuf]| paths.iter().filter_map(|path| folder_label(path, level)).collect();
            Self::of(photos, labels)
        };
        if let Some(level) = level {
            return at(level);
        }
        let deepest = at(FolderLabels::Deepest);
        if deepest.brings_together() {
            return deepest;
        }
        let top = at(FolderLabels::TopLevel);
        if top.brings_together() { top } else { deepest }
    }

    /// Labels by the rows of a file, whose paths are relative to the photo folder, or lie below `root`.
    pub fn from_rows(photos: &[Placed<'_>], rows: &[LabelRow], root: &Path) -> Self {
        let mut said: HashMap<PathBuf, BTreeSet<String>> = HashMap::new();
        for row in rows {
            said.entry(tidy(&row.path, root)).or_default().insert(row.label.clone());
        }
        let labels = |paths: &[PathBuf]| paths.iter().filter_map(|path| said.get(path)).flatten().cloned().collect();
        let mut labelled = Self::of(photos, labels);
        let known: BTreeSet<&PathBuf> = photos.iter().flat_map(|(_, paths)| paths.iter()).collect();
        labelled.unknown = said.keys().filter(|path| !known.contains(path)).cloned().collect();
        labelled.unknown.sort();
        labelled
    }

    fn of(photos: &[Placed<'_>], labels: impl Fn(&[PathBuf]) -> BTreeSet<String>) -> Self {
        let found: Vec<(PhotoId, BTreeSet<String>)> = photos.iter().map(|(id, paths)| (*id, labels(paths))).collect();
        let used: BTreeSet<&String> = found.iter().filter(|(_, l)| l.len() == 1).flat_map(|(_, l)| l).collect();
        let numbers: BTreeMap<&String, u32> = used.iter().copied().zip(0..).collect();
        let number = |labels: &BTreeSet<String>| match labels.len() {
            1 => labels.first().and_then(|label| numbers.get(label)).copied(),
            _ => None,
        };
        Self {
            photos: found.iter().map(|(id, _)| *id).collect(),
            labels: found.iter().map(|(_, labels)| number(labels)).collect(),
            names: used.iter().map(|name| (*name).clone()).collect(),
            contradicting: found.iter().filter(|(_, labels)| labels.len() > 1).count(),
            unlabelled: found.iter().filter(|(_, labels)| labels.is_empty()).count(),
            unknown: Vec::new(),
        }
    }

    /// Photos of each label.
    pub fn sizes(&self) -> Vec<usize> {
        let mut sizes = vec![0; self.names.len()];
        for label in self.labels.iter().flatten() {
            if let Some(size) = sizes.get_mut(*label as usize) {
                *size += 1;
            }
        }
        sizes
    }

    /// Takes the labels of some photos away, because they are wrong or the photos cannot be used.
    pub fn leave_out(&mut self, leave: impl Fn(PhotoId, u32) -> bool) -> usize {
        let before = self.labels.iter().flatten().count();
        for (photo, label) in self.photos.iter().zip(&mut self.labels) {
            *label = label.filter(|label| !leave(*photo, *label));
        }
        before - self.labels.iter().flatten().count()
    }

    /// Whether there are several labels and at least half of the labelled photos have company.
    fn brings_together(&self) -> bool {
        let sizes = self.sizes();
        let (together, all) = (sizes.iter().filter(|size| **size > 1).sum::<usize>(), sizes.iter().sum::<usize>());
        sizes.len() > 1 && all > 0 && together * 2 >= all
    }
}

/// A path as the library has it: relative to `root`, without `.` in it.
fn tidy(path: &Path, root: &Path) -> PathBuf {
    let path = path.strip_prefix(root).unwrap_or(path);
    path.components().filter(|part| *part != Component::CurDir).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labelled(photos: &[&[&str]], labels: impl Fn(&[Placed<'_>]) -> Labelled) -> (Vec<Option<String>>, Labelled) {
        let paths: Vec<Vec<PathBuf>> = photos.iter().map(|p| p.iter().map(PathBuf::from).collect()).collect();
        let placed: Vec<Placed<'_>> =
            paths.iter().map(|p| (PhotoId::of_content(p[0].to_string_lossy().as_bytes()), p.as_slice())).collect();
        let found = labels(&placed);
        (found.labels.iter().map(|label| label.map(|l| found.names[l as usize].clone())).collect(), found)
    }

    fn names(labels: &[&str]) -> Vec<Option<String>> {
        labels.iter().map(|label| (*label != "-").then(|| (*label).to_owned())).collect()
    }

    #[test]
    fn the_deepest_folder_names_the_label_when_it_brings_photos_together() {
        let photos: [&[&str]; 5] = [&["f/b/1"], &["f/b/2"], &["f/a/1"], &["f/a/2"], &["top"]];
        let (got, all) = labelled(&photos, |p| Labelled::from_folders(p, None));
        assert_eq!(got, names(&["b", "b", "a", "a", "-"]));
        assert_eq!((all.names.as_slice(), all.unlabelled, all.sizes()), (&["a".into(), "b".into()][..], 1, vec![2, 2]));
        let (got, _) = labelled(&photos, |p| Labelled::from_folders(p, Some(FolderLabels::TopLevel)));
        assert_eq!(got, names(&["f", "f", "f", "f", "-"]));
    }

    #[test]
    fn folders_of_single_photos_give_way_to_the_top_level() {
        let photos: [&[&str]; 4] = [&["cats/01/a"], &["cats/02/b"], &["dogs/03/c"], &["dogs/04/d"]];
        let (got, _) = labelled(&photos, |p| Labelled::from_folders(p, None));
        assert_eq!(got, names(&["cats", "cats", "dogs", "dogs"]));
    }

    #[test]
    fn copies_under_two_labels_are_left_out_and_counted() {
        let (got, all) =
            labelled(&[&["a/1", "b/1"], &["a/2", "a/3"], &["a/4"], &["b/5"]], |p| Labelled::from_folders(p, None));
        assert_eq!(got, names(&["-", "a", "a", "b"]));
        assert_eq!((all.contradicting, all.unlabelled), (1, 0));
    }

    #[test]
    fn a_file_labels_by_path_and_what_it_names_in_vain_is_told() {
        let row = |path: &str, label: &str| LabelRow { path: path.into(), label: label.into() };
        let rows =
            [row("./x/1", "cat"), row("/photos/y/2", "dog"), row("gone", "cat"), row("z/3", "a"), row("z/3", "b")];
        let (got, all) = labelled(&[&["x/1"], &["y/2", "copy"], &["z/3"], &["z/4"]], |p| {
            Labelled::from_rows(p, &rows, Path::new("/photos"))
        });
        assert_eq!(got, names(&["cat", "dog", "-", "-"]));
        assert_eq!((all.unknown.as_slice(), all.contradicting, all.unlabelled), (&["gone".into()][..], 1, 1));
    }

    #[test]
    fn photos_that_are_left_out_lose_their_label() {
        let (_, mut all) = labelled(&[&["a/1"], &["a/2"], &["b/1"]], |p| Labelled::from_folders(p, None));
        let first = all.photos[0];
        assert_eq!(all.leave_out(|photo, label| photo == first && label == 0), 1);
        assert_eq!(all.labels, [None, Some(0), Some(1)]);
    }

    #[test]
    fn sources_are_named_in_text() {
        for text in ["folders", "folders:top", "folders:deepest", "some/labels.csv"] {
            assert_eq!(text.parse::<LabelSource>().map(|source| source.to_string()), Ok(text.to_owned()));
        }
        assert!("folders:middle".parse::<LabelSource>().is_err() && "".parse::<LabelSource>().is_err());
        assert_eq!(serde_json::to_string(&LabelSource::Folders).ok().as_deref(), Some("\"folders\""));
    }
}
