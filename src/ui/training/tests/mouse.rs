//! Clicks and the wheel.

use super::*;
use crate::ui::Context;
use crate::ui::message::Mouse;
use crate::ui::testing::id;

#[test]
fn a_click_gives_a_pane_the_keyboard_and_the_wheel_goes_through_its_neighbours() {
    let mut screen = training(200, 60, 120);
    let now = ["trip/IMG_0004.jpg", "trip/IMG_0008.jpg", "trip/IMG_0012.jpg"];
    tell(&mut screen, live("trip/IMG_0000.jpg", 118, &now, &now));
    screen.mouse(" distances ", Mouse::Click);
    has(&mut screen, &["▸ distances"]);
    assert_eq!(screen.mouse("▸ distances", |at| Mouse::Scroll { at, lines: 1 }), []);
    has(&mut screen, &["▸ distances"]);
    screen.mouse("of 3 as before", |at| Mouse::Scroll { at, lines: 1 });
    has(&mut screen, &["▸ neighbours"]);
    let asked = |effects: &[Effect], name: &str| {
        assert!(matches!(effects, [Effect::AskNeighbors { asked, .. }, ..] if asked.photo == id(name)), "{effects:?}");
    };
    asked(&screen.keys("enter"), "trip/IMG_0008.jpg");
    screen.keys("esc");
    asked(&screen.mouse(" 3      0.300", Mouse::DoubleClick), "trip/IMG_0012.jpg");
}

#[test]
fn a_click_chooses_a_field_of_the_form_and_the_wheel_the_next_one() {
    let mut screen = Screen::new(80, 24, library());
    screen.keys("t");
    tell(&mut screen, TrainingNews::Offer(Ok(offer())));
    screen.mouse("Mining", Mouse::Click);
    has(&mut screen, &["▌ Mining", "‹ batch-all ›"]);
    screen.mouse("Depth", Mouse::Click);
    has(&mut screen, &["▌ Depth"]);
    screen.mouse("Depth", |at| Mouse::Scroll { at, lines: 1 });
    has(&mut screen, &["▌ Mining"]);
    screen.mouse("which triplets of a batch", Mouse::DoubleClick);
    assert_eq!(screen.state.context(), Context::TrainingForm, "a double click begins nothing");
}

#[test]
fn settings_and_examples_are_chosen_by_a_click_too() {
    let mut screen = training(120, 40, 3);
    screen.keys("e");
    screen.mouse("Margin", Mouse::Click);
    has(&mut screen, &["▌ Margin"]);
    screen.keys("esc enter");
    assert_eq!(screen.state.context(), Context::Examples);
    let effects = screen.mouse(" same label", Mouse::DoubleClick);
    assert!(matches!(effects[..], [Effect::AskNeighbors { .. }, ..]), "{effects:?}");
}
