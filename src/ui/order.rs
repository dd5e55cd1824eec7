//! How the photos are sorted.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use super::photos::PhotoRow;
use crate::library::PhotoId;

/// How far photos are from what was asked.
pub type Distances = Arc<HashMap<PhotoId, f32>>;

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

/// An order with what it needs to know.
#[derive(Clone, Debug)]
pub(super) struct Sorting {
    pub(super) order: Order,
    pub(super) distances: Distances,
}

impl Sorting {
    /// How far a photo is; what is not known is farthest.
    pub(super) fn distance(&self, photo: &PhotoId) -> f32 {
        self.distances.get(photo).copied().unwrap_or(f32::INFINITY)
    }

    /// How two photos lie to each other; no two are equal.
    pub(super) fn compare(&self, one: &PhotoRow, other: &PhotoRow) -> Ordering {
        // Photos without a date or a label come last.
        let key = match self.order.by {
            SortBy::Name => Ordering::Equal,
            SortBy::Date => (one.taken.is_none(), &one.taken).cmp(&(other.taken.is_none(), &other.taken)),
            SortBy::Label => (one.labels.is_empty(), &one.labels).cmp(&(other.labels.is_empty(), &other.labels)),
            SortBy::Distance => self.distance(&one.id).total_cmp(&self.distance(&other.id)),
        };
        let order = key.then_with(|| one.name.cmp(&other.name)).then_with(|| one.id.cmp(&other.id));
        if self.order.reversed { order.reverse() } else { order }
    }

    /// Sorts rows; each distance is looked up once.
    pub(super) fn sort(&self, rows: &mut Vec<Arc<PhotoRow>>) {
        if self.order.by != SortBy::Distance {
            rows.sort_by(|one, other| self.compare(one, other));
            return;
        }
        let mut keyed: Vec<(f32, Arc<PhotoRow>)> = rows.drain(..).map(|row| (self.distance(&row.id), row)).collect();
        keyed.sort_by(|(far, one), (farther, other)| {
            let order =
                far.total_cmp(farther).then_with(|| one.name.cmp(&other.name)).then_with(|| one.id.cmp(&other.id));
            if self.order.reversed { order.reverse() } else { order }
        });
        rows.extend(keyed.into_iter().map(|(_, row)| row));
    }
}
