//! The rows of the photos, and in numbers what is compared of them: a hundred thousand are sorted and sifted without a look
//! at any text.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::label_sets::LabelSets;
use super::letters::Letters;
use super::row::PhotoRow;
use crate::library::PhotoId;
use crate::ui::filter::Filter;
use crate::ui::order::{Distances, PhotoList, SortBy, moment};

/// Where a photo stands on the shelf, as long as it is there.
pub(in crate::ui) type Slot = u32;

/// What is compared of a photo.
#[derive(Clone, Copy, Debug)]
struct Keys {
    moment: u64,
    labels: u32,
    /// How far it is from what the photos were measured from last.
    distance: f32,
    marked: bool,
    letters: Letters,
}

/// All photos, in no order.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    rows: Vec<Option<Arc<PhotoRow>>>,
    ids: PhotoList,
    keys: Vec<Keys>,
    free: Vec<Slot>,
    slots: HashMap<PhotoId, Slot>,
    sets: LabelSets,
}

/// A photo on the shelf or beside it, to be compared.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing<'a> {
    row: &'a PhotoRow,
    moment: u64,
    distance: f32,
}

impl Standing<'_> {
    /// How two photos lie to each other; no two are equal. Photos without a date or a label come last.
    pub(super) fn compare(&self, other: &Self, by: SortBy) -> Ordering {
        let key = match by {
            SortBy::Name => Ordering::Equal,
            SortBy::Date => self.moment.cmp(&other.moment),
            SortBy::Label => {
                let (one, other) = (&self.row.labels, &other.row.labels);
                (one.is_empty(), one).cmp(&(other.is_empty(), other))
            }
            SortBy::Distance => self.distance.total_cmp(&other.distance),
        };
        key.then_with(|| self.row.name.cmp(&other.row.name)).then_with(|| self.row.id.cmp(&other.row.id))
    }
}

impl Shelf {
    /// How many photos there are.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Where a photo stands.
    pub(super) fn slot(&self, photo: &PhotoId) -> Option<Slot> {
        self.slots.get(photo).copied()
    }

    /// What stands there.
    pub(super) fn row(&self, slot: Slot) -> Option<&Arc<PhotoRow>> {
        self.rows.get(slot as usize)?.as_ref()
    }

    /// Which photo stands there.
    pub(super) fn id(&self, slot: Slot) -> Option<PhotoId> {
        self.ids.get(slot as usize).copied()
    }

    fn keys(&self, slot: Slot) -> Option<&Keys> {
        self.keys.get(slot as usize)
    }

    /// The number of the labels of a photo.
    pub(super) fn set(&self, slot: Slot) -> Option<usize> {
        self.keys(slot).map(|keys| keys.labels as usize)
    }

    pub(super) const fn sets(&self) -> &LabelSets {
        &self.sets
    }

    /// Takes a photo in that is not there yet.
    pub(super) fn put(&mut self, row: Arc<PhotoRow>, marked: bool, distance: f32) -> Slot {
        let keys = Keys {
            moment: moment(row.taken.as_deref()),
            labels: self.sets.number(&row.labels),
            distance,
            marked,
            letters: Letters::of_name(&row.name),
        };
        let slot = self.free.pop().unwrap_or(self.rows.len() as Slot);
        self.slots.insert(row.id, slot);
        put(Arc::make_mut(&mut self.ids), slot, row.id);
        put(&mut self.rows, slot, Some(row));
        put(&mut self.keys, slot, keys);
        slot
    }

    /// Takes a photo out; its place stays empty until [`Self::clear`].
    pub(super) fn take(&mut self, photo: &PhotoId) -> Option<(Slot, Arc<PhotoRow>)> {
        let slot = self.slots.remove(photo)?;
        Some((slot, self.rows.get_mut(slot as usize)?.take()?))
    }

    /// Lets other photos stand in these places.
    pub(super) fn clear(&mut self, slots: impl Iterator<Item = Slot>) {
        self.free.extend(slots);
    }

    /// All that stood here since this shelf is there, by slot.
    pub(super) fn ids(&self) -> PhotoList {
        Arc::clone(&self.ids)
    }

    /// Notes whether a photo is marked, and says whether it was.
    pub(super) fn mark(&mut self, slot: Slot, marked: bool) -> bool {
        self.keys.get_mut(slot as usize).is_some_and(|keys| std::mem::replace(&mut keys.marked, marked))
    }

