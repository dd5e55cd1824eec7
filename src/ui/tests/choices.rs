//! What a person chooses: keys, colours, no pictures, the mouse or the palette.

use ratatui::layout::Position;
use ratatui::style::{Color, Modifier};

use super::{indexing, library, neighbors, selected};
use crate::ui::message::{Effect, Message, Mouse, SkippedRow};
use crate::ui::testing::{Screen, id, keys};
use crate::ui::{Context, KeyMap, Theme};

fn click(screen: &mut Screen, words: &str) -> Vec<Effect> {
    let frame = screen.frame();
    let (line, text) = frame.lines().enumerate().find(|(_, line)| line.contains(words)).unwrap();
    let column = text.split(words).next().unwrap().chars().count();
    let mut effects = screen.send(Message::Mouse(Mouse::Click(Position::new(column as u16, line as u16))));
    effects.retain(|effect| !matches!(effect, Effect::WantPictures(_)));
    effects
}

/// The letters that bear a line, in the order of the screen.
fn underlined(screen: &Screen) -> String {
    let cells = screen.cells().iter().filter(|cell| cell.modifier.contains(Modifier::UNDERLINED | Modifier::BOLD));
    cells.map(ratatui::buffer::Cell::symbol).collect()
}

#[test]
fn the_palette_finds_an_action_by_its_words_and_does_it() {
    let mut screen = Screen::new(80, 24, library());
    screen.keys("l :");
    insta::assert_snapshot!(screen.frame(), @r"
     tripletui ~/photos                                         40 photos · by name
    ▸ All photos  40 │                    ▌
      coffee      10 │                    ▌
      milk ╭ What shall be done? ───────────────────────────────────────────╮
      sea  │ :▏                                                             │
      No la│▌ what looks like this photo                              Enter │
           │  this photo on the whole screen                              z │
           │  left (5h: five photos)                                   h, ← │
           │  down (5j: five rows)                                     j, ↓ │
           │  up                                                       k, ↑ │
           │  right                                                    l, → │
           │  a page down                                      PgDn, Ctrl-F │
           │  a page up                                        PgUp, Ctrl-B │
           │  first                                               g g, Home │
           │  last (20G: the twentieth)                              G, End │
           │  find by name                                                / │
           │  next one found                                              n │
           │  previous one found                                          N │
           │  mark or unmark, and go on                               Space │
           │  mark a range: v, move, v                                    v │
           ╰──────────────────────────────────────────────────── 38 actions ╯
                     │
     Enter do it   Esc back   ↓ next   ↑ previous
                                                          trip/IMG_0001.jpg  2 / 40
    ");
    screen.keys("z o o m");
    assert!(screen.frame().contains("▌ this photo on the whole screen zoom "), "{}", screen.frame());
    assert_eq!(underlined(&screen), "zoom");
    screen.keys("backspace backspace backspace backspace w h o");
    screen.frame();
    assert_eq!(underlined(&screen).get(..3), Some("who"));
    screen.keys("backspace backspace backspace z o o m");
    assert_eq!(screen.keys("enter"), []);
    assert_eq!((screen.state.context(), selected(&screen)), (Context::Zoom, "trip/IMG_0001.jpg".into()));
    screen.keys(": c o p y");
    assert_eq!(screen.keys("enter"), [Effect::CopyPath(id("trip/IMG_0001.jpg"))]);
}

#[test]
fn the_palette_offers_only_what_means_something_here_and_is_left_without_doing_it() {
    let mut screen = Screen::new(80, 24, library());
    screen.keys(": f o r w a r d");
    assert!(screen.frame().contains("0 actions"), "{}", screen.frame());
    screen.keys("enter");
    assert!(screen.frame().contains("nothing here is called like that"));
    assert_eq!(screen.keys("esc"), []);
    assert_eq!(screen.state.context(), Context::Grid);
    neighbors(&mut screen);
    screen.keys(": b a c k a l");
    let frame = screen.frame();
    assert!(frame.contains("▌ back along the walk") && frame.contains("H, Backspace"), "{frame}");
    screen.keys("backspace backspace backspace backspace backspace backspace backspace");
    assert_eq!(screen.state.context(), Context::Neighbors, "without a letter left it closes");
}

#[test]
fn the_palette_scrolls_pages_takes_pasted_text_and_clicks() {
    let mut screen = Screen::new(60, 12, library());
    screen.keys(": pgdn pgdn pgdn pgdn pgdn up down");
    assert!(screen.frame().contains("▌"), "{}", screen.frame());
    screen.send(Message::Paste("skipped\n".into()));
    screen.keys("ctrl-p ctrl-n");
    let mut screen = Screen::new(80, 24, library());
    screen.keys(": s o r t");
    click(&mut screen, "sort by name");
    assert!(screen.frame().contains("sorted by date"), "{}", screen.frame());
    screen.keys(":");
    screen.send(Message::Mouse(Mouse::Click(Position::new(0, 0))));
    assert_eq!(screen.state.context(), Context::Grid, "a click beside it closes it");
}

#[test]
fn remapped_keys_work_and_are_shown_everywhere() {
    let map = keys(&[
        ("everywhere", "open", &["ctrl-o"]),
        ("everywhere", "mark", &["x"]),
        ("everywhere", "skipped", &["f9"]),
        ("everywhere", "find", &["ctrl-t"]),
        ("help", "down", &["alt-j"]),
        ("grid", "quit", &["W"]),
        ("grid", "mark-range", &[]),
        ("grid", "first", &["g t"]),
    ]);
    let mut screen = Screen::of(80, 24, library(), true, map);
    assert!(matches!(screen.keys("x")[..], [Effect::SaveMarks { .. }]));
    assert_eq!(screen.keys("space enter q"), [], "the old keys mean nothing any more");
    let frame = screen.frame();
    assert!(frame.contains("Ctrl-O similar") && frame.contains("x mark") && frame.contains("W quit"), "{frame}");
    screen.keys("?");
    assert!(screen.frame().contains("more lines: Alt-j"), "{}", screen.frame());
    screen.keys("esc : r a n g e");
    assert!(screen.frame().contains("mark a range"), "what has no key is still found by its words");
    screen.keys("enter");
    assert!(screen.frame().contains("(no key) marks from here"), "{}", screen.frame());
    screen.keys("esc n");
    assert!(screen.frame().contains("Ctrl-T finds by name"), "{}", screen.frame());
    screen.keys("esc esc");
    assert!(screen.frame().contains("W leaves the program"));
    screen.keys("9 l g t");
    assert_eq!(selected(&screen), "trip/IMG_0000.jpg");
}

#[test]
fn a_click_on_a_hint_does_what_its_key_does() {
    let mut screen = Screen::new(80, 24, library());
    click(&mut screen, "? help");
    assert_eq!(screen.state.context(), Context::Help);
    screen.send(Message::Mouse(Mouse::Click(Position::new(0, 0))));
    assert_eq!(screen.state.context(), Context::Grid);
    assert!(matches!(click(&mut screen, "Enter similar")[..], [Effect::AskNeighbors { .. }]));
    screen.keys("esc");
    assert_eq!(click(&mut screen, "q quit"), [Effect::Quit]);
    screen.keys("esc /");
    screen.keys("1");
    click(&mut screen, "Esc back");
    assert_eq!(screen.state.context(), Context::Grid);
}

#[test]
fn the_wheel_and_clicks_reach_every_list() {
    let mut screen = Screen::new(80, 24, library());
    let middle = Position::new(40, 8);
    let wheel = |screen: &mut Screen| screen.send(Message::Mouse(Mouse::Scroll { at: middle, lines: 1 }));
    screen.keys("z");
    wheel(&mut screen);
    assert_eq!(selected(&screen), "trip/IMG_0003.jpg");
    let skipped = (0..30).map(|n| SkippedRow { name: format!("bad-{n:02}.jpg").into(), reason: "torn".into() });
    screen.send(Message::Skipped(skipped.collect()));
    screen.keys("esc !");
    wheel(&mut screen);
    assert!(screen.frame().contains("▌ bad-01.jpg"));
    click(&mut screen, "bad-04.jpg");
    assert!(screen.frame().contains("▌ bad-04.jpg"), "{}", screen.frame());
    screen.keys("esc ?");
    let before = screen.frame();
    wheel(&mut screen);
    assert_ne!(screen.frame(), before);
    screen.keys("esc :");
    wheel(&mut screen);
    assert!(screen.frame().contains("│▌ this photo on the whole screen"), "{}", screen.frame());
}

/// Walks through every screen, and gives each frame with the signs that must tell what colours tell too.
fn tour(theme: Theme, pictures: bool) -> Vec<(Screen, &'static [&'static str])> {
    let at = |keys: &str| {
        let mut screen = Screen::of(80, 24, library(), pictures, KeyMap::default());
        screen.state.theme = theme;
        indexing(&mut screen);
        let torn = SkippedRow { name: "torn.jpg".into(), reason: "the file ends in the middle".into() };
        screen.send(Message::Skipped(vec![torn].into()));
        for key in keys.split(' ').filter(|key| !key.is_empty()) {
            if key == "enter" { neighbors(&mut screen) } else { _ = screen.keys(key) }
        }
        screen
    };
    vec![
        (at("l space"), &["● IMG_0001.jpg", "▌IMG_0002.jpg", "coffee", "▸ All photos", "indexed 3,120 / 10,480"]),
        (at("v l"), &["◌ IMG_0000.jpg", "▌◌ IMG_0001.jpg"]),
        (at("tab j"), &["▸ All photos", "Tab photos", "▏IMG_0000.jpg"]),
        (at("enter"), &["▌ 1  0.100", "similar to IMG_0000.jpg", "k-d tree"]),
        (at("enter z"), &["z back", "1 / 3"]),
        (at("!"), &["▌ torn.jpg", "the file ends in the middle", "1 file could not be read"]),
        (at("?"), &["Help", "more lines"]),
        (at(": c o p y"), &["▌ copy the path"]),
        (at("/ 1 2"), &["/12▏", "▌IMG_0012.jpg"]),
    ]
}

