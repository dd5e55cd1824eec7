//! The map: keys in, frame out.

mod crowd;

use std::sync::Arc;

use ratatui::layout::Position;

use super::{library, selected};
use crate::library::PhotoId;
use crate::ui::map::layout::{MapLayout, MapStage};
use crate::ui::message::{Effect, LibraryChange, Message, Mouse};
use crate::ui::testing::{Screen, answer, id, row};
use crate::ui::{Context, PhotoRow};

/// The forty photos of the library in eight columns and five lines, the first at the bottom left.
fn layout(stage: MapStage) -> MapLayout {
    let names = library();
    let places = (0..names.len()).map(|n| [(n % 8) as f32, (n / 8) as f32]).collect();
    MapLayout { photos: names.iter().map(|row| row.id).collect(), places, stage, model: "base".into() }
}

fn question(effects: &[Effect]) -> u64 {
    let [Effect::WantMap { question }] = effects else { panic!("{effects:?}") };
    *question
}

fn on(columns: u16, lines: u16, photos: Vec<Arc<PhotoRow>>, map: MapLayout) -> Screen {
    let mut screen = Screen::new(columns, lines, photos);
    let question = question(&screen.keys("M"));
    screen.send(Message::MapLayout { question, layout: Ok(map) });
    screen
}

fn mapped(columns: u16, lines: u16) -> Screen {
    on(columns, lines, library(), layout(MapStage::Arranged))
}

fn name(number: usize) -> String {
    format!("trip/IMG_{number:04}.jpg")
}

#[test]
fn the_map_of_a_small_library() {
    let mut screen = mapped(80, 24);
    let frame = screen.frame();
    for words in ["map of ~/photos", "UMAP, 40 photos", "IMG_0000.jpg", "2021-05-03", "⣿ coffee", "⣿ milk", "⣿ sea"]
    {
        assert!(frame.contains(words), "{words}\n{frame}");
    }
    assert_eq!(frame.matches('◉').count(), 1, "{frame}");
    assert!(frame.contains("\n Enter similar   z zoom"), "what Enter does is hinted first\n{frame}");
}

#[test]
fn the_title_says_which_map_it_is_and_how_far() {
    let of = |stage| on(120, 40, library(), layout(stage)).frame().lines().next().unwrap().to_owned();
    for (stage, words) in [
        (MapStage::Axes, "principal axes, 40 photos · model base"),
        (MapStage::Searching { done: 10, of: 40 }, "principal axes, 40 photos · looking for neighbours 25 %"),
        (MapStage::Arranging { done: 50, of: 500 }, "UMAP, 40 photos · 10 % done"),
        (MapStage::Arranged, "UMAP, 40 photos · model base"),
    ] {
        assert!(of(stage).contains(words), "{words}: {}", of(stage));
    }
}

#[test]
fn keys_go_to_the_nearest_dot_that_way() {
    let mut screen = mapped(80, 24);
    for (keys, number) in [("l", 1), ("k", 9), ("2 k", 25), ("h", 24), ("h", 24), ("j", 16), ("9 9 l", 23), ("5 h", 18)]
    {
        screen.keys(keys);
        assert_eq!(selected(&screen), name(number), "{keys}");
    }
    screen.keys("right up left down");
    assert_eq!(selected(&screen), name(18));
}

