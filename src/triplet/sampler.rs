//! PK sampling (Hermans, Beyer, Leibe 2017, arXiv 1703.07737): a batch is `P` labels with `K` photos each, so that every
//! photo has positives and negatives at hand.
//!
//! Labels and photos are dealt like cards: each label comes up once before any comes up again, and within a label each
//! photo once before any again. Small labels:
//!
//! - a label with fewer than `K` photos gives those it has (a second copy of a photo is no positive);
//! - a label with one photo can only be a negative: up to `K` such lone photos are added to each batch;
//! - triplets a person made are dealt the same way; their photos are extra rows which no miner looks at.

use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use super::{Generator, Triplet};

/// Deals batches. Its whole state can be written down, so a resumed run deals the same batches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sampler {
    labels_per_batch: usize,
    photos_per_label: usize,
    triplets_per_batch: usize,
    labels: Deck<usize>,
    photos: Vec<(u32, Deck<usize>)>,
    lone: Deck<(usize, u32)>,
    triplets: Deck<Triplet>,
    generator: Generator,
}

/// One batch: rows that are mined come first, then the rows of the person's triplets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SampledBatch {
    /// Per row, the photo's number in the training set.
    pub photos: Vec<usize>,
    /// Labels of the first rows; mining sees these rows only.
    pub labels: Vec<u32>,
    /// The person's triplets, as rows of this batch.
    pub user_triplets: Vec<Triplet>,
}

/// Why no batch can be dealt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SamplerError {
    /// P or K too small.
    #[error(
        "a batch needs at least 2 labels and 2 photos of each, got {labels_per_batch} labels and {photos_per_label} photos"
    )]
    BatchTooSmall {
        /// P as asked.
        labels_per_batch: usize,
        /// K as asked.
        photos_per_label: usize,
    },
    /// Nothing to tell apart.
    #[error("training needs photos of at least two labels (or marked triplets), and there are {0}")]
    TooFewLabels(usize),
    /// Nothing to bring together.
    #[error("training needs a label with at least two photos (or marked triplets), and all {0} labels have one photo")]
    OnlyLoneLabels(usize),
}

impl Sampler {
    /// Deals from `labels[i]`, the label of photo `i` (`None`: the photo takes no part), and from the person's
    /// `triplets` of photos. Without a usable label the triplets alone make the batches.
    pub fn new(
        labels: &[Option<u32>],
        triplets: &[Triplet],
        labels_per_batch: usize,
        photos_per_label: usize,
        mut generator: Generator,
    ) -> Result<Self, SamplerError> {
        if labels_per_batch < 2 || photos_per_label < 2 {
            return Err(SamplerError::BatchTooSmall { labels_per_batch, photos_per_label });
        }
        let groups = group(labels);
        let label_count = groups.len();
        let (several, single): (Vec<_>, Vec<_>) = groups.into_iter().partition(|(_, photos)| photos.len() > 1);
        if triplets.is_empty() && label_count < 2 {
            return Err(SamplerError::TooFewLabels(label_count));
        }
        if triplets.is_empty() && several.is_empty() {
            return Err(SamplerError::OnlyLoneLabels(label_count));
        }
        // One label alone has no negatives: only the triplets can be learned from.
        let several = if label_count < 2 { Vec::new() } else { several };
        let lone = single.into_iter().filter_map(|(label, photos)| photos.first().map(|photo| (*photo, label)));
        let lone = if several.is_empty() { Vec::new() } else { lone.collect() };
        Ok(Self {
            labels_per_batch,
            photos_per_label,
            triplets_per_batch: labels_per_batch,
            labels: Deck::new((0..several.len()).collect(), &mut generator),
            lone: Deck::new(lone, &mut generator),
            triplets: Deck::new(triplets.to_vec(), &mut generator),
            photos: several.into_iter().map(|(l, photos)| (l, Deck::new(photos, &mut generator))).collect(),
            generator,
        })
    }

    /// Labels with at least two photos.
    pub fn usable_labels(&self) -> usize {
        self.photos.iter().filter(|(_, deck)| deck.cards.len() > 1).count()
    }

    /// Labels with one photo: they serve as negatives only.
    pub const fn lone_labels(&self) -> usize {
        self.lone.cards.len()
    }