#[test]
fn every_theme_says_the_same_and_without_colours_nothing_is_lost() {
    let themes = [Theme::Dark, Theme::Light, Theme::HighContrast, Theme::Ansi, Theme::NoColor];
    for pictures in [true, false] {
        let mut frames: Vec<Vec<String>> = Vec::new();
        for theme in themes {
            let mut shown = Vec::new();
            for (mut screen, signs) in tour(theme, pictures) {
                let frame = screen.frame();
                for sign in signs {
                    assert!(frame.contains(sign), "{theme:?}, pictures {pictures}: no “{sign}”\n{frame}");
                }
                let coloured = screen.cells().iter().any(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset);
                assert_eq!(coloured, theme != Theme::NoColor, "{theme:?}");
                shown.push(frame);
            }
            frames.push(shown);
        }
        assert!(frames.windows(2).all(|pair| pair[0] == pair[1]), "the words do not depend on the colours");
    }
}

#[test]
fn the_pane_with_the_keyboard_is_told_without_colours() {
    let selected_line = |keys: &str| {
        let mut screen = Screen::new(80, 24, library());
        screen.state.theme = Theme::NoColor;
        screen.keys(keys);
        screen.frame();
        let reversed = screen.cells().iter().filter(|cell| cell.modifier.contains(Modifier::REVERSED));
        reversed.map(ratatui::buffer::Cell::symbol).collect::<String>()
    };
    assert!(selected_line("l").contains("IMG_0001.jpg"));
    assert!(selected_line("tab").contains("All photos") && !selected_line("tab").contains("IMG"));
}

#[test]
fn without_pictures_the_grid_says_name_label_day_and_size_of_each() {
    let mut screen = Screen::with(80, 24, library(), false);
    let frame = screen.frame();
    for words in ["IMG_0000.jpg", "IMG_0006.jpg", "milk · 2021-05-03 · 4032 × 3024"] {
        assert!(frame.contains(words), "{words}\n{frame}");
    }
    neighbors(&mut screen);
    let frame = screen.frame();
    for words in ["1  0.100  IMG_0004.jpg", "coffee · 2021-05-03", "4032 × 3024 · 2.3 MB"] {
        assert!(frame.contains(words), "{words}\n{frame}");
    }
    screen.keys("z");
    let frame = screen.frame();
    assert!(frame.contains("trip/IMG_0004.jpg") && frame.contains("2021-05-03 14:02:11"), "{frame}");
}
