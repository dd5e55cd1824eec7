use super::*;
use crate::library::PhotoId;
use crate::triplet::{Generator, Mined, mine};
use rand::Rng;

const P: usize = 8;
const K: usize = 4;

fn ids() -> Vec<PhotoId> {
    (0..P * K).map(|i| PhotoId::of_content(&i.to_le_bytes())).collect()
}

fn labels() -> Vec<u32> {
    (0..P * K).map(|i| (i / K) as u32).collect()
}

fn normal(generator: &mut Generator) -> f32 {
    // Box-Muller.
    let (u, v): (f32, f32) = (1.0 - generator.random::<f32>(), generator.random());
    (-2.0 * u.ln()).sqrt() * (std::f32::consts::TAU * v).cos()
}

/// Unit vectors around one centre each label: `pull` times the label's direction, plus `noise` of length about 1, plus
/// `common` times a direction all share.
fn simulate(dim: usize, pull: f32, noise: f32, common: f32, generator: &mut Generator) -> Vec<f32> {
    let mut draw = || (0..dim).map(|_| normal(generator) / (dim as f32).sqrt()).collect::<Vec<f32>>();
    let shared = draw();
    let mut rows = Vec::new();
    for _ in 0..P {
        let centre = draw();
        for _ in 0..K {
            let one = draw();
            let mut row: Vec<f32> = (0..dim).map(|j| pull * centre[j] + noise * one[j] + common * shared[j]).collect();
            crate::embedding::normalize(&mut row).unwrap();
            rows.extend(row);
        }
    }
    rows
}

#[derive(Debug, Default)]
struct Means {
    pair_distance: f64,
    loss: f64,
    active: f64,
    shares: [f64; 3],
    soft: f64,
}

/// Means over 20 batches; the batch-all loss is the mean over active, the soft-margin loss that of batch-hard.
fn measure(labels: &[u32], mut batch: impl FnMut(&mut Generator) -> Vec<f32>) -> Means {
    let mut generator = Generator::new(5, 0);
    let mut means = Means::default();
    let (rounds, margin) = (20, Margin::Hinge(0.2));
    for _ in 0..rounds {
        let rows = batch(&mut generator);
        let photos = ids();
        let distances = DistanceMatrix::of(&rows, rows.len() / labels.len(), Distance::Euclidean);
        let seen = Batch::new(labels, &photos, &distances).unwrap();
        let statistics = BatchStatistics::of(&rows, &seen, Distance::Euclidean, margin);
        let difference = |t: &Triplet| seen.distance(t.anchor, t.positive) - seen.distance(t.anchor, t.negative);
        let losses = |mined: Mined, margin: Margin| {
            mined.triplets.iter().map(|t| margin.loss(difference(t))).collect::<Vec<f64>>()
        };
        let all = losses(mine(Mining::BatchAll, &seen, margin, &mut generator), margin);
        let soft = losses(mine(Mining::BatchHard, &seen, Margin::Soft, &mut generator), Margin::Soft);
        let each = 1.0 / f64::from(rounds);
        means.pair_distance += each * statistics.spread.mean;
        means.loss += each * all.iter().sum::<f64>() / statistics.census.active.max(1) as f64;
        means.active += each * statistics.census.active_fraction();
        for (sum, share) in means.shares.iter_mut().zip(statistics.census.shares()) {
            *sum += each * share;
        }
        means.soft += each * soft.iter().sum::<f64>() / soft.len() as f64;
    }
    means
}

fn near(got: f64, expected: f64, tolerance: f64) -> bool {
    (got - expected).abs() <= tolerance
}

