//! The numbers of a run over its steps: the last ones as they were, all of them in buckets.
//!
//! Their axis counts the steps that were computed: after going back it runs on, so that nothing that was seen
//! disappears, while the step that is told there is the smaller one again.

use std::collections::VecDeque;

use super::buckets::{Bucket, Buckets, Summary};
use super::message::StepRow;

/// Steps kept as they were.
pub(super) const RECENT: usize = 400;
/// Marks kept.
const MARKS: usize = 200;
/// How much a new loss moves the smoothed one.
const SMOOTHING: f64 = 0.1;

/// A curve over the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Series {
    Loss,
    Smooth,
    Active,
    Violating,
    Hard,
    SemiHard,
    Easy,
    Positive,
    Negative,
    SpreadLow,
    SpreadMedian,
    SpreadHigh,
    Gradient,
    Rate,
    Speed,
}

/// How many curves there are.
const SERIES: usize = 15;

impl Series {
    /// All of them, in the order of their numbers.
    pub(super) const ALL: [Self; SERIES] = [
        Self::Loss,
        Self::Smooth,
        Self::Active,
        Self::Violating,
        Self::Hard,
        Self::SemiHard,
        Self::Easy,
        Self::Positive,
        Self::Negative,
        Self::SpreadLow,
        Self::SpreadMedian,
        Self::SpreadHigh,
        Self::Gradient,
        Self::Rate,
        Self::Speed,
    ];

    /// What it shows, in a word or two.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Smooth => "smoothed",
            Self::Active => "active",
            Self::Violating => "violating",
            Self::Hard => "hard",
            Self::SemiHard => "semi-hard",
            Self::Easy => "easy",
            Self::Positive => "positives",
            Self::Negative => "negatives",
            Self::SpreadLow => "spread 5 %",
            Self::SpreadMedian => "median",
            Self::SpreadHigh => "95 %",
            Self::Gradient => "gradient",
            Self::Rate => "rate",
            Self::Speed => "photos/s",
        }
    }

    /// Whether it is a share of all valid triplets.
    pub(super) const fn is_share(self) -> bool {
        matches!(self, Self::Active | Self::Violating | Self::Hard | Self::SemiHard | Self::Easy)
    }

    fn of(self, row: &StepRow, smooth: Option<f64>) -> Option<f64> {
        let valid = row.hard + row.semi_hard + row.easy;
        let share = |count: u64, of: u64| (of > 0).then(|| count as f64 / of as f64);
        match self {
            Self::Loss => row.loss,
            Self::Smooth => row.loss.filter(|loss| loss.is_finite()).and(smooth),
            Self::Active => share(row.active.count, row.active.of),
            Self::Violating => share(row.violating.count, row.violating.of),
            Self::Hard => share(row.hard, valid),
            Self::SemiHard => share(row.semi_hard, valid),
            Self::Easy => share(row.easy, valid),
            Self::Positive => row.positive,
            Self::Negative => row.negative,
            Self::SpreadLow => Some(row.spread[0]),
            Self::SpreadMedian => Some(row.spread[1]),
            Self::SpreadHigh => Some(row.spread[2]),
            Self::Gradient => Some(row.gradient_norm),
            Self::Rate => Some(row.learning_rate),
            Self::Speed => (row.seconds > 0.0).then(|| row.photos as f64 / row.seconds),
        }
    }
}

/// One place of a curve; a bucket has a height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Dot {
    pub(super) x: f64,
    pub(super) low: f64,
    /// `None`: a gap.
    pub(super) mean: Option<f64>,
    pub(super) high: f64,
    pub(super) gap: bool,
}

impl Dot {
    fn of<const N: usize>(bucket: &Bucket<N>, curve: &Summary) -> Self {
        let x = bucket.from.midpoint(bucket.to) as f64;
        Self { x, low: curve.least, mean: curve.mean(), high: curve.most, gap: curve.has_gap() }
    }
}

/// Something that was done at a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) x: u64,
    pub(super) words: String,
}

#[derive(Clone, Debug)]
struct Recent {
    x: u64,
    smooth: Option<f64>,
    row: StepRow,
}

/// What all curves say at one place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    /// The first and the last step that this is about.
    pub(super) steps: (u64, u64),
    /// As in [`Series::ALL`].
    pub(super) values: [Option<f64>; SERIES],
}

/// All numbers of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    recent: VecDeque<Recent>,
    whole: Buckets<SERIES>,
    /// Recall@1 and MAP@R.
    validation: Buckets<2>,
    marks: VecDeque<Mark>,
    smooth: Option<f64>,
    /// Where the axis was moved: from this place on by so much.
    shifts: Vec<(u64, u64)>,
    last: u64,
}

impl History {
    /// Takes in a step.
    pub(super) fn push(&mut self, row: StepRow) {
        let x = self.place_of(row.step).max(self.last);
        self.last = x;
        if let Some(loss) = row.loss.filter(|loss| loss.is_finite()) {
            self.smooth = Some(self.smooth.map_or(loss, |smooth| smooth + SMOOTHING * (loss - smooth)));
        }
        let smooth = self.smooth;
        self.whole.push(x, Series::ALL.map(|series| series.of(&row, smooth)));
        if self.recent.len() >= RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(Recent { x, smooth, row });
    }

    /// Takes in a score of the validation photos.
    pub(super) fn validate(&mut self, step: u64, recall_at_1: f64, map_at_r: f64) {
        self.validation.push(self.place_of(step), [Some(recall_at_1), Some(map_at_r)]);
    }

