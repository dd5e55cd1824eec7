//! Every state of the guard, reached by a run that is really made, and what its sentence offers.

use std::collections::HashSet;

use super::bench::{Bench, Made, photo, wish};
use crate::triplet::{GuardState, Margin, Mining};
use crate::ui::{Steering, TrainingNews, TrainingOrder, TrainingWish};

/// Steps until a state that has not come by then will not come.
const ENOUGH: u64 = 20_000;

/// The states of a run in their order, each with the step it began at.
type States = Vec<(u64, GuardState)>;

/// Listens until a step ends in the state `wanted`.
fn until(bench: &Bench, wanted: GuardState) -> States {
    let mut states = States::new();
    bench.news(|news| {
        let rows = match news {
            TrainingNews::Steps { rows, .. } => rows,
            TrainingNews::Ended(end) => panic!("{end:?} after {states:?}"),
            _ => return None,
        };
        for row in rows {
            if states.last().is_none_or(|(_, state)| *state != row.state) {
                states.push((row.step, row.state));
            }
            assert!(row.step < ENOUGH || row.state == wanted, "{wanted:?} never came: {states:?}");
        }
        states.iter().any(|(_, state)| *state == wanted).then_some(())
    });
    states
}

fn paused(bench: &Bench) -> u64 {
    bench.news(|news| if let TrainingNews::Paused { step } = news { Some(step) } else { None })
}

/// Nothing ends it early, and no photo is kept from it.
fn start(bench: &Bench, wish: TrainingWish) {
    bench.order(TrainingOrder::Start(Box::new(TrainingWish { holdout: 0.0, ..wish })));
}

fn steering() -> Steering {
    let wish = wish(1);
    Steering {
        learning_rate: wish.learning_rate.unwrap(),
        margin: wish.margin,
        mining: wish.mining,
        labels_per_batch: wish.labels_per_batch,
        photos_per_label: wish.photos_per_label,
    }
}

#[test]
fn a_run_that_hardly_moves_is_untrained_until_the_rate_is_raised() {
    let bench = Bench::of(Made { apart: 2.0, around: 1.0, noise: 900, ..Made::USUAL });
    start(&bench, TrainingWish { learning_rate: Some(1e-9), ..wish(100_000) });
    let states = until(&bench, GuardState::Untrained);
    assert_eq!(states[0].1, GuardState::Untrained, "{states:?}");
    bench.order(TrainingOrder::Change(Steering { learning_rate: 1e-3, ..steering() }));
    until(&bench, GuardState::Learning);
    bench.order(TrainingOrder::Discard);
    bench.end().unwrap();
}

/// Labels that nothing tells apart, of far more photos than could be learned by heart.
const ALIKE: Made = Made { labels: 12, each: 20, apart: 0.0, telling: 12, noise: 0, ..Made::USUAL };

#[test]
fn a_run_that_collapses_asks_goes_back_and_learns_by_other_triplets() {
    let bench = Bench::of(ALIKE);
    // It waits until both orders are given: however fast it collapses, the checkpoint comes first.
    let indexing = bench.folder.training.indexing();
    start(&bench, TrainingWish { mining: Mining::BatchHard, learning_rate: Some(0.03), ..wish(100_000) });
    bench.order(TrainingOrder::Checkpoint);
    drop(indexing);
    let saved = bench.news(|news| if let TrainingNews::Checkpointed { step } = news { Some(step) } else { None });
    let states = until(&bench, GuardState::Collapsed);
    assert!(states[0].1 != GuardState::Collapsed, "{states:?}");
    let collapsed = paused(&bench);
    assert!(collapsed > saved);
    // b, and then s, with no step in between that could end in the same place.
    bench.order(TrainingOrder::GoBack);
    bench.order(TrainingOrder::Pause);
    let back = bench.news(|news| if let TrainingNews::WentBack { step } = news { Some(step) } else { None });
    let now = |bench: &Bench| {
        bench.news(|news| if let TrainingNews::Changed { steering, .. } = news { Some(steering) } else { None })
    };
    let halved = now(&bench);
    assert_eq!((back, halved.learning_rate), (saved, 0.015));
    bench.order(TrainingOrder::Change(Steering { mining: Mining::SemiHard, ..halved }));
    assert_eq!(now(&bench).mining, Mining::SemiHard);
    bench.order(TrainingOrder::GoOn);
    bench.step(back + 1);
    bench.order(TrainingOrder::Stop);
    assert!(bench.end().unwrap().resumable);
}

#[test]
fn a_run_whose_labels_are_told_apart_learns_and_is_done_until_more_is_asked() {
    let bench = Bench::of(Made { apart: 1.6, ..Made::USUAL });
    start(&bench, wish(100_000));
    let states = until(&bench, GuardState::Done);
    assert!(states.iter().any(|(_, state)| *state == GuardState::Learning), "{states:?}");
    bench.order(TrainingOrder::Change(Steering { margin: Margin::Hinge(1.2), ..steering() }));
    until(&bench, GuardState::Learning);
    bench.order(TrainingOrder::Stop);
    assert!(bench.end().unwrap().saved);
}

/// Well separated, and a third of the photos in the folder of another label.
const MIXED_UP: Made =
    Made { labels: 8, each: 30, apart: 4.0, around: 0.5, telling: 16, noise: 0, one_wrong_in: Some(3) };

#[test]
fn wrong_labels_are_noticed_and_the_photos_named_are_those() {
    let bench = Bench::of(MIXED_UP);
    let many = TrainingWish { labels_per_batch: 8, photos_per_label: 4, ..wish(100_000) };
    start(&bench, TrainingWish { learning_rate: Some(1e-4), ..many });
    let suspects = bench.news(|news| match news {
        TrainingNews::Steps { rows, latest } => {
            assert!(rows.iter().all(|row| row.step < ENOUGH), "label noise never came");
            rows.last().filter(|row| row.state == GuardState::LabelNoise).map(|_| latest.suspects)
        }
        TrainingNews::Ended(end) => panic!("{end:?}"),
        _ => None,
    });
    bench.order(TrainingOrder::Pause);
    paused(&bench);
    let wrong: HashSet<_> = (0..MIXED_UP.photos()).filter(|number| MIXED_UP.is_wrong(*number)).map(photo).collect();
    let right = suspects.iter().filter(|(photo, _)| wrong.contains(photo)).count();
    assert!(suspects.len() >= 12 && right * 10 >= suspects.len() * 9, "{right} of {} are wrong", suspects.len());
    assert!(suspects.iter().all(|(_, share)| *share > 0.5), "{suspects:?}");
    // x on every photo whose label is wrong: what is left agrees.
    for photo in wrong {
        bench.order(TrainingOrder::LabelIsWrong { photo, wrong: true });
    }
    bench.order(TrainingOrder::GoOn);
    until(&bench, GuardState::Done);
    bench.order(TrainingOrder::Discard);
    bench.end().unwrap();
}
