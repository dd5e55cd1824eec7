//! A training on real photos in the real program, in a pseudo-terminal: steered, looked into, stopped, compared, undone;
//! and how long a key takes to its frame meanwhile. Ignored unless asked for: `TRIPLETUI_PHOTOS` names the photos.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use crate::program::World;
use crate::real_photos;
use crate::screen::Terminal;

/// Labels learned from: the first ones, much like each other.
const LABELS: usize = 12;
const DOWN: &str = "\x1b[B";
const RIGHT: &str = "\x1b[C";
const TAB: &str = "\t";
const TAB_BACK: &str = "\x1b[Z";

/// Copies the photos of the first labels; returns how many there are.
fn groceries(world: &World) -> usize {
    let from = real_photos::photos("groceries/train");
    let mut labels: Vec<_> = fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()).collect();
    labels.sort();
    let mut photos = 0;
    for label in &labels[..LABELS] {
        let to = world.photos().join(label.file_name().unwrap());
        fs::create_dir(&to).unwrap();
        for photo in fs::read_dir(label).unwrap().map(|entry| entry.unwrap().path()) {
            fs::copy(&photo, to.join(photo.file_name().unwrap())).unwrap();
            photos += 1;
        }
    }
    photos
}

/// One layer out: Escape must not be taken for the beginning of a longer key.
fn out(terminal: &Terminal, words: &[&str]) {
    terminal.press("\x1b");
    terminal.wait_for(words);
    thread::sleep(Duration::from_secs(1));
}

/// How long each key takes until the screen shows what comes of it, sorted, in milliseconds.
fn time(terminal: &Terminal, keys: impl Iterator<Item = (&'static str, String)>) -> Vec<f64> {
    let mut took = Vec::new();
    for (key, words) in keys {
        let pressed = Instant::now();
        terminal.press(key);
        while !terminal.text().contains(&words) {
            assert!(pressed.elapsed() < Duration::from_secs(60), "{words} never came on\n{}", terminal.text());
            thread::sleep(Duration::from_micros(200));
        }
        took.push(pressed.elapsed().as_secs_f64() * 1e3);
        thread::sleep(Duration::from_millis(20));
    }
    took.sort_by(f64::total_cmp);
    took
}

#[expect(clippy::print_stdout, reason = "the figures are what it is for")]
fn tell(what: &str, took: &[f64]) {
    let at = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)];
    println!("{what}: {:.1} ms half of the time, {:.1} ms 99 %, of {} keys", at(50), at(99), took.len());
}

/// Walks over the photos of the library, there and back.
fn walk(terminal: &Terminal, photos: usize) -> Vec<f64> {
    let there = (2..=40).map(|place| ("l", place));
    let back = (1..40).rev().map(|place| ("h", place));
    time(terminal, there.chain(back).map(|(key, place)| (key, format!(" {place} / {photos}"))))
}

/// Goes through the first panes of the training, there and back.
fn panes(terminal: &Terminal) -> Vec<f64> {
    let round = [(TAB, "active triplets"), (TAB, "distances"), (TAB_BACK, "active triplets"), (TAB_BACK, "loss")];
    time(terminal, (0..15).flat_map(|_| round).map(|(key, pane)| (key, format!("▸ {pane}"))))
}

#[test]
#[ignore = "needs the folder of real photos: TRIPLETUI_PHOTOS"]
fn a_training_is_steered_looked_into_stopped_compared_and_undone() {
    let world = World::new();
    let photos = groceries(&world);
    let mut terminal = Terminal::open(&world, 160, 50, &["--images", "halfblocks", world.photos().to_str().unwrap()]);
    terminal.wait_for(&[&format!("{photos} photos · by name"), "new in"]);
    let at_rest = walk(&terminal, photos);

    terminal.press("t");
    terminal.wait_for(&["12 labels, ", "choose the checkpoint (validation)", "makes “tuned 1”"]);
    terminal.press(&[DOWN, RIGHT, RIGHT].concat());
    terminal.wait_until("what a tail costs", |text| {
        let times = ["about ", "its time shows after the first steps"];
        times.iter().any(|time| text.contains(&format!("tail, batch-all, margin 0.2; {time}")))
    });
    // Long enough not to be over before it is stopped.
    terminal.press(&format!("{}2000{DOWN}{DOWN}6{DOWN}4\r", DOWN.repeat(3)));
    terminal.wait_for(&["tail · batch-all · margin 0.2 · rate 2e-4 · P 6 · K 4 · from base · makes “tuned 1”"]);
    terminal.wait_for(&["/ 2,000", " % of 1,440", "positives ", "Recall@1 ", "as before", "photos/s"]);

    terminal.press("p");
    terminal.wait_for(&["‖ paused", "training paused at step"]);
    terminal.press("e");
    terminal.wait_for(&["Settings of a training", "Enter take these"]);
    terminal.press(&format!("{DOWN}0.5\r"));
    terminal.wait_for(&["▾ margin 0.2 -> 0.5", "margin 0.5 · rate", "‖ paused"]);
    terminal.press(&format!("{TAB}\r"));
    terminal.wait_for(&["the hardest triplets of the batch of step", "compared", " same label", " other label"]);
    terminal.press("x");
    terminal.wait_for(&["✗ label is wrong", "this label is said to be wrong: the photo leaves training"]);
    terminal.press("X");
    terminal.wait_for(&["labels that were said to be wrong; their photos are not trained on", "not “A"]);
    out(&terminal, &["▾ 1 photo leaves training", "‖ paused"]);

    terminal.press(&format!("p{TAB_BACK}"));
    terminal.wait_until("a running training", |text| !text.contains("paused") && text.contains("▸ loss"));
    let looking = panes(&terminal);
    out(&terminal, &["by name", "training: step"]);
    let walking = walk(&terminal, photos);
    terminal.press("t");
    terminal.wait_until("something better than before", |text| {
        text.split("best at step ").nth(1).is_some_and(|rest| !rest.starts_with("0 "))
    });
    terminal.press("S");
    terminal.wait_for(&[
        "it was stopped after",
        "best at step",
        "“tuned 1” answers now; u brings the earlier model back",
    ]);
    terminal.wait_for(&["(held out, "]);

    terminal.press("m");
    terminal.wait_for(&["2 models", "● tuned 1", "“tuned 1” answers", "without 1 photo whose label is wrong"]);
    terminal.press("c");
    terminal.wait_for(&["“tuned 1” with which?", "c again: with “base”"]);
    terminal.press("c");
    terminal.wait_for(&[": base and tuned 1", "of the first 10 in common"]);
    out(&terminal, &["2 models"]);
    out(&terminal, &["it was stopped after"]);
    terminal.press("u");
    terminal.wait_for(&["undone: another model in use; “base” answers now", "“tuned 1” is saved; m lists the models"]);
    terminal.press("U");
    terminal.wait_for(&["done again: another model in use; “tuned 1” answers now"]);
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);

    tell("a key to its frame in the library at rest", &at_rest);
    tell("a key to its frame in the library while it trains", &walking);
    tell("a key to its frame on the training screen", &looking);
}