/// The table of learning states: P = 8, K = 4, m = 0.2, euclidean. Each state is made from the two numbers that define
/// it (how far positives and negatives are); the rest follows and is compared.
#[test]
fn the_table_of_states_is_reproduced() {
    let untrained = measure(&labels(), |g| simulate(512, 0.09, 1.0, 0.0, g));
    assert!(near(untrained.pair_distance, 1.41, 0.01), "{untrained:?}");
    assert!(near(untrained.loss, 0.195, 0.01) && untrained.active > 0.995, "{untrained:?}");
    assert!(near(untrained.shares[0], 0.45, 0.03) && near(untrained.shares[1], 0.55, 0.03), "{untrained:?}");
    assert!(near(untrained.soft, 0.741, 0.01), "{untrained:?}");

    let collapsed = measure(&labels(), |g| simulate(512, 0.0, 0.0014, 1.0, g));
    assert!(near(collapsed.pair_distance, 0.002, 0.0005), "{collapsed:?}");
    assert!(near(collapsed.loss, 0.2, 0.001) && collapsed.active > 0.999, "{collapsed:?}");
    assert!(near(collapsed.shares[0], 0.5, 0.03) && near(collapsed.shares[1], 0.5, 0.03), "{collapsed:?}");
    assert!(near(collapsed.soft, 2f64.ln(), 0.001), "{collapsed:?}");

    let half = measure(&labels(), |g| simulate(64, 0.45, 1.0, 0.0, g));
    assert!(near(half.pair_distance, 1.41, 0.02), "{half:?}");
    assert!(near(half.loss, 0.139, 0.01) && near(half.active, 0.70, 0.05), "{half:?}");
    assert!(near(half.shares[0], 0.17, 0.04) && near(half.shares[2], 0.30, 0.05), "{half:?}");
    assert!(near(half.soft, 0.765, 0.02), "{half:?}");

    let done = |g: &mut Generator| simulate(128, 2.3, 1.0, 0.0, g);
    let finished = measure(&labels(), done);
    assert!(near(finished.pair_distance, 1.33, 0.02) && finished.active < 0.002, "{finished:?}");
    assert!(finished.shares[2] > 0.998 && near(finished.soft, 0.396, 0.02), "{finished:?}");

    let mut swapped = labels();
    swapped.swap(1, K + 1);
    let noisy = measure(&swapped, done);
    assert!(near(noisy.pair_distance, 1.33, 0.02) && near(noisy.active, 0.13, 0.02), "{noisy:?}");
    // The table shows one drawing; how far the two labels' centres happen to be moves loss and hard share. These are means.
    assert!(near(noisy.loss, 0.220, 0.05), "{noisy:?}");
    assert!(near(noisy.shares[0], 0.04, 0.03) && near(noisy.shares[2], 0.87, 0.02), "{noisy:?}");
    assert!(near(noisy.soft, 0.610, 0.04), "{noisy:?}");
}

fn of_rows(rows: &[f32], labels: &[u32], distance: Distance, margin: Margin) -> BatchStatistics {
    let (photos, distances) = (ids(), DistanceMatrix::of(rows, rows.len() / labels.len(), distance));
    BatchStatistics::of(rows, &Batch::new(labels, &photos, &distances).unwrap(), distance, margin)
}

#[test]
fn pairs_are_counted_once_and_every_one_is_in_a_bin() {
    let rows = simulate(16, 1.0, 1.0, 0.0, &mut Generator::new(2, 0));
    for distance in Distance::ALL {
        let statistics = of_rows(&rows, &labels(), distance, Margin::Soft);
        assert_eq!(statistics.positive.pairs, P * K * (K - 1) / 2);
        assert_eq!(statistics.negative.pairs, P * K * (P - 1) * K / 2);
        for summary in [&statistics.positive, &statistics.negative] {
            assert_eq!(summary.histogram.counts.iter().sum::<u32>() as usize, summary.pairs);
        }
        assert!(statistics.positive.mean < statistics.negative.mean);
        assert_eq!(statistics.hardest.len(), LISTED);
        assert!(statistics.hardest.is_sorted_by(|a, b| a.1 >= b.1));
    }
}

#[test]
fn a_swapped_label_shows_in_the_rows_and_among_the_hardest() {
    let mut swapped = labels();
    swapped.swap(1, K + 1);
    let rows = simulate(128, 2.3, 1.0, 0.0, &mut Generator::new(2, 0));
    let statistics = of_rows(&rows, &swapped, Distance::Euclidean, Margin::default());
    let share = |row: usize| {
        let activity = statistics.census.rows[row];
        f64::from(activity.active) / f64::from(activity.valid)
    };
    assert!((0..P * K).all(|row| (share(row) > 0.5) == [1, K + 1].contains(&row)));
    let involves = |t: &Triplet| [1, K + 1].iter().any(|row| [t.anchor, t.positive, t.negative].contains(row));
    assert!(statistics.hardest.iter().filter(|(_, v)| *v > -0.2).all(|(t, _)| involves(t)));
}

#[test]
fn an_empty_batch_has_statistics_too() {
    let distances = DistanceMatrix::of(&[], 0, Distance::Cosine);
    let nothing = Batch::new(&[], &[], &distances).unwrap();
    let statistics = BatchStatistics::of(&[], &nothing, Distance::Cosine, Margin::default());
    assert_eq!((statistics.census.valid, statistics.positive.mean), (0, None));
    assert_eq!(statistics.spread, Spread::default());
    assert!(statistics.census.active_fraction().abs() < f64::EPSILON);
}

/// `numpy.percentile([1, 2, 4, 8], [0, 5, 50, 95, 100])` gives `[1, 1.15, 3, 7.4, 8]`.
#[test]
fn percentiles_are_those_of_numpy() {
    let sorted = [1.0, 2.0, 4.0, 8.0];
    for (share, expected) in [(0.0, 1.0), (0.05, 1.15), (0.5, 3.0), (0.95, 7.4), (1.0, 8.0)] {
        assert!(near(percentile(&sorted, share), expected, 1e-12), "{share}");
    }
    assert!(percentile(&[], 0.5).abs() < f64::EPSILON);
}
