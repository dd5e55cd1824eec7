//! What can be asked: several photos, less like some, a file, the steps of a walk.

use ratatui::layout::{Position, Size};

use super::{library, neighbors, selected};
use crate::ui::Context;
use crate::ui::message::{Answered, Effect, Message, Mouse};
use crate::ui::panes::{Panes, Screen as Laid};
use crate::ui::testing::{Screen, answer, id, row};

#[test]
fn all_marked_photos_are_one_question() {
    let mut screen = Screen::new(120, 40, library());
    assert_eq!(screen.keys("Q"), []);
    assert!(screen.frame().contains("no photo is marked"));
    screen.keys("3 space");
    let effects = screen.keys("Q");
    let [Effect::AskNeighbors { asked, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((asked.photo, asked.with.plus.len(), asked.with.minus.len()), (id("trip/IMG_0000.jpg"), 2, 0));
    let frame = screen.frame();
    for words in ["similar to IMG_0000.jpg + IMG_0001.jpg + IMG_0002.jpg", " + IMG_0001.jpg", " + IMG_0002.jpg"] {
        assert!(frame.contains(words), "{words}\n{frame}");
    }
}

#[test]
fn a_neighbour_is_added_to_the_question_or_against_it_and_the_walk_remembers() {
    let mut screen = Screen::new(160, 40, library());
    neighbors(&mut screen);
    let effects = screen.keys("+");
    let [Effect::AskNeighbors { question, asked }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((asked.photo, &asked.with.plus[..]), (id("trip/IMG_0000.jpg"), &[id("trip/IMG_0004.jpg")][..]));
    screen.send(Message::Neighbors { question: *question, answer: Ok(answer(&["trip/IMG_0009.jpg"])) });
    let effects = screen.keys("-");
    let [Effect::AskNeighbors { asked, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(asked.with.minus, [id("trip/IMG_0009.jpg")]);
    let frame = screen.frame();
    assert!(frame.contains("IMG_0000.jpg + IMG_0004.jpg − IMG_0009.jpg"), "{frame}");
    assert!(frame.contains(" − IMG_0009.jpg"), "{frame}");
    screen.keys("H");
    assert!(screen.frame().contains("similar to IMG_0000.jpg + IMG_0004.jpg · step 2 of 3"), "{}", screen.frame());
    let effects = screen.keys("=");
    assert!(matches!(&effects[..], [Effect::AskNeighbors { asked, .. }] if asked.with.is_empty()));
    screen.keys("=");
    assert!(screen.frame().contains("the query stands alone already"));
}

#[test]
fn a_pasted_path_is_asked_about_wherever_it_lies() {
    let mut screen = Screen::new(120, 40, library());
    let effects = screen.send(Message::Paste("/elsewhere/cat.jpg\n".into()));
    assert!(matches!(&effects[..], [Effect::Look { path }] if path == "/elsewhere/cat.jpg"), "{effects:?}");
    assert!(screen.frame().contains("looking at /elsewhere/cat.jpg"));
    let looked = || Message::Looked { path: "/elsewhere/cat.jpg".into(), answer: Ok(row("/elsewhere/cat.jpg", "")) };
    let effects = screen.send(looked());
    let Some(Effect::AskNeighbors { question, asked }) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(asked.photo, id("/elsewhere/cat.jpg"));
    screen.send(Message::Neighbors { question: *question, answer: Ok(answer(&["trip/IMG_0004.jpg"])) });
    let frame = screen.frame();
    assert!(frame.contains("similar to cat.jpg") && frame.contains("/elsewhere"), "{frame}");
    assert_eq!(screen.send(looked()), [], "the same answer again was not asked for");
}

#[test]
fn a_typed_path_that_cannot_be_read_is_said() {
    let mut screen = Screen::new(120, 40, library());
    screen.keys("p x . j p g");
    assert!(screen.frame().contains("what looks like the image file: x.jpg▏"), "{}", screen.frame());
    let effects = screen.keys("enter");
    assert!(matches!(&effects[..], [Effect::Look { path }] if path == "x.jpg"), "{effects:?}");
    let answer = Err("x.jpg cannot be read: there is no such file".to_owned());
    screen.send(Message::Looked { path: "x.jpg".into(), answer });
    assert!(screen.frame().contains("! x.jpg cannot be read"));
    assert_eq!(screen.state.context(), Context::Grid);
    screen.keys("p a esc");
    assert_eq!(screen.keys("p enter"), [], "nothing was typed");
}

/// A walk of four steps, from photo 0 over 8, 1 and 4.
fn walked(columns: u16, lines: u16, pictures: bool) -> Screen {
    let mut screen = Screen::with(columns, lines, library(), pictures);
    neighbors(&mut screen);
    for (step, key) in ["l enter", "l l enter", "enter"].into_iter().enumerate() {
        screen.keys(key);
        let names = ["trip/IMG_0004.jpg", "trip/IMG_0008.jpg", "trip/IMG_0001.jpg"];
        screen.send(Message::Neighbors { question: step as u64 + 2, answer: Ok(answer(&names)) });
    }
    screen
}

#[test]
fn the_steps_of_the_walk_are_shown_and_gone_to() {
    let mut screen = walked(120, 40, true);
    let frame = screen.frame();
    for words in [" 1 IM", " 2 IM", "▸4 IM"] {
        assert!(frame.contains(words), "{words}\n{frame}");
    }
    screen.keys("2 w");
    assert!(screen.frame().contains("similar to IMG_0008.jpg · step 2 of 4"), "{}", screen.frame());
    screen.keys("w");
    assert!(screen.frame().contains("step 4 of 4"));
    let strip = Panes::of(Size::new(120, 40), Laid::Neighbors, true).unwrap().strip.unwrap();
    let first = Position::new(strip.area.x + 2, strip.area.y + 1);
    screen.send(Message::Mouse(Mouse::Click(first)));
    assert!(screen.frame().contains("step 1 of 4"), "{}", screen.frame());
    assert_eq!(selected(&screen), "trip/IMG_0008.jpg", "its selection is as it was left");
}

#[test]
fn on_a_small_terminal_the_steps_drop_out_and_without_pictures_they_are_names() {
    assert!(!walked(80, 24, true).frame().contains("▸4"));
    let frame = walked(120, 24, false).frame();
    assert!(frame.contains(" 3 IMG_0001 ") && frame.contains("▸4 IMG_0004"), "{frame}");
}

#[test]
fn after_a_model_change_neighbours_say_how_their_rank_moved() {
    let mut screen = Screen::new(120, 40, library());
    neighbors(&mut screen);
    assert!(!screen.frame().contains('▲'));
    let effects = screen.send(Message::GalleryChanged);
    let [Effect::AskNeighbors { question, .. }] = effects[..] else { panic!("{effects:?}") };
    let names = ["trip/IMG_0001.jpg", "trip/IMG_0004.jpg", "trip/IMG_0020.jpg"];
    let tuned = Answered { model: "tuned 3".into(), ..answer(&names) };
    screen.send(Message::Neighbors { question, answer: Ok(tuned) });
    let frame = screen.frame();
    for words in [" 1  0.100  ▲2", " 2  0.200  ▼1", " 3  0.300  new", "model tuned 3"] {
        assert!(frame.contains(words), "{words}\n{frame}");
    }
}
