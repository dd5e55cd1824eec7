//! Counting all valid triplets of a batch, before any mining, so that a share means the same under every miner.

use serde::{Deserialize, Serialize};

use super::loss::Margin;
use super::mining::Batch;

/// A triplet is active when its loss exceeds this: below it, f32 rounding decides.
pub const ACTIVE: f64 = 1e-7;

/// How wrong a triplet is, with margin `m`. The three cases exclude each other and cover everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hardness {
    /// `d(anchor, negative) >= d(anchor, positive) + m`: nothing to learn. With the soft margin no triplet is easy.
    Easy,
    /// `d(anchor, positive) < d(anchor, negative) < d(anchor, positive) + m`: ranked right, but not by the margin.
    SemiHard,
    /// `d(anchor, negative) <= d(anchor, positive)`: ranked wrong; also called violating.
    Hard,
}

impl Hardness {
    /// The case of a triplet with these two distances.
    pub fn of(to_positive: f64, to_negative: f64, margin: Margin) -> Self {
        if to_negative <= to_positive {
            Self::Hard
        } else if to_negative < to_positive + margin.band() {
            Self::SemiHard
        } else {
            Self::Easy
        }
    }
}

/// In how many valid triplets a row is anchor or positive, and how many of those are active. A row whose share stays
/// high when the others' has fallen probably has the wrong label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowActivity {
    /// Valid triplets with the row as anchor or positive.
    pub valid: u32,
    /// Those with a loss above [`ACTIVE`]; under the soft margin, where every triplet has one, those ranked wrong.
    pub active: u32,
}

/// All valid triplets of a batch, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Census {
    /// Valid triplets: the denominator of every share here.
    pub valid: usize,
    /// Triplets with a loss above [`ACTIVE`].
    pub active: usize,
    /// `d(anchor, negative) <= d(anchor, positive)`.
    pub hard: usize,
    /// Ranked right, but within the margin.
    pub semi_hard: usize,
    /// Beyond the margin.
    pub easy: usize,
    /// Anchors with at least one positive and one negative.
    pub anchors: usize,
    /// Rows that have no positive or no negative, and so anchor nothing.
    pub skipped_anchors: usize,
    /// Per row of the batch.
    pub rows: Vec<RowActivity>,
}

impl Census {
    /// Counts `batch`: O(valid triplets).
    pub fn of(batch: &Batch<'_>, margin: Margin) -> Self {
        let mut census = Self { rows: vec![RowActivity::default(); batch.len()], ..Self::default() };
        for anchor in 0..batch.len() {
            let negatives: Vec<f64> = batch.negatives(anchor).map(|n| batch.distance(anchor, n)).collect();
            let before = census.valid;
            for positive in batch.positives(anchor) {
                census.count_pair(anchor, positive, batch.distance(anchor, positive), &negatives, margin);
            }
            census.anchors += usize::from(census.valid > before);
        }
        census.skipped_anchors = batch.len() - census.anchors;
        census
    }

    fn count_pair(&mut self, anchor: usize, positive: usize, to_positive: f64, negatives: &[f64], margin: Margin) {
        let (mut active, mut hard) = (0, 0);
        for &to_negative in negatives {
            match Hardness::of(to_positive, to_negative, margin) {
                Hardness::Hard => hard += 1,
                Hardness::SemiHard => self.semi_hard += 1,
                Hardness::Easy => self.easy += 1,
            }
            active += usize::from(margin.loss(to_positive - to_negative) > ACTIVE);
        }
        self.valid += negatives.len();
        self.active += active;
        self.hard += hard;
        let of_rows = if margin == Margin::Soft { hard } else { active };
        for row in [anchor, positive] {
            self.rows[row].valid += negatives.len() as u32;
            self.rows[row].active += of_rows as u32;
        }
    }

    /// Active triplets / valid triplets; 0 when there is none.
    pub fn active_fraction(&self) -> f64 {
        self.share(self.active)
    }

    /// Share with `d(anchor, negative) <= d(anchor, positive)`, the same as the hard share.
    pub fn violating_fraction(&self) -> f64 {
        self.share(self.hard)
    }

    /// Shares of the valid triplets that are hard, semi-hard and easy; they sum to 1 unless there is no triplet.
    pub fn shares(&self) -> [f64; 3] {
        [self.share(self.hard), self.share(self.semi_hard), self.share(self.easy)]
    }

    fn share(&self, count: usize) -> f64 {
        if self.valid == 0 { 0.0 } else { count as f64 / self.valid as f64 }
    }
}
