//! Opening a library that is known already: what is to be seen first is told first.

use std::collections::HashSet;
use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use super::super::told::Told;
use super::super::*;
use super::watched::options;
use crate::app::mailbox::{CurrentJob, Incoming};
use crate::library::Location;
use crate::store::{IndexBatch, PhotoFacts, Store};
use crate::ui::{LibraryChange, Message};

const PHOTOS: usize = 3_000;

/// Photos that came in another order than that of their names.
fn batch() -> IndexBatch {
    let mut batch = IndexBatch::default();
    for number in (0..PHOTOS).map(|place| place * 1_009 % PHOTOS) {
        let id = PhotoId::of_content(&number.to_le_bytes());
        batch.photos.push(PhotoFacts { id, bytes: 1, width: 4, height: 3, taken: None, camera: None });
        batch.locations.push((Location { path: format!("{number:04}.jpg").into(), size: 1, modified_ns: 1 }, id));
    }
    batch
}

#[test]
fn the_first_photos_by_name_are_told_at_once_and_all_of_them_once() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("photos");
    fs::create_dir(&folder).unwrap();
    let options = options(place.path());
    Store::open(&folder.canonicalize().unwrap(), &options.dirs).unwrap().commit(&batch()).unwrap();
    let backend = Arc::new(Folder::new(&folder, options));
    let (sender, received) = mpsc::channel();
    let current: CurrentJob = Arc::new(AtomicU64::new(1));
    let (outbox, indexer) = (Outbox::new(sender, 1, Arc::clone(&current)), Arc::clone(&backend));
    let indexing = std::thread::Builder::new().spawn(move || indexer.index(&outbox)).unwrap();
    let mut told: Vec<Vec<String>> = Vec::new();
    while told.iter().map(Vec::len).sum::<usize>() < PHOTOS {
        let Incoming::FromJob { message, .. } = received.recv_timeout(Duration::from_secs(60)).unwrap() else {
            continue;
        };
        if let Message::LibraryChanged(LibraryChange::Added(rows)) = message {
            told.push(rows.iter().map(|row| row.name.to_string()).collect());
        }
    }
    let path = backend.path(PhotoId::of_content(&7usize.to_le_bytes()));
    current.store(0, Ordering::Relaxed);
    backend.leave();
    indexing.join().unwrap().unwrap();
    let first: Vec<String> = (0..told[0].len()).map(|number| format!("{number:04}.jpg")).collect();
    assert!((200..1_000).contains(&first.len()), "{} rows at first", first.len());
    assert_eq!(told[0], first);
    assert!(told.iter().all(|rows| rows.len() <= 1_024), "a key would wait");
    let names: HashSet<&String> = told.iter().flatten().collect();
    assert_eq!(names.len(), PHOTOS, "no photo is told twice");
    assert_eq!(path, Some(folder.canonicalize().unwrap().join("0007.jpg")));
}

#[test]
fn whoever_waits_for_the_library_goes_on_as_soon_as_it_is_open_or_cannot_be() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("photos");
    fs::create_dir(&folder).unwrap();
    let options = options(place.path());
    Store::open(&folder.canonicalize().unwrap(), &options.dirs).unwrap().commit(&batch()).unwrap();
    let outbox = Outbox::new(mpsc::channel().0, 1, Arc::new(AtomicU64::new(1)));
    for opens in [false, true] {
        let (backend, mut told) = (Arc::new(Folder::new(&folder, options.clone())), Told::default());
        backend.glance(&mut told, &outbox);
        let (asking, (say, said), (begin, begun)) = (Arc::clone(&backend), mpsc::channel(), mpsc::channel());
        let wait = move || {
            begin.send(()).unwrap();
            say.send(asking.open_within(Duration::from_secs(3_600)).is_some()).unwrap();
        };
        let waiting = std::thread::Builder::new().spawn(wait).unwrap();
        begun.recv().unwrap();
        // Most likely it waits by then; where it does not yet, it has nothing to wait for.
        std::thread::sleep(Duration::from_millis(50));
        if opens {
            backend.open().unwrap();
        } else {
            backend.take_back_glance(&mut told, &outbox);
        }
        assert_eq!(said.recv_timeout(Duration::from_secs(120)).expect("nobody woke it"), opens);
        waiting.join().unwrap();
    }
}
