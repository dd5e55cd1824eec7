use super::bench::{Bench, endless, photo, wish};
use crate::train::StopReason;
use crate::triplet::{Margin, Mining};
use crate::ui::{Steering, TrainingNews, TrainingOrder, TrainingWish};

const STEERING: Steering = Steering {
    learning_rate: 1e-3,
    margin: Margin::Hinge(0.2),
    mining: Mining::BatchAll,
    labels_per_batch: 4,
    photos_per_label: 3,
};

fn paused(bench: &Bench) -> u64 {
    bench.news(|news| if let TrainingNews::Paused { step } = news { Some(step) } else { None })
}

#[test]
fn pausing_resting_and_saving_change_nothing_of_the_result() {
    let (alone, steered) = (Bench::new(), Bench::new());
    let (expected, weights) = alone.train(wish(80));
    steered.start(wish(80), [TrainingOrder::Gentle(true), TrainingOrder::Pause]);
    let at = paused(&steered);
    std::thread::sleep(std::time::Duration::from_millis(300));
    steered.order(TrainingOrder::Checkpoint);
    let saved = steered.news(|news| match news {
        TrainingNews::Checkpointed { step } => Some(step),
        TrainingNews::Steps { rows, .. } => panic!("{rows:?} during a pause"),
        _ => None,
    });
    assert_eq!(saved, at);
    steered.order(TrainingOrder::GoOn);
    steered.news(|news| matches!(news, TrainingNews::GoesOn).then_some(()));
    let outcome = steered.end().unwrap();
    assert_eq!((outcome.best_step, outcome.steps), (expected.best_step, expected.steps));
    assert_eq!(steered.weights("tuned 1"), weights, "bit for bit");
}

#[test]
fn settings_change_between_two_steps_and_the_model_remembers_it() {
    let bench = Bench::new();
    bench.start(endless(), []);
    let listed = |news| match news {
        TrainingNews::Steps { rows, latest } => Some((rows.len(), latest.step, latest.pairs.len())),
        _ => None,
    };
    assert_eq!(bench.news(listed).2, 0, "nobody asked for pairs");
    bench.order(TrainingOrder::Pause);
    let at = paused(&bench);
    bench.order(TrainingOrder::Pairs(true));
    assert_eq!(bench.news(listed), (0, at, 66), "those of the last step, without another one");
    let other = Steering { margin: Margin::Hinge(0.5), labels_per_batch: 3, photos_per_label: 2, ..STEERING };
    bench.order(TrainingOrder::Change(Steering { learning_rate: -1.0, ..other }));
    let why = bench.news(|news| if let TrainingNews::Refused(why) = news { Some(why) } else { None });
    assert!(why.contains("learning rate"), "{why}");
    bench.order(TrainingOrder::Change(other));
    let (step, steering, words) = bench.news(|news| match news {
        TrainingNews::Changed { step, steering, words } => Some((step, steering, words)),
        _ => None,
    });
    assert_eq!((step, steering, words.as_str()), (at, other, "margin 0.2 -> 0.5, P 4 -> 3, K 3 -> 2"));
    bench.order(TrainingOrder::GoOn);
    let photos = bench.news(|news| match news {
        TrainingNews::Steps { rows, latest } => rows.last().map(|row| (row.photos, latest.pairs.len())),
        _ => None,
    });
    assert_eq!(photos, (6, 15), "3 labels x 2 photos");
    bench.step(at + 60);
    bench.order(TrainingOrder::Stop);
    let outcome = bench.end().unwrap();
    assert_eq!((outcome.reason, outcome.resumable), (StopReason::Stopped, true));
    if outcome.saved {
        let (_, models) = bench.models(crate::ui::ModelsOrder::List);
        let model = models.iter().find(|model| model.name == outcome.model).unwrap();
        let line = format!("from step {at} on: margin 0.2 -> 0.5, P 4 -> 3, K 3 -> 2");
        assert!(model.config.contains(&line), "{:?}", model.config);
    }
    let (rows, cut_off) = bench.unfinished();
    assert_eq!((rows.len(), rows[0].done, cut_off), (1, outcome.steps, false), "somebody stopped it");
}

