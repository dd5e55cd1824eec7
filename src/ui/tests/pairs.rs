//! One photo and two: details and comparison.

use std::sync::Arc;

use super::{library, neighbors, selected};
use crate::ui::message::{Effect, Message};
use crate::ui::testing::{Screen, id, row};
use crate::ui::{Context, Distances, PhotoRow};

#[test]
fn the_query_and_a_neighbour_lie_side_by_side() {
    let mut screen = Screen::new(100, 30, library());
    neighbors(&mut screen);
    let effects = screen.keys("l c");
    let [Effect::AskDistances { question, photo, list, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(*photo, id("trip/IMG_0000.jpg"));
    let known = [(id("trip/IMG_0008.jpg"), 0.25), (id("trip/IMG_0001.jpg"), 0.75)];
    screen.send(Message::Distances { question: *question, answer: Ok(Distances::of(list.clone(), known.into())) });
    let frame = screen.frame();
    for words in ["IMG_0000.jpg and IMG_0008.jpg", "distance 0.250", "4032 × 3024"] {
        assert!(frame.contains(words), "{words}\n{frame}");
    }
    assert_eq!(screen.keys("l"), [], "the distances from the left one are all known");
    assert!(screen.frame().contains("distance 0.750"), "h and l walk the other one on\n{}", screen.frame());
    screen.keys("z");
    assert_eq!(screen.state.context(), Context::Zoom);
    screen.keys("esc esc");
    assert_eq!((screen.state.context(), selected(&screen)), (Context::Neighbors, "trip/IMG_0001.jpg".into()));
}

#[test]
fn in_the_library_the_marked_photo_or_the_one_before_is_the_other() {
    let mut screen = Screen::new(100, 30, library());
    screen.keys("5 l c");
    assert!(screen.frame().contains("IMG_0000.jpg and IMG_0005.jpg"), "{}", screen.frame());
    screen.keys("c 2 l space 4 l c");
    assert!(screen.frame().contains("IMG_0007.jpg and IMG_0012.jpg"), "{}", screen.frame());
    let mut alone = Screen::new(100, 30, vec![row("a.jpg", "")]);
    alone.keys("c");
    assert!(alone.frame().contains("there is no second photo"));
}

#[test]
fn everything_known_of_a_photo_is_told() {
    let copied = PhotoRow {
        copies: ["town/old.jpg".into()].into(),
        camera: Some("Canon EOS 20D".into()),
        ..(*row("sea/1.jpg", "sea")).clone()
    };
    let mut screen = Screen::new(100, 30, vec![Arc::new(copied), row("sea/2.jpg", "")]);
    screen.keys("i");
    let (hash, frame) = (id("sea/1.jpg").to_string(), screen.frame());
    for words in [
        "sea/1.jpg",
        "also at   town/old.jpg",
        "sea",
        "2021-05-03 14:02:11",
        "4032 × 3024",
        "2,345,678 bytes",
        "Canon EOS 20D",
        &hash,
    ] {
        assert!(frame.contains(words), "{words}\n{frame}");
    }
    screen.keys("l");
    assert!(screen.frame().contains("sea/2.jpg") && screen.frame().contains("label     none"));
    screen.keys("i");
    assert_eq!(screen.state.context(), Context::Grid);
}

#[test]
fn details_of_a_neighbour_name_its_distance() {
    let mut screen = Screen::new(80, 24, library());
    neighbors(&mut screen);
    screen.keys("i");
    assert!(screen.frame().contains("distance  0.1000 from IMG_0000.jpg"), "{}", screen.frame());
}

#[test]
fn odd_sizes_hold_every_screen() {
    for (columns, lines) in [(1, 1), (40, 10), (60, 11), (80, 24), (200, 60), (300, 10)] {
        for pictures in [true, false] {
            let mut screen = Screen::with(columns, lines, library(), pictures);
            for keys in
                ["f c tab", "esc i", "esc c", "esc enter", "c", "i", "z", "esc esc esc e", "esc space e", "esc p"]
            {
                screen.keys(keys);
                let frame = screen.frame();
                assert_eq!(frame.split('\n').count(), usize::from(lines), "{columns}x{lines} {keys}:\n{frame}");
            }
        }
    }
}
