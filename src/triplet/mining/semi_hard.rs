//! Semi-hard: negatives farther than the positive, but not by the margin (Schroff, Kalenichenko, Philbin 2015, "`FaceNet`",
//! arXiv 1503.03832): `d(a,p) < d(a,n) < d(a,p) + m`.
//!
//! Of those the nearest is taken, one per (anchor, positive). A pair with none is dropped and counted; there is no
//! fallback to easier or harder negatives. With the soft margin the band has no upper end.

use super::super::{Hardness, Margin};
use super::{Candidates, Triplet};

/// Ties go to the earlier row.
pub(super) fn choose(candidates: &Candidates<'_>, margin: Margin) -> impl Iterator<Item = Triplet> {
    candidates.positives.iter().filter_map(move |&positive| {
        let to_positive = candidates.distance(positive);
        let in_band = |n: &&usize| Hardness::of(to_positive, candidates.distance(**n), margin) == Hardness::SemiHard;
        let nearest = candidates
            .negatives
            .iter()
            .filter(in_band)
            .min_by(|i, j| candidates.distance(**i).total_cmp(&candidates.distance(**j)))?;
        Some(candidates.triplet(positive, *nearest))
    })
}
