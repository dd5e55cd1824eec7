use super::bench::{Bench, endless, photo, photos, wish};
use crate::ui::{LabelFrom, ParentRow, TrainingNews, TrainingOrder, TrainingWish};

#[test]
fn an_offer_counts_without_starting_anything_and_says_what_is_missing() {
    let bench = Bench::new();
    let offer = |labels: LabelFrom| {
        bench.order(TrainingOrder::Offer(labels));
        bench.news(|news| if let TrainingNews::Offer(offer) = news { Some(offer) } else { None })
    };
    let found = offer(LabelFrom::Folders).unwrap();
    assert_eq!((found.labels, found.name.as_str()), (6, "tuned 1"));
    assert_eq!(found.parents, [ParentRow { name: "base".to_owned(), trained: None }]);
    assert!(found.seconds_through > 0.0);
    assert_eq!(found.photos + found.validation + found.held_out, photos());
    assert!(found.deep && !found.paces.is_empty(), "{found:?}");
    assert!(found.paces.iter().all(|pace| pace.seconds_a_photo > 0.0));
    let file = bench.place().join("labels.csv");
    std::fs::write(&file, "path,label\nnowhere.jpg,a\n").unwrap();
    let why = offer(LabelFrom::File(file.display().to_string())).unwrap_err();
    assert!(why.starts_with("there is nothing to learn from") && why.contains("add lines"), "{why}");
    assert!(bench.folder.training.helm().is_none());
}

#[test]
fn a_run_tells_every_step_once_in_order_and_what_came_of_it() {
    let bench = Bench::new();
    bench.start(wish(60), [TrainingOrder::Pairs(true)]);
    let (mut steps, mut planned, mut validated, mut widest) = (Vec::new(), None, Vec::new(), 0.0_f64);
    let outcome = bench.news(|news| {
        match news {
            TrainingNews::Planned(facts) => planned = Some(facts),
            TrainingNews::Steps { rows, latest } => {
                assert_eq!(latest.step, rows.last().unwrap().step);
                let row = rows.last().unwrap();
                assert_eq!(row.hard + row.semi_hard + row.easy, row.active.of);
                assert_eq!(latest.pairs.len(), 12 * 11 / 2, "the pairs of 4 labels x 3 photos");
                let same = latest.pairs.iter().filter(|pair| pair.same).count() as u32;
                assert_eq!(latest.positive.counts.iter().sum::<u32>(), same);
                let hard = latest.hardest.first().unwrap();
                let pair = |one, other| {
                    latest.pairs.iter().find(|p| [(p.one, p.other), (p.other, p.one)].contains(&(one, other))).unwrap()
                };
                assert_eq!(pair(hard.anchor, hard.positive).distance.to_bits(), hard.to_positive.to_bits());
                assert_eq!(pair(hard.anchor, hard.negative).distance.to_bits(), hard.to_negative.to_bits());
                assert!(pair(hard.anchor, hard.positive).same && !pair(hard.anchor, hard.negative).same);
                steps.extend(rows.iter().map(|row| row.step));
            }
            TrainingNews::Validated { step, map_at_r, map_half_width, .. } => {
                validated.push(step);
                assert!((0.0..0.5).contains(&map_half_width) && map_at_r <= 1.0);
                widest = widest.max(map_half_width);
            }
            TrainingNews::Ended(end) => return Some(end.unwrap()),
            _ => {}
        }
        None
    });
    assert_eq!(steps, (1..=60).collect::<Vec<u64>>());
    assert_eq!(validated, [0, 25, 50, 60]);
    assert!(widest > 0.0);
    let planned = planned.unwrap();
    assert_eq!((planned.name.as_str(), planned.steps, planned.done), ("tuned 1", 60, 0));
    assert_eq!((outcome.model.as_str(), outcome.steps, outcome.resumable), ("tuned 1", 60, false));
    assert!(outcome.saved && outcome.judged.is_some(), "{outcome:?}");
}

