//! Reads the source and fails, naming file and line, when a room touches what it must not, or a file outgrows 300 lines.

use std::fs;
use std::path::{Path, PathBuf};

const TENSORS: &[&str] = &["candle_core", "candle_nn", "candle_transformers"];
const TERMINAL: &[&str] = &["ratatui", "crossterm", "indicatif", "stdout(", "stderr("];
const THREADS: &[&str] = &["thread::spawn", "thread::Builder", "thread::scope", "rayon", "mpsc"];
/// The tail of the network is trained on the rayon pool its caller has installed; the room itself starts no thread and makes no pool.
const SPAWNING: &[&str] = &["thread::spawn", "thread::Builder", "thread::scope", "ThreadPool", "rayon::spawn", "mpsc"];
const CLOCKS: &[&str] = &["Instant::now", "SystemTime::now"];
const FILES: &[&str] = &["std::fs", "fs::", "File::"];

/// Words that stand for one kind of thing.
type Words = &'static [&'static str];

/// Each room, the rooms it may use, and the words it must not contain.
const ROOMS: &[(&str, Words, &[Words])] = &[
    ("library", &[], &[TENSORS, TERMINAL, THREADS, CLOCKS]),
    ("embedding", &[], &[TENSORS, TERMINAL, THREADS, CLOCKS, FILES]),
    ("layout", &["embedding"], &[TENSORS, TERMINAL, THREADS, FILES, CLOCKS]),
    ("neighbor", &["embedding", "library"], &[TENSORS, TERMINAL, THREADS, FILES, CLOCKS]),
    ("eval", &["neighbor", "embedding", "library"], &[TENSORS, TERMINAL, THREADS, FILES, CLOCKS]),
    ("tensors", &[], &[TERMINAL, THREADS, FILES, CLOCKS]),
    ("embedder", &["embedding", "tensors"], &[TERMINAL, SPAWNING, CLOCKS]),
    ("triplet", &["tensors", "embedding", "library"], &[TERMINAL, THREADS, FILES, CLOCKS]),
    (
        "train",
        &["triplet", "embedder", "eval", "neighbor", "tensors", "embedding", "library"],
        &[TERMINAL, THREADS, FILES, CLOCKS],
    ),
    ("teach", &["train", "triplet", "eval", "library"], &[TENSORS, TERMINAL, THREADS]),
    ("store", &["teach", "train", "library", "embedding"], &[TENSORS, TERMINAL, THREADS]),
    (
        "work",
        &["store", "teach", "train", "triplet", "embedder", "eval", "neighbor", "layout", "library", "embedding"],
        &[TERMINAL],
    ),
    (
        "ui",
        &["train", "triplet", "eval", "layout", "library", "embedding", "neighbor"],
        &[TENSORS, THREADS, CLOCKS, FILES, &["indicatif", "stdout(", "stderr("]],
    ),
    (
        "app",
        &["ui", "work", "store", "teach", "train", "triplet", "eval", "neighbor", "library", "embedder", "embedding"],
        &[TENSORS],
    ),
    (
        "cli",
        &["work", "store", "teach", "train", "triplet", "embedder", "eval", "neighbor", "library", "embedding"],
        &[&["ratatui::", "crossterm"]],
    ),
];

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

/// The lines before the file's tests, without comments, numbered from one.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
    lines.enumerate().map(|(i, l)| (i + 1, l.to_owned())).filter(|(_, l)| !l.trim_start().starts_with("//")).collect()
}

fn room_of(path: &Path) -> String {
    let below = path.strip_prefix(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap();
    let first = below.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

fn all_sources() -> Vec<PathBuf> {
    let mut files = Vec::new();
    sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut files);
    files.sort();
    assert!(files.len() > 3, "no source found");
    files
}

#[test]
fn rooms_touch_only_what_they_may() {
    let mut wrong = Vec::new();
    // What tests do is theirs: a room's tests may use threads to show that their number does not matter.
    let is_test = |path: &PathBuf| path.iter().any(|part| part == "tests" || part == "tests.rs");
    for path in all_sources().into_iter().filter(|path| !is_test(path)) {
        let room = room_of(&path);
        let Some((_, allowed, banned)) = ROOMS.iter().find(|(name, ..)| *name == room) else {
            assert!(["lib", "main"].contains(&room.as_str()), "{} belongs to no known room", path.display());
            continue;
        };
        for (number, line) in code(&path) {
            for word in banned.iter().flat_map(|set| set.iter()).filter(|word| line.contains(**word)) {
                wrong.push(format!("{}:{number}: `{room}` must not touch `{word}`", path.display()));
            }
            for (other, ..) in ROOMS {
                let uses = line.contains(&format!("crate::{other}::")) || line.contains(&format!("crate::{other};"));
                if uses && *other != room && !allowed.contains(other) {
                    wrong.push(format!("{}:{number}: `{room}` must not use `{other}`", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_outgrows_three_hundred_lines_without_its_tests() {
    let count = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count()
    };
    let wrong: Vec<String> = all_sources()
        .iter()
        .map(|path| (path, count(path)))
        .filter(|(_, lines)| *lines > 300)
        .map(|(path, lines)| format!("{}: {lines} lines without tests", path.display()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
