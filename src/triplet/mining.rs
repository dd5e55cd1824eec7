//! Which triplets of a batch the loss is computed on. Mining has no gradient: it returns rows and counts.

mod batch;
mod batch_all;
mod batch_hard;
mod random;
mod semi_hard;

pub use batch::Batch;

use serde::{Deserialize, Serialize};

use super::{Generator, Margin, Reduction, Triplet};

/// How triplets are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mining {
    /// Every valid triplet.
    #[default]
    BatchAll,
    /// Per anchor the farthest positive and the nearest negative.
    BatchHard,
    /// Per (anchor, positive) the nearest negative that is farther than the positive, but not by the margin.
    SemiHard,
    /// Per (anchor, positive) a random negative.
    Random,
}

impl Mining {
    /// All of them, for menus and tests.
    pub const ALL: [Self; 4] = [Self::BatchAll, Self::BatchHard, Self::SemiHard, Self::Random];

    /// What the losses of the chosen triplets are averaged over.
    pub const fn reduction(self) -> Reduction {
        match self {
            Self::BatchAll => Reduction::MeanOverActive,
            Self::BatchHard => Reduction::MeanOverAnchors,
            Self::SemiHard | Self::Random => Reduction::MeanOverPairs,
        }
    }
}

/// The triplets chosen, and what was left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mined {
    /// Rows of the batch.
    pub triplets: Vec<Triplet>,
    /// Valid (anchor, positive) pairs of anchors that have a negative too.
    pub pairs: usize,
    /// Of those, the pairs for which semi-hard mining found no negative in the band.
    pub dropped_pairs: usize,
    /// Rows without a positive or without a negative.
    pub skipped_anchors: usize,
}

/// Chooses triplets from `batch`. `margin` bounds the semi-hard band; only random mining draws from `generator`.
pub fn mine(mining: Mining, batch: &Batch<'_>, margin: Margin, generator: &mut Generator) -> Mined {
    let mut mined = Mined::default();
    for anchor in 0..batch.len() {
        let positives: Vec<usize> = batch.positives(anchor).collect();
        let negatives: Vec<usize> = batch.negatives(anchor).collect();
        if positives.is_empty() || negatives.is_empty() {
            mined.skipped_anchors += 1;
            continue;
        }
        let candidates = Candidates { batch, anchor, positives, negatives };
        mined.pairs += candidates.positives.len();
        match mining {
            Mining::BatchAll => mined.triplets.extend(batch_all::choose(&candidates)),
            Mining::BatchHard => mined.triplets.extend(batch_hard::choose(&candidates)),
            Mining::Random => mined.triplets.extend(random::choose(&candidates, generator)),
            Mining::SemiHard => {
                let before = mined.triplets.len();
                mined.triplets.extend(semi_hard::choose(&candidates, margin));
                mined.dropped_pairs += candidates.positives.len() - (mined.triplets.len() - before);
            }
        }
    }
    mined
}

/// One anchor with the rows it can be paired with; neither list is empty.
struct Candidates<'a> {
    batch: &'a Batch<'a>,
    anchor: usize,
    positives: Vec<usize>,
    negatives: Vec<usize>,
}

impl Candidates<'_> {
    fn distance(&self, row: usize) -> f64 {
        self.batch.distance(self.anchor, row)
    }

    fn triplet(&self, positive: usize, negative: usize) -> Triplet {
        Triplet { anchor: self.anchor, positive, negative }
    }
}

#[cfg(test)]
mod tests;
