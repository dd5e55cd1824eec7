//! Maps of made-up rows, against explicit neighbours.

use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::*;

const DIM: usize = 24;

/// Rows around as many centres, so many that no plane shows all of them apart.
fn clustered(count: usize, centres: usize, seed: u64) -> Vec<Vec<f32>> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut random = |size: f32| (0..DIM).map(|_| rng.random_range(-size..size)).collect::<Vec<f32>>();
    let middles: Vec<Vec<f32>> = (0..centres).map(|_| random(1.0)).collect();
    (0..count).map(|i| middles[i % centres].iter().zip(random(0.25)).map(|(a, b)| a + b).collect()).collect()
}

fn distance(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
}

/// The nearest others of every row, by comparing all with all.
fn nearest<R: AsRef<[f32]>>(rows: &[R], k: usize) -> Vec<Vec<(usize, f32)>> {
    let of = |i: usize| {
        let others = (0..rows.len()).filter(|j| *j != i);
        let mut all: Vec<_> = others.map(|j| (j, distance(rows[i].as_ref(), rows[j].as_ref()))).collect();
        all.sort_by(|a, b| a.1.total_cmp(&b.1));
        all.truncate(k);
        all
    };
    (0..rows.len()).map(of).collect()
}

fn near_rows(rows: &[Vec<f32>], k: usize) -> NearRows {
    let mut near = NearRows::new();
    for list in nearest(rows, k) {
        near.push(list);
    }
    near
}

fn start(rows: &[Vec<f32>]) -> Vec<Place> {
    principal_places(rows.len(), |i| &rows[i])
}

fn finished(rows: &[Vec<f32>], seed: u64) -> Vec<Place> {
    let mut descent = Descent::new(&start(rows), &near_rows(rows, 10), seed);
    while descent.step() {}
    descent.places().to_vec()
}

/// Share of the ten nearest of each row that are among its ten nearest on the map.
fn kept_neighbours(rows: &[Vec<f32>], places: &[Place]) -> f64 {
    let (truth, seen) = (nearest(rows, 10), nearest(places, 10));
    let rows_of = |list: &[(usize, f32)]| list.iter().map(|(row, _)| *row).collect::<Vec<usize>>();
    let seen = seen.iter().map(|list| rows_of(list));
    let kept = truth.iter().map(|list| rows_of(list)).zip(seen);
    kept.map(|(truth, seen)| truth.iter().filter(|row| seen.contains(row)).count()).sum::<usize>() as f64
        / (10 * rows.len()) as f64
}

#[test]
fn neighbours_are_kept_far_better_than_by_the_principal_axes() {
    let rows = clustered(600, 20, 1);
    let (plane, map) = (kept_neighbours(&rows, &start(&rows)), kept_neighbours(&rows, &finished(&rows, 7)));
    println!("neighbours kept: principal axes {plane:.3}, descent {map:.3}");
    assert!(map > 0.4 && map > plane + 0.2, "principal axes {plane}, descent {map}");
}

#[test]
fn rows_of_one_cluster_lie_together() {
    let rows = clustered(400, 8, 3);
    let seen = nearest(&finished(&rows, 7), 5);
    let at_home = seen.iter().enumerate().flat_map(|(i, near)| near.iter().map(move |(j, _)| (i, *j)));
    let right = at_home.filter(|(i, j)| i % 8 == j % 8).count();
    assert!(right as f64 > 0.98 * (5 * rows.len()) as f64, "{right} of {}", 5 * rows.len());
}

#[test]
fn one_seed_gives_one_map() {
    let rows = clustered(200, 5, 2);
    assert_eq!(finished(&rows, 7), finished(&rows, 7));
    assert_ne!(finished(&rows, 7), finished(&rows, 8));
}

#[test]
fn it_can_be_left_after_any_step_and_says_how_far_it_is() {
    let rows = clustered(50, 5, 2);
    let mut descent = Descent::new(&start(&rows), &near_rows(&rows, 10), 1);
    assert_eq!(descent.progress(), (0, 500));
    assert!(descent.step());
    assert_eq!((descent.progress(), descent.places().len()), ((1, 500), 50));
    while descent.step() {}
    assert_eq!((descent.progress(), descent.step()), ((500, 500), false));
}

#[test]
fn the_plane_shows_the_two_widest_directions() {
    let rows: Vec<Vec<f32>> = (0..40_u8)
        .map(|i| vec![0.1 * f32::from(i % 2), 5.0 * f32::from(i % 8), 0.0, 90.0 - 2.0 * f32::from(i)])
        .collect();
    let places = start(&rows);
    let width = |axis: usize| {
        let along = places.iter().map(|place| place[axis]);
        along.clone().fold(f32::MIN, f32::max) - along.fold(f32::MAX, f32::min)
    };
    assert!(width(0) > 77.0 && width(1) > 30.0, "{} {}", width(0), width(1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn every_row_has_a_finite_place(
        count in 0usize..40, kind in 0u8..4, lists in prop::collection::vec(prop::collection::vec((0usize..60, 0.0f32..2.0), 0..8), 40),
    ) {
        let row = |i: usize| match kind {
            0 => vec![0.5; 3],
            1 => vec![i as f32, 0.0, 0.0],
            2 => vec![f32::NAN, 1.0, 0.0],
            _ => vec![(i * 7 % 5) as f32, (i * 3 % 11) as f32, (i % 2) as f32],
        };
        let rows: Vec<Vec<f32>> = (0..count).map(row).collect();
        let mut near = NearRows::new();
        lists.into_iter().take(count).for_each(|list| near.push(list));
        let mut descent = Descent::new(&start(&rows), &near, 3);
        prop_assert_eq!(start(&rows).len(), count);
        (0..40).for_each(|_| { descent.step(); });
        prop_assert_eq!(descent.places().len(), count);
        prop_assert!(descent.places().iter().flatten().all(|value| value.is_finite()));
    }
}

#[test]
#[ignore = "takes a while: how long a map of 100,000 rows takes"]
fn measured_a_hundred_thousand_rows() {
    let (count, mut rng) = (100_000, StdRng::seed_from_u64(1));
    let mut near = NearRows::new();
    for row in 0..count {
        let others = (0..15).map(|rank| ((row + 200 * rng.random_range(1..400)) % count, 0.1 + 0.01 * rank as f32));
        near.push(others.collect::<Vec<_>>());
    }
    let places: Vec<Place> = (0..count).map(|_| [rng.random(), rng.random()]).collect();
    let started = std::time::Instant::now();
    let mut descent = Descent::new(&places, &near, 1);
    println!("pairs joined in {:.2} s", started.elapsed().as_secs_f64());
    while descent.step() {}
    println!("{:?} rounds in {:.1} s", descent.progress(), started.elapsed().as_secs_f64());
}
