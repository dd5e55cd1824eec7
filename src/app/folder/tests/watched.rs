//! A folder that changes while it is open: what the screen hears of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use image::{Rgb, RgbImage};
use ratatui::layout::Size;
use tempfile::TempDir;

use super::super::*;
use crate::app::mailbox::{CurrentJob, Incoming};
use crate::embedder::{BackboneSpec, Processor};
use crate::store::StoreDirs;
use crate::ui::{KeyMap, LibraryChange, Message, Settings, State, Theme, update};
use crate::work::IndexSettings;

const PATIENCE: Duration = Duration::from_secs(60);

/// An opened folder, and what the screen would know.
struct Opened {
    place: TempDir,
    backend: Arc<Folder>,
    current: CurrentJob,
    received: Receiver<Incoming>,
    indexing: Option<JoinHandle<()>>,
    names: BTreeMap<String, PhotoId>,
    /// How often the folder was gone through.
    finished: usize,
    notices: Vec<String>,
    failures: Vec<String>,
    standing: Option<String>,
    skipped: Vec<String>,
}

fn draw(path: &Path, seed: u32) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mixed = seed.wrapping_mul(2_654_435_761);
    let pixel = |x: u32, y: u32| Rgb([(mixed >> 8) as u8, (x * (mixed >> 29) * 9) as u8, (y * 7 + mixed) as u8]);
    RgbImage::from_fn(16, 12, pixel).save(path).unwrap();
}

pub(super) fn options(place: &Path) -> LibraryOptions {
    LibraryOptions {
        dirs: StoreDirs { data: place.join("data"), cache: place.join("cache") },
        threads: 2,
        decode_budget: 100_000_000,
        backbone: BackboneSpec::default(),
        processor: Processor::Cpu,
        index: IndexSettings::default(),
    }
}

impl Opened {
    /// Opens a folder of these files, each a picture of its own, and waits until it is indexed.
    fn new(names: &[&str]) -> Self {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join("photos")).unwrap();
        for (seed, name) in (1..).zip(names) {
            draw(&place.path().join("photos").join(name), seed);
        }
        let mut opened = Self::open(place);
        opened.until("it is indexed", |opened| opened.finished > 0);
        opened
    }

    fn open(place: TempDir) -> Self {
        let backend = Arc::new(Folder::new(&place.path().join("photos"), options(place.path())));
        let (sender, received) = mpsc::channel();
        let current: CurrentJob = Arc::new(AtomicU64::new(1));
        let (outbox, indexer) = (Outbox::new(sender, 1, Arc::clone(&current)), Arc::clone(&backend));
        let indexing = std::thread::Builder::new().spawn(move || indexer.index(&outbox).unwrap()).unwrap();
        Self {
            place,
            backend,
            current,
            received,
            indexing: Some(indexing),
            names: BTreeMap::new(),
            finished: 0,
            notices: Vec::new(),
            failures: Vec::new(),
            standing: None,
            skipped: Vec::new(),
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.place.path().join("photos").join(name)
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::LibraryChanged(LibraryChange::Added(rows)) => {
                for row in rows {
                    self.names.retain(|_, photo| *photo != row.id);
                    self.names.insert(row.name.to_string(), row.id);
                }
            }
            Message::LibraryChanged(LibraryChange::Removed(gone)) => {
                self.names.retain(|_, photo| !gone.contains(photo));
            }
            Message::IndexFinished(_) => self.finished += 1,
            Message::Notice(text) => self.notices.push(text),
            Message::Failed(text) => self.failures.push(text),
            Message::Standing(words) => self.standing = words,
            Message::Skipped(files) => self.skipped = files.iter().map(|file| file.name.to_string()).collect(),
            _ => {}
        }
    }

    /// Listens until something is so.
    fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !is_so(self) {
            let left = until.saturating_duration_since(Instant::now());
            match self.received.recv_timeout(left) {
                Ok(Incoming::FromJob { message, .. }) => self.take(message),
                Ok(_) => {}
                Err(error) => {
                    panic!("{what}: {error}; {:?} {:?} {:?}", self.names.keys(), self.notices, self.failures)
                }
            }
        }
    }

    /// Listens until these are the photos.
    fn until_names(&mut self, names: &[&str]) {
        self.until(&format!("{names:?}"), |opened| opened.names.keys().eq(names.iter()));
    }

    /// Listens until these are the neighbours of a photo, in any order.
    fn until_neighbors(&mut self, of: &str, names: &[&str]) {
        self.until(&format!("{names:?} near {of}"), |opened| {
            let asked = Asked { photo: opened.names[of], with: Examples::default(), k: 10, among: None };
            let answer = opened.backend.neighbors(&asked).map(|answer| answer.neighbors);
            let mut near: Vec<PhotoId> = answer.iter().flatten().map(|neighbor| neighbor.photo).collect();
            let mut wanted: Vec<PhotoId> = names.iter().map(|name| opened.names[*name]).collect();
            near.sort_unstable();
            wanted.sort_unstable();
            near == wanted
        });
    }
}

impl Drop for Opened {
    /// Leaves as the screen does.
    fn drop(&mut self) {
        self.current.store(0, Ordering::Relaxed);
        self.backend.leave();
        let ended = self.indexing.take().unwrap().join();
        assert!(ended.is_ok() || std::thread::panicking(), "indexing has failed");
    }
}

