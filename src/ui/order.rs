//! How the photos are sorted.

use std::collections::HashMap;
use std::sync::Arc;

use crate::library::{PhotoId, Taken};

/// The photos of the screen, in no order: what is told of each in turn need not be looked up.
pub type PhotoList = Arc<Vec<PhotoId>>;

/// How far photos are from what was asked.
#[derive(Clone, Debug, Default)]
pub struct Distances {
    known: Arc<HashMap<PhotoId, f32>>,
    list: PhotoList,
    /// The same, photo by photo of the list.
    in_list: Arc<[f32]>,
}

impl Distances {
    /// What is known of these photos and others. It looks up every photo of the list, so that the screen need not.
    pub fn of(list: PhotoList, known: HashMap<PhotoId, f32>) -> Self {
        let in_list = list.iter().map(|photo| known.get(photo).copied().unwrap_or(f32::INFINITY)).collect();
        Self { known: Arc::new(known), list, in_list }
    }

    /// How far a photo is, if that is known.
    pub(super) fn get(&self, photo: &PhotoId) -> Option<f32> {
        self.known.get(photo).copied()
    }

    /// How far a photo is; what is not known is farthest.
    pub(super) fn far(&self, photo: &PhotoId) -> f32 {
        self.get(photo).unwrap_or(f32::INFINITY)
    }

    /// How far each photo of a list is, which is nearly the list that was measured.
    pub(super) fn each_far<'a>(&'a self, list: &'a [PhotoId]) -> impl Iterator<Item = f32> + 'a {
        let measured = self.list.iter().zip(self.in_list.iter()).map(Some).chain(std::iter::repeat(None));
        list.iter().zip(measured).map(|(photo, measured)| match measured {
            Some((same, far)) if same == photo => *far,
            _ => self.far(photo),
        })
    }
}

/// What the photos are sorted by; equal ones by name, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SortBy {
    Name,
    Date,
    Label,
    /// How far they are from what was asked last.
    Distance,
}

/// How the photos are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) by: SortBy,
    pub(super) reversed: bool,
}

impl Order {
    /// `by name`, `by date, reversed`.
    pub(super) fn words(self) -> String {
        let by = match self.by {
            SortBy::Name => "name",
            SortBy::Date => "date",
            SortBy::Label => "label",
            SortBy::Distance => "distance",
        };
        format!("by {by}{}", if self.reversed { ", reversed" } else { "" })
    }

    /// The next thing to sort by; distances only when there is a query to measure them from.
    pub(super) const fn next(self, has_query: bool) -> Self {
        let by = match self.by {
            SortBy::Name => SortBy::Date,
            SortBy::Date => SortBy::Label,
            SortBy::Label if has_query => SortBy::Distance,
            SortBy::Label | SortBy::Distance => SortBy::Name,
        };
        Self { by, reversed: self.reversed }
    }
}

/// When a photo without a date was taken: after all others.
pub(super) const UNDATED: u64 = u64::MAX;
/// Digits of a date and a time: `20210503140211`.
const DIGITS: usize = 14;

/// When a photo was taken (`2021-05-03 14:02:11`) as a number that is larger the later it is.
pub(super) fn moment(taken: Option<&str>) -> u64 {
    taken.map_or(UNDATED, |taken| filled(taken, 0))
}

/// The first and the last moment of a year, a month or a day.
pub(super) fn moments(time: &Taken) -> (u64, u64) {
    let text = time.to_string();
    (filled(&text, 0), filled(&text, 9))
}

/// The digits of a text, and then this one as often as there is room.
fn filled(text: &str, digit: u8) -> u64 {
    let digits = text.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0');
    let digits = digits.chain(std::iter::repeat(digit)).take(DIGITS);
    digits.fold(0, |number, digit| number * 10 + u64::from(digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_lie_as_the_dates_they_stand_for() {
        assert_eq!(moment(Some("2021-05-03 14:02:11")), 20_210_503_140_211);
        let (first, last) = moments(&"2021-05".parse().unwrap());
        for (date, inside) in [
            ("2021-04-30 23:59:59", false),
            ("2021-05-01 00:00:00", true),
            ("2021-05-31 23:59:60", true),
            ("2021-06-01 00:00:00", false),
        ] {
            assert_eq!((first..=last).contains(&moment(Some(date))), inside, "{date}");
        }
        assert!(moment(Some("9999-12-31 23:59:59")) < moment(None));
    }
}
