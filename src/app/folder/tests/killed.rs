use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::bench::{Bench, wish};
use crate::ui::{TrainingNews, TrainingOrder, TrainingWish};

/// Long enough to be killed, with nothing that ends it early.
fn long() -> TrainingWish {
    TrainingWish { holdout: 0.0, ..wish(1_500) }
}

const PLACE: &str = "TRIPLETUI_TEST_TRAINING";

#[test]
#[ignore = "the child process of `a_kill_costs_the_steps_since_the_last_checkpoint`, which starts and kills it"]
fn trains_until_it_is_killed() {
    let Some(place) = std::env::var_os(PLACE) else { return };
    let bench = Bench::opened(place.into());
    bench.order(TrainingOrder::Start(Box::new(long())));
    bench.step(30);
    bench.order(TrainingOrder::Checkpoint);
    bench.news(|news| if let TrainingNews::Checkpointed { step } = news { Some(step) } else { None });
    println!("saved");
    bench.end().unwrap();
    println!("it was not killed");
}

#[test]
fn a_kill_costs_the_steps_since_the_last_checkpoint() {
    let alone = Bench::new();
    let (_, weights) = alone.train(long());
    let killed = Bench::new();
    let place = killed.closed();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "app::folder::tests::killed::trains_until_it_is_killed", "--ignored", "--nocapture"])
        .env(PLACE, place.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    lines.find(|line| line.ends_with("saved")).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let bench = Bench::opened(place.path().to_owned());
    let (rows, cut_off) = bench.unfinished();
    assert!(cut_off && (30..1_500).contains(&rows[0].done), "{rows:?}");
    assert_eq!(bench.models(crate::ui::ModelsOrder::List).1.len(), 1, "no half-written model");
    bench.order(TrainingOrder::Resume(rows[0].name.clone()));
    bench.end().unwrap();
    assert_eq!(bench.weights("tuned 1"), weights, "bit for bit");
}
