//! What an evaluation says: means with 95 % intervals, and whether one model is better than another.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::bootstrap::{Interval, intervals, means};
use super::retrieval::{Evaluation, QueryScores};

/// The 95 % bootstrap intervals of a [`Report`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intervals {
    /// Of Recall@1.
    pub recall_at_1: Interval,
    /// Of Recall@5.
    pub recall_at_5: Interval,
    /// Of Recall@10.
    pub recall_at_10: Interval,
    /// Of R-precision.
    pub r_precision: Interval,
    /// Of MAP@R.
    pub map_at_r: Interval,
}

/// Means over the queries that have somebody to find, each in `[0, 1]`; zeros when there is no such query.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Queries in the means.
    pub queries: usize,
    /// Queries without another photo of their label: not in the means.
    pub lone: usize,
    /// Share of queries with one of their label first.
    pub recall_at_1: f64,
    /// Share of queries with one of their label among the first five.
    pub recall_at_5: f64,
    /// Share of queries with one of their label among the first ten.
    pub recall_at_10: f64,
    /// Mean R-precision.
    pub r_precision: f64,
    /// Mean MAP@R.
    pub map_at_r: f64,
    /// 95 % bootstrap intervals over queries.
    pub ci95: Intervals,
}

/// Which of two models is better on the same queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// The interval of the difference lies above zero.
    #[serde(rename = "better")]
    Better,
    /// The interval of the difference holds zero.
    #[serde(rename = "no clear change")]
    NoClearChange,
    /// The interval of the difference lies below zero.
    #[serde(rename = "worse")]
    Worse,
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Better => "better",
            Self::NoClearChange => "no clear change",
            Self::Worse => "worse",
        })
    }
}

/// The difference after - before, query by query on the photos both have answered.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// What the MAP@R interval says.
    pub verdict: Verdict,
    /// Queries in both evaluations.
    pub queries: usize,
    /// Mean difference of MAP@R.
    pub map_at_r: f64,
    /// Its 95 % interval.
    pub map_at_r_ci95: Interval,
    /// Mean difference of Recall@1.
    pub recall_at_1: f64,
    /// Its 95 % interval.
    pub recall_at_1_ci95: Interval,
}

fn number(hit: bool) -> f64 {
    f64::from(u8::from(hit))
}

impl Evaluation {
    /// The means and their intervals; `seed` draws the bootstrap.
    pub fn report(&self, seed: u64) -> Report {
        let row = |q: &QueryScores| {
            let [one, five, ten] = q.recall.map(number);
            [one, five, ten, q.r_precision, q.map_at_r]
        };
        let values: Vec<[f64; 5]> = self.queries.iter().map(row).collect();
        let [recall_at_1, recall_at_5, recall_at_10, r_precision, map_at_r] = means(&values);
        let [one, five, ten, precision, map] = intervals(&values, seed);
        let ci95 =
            Intervals { recall_at_1: one, recall_at_5: five, recall_at_10: ten, r_precision: precision, map_at_r: map };
        let (queries, lone) = (values.len(), self.lone);
        Report { queries, lone, recall_at_1, recall_at_5, recall_at_10, r_precision, map_at_r, ci95 }
    }

    /// The paired verdict on the step from `before` to `self`: queries are resampled, each with both its scores, so that
    /// hard and easy photos cancel out. It rests on MAP@R, the steadier of the two numbers.
    pub fn compared_with(&self, before: &Self, seed: u64) -> Comparison {
        let earlier: HashMap<_, _> = before.queries.iter().map(|q| (q.photo, q)).collect();
        let difference = |q: &QueryScores| {
            let b = earlier.get(&q.photo)?;
            Some([q.map_at_r - b.map_at_r, number(q.recall[0]) - number(b.recall[0])])
        };
        let values: Vec<[f64; 2]> = self.queries.iter().filter_map(difference).collect();
        let [map_at_r, recall_at_1] = means(&values);
        let [map_at_r_ci95, recall_at_1_ci95] = intervals(&values, seed);
        let verdict = match map_at_r_ci95 {
            Interval(low, _) if low > 0.0 => Verdict::Better,
            Interval(_, high) if high < 0.0 => Verdict::Worse,
            _ => Verdict::NoClearChange,
        };
        Comparison { verdict, queries: values.len(), map_at_r, map_at_r_ci95, recall_at_1, recall_at_1_ci95 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::PhotoId;

    fn scored(map: impl Fn(usize) -> f64) -> Evaluation {
        let query = |i: usize| QueryScores {
            photo: PhotoId::of_content(&i.to_le_bytes()),
            r: 3,
            recall: [i.is_multiple_of(2), true, true],
            r_precision: map(i),
            map_at_r: map(i),
        };
        Evaluation { queries: (0..200).map(query).collect(), lone: 2 }
    }

    #[test]
    fn a_report_reads_as_the_command_line_promises() {
        let report = scored(|i| (i % 5) as f64 / 4.0).report(1);
        assert_eq!((report.queries, report.lone), (200, 2));
        assert!((report.map_at_r - 0.5).abs() < 1e-12 && (report.recall_at_1 - 0.5).abs() < 1e-12);
        let json = serde_json::to_value(report).unwrap();
        for key in ["queries", "lone", "recall_at_1", "recall_at_5", "recall_at_10", "r_precision", "map_at_r"] {
            assert!(json.get(key).is_some(), "{key}");
        }
        assert_eq!(json["ci95"]["recall_at_5"], serde_json::json!([1.0, 1.0]));
        assert_eq!(serde_json::from_value::<Report>(json).unwrap(), report);
    }

    #[test]
    fn a_small_but_steady_gain_is_better_and_noise_is_not() {
        let before = scored(|i| (i % 5) as f64 / 4.0);
        let steady = scored(|i| (i % 5) as f64 / 4.0 + 0.01);
        let noisy = scored(|i| ((i + 2) % 5) as f64 / 4.0);
        assert_eq!(steady.compared_with(&before, 1).verdict, Verdict::Better);
        assert_eq!(before.compared_with(&steady, 1).verdict, Verdict::Worse);
        assert_eq!(noisy.compared_with(&before, 1).verdict, Verdict::NoClearChange);
        assert_eq!(before.compared_with(&before, 1).verdict, Verdict::NoClearChange);
        assert_eq!(serde_json::to_string(&Verdict::NoClearChange).unwrap(), "\"no clear change\"");
    }

    #[test]
    fn without_common_queries_nothing_is_claimed() {
        let nothing = Evaluation::default().compared_with(&scored(|_| 1.0), 1);
        assert_eq!((nothing.queries, nothing.verdict), (0, Verdict::NoClearChange));
    }
}
