//! `tripletui index`: what is counted, what is done again and what is not, and what a kill costs.

use std::fs;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::program::{World, contents};

fn counts(report: &Value) -> [u64; 6] {
    let skipped = report["skipped"].as_array().unwrap().len() as u64;
    let count = |name: &str| report[name].as_u64().unwrap();
    [count("photos"), count("copies"), count("embedded"), count("reused"), skipped, count("ignored")]
}

#[test]
fn every_file_is_a_photo_a_copy_skipped_or_ignored() {
    let world = World::new();
    world.draw("a/one.png", 1);
    world.draw("b/two.jpg", 2);
    world.draw("b/two.gif", 3);
    fs::copy(world.photos().join("b/two.jpg"), world.photos().join("a/two again.jpg")).unwrap();
    fs::write(world.photos().join("broken.jpg"), b"\xff\xd8\xff\xe0 not really").unwrap();
    fs::write(world.photos().join("broken copy.jpg"), b"\xff\xd8\xff\xe0 not really").unwrap();
    fs::write(world.photos().join("empty.png"), b"").unwrap();
    fs::write(world.photos().join("notes.txt"), b"not a picture").unwrap();
    world.draw(".thumbnails/hidden.png", 4);
    let report = world.index();
    assert_eq!(counts(&report), [3, 1, 3, 0, 3, 1], "{report}");
    for skipped in report["skipped"].as_array().unwrap() {
        assert!(!skipped["reason"].as_str().unwrap().is_empty());
    }
    assert_eq!(counts(&world.index()), [3, 1, 0, 3, 3, 1], "the second run has nothing to do");
}

#[test]
fn renamed_copied_and_returned_photos_are_not_embedded_again() {
    let world = World::new();
    for seed in 0..4 {
        world.draw(&format!("{seed}.png"), seed);
    }
    assert_eq!(counts(&world.index())[..4], [4, 0, 4, 0]);
    let photos = world.photos();
    fs::rename(photos.join("0.png"), photos.join("renamed.png")).unwrap();
    fs::copy(photos.join("1.png"), photos.join("copied.png")).unwrap();
    fs::rename(photos.join("2.png"), world.path("away.png")).unwrap();
    assert_eq!(counts(&world.index())[..4], [3, 1, 0, 3]);
    fs::rename(world.path("away.png"), photos.join("back.png")).unwrap();
    world.draw("3.png", 33);
    assert_eq!(counts(&world.index())[..4], [4, 1, 1, 3], "only the changed file is embedded");
}

#[test]
fn nothing_in_the_photo_folder_is_touched() {
    let world = World::new();
    world.draw("a.png", 1);
    world.draw("deep/er/b.jpg", 2);
    let before = contents(&world.photos());
    world.index();
    world.json("query", &[world.photos().join("a.png").to_str().unwrap()]);
    assert_eq!(before, contents(&world.photos()));
}

/// The photos that have features, counted by an export.
fn embedded_so_far(world: &World) -> u64 {
    let out = world.path("features.jsonl");
    let photos = world.photos();
    let arguments = ["export", photos.to_str().unwrap(), "--what", "features", "--format", "jsonl", "-o"];
    let output = world.command(&arguments).arg(&out).output().unwrap();
    assert!(output.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&output.stderr));
    fs::read_to_string(out).unwrap().lines().count() as u64
}

#[test]
fn a_kill_costs_at_most_one_batch_and_the_next_run_goes_on() {
    const PHOTOS: u64 = 400;
    let world = World::new();
    for seed in 0..PHOTOS as u32 {
        world.draw(&format!("{:02}/{seed}.png", seed % 7), seed);
    }
    let photos = world.photos();
    let mut child = world.command(&["index", photos.to_str().unwrap()]);
    let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let library = || {
        walkdir::WalkDir::new(world.path("cache"))
            .into_iter()
            .flatten()
            .map(|e| e.metadata().map_or(0, |m| m.len()))
            .sum::<u64>()
    };
    let deadline = Instant::now() + Duration::from_secs(120);
    // Kill it in the middle: once the first features are on disk (without them the cache has 420 kB), wherever it then is.
    while library() < 700_000 && child.try_wait().unwrap().is_none() && Instant::now() < deadline {
        sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let before = embedded_so_far(&world);
    let report = world.index();
    let [photos, _, embedded, reused, skipped, _] = counts(&report);
    assert_eq!((photos, skipped), (PHOTOS, 0), "{report}");
    assert_eq!((embedded, reused), (PHOTOS - before, before), "what was stored is not embedded twice");
    assert_eq!(embedded_so_far(&world), PHOTOS);
}

/// No file may grow past 64 KiB: as with a quota that is used up, the system refuses to write and the database cannot say why.
#[test]
#[cfg(unix)]
fn a_quota_that_is_used_up_is_a_sentence_and_what_was_saved_stays() {
    let world = World::new();
    world.draw("first.png", 0);
    world.index();
    (1..80).for_each(|seed| world.draw(&format!("{seed}.png"), seed));
    let program = world.command(&["index", world.photos().to_str().unwrap()]);
    let mut limited = std::process::Command::new("bash");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\""]);
    let output = limited.arg(program.get_program()).args(program.get_args()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    let sentence = ["could not be written", "your quota on it is used up", "What was saved before is safe"];
    assert!(sentence.iter().all(|words| said.contains(words)), "{said}");
    assert_eq!(counts(&world.index()), [80, 0, 79, 1, 0, 0]);
}

