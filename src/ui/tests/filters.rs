//! Which photos are shown, and in which order.

use std::sync::Arc;

use super::{library, neighbors, selected};
use crate::ui::message::{Effect, LibraryChange, Message, SkippedRow};
use crate::ui::testing::{Screen, answer, id, row};
use crate::ui::{Context, Distances, PhotoRow};

/// Photos of 2020, 2021-05 and 2021-06, and one without a date.
fn dated() -> Vec<Arc<PhotoRow>> {
    let dates = [Some("2020-12-31 10:00:00"), Some("2021-05-03 10:00:00"), Some("2021-06-09 10:00:00"), None];
    let photo = |(n, date): (usize, Option<&str>)| {
        let taken = date.map(Into::into);
        Arc::new(PhotoRow { taken, ..(*row(&format!("{n}.jpg"), ["sea", "oat milk"][n % 2])).clone() })
    };
    dates.into_iter().enumerate().map(photo).collect()
}

#[test]
fn a_filter_is_seen_while_it_is_typed_and_esc_brings_back_what_was() {
    let mut screen = Screen::new(80, 24, library());
    screen.keys("f c o f");
    let frame = screen.frame();
    for words in ["╭ Filter ", "cof▏", "10 of 40 photos", "  coffee  ", "…cof…: 10 of 40 photos"] {
        assert!(frame.contains(words), "{words}\n{frame}");
    }
    screen.keys("esc");
    assert!(screen.frame().contains("40 photos · by name"));
    screen.keys("f c o f enter");
    assert_eq!(screen.state.context(), Context::Grid);
    assert!(screen.frame().contains("▸ …cof… "), "the sidebar lists it\n{}", screen.frame());
    screen.keys("esc");
    assert!(screen.frame().contains("all photos are shown again"));
}

#[test]
fn a_filter_that_hides_the_selected_photo_on_its_way_brings_it_back() {
    let mut screen = Screen::new(80, 24, library());
    screen.keys("9 l f m a r k");
    assert!(screen.frame().contains("0 of 40 photos"));
    screen.keys("esc");
    assert_eq!(selected(&screen), "trip/IMG_0009.jpg");
    screen.keys("f s e a backspace backspace backspace m i l enter");
    assert_eq!(selected(&screen), "trip/IMG_0009.jpg");
}

#[test]
fn marked_photos_are_shown_when_they_become_known_after_the_filter() {
    let mut screen = Screen::new(80, 24, library());
    screen.keys("f m a r k e d enter");
    assert!(screen.frame().contains("0 of 40 photos"), "{}", screen.frame());
    screen.send(Message::MarksLoaded(vec![id("trip/IMG_0009.jpg")]));
    assert!(screen.frame().contains("1 of 40 photos"), "{}", screen.frame());
    assert_eq!(selected(&screen), "trip/IMG_0009.jpg");
}

#[test]
fn esc_goes_back_to_the_photo_where_the_looking_began_though_rows_came_in_between() {
    let mut screen = Screen::new(80, 24, library());
    screen.keys("9 l / 2");
    assert_ne!(selected(&screen), "trip/IMG_0009.jpg");
    screen.send(Message::LibraryChanged(LibraryChange::Added(vec![row("a/first.jpg", "a"), row("a/second.jpg", "a")])));
    screen.keys("esc");
    assert_eq!(selected(&screen), "trip/IMG_0009.jpg");
}

#[test]
fn suggestions_are_chosen_and_exact() {
    let mut screen = Screen::new(100, 30, dated());
    screen.keys("f o m");
    assert!(screen.frame().contains("  oat milk "), "the letters are in it\n{}", screen.frame());
    screen.keys("tab");
    assert!(screen.frame().contains("\"oat milk\" ▏"), "{}", screen.frame());
    screen.keys("s e down enter");
    assert!(screen.frame().contains("oat milk or sea: 4 of 4 photos"), "{}", screen.frame());
    screen.keys("f");
    assert!(screen.frame().contains("\"oat milk\" \"sea\" ▏"), "it is typed on");
}

#[test]
fn dates_marks_and_labels_hold_together() {
    let mut screen = Screen::new(100, 30, dated());
    let shown = |screen: &mut Screen, text: &str| {
        screen.keys("f");
        screen.send(Message::Paste(format!(" {text}")));
        screen.keys("enter");
        let shown: Vec<String> = (0..4)
            .filter_map(|place| screen.state.list_photo(place))
            .map(|photo| screen.state.name_of(&photo))
            .collect();
        screen.keys("esc");
        shown.join(" ")
    };
    screen.keys("l space h");
    assert_eq!(shown(&mut screen, "from:2021"), "1.jpg 2.jpg");
    assert_eq!(shown(&mut screen, "to:2021-05-03"), "0.jpg 1.jpg");
    assert_eq!(shown(&mut screen, "from:2021-06 to:2021-06"), "2.jpg");
    assert_eq!(shown(&mut screen, "marked from:2021"), "1.jpg");
    assert_eq!(shown(&mut screen, "marked sea"), "");
    assert_eq!(shown(&mut screen, "sea"), "0.jpg 2.jpg");
    assert_eq!(shown(&mut screen, "unlabelled"), "");
}

