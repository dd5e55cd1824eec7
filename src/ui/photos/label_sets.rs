//! The labels of the photos, numbered: what a hundred thousand photos are asked is asked of a few hundred labels.

use std::collections::HashMap;
use std::sync::Arc;

/// The labels of one photo.
type Labels = [Arc<str>];

/// Every set of labels that some photo has or had, each once.
#[derive(Debug, Default)]
pub(super) struct LabelSets {
    sets: Vec<Arc<Labels>>,
    numbers: HashMap<Arc<Labels>, u32>,
}

impl LabelSets {
    /// The number of a set; it stays the same.
    pub(super) fn number(&mut self, labels: &Labels) -> u32 {
        if let Some(number) = self.numbers.get(labels) {
            return *number;
        }
        let (number, set) = (self.sets.len() as u32, Arc::<Labels>::from(labels));
        self.sets.push(Arc::clone(&set));
        self.numbers.insert(set, number);
        number
    }

    /// Something asked of every set, by number.
    pub(super) fn ask<T>(&self, question: impl FnMut(&Labels) -> T) -> Vec<T> {
        self.sets.iter().map(AsRef::as_ref).map(question).collect()
    }

    /// The place of every set in their order, by number; no label comes last.
    pub(super) fn ranks(&self) -> Vec<u64> {
        let mut order: Vec<(&Arc<Labels>, usize)> = self.sets.iter().zip(0..).collect();
        order.sort_unstable_by(|(one, _), (other, _)| (one.is_empty(), one).cmp(&(other.is_empty(), other)));
        let mut ranks = vec![0; self.sets.len()];
        for ((_, number), rank) in order.into_iter().zip(0..) {
            if let Some(place) = ranks.get_mut(number) {
                *place = rank;
            }
        }
        ranks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_keep_their_numbers_and_no_label_comes_last() {
        let set = |labels: &[&str]| labels.iter().map(|label| Arc::from(*label)).collect::<Vec<Arc<str>>>();
        let mut sets = LabelSets::default();
        let all = [set(&["milk"]), set(&[]), set(&["coffee", "milk"]), set(&["coffee"])];
        assert_eq!(all.each_ref().map(|labels| sets.number(labels)), [0, 1, 2, 3]);
        assert_eq!(sets.number(&set(&["coffee"])), 3);
        assert_eq!(sets.ranks(), [2, 3, 1, 0]);
        assert_eq!(sets.ask(<[Arc<str>]>::len), [1, 0, 2, 1]);
    }
}
