//! Panes of every size and state.

use super::*;
use crate::eval::Verdict;
use crate::ui::testing::id;
use crate::ui::{Context, LiveNeighbors};

#[test]
fn a_common_terminal_shows_the_four_panes_that_matter() {
    let mut screen = training(80, 24, 120);
    has(
        &mut screen,
        &[
            "● learning",
            "step 120 / 600",
            "2 min left",
            "213 photos/s",
            "epoch 6.4",
            "active triplets are worked off",
            "▸ loss",
            "active triplets",
            "31 % of 5,760",
            "12 % of 5,760",
            "distances",
            "positives 0.610",
            "negatives 0.980",
            "validation",
            "r Recall@1 .77 -> .77",
            "m MAP@R .61 -> .61 ±.03 (95 %)",
        ],
    );
    let frame = screen.frame();
    assert!(frame.chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c)), "curves\n{frame}");
    assert!(!frame.contains("gradient norm"), "there is no room for it");
}

#[test]
fn a_large_terminal_shows_all_panes_and_the_neighbours_beside_them() {
    let mut screen = training(200, 60, 120);
    let now = ["trip/IMG_0004.jpg", "trip/IMG_0008.jpg", "trip/IMG_0012.jpg"];
    let before = ["trip/IMG_0008.jpg", "trip/IMG_0004.jpg", "trip/IMG_0009.jpg"];
    tell(&mut screen, live("trip/IMG_0000.jpg", 118, &now, &before));
    has(
        &mut screen,
        &[
            "hardness",
            "spread",
            "gradient norm",
            "learning rate",
            "photos/s",
            "neighbours",
            "2 of 3 as before · IMG_0000.jpg · at step 118 · among 300",
            "1 ▲1   0.100",
            "2 ▼1   0.200",
            "3 new  0.300",
            "coffee",
            "tail · batch-all · margin 0.2 · rate 2e-4 · P 16 · K 4 · from base · makes “tuned 3”",
            "█ hard 12 %",
        ],
    );
    let wants = screen.send(Message::PicturesLost);
    let [Effect::WantPictures(wants)] = &wants[..] else { panic!("{wants:?}") };
    assert!(now.iter().all(|name| wants.iter().any(|want| want.key.photo == id(name))), "their pictures are wanted");
}

#[test]
fn a_rank_that_moves_far_stands_apart_from_its_distance() {
    let mut screen = training(120, 40, 5);
    let before: Vec<String> = (1..130).map(|n| format!("{n}")).collect();
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    tell(&mut screen, live("trip/IMG_0000.jpg", 5, &["129", "1"], &before));
    has(&mut screen, &["1 ▲128 0.100", "2 ▼1   0.200"]);
}

#[test]
fn the_time_that_is_gone_counts_validations() {
    let mut screen = training(120, 40, 100);
    has(&mut screen, &["31 s gone"]);
    tell(&mut screen, TrainingNews::Busy("embedding the library with the new model: 3 / 10".into()));
    let frame = screen.frame();
    assert!(frame.contains("embedding the library") && !frame.contains(" left"), "{frame}");
}

#[test]
fn photos_that_leave_stand_on_the_curves() {
    let mut screen = training(120, 40, 60);
    tell(&mut screen, TrainingNews::LeftOut { step: 60, words: "1 photo leaves training".into() });
    has(&mut screen, &["▾ 1 photo leaves training"]);
}

#[test]
fn the_cursor_reads_all_curves_at_one_step() {
    let mut screen = training(120, 40, 120);
    screen.keys("h");
    has(&mut screen, &["step 118", "active 31 %", "gradient 0.820", "rate 2e-4", "spread 5 % 0.620"]);
    screen.keys("5 0 h");
    has(&mut screen, &["step 18"]);
    screen.keys("home");
    has(&mut screen, &["step 1 ·", "loss 1.200"]);
    screen.keys("esc");
    assert!(!screen.frame().contains("spread 5 %"), "Esc takes the cursor away");
    assert_eq!(screen.state.context(), Context::Training);
}

