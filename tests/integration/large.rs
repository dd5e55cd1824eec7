//! A library of 100,000 photos in the real program, in a pseudo-terminal: how long until the first frame, from a key to
//! its frame, how much memory, and what it costs to do nothing. Run it with
//! `cargo test --release --test integration -- --ignored --nocapture a_hundred_thousand`.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, UNIX_EPOCH};

use half::f16;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tripletui::embedder::{BackboneSpec, Processor};
use tripletui::library::{Location, PhotoId, thumbnail};
use tripletui::store::{IndexBatch, PhotoFacts, Store, StoreDirs};

use crate::program::{World, picture};

/// Ends every frame (synchronised output).
const FRAME_END: &[u8] = b"\x1b[?2026l";
/// Numbers a photo that the built-in network gives.
const FEATURES: usize = 1280;

/// A library of so many photos that are in the store already, each with a file of one byte.
fn made_up(world: &World, photos: usize) {
    let dirs = StoreDirs { data: world.path("data"), cache: world.path("cache") };
    let root = world.photos().canonicalize().unwrap();
    let mut store = Store::open(&root, &dirs).unwrap();
    let backbone = BackboneSpec::default().load(Processor::Cpu).unwrap().id().to_owned();
    let thumbnails: Vec<Vec<u8>> = (0..20).map(|seed| thumbnail(&picture(seed), 256).unwrap()).collect();
    for first in (0..photos).step_by(5_000) {
        let mut batch = IndexBatch { backbone: backbone.clone(), ..IndexBatch::default() };
        for number in first..(first + 5_000).min(photos) {
            let id = PhotoId::of_content(&number.to_le_bytes());
            batch.photos.push(PhotoFacts { id, bytes: 1, width: 400, height: 300, taken: None, camera: None });
            batch.locations.push((file(&root, number), id));
            batch.features.push((id, features(number)));
            batch.thumbnails.push((id, thumbnails[number % thumbnails.len()].clone()));
        }
        store.commit(&batch).unwrap();
    }
}

fn file(root: &Path, number: usize) -> Location {
    let path = PathBuf::from(format!("label {:03}/IMG_{number:06}.jpg", number / 200));
    fs::create_dir_all(root.join(&path).parent().unwrap()).unwrap();
    let mut file = File::create(root.join(&path)).unwrap();
    file.write_all(b"x").unwrap();
    let modified = file.metadata().unwrap().modified().unwrap().duration_since(UNIX_EPOCH).unwrap();
    Location { path, size: 1, modified_ns: modified.as_nanos() as i64 }
}

/// Numbers that differ between photos and are alike within a label.
fn features(number: usize) -> Vec<f16> {
    let mut state = number as u64 * 2 + 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 24) as f32
    };
    let label = number / 200;
    let value =
        |place: usize, noise: f32| if (place * 7 + label * 13).is_multiple_of(29) { 2.0 + noise } else { noise * 0.3 };
    (0..FEATURES).map(|place| f16::from_f32(value(place, next()))).collect()
}

#[derive(Default)]
struct Seen {
    bytes: usize,
    text: Vec<u8>,
    frames: Vec<Instant>,
}

/// The program on a terminal that counts frames.
struct Session {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    seen: Arc<Mutex<Seen>>,
    _pty: Box<dyn MasterPty + Send>,
}

