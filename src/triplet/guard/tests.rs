use super::*;
use crate::triplet::{Batch, Distance, DistanceMatrix, Generator};
use rand::Rng;

fn photos(shares: &[u32]) -> Vec<(usize, RowActivity)> {
    shares.iter().enumerate().map(|(i, &active)| (i, RowActivity { valid: 100, active })).collect()
}

fn step(active: f64, spread: f64, shares: &[u32]) -> Observation {
    Observation { finite: true, unlearned: active, untaught: active, spread: (spread, spread), photos: photos(shares) }
}

fn run(steps: impl Iterator<Item = Observation>) -> (GuardState, Guard) {
    let mut guard = Guard::default();
    let state = steps.map(|s| guard.observe(s)).last();
    (state.unwrap_or(guard.state()), guard)
}

#[test]
fn each_signature_has_its_name() {
    let state = |active: f64, spread: f64, shares: &[u32]| run((0..120).map(|_| step(active, spread, shares))).0;
    assert_eq!(state(1.0, 1.41, &[100; 32]), GuardState::Untrained);
    assert_eq!(state(1.0, 0.002, &[100; 32]), GuardState::Collapsed);
    assert_eq!(state(0.7, 1.41, &[70; 32]), GuardState::Learning);
    assert_eq!(state(0.0, 1.33, &[0; 32]), GuardState::Done);
    let mut few = [3; 32];
    (few[3], few[9]) = (97, 95);
    assert_eq!(state(0.13, 1.33, &few), GuardState::LabelNoise);
}

#[test]
fn once_the_stubborn_few_are_gone_it_is_no_label_noise() {
    let mut few = [3; 32];
    (few[3], few[9]) = (97, 95);
    let (_, mut guard) = run((0..120).map(|_| step(0.13, 1.33, &few)));
    guard.forget(&[3]);
    assert_eq!((guard.state(), guard.suspects()), (GuardState::LabelNoise, vec![(9, 0.95)]));
    guard.forget(&[9]);
    assert_eq!((guard.state(), guard.suspects()), (GuardState::Learning, vec![]));
}

/// What a batch of three labels on a circle gives: photos of a label `apart` radians apart, all of them shrunk to a
/// point by `shrink`.
fn soft(apart: f32, shrink: f32, labels: &[u32; 12]) -> Observation {
    let angle = |row: usize| shrink * (labels[row] as f32 * 2.0 + apart * (row * 7 % 12) as f32);
    let rows: Vec<f32> = (0..12).flat_map(|row| [angle(row).cos(), angle(row).sin()]).collect();
    let ids: Vec<_> = (0..12u32).map(|row| crate::library::PhotoId::of_content(&row.to_le_bytes())).collect();
    let distances = DistanceMatrix::of(&rows, 2, Distance::Euclidean);
    let batch = Batch::new(labels, &ids, &distances).unwrap();
    let statistics = BatchStatistics::of(&rows, &batch, Distance::Euclidean, Margin::Soft);
    Observation::of(&statistics, &(0..12).collect::<Vec<_>>(), Margin::Soft, true)
}

#[test]
fn the_soft_margin_is_judged_by_what_is_ranked_wrong() {
    let labels = std::array::from_fn(|row| (row % 3) as u32);
    let state = |apart, shrink| run((0..60).map(|_| soft(apart, shrink, &labels))).0;
    assert_eq!(state(0.01, 1.0), GuardState::Done);
    assert_eq!(state(0.2, 1.0), GuardState::Learning);
    assert_eq!(state(0.52, 1.0), GuardState::Untrained);
    assert_eq!(state(0.52, 0.01), GuardState::Collapsed);
    // Shrinking by 5 % a step while half of the triplets are ranked wrong.
    let mut guard = Guard::default();
    let shrinking = |step: i32| soft(0.52, 0.3 * 0.95f32.powi(step), &labels);
    let caught = (0..100).find(|&i| guard.observe(shrinking(i)) == GuardState::Collapsed).unwrap();
    assert!(caught < 60, "{caught}");
}

#[test]
fn a_collapse_is_named_before_it_is_complete() {
    // Spread 1.0 at the start, losing 5 % a step, everything active throughout.
    let mut guard = Guard::default();
    let spread = |step: i32| 0.95f64.powi(step);
    let caught = (0..60).find(|&i| guard.observe(step(1.0, spread(i), &[100; 8])) == GuardState::Collapsed).unwrap();
    assert!(caught < 25, "{caught}");
}

