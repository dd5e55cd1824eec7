//! Runs that are stopped and go on, and runs that go wrong.

use super::*;

#[test]
fn a_run_that_is_stopped_and_goes_on_many_times_is_the_run_that_was_left_alone() {
    let world = world(1.0);
    let config = TrainConfig { patience: Some(3), validate_every: 10, ..config(150) };
    let alone = world.train(&world.head(), &config, None, &mut go_on).unwrap();
    let mut checkpoint: Option<Checkpoint> = None;
    let parts = loop {
        let stop_at = checkpoint.as_ref().map_or(0, |c| c.progress.step) + 7;
        let mut stop = |event: TrainEvent| match event {
            TrainEvent::Step(report) if report.step == stop_at => Command::Stop,
            _ => Command::Continue,
        };
        let part = world.train(&world.head(), &config, checkpoint.as_ref(), &mut stop).unwrap();
        if part.reason != StopReason::Stopped {
            break part;
        }
        checkpoint = Some(Checkpoint::from_bytes(&part.checkpoint.to_bytes().unwrap()).unwrap());
    };
    assert_eq!((parts.reason, parts.best_step, parts.mix), (alone.reason, alone.best_step, alone.mix));
    assert_eq!(parts.checkpoint, alone.checkpoint);
    assert_eq!(parts.weights, alone.weights);
}

#[test]
fn weights_that_are_no_numbers_end_the_run_with_the_best_before_them() {
    let mut world = world(1.0);
    let wild = |steps| TrainConfig {
        settings: Settings { learning_rate: 1e38, warmup: 0, ..config(steps).settings },
        ..config(steps)
    };
    for steps in [1, 2, 60] {
        let trained = world.train(&world.head(), &wild(steps), None, &mut go_on).unwrap();
        assert_eq!((trained.reason, trained.mix), (StopReason::Diverged, Mix::Start), "{steps} steps");
        assert!(trained.weights.is_finite() && trained.score == trained.start_score);
    }
    world.set.validation.clear();
    let trained = world.train(&world.head(), &wild(60), None, &mut go_on).unwrap();
    assert!(trained.weights.is_finite() && trained.mix == Mix::Start, "{:?}", trained.mix);
}
