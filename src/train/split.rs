//! Which photos are trained on, which choose, and which judge.
//!
//! A share of the photos of each label (to see how well new photos of known labels are found), or of the labels (new
//! labels), is kept from training and halved: **validation** chooses step, checkpoint and mix, **held out** is read once,
//! for the report. Near-duplicates never straddle: a group of them goes to one side as a whole.

use std::collections::{BTreeMap, BTreeSet};

use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use crate::triplet::Generator;

/// A stream of its own, so that a split does not depend on how training draws.
const STREAM: u64 = 3;

/// What is kept from training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SplitBy {
    /// A share of the photos of each label.
    #[default]
    Photos,
    /// A share of the labels, with all their photos.
    Labels,
    /// Nothing.
    None,
}

/// Numbers of labelled photos, each list ascending; unlabelled photos are in none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// Trained on.
    pub train: Vec<usize>,
    /// Chooses.
    pub validation: Vec<usize>,
    /// Judges.
    pub held_out: Vec<usize>,
}

/// Why photos cannot be split.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum SplitError {
    /// Not a share.
    #[error("the holdout must lie between 0 and 1, for example 0.2, got {0}")]
    Holdout(f64),
    /// Another number of groups than of photos.
    #[error("{labels} photos need as many near-duplicate groups, got {groups}")]
    Groups {
        /// Photos.
        labels: usize,
        /// Groups.
        groups: usize,
    },
}

/// Splits photos with `labels[i]` (`None`: unlabelled) and near-duplicate group `groups[i]` (any number; equal numbers
/// belong together). `holdout` is the share kept from training, 0 to under 1. The same seed gives the same split.
pub fn split(
    labels: &[Option<u32>],
    groups: &[usize],
    by: SplitBy,
    holdout: f64,
    seed: u64,
) -> Result<Split, SplitError> {
    if !(0.0..1.0).contains(&holdout) {
        return Err(SplitError::Holdout(holdout));
    }
    if labels.len() != groups.len() {
        return Err(SplitError::Groups { labels: labels.len(), groups: groups.len() });
    }
    let mut generator = Generator::new(seed, STREAM);
    let photos = Photos::new(labels, groups);
    let side = match by {
        SplitBy::None => BTreeMap::new(),
        SplitBy::Photos => photos.by_photos(holdout, &mut generator),
        SplitBy::Labels => photos.by_labels(holdout, &mut generator),
    };
    let mut split = Split::default();
    for (photo, _) in labels.iter().enumerate().filter(|(_, label)| label.is_some()) {
        match groups.get(photo).and_then(|group| side.get(group)) {
            None => split.train.push(photo),
            Some(Side::Validation) => split.validation.push(photo),
            Some(Side::HeldOut) => split.held_out.push(photo),
        }
    }
    Ok(split)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Validation,
    HeldOut,
}

/// Labelled photos, seen as labels and groups.
struct Photos {
    /// Per label, how many photos each of its groups has in it.
    labels: BTreeMap<u32, BTreeMap<usize, usize>>,
    /// Labels in which a group has photos.
    labels_of: BTreeMap<usize, BTreeSet<u32>>,
}

impl Photos {
    fn new(labels: &[Option<u32>], groups: &[usize]) -> Self {
        let mut photos = Self { labels: BTreeMap::new(), labels_of: BTreeMap::new() };
        for (label, group) in labels.iter().zip(groups) {
            let Some(label) = *label else { continue };
            *photos.labels.entry(label).or_default().entry(*group).or_default() += 1;
            photos.labels_of.entry(*group).or_default().insert(label);
        }
        photos
    }

    /// Per label, whole groups in random order until the share is reached, halved within the label; the odd one goes to
    /// the half that is behind. At least two photos of a label stay in training when it has that many.
    fn by_photos(&self, holdout: f64, generator: &mut Generator) -> BTreeMap<usize, Side> {
        let mut side = BTreeMap::new();
        let mut total = Halves::default();
        let mut owed = 0.0;
        for in_label in self.labels.values() {
            let photos: usize = in_label.values().sum();
            owed += photos as f64 * holdout;
            let mut kept = Halves::default();
            for (already, count) in in_label.iter().filter_map(|(group, count)| Some((side.get(group)?, count))) {
                kept.add(*already, *count);
            }
            let quota = (owed.round() as usize).min(photos.saturating_sub(2));
            let mut order: Vec<_> = in_label.iter().filter(|(group, _)| !side.contains_key(*group)).collect();
            order.shuffle(generator);
            for (group, count) in order {
                if kept.sum() + count <= quota {
                    let to = if kept.validation == kept.held_out { total.behind() } else { kept.behind() };
                    side.insert(*group, to);
                    kept.add(to, *count);
                    total.add(to, *count);
                }
            }
            owed -= kept.sum() as f64;
        }
        side
    }

    /// Whole labels in random order until the share of the labels is reached, alternately to either half; labels that
    /// share a near-duplicate group go together.
    fn by_labels(&self, holdout: f64, generator: &mut Generator) -> BTreeMap<usize, Side> {
        let quota = (self.labels.len() as f64 * holdout).round() as usize;
        let mut together = self.labels_together();
        together.shuffle(generator);
        let mut side = BTreeMap::new();
        let mut kept = Halves::default();
        for labels in together {
            if kept.sum() + labels.len() > quota {
                continue;
            }
            let to = kept.behind();
            kept.add(to, labels.len());
            let groups = labels.iter().filter_map(|label| self.labels.get(label)).flat_map(BTreeMap::keys);
            side.extend(groups.map(|group| (*group, to)));
        }
        side
    }

