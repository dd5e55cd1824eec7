//! What a batch looks like: how far positives and negatives are, and how far the embedding is spread.
//!
//! Loss and active share alone cannot tell an untrained embedding from a collapsed one; its spread can. The spread is
//! always in euclidean distance, whatever distance the loss uses, so that its thresholds mean the same everywhere.

use serde::{Deserialize, Serialize};

use super::{Batch, Census, Distance, DistanceMatrix, Margin, Mining, Triplet, mining};

const BINS: usize = 40;
/// Triplets listed as the hardest of the batch.
const LISTED: usize = 8;

/// Everything counted or measured on one batch before the step. Distances are those of the loss unless said otherwise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BatchStatistics {
    /// All valid triplets, counted before mining.
    pub census: Census,
    /// Pairs of different photos with one label.
    pub positive: PairSummary,
    /// Pairs of different labels.
    pub negative: PairSummary,
    /// Euclidean distance of all pairs of rows.
    pub spread: Spread,
    /// Per anchor its farthest positive and nearest negative, the most violating anchors first; rows of the batch.
    pub hardest: Vec<(Triplet, f64 /* d(a,p) - d(a,n) */)>,
}

/// Mean and histogram of some distances.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairSummary {
    /// Unordered pairs.
    pub pairs: usize,
    /// Mean distance; `None` without a pair.
    pub mean: Option<f64>,
    /// How the distances are distributed.
    pub histogram: Histogram,
}

/// Counts in equal bins from 0 to `upper`; what lies beyond is in the last bin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Histogram {
    /// Right end of the last bin.
    pub upper: f64,
    /// Pairs per bin.
    pub counts: Vec<u32>,
}

/// Mean and percentiles of the euclidean distance over all pairs of rows; unit vectors spread at random have 1.41.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// 5th percentile.
    pub p5: f64,
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
}

impl BatchStatistics {
    /// Measures the rows of `embeddings` (row-major, unit length), whose distances of kind `distance` are those of
    /// `batch`. O(pairs + triplets), and for another distance than the euclidean O(pairs * dim).
    pub fn of(embeddings: &[f32], batch: &Batch<'_>, distance: Distance, margin: Margin) -> Self {
        let all = |distances: &DistanceMatrix| Spread::of(distances.pairs().map(|(.., d)| d).collect());
        let spread = if distance == Distance::Euclidean {
            all(batch.distances())
        } else {
            all(&DistanceMatrix::of(embeddings, embeddings.len() / batch.len().max(1), Distance::Euclidean))
        };
        let pairs = || batch.distances().pairs();
        Self {
            census: Census::of(batch, margin),
            positive: PairSummary::of(distance, pairs().filter(|(i, j, _)| batch.is_positive(*i, *j))),
            negative: PairSummary::of(distance, pairs().filter(|(i, j, _)| batch.is_negative(*i, *j))),
            spread,
            hardest: hardest(batch, margin),
        }
    }
}

fn hardest(batch: &Batch<'_>, margin: Margin) -> Vec<(Triplet, f64)> {
    // Batch-hard mining draws nothing, so any generator will do.
    let mined = mining::mine(Mining::BatchHard, batch, margin, &mut super::Generator::new(0, 0));
    let difference = |t: &Triplet| batch.distance(t.anchor, t.positive) - batch.distance(t.anchor, t.negative);
    let mut all: Vec<_> = mined.triplets.iter().map(|t| (*t, difference(t))).collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    all.truncate(LISTED);
    all
}

impl PairSummary {
    fn of(distance: Distance, pairs: impl Iterator<Item = (usize, usize, f64)>) -> Self {
        let mut histogram = Histogram { upper: distance.largest(), counts: vec![0; BINS] };
        let (mut count, mut sum) = (0, 0.0);
        for (.., value) in pairs {
            count += 1;
            sum += value;
            let bin = (value / histogram.upper * BINS as f64) as usize;
            if let Some(bin) = histogram.counts.get_mut(bin.min(BINS - 1)) {
                *bin += 1;
            }
        }
        Self { pairs: count, mean: (count > 0).then(|| sum / count as f64), histogram }
    }
}

impl Spread {
    fn of(mut distances: Vec<f64>) -> Self {
        distances.sort_unstable_by(f64::total_cmp);
        let mean = distances.iter().sum::<f64>() / distances.len().max(1) as f64;
        let at = |share| percentile(&distances, share);
        Self { mean, p5: at(0.05), p50: at(0.5), p95: at(0.95) }
    }
}

/// The value below which `share` (0..1) of `sorted` lies, interpolated linearly between neighbours (the default method
/// of `numpy.percentile`); 0 for an empty slice.
pub fn percentile(sorted: &[f64], share: f64) -> f64 {
    let position = share.clamp(0.0, 1.0) * sorted.len().saturating_sub(1) as f64;
    let at = |index: usize| sorted.get(index).or(sorted.last()).copied().unwrap_or(0.0);
    let (low, fraction) = (position.floor(), position.fract());
    at(low as usize) + (at(low as usize + 1) - at(low as usize)) * fraction
}

#[cfg(test)]
mod tests;
