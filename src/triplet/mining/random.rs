//! Random: one valid triplet per (anchor, positive), its negative drawn uniformly. The baseline of reports.

use rand::seq::IndexedRandom;

use super::{Candidates, Triplet};
use crate::triplet::Generator;

pub(super) fn choose(candidates: &Candidates<'_>, generator: &mut Generator) -> impl Iterator<Item = Triplet> {
    let draw = move |&positive: &usize| {
        let negative = candidates.negatives.choose(generator)?;
        Some(candidates.triplet(positive, *negative))
    };
    candidates.positives.iter().filter_map(draw)
}
