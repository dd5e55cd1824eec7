//! For every context a state in which its keys have something to do.

use std::sync::Arc;

use crate::ui::message::{Effect, Message, SkippedRow};
use crate::ui::models::testing::model;
use crate::ui::testing::{Screen, answer, id, row};
use crate::ui::training::testing::{details, live, offer, planned, step, validated};
use crate::ui::{
    Context, HardRow, MapLayout, MapStage, ModelsNews, PhotoRow, StepDetails, TrainingNews, UnfinishedRow,
};

/// So many that a page is neither a row nor the end.
const PHOTOS: usize = 400;
/// The same for all other lists.
const ROWS: usize = 90;

fn name(number: usize) -> String {
    format!("trip/IMG_{number:04}.jpg")
}

fn photos() -> Vec<Arc<PhotoRow>> {
    let label = |n: usize| if n.is_multiple_of(7) { String::new() } else { format!("place {:03}", n % 120) };
    (0..PHOTOS).map(|n| row(&name(n), &label(n))).collect()
}

/// A screen on which this context has the keyboard. Nothing is said in the status line.
pub(super) fn ready(context: Context) -> Screen {
    let mut screen = match context {
        Context::Grid => library(),
        Context::Sidebar => then(library(), "tab 6 0 G"),
        Context::Neighbors => walked(),
        Context::Zoom => then(library(), "z"),
        Context::Skipped => then(library(), "! 4 5 G"),
        Context::Map => mapped(),
        Context::Help => then(library(), "? 5 0 j"),
        Context::Find => then(library(), "/ 8"),
        Context::Compare => then(library(), "c"),
        Context::Details => then(library(), "i"),
        Context::Filter => then(library(), "f p l down down"),
        Context::Prompt => then(library(), "p x"),
        Context::Palette => then(library(), ": o down down down"),
        Context::TrainingForm => then(form(), "down down down right"),
        Context::Training => trained(),
        Context::Steering => then(trained(), "e down"),
        Context::Examples => then(trained(), "enter 4 5 G"),
        Context::Models => models(),
        Context::ModelsCompared => compared(),
        Context::Entry => then(models(), "R x"),
        Context::Ask => then(trained(), "D"),
        Context::Unfinished => cut_off(),
    };
    screen.state.notice = None;
    assert_eq!(screen.state.context(), context);
    screen
}

fn then(mut screen: Screen, keys: &str) -> Screen {
    screen.keys(keys);
    screen
}

fn tell(screen: &mut Screen, news: TrainingNews) {
    screen.send(Message::Training(news));
}

/// Filtered, three photos marked, a name looked for, files skipped, trainings cut off, a photo in the middle selected.
fn library() -> Screen {
    let mut screen = Screen::new(120, 40, photos());
    let torn = |n: usize| SkippedRow { name: format!("torn-{n:02}.jpg").into(), reason: "torn".into() };
    screen.send(Message::Skipped((0..ROWS).map(torn).collect()));
    tell(&mut screen, unfinished(false));
    screen.keys("f");
    screen.send(Message::Paste("from:2021".into()));
    screen.keys("enter 3 space / 8 enter 2 5 4 G");
    screen
}

fn unfinished(cut_off: bool) -> TrainingNews {
    let row = |name: &str, done| UnfinishedRow { name: name.into(), done, steps: 600 };
    TrainingNews::Unfinished { rows: vec![row("tuned 3", 120), row("tuned 2", 40), row("tuned 1", 9)], cut_off }
}

/// The neighbours of all that were asked for.
fn answered(screen: &mut Screen, effects: &[Effect]) {
    let names: Vec<String> = (100..100 + ROWS).map(name).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for effect in effects {
        let Effect::AskNeighbors { question, .. } = effect else { continue };
        screen.send(Message::Neighbors { question: *question, answer: Ok(answer(&names)) });
    }
}

/// The second of four steps, whose query does not stand alone.
fn walked() -> Screen {
    let mut screen = library();
    for keys in ["enter", "4 6 G +", "enter", "l enter"] {
        let effects = screen.keys(keys);
        answered(&mut screen, &effects);
    }
    then(screen, "2 w 4 7 G")
}

/// Two photos in each spot, and a part of the map in sight.
fn mapped() -> Screen {
    let mut screen = library();
    let effects = screen.keys("M");
    let [Effect::WantMap { question }] = effects[..] else { panic!("{effects:?}") };
    let photos = (0..PHOTOS).map(|n| id(&name(n))).collect();
    let places = (0..PHOTOS).map(|n| [(n / 2 % 20) as f32, (n / 2 / 20) as f32]).collect();
    let layout = MapLayout { photos, places, stage: MapStage::Arranged, model: "base".into() };
    screen.send(Message::MapLayout { question, layout: Ok(layout) });
    then(screen, "2 +")
}

fn form() -> Screen {
    let mut screen = then(library(), "t");
    tell(&mut screen, TrainingNews::Offer(Ok(offer())));
    screen
}

/// A training that runs, with a cursor on its curves.
fn trained() -> Screen {
    let mut screen = then(form(), "enter");
    let hard = |n: usize| HardRow {
        anchor: id(&name(n)),
        positive: id(&name(n + 1)),
        negative: id(&name(n + 2)),
        to_positive: 0.9,
        to_negative: 0.5,
    };
    let latest = StepDetails { hardest: (0..ROWS / 3).map(hard).collect(), ..*details(100, false) };
    let wrong = TrainingNews::WrongLabels(vec![(id(&name(1)), "place 001".into())]);
    let rows = (1..=100).map(|number| step(number, 0.2 + 1.0 / number as f64)).collect();
    let near = live(&name(253), 99, &["trip/IMG_0004.jpg", "trip/IMG_0008.jpg"], &["trip/IMG_0008.jpg"]);
    for news in [planned(), validated(0, 0.77), TrainingNews::Steps { rows, latest: latest.into() }, wrong, near] {
        tell(&mut screen, news);
    }
    then(screen, "5 0 h")
}

fn models() -> Screen {
    let mut screen = then(library(), "m");
    let rows = (0..ROWS).map(|n| if n == 0 { model("base", None) } else { model(&format!("tuned {n}"), None) });
    screen.send(Message::Models(ModelsNews::List(rows.collect())));
    then(screen, "4 5 G")
}

fn compared() -> Screen {
    let mut screen = then(models(), "c j c");
    let names: Vec<String> = (100..100 + ROWS).map(name).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (models, answers) = (["tuned 44".into(), "tuned 45".into()], Box::new([answer(&names), answer(&names)]));
    screen.send(Message::Models(ModelsNews::Compared { query: id(&name(253)), models, answers }));
    then(screen, "4 5 G")
}

fn cut_off() -> Screen {
    let mut screen = library();
    tell(&mut screen, unfinished(true));
    then(screen, "j")
}
