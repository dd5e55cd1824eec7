//! A whole step of the head (affine map, unit length, distances, mining, loss, gradient) against loops in f64 that share
//! nothing with it, and against central differences.

use super::*;
use crate::train::step::{Generators, differentiate};
use crate::triplet::SampledBatch;
use proptest::prelude::*;

const BATCH: [u32; 13] = [0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 4];
/// Rows with the features of an earlier one: of its own label, and of another label.
const COPIES: [(usize, usize); 3] = [(2, 0), (8, 4), (11, 9)];
/// Closer than this, rounding may decide which row is nearer, or whether a triplet is active.
const CLEAR: f64 = 1e-5;

fn source(row: usize) -> usize {
    COPIES.iter().find(|(copy, _)| *copy == row).map_or(row, |(_, from)| *from)
}

fn wide(numbers: &[f32]) -> Vec<f64> {
    numbers.iter().map(|v| f64::from(*v)).collect()
}

fn scaled(row: &[f64]) -> Vec<f64> {
    let length = row.iter().map(|v| v * v).sum::<f64>().sqrt();
    row.iter().map(|v| v / length).collect()
}

/// Distances of all rows from all rows by a head of these parameters: `to` rows of weights, then the biases.
fn slow_distances(features: &[Vec<f64>], parameters: &[f64], to: usize, distance: Distance) -> Vec<Vec<f64>> {
    let (weight, bias) = parameters.split_at(parameters.len() - to);
    let embed = |row: &Vec<f64>| {
        let unit = scaled(row);
        let output = |(w, b): (&[f64], &f64)| w.iter().zip(&unit).map(|(w, u)| w * u).sum::<f64>() + b;
        scaled(&weight.chunks(unit.len()).zip(bias).map(output).collect::<Vec<f64>>())
    };
    let rows: Vec<Vec<f64>> = features.iter().map(embed).collect();
    let between = |a: &Vec<f64>, b: &Vec<f64>| {
        let pairs = || a.iter().zip(b);
        let squared = pairs().map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
        match distance {
            Distance::Euclidean => (squared + 1e-12).sqrt(),
            Distance::SquaredEuclidean => squared,
            Distance::Cosine => 1.0 - pairs().map(|(a, b)| a * b).sum::<f64>(),
        }
    };
    rows.iter().map(|a| rows.iter().map(|b| between(a, b)).collect()).collect()
}

fn positives(anchor: usize) -> impl Iterator<Item = usize> {
    (0..BATCH.len()).filter(move |row| *row != anchor && BATCH[*row] == BATCH[anchor])
}

fn negatives(anchor: usize) -> impl Iterator<Item = usize> {
    (0..BATCH.len()).filter(move |row| BATCH[*row] != BATCH[anchor])
}

/// The first row of those that `better` puts before all earlier ones.
fn first(rows: impl Iterator<Item = usize>, better: impl Fn(usize, usize) -> bool) -> Option<usize> {
    rows.fold(None, |found, row| if found.is_none_or(|found| better(row, found)) { Some(row) } else { found })
}

/// What a miner without chance chooses.
fn chosen(mining: Mining, d: &[Vec<f64>], margin: Margin) -> Vec<Triplet> {
    let mut triplets = Vec::new();
    for anchor in (0..BATCH.len()).filter(|a| positives(*a).next().is_some()) {
        let triplet = |positive, negative| Triplet { anchor, positive, negative };
        let (nearer, farther) =
            (|i: usize, j: usize| d[anchor][i] < d[anchor][j], |i: usize, j: usize| d[anchor][i] > d[anchor][j]);
        if mining == Mining::BatchHard {
            let (far, near) = (first(positives(anchor), farther), first(negatives(anchor), nearer));
            triplets.push(triplet(far.unwrap(), near.unwrap()));
            continue;
        }
        for positive in positives(anchor) {
            let inside = |n: &usize| match margin {
                _ if d[anchor][*n] <= d[anchor][positive] => false,
                Margin::Hinge(margin) => d[anchor][*n] < d[anchor][positive] + margin,
                Margin::Soft => true,
            };
            match mining {
                Mining::BatchAll => triplets.extend(negatives(anchor).map(|n| triplet(positive, n))),
                _ => triplets.extend(first(negatives(anchor).filter(inside), nearer).map(|n| triplet(positive, n))),
            }
        }
    }
    triplets
}

/// Mean over the active triplets (batch-all) or over all of them.
fn slow_loss(mining: Mining, triplets: &[Triplet], d: &[Vec<f64>], margin: Margin) -> f64 {
    let losses = triplets.iter().map(|t| d[t.anchor][t.positive] - d[t.anchor][t.negative]).map(|x| match margin {
        Margin::Hinge(margin) => f64::max(x + margin, 0.0),
        Margin::Soft => (1.0 + x.exp()).ln(),
    });
    let losses: Vec<f64> = losses.collect();
    let active = losses.iter().filter(|loss| **loss > 1e-7).count();
    let divisor = if mining == Mining::BatchAll { active.max(1) } else { losses.len() };
    losses.iter().sum::<f64>() / divisor as f64
}

