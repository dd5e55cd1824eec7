//! Names the state of training by its signature over the last steps.
//!
//! | state | signature |
//! |---|---|
//! | diverged | loss, gradient or embedding is not finite |
//! | collapsed | all embeddings in one place: the median pair is closer than 0.1, or the mean pair has lost half of its distance while nearly all triplets stay active (soft margin: half of them violating, as by chance) |
//! | done | under 1 % of the valid triplets are active (soft margin: violating) |
//! | label noise | a floor of active triplets that no longer falls, and fewer than half of the photos cause it: they are active in most of their triplets, while most others have none, or they are a twentieth of all and more, and all others lie far below |
//! | untrained | over 95 % active, and not collapsed |
//! | learning | anything else |

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::{BatchStatistics, Margin, RowActivity};

/// Steps looked back on for trends.
const WINDOW: usize = 100;
/// Steps averaged for a state that needs no trend: enough to smooth a batch, few enough to catch a collapse early.
const RECENT: usize = 10;
/// Below this median euclidean distance the embedding is a point.
const POINT: f64 = 0.1;
/// This share of the spread at the start, with nearly everything active, is on the way to a point.
const SHRUNK: f64 = 0.5;
/// Active triplets get fewer when less than this share of them is left in the later half of the window.
const FALLEN: f64 = 0.9;
/// The same for a run that has label noise: it learns its wrong labels by heart, slowly, and is not to seem well at every
/// other step.
const FALLEN_OF_NOISE: f64 = 0.8;
const NEARLY_ALL: f64 = 0.95;
const NEARLY_NONE: f64 = 0.01;
/// A photo active in more than this share of its triplets is suspect; one under [`QUIET`] is settled.
const SUSPECT: f64 = 0.5;
const QUIET: f64 = 0.1;
/// Suspects stand apart when their mean is this many times farther from that of the others than both are spread. Where many
/// labels are wrong nobody is settled: some of the positives of a photo whose label is right are wrong ones. Simulated: 2.6
/// and more with a tenth to a third of the labels wrong, at most 1.6 where photos are only more or less hard.
const APART: f64 = 2.2;
/// So that they stand apart, suspects must be one in this many photos at least: fewer may be the tail of a plateau that all
/// share, which lies close together just above [`SUSPECT`]. Few wrong labels show by how many others are settled.
const MANY: usize = 20;

/// What training is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GuardState {
    /// Nothing learned yet.
    Untrained,
    /// Active triplets are being worked off.
    Learning,
    /// Every photo is in one place: the model is useless.
    Collapsed,
    /// The same few photos stay wrong: look at their labels.
    LabelNoise,
    /// Nothing left to learn from these labels.
    Done,
    /// Not a number: training must stop.
    Diverged,
}

/// What the guard needs to know about one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Whether loss, gradient norm and embeddings are all finite.
    pub finite: bool,
    /// Share of valid triplets still to be learned from: active, or violating under the soft margin.
    pub unlearned: f64,
    /// Share of valid triplets that nothing tells apart: active, or under the soft margin, where all are active and half
    /// violate by chance, twice the violating.
    pub untaught: f64,
    /// Mean and median euclidean distance of pairs.
    pub spread: (f64, f64),
    /// Per photo (its number in the training set) its activity in this batch.
    pub photos: Vec<(usize, RowActivity)>,
}

impl Observation {
    /// From a batch's statistics; `photos` are the mined rows' numbers in the training set.
    pub fn of(statistics: &BatchStatistics, photos: &[usize], margin: Margin, finite: bool) -> Self {
        let census = &statistics.census;
        if !finite {
            // Numbers that are none cannot be written down.
            return Self { finite, unlearned: 1.0, untaught: 1.0, spread: (0.0, 0.0), photos: Vec::new() };
        }
        Self {
            finite,
            unlearned: match margin {
                Margin::Hinge(_) => census.active_fraction(),
                Margin::Soft => census.violating_fraction(),
            },
            untaught: match margin {
                Margin::Hinge(_) => census.active_fraction(),
                Margin::Soft => (2.0 * census.violating_fraction()).min(1.0),
            },
            spread: (statistics.spread.mean, statistics.spread.p50),
            photos: photos.iter().copied().zip(census.rows.iter().copied()).collect(),
        }
    }
}

