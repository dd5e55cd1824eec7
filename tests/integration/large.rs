//! A library of 100,000 photos in the real program, in a pseudo-terminal: how long until the first frame, from a key to
//! its frame (at rest, while photos are searched, while new ones are indexed, while a key is held), until pictures, how much
//! memory, and what it costs to do nothing. Run it with
//! `TRIPLETUI_TEST_PHOTOS=100000 cargo test --release --test integration -- --ignored --nocapture a_hundred_thousand`.
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
const COLUMNS: u16 = 200;
const LINES: u16 = 60;
/// How long the answer to a key is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
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

/// One frame as it was seen.
#[derive(Clone, Debug)]
struct Frame {
    at: Instant,
    /// What only a key changes: the title without its numbers, and which photo of the list is selected.
    sign: String,
}

struct Seen {
    screen: vt100::Parser,
    bytes: usize,
    /// How much of a frame's end has been seen.
    of_end: usize,
    frames: Vec<Frame>,
}

impl Seen {
    fn take(&mut self, bytes: &[u8], at: Instant) {
        self.bytes += bytes.len();
        let mut done = 0;
        for (place, byte) in bytes.iter().enumerate() {
            let goes_on = *byte == FRAME_END[self.of_end];
            self.of_end = if goes_on { self.of_end + 1 } else { usize::from(*byte == FRAME_END[0]) };
            if self.of_end == FRAME_END.len() {
                self.screen.process(&bytes[done..=place]);
                self.frames.push(Frame { at, sign: sign(self.screen.screen()) });
                (self.of_end, done) = (0, place + 1);
            }
        }
        self.screen.process(&bytes[done..]);
    }

    fn has(&self, text: &str) -> bool {
        self.screen.screen().contents().contains(text)
    }
}

fn sign(screen: &vt100::Screen) -> String {
    let line = |number| screen.rows(0, COLUMNS).nth(number).unwrap_or_default();
    let title: String = line(0).chars().filter(|c| !c.is_ascii_digit() && *c != ',').collect();
    let place = line(usize::from(LINES) - 1).rsplit_once(" / ").map_or_else(String::new, |(before, _)| {
        before.chars().rev().take_while(|c| c.is_ascii_digit() || *c == ',').collect()
    });
    format!("{title}|{place}")
}

/// The program on a terminal that counts frames.
struct Session {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    seen: Arc<Mutex<Seen>>,
    opened: Instant,
    _pty: Box<dyn MasterPty + Send>,
}

