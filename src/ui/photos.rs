//! The photos of the library, in order, filtered and counted.
//!
//! Rows are shared and stand on a [`Shelf`]; the lists here are lists of numbers. The order by name is kept whatever happens,
//! and every other order is made from it by comparing one number a photo, so that no key waits for a hundred thousand.

mod change;
mod label_sets;
mod letters;
mod merge;
mod row;
mod shelf;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::filter::Filter;
use super::order::{Distances, Order, PhotoList, SortBy};
use super::words;
use crate::library::PhotoId;
use letters::Letters;
pub use row::PhotoRow;
use shelf::{Shelf, beside};
pub(super) use shelf::{Sieve, Slot};

type Rows = Vec<Arc<PhotoRow>>;

/// All photos and which of them are shown.
#[derive(Debug)]
pub(super) struct Photos {
    shelf: Shelf,
    by_name: Vec<Slot>,
    /// All photos in the order of now, where that is not by name. Reversed is only how the lists are read.
    sorted: Option<Vec<Slot>>,
    shown: Option<Vec<Slot>>,
    labels: BTreeMap<Arc<str>, usize>,
    unlabelled: usize,
    /// How many photos of the library are marked.
    marked_here: usize,
    /// The marked ones that are not in the library now.
    marked_away: HashSet<PhotoId>,
    order: Order,
    distances: Distances,
    filter: Filter,
}

impl Default for Photos {
    fn default() -> Self {
        Self {
            shelf: Shelf::default(),
            by_name: Vec::new(),
            sorted: None,
            shown: None,
            labels: BTreeMap::new(),
            unlabelled: 0,
            marked_here: 0,
            marked_away: HashSet::new(),
            order: Order { by: SortBy::Name, reversed: false },
            distances: Distances::default(),
            filter: Filter::default(),
        }
    }
}

impl Photos {
    /// All photos in the order of now.
    fn all(&self) -> &Vec<Slot> {
        self.sorted.as_ref().unwrap_or(&self.by_name)
    }

    /// The shown photos in the order of now.
    fn slots(&self) -> &Vec<Slot> {
        self.shown.as_ref().unwrap_or_else(|| self.all())
    }

    /// How many photos are shown.
    pub(super) fn len(&self) -> usize {
        self.slots().len()
    }

    /// How many photos there are.
    pub(super) fn total(&self) -> usize {
        self.shelf.len()
    }

    /// The place of the list for a place on the screen, or the other way round.
    fn turned(&self, place: usize) -> Option<usize> {
        if self.order.reversed { self.len().checked_sub(place + 1) } else { Some(place) }
    }

    fn slot_at(&self, place: usize) -> Option<Slot> {
        self.slots().get(self.turned(place)?).copied()
    }

    /// The shown photo at this place.
    pub(super) fn get(&self, place: usize) -> Option<&Arc<PhotoRow>> {
        self.shelf.row(self.slot_at(place)?)
    }

    /// A photo by its identity, shown or not.
    pub(super) fn row(&self, photo: &PhotoId) -> Option<&Arc<PhotoRow>> {
        self.shelf.row(self.shelf.slot(photo)?)
    }

    /// The place of a photo among the shown ones.
    pub(super) fn place_of(&self, photo: &PhotoId) -> Option<usize> {
        let slot = self.shelf.slot(photo)?;
        let compare = |other: &Slot| self.shelf.compare(*other, slot, self.order.by);
        self.turned(self.slots().binary_search_by(compare).ok()?)
    }

    /// The place among the shown ones of a photo that may have left: its own, else that of the photo with its name (the
    /// file was changed), else where it was.
    pub(super) fn place_near(&self, row: &PhotoRow) -> usize {
        let heir = if self.row(&row.id).is_some() { Some(row.id) } else { self.named(&row.name) };
        heir.and_then(|photo| self.place_of(&photo)).unwrap_or_else(|| {
            let left = beside(row, &self.distances);
            let is_before = |slot: &Slot| {
                self.shelf.standing(*slot).is_some_and(|other| other.compare(&left, self.order.by).is_lt())
            };
            let place = self.slots().partition_point(is_before);
            if self.order.reversed { self.len() - place } else { place }
        })
    }

