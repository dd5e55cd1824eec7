//! Keys in, frame out.

mod choices;
mod every_key;
mod filters;
mod live;
mod map;
mod marks;
mod pairs;
mod questions;
mod random;
mod ranked;
mod wanted;

use std::sync::Arc;
use std::time::Duration;

use ratatui::style::Color;

use super::message::{Effect, EmbeddingProgress, IndexProgress, IndexSummary, LibraryChange, Message, SkippedRow};
use super::testing::{Screen, answer, id, row};
use super::{Context, PhotoRow};

fn library() -> Vec<Arc<PhotoRow>> {
    let labels = ["coffee", "milk", "sea", ""];
    (0..40).map(|n| row(&format!("trip/IMG_{n:04}.jpg"), labels[n % 4])).collect()
}

fn indexing(screen: &mut Screen) {
    let left = Some(Duration::from_secs(170));
    let progress = EmbeddingProgress { done: 3_120, total: 10_480, photos_per_second: 41.3, left, skipped: 3 };
    screen.send(Message::IndexProgress(IndexProgress::Embedding(progress)));
}

fn neighbors(screen: &mut Screen) {
    let effects = screen.keys("enter");
    let [Effect::AskNeighbors { question, .. }] = effects[..] else { panic!("{effects:?}") };
    let answer = answer(&["trip/IMG_0004.jpg", "trip/IMG_0008.jpg", "trip/IMG_0001.jpg"]);
    screen.send(Message::Neighbors { question, answer: Ok(answer) });
}

fn selected(screen: &Screen) -> String {
    let row = screen.state.selected_photo().and_then(|photo| screen.state.row(&photo).cloned());
    row.map(|row| row.name.to_string()).unwrap_or_default()
}