impl Session {
    fn open(world: &World) -> Self {
        let size = PtySize { rows: 60, cols: 200, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_tripletui"));
        command.args(["--data-dir", world.path("data").to_str().unwrap()]);
        command.args(["--cache-dir", world.path("cache").to_str().unwrap()]);
        command.args(["--images", "halfblocks", world.photos().to_str().unwrap()]);
        command.env("TERM", "xterm-256color");
        let child = pty.slave.spawn_command(command).unwrap();
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let (mut output, into) = (pty.master.try_clone_reader().unwrap(), Arc::clone(&seen));
        let reading = thread::Builder::new().spawn(move || {
            let mut bytes = vec![0; 1 << 16];
            while let Ok(read @ 1..) = output.read(&mut bytes) {
                let mut seen = into.lock().unwrap();
                seen.bytes += read;
                seen.text.extend_from_slice(&bytes[..read]);
                let recent = seen.text.len().saturating_sub(read + FRAME_END.len() - 1);
                if seen.text[recent..].windows(FRAME_END.len()).any(|part| part == FRAME_END) {
                    seen.frames.push(Instant::now());
                }
            }
        });
        drop(reading.unwrap());
        Self { child, keys: pty.master.take_writer().unwrap(), seen, _pty: pty.master }
    }

    fn wait(&self, what: &str, is_so: impl Fn(&Seen) -> bool) {
        let until = Instant::now() + Duration::from_secs(600);
        while !is_so(&self.seen.lock().unwrap()) {
            assert!(Instant::now() < until, "{what} never came");
            thread::sleep(Duration::from_micros(200));
        }
    }

    fn wait_for_text(&self, text: &str) {
        self.wait(text, |seen| seen.text.windows(text.len()).any(|part| part == text.as_bytes()));
    }

    /// Presses a key this many times and tells how long each frame took, sorted, in milliseconds.
    fn press(&mut self, keys: &[&str], times: usize) -> Vec<f64> {
        let mut took = Vec::new();
        for key in (0..times).flat_map(|_| keys) {
            let frames = self.seen.lock().unwrap().frames.len();
            let pressed = Instant::now();
            self.keys.write_all(key.as_bytes()).unwrap();
            self.wait("a frame", |seen| seen.frames.len() > frames);
            let frame = self.seen.lock().unwrap().frames[frames];
            took.push(frame.saturating_duration_since(pressed).as_secs_f64() * 1e3);
            thread::sleep(Duration::from_millis(30));
        }
        took.sort_by(f64::total_cmp);
        took
    }

    fn status(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.process_id().unwrap())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        line.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1024 / 1_000_000
    }

    /// Processor time so far, in clock ticks.
    fn ticks(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.process_id().unwrap())).unwrap();
        let after_name = stat.rsplit(')').next().unwrap();
        after_name.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum()
    }
}

impl Session {
    /// Waits until everything is done that goes on behind the screen.
    fn settle(&self) {
        let until = Instant::now() + Duration::from_secs(900);
        let mut before = u64::MAX;
        while before != self.ticks() {
            assert!(Instant::now() < until, "it never rests");
            before = self.ticks();
            thread::sleep(Duration::from_secs(2));
        }
    }
}

fn told(what: &str, took: &[f64]) -> String {
    let at = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)];
    format!("{what}: {:.1} ms half of the time, {:.1} ms 99 %", at(50), at(99))
}

#[test]
#[ignore = "makes 100,000 files and a store of half a gigabyte; its figures need a release build and a machine at rest"]
fn a_hundred_thousand_photos_are_never_in_the_way() {
    // With all other ignored tests it would take too long: it is run only with the number of photos.
    let Ok(photos) = std::env::var("TRIPLETUI_TEST_PHOTOS") else { return };
    let (world, photos) = (World::new(), photos.parse().unwrap());
    made_up(&world, photos);

    // The first time the axes of the library are learned and its index is built: that is indexing.
    let opened = Instant::now();
    let mut session = Session::open(&world);
    session.wait("a frame", |seen| !seen.frames.is_empty());
    println!("first frame: {:.0} ms", opened.elapsed().as_secs_f64() * 1e3);
    session.wait_for_text("IMG_000000.jpg");
    println!("first photos: {:.0} ms", opened.elapsed().as_secs_f64() * 1e3);
    let indexing = session.press(&["j", "l", "k", "h"], 50);
    session.wait_for_text("photos · by name");
    let paging = session.press(&["\x1b[6~"], 100);
    session.settle();
    let searching = session.press(&["\r", "l"], 50);
    session.press(&["\x1b"], 1);
    let sorting = session.press(&["s"], 6);
    let bytes = session.seen.lock().unwrap().bytes;
    let held = Instant::now();
    for _ in 0..90 {
        session.keys.write_all(b"j").unwrap();
        thread::sleep(Duration::from_millis(33));
    }
    let sent = session.seen.lock().unwrap().bytes - bytes;
    println!("a held key: {:.2} MB/s", sent as f64 / 1e6 / held.elapsed().as_secs_f64());
    session.settle();
    let (before, memory) = (session.ticks(), session.status("VmRSS:"));
    thread::sleep(Duration::from_secs(5));
    let idle = session.ticks() - before;
    println!("memory: {memory} MB (most {} MB); 5 idle seconds: {idle} ticks", session.status("VmHWM:"));
    session.keys.write_all(b"q").unwrap();
    assert!(session.child.wait().unwrap().success());
    for (what, took) in
        [("while indexing", indexing), ("page by page", paging), ("while searching", searching), ("sorting", sorting)]
    {
        println!("{}", told(what, &took));
    }
    assert!(idle <= 2, "it works although nothing happens");
}