    pub(super) fn is_marked(&self, slot: Slot) -> bool {
        self.keys(slot).is_some_and(|keys| keys.marked)
    }

    pub(super) fn may_contain(&self, slot: Slot, wanted: Letters) -> bool {
        self.keys(slot).is_some_and(|keys| keys.letters.may_contain(wanted))
    }

    /// Notes how far every photo is; what is not known is farthest.
    pub(super) fn measure(&mut self, distances: &Distances) {
        for (keys, far) in self.keys.iter_mut().zip(distances.each_far(&self.ids)) {
            keys.distance = far;
        }
    }

    /// What is compared of a photo.
    pub(super) fn standing(&self, slot: Slot) -> Option<Standing<'_>> {
        let (row, keys) = (self.row(slot)?, self.keys(slot)?);
        Some(Standing { row, moment: keys.moment, distance: keys.distance })
    }

    /// How two photos lie to each other.
    pub(super) fn compare(&self, one: Slot, other: Slot, by: SortBy) -> Ordering {
        self.standing(one).zip(self.standing(other)).map_or(Ordering::Equal, |(one, other)| one.compare(&other, by))
    }

    /// The photos, which are given by name, in another order.
    pub(super) fn sorted(&self, by_name: &[Slot], by: SortBy) -> Vec<Slot> {
        let ranks = if by == SortBy::Label { self.sets.ranks() } else { Vec::new() };
        let number = |keys: &Keys| match by {
            SortBy::Name => 0,
            SortBy::Date => keys.moment,
            SortBy::Label => ranks.get(keys.labels as usize).copied().unwrap_or(u64::MAX),
            SortBy::Distance => ordered(keys.distance).into(),
        };
        // Equal ones stay in the order of their names.
        let keyed = |(slot, rank): (&Slot, u32)| {
            let number = self.keys(*slot).map_or(u64::MAX, number);
            u128::from(number) << 32 | u128::from(rank)
        };
        let mut keyed: Vec<u128> = by_name.iter().zip(0..).map(keyed).collect();
        keyed.sort_unstable();
        keyed.into_iter().filter_map(|keyed| by_name.get(keyed as u32 as usize).copied()).collect()
    }

    /// A filter made ready for many photos.
    pub(super) fn sieve(&self, filter: &Filter) -> Sieve<'_> {
        let sets = self.sets.ask(|labels| filter.wants_labels(labels));
        Sieve { shelf: self, sets, moments: filter.moments(), marked: filter.marked }
    }
}

/// A filter that asks every label once.
#[derive(Debug)]
pub(in crate::ui) struct Sieve<'a> {
    shelf: &'a Shelf,
    sets: Vec<bool>,
    moments: RangeInclusive<u64>,
    marked: bool,
}

impl Sieve<'_> {
    /// Whether a photo passes.
    pub(in crate::ui) fn passes(&self, slot: Slot) -> bool {
        let passes = |keys: &Keys| {
            let has_label = self.sets.get(keys.labels as usize).is_some_and(|wanted| *wanted);
            has_label && self.moments.contains(&keys.moment) && (keys.marked || !self.marked)
        };
        self.shelf.keys(slot).is_some_and(passes)
    }
}

/// A photo that need not be on the shelf.
pub(super) fn beside<'a>(row: &'a PhotoRow, distances: &Distances) -> Standing<'a> {
    Standing { row, moment: moment(row.taken.as_deref()), distance: distances.far(&row.id) }
}

fn put<T>(column: &mut Vec<T>, slot: Slot, value: T) {
    match column.get_mut(slot as usize) {
        Some(place) => *place = value,
        None => column.push(value),
    }
}

/// A number in the order of [`f32::total_cmp`].
const fn ordered(number: f32) -> u32 {
    let bits = number.to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lie_as_the_distances_they_stand_for() {
        let all = [f32::NEG_INFINITY, -1.5, -0.0, 0.0, 1e-30, 0.5, 2.0, f32::INFINITY, f32::NAN];
        assert!(all.map(ordered).is_sorted_by(|one, other| one < other));
        assert!(all.is_sorted_by(|one, other| one.total_cmp(other).is_lt()));
    }
}
