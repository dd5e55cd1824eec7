use super::*;

fn photos(shares: &[u32]) -> Vec<(usize, RowActivity)> {
    shares.iter().enumerate().map(|(i, &active)| (i, RowActivity { valid: 100, active })).collect()
}

fn step(active: f64, spread: f64, shares: &[u32]) -> Observation {
    Observation { finite: true, unlearned: active, active, spread: (spread, spread), photos: photos(shares) }
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
fn a_plateau_all_photos_share_is_not_label_noise() {
    assert_eq!(run((0..100).map(|_| step(0.3, 1.33, &[30; 32]))).0, GuardState::Learning);
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
