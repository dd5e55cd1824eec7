use std::io::{BufRead, BufReader};
use std::process::{Command as Process, Stdio};

use super::bench::{Bench, endless, wish};
use crate::app::folder::training::{request, share_of_threads};
use crate::train::{Command, TrainEvent};
use crate::ui::{Message, TrainingNews, TrainingOrder, TrainingWish};
use crate::work::{Cancel, Helm, TrainingEvent, train_model};

/// With nothing that ends it early.
fn long() -> TrainingWish {
    TrainingWish { holdout: 0.0, ..wish(200) }
}

const PLACE: &str = "TRIPLETUI_TEST_TRAINING";

#[test]
#[ignore = "the child process of `a_kill_costs_the_steps_since_the_last_checkpoint`, which starts and kills it"]
fn trains_until_it_is_killed() {
    let Some(place) = std::env::var_os(PLACE) else { return };
    let bench = Bench::opened(place.into());
    let library = bench.folder.open().unwrap().with_threads(share_of_threads());
    // The loop itself waits to be killed: no machine is too fast or too slow for that.
    let mut hear = |event: TrainingEvent| match event {
        TrainingEvent::Loop(TrainEvent::Step(report)) if report.step == 40 => Command::Snapshot,
        TrainingEvent::Loop(TrainEvent::Step(report)) if report.step == 60 => {
            println!("saved");
            loop {
                std::thread::park();
            }
        }
        _ => Command::Continue,
    };
    train_model(&library, &request(&long()), &Helm::of(&Cancel::default()), &mut hear).unwrap();
}

#[test]
fn a_kill_costs_the_steps_since_the_last_checkpoint() {
    let alone = Bench::new();
    let (_, weights) = alone.train(long());
    let killed = Bench::new();
    let place = killed.closed();
    let mut child = Process::new(std::env::current_exe().unwrap())
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
    assert!(cut_off && rows[0].done == 40, "{rows:?}");
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
    bench.start(wish(200), [TrainingOrder::Pause]);
    bench.news(|news| matches!(news, TrainingNews::Paused { .. }).then_some(()));
    fill_the_disk(&bench);
    bench.order(TrainingOrder::Checkpoint);
    let why = bench.wait(|message| if let Message::Failed(why) = message { Some(why) } else { None });
    assert!(why.contains("cannot be saved") && why.ends_with("the training goes on"), "{why}");
    bench.order(TrainingOrder::GoOn);
    let outcome = bench.end_with_failures().unwrap();
    assert!(outcome.saved && outcome.warning.is_some_and(|warning| warning.contains("could not be saved")));
    assert_eq!(bench.unfinished(), (vec![], false));
}

/// Everything that a person is told of a full disk: what could not be written, and what to do.
fn is_said(why: &str) {
    for words in
        ["the disk is full", "library.db could not be written", "What was saved before is safe", "free some space"]
    {
        assert!(why.contains(words), "{why}");
    }
}

#[test]
fn a_full_disk_costs_the_steps_since_the_last_checkpoint() {
    // There is time for a pause before its end on any machine.
    let longer = || TrainingWish { holdout: 0.0, ..wish(5_000) };
    let alone = Bench::new();
    let (_, weights) = alone.train(longer());
    let bench = Bench::new();
    let full = |full| bench.folder.open().unwrap().store().fill_the_disk(full);
    bench.start(longer(), []);
    // In the place of the checkpoint before the first step another one would fit.
    bench.step(5);
    bench.order(TrainingOrder::Pause);
    bench.news(|news| matches!(news, TrainingNews::Paused { .. }).then_some(()));
    full(true);
    bench.order(TrainingOrder::Checkpoint);
    is_said(&bench.wait(|message| if let Message::Failed(why) = message { Some(why) } else { None }));
    full(false);
    bench.order(TrainingOrder::Checkpoint);
    let saved = bench.news(|news| if let TrainingNews::Checkpointed { step } = news { Some(step) } else { None });
    full(true);
    bench.order(TrainingOrder::GoOn);
    // Neither the model nor anything else fits.
    is_said(&bench.end_with_failures().unwrap_err());
    let (rows, cut_off) = bench.unfinished();
    assert!(cut_off && rows.len() == 1 && rows[0].done == saved, "{rows:?}");
    assert_eq!(bench.models(crate::ui::ModelsOrder::List).1.len(), 1, "no half-written model");
    full(false);
    bench.order(TrainingOrder::Resume(rows[0].name.clone()));
    bench.end().unwrap();
    assert_eq!(bench.weights("tuned 1"), weights, "bit for bit");
    assert_eq!(bench.unfinished(), (vec![], false));
}

#[test]
fn leaving_with_a_full_disk_keeps_the_last_checkpoint() {
    let bench = Bench::new();
    bench.start(endless(), [TrainingOrder::Checkpoint]);
    let saved = bench.news(|news| if let TrainingNews::Checkpointed { step } = news { Some(step) } else { None });
    bench.step(saved + 1);
    bench.order(TrainingOrder::Pause);
    let left_at = bench.news(|news| if let TrainingNews::Paused { step } = news { Some(step) } else { None });
    bench.folder.open().unwrap().store().fill_the_disk(true);
    let bench = bench.again();
    let (rows, cut_off) = bench.unfinished();
    // A slow machine may have saved one more on the way.
    assert!(cut_off && rows.len() == 1 && (saved..left_at).contains(&rows[0].done), "{rows:?}");
}