#[test]
fn the_library_while_it_is_indexed() {
    let mut screen = Screen::new(80, 24, library());
    indexing(&mut screen);
    screen.keys("l space");
    insta::assert_snapshot!(screen.frame(), @r#"
     tripletui ~/photos                                         40 photos · by name
    ▸ All photos  40 │                                        ▌
      ● Marked     1 │                                        ▌
      coffee      10 │                                        ▌
      milk        10 │                                        ▌
      sea         10 │        ···                 ···         ▌       ···
      No label    10 │                                        ▌
                     │                                        ▌
                     │                                        ▌
                     │ IMG_0000.jpg        ● IMG_0001.jpg     ▌IMG_0002.jpg
                     │ coffee              milk               ▌sea
                     │
                     │
                     │
                     │
                     │        ···                 ···                 ···
                     │
                     │
                     │
                     │ IMG_0003.jpg        IMG_0004.jpg        IMG_0005.jpg
                     │ 2021-05-03          coffee              milk
                     │
     Enter similar   z zoom   / find   Space mark   f filter   ? help   q quit
     indexed 3,120 / 10,480 · 41 photos/s · 2 min 50 s left · 3 skipped      3 / 40
    "#);
}

#[test]
fn the_neighbours_of_a_photo() {
    let mut screen = Screen::new(80, 24, library());
    neighbors(&mut screen);
    insta::assert_snapshot!(screen.frame(), @r#"
     tripletui similar to IMG_0000.jpg                k-d tree · exact · model base
                                   │▌
                                   │▌
                                   │▌
                                   │▌
                                   │▌         ···                     ···
                                   │▌
                                   │▌
                  ···              │▌
                                   │▌ 1  0.100  coffee        2  0.200  coffee
                                   │▌IMG_0004.jpg            IMG_0008.jpg
                                   │
                                   │
                                   │
                                   │
     IMG_0000.jpg                  │          ···
     trip                          │
     coffee                        │
     2021-05-03 14:02:11           │
     4032 × 3024 · 2.3 MB          │  3  0.300  milk
                                   │ IMG_0001.jpg
                                   │
     Enter similar   H back   L forward   + like   - unlike   ? help   q quit
                                                           trip/IMG_0004.jpg  1 / 3
    "#);
}

#[test]
fn the_help_is_the_key_table() {
    let mut screen = Screen::new(80, 60, library());
    screen.keys("?");
    let frame = screen.frame();
    for words in ["Enter             what looks like this photo", "Ctrl-Z", "g g, Home", "copy the path"] {
        assert!(frame.contains(words), "{words}\n{frame}");
    }
    assert!(!frame.to_lowercase().contains("duel"), "the help offers what is not there");
    screen.keys("esc");
    assert!(!screen.frame().contains("Help ─"));
}

#[test]
fn on_a_small_terminal_the_help_scrolls() {
    let mut screen = Screen::new(60, 12, library());
    screen.keys("?");
    assert!(screen.frame().contains("more lines"));
    screen.keys("G");
    assert!(screen.frame().contains("click shows what is similar"));
    screen.keys("k g g");
    assert!(screen.frame().contains("what looks like this photo"));
}

#[test]
fn counts_go_before_motions() {
    let mut screen = Screen::new(80, 24, library());
    screen.keys("5 l");
    assert_eq!(selected(&screen), "trip/IMG_0005.jpg");
    screen.keys("2 0 G");
    assert_eq!(selected(&screen), "trip/IMG_0019.jpg");
    screen.keys("g");
    assert!(screen.frame().contains("20 / 40 · g"), "what is typed is shown");
    screen.keys("g");
    assert_eq!(selected(&screen), "trip/IMG_0000.jpg");
    screen.keys("3 esc l");
    assert_eq!(selected(&screen), "trip/IMG_0001.jpg");
}

#[test]
fn a_walk_goes_on_back_and_forward_and_esc_leaves_it() {
    let mut screen = Screen::new(120, 40, library());
    screen.keys("5 l");
    neighbors(&mut screen);
    let further = screen.keys("l enter");
    assert!(matches!(&further[..], [Effect::AskNeighbors { asked, .. }] if asked.photo == id("trip/IMG_0008.jpg")));
    assert!(screen.frame().contains("similar to IMG_0008.jpg · step 2 of 2"));
    assert!(screen.frame().contains("searching …"));
    assert_eq!(screen.keys("backspace"), []);
    assert!(screen.frame().contains("similar to IMG_0005.jpg · step 1 of 2"));
    assert!(matches!(screen.keys("L")[..], [Effect::AskNeighbors { .. }]), "it was never answered: asked again");
    screen.keys("L");
    assert!(screen.frame().contains("this is where the walk ends"));
    screen.keys("esc");
    assert_eq!((screen.state.context(), selected(&screen)), (Context::Grid, "trip/IMG_0005.jpg".into()));
}

#[test]
fn esc_goes_one_layer_out_and_never_leaves() {
    let mut screen = Screen::new(120, 40, library());
    neighbors(&mut screen);
    screen.keys("z ?");
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(screen.state.context());
        assert_eq!(screen.keys("esc"), []);
    }
    assert_eq!(seen, [Context::Help, Context::Zoom, Context::Neighbors, Context::Grid, Context::Grid]);
    assert!(screen.frame().contains("q leaves the program"));
    assert_eq!(screen.keys("q"), [Effect::Quit]);
}

#[test]
fn a_name_is_found_while_it_is_typed() {
    let mut screen = Screen::new(80, 24, library());
    screen.keys("/ 1 2");
    assert_eq!(selected(&screen), "trip/IMG_0012.jpg");
    screen.keys("backspace backspace 3 enter n");
    assert_eq!(selected(&screen), "trip/IMG_0013.jpg");
    screen.keys("N N");
    assert_eq!(selected(&screen), "trip/IMG_0039.jpg");
    assert!(screen.frame().contains("went round"));
    screen.keys("/ q z");
    assert!(screen.frame().contains("no photo here has “qz” in its name"));
    screen.keys("esc");
    assert_eq!(selected(&screen), "trip/IMG_0039.jpg");
    screen.keys("/");
    screen.send(Message::Paste("img_0004\nsecond line".into()));
    assert_eq!(selected(&screen), "trip/IMG_0004.jpg");
}

#[test]
fn a_label_is_shown_alone_and_photos_that_come_later_too() {
    let mut screen = Screen::new(80, 24, library());
    screen.keys("tab j enter");
    assert!(screen.frame().contains("coffee: 10 of 40 photos"));
    screen.send(Message::LibraryChanged(LibraryChange::Added(vec![row("a.jpg", "coffee"), row("b.jpg", "milk")])));
    assert!(screen.frame().contains("coffee: 11 of 42 photos"));
    screen.keys("esc");
    assert!(screen.frame().contains("42 photos · by name"));
}

#[test]
fn marks_are_kept_shown_and_sent_out() {
    let mut screen = Screen::new(80, 24, library());
    let effects = screen.keys("2 space");
    let both = vec![id("trip/IMG_0000.jpg"), id("trip/IMG_0001.jpg")];
    assert_eq!(effects, [Effect::SaveMarks { photos: both, marked: true }]);
    screen.keys("v l");
    assert!(screen.frame().contains("◌ IMG_0002.jpg"));
    screen.keys("v");
    assert_eq!(screen.state.marked().len(), 4);
    assert!(screen.frame().contains("● Marked     4"), "{}", screen.frame());
    assert!(matches!(screen.keys("space")[..], [Effect::SaveMarks { marked: false, .. }]));
}

#[test]
fn the_selected_photo_stays_selected_when_others_come_or_the_order_changes() {
    let mut screen = Screen::new(80, 24, library());
    screen.keys("9 l");
    screen.send(Message::LibraryChanged(LibraryChange::Added((0..9).map(|n| row(&format!("a{n}"), "")).collect())));
    assert_eq!(selected(&screen), "trip/IMG_0009.jpg");
    screen.keys("s s S");
    assert_eq!(selected(&screen), "trip/IMG_0009.jpg");
    assert!(screen.frame().contains("by label, reversed"));
    screen.send(Message::LibraryChanged(LibraryChange::Removed(vec![id("trip/IMG_0009.jpg")])));
    assert_ne!(selected(&screen), "");
}

#[test]
fn skipped_files_are_listed_with_their_reasons() {
    let mut screen = Screen::new(80, 24, library());
    screen.keys("!");
    assert!(screen.frame().contains("no file was skipped"));
    let skipped =
        SkippedRow { name: "odd/cut.jpg".into(), reason: "the file ends in the middle of the picture".into() };
    screen.send(Message::Skipped(vec![skipped].into()));
    assert!(screen.frame().contains("Skipped      1"));
    screen.keys("!");
    let frame = screen.frame();
    assert!(frame.contains("1 file could not be read") && frame.contains("odd/cut.jpg"), "{frame}");
    assert!(frame.contains("the file ends in the middle of the picture"), "{frame}");
}

#[test]
fn an_empty_folder_and_a_failure_are_said_in_words() {
    let mut screen = Screen::new(80, 24, vec![]);
    assert!(screen.frame().contains("the first photos appear in a moment"));
    let summary = IndexSummary { photos: 0, embedded: 0, skipped: 0, ignored: 7, elapsed: Duration::ZERO };
    screen.send(Message::IndexFinished(summary));
    assert!(screen.frame().contains("no photos in this folder"));
    screen.send(Message::Failed("the disk is full: free some space and start again".into()));
    assert!(screen.frame().contains("! the disk is full"));
}

#[test]
fn without_colour_everything_is_still_said() {
    let mut screen = Screen::new(80, 24, library());
    screen.state.theme = super::Theme::NoColor;
    screen.keys("space ?");
    screen.frame();
    assert!(screen.cells().iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    screen.keys("esc");
    assert!(screen.frame().contains("● IMG_0000.jpg") && screen.frame().contains("▌IMG_0001.jpg"));
}

#[test]
fn wide_and_long_names_stay_in_their_cells() {
    let names = ["葡萄葡萄葡萄葡萄葡萄葡萄葡萄.jpg", "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦.png", "שלום שלום שלום שלום.jpg", "\\u{1b}[2J"];
    for (columns, lines) in [(40, 10), (80, 24), (200, 60)] {
        let mut screen = Screen::new(columns, lines, names.iter().map(|name| row(name, name)).collect());
        assert!(screen.frame().lines().count() == usize::from(lines));
        screen.keys("z ? esc esc enter tab /");
        screen.frame();
    }
}

#[test]
fn a_terminal_that_is_too_small_says_so() {
    let mut screen = Screen::new(39, 10, library());
    assert!(screen.frame().contains("tripletui needs 40 x 10"));
    screen.resize(80, 24);
    assert!(screen.frame().contains("IMG_0000.jpg"));
}
