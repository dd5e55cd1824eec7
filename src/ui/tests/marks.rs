//! Marks: written to a file, taken back.

use super::library;
use crate::ui::Context;
use crate::ui::message::{Effect, Message};
use crate::ui::testing::{Screen, id};

#[test]
fn the_paths_of_marked_photos_go_to_a_file_and_nothing_is_overwritten_unasked() {
    let mut screen = Screen::new(120, 30, library());
    screen.keys("e");
    assert!(screen.frame().contains("no photo is marked: Space marks"));
    screen.keys("2 space e");
    assert!(screen.frame().contains("paths of 2 marked photos to the file: marked.txt▏"), "{}", screen.frame());
    for _ in 0..10 {
        screen.keys("backspace");
    }
    let effects = screen.keys("a enter");
    let photos = vec![id("trip/IMG_0000.jpg"), id("trip/IMG_0001.jpg")];
    let export = |overwrite| Effect::ExportMarks { photos: photos.clone(), to: "a".into(), overwrite };
    assert_eq!(effects, [export(false)]);
    screen.send(Message::ExportExists("a".into()));
    assert!(screen.frame().contains("a is there already. Replace it? yes or no:"), "{}", screen.frame());
    assert_eq!(screen.keys("n enter"), []);
    assert!(screen.frame().contains("a was left as it is"));
    screen.send(Message::ExportExists("a".into()));
    assert_eq!(screen.keys("y e s enter"), [export(true)]);
    screen.keys("e esc");
    assert_eq!(screen.state.context(), Context::Grid);
}

#[test]
fn a_change_of_marks_is_taken_back_and_said() {
    let mut screen = Screen::new(120, 30, library());
    screen.keys("2 space");
    assert_eq!(screen.keys("u"), [Effect::Undo { again: false }]);
    let (text, unmarked) =
        ("undone: 2 photos marked".to_owned(), vec![id("trip/IMG_0000.jpg"), id("trip/IMG_0001.jpg")]);
    screen.send(Message::Undone { text, marked: vec![], unmarked: unmarked.clone() });
    let frame = screen.frame();
    assert!(frame.contains("undone: 2 photos marked") && !frame.contains("●"), "{frame}");
    assert_eq!(screen.keys("U"), [Effect::Undo { again: true }]);
    screen.send(Message::Undone { text: "done again: 2 photos marked".into(), marked: unmarked, unmarked: vec![] });
    assert!(screen.frame().contains("● IMG_0000.jpg"));
    assert_eq!(screen.keys("O"), [Effect::Reveal(id("trip/IMG_0002.jpg"))]);
}
