//! A folder that changes while it is watched.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use tempfile::TempDir;

/// Long enough for a busy machine, and never waited for when all is well.
const PATIENCE: Option<Duration> = Some(Duration::from_secs(20));
/// Short enough to wait for it.
const MOMENT: Option<Duration> = Some(Duration::from_millis(900));

fn watched() -> (TempDir, FolderWatch) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("sea")).unwrap();
    let watch = FolderWatch::new(folder.path());
    assert_eq!(watch.start(), Watching::Told);
    (folder, watch)
}

fn wait(watch: &FolderWatch) -> Woken {
    watch.wait(PATIENCE, Duration::ZERO)
}

#[test]
fn what_is_added_changed_renamed_and_removed_is_heard_anywhere_below() {
    let (folder, watch) = watched();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("sea/a.jpg"), "a").unwrap();
    assert_eq!(wait(&watch), Woken::Changed);
    fs::write(at("sea/a.jpg"), "other").unwrap();
    assert_eq!(wait(&watch), Woken::Changed);
    fs::rename(at("sea/a.jpg"), at("b.jpg")).unwrap();
    assert_eq!(wait(&watch), Woken::Changed);
    fs::create_dir_all(at("new/deep")).unwrap();
    assert_eq!(wait(&watch), Woken::Changed);
    fs::write(at("new/deep/c.jpg"), "c").unwrap();
    assert_eq!(wait(&watch), Woken::Changed);
    fs::remove_file(at("b.jpg")).unwrap();
    assert_eq!(wait(&watch), Woken::Changed);
    assert_eq!(watch.wait(MOMENT, Duration::ZERO), Woken::Due, "and then it is quiet");
}

#[test]
fn what_a_scan_leaves_out_and_reading_are_not_heard() {
    let (folder, watch) = watched();
    fs::write(folder.path().join("sea/.a.jpg.part"), "half").unwrap();
    fs::create_dir_all(folder.path().join("@eaDir/x")).unwrap();
    fs::read_dir(folder.path()).unwrap();
    assert_eq!(watch.wait(MOMENT, Duration::ZERO), Woken::Due);
}

#[test]
fn a_swarm_is_one_change() {
    let (folder, watch) = watched();
    for number in 0..300 {
        fs::write(folder.path().join(format!("{number}.jpg")), "x").unwrap();
    }
    assert_eq!(wait(&watch), Woken::Changed);
    assert_eq!(watch.wait(MOMENT, Duration::ZERO), Woken::Due);
}

#[test]
fn a_swarm_that_does_not_end_is_looked_at_all_the_same() {
    let heard = Heard::default();
    let start = Instant::now();
    let quiet = Duration::from_millis(60);
    let is_heard = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let swarm = scope.spawn(|| {
            while !is_heard.load(Ordering::SeqCst) && start.elapsed() < Duration::from_secs(60) {
                heard.change(Instant::now());
                std::thread::sleep(quiet / 10);
            }
            is_heard.load(Ordering::SeqCst)
        });
        assert_eq!(heard.wait(None, quiet), Woken::Changed);
        is_heard.store(true, Ordering::SeqCst);
        assert!(swarm.join().unwrap(), "it waited until the swarm was over");
    });
}

#[test]
fn a_stop_ends_every_wait() {
    let (_folder, watch) = watched();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| watch.wait(None, Duration::ZERO));
        watch.stop();
        assert_eq!(waiting.join().unwrap(), Woken::Stopped);
    });
    assert_eq!(watch.wait(PATIENCE, Duration::ZERO), Woken::Stopped);
}

#[test]
fn without_a_watch_it_is_looked_again_and_again_but_not_all_the_time() {
    let folder = tempfile::tempdir().unwrap();
    let watch = FolderWatch::new(&folder.path().join("away"));
    let Watching::Looking { every, why } = watch.start() else { panic!("it cannot be watched") };
    assert_eq!((every, why.as_str()), (WITHOUT_WATCH, "it cannot be watched"));
    let slow = Duration::from_secs(9);
    assert!(matches!(watch.watching(slow), Watching::Looking { every, .. } if every == slow * SHARE));
    fs::create_dir(folder.path().join("away")).unwrap();
    assert_eq!(watch.start(), Watching::Told, "it came back");
    watch.heard.miss("the limit".to_owned());
    assert_eq!(wait(&watch), Woken::Changed);
    assert!(matches!(watch.watching(Duration::ZERO), Watching::Looking { why, .. } if why == "the limit"));
}
