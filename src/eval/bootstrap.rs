//! How sure a mean over queries is: the percentile bootstrap (Efron 1979, "Bootstrap methods: another look at the
//! jackknife"). Queries are drawn with replacement as many times as there are queries; the interval holds the middle 95 %
//! of the means of all drawings.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

/// Drawings: enough that the ends of the interval move by about a twentieth of its width from seed to seed.
const DRAWINGS: usize = 1000;

/// A 95 % interval, `[low, high]`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval(pub f64, pub f64);

/// The 95 % interval of the mean of each column, `values[query][column]`; every column is resampled with the same queries.
pub(crate) fn intervals<const N: usize>(values: &[[f64; N]], seed: u64) -> [Interval; N] {
    if values.is_empty() {
        return [Interval(0.0, 0.0); N];
    }
    let mut rng = StdRng::seed_from_u64(seed);
    let mut means: [Vec<f64>; N] = std::array::from_fn(|_| Vec::with_capacity(DRAWINGS));
    for _ in 0..DRAWINGS {
        let mut sums = [0.0; N];
        for _ in values {
            if let Some(query) = values.get(rng.random_range(0..values.len())) {
                sums.iter_mut().zip(query).for_each(|(sum, value)| *sum += value);
            }
        }
        means.iter_mut().zip(sums).for_each(|(means, sum)| means.push(sum / values.len() as f64));
    }
    means.map(|mut means| {
        means.sort_by(f64::total_cmp);
        let at = |share: f64| means.get((share * (DRAWINGS - 1) as f64).round() as usize).copied().unwrap_or(0.0);
        Interval(at(0.025), at(0.975))
    })
}

/// The mean of each column; zeros when there is no query.
pub(crate) fn means<const N: usize>(values: &[[f64; N]]) -> [f64; N] {
    std::array::from_fn(|column| {
        let sum: f64 = values.iter().filter_map(|query| query.get(column)).sum();
        if values.is_empty() { 0.0 } else { sum / values.len() as f64 }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_that_of_the_normal_law_for_many_queries() {
        // 400 queries, 30 % ones: standard error sqrt(.3 * .7 / 400) = .0229, so .300 +- 1.96 * .0229.
        let values: Vec<[f64; 1]> = (0..400).map(|i| [f64::from(u8::from(i % 10 < 3))]).collect();
        let [Interval(low, high)] = intervals(&values, 1);
        assert!((low - 0.255).abs() < 0.008 && (high - 0.345).abs() < 0.008, "{low} {high}");
        assert!((means(&values)[0] - 0.3).abs() < 1e-12);
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let values: Vec<[f64; 2]> = (0..50).map(|i| [f64::from(i), 1.0]).collect();
        assert_eq!(intervals(&values, 9), intervals(&values, 9));
        assert_ne!(intervals(&values, 9), intervals(&values, 10));
        assert_eq!(intervals(&values, 9)[1], Interval(1.0, 1.0));
        assert_eq!(intervals::<1>(&[], 9), [Interval(0.0, 0.0)]);
    }
}
