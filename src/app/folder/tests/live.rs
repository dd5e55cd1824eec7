use super::bench::{Bench, endless, photo, photos, wish};
use crate::ui::{LiveNeighbors, TrainingNews, TrainingOrder, TrainingWish};
use crate::work::{ModelChoice, Searcher};

#[test]
fn watched_neighbours_are_those_of_the_weights_in_training_and_change_nothing() {
    // Without validation photos the last weights are the model.
    let wish = || TrainingWish { holdout: 0.0, ..wish(50) };
    let (alone, watched) = (Bench::new(), Bench::new());
    let (_, weights) = alone.train(wish());
    watched.order(TrainingOrder::Watch(Some(photo(3))));
    watched.start(wish(), [TrainingOrder::Pause]);
    watched.news(|news| matches!(news, TrainingNews::Paused { .. }).then_some(()));
    let early = live(&watched);
    watched.order(TrainingOrder::GoOn);
    let (mut last, mut answers) = (None, 0);
    watched.news(|news| match news {
        TrainingNews::Live(live) => {
            (last, answers) = (Some(live), answers + 1);
            None
        }
        TrainingNews::Ended(end) => Some(end.unwrap()),
        _ => None,
    });
    assert_eq!(watched.weights("tuned 1"), weights, "bit for bit");
    let last = last.unwrap();
    assert_eq!((last.query, last.step, last.among), (photo(3), 50, photos() - 1));
    assert!(early.step < 50 && answers >= 1 && early.before == last.before);
    let viewer = watched.folder.open().unwrap().viewer().unwrap();
    let answer = |model: &str| {
        let searcher = Searcher::open(&viewer, &ModelChoice::named(model)).unwrap();
        searcher.nearest_to_photo(photo(3), photos()).unwrap().unwrap().answer.neighbors
    };
    for (found, expected) in [(&last.neighbors, answer("tuned 1")), (&last.before, answer("base"))] {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found.photo, expected.photo);
            assert!((found.distance - expected.distance).abs() < 1e-4, "{found:?} {expected:?}");
        }
    }
}

fn live(bench: &Bench) -> LiveNeighbors {
    bench.news(|news| if let TrainingNews::Live(live) = news { Some(live) } else { None })
}

#[test]
fn another_query_is_answered_even_while_the_training_is_paused() {
    let bench = Bench::new();
    bench.start(endless(), []);
    bench.step(3);
    bench.order(TrainingOrder::Pause);
    let at = bench.news(|news| if let TrainingNews::Paused { step } = news { Some(step) } else { None });
    for number in [5, 11] {
        bench.order(TrainingOrder::Watch(Some(photo(number))));
        let live = live(&bench);
        assert_eq!((live.query, live.step), (photo(number), at));
    }
    bench.order(TrainingOrder::Watch(None));
    bench.order(TrainingOrder::Discard);
    bench.end().unwrap();
}
