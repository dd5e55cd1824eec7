//! A training that waits until photos are indexed.

use super::*;

fn waiting() -> Screen {
    let mut screen = Screen::new(120, 40, library());
    screen.keys("t");
    tell(&mut screen, TrainingNews::Offer(Ok(offer())));
    screen.keys("enter");
    tell(&mut screen, TrainingNews::Waits);
    screen
}

#[test]
fn it_says_what_it_waits_for_on_every_screen() {
    let mut screen = waiting();
    has(&mut screen, &["○ waits", "photos are still being indexed: it begins when that is done"]);
    screen.keys("esc");
    has(&mut screen, &["training begins when photos are indexed"]);
}

#[test]
fn what_else_goes_wrong_does_not_end_it() {
    let mut screen = waiting();
    screen.send(Message::Failed("the folder is away".into()));
    assert!(screen.state.training.is_running());
    has(&mut screen, &["○ waits"]);
}

#[test]
fn what_needs_a_step_is_answered_in_words_and_it_can_be_ended() {
    let mut screen = waiting();
    assert_eq!(screen.keys("p"), []);
    has(&mut screen, &["it has not begun: it waits until photos are indexed"]);
    assert_eq!(screen.keys("q"), []);
    has(&mut screen, &["a training has not begun yet: q again leaves, and it does not begin"]);
    assert_eq!(orders(&screen.keys("S")), [TrainingOrder::Stop]);
    has(&mut screen, &["it ends before it begins"]);
}

#[test]
fn once_it_begins_the_query_is_asked_among_the_photos_that_are_there_then() {
    let mut screen = waiting();
    let watched = orders(&tell(&mut screen, planned()));
    assert!(matches!(watched[..], [TrainingOrder::Watch(Some(_))]), "{watched:?}");
    assert_eq!(orders(&tell(&mut screen, stepped(step(1, 1.0)))), []);
    has(&mut screen, &["step 1 / 600"]);
}
