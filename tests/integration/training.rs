//! `tripletui train`, `eval` and `models`: what they print, what they keep, what they refuse, and what a kill costs.

use std::fs;

use image::{Rgb, RgbImage};
use serde_json::{Value, json};

use crate::program::{World, contents};

/// A picture whose label shows in its stripes and whose colours are its own: a network tells labels apart, not at once.
fn striped(label: u32, photo: u32) -> RgbImage {
    let own = |shift: u32| ((label * 977 + photo * 131).wrapping_mul(2_654_435_761) >> shift) as u8 / 2;
    RgbImage::from_fn(96, 80, |x, y| {
        let phase = x * (label % 4 + 1) + y * (label / 4 * 3 + 1) + photo * 5;
        let noise = ((x * 7 + y * 13 + photo * 29).wrapping_mul(2_654_435_761) >> 27) as u8;
        let bright = if phase % 24 < 12 { 110 } else { 10 };
        Rgb([bright + noise + own(3) / 2, bright + noise + own(11) / 2, noise + own(19)])
    })
}

/// An indexed folder of `labels` labels with `each` photos.
pub(crate) fn world(labels: u32, each: u32) -> World {
    let world = World::new();
    for (label, photo) in (0..labels).flat_map(|label| (0..each).map(move |photo| (label, photo))) {
        let path = world.photos().join(format!("label {label}/{photo}.png"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        striped(label, photo).save(path).unwrap();
    }
    world.index();
    world
}

pub(crate) const SMALL: [&str; 4] = ["--labels-per-batch", "4", "--photos-per-label", "3"];

pub(crate) fn train(world: &World, rest: &[&str]) -> Vec<Value> {
    let mut arguments = SMALL.to_vec();
    arguments.extend_from_slice(rest);
    world.json("train", &arguments)
}

/// The sentence a command fails with.
pub(crate) fn refusal(world: &World, arguments: &[&str]) -> String {
    let output = world.run(arguments);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// What the steps of a run were, without how long they took.
fn curve(lines: &[Value]) -> Vec<Value> {
    let steps = lines.iter().filter(|line| ["step", "eval"].contains(&line["event"].as_str().unwrap()));
    let without_time = |line: &Value| {
        let mut line = line.clone();
        line.as_object_mut().unwrap().remove("photos_per_second");
        line
    };
    steps.map(without_time).collect()
}

#[test]
fn a_head_is_trained_judged_saved_and_in_use() {
    let world = world(8, 12);
    let before = contents(&world.photos());
    let lines = train(&world, &["--depth", "head", "--steps", "60", "--lr", "0.001", "--holdout", "0.4"]);
    let names: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!((&names[..4], names.last().copied()), (&["plan", "start", "checkpoint", "eval"][..], Some("done")));
    assert_eq!(names.iter().filter(|name| **name == "step").count(), 60);
    let step = lines.iter().find(|line| line["event"] == "step").unwrap();
    let shares = ["hard", "semi_hard", "easy"].map(|share| step[share].as_f64().unwrap());
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{step}");
    assert_eq!(step["valid"], 4 * 3 * 2 * 3 * 3, "P * K * (K - 1) * (P - 1) * K");
    for key in ["loss", "active_fraction", "violating_fraction", "gradient_norm", "learning_rate", "photos_per_second"]
    {
        assert!(step[key].is_f64(), "{key}: {step}");
    }
    assert!(step["spread"]["p95"].is_f64() && step["positive"]["histogram"]["counts"].is_array());
    let done = lines.last().unwrap();
    assert_eq!((&done["model"], &done["depth"], &done["steps"]), (&json!("tuned 1"), &json!("head"), &json!(60)));
    let count = |counted: &Value| counted.as_u64().unwrap();
    let (queries, lone) = (count(&done["before"]["queries"]), count(&done["before"]["lone"]));
    assert_eq!(queries + lone, count(&lines[0]["photos"]["held_out"]), "{done}");
    assert!(queries > 1 && done["seconds"].is_f64(), "{done}");
    assert!(["better", "no clear change", "worse"].contains(&done["verdict"].as_str().unwrap()), "{done}");
    let models = world.json("models", &[]);
    let tuned = models.iter().find(|model| model["name"] == "tuned 1").unwrap();
    assert_eq!(tuned["current"], done["in_use"]);
    assert_eq!(tuned["after"], done["after"]);
    assert_eq!(contents(&world.photos()), before, "nothing in the photo folder is touched");
}

#[test]
fn evaluation_of_the_held_out_photos_repeats_the_verdicts_numbers() {
    let world = world(6, 10);
    let split = ["--holdout", "0.4", "--seed", "3"];
    let mut arguments = vec!["--depth", "tail", "--cut", "15", "--steps", "6", "--adopt", "never"];
    arguments.extend_from_slice(&split);
    let done = train(&world, &arguments).pop().unwrap();
    for (model, report) in [("tuned 1", &done["after"]), ("base", &done["before"])] {
        let mut arguments = vec!["--model", model, "--split", "photos"];
        arguments.extend_from_slice(&split);
        let found = world.json("eval", &arguments).remove(0);
        for key in ["queries", "lone", "recall_at_1", "recall_at_5", "recall_at_10", "r_precision", "map_at_r", "ci95"]
        {
            assert_eq!(found[key], report[key], "{model} {key}");
        }
    }
    let all = world.json("eval", &["--model", "tuned 1", "--split", "none"]).remove(0);
    assert_eq!((all["queries"].as_u64(), all["lone"].as_u64()), (Some(60), Some(0)));
    assert!(all["notes"][0].as_str().unwrap().contains("trained in this folder"), "{all}");
    let same = world.json("eval", &[&["--model", "tuned 1", "--split", "photos"], &split[..]].concat()).remove(0);
    assert_eq!(same["notes"], json!([]));
    let another = world.json("eval", &["--model", "tuned 1", "--split", "photos", "--holdout", "0.6"]).remove(0);
    assert!(another["notes"][0].as_str().unwrap().contains("--holdout 0.4 --seed 3"), "{another}");
}

#[test]
fn one_seed_is_one_curve_on_any_number_of_threads() {
    let world = world(5, 6);
    let run = |threads: &str, seed: &str, depth: &str| {
        let rest =
            ["--depth", depth, "--cut", "15", "--steps", "4", "--threads", threads, "--seed", seed, "--adopt", "never"];
        curve(&train(&world, &rest))
    };
    for depth in ["tail", "full"] {
        let alone = run("1", "5", depth);
        assert_eq!(alone, run("3", "5", depth), "{depth}");
        assert_ne!(alone, run("1", "6", depth), "{depth}");
    }
}

#[test]
fn a_trained_network_answers_from_rows_of_its_own_and_can_be_carried_away() {
    let world = world(5, 8);
    let folder = world.photos();
    let folder = folder.to_str().unwrap();
    let done = train(&world, &["--depth", "tail", "--cut", "15", "--steps", "5", "--lr", "0.001", "--adopt", "always"])
        .pop()
        .unwrap();
    assert_eq!(done["in_use"], true);
    let image = world.photos().join("label 1/3.png");
    let asked = |model: &str| world.json("query", &[image.to_str().unwrap(), "-k", "5", "--model", model]).remove(0);
    let current = world.json("query", &[image.to_str().unwrap(), "-k", "5"]).remove(0);
    assert_eq!((&current["model"], &current["neighbors"]), (&json!("tuned 1"), &asked("tuned 1")["neighbors"]));
    assert_ne!(current["neighbors"], asked("base")["neighbors"]);

    let file = world.path("carried.safetensors");
    let exported = world.run(&["models", folder, "export", "tuned 1", "-o", file.to_str().unwrap()]);
    assert!(exported.status.success(), "{exported:?}");
    let other = self::world(4, 6);
    let from_file = other.json("eval", &["--model", file.to_str().unwrap()]).remove(0);
    let there = other.photos();
    let there = there.to_str().unwrap();
    assert!(other.run(&["models", there, "import", file.to_str().unwrap(), "--name", "from afar"]).status.success());
    assert!(other.run(&["models", there, "use", "from afar"]).status.success());
    let imported = other.json("eval", &[]).remove(0);
    assert_eq!(imported["model"], "from afar");
    assert_eq!(imported["map_at_r"], from_file["map_at_r"]);

    assert!(other.run(&["models", there, "delete", "from afar"]).status.success());
    assert_eq!(other.json("eval", &[]).remove(0)["model"], "base", "the base model takes over");
    assert!(other.run(&["models", there, "undo"]).status.success());
    assert_eq!(other.json("eval", &[]).remove(0)["model"], "from afar");
}

#[test]
fn photos_that_come_later_are_embedded_with_the_trained_network_too() {
    let world = world(5, 6);
    train(&world, &["--depth", "tail", "--cut", "15", "--steps", "3", "--adopt", "always"]);
    striped(2, 77).save(world.photos().join("label 2/new.png")).unwrap();
    world.index();
    let image = world.photos().join("label 2/new.png");
    let reply = world.json("query", &[image.to_str().unwrap(), "-k", "100"]).remove(0);
    assert_eq!((&reply["model"], reply["neighbors"].as_array().unwrap().len()), (&json!("tuned 1"), 30));
    let back = world.photos().join("label 0/0.png");
    let reply = world.json("query", &[back.to_str().unwrap(), "-k", "100"]).remove(0);
    assert!(reply["neighbors"].as_array().unwrap().iter().any(|n| n["path"] == "label 2/new.png"));
}

#[test]
fn labels_come_from_files_too() {
    let world = world(4, 6);
    let labels = world.path("labels.csv");
    let mut text = "path,label,note\n".to_owned();
    for (label, photo) in (0..4).flat_map(|label| (0..5).map(move |photo| (label, photo))) {
        text.extend(["label ", &label.to_string(), "/", &photo.to_string(), ".png,"]);
        text += if label < 2 { "left,x\n" } else { "right,x\n" };
    }
    text += "gone.png,left,x\n";
    fs::write(&labels, text).unwrap();
    let from = labels.to_str().unwrap();
    let lines = train(&world, &["--labels", from, "--depth", "head", "--steps", "3", "--split", "none"]);
    let plan = &lines[0];
    assert_eq!((&plan["photos"]["labels"], &plan["photos"]["photos"]), (&json!(2), &json!(20)));
    assert_eq!((&plan["photos"]["unlabelled"], &plan["photos"]["unknown"]), (&json!(4), &json!(1)));
    let done = lines.last().unwrap();
    assert!(done["before"].is_null() && done["verdict"].is_null() && done["mix"] == "last", "{done}");
    assert_eq!(world.json("eval", &["--labels", from]).remove(0)["queries"], 20);
}

#[test]
fn what_cannot_be_trained_gets_a_sentence_with_the_remedy() {
    let world = world(3, 4);
    let folder = world.photos();
    let folder = folder.to_str().unwrap();
    let one = World::new();
    for seed in 0..4 {
        one.draw(&format!("only/{seed}.png"), seed);
    }
    one.index();
    let lone = World::new();
    for seed in 0..4 {
        lone.draw(&format!("kind {seed}/a.png"), seed);
    }
    lone.index();
    let there = |world: &World| world.photos().to_str().unwrap().to_owned();
    assert!(
        refusal(&one, &["train", &there(&one)])
            .contains("at least two labels to tell apart; put the photos of each kind")
    );
    assert!(refusal(&lone, &["train", &there(&lone)]).contains("none of the 4 labels has two photos"));
    let elsewhere = world.path("elsewhere.csv");
    fs::write(&elsewhere, "path,label\nnowhere.png,x\nnor there.png,y\n").unwrap();
    let said = refusal(&world, &["train", folder, "--labels", elsewhere.to_str().unwrap()]);
    assert!(said.contains("none of the 2 lines with a label names a photo"), "{said}");
    let inside = world.photos().join("label 0/0.png");
    for arguments in [&["models", folder, "export", "base", "-o"][..], &["export", folder, "--what", "features", "-o"]]
    {
        let said = refusal(&world, &[arguments, &[inside.to_str().unwrap()]].concat());
        assert!(said.contains("never written to"), "{said}");
    }
    let wrong = world.path("wrong.csv");
    fs::write(&wrong, "file,class\na.png,x\n").unwrap();
    let said = refusal(&world, &["train", folder, "--labels", wrong.to_str().unwrap()]);
    assert!(said.contains("`path` and `label`") && said.contains("wrong.csv"), "{said}");
    for (option, value, words) in [
        ("--margin", "0", "a number above 0"),
        ("--labels-per-batch", "1", "at least 2 labels"),
        ("--photos-per-label", "1", "at least 2 photos of a label"),
        ("--holdout", "1.5", "between 0 and 1"),
        ("--lr", "-1", "learning rate must be a number above 0"),
        ("--from", "nobody", "no model `nobody`"),
        ("--cut", "16", "cut before block 16"),
        ("--name", "base", "base"),
        ("--minutes", "nan", "minutes above 0"),
        ("--minutes", "-1", "minutes above 0"),
        ("--minutes", "0", "minutes above 0"),
    ] {
        let said = refusal(&world, &["train", folder, "--depth", "tail", &format!("{option}={value}")]);
        assert!(said.contains(words), "{option} {value}: {said}");
    }
    assert!(refusal(&world, &["train", folder, "--resume"]).contains("no training to resume"));
    let unindexed = World::new();
    unindexed.draw("a/1.png", 1);
    assert!(refusal(&unindexed, &["train", &there(&unindexed)]).contains("tripletui index"));
}

#[test]
fn a_model_of_another_network_is_refused_with_both_names() {
    let world = world(2, 3);
    let file = world.path("other.safetensors");
    let about = json!({ "format": 1, "backbone": "lite2-0123456789ab", "kind": "raw", "feature_dim": 1280 });
    let metadata = json!({ "__metadata__": { "tripletui": about.to_string() } }).to_string();
    let mut bytes = (metadata.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(metadata.as_bytes());
    fs::write(&file, bytes).unwrap();
    let (folder, file) = (world.photos(), file.to_str().unwrap());
    let said = refusal(&world, &["models", folder.to_str().unwrap(), "import", file]);
    assert!(
        said.contains("lite2-0123456789ab") && said.contains("lite0-") && said.contains("other.safetensors"),
        "{said}"
    );
}

#[test]
fn a_model_that_was_trained_whole_is_trained_further_whole_or_by_its_head() {
    let world = world(4, 5);
    let folder = world.photos();
    let folder = folder.to_str().unwrap();
    let done =
        train(&world, &["--depth", "full", "--steps", "1", "--split", "none", "--adopt", "never"]).pop().unwrap();
    assert_eq!(done["model"], "tuned 1");
    let said = refusal(&world, &["train", folder, "--depth", "tail", "--from", "tuned 1"]);
    assert!(said.contains("every layer of model `tuned 1`") && said.contains("--depth full"), "{said}");
    let said = refusal(&world, &["train", folder, "--depth", "head", "--from", "tuned 1", "--dim", "16"]);
    assert!(said.contains("--dim is for trainings that start from `base`"), "{said}");
    let head = train(&world, &["--depth", "head", "--steps", "2", "--from", "tuned 1", "--split", "none"]);
    assert_eq!(head.last().unwrap()["model"], "tuned 2");
}

#[test]
fn a_name_that_was_given_away_does_not_keep_a_deleted_model_from_coming_back() {
    let world = world(3, 4);
    let folder = world.photos();
    let folder = folder.to_str().unwrap();
    let small = ["--depth", "head", "--steps", "2", "--split", "none", "--adopt", "never", "--name", "mine"];
    train(&world, &small);
    assert!(world.run(&["models", folder, "delete", "mine"]).status.success());
    train(&world, &small);
    assert!(world.run(&["models", folder, "undo"]).status.success());
    let names: Vec<Value> = world.json("models", &[]).iter().map(|model| model["name"].clone()).collect();
    assert!(names.contains(&json!("mine")) && names.contains(&json!("mine (2)")), "{names:?}");
    assert!(world.run(&["models", folder, "redo"]).status.success());
}

#[test]
fn the_verdict_compares_the_same_photos_when_some_have_gone() {
    let world = world(6, 10);
    for label in 0..6 {
        fs::remove_file(world.photos().join(format!("label {label}/3.png"))).unwrap();
        fs::remove_file(world.photos().join(format!("label {label}/7.png"))).unwrap();
    }
    let split = ["--holdout", "0.4", "--adopt", "never"];
    let lines = train(&world, &[&["--depth", "tail", "--cut", "15", "--steps", "2"], &split[..]].concat());
    let done = lines.last().unwrap();
    let queries = |report: &str| done[report]["queries"].as_u64().unwrap();
    assert_eq!(queries("before"), queries("after"), "{done}");
    let plan = &lines[0]["photos"];
    let unreadable = plan["unreadable"].as_u64().unwrap();
    let notes = lines[0]["notes"].to_string();
    assert!(unreadable > 0 && notes.contains(&format!("{unreadable} photos cannot be read")), "{notes}");
}
