//! How the photos are sorted, and which of them are shown.

use std::cmp::Ordering;
use std::sync::Arc;

use super::photos::PhotoRow;

/// What the photos are sorted by; equal ones by name, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SortBy {
    Name,
    Date,
    Label,
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
        };
        format!("by {by}{}", if self.reversed { ", reversed" } else { "" })
    }

    /// The next thing to sort by.
    pub(super) const fn next(self) -> Self {
        let by = match self.by {
            SortBy::Name => SortBy::Date,
            SortBy::Date => SortBy::Label,
            SortBy::Label => SortBy::Name,
        };
        Self { by, reversed: self.reversed }
    }

    /// How two photos lie to each other; no two are equal.
    pub(super) fn compare(self, one: &PhotoRow, other: &PhotoRow) -> Ordering {
        // Photos without a date or a label come last.
        let key = match self.by {
            SortBy::Name => Ordering::Equal,
            SortBy::Date => (one.taken.is_none(), &one.taken).cmp(&(other.taken.is_none(), &other.taken)),
            SortBy::Label => (one.labels.is_empty(), &one.labels).cmp(&(other.labels.is_empty(), &other.labels)),
        };
        let order = key.then_with(|| one.name.cmp(&other.name)).then_with(|| one.id.cmp(&other.id));
        if self.reversed { order.reverse() } else { order }
    }
}

/// Which photos are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    All,
    Marked,
    Unlabelled,
    Label(Arc<str>),
}

impl Filter {
    /// What is shown, in words.
    pub(super) fn words(&self) -> String {
        match self {
            Self::All => "all photos".to_owned(),
            Self::Marked => "marked".to_owned(),
            Self::Unlabelled => "no label".to_owned(),
            Self::Label(label) => label.to_string(),
        }
    }
}
