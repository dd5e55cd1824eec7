//! Runs that are steered between two steps.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;

/// With other settings after step 10, and batches of another size after step 20.
fn steered(event: &TrainEvent) -> Command {
    let other = |settings: Settings| Command::Change(Box::new(settings));
    match event {
        TrainEvent::Step(report) if report.step == 10 => {
            other(Settings { margin: Margin::Hinge(0.5), mining: Mining::SemiHard, ..config(60).settings })
        }
        TrainEvent::Step(report) if report.step == 20 => {
            other(Settings { labels_per_batch: 3, photos_per_label: 5, ..config(60).settings })
        }
        _ => Command::Continue,
    }
}

#[test]
fn batches_of_another_size_are_dealt_from_the_next_step_on_and_a_resumed_run_deals_the_same() {
    let world = world(1.0);
    let mut sizes = Vec::new();
    let mut saved = None;
    let mut note = |event: TrainEvent| match event {
        TrainEvent::Step(report) => {
            sizes.push(report.photos);
            if report.step == 30 { Command::Snapshot } else { steered(&TrainEvent::Step(report)) }
        }
        TrainEvent::Snapshot(checkpoint) => {
            saved = Some(Checkpoint::from_bytes(&checkpoint.to_bytes().unwrap()).unwrap());
            Command::Continue
        }
        _ => Command::Continue,
    };
    let straight = world.train(&world.head(), &config(60), None, &mut note).unwrap();
    assert_eq!((&sizes[..20], &sizes[20..]), (&[18; 20][..], &[15; 40][..]));
    let resumed = world.train(&world.head(), &config(60), saved.as_ref(), &mut go_on).unwrap();
    assert_eq!((resumed.checkpoint, resumed.weights), (straight.checkpoint, straight.weights));
    let steps: Vec<u64> = straight_history(&world).iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, [0, 10, 20]);
}

fn straight_history(world: &World) -> Vec<(u64, Settings)> {
    let mut steer = |event: TrainEvent| steered(&event);
    world.train(&world.head(), &config(60), None, &mut steer).unwrap().checkpoint.progress.history
}

#[test]
fn a_checkpoint_from_before_batches_could_change_goes_on_as_it_was() {
    let world = world(1.0);
    let straight = world.train(&world.head(), &config(40), None, &mut go_on).unwrap();
    let mut saved = Vec::new();
    let mut halfway = |event| match event {
        TrainEvent::Step(report) if report.step == 15 => Command::Snapshot,
        TrainEvent::Snapshot(checkpoint) => {
            saved = checkpoint.to_bytes().unwrap();
            Command::Leave
        }
        _ => Command::Continue,
    };
    world.train(&world.head(), &config(40), None, &mut halfway).unwrap();
    let old = as_format_one(&saved);
    assert_ne!(old, saved);
    let loaded = Checkpoint::from_bytes(&old).unwrap();
    assert_eq!(loaded, Checkpoint::from_bytes(&saved).unwrap());
    let resumed = world.train(&world.head(), &config(40), Some(&loaded), &mut go_on).unwrap();
    assert_eq!(resumed.checkpoint, straight.checkpoint);
}

/// The file as format 1 wrote it: P and K once, beside the settings.
fn as_format_one(bytes: &[u8]) -> Vec<u8> {
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let mut header: serde_json::Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    let text = header["__metadata__"]["tripletui_checkpoint"].as_str().unwrap();
    let mut state: toml::Table = toml::from_str(text).unwrap();
    state["format"] = 1.into();
    let progress = state["progress"].as_table_mut().unwrap();
    assert!(progress.remove("left_out").is_some());
    let keys = ["labels_per_batch", "photos_per_label"];
    for entry in progress["history"].as_array_mut().unwrap() {
        let settings = entry.as_array_mut().unwrap()[1].as_table_mut().unwrap();
        for key in keys {
            assert!(settings.remove(key).is_some());
        }
    }
    let config = progress["config"].as_table_mut().unwrap();
    for key in keys {
        let value = config["settings"].as_table_mut().unwrap().remove(key).unwrap();
        config.insert(key.to_owned(), value);
    }
    header["__metadata__"]["tripletui_checkpoint"] = toml::to_string(&state).unwrap().into();
    let mut text = serde_json::to_vec(&header).unwrap();
    text.resize(text.len().next_multiple_of(8), b' ');
    [&(text.len() as u64).to_le_bytes()[..], &text, &bytes[8 + length..]].concat()
}

/// Photos of the first label and one of the second.
fn wrong(world: &World) -> Arc<BTreeSet<PhotoId>> {
    Arc::new([2, 3, 14].iter().map(|number| world.set.photos[*number]).collect())
}

/// Which photos are left out after step 10, and after step 20.
fn without(world: &World, event: &TrainEvent) -> Command {
    match event {
        TrainEvent::Step(report) if report.step == 10 => Command::LeaveOut(wrong(world)),
        TrainEvent::Step(report) if report.step == 20 => {
            Command::LeaveOut(Arc::new([world.set.photos[3]].into_iter().collect()))
        }
        _ => Command::Continue,
    }
}

