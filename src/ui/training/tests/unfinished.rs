//! Trainings that were cut off.

use super::*;
use crate::ui::Context;
use crate::ui::training::UnfinishedRow;

fn cut_off(cut_off: bool) -> TrainingNews {
    let row = |name: &str, done| UnfinishedRow { name: name.into(), done, steps: 600 };
    TrainingNews::Unfinished { rows: vec![row("tuned 3", 120), row("tuned 2", 40)], cut_off }
}

#[test]
fn one_that_was_cut_off_is_offered_at_once() {
    let mut screen = Screen::new(80, 24, library());
    tell(&mut screen, cut_off(true));
    has(
        &mut screen,
        &[
            "Trainings that were cut off",
            "“tuned 3”  step 120 of 600",
            "Enter go on",
            "f end it",
            "Esc later",
            "D forget",
        ],
    );
    assert_eq!(orders(&screen.keys("enter")), [TrainingOrder::Resume("tuned 3".into()), watch()]);
    assert_eq!(screen.state.context(), Context::Training);
}

fn watch() -> TrainingOrder {
    TrainingOrder::Watch(Some(crate::ui::testing::id("trip/IMG_0000.jpg")))
}

#[test]
fn it_can_be_ended_where_it_stands_forgotten_or_left_for_later() {
    let mut screen = Screen::new(80, 24, library());
    tell(&mut screen, cut_off(true));
    assert_eq!(screen.keys("j D"), []);
    has(&mut screen, &["Forget the training of “tuned 2”?"]);
    assert_eq!(orders(&screen.keys("y")), [TrainingOrder::Forget("tuned 2".into())]);
    tell(&mut screen, TrainingNews::Unfinished { rows: vec![], cut_off: false });
    assert_eq!(screen.state.context(), Context::Grid);
    let mut screen = Screen::new(80, 24, library());
    tell(&mut screen, cut_off(true));
    screen.keys("esc");
    assert_eq!(screen.state.context(), Context::Grid);
    screen.keys("t ctrl-r");
    assert_eq!(screen.state.context(), Context::Unfinished, "later is now");
    assert_eq!(orders(&screen.keys("f"))[0], TrainingOrder::Finish("tuned 3".into()));
}

#[test]
fn one_that_was_stopped_waits_quietly_and_none_disturbs_a_running_one() {
    let mut screen = Screen::new(80, 24, library());
    tell(&mut screen, cut_off(false));
    assert_eq!(screen.state.context(), Context::Grid);
    let mut screen = training(80, 24, 10);
    tell(&mut screen, cut_off(true));
    assert_eq!(screen.state.context(), Context::Training);
    screen.keys("m r");
    assert_eq!(orders(&screen.keys("enter")), []);
    has(&mut screen, &["one training at a time"]);
}
