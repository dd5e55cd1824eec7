//! Keys in, frame out.

mod ends;
mod examples;
mod form;
mod guard;
mod keys;
mod mouse;
mod panes;
mod random;
mod steer;
mod unfinished;
mod waits;

use std::sync::Arc;

use super::message::{StepRow, TrainingNews};
use super::testing::{details, live, offer, outcome, planned, steering, step, stepped, validated};
use crate::ui::message::{Effect, Message};
use crate::ui::testing::{Screen, row};
use crate::ui::{PhotoRow, TrainingOrder};

pub(super) fn library() -> Vec<Arc<PhotoRow>> {
    let labels = ["coffee", "milk", "sea", ""];
    (0..40).map(|n| row(&format!("trip/IMG_{n:04}.jpg"), labels[n % 4])).collect()
}

pub(super) fn tell(screen: &mut Screen, news: TrainingNews) -> Vec<Effect> {
    screen.send(Message::Training(news))
}

/// A screen on which a training was started and has taken so many steps, their loss falling.
pub(super) fn training(columns: u16, lines: u16, steps: u64) -> Screen {
    let mut screen = Screen::new(columns, lines, library());
    screen.keys("t");
    tell(&mut screen, TrainingNews::Offer(Ok(offer())));
    screen.keys("enter");
    tell(&mut screen, planned());
    tell(&mut screen, validated(0, 0.77));
    for number in 1..=steps {
        tell(&mut screen, stepped(step(number, 0.2 + 1.0 / number as f64)));
    }
    screen
}

pub(super) fn orders(effects: &[Effect]) -> Vec<TrainingOrder> {
    let order = |effect: &Effect| match effect {
        Effect::Training(order) => Some(order.clone()),
        _ => None,
    };
    effects.iter().filter_map(order).collect()
}

/// Whether the frame has all of these words.
#[track_caller]
pub(super) fn has(screen: &mut Screen, words: &[&str]) {
    let frame = screen.frame();
    for words in words {
        assert!(frame.contains(words), "{words}\n{frame}");
    }
}
