//! Pictures, the mouse, and keys nobody would press.

use proptest::prelude::*;
use ratatui::layout::{Position, Size};
use ratatui_image::Resize;
use ratatui_image::picker::Picker;

use super::{library, selected};
use crate::ui::Context;
use crate::ui::message::{Effect, LibraryChange, Message, Mouse, SkippedRow};
use crate::ui::pictures::{Picture, PictureKey, Priority};
use crate::ui::testing::{Screen, answer, id, row};
use crate::ui::{MapLayout, MapStage};

#[test]
fn pictures_are_wanted_for_what_is_in_sight_and_drawn_when_they_come() {
    let mut screen = Screen::new(80, 24, library());
    let effects = screen.send(Message::Resize(Size::new(80, 24)));
    assert_eq!(effects, [], "nothing new is in sight");
    let effects = screen.send(Message::PicturesLost);
    let [Effect::WantPictures(wants)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(wants.iter().filter(|want| want.priority == Priority::Visible).count(), 6);
    let key = wants[0].key;
    assert_eq!(key, PictureKey { photo: id("trip/IMG_0000.jpg"), size: Size::new(18, 8), terminal: 1 });
    let red = image::RgbImage::from_pixel(180, 120, image::Rgb([200, 0, 0]));
    let protocol = Picker::halfblocks().new_protocol(red.into(), key.size, Resize::Fit(None)).unwrap();
    screen.send(Message::PictureReady { key, picture: Picture { protocol, bytes: 10, sharp: true } });
    screen.frame();
    assert!(screen.frame().matches("···").count() == 5);
    screen.send(Message::PictureFailed { key: wants[1].key });
    assert!(screen.frame().contains("no picture"));
}

#[test]
fn the_mouse_selects_opens_and_scrolls() {
    let mut screen = Screen::new(80, 24, library());
    let second = Position::new(42, 4);
    screen.send(Message::Mouse(Mouse::Click(second)));
    assert_eq!(selected(&screen), "trip/IMG_0001.jpg");
    screen.send(Message::Mouse(Mouse::Click(Position::new(3, 3))));
    assert!(screen.frame().contains("milk: 10 of 40 photos"), "{}", screen.frame());
    screen.send(Message::Mouse(Mouse::Click(Position::new(3, 1))));
    screen.send(Message::Mouse(Mouse::Scroll { at: second, lines: 2 }));
    assert_eq!(selected(&screen), "trip/IMG_0007.jpg");
    screen.send(Message::Mouse(Mouse::DoubleClick(Position::new(22, 4))));
    assert_eq!(screen.state.context(), Context::Neighbors);
}

const KEYS: &[&str] = &[
    "h",
    "j",
    "k",
    "l",
    "g g",
    "G",
    "home",
    "end",
    "pgup",
    "pgdn",
    "enter",
    "esc",
    "H",
    "L",
    "backspace",
    "space",
    "v",
    "s",
    "S",
    "/",
    "n",
    "N",
    "tab",
    "z",
    "!",
    "?",
    ":",
    ": m a r k enter",
    "5",
    "0",
    "9 9 9 9 9 9 9 9 9",
    "1",
    "ctrl-l",
    "ctrl-f",
    "x",
    "M",
    "n",
    "+",
    "-",
    "J",
    "tab",
    "backtab",
];
const SIZES: &[(u16, u16)] = &[(1, 1), (20, 5), (40, 10), (80, 24), (200, 60), (0, 0), (41, 300), (300, 11)];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_keys_on_no_terminal_panic(steps in prop::collection::vec((0..KEYS.len() + 8, 0u16..300, 0u16..70), 1..60)) {
        let mut screen = Screen::new(80, 24, library());
        screen.send(Message::Skipped((0..9).map(|n| SkippedRow { name: n.to_string().into(), reason: "x".into() }).collect()));
        for (step, x, y) in steps {
            let at = Position::new(x, y);
            let effects = match step.checked_sub(KEYS.len()) {
                None => screen.keys(KEYS[step]),
                Some(0) => { let (w, h) = SIZES[usize::from(x) % SIZES.len()]; screen.resize(w, h); vec![] }
                Some(1) => screen.send(Message::Mouse(Mouse::Click(at))),
                Some(2) => screen.send(Message::Mouse(Mouse::DoubleClick(at))),
                Some(3) => screen.send(Message::Mouse(Mouse::Scroll { at, lines: (y.cast_signed() % 7) - 3 })),
                Some(4) => screen.send(Message::LibraryChanged(LibraryChange::Added(vec![row(&x.to_string(), "new")]))),
                Some(5) => screen.send(Message::LibraryChanged(LibraryChange::Removed(vec![id(&x.to_string()), id(&format!("trip/IMG_{y:04}.jpg"))]))),
                Some(6) => screen.send(Message::LibraryChanged(LibraryChange::Removed(library().iter().skip(usize::from(x)).map(|row| row.id).collect()))),
                Some(_) => screen.send(Message::GalleryChanged),
            };
            for effect in effects {
                if let Effect::WantMap { question } = effect {
                    let photos = (0..y).map(|n| id(&format!("trip/IMG_{n:04}.jpg"))).collect();
                    let places = (0..u32::from(y)).map(|n| [(n * u32::from(x) % 7) as f32, (n * n % 11) as f32]).collect();
                    let layout = if y == 0 { Err("no map".to_owned()) } else { Ok(MapLayout { photos, places, stage: MapStage::Axes, model: "base".into() }) };
                    screen.send(Message::MapLayout { question, layout });
                    continue;
                }
                if let Effect::AskNeighbors { question, .. } = effect {
                    let names: Vec<String> = (0..y).map(|n| format!("trip/IMG_{n:04}.jpg")).collect();
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    screen.send(Message::Neighbors { question, answer: Ok(answer(&names)) });
                }
            }
            screen.frame();
            let (len, cursor) = (screen.state.list_len(), screen.state.list_at());
            prop_assert!(cursor.selected < len.max(1), "{cursor:?} of {len}");
            prop_assert_eq!(screen.state.selected_photo().is_some(), len > 0);
        }
    }
}