    /// From now on steps count from `step` again.
    pub(super) fn go_back(&mut self, step: u64) {
        let shift = (self.last + 1).saturating_sub(step + 1);
        if self.shifts.len() < MARKS {
            self.shifts.push((self.last + 1, shift));
        } else if let Some(last) = self.shifts.last_mut() {
            *last = (self.last + 1, shift);
        }
    }

    /// Marks what was done at a step.
    pub(super) fn mark(&mut self, step: u64, words: String) {
        if self.marks.len() >= MARKS {
            self.marks.pop_front();
        }
        let x = self.place_of(step);
        self.marks.push_back(Mark { x, words });
    }

    fn place_of(&self, step: u64) -> u64 {
        step + self.shifts.last().map_or(0, |(_, shift)| *shift)
    }

    fn step_at(&self, x: u64) -> u64 {
        let shift = self.shifts.iter().rev().find(|(from, _)| *from <= x).map_or(0, |(_, shift)| *shift);
        x.saturating_sub(shift)
    }

    /// The step taken last.
    pub(super) fn last_row(&self) -> Option<&StepRow> {
        self.recent.back().map(|recent| &recent.row)
    }

    /// The steps that are kept as they were, in order.
    pub(super) fn recent(&self) -> impl DoubleEndedIterator<Item = &StepRow> {
        self.recent.iter().map(|recent| &recent.row)
    }

    /// The smoothed loss.
    pub(super) const fn smooth(&self) -> Option<f64> {
        self.smooth
    }

    /// What was done, in order.
    pub(super) fn marks(&self) -> impl DoubleEndedIterator<Item = &Mark> {
        self.marks.iter()
    }

    /// The first and the last place of the axis: of the last steps, or of all.
    pub(super) fn span(&self, recent: bool) -> (u64, u64) {
        let first = match (recent, self.recent.front()) {
            (true, Some(first)) => first.x,
            _ => self.whole.all().first().map_or(0, |bucket| bucket.from),
        };
        (first, self.last.max(first))
    }

    /// A curve, of the last steps or of all.
    pub(super) fn dots(&self, series: Series, recent: bool) -> Vec<Dot> {
        if !recent && self.is_longer_than_recent() {
            let all = self.whole.all().iter();
            return all.filter_map(|bucket| Some(Dot::of(bucket, bucket.curves.get(series as usize)?))).collect();
        }
        let dot = |recent: &Recent| {
            let value = series.of(&recent.row, recent.smooth).filter(|value| value.is_finite());
            let height = value.unwrap_or_default();
            Dot { x: recent.x as f64, low: height, mean: value, high: height, gap: value.is_none() }
        };
        self.recent.iter().map(dot).collect()
    }

    fn is_longer_than_recent(&self) -> bool {
        let first = self.whole.all().first().map(|bucket| bucket.from);
        first != self.recent.front().map(|recent| recent.x)
    }

    /// Recall@1 (0) or MAP@R (1) of the validation photos.
    pub(super) fn scores(&self, which: usize) -> Vec<Dot> {
        let all = self.validation.all().iter();
        all.filter_map(|bucket| Some(Dot::of(bucket, bucket.curves.get(which)?))).collect()
    }

    /// What all curves say at a place of the axis.
    pub(super) fn read(&self, x: u64) -> Option<Reading> {
        let at = self.recent.partition_point(|recent| recent.x < x);
        if let Some(recent) = self.recent.get(at).filter(|recent| recent.x == x) {
            let values = Series::ALL.map(|series| series.of(&recent.row, recent.smooth).filter(|v| v.is_finite()));
            return Some(Reading { steps: (recent.row.step, recent.row.step), values });
        }
        let bucket = self.whole.at(x)?;
        let steps = (self.step_at(bucket.from), self.step_at(bucket.to));
        Some(Reading { steps, values: bucket.curves.map(|curve| curve.mean()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::training::testing::step;

    #[test]
    fn every_series_stands_at_its_number() {
        for (number, series) in Series::ALL.into_iter().enumerate() {
            assert_eq!(series as usize, number);
        }
    }

    #[test]
    fn going_back_hides_nothing_and_steps_count_anew() {
        let mut history = History::default();
        (1..=30).for_each(|n| history.push(step(n, 1.0)));
        history.go_back(10);
        (11..=20).for_each(|n| history.push(step(n, 2.0)));
        assert_eq!(history.span(false), (1, 40));
        let reading = history.read(31).unwrap();
        assert_eq!((reading.steps, reading.values[0]), ((11, 11), Some(2.0)));
        assert_eq!(history.read(30).unwrap().steps, (30, 30));
    }

    #[test]
    fn a_long_run_keeps_its_last_steps_and_the_shape_of_the_whole() {
        let mut history = History::default();
        (1..=100_000).for_each(|n| history.push(step(n, if n == 77 { f64::NAN } else { n as f64 })));
        assert_eq!((history.recent.len(), history.span(true)), (RECENT, (99_601, 100_000)));
        let whole = history.dots(Series::Loss, false);
        assert!(whole.len() <= super::super::buckets::MOST);
        assert_eq!((whole[0].low, whole.last().unwrap().high), (1.0, 100_000.0));
        assert!(whole[0].gap, "the step without a number is a gap");
        assert_eq!(history.dots(Series::Loss, true).len(), RECENT);
    }

    #[test]
    fn smoothing_steps_over_gaps() {
        let mut history = History::default();
        for loss in [1.0, f64::NAN, 2.0] {
            history.push(step(history.last + 1, loss));
        }
        assert!((history.smooth().unwrap() - 1.1).abs() < 1e-12);
        assert_eq!(history.dots(Series::Smooth, true)[1].mean, None);
    }
}
