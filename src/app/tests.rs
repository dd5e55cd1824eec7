//! The session in a pseudo-terminal: the test program starts itself as the child on the other end.
#![cfg(unix)]

mod fake;
mod pictures;
mod pty;
mod signals;

use std::sync::Arc;
use std::time::Duration;

use super::{Images, Options, run};
use fake::Fake;
use pty::Pty;

/// Not a test: what the other tests start in a pseudo-terminal.
#[test]
#[ignore = "the other end of the pseudo-terminal; the tests below start it"]
fn child() {
    let Ok(pid_file) = std::env::var("TRIPLETUI_TEST_PID") else { return };
    std::fs::write(pid_file, std::process::id().to_string()).unwrap();
    let images = match std::env::var("TRIPLETUI_TEST_IMAGES").as_deref() {
        Ok("auto") => Images::Auto,
        _ => Images::Halfblocks,
    };
    let mouse = std::env::var_os("TRIPLETUI_TEST_MOUSE").is_none();
    match run(Arc::new(Fake), &Options { images, mouse, ..Options::default() }) {
        Ok(left) => println!("left with signal {:?} and {} marked", left.signal, left.marked.len()),
        Err(error) => println!("error: {error}"),
    }
    if std::env::var_os("TRIPLETUI_TEST_LINGERS").is_some() {
        // As one whose output nobody reads.
        std::thread::sleep(Duration::from_secs(300));
    }
}

#[test]
fn it_draws_moves_walks_and_gives_the_terminal_back() {
    let mut pty = Pty::start("");
    pty.wait("photo-00.jpg");
    pty.wait("24 photos · by name");
    pty.wait("▄▄▄▄");
    assert!(pty.screen(|screen| screen.alternate_screen() && screen.hide_cursor() && screen.bracketed_paste()));
    pty.send("ll ");
    pty.wait("● photo-02.jpg");
    pty.send("\r");
    pty.wait("k-d tree · exact · model base");
    pty.wait(" 1  0.010");
    pty.wait("1 / 23");
    pty.send("l\r\x1b");
    pty.wait("4 / 24");
    pty.send("q");
    pty.wait("left with signal None and 1 marked");
    pty.is_restored();
}

#[test]
fn the_map_is_drawn_and_a_broken_one_is_said() {
    let mut pty = Pty::start("");
    pty.wait("24 photos · by name");
    pty.send("M");
    pty.wait("UMAP, 24 photos · model base");
    pty.send("l\r");
    pty.wait("k-d tree · exact · model base");
    pty.send("q");
    pty.wait("left with");
    let mut pty = Pty::start("TRIPLETUI_TEST_PANIC=map");
    pty.wait("photo-00.jpg");
    pty.send("M");
    pty.wait("drawing the map failed");
    pty.send("q");
    pty.wait("left with");
    pty.is_restored();
}

#[test]
fn a_new_size_is_drawn() {
    let mut pty = Pty::start("");
    pty.wait("photo-00.jpg");
    pty.resize(30, 8);
    pty.wait("tripletui needs 40 x 10");
    pty.resize(120, 40);
    pty.wait("photo-11.jpg");
    pty.send("q");
    pty.wait("left with");
    pty.is_restored();
}

#[test]
fn a_panic_gives_the_terminal_back_and_is_reported_there() {
    let mut pty = Pty::start("TRIPLETUI_TEST_PANIC=loop");
    pty.wait("photo-00.jpg");
    pty.send("y");
    pty.wait("the path is broken on purpose");
    pty.is_restored();
}

#[test]
fn a_panic_in_a_worker_becomes_a_line_on_the_screen() {
    let mut pty = Pty::start("TRIPLETUI_TEST_PANIC=worker");
    pty.wait("photo-00.jpg");
    pty.send("\r");
    pty.wait("the search failed");
    pty.send("q");
    pty.wait("left with");
    pty.is_restored();
}

#[test]
fn ctrl_z_sleeps_and_fg_wakes() {
    let mut pty = Pty::shell();
    pty.command("");
    pty.wait("photo-00.jpg");
    pty.send("\x1a");
    pty.wait("Stopped");
    assert!(!pty.screen(vt100::Screen::alternate_screen));
    pty.send("fg\r");
    pty.wait("photo-00.jpg");
    assert!(pty.screen(vt100::Screen::alternate_screen));
    pty.send("lq");
    pty.wait("left with signal None");
    pty.is_restored();
}

#[test]
fn a_path_is_copied_into_the_clipboard_of_the_terminal() {
    let mut pty = Pty::start("TMUX=");
    pty.wait("photo-00.jpg");
    pty.send("y");
    pty.wait("copied /photos/photo-00.jpg");
    assert!(pty.has_sent("\x1b]52;c;L3Bob3Rvcy9waG90by0wMC5qcGc=\x07"));
    pty.send("q");
}