impl Session {
    fn open(world: &World) -> Self {
        let size = PtySize { rows: LINES, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_tripletui"));
        command.args(["--data-dir", world.path("data").to_str().unwrap()]);
        command.args(["--cache-dir", world.path("cache").to_str().unwrap()]);
        command.args(["--images", "halfblocks", world.photos().to_str().unwrap()]);
        command.env("TERM", "xterm-256color");
        let screen = vt100::Parser::new(LINES, COLUMNS, 0);
        let seen = Arc::new(Mutex::new(Seen { screen, bytes: 0, of_end: 0, frames: Vec::new() }));
        let (mut output, into) = (pty.master.try_clone_reader().unwrap(), Arc::clone(&seen));
        let opened = Instant::now();
        let child = pty.slave.spawn_command(command).unwrap();
        let reading = thread::Builder::new().spawn(move || {
            let mut bytes = vec![0; 1 << 16];
            while let Ok(read @ 1..) = output.read(&mut bytes) {
                let at = Instant::now();
                into.lock().unwrap().take(&bytes[..read], at);
            }
        });
        drop(reading.unwrap());
        Self { child, keys: pty.master.take_writer().unwrap(), seen, opened, _pty: pty.master }
    }

    fn wait_until<T>(&self, until: Instant, found: impl Fn(&Seen) -> Option<T>) -> Option<T> {
        loop {
            let found = found(&self.seen.lock().unwrap());
            if found.is_some() || Instant::now() > until {
                return found;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn wait<T>(&self, what: &str, found: impl Fn(&Seen) -> Option<T>) -> T {
        let found = self.wait_until(Instant::now() + Duration::from_secs(600), found);
        assert!(found.is_some(), "{what} never came");
        found.unwrap()
    }

    fn wait_for_text(&self, text: &str) {
        self.wait(text, |seen| seen.has(text).then_some(()));
    }

    fn last_frame(&self) -> Frame {
        self.wait("a frame", |seen| seen.frames.last().cloned())
    }

    fn send(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Presses keys in turn, so many times, and tells how long each took until the first frame that shows what it
    /// did; what is never seen counts as two seconds.
    fn press(&mut self, keys: &[&str], times: usize) -> Took {
        let mut took = Took::default();
        for key in (0..times).flat_map(|_| keys) {
            let before = self.last_frame().sign;
            let frames = self.seen.lock().unwrap().frames.len();
            let pressed = Instant::now();
            self.send(key);
            let answered = |seen: &Seen| seen.frames[frames..].iter().find(|frame| frame.sign != before).map(|f| f.at);
            let at = self.wait_until(pressed + PATIENCE, answered);
            took.0.push(at.map_or(PATIENCE, |at| at.saturating_duration_since(pressed)));
            thread::sleep(Duration::from_millis(30));
        }
        took
    }

    /// Types the last letter of what then stands on the screen.
    fn type_until(&mut self, shown: &str) -> Duration {
        let typed = shown.trim_end_matches('▏').chars().last().unwrap();
        let pressed = Instant::now();
        self.send(&typed.to_string());
        let at = self.wait_until(pressed + PATIENCE, |seen| {
            seen.frames.last().filter(|_| seen.has(shown)).map(|frame| frame.at)
        });
        thread::sleep(Duration::from_millis(30));
        at.map_or(PATIENCE, |at| at.saturating_duration_since(pressed))
    }

    /// Types keys at once and tells how long it took until the last frame before the screen is still: all pictures are there.
    fn press_until_still(&mut self, keys: &str) -> Duration {
        let pressed = Instant::now();
        self.send(keys);
        thread::sleep(Duration::from_millis(100));
        while self.last_frame().at.elapsed() < Duration::from_millis(250) {
            thread::sleep(Duration::from_millis(5));
        }
        self.last_frame().at.saturating_duration_since(pressed)
    }

    /// Holds a key: it repeats thirty times a second. How long each repetition took until its frame, and how long after the
    /// last one the pictures were there.
    fn hold(&mut self, key: &str, times: usize) -> (Took, Duration) {
        let (first, mut pressed) = (self.seen.lock().unwrap().frames.len(), Vec::new());
        for _ in 1..times {
            pressed.push(Instant::now());
            self.send(key);
            thread::sleep(Duration::from_millis(33));
        }
        let pictures = self.press_until_still(key);
        let frames = self.seen.lock().unwrap().frames[first..].to_vec();
        let answer =
            |at: &Instant| frames.iter().find(|frame| frame.at > *at).map(|frame| frame.at.duration_since(*at));
        (Took(pressed.iter().filter_map(answer).collect()), pictures)
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

    /// Tells how long the first frame took, the first photos, and all of them.
    #[expect(clippy::print_stdout, reason = "the figures are what it is for")]
    fn tell_opening(&self, which: &str, photos: usize) {
        let since = |at: Instant| at.duration_since(self.opened).as_secs_f64() * 1e3;
        let first = since(self.wait("a frame", |seen| seen.frames.first().map(|frame| frame.at)));
        self.wait_for_text("IMG_000000.jpg");
        let names = since(Instant::now());
        self.wait_for_text("▀");
        let pictures = since(Instant::now());
        let all = format!("{},{:03} photos", photos / 1000, photos % 1000);
        self.wait_for_text(if photos < 1000 { "photos" } else { &all });
        println!(
            "{which}: first frame {first:.0} ms, first photos {names:.0} ms, first pictures {pictures:.0} ms, all photos {:.0} ms, {} MB",
            since(Instant::now()),
            self.status("VmRSS:")
        );
    }

    fn leave(mut self) {
        self.send("q");
        assert!(self.child.wait().unwrap().success());
    }
}

/// How long things took.
#[derive(Clone, Debug, Default)]
struct Took(Vec<Duration>);

impl Took {
    #[expect(clippy::print_stdout, reason = "the figures are what it is for")]
    fn tell(mut self, what: &str) {
        self.0.sort();
        let at = |share: usize| {
            self.0
                .get((self.0.len() * share / 100).min(self.0.len().saturating_sub(1)))
                .map_or(f64::NAN, |took| took.as_secs_f64() * 1e3)
        };
        println!(
            "{what}: {:.1} ms half of the time, {:.1} ms 99 %, {:.1} ms at most, {} times",
            at(50),
            at(99),
            at(100),
            self.0.len()
        );
    }
}

/// Puts photos into the folder that are new, after all others by name.
fn add_photos(world: &World, photos: usize) {
    let folder = world.photos().join("new");
    fs::create_dir_all(&folder).unwrap();
    for number in 0..photos {
        picture(1_000 + number as u32).save(folder.join(format!("NEW_{number:05}.png"))).unwrap();
    }
}

#[test]
#[ignore = "makes 100,000 files and a store of half a gigabyte; its figures need a release build and a machine at rest"]
fn a_hundred_thousand_photos_are_never_in_the_way() {
    // With all other ignored tests it would take too long: it is run only with the number of photos.
    let Ok(photos) = std::env::var("TRIPLETUI_TEST_PHOTOS") else { return };
    let (world, photos) = (World::new(), photos.parse().unwrap());
    made_up(&world, photos);

    // The first time the axes of the library are learned and its index is built.
    let mut session = Session::open(&world);
    session.tell_opening("opened for the first time", photos);
    session.press(&["j", "l", "k", "h"], 50).tell("a key while the axes are learned and the index is built");
    session.settle();
    session.leave();

    // From then on everything is in the store.
    let mut session = Session::open(&world);
    session.wait_for_text("IMG_000000.jpg");
    session.press(&["j", "l", "k", "h"], 5).tell("a key while it is opened");
    session.tell_opening("opened again", photos);
    session.settle();
    session.leave();
    let mut session = Session::open(&world);
    session.tell_opening("and again", photos);
    session.settle();

    session.press(&["j", "l", "k", "h"], 50).tell("a key at rest");
    session.press(&["\x1b[6~"], 100).tell("page down");
    session.press(&["s"], 30).tell("sorting");
    session.press(&["S"], 20).tell("reversing");
    let (mut filtering, mut finding) = (Took::default(), Took::default());
    session.press_until_still("\x1b[H");
    for _ in 0..10 {
        session.press_until_still("f");
        filtering.0.extend(["2▏", "23▏"].map(|typed| session.type_until(typed)));
        session.press_until_still("\x1b");
        session.press_until_still("/");
        finding.0.extend(session.press(&["9", "9", "9"], 1).0);
        session.press_until_still("\x1b");
    }
    filtering.tell("filtering while it is typed");
    finding.tell("finding by name while it is typed");
    let pages = (0..20).map(|_| session.press_until_still("\x1b[6~")).collect();
    Took(pages).tell("all pictures of the next page");
    let jumps = (1..20).map(|number| session.press_until_still(&format!("{}G", number * photos / 20))).collect();
    Took(jumps).tell("all pictures of a page far away");
    session.press(&["\r", "l"], 50).tell("a key that searches, and one while it is searched");
    session.press(&["\x1b"], 1);
    session.press(&["s"], 12).tell("sorting, by distance too");

    session.press_until_still("\x1b[H");
    let bytes = session.seen.lock().unwrap().bytes;
    let held = Instant::now();
    let (keys, pictures) = session.hold("j", 90);
    let sent = session.seen.lock().unwrap().bytes - bytes;
    println!("a held key: {:.2} MB/s", sent as f64 / 1e6 / held.elapsed().as_secs_f64());
    keys.tell("a held key, each time");
    println!("pictures after it is let go: {:.0} ms", pictures.as_secs_f64() * 1e3);

    session.settle();
    let (before, memory) = (session.ticks(), session.status("VmRSS:"));
    thread::sleep(Duration::from_secs(5));
    let idle = session.ticks() - before;
    println!("memory: {memory} MB (most {} MB); 5 idle seconds: {idle} ticks", session.status("VmHWM:"));

    // New photos are read and embedded with all threads, and answer keys meanwhile.
    add_photos(&world, 1_000);
    session.wait_for_text("photos/s");
    session.press(&["j", "l", "k", "h"], 50).tell("a key while new photos are indexed");
    session.press(&["\r", "l"], 10).tell("searching while new photos are indexed");
    session.press(&["\x1b"], 1);
    let (keys, pictures) = session.hold("j", 60);
    keys.tell("a held key while new photos are indexed");
    println!("pictures after it is let go: {:.0} ms", pictures.as_secs_f64() * 1e3);
    let goes_on = session.seen.lock().unwrap().has("photos/s");
    println!("indexing {}", if goes_on { "went on all the time" } else { "was over before the last keys" });
    session.settle();
    println!("memory: {} MB (most {} MB)", session.status("VmRSS:"), session.status("VmHWM:"));
    session.leave();
    assert!(idle <= 2, "it works although nothing happens");
}