#[test]
fn changes_stand_on_the_curves_and_are_told_at_the_cursor() {
    let mut screen = training(120, 40, 60);
    let changed = |margin| super::super::Steering { margin, ..steering() };
    let margin = crate::triplet::Margin::Hinge(0.5);
    tell(&mut screen, TrainingNews::Changed { step: 60, steering: changed(margin), words: "margin 0.2 -> 0.5".into() });
    for number in 61..=80 {
        tell(&mut screen, stepped(step(number, 0.5)));
    }
    tell(&mut screen, TrainingNews::Checkpointed { step: 80 });
    tell(&mut screen, TrainingNews::WentBack { step: 70 });
    tell(&mut screen, stepped(step(71, 0.4)));
    has(&mut screen, &["margin 0.5", "▾ back to step 70 from 80", "step 71 / 600"]);
    screen.keys("h");
    has(&mut screen, &["▾ checkpoint of step 80"]);
    screen.keys("2 0 h");
    has(&mut screen, &["▾ margin 0.2 -> 0.5"]);
}

#[test]
fn what_is_no_number_is_a_gap_with_a_mark() {
    let mut screen = training(80, 24, 30);
    assert!(!screen.frame().contains('×'));
    tell(&mut screen, stepped(step(31, f64::NAN)));
    tell(&mut screen, stepped(StepRow { loss: None, ..step(32, 0.0) }));
    has(&mut screen, &["×", "no number"]);
    screen.keys("L");
    has(&mut screen, &["×", "logarithmic"]);
}

#[test]
fn a_pane_can_be_zoomed_and_panes_are_gone_through() {
    let mut screen = training(80, 24, 50);
    screen.keys("tab z");
    let frame = screen.frame();
    assert!(
        frame.contains("▸ active triplets") && !frame.contains("▸ loss") && !frame.contains("validation"),
        "{frame}"
    );
    screen.keys("tab tab tab tab tab tab tab");
    has(&mut screen, &["▸ learning rate"]);
    screen.keys("esc");
    has(&mut screen, &["▸ learning rate", "active triplets"]);
    screen.keys("k");
    has(&mut screen, &["▸ active triplets"]);
    screen.keys("j backtab");
    assert_eq!(screen.state.context(), Context::Training);
}

#[test]
fn every_pane_alone_tells_its_numbers() {
    let mut screen = training(80, 24, 120);
    screen.keys("z");
    for words in [
        ["▸ loss", "r raw 0.208", "s smoothed 0.209"],
        ["▸ active triplets", "31 % of 5,760", "12 % of 5,760"],
        ["▸ distances", "█ positives 0.610", "░ negatives 0.980"],
        ["▸ validation", "r Recall@1 .77 -> .77 · best at step 0", "m MAP@R .61 -> .61 ±.03 (95 %)"],
        ["▸ neighbours", "the model in training answers soon", "step 120"],
        ["▸ hardness", "█ hard 12 %", "░ easy 69 %"],
        ["▸ spread", "1.310", "1.440"],
        ["▸ gradient norm", "0.820", "step 120"],
        ["▸ learning rate", "2e-4", "step 120"],
        ["▸ photos/s", "213", "step 120"],
    ] {
        has(&mut screen, &words);
        screen.keys("tab");
    }
    has(&mut screen, &["▸ loss"]);
    screen.keys("L");
    has(&mut screen, &["logarithmic"]);
}

#[test]
fn the_neighbours_pane_says_what_it_waits_for() {
    let mut screen = Screen::new(120, 40, vec![]);
    tell(&mut screen, planned());
    screen.keys("t");
    has(&mut screen, &["no photo is selected", "the first step is taken"]);
    tell(&mut screen, TrainingNews::Ended(Err("the disk is full".into())));
    has(&mut screen, &["no training runs", "! the disk is full"]);
    let mut screen = training(120, 40, 3);
    has(&mut screen, &["the model in training answers soon"]);
    tell(&mut screen, live("trip/IMG_0000.jpg", 3, &["trip/IMG_0002.jpg"], &["trip/IMG_0001.jpg"]));
    has(&mut screen, &["0 of 1 as before · IMG_0000.jpg", "1 new"]);
}

#[test]
fn the_recent_window_and_the_whole_run() {
    let mut screen = training(80, 24, 10);
    tell(
        &mut screen,
        TrainingNews::Steps { rows: (11..=900).map(|n| step(n, 0.5)).collect(), latest: details(900, false) },
    );
    has(&mut screen, &["the whole run"]);
    screen.keys("r home");
    has(&mut screen, &["the last steps", "step 501"]);
    screen.keys("r home");
    has(&mut screen, &["steps 1 to 2, means"]);
}