#[test]
fn folders_that_cannot_be_opened_get_a_sentence_and_exit_code_two() {
    let world = World::new();
    world.draw("a.png", 1);
    for (path, words) in [(world.path("nowhere"), "no such folder"), (world.photos().join("a.png"), "is not a folder")]
    {
        let output = world.run(&["index", path.to_str().unwrap()]);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2));
        assert!(text.contains(words) && text.contains(path.to_str().unwrap()), "{text}");
        assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    }
}

#[test]
fn an_empty_folder_is_no_error_but_nothing_found() {
    let world = World::new();
    let output = world.run(&["index", world.photos().to_str().unwrap(), "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["photos"], &report["skipped"]), (&json!(0), &json!([])));
}

#[test]
fn a_photo_that_alone_exceeds_the_budget_is_skipped_with_that_reason_and_read_again_under_a_larger_one() {
    let world = World::new();
    world.draw("small.png", 1);
    image::RgbImage::new(3000, 2000).save(world.photos().join("large.webp")).unwrap();
    let report = world.json("index", &["--decode-budget", "5"]).remove(0);
    assert_eq!(counts(&report), [1, 0, 1, 0, 1, 0], "{report}");
    assert!(report["skipped"][0]["reason"].as_str().unwrap().contains("budget of 5 MB"), "{report}");
    assert_eq!(counts(&world.index()), [2, 0, 1, 1, 0, 0]);
}

#[test]
fn looking_at_a_folder_that_was_never_indexed_leaves_nothing_behind() {
    let world = World::new();
    world.draw("a.png", 1);
    let photos = world.photos();
    for command in [&["doctor"][..], &["list"], &["export", "--what", "features", "-o", "never.npy"]] {
        let mut arguments = command.to_vec();
        arguments.insert(1, photos.to_str().unwrap());
        assert_eq!(world.run(&arguments).status.code(), Some(2), "{command:?}");
    }
    assert!(!world.path("data").join("libraries").exists());
}

#[test]
fn axes_are_learnt_as_soon_as_there_are_photos_enough() {
    let world = World::new();
    for seed in 0..19 {
        world.draw(&format!("{seed}.png"), seed);
    }
    world.index();
    let dim = || {
        let (photos, out) = (world.photos(), world.path("rows.jsonl"));
        let arguments = ["export", photos.to_str().unwrap(), "--what", "embeddings", "--format", "jsonl", "-o"];
        assert!(world.command(&arguments).arg(&out).output().unwrap().status.success());
        let line: Value = serde_json::from_str(fs::read_to_string(out).unwrap().lines().next().unwrap()).unwrap();
        line["row"].as_array().unwrap().len()
    };
    assert_eq!(dim(), 1280);
    for seed in 19..22 {
        world.draw(&format!("{seed}.png"), seed);
    }
    world.index();
    assert!(dim() <= 21, "half-whitened axes, at most one less than photos");
}

#[test]
fn a_damaged_large_photo_stays_within_the_budget() {
    let world = World::new();
    let bytes = {
        let large = image::RgbImage::from_fn(9000, 6000, |x, y| image::Rgb([x as u8, y as u8, (x / 9) as u8]));
        let mut bytes = std::io::Cursor::new(Vec::new());
        large.write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
        bytes.into_inner()
    };
    fs::write(world.photos().join("cut.jpg"), &bytes[..bytes.len() * 9 / 10]).unwrap();
    world.draw("whole.png", 1);
    let report = world.index();
    assert!(report["peak_rss_mb"].as_u64().unwrap() < 300, "{report}");
}
