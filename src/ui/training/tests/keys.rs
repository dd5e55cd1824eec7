//! Keys of the training screen one by one, and sentences that name keys which somebody has changed.

use super::*;
use crate::eval::Verdict;
use crate::ui::message::Effect;
use crate::ui::models::testing::model;
use crate::ui::testing::{id, keys};
use crate::ui::{Context, MapLayout, MapStage, ModelsNews};

#[test]
fn the_cursor_goes_on_and_back_and_to_both_ends() {
    let mut screen = training(120, 40, 120);
    for (keys, step) in [
        ("h", "step 118 ·"),
        ("5 0 h", "step 18 ·"),
        ("l", "step 20 ·"),
        ("right", "step 22 ·"),
        ("left", "step 20 ·"),
        ("3 l", "step 26 ·"),
        ("end", "step 120 ·"),
        ("l", "step 120 ·"),
        ("g g", "step 1 ·"),
        ("left", "step 1 ·"),
        ("end", "step 120 ·"),
        ("home", "step 1 ·"),
    ] {
        screen.keys(keys);
        has(&mut screen, &[step, "spread 5 %"]);
    }
    screen.keys("=");
    assert!(!screen.frame().contains("spread 5 %"), "{}", screen.frame());
}

#[test]
fn panes_are_gone_through_by_rows_and_one_by_one() {
    let mut screen = training(80, 24, 50);
    for (keys, pane) in [
        ("tab", "▸ active triplets"),
        ("backtab", "▸ loss"),
        ("backtab", "▸ validation"),
        ("tab", "▸ loss"),
        ("j", "▸ distances"),
        ("k", "▸ loss"),
        ("down", "▸ distances"),
        ("up", "▸ loss"),
        ("3 tab", "▸ validation"),
    ] {
        screen.keys(keys);
        has(&mut screen, &[pane]);
    }
    screen.keys("z");
    assert!(!screen.frame().contains("distances"));
    screen.keys("z");
    has(&mut screen, &["▸ validation", "distances"]);
}

#[test]
fn bins_are_chosen_from_both_ends() {
    let mut screen = training(100, 30, 10);
    screen.keys("tab tab l");
    has(&mut screen, &["0.050 to 0.100:"]);
    screen.keys("end");
    has(&mut screen, &["1.950 and more:"]);
    screen.keys("left home");
    has(&mut screen, &["0 to 0.050:"]);
}

#[test]
fn while_one_runs_the_key_for_a_new_one_says_how_to_stop_it() {
    let mut screen = training(80, 24, 10);
    screen.keys("t");
    has(&mut screen, &["one training at a time: S stops this one"]);
    assert_eq!(screen.state.context(), Context::Training);
    screen.keys("esc t");
    assert_eq!(screen.state.context(), Context::Training);
    assert!(!screen.frame().contains("one training at a time"), "from elsewhere it is shown");
}

/// A screen where the keys that sentences name are others.
fn remapped() -> Screen {
    let map = keys(&[
        ("training-form", "open", &["f5"]),
        ("entry", "open", &["f6"]),
        ("examples", "wrong-label", &["f7"]),
        ("everywhere", "wrong-labels", &["f8"]),
        ("training", "undo", &["f9"]),
        ("training", "models", &["f10"]),
        ("training", "go-back", &[]),
        ("map", "zoom-in", &["f11"]),
    ]);
    Screen::of(120, 40, library(), true, map)
}

#[test]
fn sentences_name_the_keys_of_now() {
    let mut screen = remapped();
    let effects = screen.keys("M K");
    let [Effect::WantMap { question }] = effects[..] else { panic!("{effects:?}") };
    let photos = [id("trip/IMG_0000.jpg"), id("trip/IMG_0001.jpg")].into_iter().collect();
    let places = [[0.0, 0.0], [1.0, 1.0]].into();
    let layout = MapLayout { photos, places, stage: MapStage::Arranged, model: "base".into() };
    screen.send(Message::MapLayout { question, layout: Ok(layout) });
    screen.keys("K");
    has(&mut screen, &["all of the map is in sight; F11 shows it larger"]);
    screen.keys("M t");
    tell(&mut screen, TrainingNews::Offer(Ok(offer())));
    screen.keys("m y . c s v f5");
    has(&mut screen, &["looking at these labels first; F5 again begins"]);
    screen.keys("esc m");
    screen.send(Message::Models(ModelsNews::List(vec![model("base", None), model("tuned 1", None)])));
    screen.keys("G R x");
    has(&mut screen, &["F6 takes it"]);
}

#[test]
fn sentences_of_a_training_name_the_keys_of_now() {
    let mut screen = remapped();
    screen.keys("t");
    tell(&mut screen, TrainingNews::Offer(Ok(offer())));
    screen.keys("f5");
    tell(&mut screen, planned());
    let state = crate::triplet::GuardState::Diverged;
    tell(&mut screen, stepped(StepRow { state, ..step(1, 0.3) }));
    has(&mut screen, &["(no key) halve the rate and go back"]);
    screen.keys("f8");
    has(&mut screen, &["no label was said to be wrong: F7 says so of a photo"]);
    screen.keys("enter f7");
    has(&mut screen, &["F7 takes that back, F8 lists them"]);
    tell(&mut screen, TrainingNews::Ended(Ok(outcome(Some(Verdict::Better)))));
    screen.keys("esc");
    has(&mut screen, &["“tuned 3” answers now; F9 brings the earlier model back"]);
    screen.send(Message::Models(ModelsNews::List(vec![model("base", None), model("tuned 1", None)])));
    has(&mut screen, &["“tuned 3” is saved; F10 lists the models"]);
}