    /// The photo whose first path this is.
    pub(super) fn named(&self, name: &str) -> Option<PhotoId> {
        let row = |slot: &Slot| self.shelf.row(*slot);
        let place = self.by_name.partition_point(|slot| row(slot).is_some_and(|row| &*row.name < name));
        self.by_name.get(place).and_then(row).filter(|row| &*row.name == name).map(|row| row.id)
    }

    /// Labels with the number of their photos, in order.
    pub(super) fn labels(&self) -> impl Iterator<Item = (&Arc<str>, usize)> + Clone {
        self.labels.iter().map(|(label, count)| (label, *count))
    }

    /// How many photos have no label.
    pub(super) const fn unlabelled(&self) -> usize {
        self.unlabelled
    }

    /// How the photos are sorted.
    pub(super) const fn order(&self) -> Order {
        self.order
    }

    /// How far a photo is from the query that the photos are sorted by; `None`: they are not, or it is not known.
    pub(super) fn distance(&self, photo: &PhotoId) -> Option<f32> {
        (self.order.by == SortBy::Distance).then(|| self.distances.get(photo)).flatten()
    }

    /// The shown photos when not all are shown: those that may answer.
    pub(super) fn among(&self) -> Option<Arc<[PhotoId]>> {
        let ids = |slots: &Vec<Slot>| slots.iter().filter_map(|slot| self.shelf.id(*slot)).collect();
        self.shown.as_ref().map(ids)
    }

    /// Which photos are shown.
    pub(super) const fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Whether the photo is marked.
    pub(super) fn is_marked(&self, photo: &PhotoId) -> bool {
        let here = self.shelf.slot(photo).map(|slot| self.shelf.is_marked(slot));
        here.unwrap_or_else(|| self.marked_away.contains(photo))
    }

    /// How many photos are marked, here and elsewhere.
    pub(super) fn marked(&self) -> usize {
        self.marked_here + self.marked_away.len()
    }

    /// The marked photos that are not in the library now.
    pub(super) const fn marked_away(&self) -> &HashSet<PhotoId> {
        &self.marked_away
    }

    /// How many photos of the library are marked.
    pub(super) const fn marked_here(&self) -> usize {
        self.marked_here
    }

    /// The marked photos of the library, by name.
    pub(super) fn marked_by_name(&self) -> Vec<PhotoId> {
        let marked = self.by_name.iter().filter(|slot| self.shelf.is_marked(**slot));
        marked.filter_map(|slot| self.shelf.id(*slot)).collect()
    }

    /// All photos, in no order; and perhaps some that have left.
    pub(super) fn ids(&self) -> PhotoList {
        self.shelf.ids()
    }

    /// The filter, made ready for many photos.
    pub(super) fn sieve(&self) -> Sieve<'_> {
        self.shelf.sieve(&self.filter)
    }

    /// Where a photo stands until photos come or go, for those who ask of many.
    pub(super) fn slot(&self, photo: &PhotoId) -> Option<Slot> {
        self.shelf.slot(photo)
    }

    /// The number of a photo's labels.
    pub(super) fn label_set(&self, slot: Slot) -> Option<usize> {
        self.shelf.set(slot)
    }

    /// Something asked of the labels that a photo may have, by number.
    pub(super) fn ask_labels<T>(&self, question: impl FnMut(&[Arc<str>]) -> T) -> Vec<T> {
        self.shelf.sets().ask(question)
    }

    /// The first shown photo from place `from` on, going round, whose name contains the text (in lower case).
    pub(super) fn find(&self, text: &str, from: usize, backwards: bool) -> Option<usize> {
        let (wanted, len) = (Letters::of(text), self.len());
        let is_hit = |place: &usize| {
            let slot = self.slot_at(*place).filter(|slot| self.shelf.may_contain(*slot, wanted));
            slot.and_then(|slot| self.shelf.row(slot)).is_some_and(|row| words::contains(&row.name, text))
        };
        let from = from.min(len);
        if backwards {
            (0..from).rev().chain((from..len).rev()).find(is_hit)
        } else {
            (from..len).chain(0..from).find(is_hit)
        }
    }
}

#[cfg(test)]
mod tests;
