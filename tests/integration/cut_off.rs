//! A training that was begun on the screen, and its program killed, its terminal closed, or ended from outside: the next
//! start offers it, and it goes on from its last checkpoint as if nothing had happened.

use std::fs;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::program::World;
use crate::screen::Terminal;
use crate::training::{train, world};

const DOWN: &str = "\x1b[B";
const RIGHT: &str = "\x1b[C";
/// Longer than any test lasts.
const ENDLESS: u64 = 100_000;

/// A library whose model in use was trained before.
fn taught() -> World {
    let world = world(6, 8);
    train(&world, &["--depth", "head", "--steps", "5", "--holdout", "0", "--adopt", "always"]);
    world
}

/// Opens the screen on a folder into which a photo has come meanwhile.
fn opened(world: &World, newcomer: u32) -> Terminal {
    world.draw(&format!("label 0/later {newcomer}.png"), newcomer);
    let photos = world.photos();
    Terminal::open(world, 160, 50, &["--images", "none", photos.to_str().unwrap()])
}

/// Begins a training of the head on the screen that keeps no photo back.
fn begin(terminal: &Terminal, steps: u64) {
    terminal.wait_for(&["1 new in"]);
    terminal.press("t");
    terminal.wait_for(&["makes “tuned 2”"]);
    let (depth, length, batch) = ([DOWN, RIGHT].concat(), DOWN.repeat(3), DOWN.repeat(2));
    terminal.press(&format!("{depth}{length}{steps}{batch}4{DOWN}3{DOWN}0\r"));
    terminal.wait_for(&["head · batch-all · margin 0.2", "P 4 · K 3 · from base · makes “tuned 2”"]);
}

/// The steps that the screen says are taken: `step 1,234 / 4,000`.
fn taken(text: &str) -> Option<u64> {
    text.split("step ").skip(1).find_map(|rest| {
        let (number, rest) = rest.split_once(' ')?;
        rest.strip_prefix("/ ").and_then(|_| number.replace(',', "").parse().ok())
    })
}

/// `1,234`
fn grouped(number: u64) -> String {
    match (number / 1000, number % 1000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{thousands},{rest:03}"),
    }
}

/// Waits for a step after number `step`; returns which.
fn steps_past(terminal: &Terminal, step: u64) -> u64 {
    let is_past = |text: &str| taken(text).is_some_and(|taken| taken > step);
    taken(&terminal.wait_until(&format!("a step after {step}"), is_past)).unwrap()
}

/// Which model answers, and what.
fn answer(world: &World) -> Value {
    let photo = world.photos().join("label 1/3.png");
    let found = world.json("query", &[photo.to_str().unwrap(), "-k", "5"]).remove(0);
    json!([found["model"], found["neighbors"]])
}

/// Every model, in the order of their names.
fn names(world: &World) -> Vec<String> {
    let models = world.json("models", &[]);
    let mut names: Vec<_> = models.iter().map(|model| model["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// What must hold when the program is gone: the earlier model is whole and answers as before, and the run, which nobody
/// stopped, can go on. Returns from which step.
fn left_behind(world: &World, before: &Value, steps: u64) -> u64 {
    assert_eq!(names(world), ["base", "tuned 1"], "no half-written model");
    assert_eq!(answer(world), *before);
    assert_eq!(before[0], "tuned 1");
    let unfinished = world.json("train", &["--unfinished"]);
    assert_eq!(unfinished.len(), 1, "{unfinished:?}");
    let run = &unfinished[0];
    assert_eq!((&run["name"], &run["steps"], &run["cut_off"]), (&json!("tuned 2"), &json!(steps), &json!(true)));
    run["done"].as_u64().unwrap()
}

/// Starts the program again, which offers the run, and goes on with it at once: it waits for the new photo by itself.
fn gone_on_with(world: &World, done: u64, steps: u64) -> Terminal {
    let terminal = opened(world, 902);
    let row = format!("“tuned 2”  step {} of {}", grouped(done), grouped(steps));
    terminal.wait_for(&["Trainings that were cut off", "its last checkpoint is whole", &row, "Enter go on"]);
    terminal.press("\r");
    steps_past(&terminal, done);
    terminal
}

fn weights(world: &World, model: &str) -> Vec<u8> {
    let (folder, file) = (world.photos(), world.path(model));
    let arguments = ["models", folder.to_str().unwrap(), "export", model, "-o", file.to_str().unwrap()];
    let output = world.run(&arguments);
    assert!(output.status.success(), "{output:?}");
    let bytes = fs::read(file).unwrap();
    let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    bytes[8 + header..].to_vec()
}

#[test]
fn a_training_whose_program_was_killed_goes_on_to_the_very_model_it_would_have_made() {
    /// Seconds of steps on the fastest machine: nothing is done between them but to look, and to press a key.
    const STEPS: u64 = 20_000;
    let straight = taught();
    straight.draw("label 0/later 901.png", 901);
    straight.index();
    train(&straight, &["--depth", "head", "--steps", &STEPS.to_string(), "--holdout", "0", "--adopt", "always"]);

    let world = taught();
    let terminal = opened(&world, 901);
    begin(&terminal, STEPS);
    steps_past(&terminal, 0);
    terminal.press("p");
    terminal.wait_for(&["‖ paused"]);
    let saved = taken(&terminal.text()).unwrap();
    terminal.press("w");
    terminal.wait_for(&[&format!("▾ checkpoint of step {}", grouped(saved))]);
    let before = answer(&world);
    terminal.press("p");
    let seen = steps_past(&terminal, saved);
    terminal.killed();
    let done = left_behind(&world, &before, STEPS);
    assert!(done >= saved && seen > saved && done < STEPS, "saved at {saved}, killed after {seen}, offered at {done}");

    let mut terminal = gone_on_with(&world, done, STEPS);
    terminal.wait_for(&["“tuned 2” answers now"]);
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
    let left = world.run(&["train", world.photos().to_str().unwrap(), "--unfinished"]);
    assert_eq!((left.status.code(), left.stdout.len()), (Some(1), 0), "nothing is left to go on with");
    assert!(weights(&world, "tuned 2") == weights(&straight, "tuned 2"), "bit for bit");
}

/// Ends a program that trains, so that it can save what it has, and goes on with that.
fn end_and_go_on(end: impl FnOnce(Terminal)) {
    let world = taught();
    let terminal = opened(&world, 901);
    begin(&terminal, ENDLESS);
    let before = answer(&world);
    let seen = steps_past(&terminal, 30);
    end(terminal);
    let done = left_behind(&world, &before, ENDLESS);
    assert!(done >= seen, "left after {seen} steps, and {done} are kept");

    let mut terminal = gone_on_with(&world, done, ENDLESS);
    terminal.press("S");
    terminal.wait_for(&["it was stopped after", "“tuned 2” answers now"]);
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
    assert_eq!(names(&world), ["base", "tuned 1", "tuned 2"]);
    assert_eq!(answer(&world)[0], "tuned 2");
    let stopped = world.json("train", &["--unfinished"]).remove(0);
    assert!(stopped["done"].as_u64() > Some(done) && stopped["cut_off"] == false, "{stopped}");
}

#[test]
fn a_training_whose_terminal_was_closed_goes_on_where_it_was() {
    end_and_go_on(Terminal::close);
}

#[test]
fn a_training_whose_program_was_told_to_end_goes_on_where_it_was() {
    end_and_go_on(|mut terminal| {
        terminal.signal(Signal::TERM);
        assert_eq!(terminal.ended(), 128 + 15);
    });
}