#[test]
fn while_photos_are_indexed_a_run_waits_and_can_be_ended() {
    let bench = Bench::new();
    let indexing = bench.folder.training.indexing();
    let waits = || {
        bench.news(|news| match news {
            TrainingNews::Waits => Some(()),
            TrainingNews::Planned(_) => panic!("it is not known which photos there are"),
            _ => None,
        });
    };
    bench.order(TrainingOrder::Start(Box::new(wish(5))));
    waits();
    bench.order(TrainingOrder::Discard);
    assert!(bench.end().unwrap_err().contains("before the first step"));
    bench.order(TrainingOrder::Start(Box::new(wish(5))));
    waits();
    drop(indexing);
    assert_eq!(bench.end().unwrap().steps, 5);
}

#[test]
fn a_run_that_waits_to_go_on_stands_where_it_stood_unless_it_is_discarded() {
    let bench = Bench::new();
    bench.order(TrainingOrder::Start(Box::new(TrainingWish { holdout: 0.0, ..wish(100_000) })));
    bench.step(20);
    let bench = bench.again();
    let (before, _) = bench.unfinished();
    let indexing = bench.folder.training.indexing();
    for (end, said, left) in [
        (TrainingOrder::Stop, "it stands where it stood", before.clone()),
        (TrainingOrder::Discard, "is forgotten", Vec::new()),
    ] {
        bench.order(TrainingOrder::Resume(before[0].name.clone()));
        bench.news(|news| matches!(news, TrainingNews::Waits).then_some(()));
        bench.order(end);
        let why = bench.end().unwrap_err();
        assert!(why.contains(said), "{why}");
        assert_eq!(bench.unfinished().0, left);
    }
    drop(indexing);
}

#[test]
fn one_run_at_a_time() {
    let bench = Bench::new();
    bench.start(endless(), []);
    bench.step(1);
    let why = bench.refused(TrainingOrder::Start(Box::new(wish(5))));
    assert!(why.contains("is running already"), "{why}");
    bench.order(TrainingOrder::Discard);
    assert!(!bench.end().unwrap().saved);
    let why = bench.refused(TrainingOrder::Pause);
    assert_eq!(why, "no training is running");
    let nonsense = TrainingWish { name: Some("base".to_owned()), ..wish(5) };
    bench.order(TrainingOrder::Start(Box::new(nonsense)));
    assert!(bench.end().unwrap_err().contains("base"));
}

#[test]
fn a_photo_whose_label_is_wrong_leaves_the_next_training_until_that_is_undone() {
    let bench = Bench::new();
    let wrong =
        |bench: &Bench| bench.news(|news| if let TrainingNews::WrongLabels(list) = news { Some(list) } else { None });
    let said_wrong = || {
        bench.order(TrainingOrder::Offer(LabelFrom::Folders));
        let offer = bench.news(|news| if let TrainingNews::Offer(offer) = news { Some(offer) } else { None });
        offer.unwrap().said_wrong
    };
    bench.order(TrainingOrder::LabelIsWrong { photo: photo(9), wrong: true });
    assert_eq!(wrong(&bench), [(photo(9), "label 1".to_owned())]);
    assert_eq!(said_wrong(), 1);
    assert!(bench.refused(TrainingOrder::LabelIsWrong { photo: photo(9), wrong: true }).contains("no label"));
    assert_eq!(wrong(&bench).len(), 1, "what is kept is told, also when nothing was changed");
    bench.folder.order_models(crate::ui::ModelsOrder::Undo, &bench.outbox).unwrap();
    assert_eq!((wrong(&bench), said_wrong()), (vec![], 0));
    // Undone and done again from a screen that has nothing to do with training.
    for (again, left) in [(true, 1), (false, 0)] {
        let undone = bench.folder.take_back(again, Some(&bench.outbox)).unwrap();
        assert_eq!((undone.marked, undone.unmarked), (vec![], vec![]));
        assert_eq!((wrong(&bench).len(), said_wrong()), (left, left));
    }
    bench.order(TrainingOrder::LabelIsWrong { photo: photo(9), wrong: true });
    wrong(&bench);
    bench.order(TrainingOrder::LabelIsWrong { photo: photo(9), wrong: false });
    assert_eq!((wrong(&bench), said_wrong()), (vec![], 0));
}