#[test]
fn files_that_come_move_change_and_go_are_followed_and_only_those_are_read() {
    let mut opened = Opened::new(&["a.png", "sea/b.png"]);
    opened.until_names(&["a.png", "sea/b.png"]);

    draw(&opened.at("lake/deep/c.png"), 33);
    opened.until_names(&["a.png", "lake/deep/c.png", "sea/b.png"]);
    opened.until("it is said", |opened| opened.notices == ["1 photo is new"]);
    opened.until_neighbors("lake/deep/c.png", &["a.png", "sea/b.png"]);

    let (moved, other) = (opened.names["sea/b.png"], opened.names["a.png"]);
    fs::rename(opened.at("sea/b.png"), opened.at("lake/b.png")).unwrap();
    opened.until_names(&["a.png", "lake/b.png", "lake/deep/c.png"]);
    assert_eq!(opened.names["lake/b.png"], moved, "it is the same photo");
    assert_eq!(opened.backend.path(moved), Some(opened.at("lake/b.png")));

    draw(&opened.at("a.png"), 44);
    opened.until("another photo", |opened| opened.names.get("a.png").is_some_and(|photo| *photo != other));
    opened.until_names(&["a.png", "lake/b.png", "lake/deep/c.png"]);
    opened.until_neighbors("lake/b.png", &["a.png", "lake/deep/c.png"]);

    fs::remove_dir_all(opened.at("lake/deep")).unwrap();
    opened.until_names(&["a.png", "lake/b.png"]);
    opened.until_neighbors("a.png", &["lake/b.png"]);
    assert_eq!(opened.failures, [""; 0]);
}

#[test]
fn a_swarm_of_files_comes_in_a_few_looks_and_what_is_no_picture_is_listed() {
    let mut opened = Opened::new(&["a.png"]);
    for number in 0..500 {
        let path = opened.at(&format!("swarm/{number:03}.png"));
        if number % 250 == 0 {
            draw(&path, 100 + number);
        } else {
            fs::write(path, number.to_string()).unwrap();
        }
    }
    let is_all = |opened: &Opened| opened.names.len() == 3 && opened.skipped.len() == 498;
    opened.until("all are there", is_all);
    assert!(opened.finished < 30, "{} looks", opened.finished);
    fs::remove_dir_all(opened.at("swarm")).unwrap();
    opened.until_names(&["a.png"]);
    opened.until("the list is empty again", |opened| opened.skipped.is_empty());
}

#[test]
fn a_folder_that_is_away_takes_nothing_with_it() {
    let mut opened = Opened::new(&["a.png", "b.png"]);
    let (here, away) = (opened.at(""), opened.place.path().join("elsewhere"));
    fs::rename(&here, &away).unwrap();
    opened.until("it is said", |opened| !opened.failures.is_empty());
    opened.until("it is said for longer", |opened| opened.standing.is_some());
    assert_eq!(opened.names.len(), 2);

    // What a drive that is not connected leaves behind.
    fs::create_dir(&here).unwrap();
    std::thread::sleep(Duration::from_secs(12));
    fs::remove_dir(&here).unwrap();
    fs::rename(&away, &here).unwrap();
    draw(&opened.at("c.png"), 9);
    opened.until_names(&["a.png", "b.png", "c.png"]);
    opened.until("it is said", |opened| opened.notices.contains(&"the folder is there again".to_owned()));
    opened.until("nothing is lasting", |opened| opened.standing.is_none());
    assert_eq!(opened.failures.len(), 1, "{:?}", opened.failures);
}

#[test]
fn a_program_that_only_reads_tells_what_the_other_has_indexed() {
    let mut first = Opened::new(&["a.png"]);
    let second = Arc::new(Folder::new(&first.at(""), options(first.place.path())));
    let (sender, received) = mpsc::channel();
    let current: CurrentJob = Arc::new(AtomicU64::new(1));
    let (outbox, reader) = (Outbox::new(sender, 1, current), Arc::clone(&second));
    let reading = std::thread::Builder::new().spawn(move || reader.index(&outbox).unwrap()).unwrap();
    let mut told: Vec<Incoming> = Vec::new();
    let is_all = |told: &Incoming| matches!(told, Incoming::FromJob { message: Message::PhotosTold, .. });
    while !told.last().is_some_and(is_all) {
        told.push(received.recv_timeout(PATIENCE).unwrap());
    }
    draw(&first.at("0.png"), 2);
    first.until_names(&["0.png", "a.png"]);
    let [first_now, first_before] = ["0.png", "a.png"].map(|name| first.names[name]);
    let until = Instant::now() + PATIENCE;
    while second.path(first_now).is_none() {
        assert!(Instant::now() < until, "it was never told");
        std::thread::sleep(Duration::from_millis(50));
    }
    second.leave();
    reading.join().unwrap();
    told.extend(received.try_iter());
    let says = |told: &Incoming| matches!(told, Incoming::FromJob { message: Message::Notice(text), .. } if text.contains("read-only"));
    assert!(told.iter().any(says), "{told:?}");
    assert_eq!(selected_after(told), Some(first_before), "what was selected stays so though it is the first no more");
}

/// The photo that is selected on a screen that was told this.
fn selected_after(told: Vec<Incoming>) -> Option<PhotoId> {
    let (size, keys) = (Size::new(80, 24), KeyMap::default());
    let mut state = State::new(Settings { folder: "photos".into(), theme: Theme::Dark, pictures: false, size, keys });
    for incoming in told {
        if let Incoming::FromJob { message, .. } = incoming {
            update(&mut state, message);
        }
    }
    state.selected_photo()
}