#[test]
fn a_signal_while_the_terminal_is_asked_what_it_can_gives_it_back() {
    let mut pty = Pty::silent("TRIPLETUI_TEST_IMAGES=auto TERM=xterm TERM_PROGRAM=");
    pty.wait_sent("\x1b[5n");
    pty.signal("TERM");
    pty.wait("left with signal Some(15)");
    pty.is_restored();
}

#[test]
fn keys_typed_while_a_silent_terminal_is_asked_are_not_lost() {
    let mut pty = Pty::silent("TRIPLETUI_TEST_IMAGES=auto TERM=xterm TERM_PROGRAM=");
    pty.wait_sent("\x1b[5n");
    pty.send("?");
    pty.wait("more lines");
    pty.wait("24 photos · by name");
    pty.send("\x1b");
    // With the next key right behind it, it would be another key.
    pty.wait_for("the end of the help", |pty| !pty.screen(vt100::Screen::contents).contains("more lines"));
    pty.send("l");
    pty.wait("2 / 24");
    pty.send("q");
    pty.wait("left with");
    pty.is_restored();
}

#[test]
fn a_storm_of_sizes_down_to_one_cell_leaves_a_whole_screen() {
    let mut pty = Pty::start("");
    pty.wait("photo-00.jpg");
    for (round, keys) in ["l", "\r", "?", "\x1b", ":", "z"].iter().cycle().take(120).enumerate() {
        let (columns, lines) = [(1, 1), (200, 60), (2, 40), (300, 2), (41, 11), (80, 24), (39, 9)][round % 7];
        pty.resize(columns, lines);
        pty.send(keys);
    }
    pty.resize(80, 24);
    for _ in 0..8 {
        pty.send("\x1b");
        std::thread::sleep(Duration::from_millis(60));
    }
    std::thread::sleep(Duration::from_secs(1));
    pty.wait("24 photos · by name");
    pty.wait("/ 24");
    pty.send("q");
    pty.wait("left with signal None");
    pty.is_restored();
}

#[test]
fn a_signal_that_stops_gives_the_terminal_back_until_fg() {
    let mut pty = Pty::shell();
    pty.command("");
    pty.wait("photo-00.jpg");
    pty.signal("TSTP");
    pty.wait("Stopped");
    assert!(!pty.screen(|screen| screen.alternate_screen() || screen.hide_cursor()));
    pty.send("fg\r");
    pty.wait("photo-00.jpg");
    pty.send("lq");
    pty.wait("left with signal None");
    pty.is_restored();
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_that_vanishes_ends_the_program() {
    let pty = Pty::start("");
    pty.wait("photo-00.jpg");
    let child = pty.vanish();
    // Nobody may be there to bury it: dead is gone.
    let is_gone = || {
        let stat = std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        stat.rsplit(')')
            .next()
            .is_none_or(|after_name| after_name.trim().is_empty() || after_name.trim().starts_with('Z'))
    };
    let until = std::time::Instant::now() + Duration::from_secs(20);
    while !is_gone() {
        assert!(std::time::Instant::now() < until, "it goes on without a terminal");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn without_the_mouse_the_terminal_keeps_it() {
    let mut pty = Pty::start("TRIPLETUI_TEST_MOUSE=off");
    pty.wait("photo-00.jpg");
    assert_eq!(pty.screen(vt100::Screen::mouse_protocol_mode), vt100::MouseProtocolMode::None);
    pty.send("q");
    pty.wait("left with");
    let with = Pty::start("");
    with.wait("photo-00.jpg");
    assert_ne!(with.screen(vt100::Screen::mouse_protocol_mode), vt100::MouseProtocolMode::None);
}

#[test]
fn without_a_real_terminal_there_is_a_sentence() {
    let mut pty = Pty::start("TERM=dumb");
    pty.wait("error: there is no screen here");
    pty.wait("tripletui query FOLDER IMAGE");
    pty.is_restored();
}

#[cfg(target_os = "linux")]
#[test]
fn while_nothing_happens_it_sleeps() {
    let mut pty = Pty::start("");
    pty.wait("photo-00.jpg");
    pty.wait("▄▄▄▄");
    // The pictures around those in sight are still made for a while.
    let is_idle = || {
        let before = pty.ticks();
        std::thread::sleep(Duration::from_secs(1));
        pty.ticks() <= before + 1
    };
    assert!((0..10).any(|_| is_idle()), "it works although nothing happens");
    pty.send("q");
}