#[test]
fn a_floor_that_still_falls_is_not_label_noise() {
    let mut few = [3; 32];
    few[3] = 97;
    let falling = run((0..100).map(|i| step(0.4 - 0.003 * f64::from(i), 1.33, &few)));
    assert_eq!(falling.0, GuardState::Learning);
}

#[test]
fn label_noise_that_is_learned_by_heart_stays_label_noise() {
    let mut few = [3; 32];
    (few[3], few[9]) = (97, 95);
    let falling = |left: f64| (0..150).map(move |i| step(0.2 * left.powi(i), 1.33, &few));
    let (_, mut guard) = run((0..100).map(|_| step(0.2, 1.33, &few)));
    assert!(falling(0.9957).all(|step| guard.observe(step) == GuardState::LabelNoise));
    assert_eq!(falling(0.99).map(|step| guard.observe(step)).last(), Some(GuardState::Learning));
    assert_eq!(run(falling(0.9957)).0, GuardState::Learning, "it has not been noticed before");
}

#[test]
fn a_plateau_all_photos_share_is_not_label_noise() {
    assert_eq!(run((0..100).map(|_| step(0.3, 1.33, &[30; 32]))).0, GuardState::Learning);
}

/// Shares in percent that are spread about a middle as by chance: a bell.
fn bell(middle: f64, spread: f64, photos: usize, random: &mut Generator) -> Vec<u32> {
    let mut one = || {
        let (u, v) = (1.0 - random.random::<f64>(), random.random::<f64>());
        let normal = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
        (100.0 * (middle + spread * normal)).round().clamp(0.0, 100.0) as u32
    };
    (0..photos).map(|_| one()).collect()
}

#[test]
fn the_tail_of_a_plateau_is_not_label_noise() {
    let mut random = Generator::new(1, 1);
    let (mut apart, mut all) = (0, 0);
    for (middle, spread, photos) in [(0.30, 0.08, 300), (0.25, 0.08, 1_200), (0.20, 0.10, 1_200), (0.35, 0.08, 600)] {
        for _ in 0..5 {
            let shares = bell(middle, spread, photos, &mut random);
            let (state, guard) = run((0..60).map(|_| step(middle, 1.33, &shares)));
            assert_eq!(state, GuardState::Learning, "{middle} {spread} {photos}: {:?}", guard.suspects());
            let (above, below): (Vec<f64>, Vec<f64>) = guard.shares().into_values().partition(|share| *share > SUSPECT);
            (apart, all) = (apart + usize::from(!above.is_empty() && stands_apart(&above, &below)), all + 1);
        }
    }
    assert!(apart * 4 > all, "tails that lie far from the rest are among these: {apart} of {all}");
}

#[test]
fn many_wrong_labels_are_seen_by_how_far_they_stand_from_the_rest() {
    let state = |shares: &[u32]| run((0..100).map(|_| step(0.5, 1.33, shares))).0;
    // A third of the labels is wrong: of the triplets of the others about a third is active.
    let third: Vec<u32> = (0..48).map(|i| if i % 3 == 0 { 88 + i % 9 } else { 25 + i % 17 }).collect();
    assert_eq!(state(&third), GuardState::LabelNoise);
    // Some photos are harder than others, and none stands apart.
    let gradual: Vec<u32> = (0..48).map(|i| 10 + i * 5 / 3).collect();
    assert_eq!(state(&gradual), GuardState::Learning);
    // More than half of all: then it is not their labels.
    let most: Vec<u32> = (0..48).map(|i| if i % 3 == 0 { 25 } else { 90 }).collect();
    assert_eq!(state(&most), GuardState::Learning);
}

#[test]
fn what_is_not_finite_has_diverged_at_once() {
    let last = Observation { finite: false, ..step(f64::NAN, f64::NAN, &[]) };
    assert_eq!(run((0..5).map(|_| step(0.5, 1.0, &[50])).chain([last])).0, GuardState::Diverged);
}

#[test]
fn suspects_are_the_stubborn_photos_worst_first() {
    let mut few = [3; 32];
    (few[3], few[9]) = (80, 95);
    let (_, guard) = run((0..60).map(|_| step(0.1, 1.33, &few)));
    assert_eq!(guard.suspects(), [(9, 0.95), (3, 0.80)]);
}

#[test]
fn a_saved_guard_continues() {
    let (state, guard) = run((0..60).map(|_| step(0.5, 1.0, &[50])));
    let loaded: Guard = serde_json::from_str(&serde_json::to_string(&guard).unwrap()).unwrap();
    assert_eq!((loaded.state(), &loaded), (state, &guard));
}
