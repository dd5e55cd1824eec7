//! Signals that ask the session to end.

use super::pty::Pty;

/// Leaving or sleeping has begun.
fn wait_given_back(pty: &Pty) {
    pty.wait_for("the terminal given back", |pty| !pty.screen(vt100::Screen::alternate_screen));
}

#[test]
fn sigterm_and_sighup_give_the_terminal_back() {
    for signal in ["TERM", "HUP"] {
        let mut pty = Pty::start("");
        pty.wait("photo-00.jpg");
        pty.signal(signal);
        pty.wait("left with signal Some(");
        pty.is_restored();
    }
}

#[test]
fn a_window_that_says_twice_that_it_is_closed_does_not_keep_anything_from_being_saved() {
    let mut pty = Pty::saving("");
    pty.wait("photo-00.jpg");
    pty.signal("HUP");
    wait_given_back(&pty);
    pty.signal("HUP");
    pty.saved();
    pty.wait("left with signal Some(1)");
    pty.is_restored();
}

#[test]
fn a_signal_that_comes_while_the_program_leaves_already_waits_for_what_is_saved() {
    for (name, number) in [("HUP", 1), ("TERM", 15)] {
        let mut pty = Pty::saving("");
        pty.wait("photo-00.jpg");
        pty.send("q");
        wait_given_back(&pty);
        pty.signal(name);
        pty.saved();
        pty.wait(&format!("left with signal Some({number})"));
        pty.is_restored();
    }
}

#[test]
fn whoever_tells_it_twice_to_end_does_not_wait() {
    let mut pty = Pty::saving("");
    pty.wait("photo-00.jpg");
    pty.signal("TERM");
    wait_given_back(&pty);
    pty.signal("TERM");
    pty.wait("Terminated");
    pty.is_restored();
}

#[test]
fn a_signal_after_the_session_ends_the_program_at_once() {
    let mut pty = Pty::start("TRIPLETUI_TEST_LINGERS=1");
    pty.wait("photo-00.jpg");
    pty.send("q");
    pty.wait("left with signal None");
    pty.signal("TERM");
    pty.wait("Terminated");
    pty.is_restored();
}

#[test]
fn a_program_that_sleeps_can_be_killed_by_its_shell_and_waits_in_the_background_for_its_turn() {
    let mut pty = Pty::start("");
    pty.wait("photo-00.jpg");
    pty.send("\x1a");
    pty.wait("Stopped");
    // One line: what is typed while it is in the background is the shell's, and who reads it beside the shell is stopped.
    pty.send("bg; sleep 1; fg\r");
    pty.wait_for("the screen again", |pty| pty.screen(vt100::Screen::alternate_screen));
    pty.wait("photo-00.jpg");
    pty.send("\x1a");
    pty.wait_for("stopped once more", |pty| pty.times_sent("Stopped") == 2);
    pty.send("kill %1\r");
    pty.wait("left with signal Some(15)");
    pty.is_restored();
}

#[test]
fn a_program_that_was_put_aside_leaves_in_order_when_it_is_told_to() {
    let pty = Pty::start("");
    pty.wait("photo-00.jpg");
    pty.signal("STOP");
    pty.wait("Stopped");
    // The shell has the terminal: who gives it back now must not be stopped by that.
    pty.signal("TERM");
    pty.signal("CONT");
    pty.wait("left with signal Some(15)");
}
