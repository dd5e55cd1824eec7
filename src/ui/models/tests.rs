//! Keys in, frame out.

use super::testing::model;
use crate::eval::Verdict;
use crate::ui::Context;
use crate::ui::message::{Effect, Message, Mouse};
use crate::ui::testing::{Screen, answer, id, row};
use crate::ui::training::{ModelsNews, ModelsOrder};

fn list() -> Message {
    let rows = vec![
        model("base", None),
        model("tuned 1", Some(Verdict::Better)),
        model("tuned 2", Some(Verdict::NoClearChange)),
    ];
    Message::Models(ModelsNews::List(rows))
}

fn models(columns: u16, lines: u16) -> Screen {
    let photos = (0..8).map(|n| row(&format!("a/{n}.jpg"), "sea")).collect();
    let mut screen = Screen::new(columns, lines, photos);
    assert_eq!(orders(&screen.keys("m")), [ModelsOrder::List]);
    screen.send(list());
    screen
}

fn orders(effects: &[Effect]) -> Vec<ModelsOrder> {
    let order = |effect: &Effect| match effect {
        Effect::Models(order) => Some(order.clone()),
        _ => None,
    };
    effects.iter().filter_map(order).collect()
}

#[track_caller]
fn has(screen: &mut Screen, words: &[&str]) {
    let frame = screen.frame();
    for words in words {
        assert!(frame.contains(words), "{words}\n{frame}");
    }
}

#[test]
fn the_list_says_what_each_came_to_and_which_one_answers() {
    for (columns, lines) in [(80, 24), (120, 40), (200, 60)] {
        let mut screen = models(columns, lines);
        has(
            &mut screen,
            &[
                "3 models",
                "● tuned 1",
                ".77 -> .92",
                "better",
                "no clear change",
                "before any training",
                "2026-05-03 14:02",
                "Recall@1 .77 -> .92 (held out",
                "from base · 128 dimensions · 2.3 MB",
                "from step 120: margin 0.5",
            ],
        );
    }
}

#[test]
fn a_model_is_used_renamed_deleted_and_written() {
    let mut screen = models(80, 24);
    assert_eq!(orders(&screen.keys("enter")), [], "it answers already");
    assert_eq!(orders(&screen.keys("j space")), [ModelsOrder::Use("tuned 2".into())]);
    assert_eq!(orders(&screen.keys("d")), [ModelsOrder::Delete("tuned 2".into())]);
    assert_eq!(orders(&screen.keys("u")), [ModelsOrder::Undo]);
    assert_eq!(orders(&screen.keys("U")), [ModelsOrder::Redo]);
    screen.keys("R backspace backspace");
    has(&mut screen, &["another name for “tuned 2”", "tuned▏"]);
    screen.keys("space 1");
    has(&mut screen, &["there is a model “tuned 1” already"]);
    assert_eq!(screen.keys("enter"), []);
    let renamed = ModelsOrder::Rename { from: "tuned 2".into(), to: "tuned 12".into() };
    assert_eq!(orders(&screen.keys("2 enter")), [renamed]);
    screen.keys("E");
    has(&mut screen, &["tuned-2.safetensors▏"]);
    let export = ModelsOrder::Export { name: "tuned 2".into(), path: "tuned-2.safetensors".into() };
    assert_eq!(orders(&screen.keys("enter")), [export]);
    screen.send(Message::Models(ModelsNews::Done("written to tuned-2.safetensors".into())));
    has(&mut screen, &["written to"]);
}

#[test]
fn a_click_selects_a_model_the_wheel_goes_on_and_a_double_click_lets_it_answer() {
    let mut screen = models(80, 24);
    screen.mouse("base", Mouse::Click);
    has(&mut screen, &["128 dimensions"]);
    assert_eq!(orders(&screen.keys("enter")), [ModelsOrder::Use("base".into())]);
    let effects = screen.mouse("tuned 2 ", Mouse::DoubleClick);
    assert_eq!(orders(&effects), [ModelsOrder::Use("tuned 2".into())]);
    screen.mouse("tuned 2 ", |at| Mouse::Scroll { at, lines: -1 });
    screen.mouse("tuned 2 ", |at| Mouse::Scroll { at, lines: -1 });
    assert_eq!(orders(&screen.keys("enter")), [ModelsOrder::Use("base".into())]);
    assert_eq!(screen.mouse("verdict (held out)", Mouse::DoubleClick), [], "the heading is no model");
}

#[test]
fn the_model_before_any_training_stays() {
    let mut screen = models(80, 24);
    assert_eq!(screen.keys("g g d R"), []);
    has(&mut screen, &["keeps its name"]);
    assert_eq!(orders(&screen.keys("enter")), [ModelsOrder::Use("base".into())]);
    screen.send(Message::Models(ModelsNews::Failed("“base” is not here any more".into())));
    has(&mut screen, &["! “base” is not here"]);
}

#[test]
fn two_models_answer_one_query_side_by_side() {
    let mut screen = models(120, 40);
    screen.keys("c");
    has(&mut screen, &["with which?", "c again: with “base”", "“tuned 1” answers"]);
    let models = ["tuned 1".to_owned(), "tuned 2".to_owned()];
    let compare = ModelsOrder::Compare { query: id("a/0.jpg"), models: models.clone() };
    assert_eq!(orders(&screen.keys("j c")), [compare]);
    let answers = Box::new([answer(&["a/1.jpg", "a/2.jpg", "a/3.jpg"]), answer(&["a/2.jpg", "a/1.jpg", "a/5.jpg"])]);
    screen.send(Message::Models(ModelsNews::Compared { query: id("a/0.jpg"), models, answers }));
    has(&mut screen, &["2 of the first 3 in common", "1 ▲1   0.100", "2 ▼1   0.200", "3 new  0.300", "5.jpg"]);
    assert_eq!(screen.state.context(), Context::ModelsCompared);
    screen.keys("j esc");
    assert_eq!(screen.state.context(), Context::Models);
    let twice = ModelsOrder::Compare { query: id("a/0.jpg"), models: ["base".into(), "tuned 1".into()] };
    assert_eq!(orders(&screen.keys("g g c c")), std::slice::from_ref(&twice), "with the one that answers");
    assert_eq!(orders(&screen.keys("j c c")), [twice], "the older one stands left");
}

#[test]
fn an_empty_or_late_list_does_no_harm() {
    let mut screen = Screen::new(80, 24, vec![]);
    screen.keys("m");
    has(&mut screen, &["looking for models"]);
    screen.send(Message::Models(ModelsNews::List(vec![])));
    assert_eq!(screen.keys("enter c d R E"), []);
    has(&mut screen, &["no model yet"]);
    screen.keys("esc");
    let answers = Box::new([answer(&[]), answer(&[])]);
    screen.send(Message::Models(ModelsNews::Compared { query: id("?"), models: ["a".into(), "b".into()], answers }));
    assert_eq!(screen.state.context(), Context::Grid, "nobody looks at the list any more");
    let mut screen = models(1, 1);
    for (columns, lines) in [(40, 10), (20, 5), (200, 60)] {
        screen.resize(columns, lines);
        screen.frame();
    }
}

#[test]
fn a_change_of_model_goes_back_from_anywhere() {
    let mut screen = Screen::new(80, 24, vec![row("a/0.jpg", "sea")]);
    assert_eq!(screen.keys("u"), [Effect::Undo { again: false }]);
    screen.keys("enter");
    assert_eq!(screen.keys("U"), [Effect::Undo { again: true }]);
    screen.keys("m");
    assert_eq!(orders(&screen.keys("u")), [ModelsOrder::Undo]);
}
