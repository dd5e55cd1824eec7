//! Photos come and go while somebody looks.

use image::{Rgb, RgbImage};
use ratatui::layout::Size;
use ratatui_image::protocol::Protocol;
use ratatui_image::protocol::halfblocks::Halfblocks;

use super::*;
use crate::ui::Picture;

fn gone(screen: &mut Screen, names: &[&str]) -> Vec<Effect> {
    let mut effects =
        screen.send(Message::LibraryChanged(LibraryChange::Removed(names.iter().map(|n| id(n)).collect())));
    effects.retain(|effect| !matches!(effect, Effect::WantPictures(_)));
    effects
}

fn come(screen: &mut Screen, rows: Vec<Arc<PhotoRow>>) {
    screen.send(Message::LibraryChanged(LibraryChange::Added(rows)));
}

fn finish(screen: &mut Screen) {
    let summary = IndexSummary { photos: 40, embedded: 0, skipped: 0, ignored: 0, elapsed: Duration::ZERO };
    screen.send(Message::IndexFinished(summary));
}

/// The photo of another content in the same file.
fn changed(name: &str, content: &str) -> Arc<PhotoRow> {
    Arc::new(PhotoRow { id: id(content), ..(*row(name, "milk")).clone() })
}

#[test]
fn the_selected_photo_stays_selected_when_others_come_and_go() {
    let mut screen = Screen::new(80, 24, library());
    screen.keys("9 l");
    gone(&mut screen, &["trip/IMG_0003.jpg", "trip/IMG_0030.jpg"]);
    come(&mut screen, vec![row("a.jpg", ""), row("b.jpg", "")]);
    assert_eq!(selected(&screen), "trip/IMG_0009.jpg");
    assert!(screen.frame().contains("11 / 40"), "{}", screen.frame());
}

#[test]
fn the_first_photo_stays_selected_too_once_the_folder_was_gone_through() {
    let mut screen = Screen::new(80, 24, library());
    come(&mut screen, vec![row("a.jpg", "")]);
    assert_eq!(selected(&screen), "a.jpg", "while it is opened, the first is selected whichever it is");
    finish(&mut screen);
    come(&mut screen, vec![row("A.jpg", "")]);
    assert_eq!(selected(&screen), "a.jpg");
}

#[test]
fn where_another_program_goes_through_the_folder_the_first_photo_stays_selected_once_all_it_knows_is_told() {
    let mut screen = Screen::new(80, 24, library());
    screen.send(Message::PhotosTold);
    come(&mut screen, vec![row("a.jpg", "")]);
    assert_eq!(selected(&screen), "trip/IMG_0000.jpg");
}

#[test]
fn what_lies_in_its_place_is_selected_when_the_selected_photo_leaves() {
    let mut screen = Screen::new(80, 24, library());
    screen.keys("9 l s s");
    let before = screen.state.cursor.selected;
    let name = selected(&screen);
    gone(&mut screen, &[&name]);
    assert_eq!(screen.state.cursor.selected, before);
    screen.keys("G");
    let last = selected(&screen);
    gone(&mut screen, &[&last]);
    assert!(screen.frame().contains("38 / 38"), "{}", screen.frame());
}

#[test]
fn a_file_that_was_changed_stays_selected_and_asked_about() {
    let mut screen = Screen::new(120, 40, library());
    finish(&mut screen);
    screen.keys("4 l");
    neighbors(&mut screen);
    come(&mut screen, vec![changed("trip/IMG_0004.jpg", "other")]);
    let effects = gone(&mut screen, &["trip/IMG_0004.jpg"]);
    assert!(matches!(&effects[..], [Effect::AskNeighbors { asked, .. }] if asked.photo == id("other")), "{effects:?}");
    assert!(screen.frame().contains("similar to IMG_0004.jpg"), "{}", screen.frame());
    screen.keys("esc");
    assert_eq!(screen.state.selected_photo(), Some(id("other")));
}

#[test]
fn a_photo_that_leaves_is_in_no_answer_any_more() {
    let mut screen = Screen::new(120, 40, library());
    screen.keys("5 l");
    neighbors(&mut screen);
    screen.keys("l l");
    assert_eq!(gone(&mut screen, &["trip/IMG_0008.jpg"]), []);
    let frame = screen.frame();
    assert!(frame.contains("2 / 2") && !frame.contains("IMG_0008"), "{frame}");
    assert_eq!(selected(&screen), "trip/IMG_0001.jpg");
    gone(&mut screen, &["trip/IMG_0001.jpg", "trip/IMG_0004.jpg"]);
    screen.keys("z");
    assert_eq!(screen.state.context(), Context::Neighbors, "there is nothing to zoom into");
}

