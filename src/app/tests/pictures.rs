//! In which language a terminal is sent its pictures, and how it is asked.

use std::time::Duration;

use super::pty::{self, Pty};

#[test]
fn a_terminal_that_knows_sixel_gets_sixel() {
    let mut pty = Pty::start("TRIPLETUI_TEST_IMAGES=auto TERM=xterm TERM_PROGRAM=");
    pty.wait("photo-00.jpg");
    pty.wait_sent("\x1bP");
    pty.send("q");
    pty.wait("left with");
    pty.is_restored();
}

#[test]
fn kitty_gets_its_pictures_only_where_they_can_be_placed_by_characters() {
    for (answers, places) in [(pty::KITTY, true), (pty::OLD_KITTY, false)] {
        let mut pty = Pty::answering(answers, "TRIPLETUI_TEST_IMAGES=auto TERM=xterm TERM_PROGRAM=");
        pty.wait("photo-00.jpg");
        if places {
            pty.wait_sent("\u{10EEEE}");
        } else {
            pty.wait("▄▄▄▄");
        }
        assert_eq!(pty.has_sent("a=T,U=1,"), places);
        pty.send("q");
        pty.wait("left with");
        pty.is_restored();
    }
}

#[test]
fn behind_tmux_sixel_becomes_half_blocks() {
    let mut pty = Pty::answering(pty::SIXEL_BEHIND_TMUX, "TRIPLETUI_TEST_IMAGES=auto TERM=xterm TERM_PROGRAM=tmux");
    pty.wait("photo-00.jpg");
    pty.wait("▄▄▄▄");
    assert!(pty.sixels().is_empty());
    pty.send("q");
    pty.wait("left with");
}

#[test]
fn behind_tmux_kitty_is_sent_its_pictures_through_it_and_they_are_placed_by_characters() {
    let environment = "TRIPLETUI_TEST_IMAGES=auto TERM=xterm TERM_PROGRAM=tmux";
    let mut pty = Pty::answering(pty::KITTY_BEHIND_TMUX, environment);
    pty.wait("photo-00.jpg");
    pty.wait_for("six pictures", |pty| pty.times_sent("a=T,U=1,") >= 6);
    pty.send("q");
    pty.wait("left with");
    let (passed, drawn) = pty.through_tmux();
    let commands: Vec<&String> = passed.iter().filter(|piece| piece.contains("_Gq=2,")).collect();
    assert!(commands.iter().all(|command| command.starts_with("\x1b_Gq=2,") && command.ends_with("\x1b\\")));
    assert!(commands.iter().filter(|command| command.contains("a=T,U=1,")).count() >= 6);
    assert!(drawn.contains('\u{10EEEE}') && !drawn.contains("_G"), "what is not wrapped is lost in tmux");
    assert!(!passed.iter().any(|piece| piece.contains('\u{10EEEE}')), "placeholders are tmux's own to draw");
    pty.is_restored();
}

#[test]
fn other_cells_are_asked_for_where_the_window_tells_no_pixels() {
    let mut pty = Pty::start("TRIPLETUI_TEST_IMAGES=auto TERM=xterm TERM_PROGRAM=");
    pty.wait("photo-00.jpg");
    pty.wait_sent("\x1bP");
    pty.zoom((17, 34), 60, 20);
    let is_of_now = |(width, height): &(u32, u32)| width % 17 == 0 && height % 34 == 0;
    pty.wait_for("pictures for cells of 17 x 34", |pty| pty.sixels().last().is_some_and(is_of_now));
    pty.send("ll");
    pty.wait("3 / 24");
    pty.send("q");
    pty.wait("left with");
    pty.is_restored();
}

#[test]
fn a_signal_while_the_size_of_a_cell_is_awaited_gives_the_terminal_back_for_good() {
    let mut pty = Pty::saving("TRIPLETUI_TEST_IMAGES=auto TERM=xterm TERM_PROGRAM=");
    pty.wait("photo-00.jpg");
    pty.wait_sent("\x1bP");
    let asked = pty.times_sent("\x1b[16t");
    pty.fall_silent();
    pty.zoom((17, 34), 60, 20);
    pty.wait_for("the question", |pty| pty.times_sent("\x1b[16t") > asked);
    pty.signal("TERM");
    pty.wait_sent("\x1b[?1049l");
    // Whoever waited for the answer is woken by a line, once it is too late for one.
    std::thread::sleep(Duration::from_millis(1_200));
    pty.send("\r");
    pty.saved();
    pty.wait("left with signal Some(15)");
    pty.is_restored();
}