/// A training without held-out photos, paused after its first step.
fn paused_run(bench: &Bench) -> u64 {
    let all = TrainingWish { holdout: 0.0, ..wish(100_000) };
    bench.order(TrainingOrder::Start(Box::new(all)));
    bench.order(TrainingOrder::Pairs(true));
    bench.step(1);
    bench.order(TrainingOrder::Pause);
    paused(bench)
}

fn left_out(bench: &Bench) -> (u64, String) {
    bench.news(|news| if let TrainingNews::LeftOut { step, words } = news { Some((step, words)) } else { None })
}

/// Whether a photo is among the pairs that are told the next time. Not every step is told.
fn is_dealt(bench: &Bench, number: usize) -> bool {
    bench.news(|news| {
        let TrainingNews::Steps { latest, .. } = news else { return None };
        Some(latest.pairs.iter().any(|pair| [pair.one, pair.other].contains(&photo(number))))
    })
}

/// Whether it is among them once in many; one in four batches deals a photo that takes part.
fn is_ever_dealt(bench: &Bench, number: usize) -> bool {
    (0..60).any(|_| is_dealt(bench, number))
}

#[test]
fn a_photo_whose_label_is_wrong_leaves_the_run_from_the_next_step_on() {
    let bench = Bench::new();
    let at = paused_run(&bench);
    let says = |wrong| bench.order(TrainingOrder::LabelIsWrong { photo: photo(9), wrong });
    says(true);
    assert_eq!(left_out(&bench), (at, "1 photo leaves training".to_owned()));
    bench.order(TrainingOrder::Checkpoint);
    bench.order(TrainingOrder::GoOn);
    bench.news(|news| matches!(news, TrainingNews::GoesOn).then_some(()));
    assert!(!is_ever_dealt(&bench, 9));
    bench.order(TrainingOrder::Pause);
    let back = paused(&bench);
    bench.folder.take_back(false, Some(&bench.outbox)).unwrap();
    assert_eq!(left_out(&bench), (back, "1 photo back in training".to_owned()));
    // Back at the checkpoint it is left out; that its label is right is known by now.
    bench.order(TrainingOrder::GoBack);
    bench.news(|news| matches!(news, TrainingNews::WentBack { step } if step == at).then_some(()));
    assert_eq!(left_out(&bench), (at, "1 photo back in training".to_owned()));
    assert!(is_ever_dealt(&bench, 9));
    bench.order(TrainingOrder::Stop);
    let outcome = bench.end().unwrap();
    let (_, models) = bench.models(crate::ui::ModelsOrder::List);
    let model = models.iter().find(|model| model.name == outcome.model).unwrap();
    assert!(model.config.contains(&format!("from step {at} on: without 1 photo whose label is wrong")), "{model:?}");
    assert!(model.config.contains(&format!("from step {at} on: with all photos again")), "{model:?}");
}

#[test]
fn a_run_that_goes_on_later_knows_which_labels_are_wrong() {
    let bench = Bench::new();
    let at = paused_run(&bench);
    bench.order(TrainingOrder::LabelIsWrong { photo: photo(9), wrong: true });
    left_out(&bench);
    let bench = bench.again();
    let (rows, _) = bench.unfinished();
    assert_eq!(rows[0].done, at);
    bench.order(TrainingOrder::LabelIsWrong { photo: photo(20), wrong: true });
    bench.order(TrainingOrder::Resume(rows[0].name.clone()));
    bench.order(TrainingOrder::Pairs(true));
    assert_eq!(left_out(&bench), (at, "1 photo leaves training".to_owned()), "the other one had left before");
    assert!(!is_ever_dealt(&bench, 9) && !is_ever_dealt(&bench, 20));
    bench.order(TrainingOrder::Discard);
    bench.end().unwrap();
}