    /// Whether a batch has something to tell apart and something to bring together.
    pub fn can_teach(&self) -> bool {
        let usable = self.usable_labels();
        !self.triplets.cards.is_empty() || (usable > 0 && usable + self.lone_labels() > 1)
    }

    /// Deals this photo as one of its label no more; the person's triplets stay as they are. The last photo of a label
    /// that had two serves as a negative from then on.
    pub fn leave_out(&mut self, photo: usize) {
        self.lone.remove(|(card, _)| *card == photo);
        let found = self.photos.iter_mut().enumerate().find(|(_, (_, deck))| deck.cards.contains(&photo));
        let Some((which, (label, deck))) = found else { return };
        deck.remove(|card| *card == photo);
        if deck.cards.len() < 2 {
            self.lone.cards.extend(deck.cards.drain(..).map(|last| (last, *label)));
            deck.dealt = 0;
            self.labels.remove(|card| *card == which);
        }
    }

    /// Deals a photo that was left out again, as one of this label, before any other comes up twice.
    pub fn take_back(&mut self, photo: usize, label: u32) {
        let Some((which, (_, deck))) = self.photos.iter_mut().enumerate().find(|(_, (of, _))| *of == label) else {
            // Without two photos of any label only triplets are dealt.
            if !self.photos.is_empty() {
                self.lone.cards.push((photo, label));
            }
            return;
        };
        if !deck.cards.is_empty() {
            deck.cards.push(photo);
            return;
        }
        match self.lone.cards.iter().find(|(_, of)| *of == label).copied() {
            Some((other, _)) => {
                self.lone.remove(|(card, _)| *card == other);
                deck.cards.extend([other, photo]);
                self.labels.cards.push(which);
            }
            None => self.lone.cards.push((photo, label)),
        }
    }

    /// Deals batches of another size from now on, of at least 2 labels and 2 photos of each; what was dealt does not come
    /// up again before the rest.
    pub fn resize(&mut self, labels_per_batch: usize, photos_per_label: usize) {
        (self.labels_per_batch, self.photos_per_label) = (labels_per_batch.max(2), photos_per_label.max(2));
        self.triplets_per_batch = self.labels_per_batch;
    }

    /// Deals the next batch.
    pub fn next_batch(&mut self) -> SampledBatch {
        let mut batch = SampledBatch::default();
        for which in self.labels.deal(self.labels_per_batch, &mut self.generator) {
            let Some((label, deck)) = self.photos.get_mut(which) else { continue };
            let photos = deck.deal(self.photos_per_label, &mut self.generator);
            batch.labels.extend(photos.iter().map(|_| *label));
            batch.photos.extend(photos);
        }
        for (photo, label) in self.lone.deal(self.photos_per_label, &mut self.generator) {
            batch.photos.push(photo);
            batch.labels.push(label);
        }
        for triplet in self.triplets.deal(self.triplets_per_batch, &mut self.generator) {
            let first = batch.photos.len();
            batch.photos.extend([triplet.anchor, triplet.positive, triplet.negative]);
            batch.user_triplets.push(Triplet { anchor: first, positive: first + 1, negative: first + 2 });
        }
        batch
    }
}

/// Photos of each label, ordered by label, then by photo.
fn group(labels: &[Option<u32>]) -> Vec<(u32, Vec<usize>)> {
    let mut groups = std::collections::BTreeMap::<u32, Vec<usize>>::new();
    for (photo, label) in labels.iter().enumerate() {
        if let Some(label) = label {
            groups.entry(*label).or_default().push(photo);
        }
    }
    groups.into_iter().collect()
}

/// Cards dealt without repeats until all were dealt, then shuffled anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Deck<T> {
    cards: Vec<T>,
    dealt: usize,
}

impl<T: Copy + PartialEq> Deck<T> {
    fn new(mut cards: Vec<T>, generator: &mut Generator) -> Self {
        cards.shuffle(generator);
        Self { cards, dealt: 0 }
    }

    fn remove(&mut self, is_it: impl Fn(&T) -> bool) {
        if let Some(place) = self.cards.iter().position(is_it) {
            self.cards.remove(place);
            self.dealt -= usize::from(place < self.dealt);
        }
    }

