//! The headless commands that other tools rely on: query, list, export, relink, demo, doctor, bench, exit codes.

use std::collections::HashMap;
use std::fs;
use std::process::Stdio;

use serde_json::Value;

use crate::program::{World, picture};

fn indexed(labels: u32, each: u32) -> World {
    let world = World::new();
    for label in 0..labels {
        for n in 0..each {
            world.draw(&format!("label {label}/{n}.png"), label * 100 + n);
        }
    }
    world.index();
    world
}

fn paths(reply: &Value) -> Vec<String> {
    reply["neighbors"].as_array().unwrap().iter().map(|n| n["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn neighbours_are_ranked_exact_and_never_the_photo_itself_or_a_copy_of_it() {
    let world = indexed(3, 8);
    fs::copy(world.photos().join("label 0/0.png"), world.photos().join("copy of 0.png")).unwrap();
    world.index();
    let query = world.photos().join("label 0/0.png");
    for model in ["base", "raw"] {
        let reply = world.json("query", &[query.to_str().unwrap(), "-k", "5", "--model", model]).remove(0);
        assert_eq!((&reply["exact"], &reply["model"]), (&Value::Bool(true), &Value::from(model)));
        let neighbors = reply["neighbors"].as_array().unwrap();
        assert_eq!(neighbors.len(), 5);
        let distances: Vec<f64> = neighbors.iter().map(|n| n["distance"].as_f64().unwrap()).collect();
        assert!(distances.is_sorted() && distances[0] > 0.0 && distances[4] <= 2.0, "{distances:?}");
        assert!(neighbors.iter().enumerate().all(|(i, n)| n["rank"] == i + 1 && n["label"].is_string()));
        assert!(!paths(&reply).iter().any(|p| p.ends_with("copy of 0.png") || p == "label 0/0.png"));
    }
}

#[test]
fn an_image_from_outside_may_be_asked_about_and_several_are_several_questions() {
    let world = indexed(2, 4);
    let outside = world.path("outside.png");
    picture(1).save(&outside).unwrap();
    let inside = world.photos().join("label 1/2.png");
    let replies = world.json("query", &[outside.to_str().unwrap(), inside.to_str().unwrap(), "-k", "100"]);
    assert_eq!(replies.len(), 2);
    assert_eq!(paths(&replies[0]).len(), 7, "the same picture lies in the folder, so it is left out by content");
    assert_eq!(paths(&replies[1]).len(), 7);
}

#[test]
fn a_question_that_cannot_be_asked_names_the_file() {
    let world = indexed(1, 3);
    let photos = world.photos();
    let (folder, missing) = (photos.to_str().unwrap(), world.path("missing.jpg"));
    let output = world.run(&["query", folder, missing.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("missing.jpg"));
    let output = world.run(&["query", folder, photos.join("label 0/1.png").to_str().unwrap(), "--model", "tuned 9"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no model `tuned 9`"));
}

#[test]
fn one_photo_has_no_neighbours_and_that_is_exit_code_one() {
    let world = indexed(1, 1);
    let photos = world.photos();
    let image = photos.join("label 0/0.png");
    let output = world.run(&["query", photos.to_str().unwrap(), image.to_str().unwrap(), "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let reply: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(paths(&reply).is_empty());
}

#[test]
fn a_query_before_any_index_says_how_to_make_one() {
    let world = World::new();
    world.draw("a.png", 1);
    let photos = world.photos();
    let image = photos.join("a.png");
    let output = world.run(&["query", photos.to_str().unwrap(), image.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("tripletui index"));
}

#[test]
fn list_shows_each_photo_once_with_its_locations_and_label() {
    let world = indexed(2, 2);
    fs::copy(world.photos().join("label 0/0.png"), world.photos().join("label 0/again.png")).unwrap();
    world.index();
    let listed = world.json("list", &[]);
    assert_eq!(listed.len(), 4);
    let copied = listed.iter().find(|photo| photo["locations"].as_array().unwrap().len() == 2).unwrap();
    assert_eq!(copied["label"], "label 0");
    assert_eq!((&copied["width"], &copied["height"]), (&Value::from(160), &Value::from(120)));
}

#[test]
fn list_and_query_say_in_words_all_that_the_grid_shows() {
    let world = indexed(2, 3);
    world.draw("label 1/twin.png", 0);
    world.index();
    let photos = world.photos();
    let (folder, image) = (photos.to_str().unwrap(), photos.join("label 1/1.png"));
    let text = String::from_utf8(world.run(&["list", folder]).stdout).unwrap();
    let twins = text.lines().find(|line| line.contains("twin")).unwrap();
    assert!(twins.starts_with("label 0/0.png = label 1/twin.png  label 0 + label 1  160x120  "), "{text}");
    assert!(twins.ends_with("B  -  -"), "the day and the camera are not known: {text}");
    let text = String::from_utf8(world.run(&["query", folder, image.to_str().unwrap()]).stdout).unwrap();
    let first = text.lines().nth(1).unwrap();
    assert!(first.starts_with("   1  0.") && first.contains("  label ") && first.contains("  160x120  "), "{text}");
    let listed = world.json("list", &[]);
    let twins = listed.iter().find(|photo| photo["copies"] == 1).unwrap();
    assert_eq!((&twins["label"], &twins["marked"]), (&Value::Null, &Value::Bool(false)));
    assert_eq!(twins["labels"].as_array().unwrap().len(), 2);
    let reply = world.json("query", &[image.to_str().unwrap()]).remove(0);
    let neighbor = &reply["neighbors"][0];
    assert!(
        neighbor["bytes"].as_u64() > Some(0) && neighbor["width"] == 160 && neighbor["marked"] == false,
        "{neighbor}"
    );
}

#[test]
fn exported_embeddings_are_unit_rows_in_the_order_of_their_paths() {
    let world = indexed(3, 8);
    let (photos, out) = (world.photos(), world.path("rows.npy"));
    let export = |what: &str, format: &str| {
        let folder = photos.to_str().unwrap();
        let output = world.run(&["export", folder, "--what", what, "--format", format, "-o", out.to_str().unwrap()]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::read(&out).unwrap()
    };
    let bytes = export("embeddings", "npy");
    let names = fs::read_to_string(world.path("rows.npy.paths.txt")).unwrap();
    let rows = names.lines().count();
    assert_eq!(rows, 24);
    let header_len = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let values: Vec<f32> =
        bytes[header_len..].chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
    let dim = values.len() / rows;
    assert_eq!(dim * rows, values.len());
    for row in values.chunks_exact(dim) {
        assert!((row.iter().map(|v| v * v).sum::<f32>() - 1.0).abs() < 1e-3);
    }
    // The distances that `query` prints are those between the exported rows.
    let at: HashMap<&str, &[f32]> = names.lines().zip(values.chunks_exact(dim)).collect();
    let image = photos.join("label 1/3.png");
    let reply = world.json("query", &[image.to_str().unwrap()]).remove(0);
    for neighbor in reply["neighbors"].as_array().unwrap() {
        let other = at[neighbor["path"].as_str().unwrap()];
        let squared: f32 = at["label 1/3.png"].iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum();
        assert!((f64::from(squared.sqrt()) - neighbor["distance"].as_f64().unwrap()).abs() < 2e-3);
    }
    assert_eq!(String::from_utf8(export("features", "csv")).unwrap().lines().next().unwrap().split(',').count(), 1281);
}

#[test]
fn a_moved_folder_keeps_its_library() {
    let world = indexed(2, 3);
    let moved = world.path("moved");
    fs::rename(world.photos(), &moved).unwrap();
    let output = world.run(&["relink", world.photos().to_str().unwrap(), moved.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report = world.json_of("index", &moved, &[]).remove(0);
    assert_eq!((&report["embedded"], &report["reused"]), (&Value::from(0), &Value::from(6)));
}

#[test]
fn the_demo_has_at_least_twelve_labels_of_twelve_pictures() {
    let world = World::new();
    let output = world.run(&["demo", "--no-open"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let folder = String::from_utf8(output.stdout).unwrap();
    let mut labels: HashMap<String, usize> = HashMap::new();
    for entry in walkdir::WalkDir::new(folder.trim()).into_iter().flatten().filter(|e| e.file_type().is_file()) {
        let label = entry.path().parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        *labels.entry(label).or_default() += 1;
    }
    assert!(labels.len() >= 12 && labels.values().all(|n| *n >= 12), "{labels:?}");
}

#[test]
fn doctor_and_help_say_what_is_there() {
    let world = World::new();
    let output = world.run(&["doctor", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["data_dir"], world.path("data").to_str().unwrap());
    let help = String::from_utf8(world.run(&["--help"]).stdout).unwrap();
    for command in ["index", "query", "list", "relink", "export", "bench", "doctor", "demo", "config", "Examples:"] {
        assert!(help.contains(command), "{command}");
    }
}

#[test]
fn instructions_can_be_chosen_and_what_the_machine_has_not_is_refused() {
    let world = World::new();
    let doctor = |level: &str| world.command(&["doctor", "--json"]).env("TRIPLETUI_SIMD", level).output().unwrap();
    let simd = |level: &str| serde_json::from_slice::<Value>(&doctor(level).stdout).unwrap()["simd"].clone();
    assert_eq!(simd("scalar"), "scalar");
    let best = simd("");
    let elsewhere = if cfg!(target_arch = "aarch64") { "avx2" } else { "neon" };
    for wrong in ["avx1024", "Scalar", elsewhere] {
        let refused = doctor(wrong);
        let sentence = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(2), "{wrong}");
        assert!(sentence.contains(wrong) && sentence.contains(best.as_str().unwrap()), "{sentence}");
        assert!(sentence.contains("scalar"), "{sentence}");
    }
}

#[test]
fn without_a_folder_and_without_a_last_one_it_says_how_to_start() {
    let output = World::new().run(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("tripletui demo"));
}

#[test]
fn the_screen_without_a_terminal_points_to_the_headless_commands() {
    let world = indexed(1, 2);
    let output = world.command(&[world.photos().to_str().unwrap()]).stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("tripletui query"), "{output:?}");
}

#[test]
fn a_reader_that_goes_away_is_success() {
    let world = indexed(1, 3);
    let photos = world.photos();
    let mut child = world.command(&["list", photos.to_str().unwrap()]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn marks_are_printed_only_where_there_is_a_screen_to_mark_on() {
    let world = indexed(1, 3);
    let folder = world.photos();
    let folder = folder.to_str().unwrap();
    for (option, command) in [
        ("--print-marked", vec!["list", folder]),
        ("--print0", vec!["config", "--path"]),
        ("-0", vec!["demo", "--no-open"]),
    ] {
        let output = world.run(&[vec![option], command].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(2), true), "{said}");
        assert!(said.contains("this command opens none") && said.contains("tripletui FOLDER --print"), "{said}");
    }
}
