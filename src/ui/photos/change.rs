//! Changes of the lists: each costs what has changed, or a number a photo where all of them are put into another order.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use super::merge::merge;
use super::shelf::Slot;
use super::{PhotoRow, Photos, Rows};
use crate::library::PhotoId;
use crate::ui::filter::Filter;
use crate::ui::order::{Distances, Order, SortBy};

impl Photos {
    /// Marks photos or takes their marks away; what is shown changes only with the filter.
    pub(in crate::ui) fn mark(&mut self, photos: &[PhotoId], marked: bool) {
        for photo in photos {
            if let Some(slot) = self.shelf.slot(photo) {
                self.mark_slot(slot, marked);
            } else if marked {
                self.marked_away.insert(*photo);
            } else {
                self.marked_away.remove(photo);
            }
        }
    }

    /// The same with the photos at these places, which need not be looked up. Returns them.
    pub(in crate::ui) fn mark_places(&mut self, places: Range<usize>, marked: bool) -> Vec<PhotoId> {
        let mut photos = Vec::with_capacity(places.len().min(self.len()));
        for place in places {
            if let Some((slot, photo)) = self.slot_at(place).and_then(|slot| Some((slot, self.shelf.id(slot)?))) {
                self.mark_slot(slot, marked);
                photos.push(photo);
            }
        }
        photos
    }

    fn mark_slot(&mut self, slot: Slot, marked: bool) {
        match (self.shelf.mark(slot, marked), marked) {
            (false, true) => self.marked_here += 1,
            (true, false) => self.marked_here -= 1,
            _ => {}
        }
    }

    /// Sorts anew.
    pub(in crate::ui) fn sort(&mut self, order: Order) {
        let is_other = order.by != self.order.by;
        self.order = order;
        if is_other {
            self.arrange();
        }
        self.sift();
    }

    /// Takes other distances, and sorts anew if the photos are sorted by them.
    pub(in crate::ui) fn measure(&mut self, distances: Distances) {
        self.distances = distances;
        if self.order.by == SortBy::Distance {
            self.arrange();
            self.sift();
        }
    }

    /// Shows only these photos.
    pub(in crate::ui) fn show(&mut self, filter: Filter) {
        self.filter = filter;
        self.sift();
    }

    /// Puts all photos into the order of now.
    fn arrange(&mut self) {
        if self.order.by == SortBy::Distance {
            self.shelf.measure(&self.distances);
        }
        let is_kept = self.order.by == SortBy::Name;
        self.sorted = (!is_kept).then(|| self.shelf.sorted(&self.by_name, self.order.by));
    }

    /// Finds out which photos are shown.
    fn sift(&mut self) {
        let sieve = self.sieve();
        let shown = || self.all().iter().copied().filter(|slot| sieve.passes(*slot)).collect();
        self.shown = (!self.filter.is_all()).then(shown);
    }

    /// Adds photos; one that is there already is replaced by its newer row.
    pub(in crate::ui) fn add(&mut self, rows: Rows) {
        let newest: HashMap<PhotoId, usize> = rows.iter().zip(0..).map(|(row, place)| (row.id, place)).collect();
        let known = newest.keys().filter(|id| self.shelf.slot(id).is_some()).copied().collect();
        self.remove(&known);
        let mut new = Vec::with_capacity(rows.len());
        for (row, place) in rows.into_iter().zip(0..) {
            if newest.get(&row.id) == Some(&place) {
                new.push(self.put(row));
            }
        }
        self.list(new);
    }

    fn put(&mut self, row: Arc<PhotoRow>) -> Slot {
        self.unlabelled += usize::from(row.labels.is_empty());
        for label in &row.labels {
            *self.labels.entry(Arc::clone(label)).or_default() += 1;
        }
        let (marked, distance) = (self.marked_away.remove(&row.id), self.distances.far(&row.id));
        self.marked_here += usize::from(marked);
        self.shelf.put(row, marked, distance)
    }

    /// Puts new photos into the lists.
    fn list(&mut self, mut new: Vec<Slot>) {
        let (shelf, by) = (&self.shelf, self.order.by);
        new.sort_by(|one, other| shelf.compare(*one, *other, SortBy::Name));
        merge(&mut self.by_name, &new, |one, other| shelf.compare(one, other, SortBy::Name));
        if let Some(sorted) = &mut self.sorted {
            new = shelf.sorted(&new, by);
            merge(sorted, &new, |one, other| shelf.compare(one, other, by));
        }
        if let Some(shown) = &mut self.shown {
            let sieve = shelf.sieve(&self.filter);
            new.retain(|slot| sieve.passes(*slot));
            merge(shown, &new, |one, other| shelf.compare(one, other, by));
        }
    }

    /// Takes photos out; their marks stay for their return.
    pub(in crate::ui) fn remove(&mut self, photos: &HashSet<PhotoId>) {
        let gone: Vec<(Slot, Arc<PhotoRow>)> = photos.iter().filter_map(|photo| self.shelf.take(photo)).collect();
        if gone.is_empty() {
            return;
        }
        for (slot, row) in &gone {
            if self.shelf.is_marked(*slot) {
                self.marked_here -= 1;
                self.marked_away.insert(row.id);
            }
            self.unlabelled -= usize::from(row.labels.is_empty());
            for label in &row.labels {
                if let Some(count) = self.labels.get_mut(label) {
                    *count -= 1;
                }
            }
        }
        self.labels.retain(|_, count| *count > 0);
        for list in [Some(&mut self.by_name), self.sorted.as_mut(), self.shown.as_mut()].into_iter().flatten() {
            list.retain(|slot| self.shelf.row(*slot).is_some());
        }
        self.shelf.clear(gone.into_iter().map(|(slot, _)| slot));
    }
}