#[test]
fn every_screen_tells_how_the_training_is() {
    let mut screen = training(80, 24, 120);
    screen.keys("esc");
    assert_eq!(screen.state.context(), Context::Grid);
    has(&mut screen, &["training: step 120 / 600 · loss 0.2", "learning"]);
    screen.keys("t");
    has(&mut screen, &["▸ loss"]);
    tell(&mut screen, TrainingNews::Paused { step: 120 });
    has(&mut screen, &["‖ paused", "training paused at step 120 / 600"]);
    tell(&mut screen, TrainingNews::GoesOn);
    tell(&mut screen, TrainingNews::Busy("embedding the library: 3 / 10".into()));
    has(&mut screen, &["embedding the library: 3 / 10"]);
}

#[test]
fn preparing_has_a_bar() {
    let mut screen = training(80, 24, 0);
    tell(&mut screen, TrainingNews::Preparing { done: 604, total: 1_208 });
    has(&mut screen, &["preparing photos ▕██████", "604 / 1,208", "no step yet"]);
}

#[test]
fn without_colour_letters_and_fillings_tell_curves_apart() {
    let mut screen = training(120, 40, 60);
    screen.state.theme = crate::ui::Theme::NoColor;
    has(&mut screen, &["a 31 %", "v 12 %", "█ hard", "▓ semi-hard", "░ easy", "█ positives", "░ negatives"]);
    let coloured = screen.cells().iter().filter(|cell| cell.fg != ratatui::style::Color::Reset).count();
    assert_eq!(coloured, 0);
}

#[test]
fn the_neighbours_screen_shows_how_ranks_move_while_it_trains() {
    let mut screen = training(120, 40, 10);
    screen.keys("esc");
    let effects = screen.keys("l enter");
    let watched = TrainingOrder::Watch(Some(id("trip/IMG_0001.jpg")));
    assert!(orders(&effects).contains(&watched), "{effects:?}");
    let names = ["trip/IMG_0005.jpg", "trip/IMG_0009.jpg", "trip/IMG_0013.jpg"];
    screen.send(Message::Neighbors { question: 1, answer: Ok(crate::ui::testing::answer(&names)) });
    let now = ["trip/IMG_0013.jpg", "trip/IMG_0009.jpg", "trip/IMG_0007.jpg"];
    tell(&mut screen, live("trip/IMG_0001.jpg", 9, &now, &names));
    has(&mut screen, &["0.300  ▲2", "0.100  gone", "in training, step 9: 2 of 3 as before"]);
    let on = screen.keys("l enter");
    assert!(orders(&on).contains(&TrainingOrder::Watch(Some(id("trip/IMG_0009.jpg")))));
    tell(&mut screen, TrainingNews::Ended(Ok(outcome(None))));
    assert!(orders(&screen.keys("H")).is_empty(), "nobody watches after the end");
}

#[test]
fn late_and_unknown_news_change_nothing() {
    let mut screen = Screen::new(80, 24, library());
    let before = screen.frame();
    let late = || {
        let live = LiveNeighbors { query: id("?"), step: 9, neighbors: vec![], before: vec![], among: 0 };
        vec![
            stepped(step(7, 0.1)),
            validated(5, 0.5),
            TrainingNews::Live(live),
            TrainingNews::WentBack { step: 3 },
            TrainingNews::GoesOn,
            TrainingNews::Ended(Ok(outcome(None))),
            TrainingNews::Offer(Err("nothing".into())),
        ]
    };
    for news in late() {
        assert_eq!(tell(&mut screen, news), []);
    }
    assert_eq!(screen.frame(), before);
    let mut screen = training(80, 24, 20);
    tell(&mut screen, TrainingNews::Ended(Ok(outcome(Some(Verdict::Better)))));
    screen.keys("="); // the notice goes
    let before = screen.frame();
    for news in late() {
        tell(&mut screen, news);
    }
    assert_eq!(screen.frame(), before, "what comes after the end is late");
}

#[test]
fn a_hundred_thousand_steps_are_cheap() {
    let mut screen = training(200, 60, 0);
    for start in (1..100_000).step_by(500) {
        let rows = (start..start + 500).map(|n| step(n, 1.0 / n as f64)).collect();
        tell(&mut screen, TrainingNews::Steps { rows, latest: details(start + 499, false) });
    }
    has(&mut screen, &["step 100,000 / 600"]);
    screen.keys("L z h");
    has(&mut screen, &["log"]);
}