#[test]
fn enter_asks_for_neighbours_and_esc_comes_back_to_the_dot() {
    let mut screen = mapped(80, 24);
    let effects = screen.keys("2 l enter");
    let [Effect::AskNeighbors { question, asked }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((asked.photo, screen.state.context()), (id(&name(2)), Context::Neighbors));
    let near = [name(3), name(10)];
    let near: Vec<&str> = near.iter().map(String::as_str).collect();
    screen.send(Message::Neighbors { question: *question, answer: Ok(answer(&near)) });
    assert_eq!(screen.keys("esc"), [], "the map is known: it is not asked for again");
    assert_eq!((screen.state.context(), selected(&screen)), (Context::Map, name(2)));
    let count = |frame: &str, sign| frame.matches(sign).count();
    let frame = screen.frame();
    assert_eq!((count(&frame, '◉'), count(&frame, '◆'), count(&frame, '◇')), (1, 0, 2), "{frame}");
    screen.keys("h");
    let frame = screen.frame();
    assert_eq!((count(&frame, '◉'), count(&frame, '◆'), count(&frame, '◇')), (1, 1, 2), "{frame}");
    screen.keys("enter l M");
    assert_eq!(screen.state.context(), Context::Map, "M goes back to the map that lies below");
    screen.keys("M");
    assert_eq!(screen.state.context(), Context::Grid);
}

#[test]
fn it_opens_at_the_selected_photo_also_when_the_map_comes_later() {
    let mut screen = Screen::new(80, 24, library());
    let question = question(&screen.keys("9 l M"));
    assert!(screen.frame().contains("drawing the map"));
    screen.send(Message::MapLayout { question: question + 1, layout: Err("not asked".into()) });
    assert!(screen.frame().contains("drawing the map"), "an answer to another question is dropped");
    screen.send(Message::MapLayout { question, layout: Ok(layout(MapStage::Axes)) });
    assert_eq!(selected(&screen), name(9));
}

#[test]
fn a_change_of_the_neighbours_asks_again_and_keeps_the_selected_photo() {
    let mut screen = mapped(80, 24);
    screen.keys("3 l");
    let effects = screen.send(Message::GalleryChanged);
    let again = question(&effects);
    let mut turned = layout(MapStage::Axes);
    turned.photos = turned.photos.ids().iter().rev().copied().collect();
    screen.send(Message::MapLayout { question: again - 1, layout: Ok(layout(MapStage::Axes)) });
    screen.send(Message::MapLayout { question: again, layout: Ok(turned) });
    assert_eq!(selected(&screen), name(3));
    screen.keys("M");
    assert_eq!(screen.send(Message::GalleryChanged), [], "nobody looks at it");
    question(&screen.keys("M"));
}

#[test]
fn a_label_is_looked_at_alone_and_esc_shows_all_again() {
    let mut screen = mapped(80, 24);
    screen.keys("tab");
    let frame = screen.frame();
    assert!(frame.contains("▸ coffee") && frame.contains("map of ~/photos: coffee"), "{frame}");
    screen.keys("l");
    assert_eq!(selected(&screen), name(4), "only its dots are gone to");
    screen.keys("tab");
    assert!(screen.frame().contains("▸ milk"));
    screen.keys("backtab backtab");
    assert!(screen.frame().contains("▸ sea"), "it goes round");
    screen.keys("esc");
    assert_eq!((screen.state.context(), screen.frame().contains('▸')), (Context::Map, false));
    screen.keys("esc");
    assert_eq!(screen.state.context(), Context::Grid);
}

#[test]
fn photos_that_the_library_does_not_show_stand_back() {
    let mut screen = Screen::new(80, 24, library());
    screen.keys("tab j enter");
    let question = question(&screen.keys("M"));
    screen.send(Message::MapLayout { question, layout: Ok(layout(MapStage::Arranged)) });
    assert_eq!(screen.state.map.dots.iter().filter(|dot| dot.bright).count(), 10);
    screen.send(Message::LibraryChanged(LibraryChange::Removed(vec![id(&name(4)), id(&name(5))])));
    assert_eq!(screen.state.map.dots.iter().filter(|dot| dot.bright).count(), 9);
    screen.frame();
}

#[test]
fn it_is_zoomed_panned_and_reset() {
    let mut screen = mapped(80, 24);
    screen.keys("3 l 2 k");
    let all = screen.frame();
    let dots = |frame: &str| frame.chars().filter(|c| ('\u{2801}'..='\u{28ff}').contains(c) && *c != '⣿').count();
    assert_eq!(dots(&all), 39);
    screen.keys("3 +");
    let near = screen.frame();
    assert!(near.contains("3.4 times larger") && dots(&near) < 20 && near.contains('◉'), "{near}");
    screen.keys("4 L");
    assert!(screen.frame().contains("out of sight"), "{}", screen.frame());
    screen.keys("4 H -");
    assert!(screen.frame().contains("2.2 times larger"));
    screen.keys("=");
    assert_eq!(screen.frame(), all);
    screen.keys("K");
    assert!(screen.frame().contains("all of the map is in sight"));
}

#[test]
fn shifted_arrows_look_further_like_capitals_do() {
    let mut screen = mapped(80, 24);
    screen.keys("3 l 2 k 3 +");
    for (capital, shifted) in [("H", "shift-left"), ("J", "shift-down"), ("K", "shift-up"), ("L", "shift-right")] {
        let before = screen.frame();
        screen.keys(capital);
        let after = screen.frame();
        assert_ne!(after, before, "{capital}");
        screen.keys(match capital {
            "H" => "L",
            "J" => "K",
            "K" => "J",
            _ => "H",
        });
        screen.keys(shifted);
        assert_eq!(screen.frame(), after, "{shifted}");
    }
}

#[test]
fn a_photo_is_found_by_name_on_the_map_and_shown_large() {
    let mut screen = mapped(80, 24);
    screen.keys("4 + / 3 3");
    assert_eq!(selected(&screen), name(33));
    assert!(screen.frame().contains('◉'), "what is found comes into sight");
    screen.keys("esc / 1");
    assert_eq!(selected(&screen), name(1), "looked for from where it began");
    screen.keys("down enter");
    assert_eq!((selected(&screen), screen.state.context()), (name(10), Context::Map));
    screen.keys("= z");
    assert_eq!(screen.state.context(), Context::Zoom);
    screen.keys("k");
    assert_eq!(selected(&screen), name(18), "from dot to dot");
    screen.keys("z");
    assert_eq!((selected(&screen), screen.state.context()), (name(18), Context::Map));
    screen.keys("tab / 2");
    assert_eq!(selected(&screen), name(22), "only among the dots of the label that is looked at");
    screen.keys("0");
    assert!(screen.frame().contains("no photo here has “20” in its name"), "{}", screen.frame());
    screen.keys("esc");
    assert_eq!(selected(&screen), name(18));
}

#[test]
fn the_mouse_selects_opens_zooms_and_chooses_labels() {
    let mut screen = mapped(80, 24);
    let middle = Position::new(52, 11);
    screen.send(Message::Mouse(Mouse::Click(Position::new(79, 1))));
    assert_eq!(selected(&screen), name(39));
    screen.send(Message::Mouse(Mouse::Scroll { at: middle, lines: -1 }));
    assert!(screen.frame().contains("1.5 times larger"));
    screen.send(Message::Mouse(Mouse::Scroll { at: middle, lines: 1 }));
    let line = screen.frame().lines().position(|line| line.contains("milk")).unwrap() as u16;
    screen.send(Message::Mouse(Mouse::Click(Position::new(4, line))));
    assert!(screen.frame().contains("▸ milk"));
    screen.send(Message::Mouse(Mouse::Click(Position::new(4, line))));
    assert!(!screen.frame().contains('▸'));
    screen.send(Message::Mouse(Mouse::DoubleClick(Position::new(25, 21))));
    assert_eq!((screen.state.context(), screen.state.walk.here().unwrap().query), (Context::Neighbors, id(&name(0))));
}

#[test]
fn photos_at_one_place_are_gone_through_with_n() {
    let mut map = layout(MapStage::Arranged);
    map.places = vec![[0.25, 0.25]; 40].into();
    let mut screen = on(80, 24, library(), map);
    assert!(screen.frame().contains("coffee · 40 photos here"), "{}", screen.frame());
    assert!(!screen.frame().contains("NaN"));
    screen.keys("h j k l + + L");
    assert_eq!(selected(&screen), name(0));
    screen.keys("= n");
    assert_eq!(selected(&screen), name(1));
    screen.keys("3 9 n");
    assert_eq!(selected(&screen), name(0));
}

#[test]
fn marks_copies_and_the_viewer_work_on_the_selected_dot() {
    let mut screen = mapped(80, 24);
    let photo = id(&name(1));
    assert_eq!(screen.keys("l 3 space"), [Effect::SaveMarks { photos: vec![photo], marked: true }]);
    assert_eq!(selected(&screen), name(1));
    assert_eq!(screen.keys("y o"), [Effect::CopyPath(photo), Effect::OpenInViewer(photo)]);
}

#[test]
fn no_photo_one_photo_and_a_reason_are_all_shown() {
    for (columns, lines) in [(40, 10), (80, 24), (200, 60), (1, 1)] {
        let mut screen = Screen::new(columns, lines, vec![]);
        let first = question(&screen.keys("M"));
        assert!(columns < 40 || screen.frame().contains("no photos yet"));
        let why = "there is no map yet".to_owned();
        screen.send(Message::MapLayout { question: first, layout: Err(why) });
        assert!(columns < 40 || screen.frame().contains("there is no map yet"));
        screen.keys("h j k l n + - = H tab enter space y o M M");
        screen.frame();
    }
    let one = MapLayout {
        photos: [id("a.jpg")].into_iter().collect(),
        places: [[0.0, 0.0]].into(),
        ..layout(MapStage::Axes)
    };
    for (columns, lines) in [(40, 10), (80, 24), (200, 60)] {
        let mut screen = on(columns, lines, vec![row("a.jpg", "sea")], one.clone());
        screen.keys("h j k l n 9 +");
        let frame = screen.frame();
        assert!(frame.contains('◉') && frame.contains("sea") && frame.contains("a.jpg"), "{frame}");
    }
}

#[test]
fn without_colour_the_label_under_the_cursor_is_still_named() {
    let mut screen = mapped(40, 10);
    screen.state.theme = crate::ui::Theme::NoColor;
    screen.keys("l");
    let frame = screen.frame();
    assert!(frame.lines().last().unwrap().trim_end().ends_with("milk"), "{frame}");
    assert!(screen.cells().iter().all(|cell| cell.fg == ratatui::style::Color::Reset));
}
