//! From a number to the pictures.

use super::*;
use crate::ui::Context;
use crate::ui::testing::id;

#[test]
fn the_hardest_triplets_are_three_photos_with_their_distances() {
    let mut screen = training(80, 24, 10);
    screen.keys("tab enter");
    has(
        &mut screen,
        &[
            "the hardest triplets of the batch of step 10",
            "1: the other label is nearer by 0.400",
            "compared",
            "0.900 same label",
            "0.500 other label",
        ],
    );
    let wants = screen.send(Message::PicturesLost);
    let [Effect::WantPictures(wants)] = &wants[..] else { panic!("{wants:?}") };
    assert!((0..3).all(|n| wants.iter().any(|want| want.key.photo == id(&format!("trip/IMG_{n:04}.jpg")))));
    tell(&mut screen, stepped(step(11, 0.3)));
    has(&mut screen, &["of step 10"]);
    let effects = screen.keys("l l enter");
    assert!(
        effects.iter().any(
            |effect| matches!(effect, Effect::AskNeighbors { asked, .. } if asked.photo == id("trip/IMG_0002.jpg"))
        )
    );
    screen.keys("esc");
    assert_eq!(screen.state.context(), Context::Examples, "one layer out");
    screen.keys("esc esc");
    assert_eq!(screen.state.context(), Context::Grid);
    let mut screen = training(120, 40, 10);
    screen.keys("tab enter");
    has(&mut screen, &["2: the other label", "0.900 same label", "0.500 other label"]);
}

#[test]
fn a_bin_leads_to_its_pairs() {
    let mut screen = training(100, 30, 10);
    screen.keys("tab tab");
    screen.keys("enter");
    has(&mut screen, &["choose a bin"]);
    screen.keys("8 l");
    has(&mut screen, &["0.400 to 0.450:", "positive,", "▲"]);
    let effects = screen.keys("enter");
    assert_eq!(orders(&effects), [TrainingOrder::Pairs(true)]);
    has(&mut screen, &["the pairs come with the next step"]);
    tell(&mut screen, TrainingNews::Steps { rows: vec![step(11, 0.3)], latest: details(11, true) });
    has(
        &mut screen,
        &[
            "pairs 0.400 to 0.450 apart of the batch of step 11",
            "one label, 0.400 apart",
            "IMG_0004.jpg",
            "IMG_0005.jpg",
        ],
    );
    screen.keys("esc");
    assert_eq!(orders(&screen.keys("l enter")), [], "pairs are asked for once");
}

#[test]
fn a_wrong_label_is_said_listed_and_taken_back() {
    let mut screen = training(80, 24, 10);
    let photo = id("trip/IMG_0001.jpg");
    let effects = screen.keys("enter l x");
    assert_eq!(orders(&effects), [TrainingOrder::LabelIsWrong { photo, wrong: true }]);
    has(&mut screen, &["✗ label is wrong: milk", "this label is said to be wrong"]);
    tell(&mut screen, TrainingNews::WrongLabels(vec![(photo, "milk".into())]));
    screen.keys("X");
    has(&mut screen, &["labels that were said to be wrong", "not “milk”"]);
    let effects = screen.keys("x");
    assert_eq!(orders(&effects), [TrainingOrder::LabelIsWrong { photo, wrong: false }]);
    has(&mut screen, &["nothing is left here"]);
    screen.keys("esc X");
    has(&mut screen, &["no label was said to be wrong"]);
}

#[test]
fn without_a_step_there_is_nothing_to_show() {
    let mut screen = training(80, 24, 0);
    screen.keys("enter");
    has(&mut screen, &["no triplet was ranked yet"]);
    screen.keys("n");
    has(&mut screen, &["no photo is suspected"]);
    assert_eq!(screen.state.context(), Context::Training);
}