    /// Up to `count` different cards: fewer only when the deck has fewer.
    fn deal(&mut self, count: usize, generator: &mut Generator) -> Vec<T> {
        let count = count.min(self.cards.len());
        let mut hand: Vec<T> = self.cards.iter().skip(self.dealt).take(count).copied().collect();
        self.dealt += hand.len();
        if hand.len() < count {
            self.cards.shuffle(generator);
            // What is in the hand already goes to the bottom, so the hand holds no card twice.
            let held = hand.clone();
            self.cards.sort_by_key(|card| held.contains(card));
            self.dealt = count - hand.len();
            hand.extend(self.cards.iter().take(self.dealt));
        }
        hand
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn sampler(labels: &[Option<u32>], triplets: &[Triplet], p: usize, k: usize) -> Result<Sampler, SamplerError> {
        Sampler::new(labels, triplets, p, k, Generator::new(3, 0))
    }

    fn sizes(sizes: &[usize]) -> Vec<Option<u32>> {
        sizes.iter().enumerate().flat_map(|(label, &n)| std::iter::repeat_n(Some(label as u32), n)).collect()
    }

    #[test]
    fn a_batch_holds_p_labels_of_k_different_photos() {
        let labels = sizes(&[10; 12]);
        let mut sampler = sampler(&labels, &[], 5, 4).unwrap();
        for _ in 0..50 {
            let batch = sampler.next_batch();
            assert_eq!(batch.photos.iter().collect::<BTreeSet<_>>().len(), 20);
            let mut count = BTreeMap::<u32, usize>::new();
            for (photo, label) in batch.photos.iter().zip(&batch.labels) {
                assert_eq!(labels[*photo], Some(*label));
                *count.entry(*label).or_default() += 1;
            }
            assert_eq!(count.len(), 5);
            assert!(count.values().all(|n| *n == 4));
        }
    }

    #[test]
    fn every_label_and_every_photo_comes_up_equally_often() {
        let mut sampler = sampler(&sizes(&[6; 8]), &[], 4, 3).unwrap();
        let mut seen = [0; 48];
        (0..40).for_each(|_| sampler.next_batch().photos.iter().for_each(|photo| seen[*photo] += 1));
        assert!(seen.iter().all(|n| *n == 10), "{seen:?}");
    }

    #[test]
    fn labels_with_one_photo_are_negatives_only_and_counted() {
        let mut sampler = sampler(&sizes(&[3, 2, 1, 1, 1, 1, 1]), &[], 8, 4).unwrap();
        assert_eq!((sampler.usable_labels(), sampler.lone_labels()), (2, 5));
        let batch = sampler.next_batch();
        assert_eq!(batch.photos.len(), 3 + 2 + 4);
        let seen: BTreeSet<usize> = (0..5).flat_map(|_| sampler.next_batch().photos).collect();
        assert_eq!(seen.len(), 10);
    }

    #[test]
    fn another_size_changes_how_many_are_dealt_and_not_whose_turn_it_is() {
        let mut sampler = sampler(&sizes(&[6; 8]), &[], 2, 2).unwrap();
        let mut seen = [0; 48];
        let mut count = |batch: &SampledBatch| batch.photos.iter().for_each(|photo| seen[*photo] += 1);
        (0..2).for_each(|_| count(&sampler.next_batch()));
        sampler.resize(4, 2);
        let batch = sampler.next_batch();
        assert_eq!(batch.labels.iter().collect::<BTreeSet<_>>().len(), 4);
        count(&batch);
        let of_label: Vec<usize> = seen.chunks(6).map(|photos| photos.iter().sum()).collect();
        assert_eq!(of_label, [2; 8], "every label once, two photos of each");
        sampler.resize(1, 0);
        assert_eq!(sampler.next_batch().labels.len(), 4, "never fewer than two of each");
    }

    #[test]
    fn what_is_left_out_is_dealt_no_more_until_it_is_taken_back_and_all_others_as_before() {
        let labels = sizes(&[4, 4, 2, 1]);
        let mut sampler = sampler(&labels, &[], 3, 2).unwrap();
        sampler.next_batch();
        for photo in [0, 8, 10] {
            sampler.leave_out(photo);
        }
        assert_eq!((sampler.usable_labels(), sampler.lone_labels(), sampler.can_teach()), (2, 1, true));
        let mut seen = [0; 11];
        for _ in 0..12 {
            let batch = sampler.next_batch();
            assert_eq!(batch.photos.len(), 5, "two of two labels, and the last one of the third");
            batch.photos.iter().for_each(|photo| seen[*photo] += 1);
        }
        assert_eq!((seen[0], seen[8], seen[9], seen[10]), (0, 0, 12, 0));
        assert!(seen[1..8].iter().all(|times| (5..=9).contains(times)), "{seen:?}");
        for photo in [0, 8, 10] {
            sampler.take_back(photo, labels[photo].unwrap());
        }
        assert_eq!((sampler.usable_labels(), sampler.lone_labels()), (3, 1));
        let dealt: BTreeSet<usize> = (0..2).flat_map(|_| sampler.next_batch().photos).collect();
        assert!([0, 8, 10].iter().all(|photo| dealt.contains(photo)), "{dealt:?}");
        (1..11).for_each(|photo| sampler.leave_out(photo));
        assert!(!sampler.can_teach());
        assert_eq!(sampler.next_batch().photos, [0]);
    }

    #[test]
    fn labels_that_lose_their_photos_take_no_place_in_a_batch() {
        let labels = sizes(&[4, 4, 2, 2]);
        let mut small = sampler(&labels, &[], 2, 2).unwrap();
        (8..12).for_each(|photo| small.leave_out(photo));
        assert_eq!((small.usable_labels(), small.lone_labels()), (2, 0));
        for _ in 0..8 {
            let batch = small.next_batch();
            assert_eq!((batch.photos.len(), batch.labels.iter().collect::<BTreeSet<_>>().len()), (4, 2), "{batch:?}");
        }
        (8..12).for_each(|photo| small.take_back(photo, labels[photo].unwrap()));
        assert_eq!((small.usable_labels(), small.lone_labels()), (4, 0));
        let dealt: BTreeSet<u32> = (0..4).flat_map(|_| small.next_batch().labels).collect();
        assert_eq!(dealt.len(), 4, "all labels are dealt again");
        let made = [Triplet { anchor: 0, positive: 1, negative: 2 }];
        let mut only_triplets = sampler(&sizes(&[3]), &made, 2, 2).unwrap();
        only_triplets.leave_out(1);
        only_triplets.take_back(1, 0);
        assert_eq!(only_triplets.next_batch().labels, Vec::<u32>::new(), "nothing is dealt that was not before");
    }

    #[test]
    fn what_cannot_be_sampled_is_refused_with_a_reason() {
        assert_eq!(sampler(&sizes(&[5]), &[], 4, 4), Err(SamplerError::TooFewLabels(1)));
        assert_eq!(sampler(&[None; 9], &[], 4, 4), Err(SamplerError::TooFewLabels(0)));
        assert_eq!(sampler(&sizes(&[1, 1, 1]), &[], 4, 4), Err(SamplerError::OnlyLoneLabels(3)));
        for (labels_per_batch, photos_per_label) in [(1, 4), (4, 1), (0, 0)] {
            let expected = SamplerError::BatchTooSmall { labels_per_batch, photos_per_label };
            assert_eq!(sampler(&sizes(&[5, 5]), &[], labels_per_batch, photos_per_label), Err(expected));
        }
    }

    #[test]
    fn made_triplets_come_as_extra_rows_and_suffice_alone() {
        let made = [Triplet { anchor: 4, positive: 2, negative: 0 }, Triplet { anchor: 1, positive: 3, negative: 0 }];
        let mut alone = sampler(&[None; 5], &made, 4, 4).unwrap();
        let batch = alone.next_batch();
        assert_eq!((batch.photos.len(), batch.labels.len(), batch.user_triplets.len()), (6, 0, 2));
        let mut both = sampler(&sizes(&[3, 3]), &made, 2, 3).unwrap();
        let batch = both.next_batch();
        assert_eq!((batch.photos.len(), batch.labels.len()), (12, 6));
        for row in &batch.user_triplets {
            let photos = [row.anchor, row.positive, row.negative].map(|i| batch.photos[i]);
            assert!(made.iter().any(|t| [t.anchor, t.positive, t.negative] == photos));
        }
    }

    #[test]
    fn a_saved_sampler_deals_the_same_batches() {
        let mut sampler = sampler(&sizes(&[7, 3, 1, 9, 2]), &[], 3, 4).unwrap();
        for _ in 0..30 {
            let mut loaded: Sampler = serde_json::from_str(&serde_json::to_string(&sampler).unwrap()).unwrap();
            assert_eq!(loaded.next_batch(), sampler.next_batch());
        }
    }
}