#[test]
fn a_wrong_date_is_said_and_skipped_files_are_listed() {
    let mut screen = Screen::new(100, 30, dated());
    screen.keys("f");
    screen.send(Message::Paste("from:2021-13".into()));
    assert!(screen.frame().contains("! `2021-13` is no date; write 2021, 2021-05 or 2021"), "{}", screen.frame());
    screen.keys("enter");
    assert!(screen.frame().contains("left out: `2021-13` is no date"), "{}", screen.frame());
    screen.send(Message::Skipped(vec![SkippedRow { name: "odd.jpg".into(), reason: "empty".into() }].into()));
    screen.keys("f s k tab enter");
    assert!(screen.frame().contains("1 file could not be read"), "{}", screen.frame());
}

#[test]
fn neighbours_are_asked_for_among_what_is_shown() {
    let mut screen = Screen::new(120, 40, library());
    let effects = screen.keys("enter");
    assert!(matches!(&effects[..], [Effect::AskNeighbors { asked, .. }] if asked.among.is_none()));
    screen.send(Message::Neighbors { question: 1, answer: Ok(answer(&["trip/IMG_0002.jpg"])) });
    let effects = screen.keys("f s e a enter");
    let [Effect::AskNeighbors { question, asked }] = &effects[..] else { panic!("{effects:?}") };
    let among = asked.among.as_ref().unwrap();
    assert_eq!((among.len(), asked.photo), (10, id("trip/IMG_0000.jpg")));
    assert!(among.contains(&id("trip/IMG_0002.jpg")) && !among.contains(&id("trip/IMG_0001.jpg")));
    screen.send(Message::Neighbors { question: *question, answer: Ok(answer(&[])) });
    let frame = screen.frame();
    assert!(frame.contains("among …sea…") && frame.contains("no neighbour among: …sea…"), "{frame}");
}

#[test]
fn photos_are_sorted_by_their_distance_to_the_query() {
    let mut screen = Screen::new(120, 40, library());
    screen.keys("s s s");
    assert!(screen.frame().contains("40 photos · by name"), "without a query there is no distance");
    screen.keys("3 l");
    neighbors(&mut screen);
    let effects = screen.keys("esc s s s");
    let [Effect::AskDistances { question, photo, list, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(*photo, id("trip/IMG_0003.jpg"));
    let far = |n: usize| (id(&format!("trip/IMG_{n:04}.jpg")), if n == 3 { 0.0 } else { 1.0 - 0.01 * n as f32 });
    screen.send(Message::Distances {
        question: *question,
        answer: Ok(Distances::of(list.clone(), (0..39).map(far).collect())),
    });
    let order: Vec<String> =
        [0, 1, 38, 39].map(|place| screen.state.name_of(&screen.state.list_photo(place).unwrap())).into();
    assert_eq!(order, ["IMG_0003.jpg", "IMG_0038.jpg", "IMG_0000.jpg", "IMG_0039.jpg"], "what is not known is last");
    let frame = screen.frame();
    assert!(frame.contains("by distance to IMG_0003.jpg") && frame.contains("0.620 sea"), "{frame}");
    assert_eq!(selected(&screen), "trip/IMG_0003.jpg");
    assert_eq!(screen.keys("j k"), [], "asked once");
    let again = screen.send(Message::GalleryChanged);
    assert!(matches!(again[..], [Effect::AskDistances { .. }]), "other photos or another model: asked again");
    screen.keys("s");
    assert!(screen.frame().contains("40 photos · by name"));
}

#[test]
fn distances_that_come_late_or_not_at_all() {
    let mut screen = Screen::new(120, 40, library());
    neighbors(&mut screen);
    let effects = screen.keys("esc s s s");
    assert!(matches!(effects[..], [Effect::AskDistances { question: 1, .. }]), "{effects:?}");
    screen.send(Message::GalleryChanged);
    let late = Distances::of(Arc::default(), [(id("trip/IMG_0009.jpg"), 0.0)].into());
    screen.send(Message::Distances { question: 1, answer: Ok(late) });
    assert_eq!(screen.state.list_photo(0), Some(id("trip/IMG_0000.jpg")), "an older question");
    screen.send(Message::Distances { question: 2, answer: Err("its neighbours are not known yet".into()) });
    assert!(screen.frame().contains("! its neighbours are not known yet"));
    screen.send(Message::LibraryChanged(LibraryChange::Added(vec![row("a.jpg", "")])));
    assert_eq!(screen.state.list_photo(0), Some(id("a.jpg")), "without distances by name");
}
