//! Sorted lists that take in sorted lists.

use std::cmp::Ordering;

use super::shelf::Slot;

/// Merges a sorted list into another; no two of them are equal. Compares a few times for each new one, however many
/// there are, and moves the rest at once.
pub(super) fn merge(into: &mut Vec<Slot>, new: &[Slot], compare: impl Fn(Slot, Slot) -> Ordering) {
    let mut from = 0;
    let place = |slot: &Slot| {
        let later = into.get(from..).unwrap_or_default();
        from += later.partition_point(|other| compare(*other, *slot).is_lt());
        from
    };
    let places: Vec<usize> = new.iter().map(place).collect();
    let mut end = into.len();
    into.resize(end + new.len(), 0);
    for (before, (place, slot)) in places.into_iter().zip(new).enumerate().rev() {
        into.copy_within(place..end, place + before + 1);
        if let Some(free) = into.get_mut(place + before) {
            *free = *slot;
        }
        end = place;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_is_as_if_all_were_sorted(one in prop::collection::btree_set(0u32..99, 0..30), other in prop::collection::btree_set(0u32..99, 0..30)) {
            let new: Vec<Slot> = other.difference(&one).copied().collect();
            let mut merged: Vec<Slot> = one.iter().copied().collect();
            merge(&mut merged, &new, |a, b| a.cmp(&b));
            let all: BTreeSet<Slot> = one.union(&other).copied().collect();
            prop_assert_eq!(merged, all.into_iter().collect::<Vec<_>>());
        }
    }
}
