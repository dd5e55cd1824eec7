//! Batch-hard: per anchor the farthest positive and the nearest negative (Hermans, Beyer, Leibe 2017, arXiv 1703.07737).
//!
//! The loss is averaged over all anchors that have both. From an untrained start it tends to collapse (every distance
//! shrinks, the loss comes to rest at the margin): start with batch-all or semi-hard, or use the soft margin.

use super::{Candidates, Triplet};

/// Ties go to the earlier row.
pub(super) fn choose(candidates: &Candidates<'_>) -> Option<Triplet> {
    let by_distance = |i: &&usize, j: &&usize| candidates.distance(**i).total_cmp(&candidates.distance(**j));
    let farthest = candidates.positives.iter().rev().max_by(by_distance)?;
    let nearest = candidates.negatives.iter().min_by(by_distance)?;
    Some(candidates.triplet(*farthest, *nearest))
}