    /// Labels connected by groups with photos in several of them.
    fn labels_together(&self) -> Vec<BTreeSet<u32>> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        for &first in self.labels.keys() {
            let mut together = BTreeSet::new();
            let mut open = vec![first];
            while let Some(label) = open.pop() {
                if seen.insert(label) {
                    together.insert(label);
                    let groups = self.labels.get(&label).into_iter().flat_map(BTreeMap::keys);
                    open.extend(groups.filter_map(|group| self.labels_of.get(group)).flatten());
                }
            }
            if !together.is_empty() {
                found.push(together);
            }
        }
        found
    }
}

#[derive(Default)]
struct Halves {
    validation: usize,
    held_out: usize,
}

impl Halves {
    const fn sum(&self) -> usize {
        self.validation + self.held_out
    }

    const fn behind(&self) -> Side {
        if self.held_out <= self.validation { Side::HeldOut } else { Side::Validation }
    }

    const fn add(&mut self, side: Side, count: usize) {
        match side {
            Side::Validation => self.validation += count,
            Side::HeldOut => self.held_out += count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn alone(n: usize) -> Vec<usize> {
        (0..n).collect()
    }

    fn sizes(sizes: &[usize]) -> Vec<Option<u32>> {
        sizes.iter().enumerate().flat_map(|(label, &n)| std::iter::repeat_n(Some(label as u32), n)).collect()
    }

    fn count(labels: &[Option<u32>], photos: &[usize], label: u32) -> usize {
        photos.iter().filter(|photo| labels[**photo] == Some(label)).count()
    }

    #[test]
    fn a_share_of_each_label_is_kept_and_halved() {
        let labels = sizes(&[40; 10]);
        let split = split(&labels, &alone(400), SplitBy::Photos, 0.2, 1).unwrap();
        assert_eq!((split.train.len(), split.validation.len(), split.held_out.len()), (320, 40, 40));
        for label in 0..10 {
            let counts = [&split.train, &split.validation, &split.held_out].map(|part| count(&labels, part, label));
            assert_eq!(counts, [32, 4, 4]);
        }
    }

    #[test]
    fn a_share_of_the_labels_is_kept_whole() {
        let labels = sizes(&[5; 80]);
        let split = split(&labels, &alone(400), SplitBy::Labels, 0.4, 1).unwrap();
        assert_eq!((split.train.len(), split.validation.len(), split.held_out.len()), (240, 80, 80));
        let of = |part: &[usize]| part.iter().map(|p| labels[*p]).collect::<BTreeSet<_>>();
        let (train, validation, held_out) = (of(&split.train), of(&split.validation), of(&split.held_out));
        assert!(train.is_disjoint(&validation) && train.is_disjoint(&held_out) && validation.is_disjoint(&held_out));
    }

    #[test]
    fn small_labels_give_their_share_together_and_keep_two_photos() {
        let labels = sizes(&[4; 50]);
        let kept = split(&labels, &alone(200), SplitBy::Photos, 0.2, 1).unwrap();
        assert_eq!(kept.validation.len() + kept.held_out.len(), 40);
        let pairs = split(&sizes(&[2; 50]), &alone(100), SplitBy::Photos, 0.5, 1).unwrap();
        assert_eq!(pairs.train.len(), 100);
    }

    #[test]
    fn nothing_is_kept_when_so_asked_and_unlabelled_photos_are_nowhere() {
        let mut labels = sizes(&[5, 5]);
        labels[3] = None;
        let split = split(&labels, &alone(10), SplitBy::None, 0.2, 1).unwrap();
        assert_eq!(split.train, [0, 1, 2, 4, 5, 6, 7, 8, 9]);
        assert!(split.validation.is_empty() && split.held_out.is_empty());
    }

    #[test]
    fn wrong_shares_are_refused() {
        for wrong in [-0.1, 1.0, f64::NAN] {
            assert!(matches!(
                split(&sizes(&[5, 5]), &alone(10), SplitBy::Photos, wrong, 1),
                Err(SplitError::Holdout(_))
            ));
        }
        assert!(matches!(split(&sizes(&[5]), &alone(4), SplitBy::Photos, 0.2, 1), Err(SplitError::Groups { .. })));
    }

    proptest! {
        #[test]
        fn near_duplicates_never_straddle_and_no_photo_is_lost(
            photos in prop::collection::vec((prop::option::of(0u32..6), 0usize..25), 0..80),
            holdout in 0.0f64..0.9,
            seed in 0u64..50,
        ) {
            let (labels, groups): (Vec<_>, Vec<_>) = photos.into_iter().unzip();
            for by in [SplitBy::Photos, SplitBy::Labels, SplitBy::None] {
                let parts = split(&labels, &groups, by, holdout, seed).unwrap();
                prop_assert_eq!(&parts, &split(&labels, &groups, by, holdout, seed).unwrap());
                let of = |part: &[usize]| part.iter().map(|p| groups[*p]).collect::<BTreeSet<_>>();
                let sides = [of(&parts.train), of(&parts.validation), of(&parts.held_out)];
                for (i, j) in [(0, 1), (0, 2), (1, 2)] {
                    prop_assert!(sides[i].is_disjoint(&sides[j]), "{by:?}");
                }
                let total = parts.train.len() + parts.validation.len() + parts.held_out.len();
                prop_assert_eq!(total, labels.iter().flatten().count());
            }
        }
    }
}
