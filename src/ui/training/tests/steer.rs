//! Pausing, stopping, changing settings, leaving.

use super::*;
use crate::triplet::Margin;
use crate::ui::Context;
use crate::ui::training::Steering;

#[test]
fn pause_and_stop_are_keys() {
    let mut screen = training(80, 24, 10);
    assert_eq!(orders(&screen.keys("p")), [TrainingOrder::Pause]);
    tell(&mut screen, TrainingNews::Paused { step: 10 });
    assert_eq!(orders(&screen.keys("p")), [TrainingOrder::GoOn]);
    assert_eq!(orders(&screen.keys("w")), [TrainingOrder::Checkpoint]);
    assert_eq!(orders(&screen.keys("G")), [TrainingOrder::Gentle(true)]);
    assert_eq!(orders(&screen.keys("G")), [TrainingOrder::Gentle(false)]);
    assert_eq!(orders(&screen.keys("S")), [TrainingOrder::Stop]);
    tell(&mut screen, TrainingNews::Ended(Err("the disk is full: free some space, then go on with it".into())));
    has(&mut screen, &["! the disk is full"]);
    assert_eq!(orders(&screen.keys("p")), []);
    has(&mut screen, &["no training runs: t starts one"]);
}

#[test]
fn discarding_asks() {
    let mut screen = training(80, 24, 10);
    assert_eq!(screen.keys("D"), []);
    has(&mut screen, &["keep nothing?", "y yes", "Esc no"]);
    screen.keys("esc");
    assert_eq!(screen.state.context(), Context::Training);
    assert_eq!(orders(&screen.keys("D y")), [TrainingOrder::Discard]);
}

#[test]
fn the_rate_is_doubled_and_halved() {
    let mut screen = training(80, 24, 10);
    let change = |learning_rate| [TrainingOrder::Change(Steering { learning_rate, ..steering() })];
    assert_eq!(orders(&screen.keys("+")), change(4e-4));
    assert_eq!(orders(&screen.keys("-")), change(1e-4));
}

#[test]
fn settings_are_changed_in_a_popup() {
    let mut screen = training(80, 24, 10);
    screen.keys("e down 0 . 5 down right down down right");
    has(&mut screen, &["Settings of a training", "0.5", "batch-hard", "Enter take these"]);
    let expected = Steering {
        margin: Margin::Hinge(0.5),
        mining: crate::triplet::Mining::BatchHard,
        photos_per_label: 8,
        ..steering()
    };
    assert_eq!(orders(&screen.keys("enter")), [TrainingOrder::Change(expected)]);
    assert_eq!(screen.state.context(), Context::Training);
}

#[test]
fn settings_that_make_no_sense_stay_in_the_popup() {
    let mut screen = training(80, 24, 10);
    screen.keys("e 9");
    has(&mut screen, &["above 0 and up to 1"]);
    assert_eq!(screen.keys("enter"), []);
    assert_eq!(screen.state.context(), Context::Steering);
    screen.keys("esc");
    assert_eq!(screen.state.context(), Context::Training);
    tell(&mut screen, TrainingNews::Refused("a batch of 64 labels needs 64, there are 61".into()));
    has(&mut screen, &["! a batch of 64 labels"]);
}

#[test]
fn leaving_asks_while_a_training_runs() {
    let mut screen = training(80, 24, 10);
    assert_eq!(screen.keys("q"), []);
    has(&mut screen, &["q again leaves it saved, to go on with at the next start"]);
    assert_eq!(screen.keys("L q"), [], "another key in between is no second one");
    assert_eq!(screen.keys("q"), [Effect::Quit]);
    let mut screen = training(80, 24, 10);
    tell(&mut screen, TrainingNews::Ended(Ok(outcome(None))));
    assert_eq!(screen.keys("q"), [Effect::Quit]);
}

#[test]
fn a_training_that_cannot_begin_says_why() {
    let mut screen = Screen::new(80, 24, library());
    screen.keys("t");
    tell(&mut screen, TrainingNews::Offer(Ok(offer())));
    screen.keys("enter");
    screen.send(Message::Failed("another process trains on this library: stop it first".into()));
    has(&mut screen, &["! another process trains"]);
    screen.keys("t");
    assert_eq!(screen.state.context(), Context::TrainingForm, "the form is there again");
}
