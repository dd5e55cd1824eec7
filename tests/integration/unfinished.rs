//! Trainings that are killed or stopped: nothing is lost, and they go on as if nothing had happened.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::program::World;
use crate::training::{SMALL, refusal, train, world};

/// The lines that a run prints as it goes.
fn lines_of(child: &mut Child) -> impl Iterator<Item = Value> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap())
}

#[test]
fn a_run_that_was_killed_goes_on_to_the_very_model_it_would_have_made() {
    let arguments =
        ["--depth", "head", "--steps", "400", "--dim", "64", "--adopt", "never", "--checkpoint-seconds", "0"];
    let straight = world(6, 8);
    let expected = train(&straight, &arguments);
    let killed = world(6, 8);
    let photos = killed.photos();
    let mut command = vec!["train", photos.to_str().unwrap()];
    command.extend_from_slice(&SMALL);
    command.extend_from_slice(&arguments);
    command.push("--json");
    let mut child = killed.command(&command).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let far = |line: &Value| line["event"] == "checkpoint" && line["step"].as_u64() >= Some(50);
    // Held until it is dead: a pipe that is closed would be a reason to end in order.
    let mut lines = lines_of(&mut child);
    assert!(lines.any(|line| far(&line)), "it ended before it could be killed");
    child.kill().unwrap();
    child.wait().unwrap();
    drop(lines);
    assert!(killed.json("models", &[]).iter().all(|model| model["name"] == "base"), "no half-written model");
    let resumed = killed.json("train", &["--resume"]);
    let first = resumed.iter().find(|line| line["event"] == "start").unwrap()["step"].as_u64().unwrap();
    assert!((50..400).contains(&first), "resumed at {first}");
    let of_both = |key: &str| (expected.last().unwrap()[key].clone(), resumed.last().unwrap()[key].clone());
    for key in ["model", "best_step", "mix", "validation", "after"] {
        let (straight, resumed) = of_both(key);
        assert_eq!(straight, resumed, "{key}");
    }
    let weights = |world: &World| {
        let (folder, file) = (world.photos(), world.path("m.safetensors"));
        let output =
            world.run(&["models", folder.to_str().unwrap(), "export", "tuned 1", "-o", file.to_str().unwrap()]);
        assert!(output.status.success(), "{output:?}");
        let bytes = fs::read(file).unwrap();
        let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        bytes[8 + header..].to_vec()
    };
    assert!(weights(&straight) == weights(&killed), "bit for bit");
    assert!(
        refusal(&killed, &["train", killed.photos().to_str().unwrap(), "--resume"]).contains("no training to resume")
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_finishes_the_step_keeps_the_best_and_can_be_resumed() {
    let world = world(6, 8);
    let photos = world.photos();
    let mut arguments = vec!["train", photos.to_str().unwrap(), "--depth", "head", "--steps", "100000", "--json"];
    arguments.extend(["--split", "none"]);
    arguments.extend_from_slice(&SMALL);
    let mut child = world.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let number = rustix::process::Pid::from_raw(child.id().cast_signed()).unwrap();
    let mut lines = lines_of(&mut child);
    lines.find(|line| line["event"] == "step" && line["step"] == 30).unwrap();
    rustix::process::kill_process(number, rustix::process::Signal::INT).unwrap();
    let last = lines.last().unwrap();
    assert_eq!((&last["event"], &last["reason"]), (&json!("done"), &json!("stopped")));
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let stopped_at = last["steps"].as_u64().unwrap();
    assert!(world.json("models", &[]).iter().any(|model| model["name"] == last["model"]));
    let mut resumed = world.command(&["train", photos.to_str().unwrap(), "--resume", "--json"]);
    let mut child = resumed.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let start = lines_of(&mut child).find(|line| line["event"] == "start").unwrap();
    assert_eq!(start["step"].as_u64(), Some(stopped_at));
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Trains in the folder until the first checkpoint after step 30, and is killed there.
fn kill_a_training(world: &World, rest: &[&str]) {
    let photos = world.photos();
    let mut arguments = vec!["train", photos.to_str().unwrap(), "--depth", "head", "--steps", "100000", "--json"];
    arguments.extend_from_slice(&SMALL);
    arguments.extend(["--checkpoint-seconds", "0", "--adopt", "never"]);
    arguments.extend_from_slice(rest);
    let mut child = world.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let far = |line: &Value| line["event"] == "checkpoint" && line["step"].as_u64() >= Some(30);
    // Held until it is dead: a pipe that is closed would be a reason to end in order.
    let mut lines = lines_of(&mut child);
    assert!(lines.any(|line| far(&line)), "it ended before it could be killed");
    child.kill().unwrap();
    child.wait().unwrap();
    drop(lines);
}

#[test]
fn each_of_several_trainings_can_go_on_or_be_ended_where_it_stands() {
    let world = world(4, 6);
    let folder = world.photos();
    let folder = folder.to_str().unwrap();
    kill_a_training(&world, &["--name", "one", "--split", "none"]);
    kill_a_training(&world, &["--name", "two", "--split", "none", "--from", "raw"]);
    let names = |world: &World| {
        world.json("train", &["--unfinished"]).iter().map(|run| run["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&world), ["two", "one"]);
    let said = refusal(&world, &["train", folder, "--resume=three"]);
    assert!(said.contains("no training of `three`") && said.contains("two, one"), "{said}");
    assert!(refusal(&world, &["train", folder, "--resume", "--seed", "9"]).contains("--seed"));
    // What cannot go on exactly is said, and keeps neither the other from going on nor what was learned.
    fs::remove_file(world.photos().join("label 0/0.png")).unwrap();
    world.index();
    let ended = world.json("train", &["--finish=one"]).pop().unwrap();
    assert_eq!((&ended["model"], &ended["mix"], &ended["resumable"]), (&json!("one"), &json!("last"), &json!(false)));
    assert_eq!(names(&world), ["two"]);
    assert!(world.json("models", &[]).iter().any(|model| model["name"] == "one"));
    assert_eq!(world.json("train", &["--finish"]).pop().unwrap()["model"], "two");
    assert_eq!(world.run(&["train", folder, "--unfinished"]).status.code(), Some(1));
}
