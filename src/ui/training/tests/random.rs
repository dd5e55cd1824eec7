//! Any size, any keys, any news.

use proptest::prelude::*;

use super::*;
use crate::eval::Verdict;
use crate::triplet::GuardState;
use crate::ui::training::UnfinishedRow;

const SIZES: &[(u16, u16)] = &[(1, 1), (0, 0), (20, 5), (40, 10), (80, 24), (120, 40), (200, 60), (41, 200), (300, 11)];
const KEYS: &[&str] = &[
    "t",
    "m",
    "enter",
    "esc",
    "tab",
    "backtab",
    "h",
    "l",
    "j",
    "k",
    "left",
    "right",
    "up",
    "down",
    "z",
    "L",
    "r",
    "=",
    "p",
    "S",
    "D",
    "y",
    "e",
    "+",
    "-",
    "s",
    "w",
    "b",
    "G",
    "n",
    "X",
    "x",
    "u",
    "U",
    "q",
    "?",
    "5",
    "home",
    "end",
    "c",
    "space",
    "R",
    "d",
    "E",
    "f",
    "ctrl-r",
    "backspace",
    "pgdn",
    "g g",
    "/",
];

#[test]
fn every_size_is_drawn_in_every_phase() {
    for (columns, lines) in SIZES {
        let mut screen = training(80, 24, 30);
        screen.resize(*columns, *lines);
        for _ in 0..10 {
            screen.frame();
            screen.keys("z");
            screen.frame();
            screen.keys("z h tab");
        }
        screen.keys("enter");
        screen.frame();
        screen.keys("esc esc e");
        screen.frame();
        screen.keys("esc");
        tell(&mut screen, TrainingNews::Ended(Ok(outcome(Some(Verdict::Better)))));
        let frame = screen.frame();
        if *columns >= 40 && *lines >= 10 {
            assert!(frame.contains("Recall@1"), "{columns}x{lines}\n{frame}");
        }
        screen.keys("t");
        screen.frame();
    }
}

fn news(which: usize, number: u64) -> TrainingNews {
    let states =
        [GuardState::Untrained, GuardState::Collapsed, GuardState::LabelNoise, GuardState::Done, GuardState::Diverged];
    let state = states[number as usize % 5];
    match which {
        0 => planned(),
        1 => stepped(StepRow { state, ..step(number, f64::NAN) }),
        2 => TrainingNews::Steps {
            rows: (0..number).map(|n| step(n, n as f64)).collect(),
            latest: details(number, true),
        },
        3 => validated(number, 0.5),
        4 => TrainingNews::WentBack { step: number },
        5 => TrainingNews::Ended(Ok(outcome(None))),
        6 => TrainingNews::Ended(Err("no".into())),
        7 => TrainingNews::Offer(Ok(offer())),
        8 => TrainingNews::Unfinished {
            rows: vec![UnfinishedRow { name: "x".into(), done: 1, steps: 2 }],
            cut_off: number.is_multiple_of(2),
        },
        9 => TrainingNews::Preparing { done: number as usize, total: 0 },
        10 => live("trip/IMG_0000.jpg", number, &["trip/IMG_0004.jpg"], &[]),
        _ => TrainingNews::Paused { step: number },
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_keys_and_no_news_panic(steps in prop::collection::vec((0..KEYS.len() + 14, 0u64..700), 1..60)) {
        let mut screen = Screen::new(80, 24, library());
        for (which, number) in steps {
            match which.checked_sub(KEYS.len()) {
                None => _ = screen.keys(KEYS[which]),
                Some(0) => {
                    let (columns, lines) = SIZES[number as usize % SIZES.len()];
                    screen.resize(columns, lines);
                }
                Some(which) => _ = tell(&mut screen, news(which - 1, number)),
            }
            screen.frame();
        }
    }
}