#[test]
fn photos_leave_between_two_steps_and_come_back_and_a_resumed_run_is_the_same() {
    let world = world(1.0);
    let (mut seen, mut told, mut saved) = (Vec::new(), Vec::new(), Vec::new());
    let mut note = |event: TrainEvent| {
        if let TrainEvent::LeftOut { out, back } = event {
            told.push((out, back));
        }
        if let TrainEvent::Snapshot(checkpoint) = &event {
            saved.push(Checkpoint::from_bytes(&checkpoint.to_bytes().unwrap()).unwrap());
        }
        if let TrainEvent::Step(report) = &event {
            seen.push(report.rows.photos.clone());
            if [15, 30].contains(&report.step) {
                return Command::Snapshot;
            }
        }
        without(&world, &event)
    };
    let straight = world.train(&world.head(), &config(60), None, &mut note).unwrap();
    assert_eq!(told, [(3, 0), (0, 2)]);
    let is_seen = |steps: std::ops::Range<usize>, number: usize| {
        seen[steps].iter().any(|photos| photos.contains(&world.set.photos[number]))
    };
    assert!([2, 3, 14].iter().all(|number| is_seen(0..10, *number) && !is_seen(10..20, *number)));
    assert!(is_seen(20..60, 2) && is_seen(20..60, 14) && !is_seen(20..60, 3));
    let ids = |numbers: &[usize]| numbers.iter().map(|number| world.set.photos[*number]).collect::<Vec<_>>();
    let expected = vec![(10, ids(&[2, 3, 14])), (20, ids(&[3]))];
    assert_eq!(straight.checkpoint.progress.left_out, expected);
    for checkpoint in &saved {
        let mut steer = |event: TrainEvent| without(&world, &event);
        let resumed = world.train(&world.head(), &config(60), Some(checkpoint), &mut steer).unwrap();
        assert_eq!((resumed.checkpoint, resumed.weights), (straight.checkpoint.clone(), straight.weights.clone()));
    }
}

#[test]
fn the_same_photos_again_change_nothing_and_nobody_is_left_out_until_nothing_can_be_learned() {
    let world = world(1.0);
    let all: Arc<BTreeSet<PhotoId>> = Arc::new(world.set.photos.iter().copied().collect());
    let mut said = Vec::new();
    let mut steer = |event: TrainEvent| match event {
        TrainEvent::Step(report) if [10, 12].contains(&report.step) => Command::LeaveOut(wrong(&world)),
        TrainEvent::Step(report) if report.step == 14 => Command::LeaveOut(Arc::clone(&all)),
        TrainEvent::LeftOut { .. } | TrainEvent::Refused { .. } => {
            said.push(format!("{event:?}"));
            Command::Continue
        }
        _ => Command::Continue,
    };
    let steered = world.train(&world.head(), &config(30), None, &mut steer).unwrap();
    assert_eq!(said[..2], ["LeftOut { out: 3, back: 0 }", "LeftOut { out: 0, back: 0 }"]);
    assert!(said[2].contains("nothing to learn from") && said.len() == 3, "{said:?}");
    assert_eq!(steered.checkpoint.progress.left_out.len(), 1);
}

#[test]
fn a_run_that_diverged_goes_on_from_the_last_snapshot_when_told_to() {
    let world = world(1.0);
    let straight = world.train(&world.head(), &config(40), None, &mut go_on).unwrap();
    let mut diverged = false;
    let mut back = |event: TrainEvent| match event {
        TrainEvent::Step(report) if report.step == 10 && !diverged => Command::Snapshot,
        TrainEvent::Step(report) if report.step == 15 && !diverged => {
            Command::Change(Box::new(Settings { learning_rate: 1e38, ..config(40).settings }))
        }
        TrainEvent::Step(report) if report.state == GuardState::Diverged => {
            diverged = true;
            Command::Restore
        }
        _ => Command::Continue,
    };
    let steered = world.train(&world.head(), &config(40), None, &mut back).unwrap();
    assert!(diverged);
    assert_eq!(steered.reason, StopReason::Finished);
    assert_eq!(steered.checkpoint, straight.checkpoint);
}

#[test]
fn a_run_that_is_left_is_over_at_once_and_goes_on_as_if_nothing_had_been() {
    let world = world(1.0);
    let straight = world.train(&world.head(), &config(60), None, &mut go_on).unwrap();
    let mut after = Vec::new();
    let mut leave = |event: TrainEvent| match event {
        TrainEvent::Step(report) if report.step == 33 => Command::Leave,
        event => {
            after.push(format!("{event:?}"));
            Command::Continue
        }
    };
    let left = world.train(&world.head(), &config(60), None, &mut leave).unwrap();
    assert_eq!((left.reason, left.mix, left.checkpoint.progress.step), (StopReason::Stopped, Mix::Start, 33));
    assert!(after.last().unwrap().contains("step: 32"), "nothing is validated or tried any more");
    let resumed = world.train(&world.head(), &config(60), Some(&left.checkpoint), &mut go_on).unwrap();
    assert_eq!((resumed.checkpoint, resumed.weights), (straight.checkpoint, straight.weights));
}