/// Whether no choice hangs on rounding. Copies of one row are exactly as far as each other.
fn is_clear(d: &[Vec<f64>], margin: Margin) -> bool {
    let Margin::Hinge(margin) = margin else { return is_clear(d, Margin::Hinge(f64::INFINITY)) };
    (0..BATCH.len()).all(|a| {
        let others = || (0..BATCH.len()).filter(move |row| *row != a);
        let apart = |i: usize, j: usize| source(i) == source(j) || (d[a][i] - d[a][j]).abs() > CLEAR;
        others().all(|i| others().all(|j| apart(i, j) && (d[a][i] + margin - d[a][j]).abs() > CLEAR))
    })
}

/// Every bias and some fifty weights, by central differences.
fn slow_gradient(parameters: &[f64], to: usize, loss: impl Fn(&[f64]) -> f64) -> Vec<(usize, f64)> {
    let (step, weights) = (1e-6, parameters.len() - to);
    let mut moved = parameters.to_vec();
    let mut slope = |i: usize| {
        let mut at = |value: f64| {
            moved[i] = value;
            loss(&moved)
        };
        let (above, below) = (at(parameters[i] + step), at(parameters[i] - step));
        at(parameters[i]);
        (i, (above - below) / (2.0 * step))
    };
    (0..weights).step_by(weights / 50 + 1).chain(weights..parameters.len()).map(&mut slope).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    #[test]
    fn loss_and_gradient_of_a_step_are_those_of_explicit_loops(
        (from, to) in (3_usize..=40, 4_usize..=40),
        numbers in prop::collection::vec(-1.0..1.0_f32, 13 * 40),
        parameters in prop::collection::vec(-1.0..1.0_f32, 41 * 40),
        seed: u64,
    ) {
        let mut features = EmbeddingMatrix::new(from);
        let rows: Vec<&[f32]> = (0..BATCH.len()).map(|row| &numbers[source(row) * from..][..from]).collect();
        rows.iter().try_for_each(|row| features.push(row)).unwrap();
        let parameters = &parameters[..(from + 1) * to];
        let (weight, bias) = parameters.split_at(from * to);
        let model = HeadModel::new(&features, weight, bias, &Device::Cpu).unwrap();
        let ids: Vec<PhotoId> = (0..BATCH.len()).map(|row| PhotoId::of_content(&row.to_le_bytes())).collect();
        let batch =
            SampledBatch { photos: (0..BATCH.len()).collect(), labels: BATCH.to_vec(), user_triplets: Vec::new() };
        let (rows, parameters) = (rows.into_iter().map(wide).collect::<Vec<_>>(), wide(parameters));
        for distance in Distance::ALL {
            let at = |parameters: &[f64]| slow_distances(&rows, parameters, to, distance);
            let d = at(&parameters);
            for margin in [Margin::Hinge(0.2), Margin::Hinge(0.9), Margin::Soft] {
                prop_assume!(is_clear(&d, margin));
                for mining in Mining::ALL {
                    let settings = Settings { mining, distance, margin, ..Settings::default() };
                    let (mut one, mut other) = (Generator::new(seed, 1), Generator::new(seed, 2));
                    let generators = Generators { mining: &mut one, augmentation: &mut other };
                    let got = differentiate(&model, &batch, &ids, &settings, generators).unwrap();
                    let triplets = if mining == Mining::Random {
                        let pairs = (0..BATCH.len()).flat_map(|a| positives(a).map(move |p| (a, p)));
                        prop_assert!(got.mined.triplets.iter().map(|t| (t.anchor, t.positive)).eq(pairs));
                        prop_assert!(got.mined.triplets.iter().all(|t| BATCH[t.anchor] != BATCH[t.negative]));
                        got.mined.triplets.clone()
                    } else {
                        chosen(mining, &d, margin)
                    };
                    let what = format!("{mining:?} {distance:?} {margin}");
                    prop_assert_eq!(&got.mined.triplets, &triplets, "{}", &what);
                    prop_assert_eq!(got.loss.is_some(), !triplets.is_empty(), "{}", &what);
                    let (Some(loss), Some(gradients)) = (got.loss, got.gradients) else { continue };
                    let by_loops = |parameters: &[f64]| slow_loss(mining, &triplets, &at(parameters), margin);
                    let expected = by_loops(&parameters);
                    prop_assert!((loss - expected).abs() <= 1e-5 * (1.0 + expected), "{what}: {loss}, not {expected}");
                    let flat = |g: Option<Tensor>| g.unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
                    let gradient = wide(&gradients.into_iter().flat_map(flat).collect::<Vec<f32>>());
                    let largest = gradient.iter().fold(0.0, |most: f64, g| most.max(g.abs()));
                    prop_assert_eq!(gradient.len(), parameters.len());
                    for (i, slope) in slow_gradient(&parameters, to, by_loops) {
                        let off = (gradient[i] - slope).abs();
                        prop_assert!(off <= 5e-4 * largest + 1e-6, "{what} {i}: {}, not {slope}", gradient[i]);
                    }
                }
            }
        }
    }
}
