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
/// Photos that a label may give beyond its own share for labels that were too small.
const MOST_OWED: f64 = 2.0;

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

impl std::fmt::Display for SplitBy {
    /// As on the command line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Photos => "photos",
            Self::Labels => "labels",
            Self::None => "none",
        })
    }
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

    /// Per label, whole groups in random order until the share is reached, halved within the label where either half
    /// gets two photos or more, else all to the half that is behind: one photo alone finds nothing of its label. A share
    /// under two photos is owed by the next label. At least two photos of a label stay in training.
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
            let mut free = quota.saturating_sub(kept.sum());
            let mut chosen: Vec<(usize, usize)> = Vec::new();
            for (&group, &count) in order {
                if count <= free {
                    chosen.push((group, count));
                    free -= count;
                }
            }
            let mut halves = halved(&chosen, kept, total);
            if halves.iter().map(|(_, count, _)| count).sum::<usize>() + kept.sum() < 2 {
                halves.clear();
            }
            for (group, count, to) in halves {
                side.insert(group, to);
                kept.add(to, count);
                total.add(to, count);
            }
            // A few photos more or less even out; a row of labels too small to give any does not empty a large one.
            owed = (owed - kept.sum() as f64).min(MOST_OWED);
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

/// A side for each group with its count: halved, or all on one side where a half would have a single photo. `kept` went
/// to the sides before, with groups that lie under several labels.
fn halved(groups: &[(usize, usize)], kept: Halves, total: Halves) -> Vec<(usize, usize, Side)> {
    let mut halves = kept;
    let mut sides = Vec::with_capacity(groups.len());
    for &(group, count) in groups {
        let to = if halves.validation == halves.held_out { total.behind() } else { halves.behind() };
        halves.add(to, count);
        sides.push((group, count, to));
    }
    if halves.validation == 1 || halves.held_out == 1 {
        let to = if kept.sum() > 0 { kept.ahead() } else { total.behind() };
        for (_, _, side) in &mut sides {
            *side = to;
        }
    }
    sides
}

#[derive(Clone, Copy, Default)]
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

    const fn ahead(&self) -> Side {
        if self.held_out > self.validation { Side::HeldOut } else { Side::Validation }
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
    fn small_labels_give_their_share_together_and_never_one_photo_alone() {
        for (size, number) in [(4, 50), (8, 8), (16, 8), (5, 40)] {
            let labels = sizes(&vec![size; number]);
            let kept = split(&labels, &alone(size * number), SplitBy::Photos, 0.2, 1).unwrap();
            let halves = [kept.validation.len(), kept.held_out.len()];
            assert!(halves[0].abs_diff(halves[1]) <= 3, "{halves:?}");
            assert!((halves[0] + halves[1]).abs_diff(size * number / 5) <= 2, "{halves:?}");
            for label in 0..number as u32 {
                for part in [&kept.train, &kept.validation, &kept.held_out] {
                    assert_ne!(count(&labels, part, label), 1, "label {label} of {size} photos");
                }
            }
        }
        let large = [vec![3; 60], vec![20]].concat();
        let kept = split(&sizes(&large), &alone(200), SplitBy::Photos, 0.2, 1).unwrap();
        assert!(count(&sizes(&large), &kept.train, 60) >= 14, "sixty labels too small do not empty a large one");
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
