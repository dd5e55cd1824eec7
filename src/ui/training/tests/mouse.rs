//! Clicks and the wheel.

use ratatui::layout::Position;

use super::*;
use crate::ui::Context;
use crate::ui::message::Mouse;
use crate::ui::testing::id;

fn mouse(screen: &mut Screen, words: &str, event: impl Fn(Position) -> Mouse) -> Vec<Effect> {
    let frame = screen.frame();
    let (line, text) = frame.lines().enumerate().find(|(_, line)| line.contains(words)).unwrap();
    let column = text.split(words).next().unwrap().chars().count();
    screen.send(Message::Mouse(event(Position::new(column as u16, line as u16))))
}

#[test]
fn a_click_gives_a_pane_the_keyboard_and_the_wheel_goes_through_its_neighbours() {
    let mut screen = training(200, 60, 120);
    let now = ["trip/IMG_0004.jpg", "trip/IMG_0008.jpg", "trip/IMG_0012.jpg"];
    tell(&mut screen, live("trip/IMG_0000.jpg", 118, &now, &now));
    mouse(&mut screen, " distances ", Mouse::Click);
    has(&mut screen, &["▸ distances"]);
    assert_eq!(mouse(&mut screen, "▸ distances", |at| Mouse::Scroll { at, lines: 1 }), []);
    has(&mut screen, &["▸ distances"]);
    mouse(&mut screen, "of 3 as before", |at| Mouse::Scroll { at, lines: 1 });
    has(&mut screen, &["▸ neighbours"]);
    let asked = |effects: &[Effect], name: &str| {
        assert!(matches!(effects, [Effect::AskNeighbors { asked, .. }, ..] if asked.photo == id(name)), "{effects:?}");
    };
    asked(&screen.keys("enter"), "trip/IMG_0008.jpg");
    screen.keys("esc");
    asked(&mouse(&mut screen, " 3      0.300", Mouse::DoubleClick), "trip/IMG_0012.jpg");
}

#[test]
fn a_click_chooses_a_field_of_the_form_and_the_wheel_the_next_one() {
    let mut screen = Screen::new(80, 24, library());
    screen.keys("t");
    tell(&mut screen, TrainingNews::Offer(Ok(offer())));
    mouse(&mut screen, "Mining", Mouse::Click);
    has(&mut screen, &["▌ Mining", "‹ batch-all ›"]);
    mouse(&mut screen, "Depth", Mouse::Click);
    has(&mut screen, &["▌ Depth"]);
    mouse(&mut screen, "Depth", |at| Mouse::Scroll { at, lines: 1 });
    has(&mut screen, &["▌ Mining"]);
    mouse(&mut screen, "which triplets of a batch", Mouse::DoubleClick);
    assert_eq!(screen.state.context(), Context::TrainingForm, "a double click begins nothing");
}

#[test]
fn settings_and_examples_are_chosen_by_a_click_too() {
    let mut screen = training(120, 40, 3);
    screen.keys("e");
    mouse(&mut screen, "Margin", Mouse::Click);
    has(&mut screen, &["▌ Margin"]);
    screen.keys("esc enter");
    assert_eq!(screen.state.context(), Context::Examples);
    let effects = mouse(&mut screen, " same label", Mouse::DoubleClick);
    assert!(matches!(effects[..], [Effect::AskNeighbors { .. }, ..]), "{effects:?}");
}