/// Watches a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Guard {
    start_spread: Option<f64>,
    /// Whether the state after the last step was label noise.
    #[serde(default)]
    is_noisy: bool,
    window: VecDeque<Observation>,
}

impl Guard {
    /// Takes in one step and names the state.
    pub fn observe(&mut self, observation: Observation) -> GuardState {
        if observation.finite {
            self.start_spread.get_or_insert(observation.spread.0);
        }
        self.window.push_back(observation);
        if self.window.len() > WINDOW {
            self.window.pop_front();
        }
        let state = self.state();
        self.is_noisy = state == GuardState::LabelNoise;
        state
    }

    /// The state after the last step observed; untrained before the first.
    pub fn state(&self) -> GuardState {
        let Some(last) = self.window.back() else { return GuardState::Untrained };
        if !last.finite {
            return GuardState::Diverged;
        }
        let recent = |of: fn(&Observation) -> f64| mean(self.window.iter().rev().take(RECENT).map(of));
        let (spread, untaught) = (recent(|o| o.spread.0), recent(|o| o.untaught));
        let start = self.start_spread.unwrap_or(spread);
        if recent(|o| o.spread.1) < POINT || (untaught >= NEARLY_ALL && spread < SHRUNK * start) {
            return GuardState::Collapsed;
        }
        if recent(|o| o.unlearned) < NEARLY_NONE {
            return GuardState::Done;
        }
        if self.has_stubborn_few() {
            return GuardState::LabelNoise;
        }
        if untaught >= NEARLY_ALL { GuardState::Untrained } else { GuardState::Learning }
    }

    /// Photos that are active in more than half of their triplets over the window, the worst first, with that share.
    pub fn suspects(&self) -> Vec<(usize, f64)> {
        let mut shares: Vec<_> = self.shares().into_iter().filter(|(_, share)| *share > SUSPECT).collect();
        shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        shares
    }

    /// Forgets what these photos did.
    pub fn forget(&mut self, photos: &[usize]) {
        self.window.iter_mut().for_each(|seen| seen.photos.retain(|(photo, _)| !photos.contains(photo)));
    }

    fn shares(&self) -> BTreeMap<usize, f64> {
        let mut sums = BTreeMap::<usize, (u64, u64)>::new();
        for (photo, activity) in self.window.iter().flat_map(|o| &o.photos) {
            let (active, valid) = sums.entry(*photo).or_default();
            *active += u64::from(activity.active);
            *valid += u64::from(activity.valid);
        }
        sums.into_iter().filter(|(_, s)| s.1 > 0).map(|(photo, (a, v))| (photo, a as f64 / v as f64)).collect()
    }

    /// Active triplets no longer get fewer, and a minority of photos that are active nearly always causes them.
    fn has_stubborn_few(&self) -> bool {
        if self.window.len() < WINDOW / 2 {
            return false;
        }
        let half = self.window.len() / 2;
        let earlier = mean(self.window.iter().take(half).map(|o| o.unlearned));
        let later = mean(self.window.iter().skip(half).map(|o| o.unlearned));
        let (suspects, others): (Vec<f64>, Vec<f64>) = self.shares().into_values().partition(|share| *share > SUSPECT);
        let fallen = if self.is_noisy { FALLEN_OF_NOISE } else { FALLEN };
        let settled = others.iter().filter(|share| **share < QUIET).count();
        let total = suspects.len() + others.len();
        let few = !suspects.is_empty() && suspects.len() < others.len();
        later >= fallen * earlier
            && few
            && (settled * 2 > total || (suspects.len() * MANY >= total && stands_apart(&suspects, &others)))
    }
}

/// Whether two groups of shares are far apart beside how far each is spread.
fn stands_apart(above: &[f64], below: &[f64]) -> bool {
    let spread = |group: &[f64]| {
        let middle = mean(group.iter().copied());
        (middle, mean(group.iter().map(|share| (share - middle).powi(2))).sqrt())
    };
    let ((above, of_above), (below, of_below)) = (spread(above), spread(below));
    above - below > APART * (of_above + of_below)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0usize), |(sum, count), value| (sum + value, count + 1));
    sum / count.max(1) as f64
}

#[cfg(test)]
mod tests;
