//! Which photos may answer: by label, folder, date and name.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::Searcher;
use crate::library::{FolderLabels, folder_label};
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

/// A year, a month or a day: `2021`, `2021-05` or `2021-05-03`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken(String);

/// The text is no date.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no date; write 2021, 2021-05 or 2021-05-03")]
pub struct ParseTakenError(String);

impl FromStr for Taken {
    type Err = ParseTakenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ParseTakenError(text.to_owned());
        let number = |part: &str, digits: usize| {
            let is_number = part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
            is_number.then(|| part.parse::<u32>().ok()).flatten().ok_or_else(wrong)
        };
        let mut parts = text.split('-');
        number(parts.next().unwrap_or_default(), 4)?;
        for most in [12, 31] {
            if let Some(part) = parts.next() {
                (1..=most).contains(&number(part, 2)?).then_some(()).ok_or_else(wrong)?;
            }
        }
        let day = text.get(8..10).and_then(|day| day.parse::<u32>().ok());
        let month = text.get(5..7).and_then(|month| month.parse::<u32>().ok());
        let year = text.get(..4).and_then(|year| year.parse::<u32>().ok());
        let is_there = day.zip(month).zip(year).is_none_or(|((day, month), year)| day <= days_of(month, year));
        if parts.next().is_some() || !is_there { Err(wrong()) } else { Ok(Self(text.to_owned())) }
    }
}

/// Days of a month in the calendar of today.
const fn days_of(month: u32, year: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl std::fmt::Display for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Taken {
    /// Whether a time from here to `end` has any day in it.
    pub fn may_begin(&self, end: &Self) -> bool {
        let both = self.0.len().min(end.0.len());
        self.0.get(..both) <= end.0.get(..both)
    }

    /// As much of a photo's date (`YYYY-MM-DD HH:MM:SS`) as this one says.
    fn of<'a>(&self, date: &'a str) -> &'a str {
        date.get(..self.0.len()).unwrap_or(date)
    }
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
        let late = |date: &str| self.from.as_ref().is_none_or(|from| from.of(date) >= from.0.as_str());
        let early = |date: &str| self.to.as_ref().is_none_or(|to| to.of(date) <= to.0.as_str());
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::PhotoId;
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
        let begins = |from: &str, to: &str| from.parse::<Taken>().unwrap().may_begin(&to.parse().unwrap());
        assert!(begins("2021-05", "2021") && begins("2021", "2021-01-01") && begins("2020", "2021"));
        assert!(!begins("2022", "2021") && !begins("2021-06-01", "2021-05"));
        assert!("2020-02-29".parse::<Taken>().is_ok());
        for wrong in [
            "2021-02-29",
            "2021-02-31",
            "2021-04-31",
            "1900-02-29",
            "",
            "21",
            "2021-13",
            "2021-5",
            "2021-05-32",
            "2021-05-03-01",
            "2021/05",
            "2021-00",
            "+021",
        ] {
            assert_eq!(wrong.parse::<Taken>(), Err(ParseTakenError(wrong.to_owned())));
        }
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
