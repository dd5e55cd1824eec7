use super::*;
use crate::library::PhotoId;
use crate::triplet::{Census, Distance, DistanceMatrix, Hardness};

fn photo(n: usize) -> PhotoId {
    PhotoId::of_content(&n.to_le_bytes())
}

fn photos(n: usize) -> Vec<PhotoId> {
    (0..n).map(photo).collect()
}

fn generator() -> Generator {
    Generator::new(1, 1)
}

/// Points on the unit circle at these degrees.
fn circle(degrees: &[f32]) -> Vec<f32> {
    degrees.iter().flat_map(|angle| [angle.to_radians().cos(), angle.to_radians().sin()]).collect()
}

fn triplets(list: &[[usize; 3]]) -> Vec<Triplet> {
    list.iter().map(|&[anchor, positive, negative]| Triplet { anchor, positive, negative }).collect()
}

/// Rows 0, 1 (label 0) at 0 and 40 degrees, rows 2, 3 (label 1) at 50 and 198 degrees, row 4 (label 2, alone) at 90.
/// Every ordering below can be read off the angles: on a circle all three distances grow with the angle.
struct Hand {
    labels: Vec<u32>,
    photos: Vec<PhotoId>,
    rows: Vec<f32>,
}

fn hand() -> Hand {
    Hand { labels: vec![0, 0, 1, 1, 2], photos: photos(5), rows: circle(&[0.0, 40.0, 50.0, 198.0, 90.0]) }
}

fn mined(hand: &Hand, mining: Mining, distance: Distance, margin: f64) -> Mined {
    mined_by(hand, mining, distance, Margin::Hinge(margin))
}

fn mined_by(hand: &Hand, mining: Mining, distance: Distance, margin: Margin) -> Mined {
    let distances = DistanceMatrix::of(&hand.rows, hand.rows.len() / hand.labels.len(), distance);
    let batch = Batch::new(&hand.labels, &hand.photos, &distances).unwrap();
    mine(mining, &batch, margin, &mut generator())
}

/// Steps of one along one of three axes, forth or back, among `dim`: there are but three distances, and ties everywhere.
fn axes(dim: usize, steps: &[usize]) -> Vec<f32> {
    let entry = |step: usize, k: usize| if k == step % 3 { [1.0, -1.0][step / 3] } else { 0.0 };
    steps.iter().flat_map(|&step| (0..dim).map(move |k| entry(step, k))).collect()
}

#[test]
fn batch_all_lists_every_valid_triplet() {
    let expected = triplets(&[
        [0, 1, 2],
        [0, 1, 3],
        [0, 1, 4],
        [1, 0, 2],
        [1, 0, 3],
        [1, 0, 4],
        [2, 3, 0],
        [2, 3, 1],
        [2, 3, 4],
        [3, 2, 0],
        [3, 2, 1],
        [3, 2, 4],
    ]);
    for distance in Distance::ALL {
        let mined = mined(&hand(), Mining::BatchAll, distance, 0.2);
        assert_eq!(mined, Mined { triplets: expected.clone(), pairs: 4, dropped_pairs: 0, skipped_anchors: 1 });
    }
}

#[test]
fn batch_hard_takes_the_farthest_positive_and_the_nearest_negative() {
    // Angles to others: 0: 1=40 | 2=50 3=162 4=90;  1: 0=40 | 2=10 3=158 4=50;  2: 3=148 | 0=50 1=10 4=40;
    // 3: 2=148 | 0=162 1=158 4=108.  Row 4 has no positive.
    for distance in Distance::ALL {
        let mined = mined(&hand(), Mining::BatchHard, distance, 0.2);
        assert_eq!(mined.triplets, triplets(&[[0, 1, 2], [1, 0, 2], [2, 3, 1], [3, 2, 4]]), "{distance:?}");
        assert_eq!((mined.skipped_anchors, mined.dropped_pairs), (1, 0));
    }
}

#[test]
fn semi_hard_takes_the_nearest_negative_of_the_band_and_drops_pairs_without_one() {
    // Euclidean 2 sin(angle / 2): 10: .174, 40: .684, 50: .845, 90: 1.414, 148: 1.923, 158: 1.963, 162: 1.975.
    // (0,1): band .684...884 holds row 2 (.845). (1,0): the same band; row 2 is hard (.174), row 4 (.845) is in.
    // (2,3): band 1.923..2.123, all negatives nearer: dropped. (3,2): rows 0 and 1 are in, row 1 is nearer.
    let by_euclidean = mined(&hand(), Mining::SemiHard, Distance::Euclidean, 0.2);
    assert_eq!(by_euclidean.triplets, triplets(&[[0, 1, 2], [1, 0, 4], [3, 2, 1]]));
    assert_eq!((by_euclidean.pairs, by_euclidean.dropped_pairs, by_euclidean.skipped_anchors), (4, 1, 1));
    // Squared: .468, .714: the band .468...668 is empty for (0,1) and (1,0): a margin means something else here.
    let by_squared = mined(&hand(), Mining::SemiHard, Distance::SquaredEuclidean, 0.2);
    assert_eq!(by_squared.triplets, triplets(&[[3, 2, 1]]));
    assert_eq!(by_squared.dropped_pairs, 3);
    // Cosine .234, .357: back in the band .234...434.
    assert_eq!(mined(&hand(), Mining::SemiHard, Distance::Cosine, 0.2).triplets, by_euclidean.triplets);
}

