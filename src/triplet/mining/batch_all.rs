//! Batch-all: every valid triplet (Hermans, Beyer, Leibe 2017, "In Defense of the Triplet Loss", arXiv 1703.07737).
//!
//! With `P` labels of `K` photos there are `P*K * (K-1) * (P-1)*K` of them. The loss is averaged over the active ones
//! only; that mean hovers near the margin while training works, and the active share is what falls.

use super::{Candidates, Triplet};

pub(super) fn choose(candidates: &Candidates<'_>) -> impl Iterator<Item = Triplet> {
    let negatives = &candidates.negatives;
    candidates.positives.iter().flat_map(move |&p| negatives.iter().map(move |&n| candidates.triplet(p, n)))
}
