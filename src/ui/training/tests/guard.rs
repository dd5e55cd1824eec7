//! Every state of the guard, with what it means and what can be done.

use super::*;
use crate::triplet::{GuardState, Mining};
use crate::ui::training::Steering;

fn in_state(state: GuardState) -> Screen {
    let mut screen = training(120, 40, 20);
    tell(&mut screen, stepped(StepRow { state, ..step(21, 0.3) }));
    screen
}

#[test]
fn every_state_says_what_it_means_and_what_to_press() {
    for (state, words) in [
        (GuardState::Untrained, ["○ untrained", "nothing is learned yet", "+ double the rate"]),
        (GuardState::Learning, ["● learning", "active triplets are worked off", "▸ loss"]),
        (GuardState::Collapsed, ["! collapsed", "all photos are in one place", "b halve the rate and go back"]),
        (GuardState::LabelNoise, ["? label noise", "their labels may be", "n see the photos"]),
        (GuardState::Done, ["✓ done", "these labels teach no more", "S stop and keep the best"]),
        (GuardState::Diverged, ["! diverged", "left all bounds", "b halve the rate and go back"]),
    ] {
        let mut screen = in_state(state);
        has(&mut screen, &words);
        screen.resize(80, 24);
        has(&mut screen, &words[..2]);
        screen.keys("esc");
        has(&mut screen, &[super::super::verdict::word(state)]);
    }
}

#[test]
fn advice_and_the_newest_mark_stand_together_where_there_is_room() {
    let mut screen = in_state(GuardState::Done);
    tell(&mut screen, TrainingNews::Checkpointed { step: 21 });
    screen.resize(160, 50);
    has(&mut screen, &["✓ done", "S stop and keep the best", "makes “tuned 3”", "▾ checkpoint of step 21"]);
}

#[test]
fn suspects_stay_when_the_next_step_names_none() {
    let mut screen = in_state(GuardState::LabelNoise);
    let mut later = *details(22, false);
    later.suspected_at = 21;
    tell(&mut screen, TrainingNews::Steps { rows: vec![step(22, 0.3)], latest: Box::new(later) });
    has(&mut screen, &["● learning"]);
    screen.keys("n");
    has(&mut screen, &["photos that stay wrong, as of step 21", "wrong in 83 %"]);
}

#[test]
fn the_keys_it_names_do_what_it_says() {
    let mut screen = in_state(GuardState::Collapsed);
    assert_eq!(orders(&screen.keys("b")), [TrainingOrder::GoBack]);
    let semi_hard = Steering { mining: Mining::SemiHard, ..steering() };
    assert_eq!(orders(&screen.keys("s")), [TrainingOrder::Change(semi_hard)]);
    assert_eq!(orders(&screen.keys("S")), [TrainingOrder::Stop]);
    has(&mut screen, &["stopping"]);
}

#[test]
fn each_state_has_keys_that_help() {
    let rate = |learning_rate| TrainingOrder::Change(Steering { learning_rate, ..steering() });
    let mut screen = in_state(GuardState::Untrained);
    assert_eq!(orders(&screen.keys("+")), [rate(4e-4)]);
    let mut screen = in_state(GuardState::Diverged);
    has(&mut screen, &["! diverged", "S stop and keep the best"]);
    assert_eq!(orders(&screen.keys("b")), [TrainingOrder::GoBack]);
    tell(&mut screen, TrainingNews::WentBack { step: 10 });
    tell(&mut screen, stepped(step(11, 0.3)));
    has(&mut screen, &["● learning", "▾ back to step 10 from 21"]);
    let mut screen = in_state(GuardState::Done);
    has(&mut screen, &["e a larger margin"]);
    screen.keys("e");
    assert_eq!(screen.state.context(), crate::ui::Context::Steering);
}

#[test]
fn label_noise_leads_to_its_photos() {
    let mut screen = in_state(GuardState::LabelNoise);
    screen.keys("n");
    has(&mut screen, &["photos that stay wrong, as of step 21", "wrong in 83 %", "wrong in 61 %"]);
    let effects = screen.keys("x");
    let photo = crate::ui::testing::id("trip/IMG_0007.jpg");
    assert_eq!(orders(&effects), [TrainingOrder::LabelIsWrong { photo, wrong: true }]);
    has(&mut screen, &["✗ label is wrong"]);
}
