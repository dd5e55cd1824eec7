use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::bench::{Bench, wish};
use crate::ui::{Message, TrainingNews, TrainingOrder, TrainingWish};

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

/// Lets no checkpoint be written from now on, as a full disk would.
fn fill_the_disk(bench: &Bench) {
    let libraries = std::fs::read_dir(bench.place().join("data/libraries")).unwrap();
    let library = libraries.map(|entry| entry.unwrap().path().join("library.db")).find(|path| path.is_file()).unwrap();
    let full = "CREATE TRIGGER full BEFORE INSERT ON checkpoints BEGIN SELECT RAISE(ABORT, 'disk is full'); END";
    rusqlite::Connection::open(library).unwrap().execute_batch(full).unwrap();
}

#[test]
fn a_full_disk_is_told_and_neither_ends_the_run_nor_costs_the_model() {
    let bench = Bench::new();
    bench.order(TrainingOrder::Start(Box::new(wish(200))));
    bench.order(TrainingOrder::Pause);
    bench.news(|news| matches!(news, TrainingNews::Paused { .. }).then_some(()));
    fill_the_disk(&bench);
    bench.order(TrainingOrder::Checkpoint);
    let why = bench.wait(|message| if let Message::Failed(why) = message { Some(why) } else { None });
    assert!(why.contains("cannot be saved") && why.ends_with("the training goes on"), "{why}");
    bench.order(TrainingOrder::GoOn);
    let outcome = bench.end().unwrap();
    assert!(outcome.saved && outcome.warning.is_some_and(|warning| warning.contains("could not be saved")));
    assert_eq!(bench.unfinished(), (vec![], false));
}
