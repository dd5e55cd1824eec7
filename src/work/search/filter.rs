//! Which photos may answer: by label, folder, date and name.

use std::path::{Path, PathBuf};

use super::Searcher;
use crate::library::{FolderLabels, PhotoId, Taken, folder_label};
use crate::neighbor::Members;
use crate::work::ListedPhoto;

/// When so many times fewer rows may answer than there are, they are looked at one by one.
const FEW: usize = 16;

/// What a photo must be to answer; every condition that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// It has one of these labels (any, when none are given).
    pub labels: Vec<String>,
    /// One of its files lies in this folder or below, relative to the library's folder.
    pub folder: Option<PathBuf>,
    /// It was taken on this day (in this month, year) or later. A photo without a date passes no date.
    pub from: Option<Taken>,
    /// It was taken on this day (in this month, year) or earlier.
    pub to: Option<Taken>,
    /// The path of one of its files contains this text, upper and lower case being the same.
    pub name: Option<String>,
}

impl Filter {
    /// Whether nothing is asked for, so that every photo passes.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a photo passes; `name` is the wanted text in lower case.
    fn passes(&self, photo: &ListedPhoto, name: &str) -> bool {
        self.is_of_label(photo) && self.is_of_time(photo.record.facts.taken.as_deref()) && self.is_of_path(photo, name)
    }

    fn is_of_label(&self, photo: &ListedPhoto) -> bool {
        let wanted = |label: &str| self.labels.iter().any(|wanted| wanted == label);
        let of_folder = |path: &PathBuf| folder_label(path, FolderLabels::Deepest).is_some_and(|label| wanted(&label));
        self.labels.is_empty() || photo.label.as_deref().is_some_and(wanted) || photo.record.paths.iter().any(of_folder)
    }

    fn is_of_time(&self, taken: Option<&str>) -> bool {
        let late = |date: &str| self.from.as_ref().is_none_or(|from| from.is_reached_by(date));
        let early = |date: &str| self.to.as_ref().is_none_or(|to| to.is_not_passed_by(date));
        match taken {
            Some(date) => late(date) && early(date),
            None => self.from.is_none() && self.to.is_none(),
        }
    }

    fn is_of_path(&self, photo: &ListedPhoto, name: &str) -> bool {
        let below = |path: &Path| self.folder.as_ref().is_none_or(|folder| path.starts_with(folder));
        let called = |path: &Path| name.is_empty() || path.to_string_lossy().to_lowercase().contains(name);
        photo.record.paths.iter().any(|path| below(path) && called(path))
    }
}

/// The rows of an index that pass a [`Filter`]; photos that come later do not belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    passes: Vec<bool>,
    len: usize,
}

impl Selection {
    /// How many photos pass.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether no photo passes.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether the photo of a row passes.
    pub fn contains(&self, row: usize) -> bool {
        self.passes.get(row).copied().unwrap_or(false)
    }

    pub(super) fn is_few(&self, members: &Members) -> bool {
        self.len * FEW < members.len()
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = usize> {
        self.passes.iter().enumerate().filter(|(_, passes)| **passes).map(|(row, _)| row)
    }
}

impl Searcher {
    /// The photos that pass a filter, to be asked among.
    pub fn select(&self, filter: &Filter) -> Selection {
        let name = filter.name.as_deref().unwrap_or_default().to_lowercase();
        let passes = |photo: &Option<ListedPhoto>| photo.as_ref().is_some_and(|photo| filter.passes(photo, &name));
        let passes: Vec<bool> = self.photos.iter().map(passes).collect();
        Selection { len: passes.iter().filter(|passes| **passes).count(), passes }
    }

    /// These photos, to be asked among; those without a row here are left out.
    pub fn select_photos(&self, photos: &[PhotoId]) -> Selection {
        let mut passes = vec![false; self.photos.len()];
        for row in photos.iter().filter_map(|photo| self.rows.get(photo)) {
            if let Some(place) = passes.get_mut(*row) {
                *place = true;
            }
        }
        Selection { len: passes.iter().filter(|passes| **passes).count(), passes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{PhotoFacts, PhotoRecord};

    fn photo(paths: &[&str], taken: Option<&str>) -> ListedPhoto {
        let id = PhotoId::of_content(paths[0].as_bytes());
        let facts = PhotoFacts { id, bytes: 1, width: 4, height: 3, taken: taken.map(str::to_owned), camera: None };
        ListedPhoto::of(PhotoRecord { facts, paths: paths.iter().map(PathBuf::from).collect() })
    }

    fn passes(filter: &Filter, photo: &ListedPhoto) -> bool {
        filter.passes(photo, &filter.name.as_deref().unwrap_or_default().to_lowercase())
    }

    #[test]
    fn labels_are_those_of_every_copy() {
        let both = photo(&["fruit/apple/a.jpg", "fruit/pear/a.jpg"], None);
        let of =
            |labels: &[&str]| Filter { labels: labels.iter().map(|l| (*l).to_owned()).collect(), ..Filter::default() };
        assert!(passes(&of(&["pear"]), &both) && passes(&of(&["plum", "apple"]), &both));
        assert!(!passes(&of(&["fruit"]), &both), "only the deepest folder is the label");
        assert!(passes(&of(&[]), &both) && of(&[]).is_empty());
    }

    #[test]
    fn dates_include_the_whole_day_month_and_year() {
        let at = photo(&["a.jpg"], Some("2021-05-03 14:02:11"));
        let between = |from: Option<&str>, to: Option<&str>| Filter {
            from: from.map(|date| date.parse().unwrap()),
            to: to.map(|date| date.parse().unwrap()),
            ..Filter::default()
        };
        for (from, to, inside) in [
            (Some("2021"), Some("2021"), true),
            (Some("2021-05-03"), Some("2021-05-03"), true),
            (Some("2021-05-04"), None, false),
            (None, Some("2021-04"), false),
            (None, Some("2020"), false),
            (Some("2020-12-31"), Some("2021-06"), true),
        ] {
            assert_eq!(passes(&between(from, to), &at), inside, "{from:?} {to:?}");
        }
        let undated = photo(&["a.jpg"], None);
        assert!(passes(&between(None, None), &undated) && !passes(&between(Some("1900"), None), &undated));
    }

    #[test]
    fn folder_and_name_hold_for_one_and_the_same_file() {
        let copied = photo(&["sea/IMG_1.jpg", "town/old.jpg"], None);
        let of = |folder: &str, name: &str| Filter {
            folder: Some(folder.into()),
            name: Some(name.to_owned()),
            ..Filter::default()
        };
        assert!(passes(&of("sea", "img_1"), &copied) && passes(&of("town", "OLD"), &copied));
        assert!(!passes(&of("sea", "old"), &copied) && !passes(&of("se", "img"), &copied));
    }
}
