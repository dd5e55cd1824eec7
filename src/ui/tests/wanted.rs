//! Which pictures are asked for, and which are taken.

use ratatui_image::protocol::Protocol;
use ratatui_image::protocol::halfblocks::Halfblocks;

use super::library;
use crate::ui::message::{Effect, Message};
use crate::ui::testing::{Screen, id};
use crate::ui::{MapLayout, MapStage, Picture, PictureWant, Priority};

fn name(number: usize) -> String {
    format!("trip/IMG_{number:04}.jpg")
}

/// Everything that is in sight or near it, asked for anew.
fn wanted(screen: &mut Screen) -> Vec<PictureWant> {
    let effects = screen.send(Message::PicturesLost);
    let [Effect::WantPictures(wants)] = &effects[..] else { panic!("{effects:?}") };
    wants.clone()
}

/// Which of the photos with these numbers are asked for, in this order.
fn numbers(wants: &[PictureWant]) -> Vec<(Option<usize>, Priority)> {
    let number = |want: &PictureWant| (0..40).find(|number| id(&name(*number)) == want.key.photo);
    wants.iter().map(|want| (number(want), want.priority)).collect()
}

fn large(photo: usize, beside: [usize; 2]) -> Vec<(Option<usize>, Priority)> {
    let [right, left] = beside.map(|photo| (Some(photo), Priority::Ahead));
    vec![(Some(photo), Priority::Main), right, left]
}

#[test]
fn beside_one_photo_only_those_that_a_key_reaches_are_made_ready() {
    let mut screen = Screen::new(80, 24, library());
    screen.keys("9 l z");
    assert_eq!(numbers(&wanted(&mut screen)), large(9, [10, 8]));
    screen.keys("g g");
    assert_eq!(numbers(&wanted(&mut screen))[1..], [(Some(1), Priority::Ahead)], "there is none before the first");
    screen.keys("9 l c");
    let [left, rest @ ..] = &numbers(&wanted(&mut screen))[..] else { panic!("nothing is wanted") };
    assert_eq!((*left, rest.to_vec()), ((Some(0), Priority::Main), large(9, [10, 8])));
}

#[test]
fn on_the_map_these_are_the_dots_to_the_right_and_left_and_not_the_next_numbers() {
    let mut screen = Screen::new(80, 24, library());
    let effects = screen.keys("M");
    let [Effect::WantMap { question }] = effects[..] else { panic!("{effects:?}") };
    let photos = (0..40).map(|number| id(&name(number))).collect();
    let places = (0..40).map(|number| [(number / 5) as f32, (number % 5) as f32]).collect();
    let layout = MapLayout { photos, places, stage: MapStage::Arranged, model: "base".into() };
    screen.send(Message::MapLayout { question, layout: Ok(layout) });
    screen.keys("2 l k z");
    assert_eq!(numbers(&wanted(&mut screen)), large(11, [16, 6]));
    for (keys, number) in [("l", 16), ("h h", 6)] {
        screen.keys(keys);
        assert_eq!(screen.state.selected_photo(), Some(id(&name(number))), "{keys}");
    }
}

#[test]
fn a_picture_that_was_made_for_other_cells_is_not_drawn() {
    let mut screen = Screen::new(80, 24, library());
    let before = wanted(&mut screen)[0];
    let now = wanted(&mut screen)[0];
    assert_eq!((before.key.photo, before.key.size), (now.key.photo, now.key.size));
    let picture = || {
        let photo = image::RgbImage::from_pixel(18, 16, image::Rgb([200, 0, 0]));
        let protocol = Protocol::Halfblocks(Halfblocks::new(photo.into(), now.key.size).unwrap());
        Picture { protocol, bytes: 10, sharp: true }
    };
    let waiting = screen.frame().matches("···").count();
    screen.send(Message::PictureReady { key: before.key, picture: picture() });
    screen.send(Message::PictureFailed { key: before.key });
    assert_eq!(screen.frame().matches("···").count(), waiting);
    screen.send(Message::PictureReady { key: now.key, picture: picture() });
    assert_eq!(screen.frame().matches("···").count(), waiting - 1);
}
