//! The form that a training starts from.

use std::time::Duration;

use super::*;
use crate::train::{Depth, Length};
use crate::triplet::{Margin, Mining};
use crate::ui::training::{LabelFrom, TrainingOffer};
use crate::ui::{Context, IndexProgress, IndexSummary, TrainingWish};

fn form(columns: u16, lines: u16) -> Screen {
    let mut screen = Screen::new(columns, lines, library());
    let effects = screen.keys("t");
    assert_eq!(orders(&effects), [TrainingOrder::Offer(LabelFrom::Folders)]);
    tell(&mut screen, TrainingNews::Offer(Ok(offer())));
    screen
}

fn wish(effects: &[Effect]) -> TrainingWish {
    match &orders(effects)[..] {
        [TrainingOrder::Start(wish), ..] => (**wish).clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_says_in_words_what_will_happen() {
    let mut screen = form(120, 40);
    has(
        &mut screen,
        &[
            "61 labels, 1,208 photos; 27 labels have one photo and serve as negatives only",
            "140 more choose the checkpoint (validation), 648 judge the end (held out)",
            "probably tail, batch-all, margin 0.2; about 5 min; makes “tuned 3”",
            "left out: 4 without a label",
            "Starts from",
        ],
    );
    screen.keys("down right");
    has(&mut screen, &["head, batch-all, margin 0.2; about 4 s", "head: seconds; tail"]);
    assert!(!screen.frame().contains("probably"));
}

#[test]
fn the_depth_and_the_time_it_expects_are_those_of_the_run() {
    // A batch of 16 x 4 photos and 4 lone ones takes 4.25 s at every layer, 0.425 s at the tail behind 30 s of preparing,
    // and 4.25 ms at the head. Two steps of each depth are tried, the deepest first, and fewer than 300 of them are no use.
    for (keys, expected) in [
        ("down down down down 3 space m i n", "probably tail, batch-all, margin 0.2; about 4 min;"),
        // Preparing for the tail is spent before it turns out to be too slow.
        ("down down down down 1 space m i n", "probably head, batch-all, margin 0.2; about 1 min 39 s;"),
        ("down down down down 4 0", "probably tail, batch-all, margin 0.2; about 56 s;"),
        ("down down down down down down 2 4", "probably tail, batch-all, margin 0.2; about 6 min;"),
        ("down down down down down down 3 3 down 8", "probably head, batch-all, margin 0.2; about 1 min 24 s;"),
        ("down right right down down down 1 space m i n", "tail, batch-all, margin 0.2; about 1 min 30 s;"),
        ("down right", " head, batch-all, margin 0.2; about 4 s;"),
        // As long at rest as at work.
        ("down right up up right", " head, batch-all, margin 0.2; about 8 s;"),
        // The features of another network are computed anew.
        ("down right up up up up right right", " head, batch-all, margin 0.2; about 24 s;"),
        ("up up up right right down down down down down down down 3 0 space m i n", "probably full, batch-all"),
    ] {
        let mut screen = form(120, 40);
        screen.keys(keys);
        has(&mut screen, &[expected]);
    }
}

#[test]
fn a_batch_has_no_more_photos_than_there_are() {
    let few = TrainingOffer { labels: 6, lone_labels: 1, photos: 400, ..offer() };
    for (labels, photos, batch) in [(16, 4, 21), (4, 4, 17), (16, 100, 400), (2, 2, 5)] {
        assert_eq!(few.photos_a_batch(labels, photos), batch, "{labels} x {photos}");
    }
    let triplets = TrainingOffer { labels: 0, lone_labels: 0, photos: 0, triplets: 5, ..offer() };
    assert_eq!(triplets.photos_a_batch(16, 4), 15);
}

#[test]
fn a_pace_that_is_not_known_leaves_the_depth_open() {
    let all = offer().paces;
    for (known, words) in [
        (
            &all[..1],
            "the deepest that learns within 5 min, batch-all, margin 0.2; its time shows after the first steps",
        ),
        (&all[..2], "probably tail"),
        (&all[1..], "the deepest that learns within 5 min"),
    ] {
        let mut screen = Screen::new(120, 40, library());
        screen.keys("t");
        tell(&mut screen, TrainingNews::Offer(Ok(TrainingOffer { paces: known.to_vec(), ..offer() })));
        has(&mut screen, &[words]);
    }
}

#[test]
fn the_tail_of_a_model_that_was_trained_whole_is_refused_where_it_is_chosen() {
    let mut screen = form(120, 40);
    screen.keys("down right right up up up up right right");
    has(&mut screen, &["! the model it starts from was trained whole: automatic, full or head"]);
    assert_eq!(screen.keys("enter"), [], "nothing starts");
}

#[test]
fn while_photos_are_indexed_it_says_so_and_looks_again_at_the_end() {
    let summary = IndexSummary { photos: 40, embedded: 9, skipped: 0, ignored: 0, elapsed: Duration::ZERO };
    let mut screen = Screen::new(120, 40, library());
    screen.send(Message::IndexProgress(IndexProgress::Other("building the k-d tree".into())));
    screen.keys("t");
    tell(&mut screen, TrainingNews::Offer(Err("no photo is indexed yet".into())));
    let yet = "photos are still being indexed: what there is to learn from is said when that is done";
    has(&mut screen, &[yet, "Labels"]);
    assert!(!screen.frame().contains("no photo is indexed yet"));
    assert_eq!(screen.keys("enter"), []);
    tell(&mut screen, TrainingNews::Offer(Ok(TrainingOffer { labels: 3, ..offer() })));
    has(&mut screen, &["3 labels", "photos are still being indexed: it begins when that is done"]);
    let effects = screen.send(Message::IndexFinished(summary.clone()));
    assert_eq!(orders(&effects), [TrainingOrder::Offer(LabelFrom::Folders)]);
    tell(&mut screen, TrainingNews::Offer(Ok(offer())));
    has(&mut screen, &["61 labels"]);
    assert!(!screen.frame().contains("it begins when that is done"));
    screen.keys("esc");
    assert_eq!(orders(&screen.send(Message::IndexFinished(summary))), [], "nobody looks at the form");
}

#[test]
fn enter_starts_what_was_filled_in() {
    let mut screen = form(80, 24);
    screen.keys("down down right down 0 . 5 down 4 0 down 3 e - 4 down 8 down 2 down 0 . 3 down 7 down right down m y");
    let wish = wish(&screen.keys("down right enter"));
    let expected = TrainingWish {
        labels: LabelFrom::Folders,
        depth: None,
        mining: Mining::BatchHard,
        margin: Margin::Hinge(0.5),
        length: Length::Steps(40),
        learning_rate: Some(3e-4),
        labels_per_batch: 8,
        photos_per_label: 2,
        holdout: 0.3,
        seed: 7,
        parent: Some("tuned 2".into()),
        name: Some("my".into()),
        gentle: true,
    };
    assert_eq!(wish, expected);
    assert_eq!(screen.state.context(), Context::Training);
    has(&mut screen, &["training begins"]);
}

#[test]
fn nonsense_is_refused_where_it_is_typed() {
    let mut screen = form(100, 30);
    screen.keys("down down down - 1");
    has(&mut screen, &["! a margin is a number above 0", "-1▏ !"]);
    screen.keys("down down");
    assert_eq!(screen.keys("enter"), [], "nothing starts");
    has(&mut screen, &["this field is not right yet", "-1▏ !"]);
    screen.keys("0 . 4");
    has(&mut screen, &["margin 0.4"]);
    assert_eq!(wish(&screen.keys("enter")).margin, Margin::Hinge(0.4));
}

#[test]
fn without_labels_the_ways_to_get_them_are_told() {
    for nothing in [
        TrainingNews::Offer(Err("no photo lies in a folder that names it".into())),
        TrainingNews::Offer(Ok(TrainingOffer { labels: 1, photos: 9, ..offer() })),
    ] {
        let mut screen = Screen::new(80, 24, library());
        screen.keys("t");
        tell(&mut screen, nothing);
        has(&mut screen, &["Ways to get labels", "its name is their label", "path,label", "--labels FILE"]);
        assert_eq!(screen.keys("enter"), []);
        assert_eq!(screen.state.context(), Context::TrainingForm);
    }
}

#[test]
fn another_source_of_labels_is_asked_about_when_its_field_is_left() {
    let mut screen = form(100, 30);
    assert_eq!(screen.keys("m y . c s v"), []);
    let asked = TrainingOrder::Offer(LabelFrom::File("my.csv".into()));
    assert_eq!(orders(&screen.keys("down")), std::slice::from_ref(&asked));
    has(&mut screen, &["looking at the labels of my.csv"]);
    assert_eq!(screen.keys("down up"), [], "it is asked once");
    assert_eq!(orders(&screen.keys("up right")), [TrainingOrder::Offer(LabelFrom::Folders)]);
    let mut screen = form(100, 30);
    screen.keys("m y . c s v");
    assert_eq!(orders(&screen.keys("enter")), [asked], "Enter asks first");
}

#[test]
fn a_network_that_has_only_a_head_to_train_refuses_more() {
    let mut screen = Screen::new(100, 30, library());
    screen.keys("t");
    tell(&mut screen, TrainingNews::Offer(Ok(TrainingOffer { deep: false, ..offer() })));
    screen.keys("down t");
    has(&mut screen, &["cannot be trained below the head"]);
    screen.keys("h");
    assert_eq!(wish(&screen.keys("enter")).depth, Some(Depth::Head));
}

#[test]
fn letters_that_are_keys_elsewhere_are_typed_and_esc_leaves() {
    let mut screen = form(100, 30);
    screen.keys("up up q q ? 5");
    has(&mut screen, &["qq?5▏"]);
    screen.send(Message::Paste("x\ny".into()));
    has(&mut screen, &["qq?5x▏"]);
    screen.keys("backspace backspace esc");
    assert_eq!(screen.state.context(), Context::Grid);
    screen.keys("t");
    has(&mut screen, &["qq?"]);
}