#[test]
fn random_draws_one_valid_negative_for_every_pair() {
    let hand = hand();
    let all = mined(&hand, Mining::BatchAll, Distance::Cosine, 0.2).triplets;
    let distances = DistanceMatrix::of(&hand.rows, 2, Distance::Cosine);
    let batch = Batch::new(&hand.labels, &hand.photos, &distances).unwrap();
    let mut generator = generator();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..200 {
        let mined = mine(Mining::Random, &batch, Margin::default(), &mut generator);
        let pairs: Vec<_> = mined.triplets.iter().map(|t| (t.anchor, t.positive)).collect();
        assert_eq!(pairs, [(0, 1), (1, 0), (2, 3), (3, 2)]);
        seen.extend(mined.triplets);
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), all);
}

#[test]
fn the_same_photo_twice_is_never_a_positive_pair() {
    let twice =
        Hand { labels: vec![0, 0, 1], photos: vec![photo(0), photo(0), photo(1)], rows: circle(&[0., 0., 90.]) };
    for mining in Mining::ALL {
        let mined = mined(&twice, mining, Distance::Euclidean, 0.2);
        assert!(mined.triplets.is_empty());
        assert_eq!((mined.pairs, mined.skipped_anchors), (0, 3));
    }
}

/// Explicit loops over all i, j, k of random batches, with nothing shared with the code under test but the distances. Of
/// rows that are equally far the earlier one is chosen.
#[test]
fn every_miner_agrees_with_explicit_loops_on_random_batches() {
    use rand::Rng;
    let mut random = generator();
    for round in 0..72 {
        let n = 12;
        let labels: Vec<u32> = (0..n).map(|_| random.random_range(0..4)).collect();
        let rows = if round % 2 == 0 {
            circle(&(0..n).map(|_| random.random_range(0.0..360.0)).collect::<Vec<f32>>())
        } else {
            axes(3 + round, &(0..n).map(|_| random.random_range(0..6)).collect::<Vec<usize>>())
        };
        let distance = Distance::ALL[round % 3];
        let margin = [Margin::Hinge(0.2), Margin::Hinge(0.9), Margin::Soft][round / 6 % 3];
        let hand = Hand { labels: labels.clone(), photos: photos(n), rows };
        let d = DistanceMatrix::of(&hand.rows, hand.rows.len() / n, distance);
        let (mut all, mut hard, mut semi) = (Vec::new(), Vec::new(), Vec::new());
        for a in 0..n {
            let (mut far, mut near) = (None::<usize>, None::<usize>);
            for p in (0..n).filter(|&p| p != a && labels[p] == labels[a]) {
                let mut closest = None::<usize>;
                for k in (0..n).filter(|&k| labels[k] != labels[a]) {
                    all.push([a, p, k]);
                    let within = match margin {
                        Margin::Hinge(margin) => d.between(a, k) < d.between(a, p) + margin,
                        Margin::Soft => true,
                    };
                    let inside = d.between(a, p) < d.between(a, k) && within;
                    if inside && closest.is_none_or(|c| d.between(a, k) < d.between(a, c)) {
                        closest = Some(k);
                    }
                    if near.is_none_or(|c| d.between(a, k) < d.between(a, c)) {
                        near = Some(k);
                    }
                }
                semi.extend(closest.map(|k| [a, p, k]));
                if far.is_none_or(|c| d.between(a, p) > d.between(a, c)) {
                    far = Some(p);
                }
            }
            hard.extend(far.zip(near).map(|(p, k)| [a, p, k]));
        }
        assert_eq!(mined_by(&hand, Mining::BatchAll, distance, margin).triplets, triplets(&all));
        assert_eq!(mined_by(&hand, Mining::BatchHard, distance, margin).triplets, triplets(&hard));
        let semi_hard = mined_by(&hand, Mining::SemiHard, distance, margin);
        assert_eq!(semi_hard.triplets, triplets(&semi));
        assert_eq!(semi_hard.dropped_pairs + semi.len(), semi_hard.pairs);
    }
}

#[test]
fn a_full_batch_has_as_many_valid_triplets_as_the_formula_says() {
    let (p, k) = (16usize, 4usize);
    let labels: Vec<u32> = (0..p * k).map(|i| (i / k) as u32).collect();
    let rows = circle(&(0..p * k).map(|i| (i * i % 359) as f32).collect::<Vec<_>>());
    let d = DistanceMatrix::of(&rows, 2, Distance::Euclidean);
    let ids = photos(p * k);
    let census = Census::of(&Batch::new(&labels, &ids, &d).unwrap(), Margin::default());
    assert_eq!(census.valid, p * k * (k - 1) * (p - 1) * k);
    assert_eq!(census.hard + census.semi_hard + census.easy, census.valid);
    assert!((census.shares().iter().sum::<f64>() - 1.0).abs() < 1e-12);
    assert_eq!((census.anchors, census.skipped_anchors), (p * k, 0));
    let by_rows: u32 = census.rows.iter().map(|row| row.active).sum();
    assert_eq!(by_rows as usize, 2 * census.active);
}

#[test]
fn hardness_draws_its_borders_where_the_definition_does() {
    let margin = Margin::Hinge(0.25);
    assert_eq!(Hardness::of(1.0, 1.0, margin), Hardness::Hard);
    assert_eq!(Hardness::of(1.0, 1.125, margin), Hardness::SemiHard);
    assert_eq!(Hardness::of(1.0, 1.25, margin), Hardness::Easy);
    assert_eq!(Hardness::of(1.0, 9.0, Margin::Soft), Hardness::SemiHard);
}

#[test]
fn slices_of_other_lengths_are_refused() {
    let hand = hand();
    let d = DistanceMatrix::of(&hand.rows, 2, Distance::Cosine);
    let error = Batch::new(&hand.labels[..4], &hand.photos, &d).unwrap_err().to_string();
    assert_eq!(error, "a batch of 5 rows needs as many labels and photos, got 4 labels and 5 photos");
}