#[test]
fn when_the_query_leaves_the_walk_goes_a_step_back_and_then_ends() {
    let mut screen = Screen::new(120, 40, library());
    screen.keys("5 l");
    neighbors(&mut screen);
    screen.keys("l enter");
    assert_eq!(gone(&mut screen, &["trip/IMG_0008.jpg"]), [], "the step before is answered already");
    let frame = screen.frame();
    assert!(frame.contains("IMG_0008.jpg is gone: this is the step before it"), "{frame}");
    assert!(frame.contains("similar to IMG_0005.jpg"), "{frame}");
    screen.keys("z");
    gone(&mut screen, &["trip/IMG_0005.jpg"]);
    assert_eq!(screen.state.context(), Context::Grid);
    assert!(screen.frame().contains("IMG_0005.jpg is gone, and with it what was similar to it"));
}

#[test]
fn an_empty_library_shows_nothing_large() {
    let mut screen = Screen::new(80, 24, vec![row("a.jpg", "")]);
    screen.keys("z");
    gone(&mut screen, &["a.jpg"]);
    assert_eq!(screen.state.context(), Context::Grid);
    come(&mut screen, vec![row("b.jpg", "")]);
    assert_eq!(selected(&screen), "b.jpg");
}

#[test]
fn what_is_lasting_stands_in_the_status_line_after_a_key() {
    let mut screen = Screen::new(120, 24, library());
    finish(&mut screen);
    screen.send(Message::Standing(Some("new photos are looked for every 60 s: it lies on another computer".into())));
    screen.send(Message::Notice("2 photos are new".into()));
    assert!(screen.frame().contains(" 2 photos are new"));
    screen.keys("l");
    assert!(screen.frame().contains("40 photos · new photos are looked for every 60 s"), "{}", screen.frame());
    screen.send(Message::Standing(None));
    assert!(!screen.frame().contains("looked for"));
}

#[test]
fn while_a_key_is_held_names_pass_by_and_then_pictures_are_back() {
    let mut screen = Screen::new(80, 24, library());
    let Some(Effect::WantPictures(wants)) = screen.send(Message::PicturesLost).pop() else { panic!("none is wanted") };
    for want in wants {
        let photo = RgbImage::from_fn(18, 16, |x, y| Rgb([x as u8 * 10, y as u8 * 15, 99]));
        let protocol = Protocol::Halfblocks(Halfblocks::new(photo.into(), Size::new(18, 8)).unwrap());
        screen.send(Message::PictureReady { key: want.key, picture: Picture { protocol, bytes: 1, sharp: true } });
    }
    let has_picture = |screen: &mut Screen| screen.frame().contains('▄') || screen.frame().contains('▀');
    assert!(has_picture(&mut screen));
    screen.send(Message::Hurry(true));
    screen.keys("j");
    assert!(!has_picture(&mut screen) && screen.frame().contains("IMG_0003.jpg"), "{}", screen.frame());
    screen.send(Message::Hurry(false));
    assert!(has_picture(&mut screen));
}

#[test]
fn rows_that_come_while_the_list_is_sorted_filtered_and_marked_are_all_in_their_places_at_the_end() {
    let mut opened = Screen::new(80, 24, Vec::new());
    let keys =
        ["l space", "s", "S", "f m i l enter", "space S", "esc s", "j v G v", "S s", "f m a r k e d enter", "esc"];
    let numbers: Vec<usize> = (0..40).map(|place| place * 13 % 40).collect();
    let all = library();
    for (numbers, keys) in numbers.chunks(4).zip(keys) {
        come(&mut opened, numbers.iter().map(|number| Arc::clone(&all[*number])).collect());
        opened.keys(keys);
        gone(&mut opened, &[&all[numbers[0]].name]);
        come(&mut opened, vec![Arc::clone(&all[numbers[0]])]);
        opened.frame();
    }
    let order = opened.state.photos.order();
    let mut whole = Screen::new(80, 24, all);
    whole.state.photos.sort(order);
    let listed = |screen: &Screen| {
        (0..screen.state.list_len()).filter_map(|place| screen.state.list_photo(place)).collect::<Vec<_>>()
    };
    assert_eq!(listed(&opened), listed(&whole));
    opened.state.photos.mark(&listed(&whole), false);
    for screen in [&mut opened, &mut whole] {
        screen.keys("g g");
        finish(screen);
        screen.state.sidebar.refresh(&screen.state.photos, 0);
    }
    assert_eq!(opened.frame(), whole.frame());
}