#[test]
fn going_back_is_to_the_last_checkpoint_with_half_the_rate() {
    let bench = Bench::new();
    bench.start(endless(), []);
    bench.step(5);
    bench.order(TrainingOrder::Checkpoint);
    let saved = bench.news(|news| if let TrainingNews::Checkpointed { step } = news { Some(step) } else { None });
    bench.step(saved + 20);
    bench.order(TrainingOrder::GoBack);
    let back = bench.news(|news| if let TrainingNews::WentBack { step } = news { Some(step) } else { None });
    assert_eq!(back, saved);
    let changed =
        bench.news(
            |news| if let TrainingNews::Changed { step, steering, .. } = news { Some((step, steering)) } else { None },
        );
    assert_eq!(changed, (saved, Steering { learning_rate: 5e-4, ..STEERING }));
    let next = bench.news(|news| if let TrainingNews::Steps { rows, .. } = news { Some(rows[0].step) } else { None });
    assert_eq!(next, saved + 1);
    bench.order(TrainingOrder::Discard);
    let outcome = bench.end().unwrap();
    assert!(!outcome.saved && !outcome.resumable && !outcome.in_use);
    assert_eq!(bench.unfinished(), (vec![], false), "neither a model nor the run");
    assert_eq!(bench.models(crate::ui::ModelsOrder::List).1.len(), 1);
}

#[test]
fn a_run_that_has_diverged_asks_what_to_do_and_goes_on_from_before() {
    let bench = Bench::new();
    bench.start(endless(), []);
    bench.step(5);
    bench.order(TrainingOrder::Checkpoint);
    let saved = bench.news(|news| if let TrainingNews::Checkpointed { step } = news { Some(step) } else { None });
    bench.order(TrainingOrder::Change(Steering { learning_rate: 1e38, ..STEERING }));
    paused(&bench);
    bench.order(TrainingOrder::GoBack);
    let back = bench.news(|news| if let TrainingNews::WentBack { step } = news { Some(step) } else { None });
    assert_eq!(back, saved);
    let steering =
        bench.news(|news| if let TrainingNews::Changed { steering, .. } = news { Some(steering) } else { None });
    assert_eq!(steering, Steering { learning_rate: 5e-4, ..STEERING }, "half of the lower one");
    bench.news(|news| matches!(news, TrainingNews::GoesOn).then_some(()));
    bench.step(saved + 10);
    bench.order(TrainingOrder::Discard);
    bench.end().unwrap();
}

#[test]
fn leaving_saves_the_run_and_it_goes_on_to_the_model_it_would_have_been() {
    let alone = Bench::new();
    // Long enough for the pause to come before its end on any machine.
    let long = || TrainingWish { holdout: 0.0, ..wish(5_000) };
    let (_, weights) = alone.train(long());
    let bench = Bench::new();
    bench.start(long(), []);
    bench.step(40);
    bench.order(TrainingOrder::Pause);
    paused(&bench);
    let bench = bench.again();
    let (rows, cut_off) = bench.unfinished();
    assert!(cut_off && rows[0].done >= 40 && rows[0].steps == 5_000, "{rows:?}");
    bench.order(TrainingOrder::Resume(rows[0].name.clone()));
    let facts = bench.news(|news| if let TrainingNews::Planned(facts) = news { Some(facts) } else { None });
    assert_eq!(facts.done, rows[0].done);
    bench.end().unwrap();
    assert_eq!(bench.weights("tuned 1"), weights, "bit for bit");
    assert_eq!(bench.unfinished(), (vec![], false));
}

#[test]
fn a_run_that_was_cut_off_can_be_ended_where_it_stands_or_forgotten() {
    let mut bench = Bench::new();
    for name in ["one", "two"] {
        bench.order(TrainingOrder::Start(Box::new(TrainingWish {
            name: Some(name.to_owned()),
            holdout: 0.0,
            ..wish(100_000)
        })));
        bench.step(20);
        bench = bench.again();
    }
    bench.order(TrainingOrder::Finish("one".to_owned()));
    let outcome = bench.end().unwrap();
    assert_eq!((outcome.model.as_str(), outcome.saved, outcome.resumable), ("one", true, false));
    let (rows, _) = bench.unfinished();
    assert_eq!(rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["two"]);
    bench.order(TrainingOrder::Forget("two".to_owned()));
    assert_eq!(bench.unfinished(), (vec![], false));
    assert!(bench.refused(TrainingOrder::Forget("two".to_owned())).contains("no training"));
}
