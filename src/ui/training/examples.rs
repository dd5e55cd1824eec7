//! From a number to the pictures: triplets, pairs, suspects, and labels that were said to be wrong.

use ratatui::layout::Rect;

use super::message::{PairRow, StepDetails};
use super::{Training, figures};
use crate::library::PhotoId;
use crate::ui::KeyMap;
use crate::ui::grid::Cursor;
use crate::ui::keys::{Action, Context};
use crate::ui::message::Effect;
use crate::ui::state::{Layer, State};

/// Examples shown at most.
const MOST: usize = 200;

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum What {
    /// The hardest triplets of a batch.
    Hardest,
    /// The pairs of a batch within these distances.
    Pairs { from: f64, to: f64 },
    /// Photos whose triplets stay active.
    Suspects,
    /// Photos whose label somebody said is wrong.
    WrongLabels,
}

impl What {
    /// Photos that make one example.
    pub(super) const fn photos(self) -> usize {
        match self {
            Self::Hardest => 3,
            Self::Pairs { .. } => 2,
            Self::Suspects | Self::WrongLabels => 1,
        }
    }
}

/// One example: a line about it, and each photo with its part in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Example {
    pub(super) title: String,
    pub(super) photos: Vec<(PhotoId, String)>,
}

/// All examples; they stay as they were when they were opened, while the training goes on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Examples {
    pub(super) what: What,
    pub(super) step: u64,
    pub(super) rows: Vec<Example>,
    /// Whether they come with the next step.
    pub(super) awaited: bool,
}

/// Shows examples.
pub(super) fn open(state: &mut State, what: What) -> Vec<Effect> {
    let training = &mut state.training;
    let latest = training.run.as_ref().and_then(|run| run.latest.as_deref());
    let (step, rows) = match (what, latest) {
        (What::WrongLabels, _) => (0, wrong(training)),
        (_, None) => (0, Vec::new()),
        (What::Suspects, Some(latest)) => (latest.suspected_at, rows_of(what, latest)),
        (what, Some(latest)) => (latest.step, rows_of(what, latest)),
    };
    let awaited = rows.is_empty() && matches!(what, What::Pairs { .. }) && training.is_running();
    if rows.is_empty() && !awaited {
        let text = nothing(what, &state.keys);
        state.say(text);
        return Vec::new();
    }
    training.examples = Some(Examples { what, step, rows, awaited });
    training.examples_cursor = Cursor::default();
    state.layers.retain(|layer| *layer != Layer::Examples);
    state.layers.push(Layer::Examples);
    Vec::new()
}

fn nothing(what: What, keys: &KeyMap) -> String {
    match what {
        What::Hardest => "no triplet was ranked yet".to_owned(),
        What::Pairs { .. } => "there are no pairs at this distance".to_owned(),
        What::Suspects => "no photo is suspected: the guard names some when it sees label noise".to_owned(),
        What::WrongLabels => {
            let wrong = keys.key(Context::Examples, Action::WrongLabel);
            format!("no label was said to be wrong: {wrong} says so of a photo")
        }
    }
}

fn rows_of(what: What, latest: &StepDetails) -> Vec<Example> {
    match what {
        What::Hardest => latest.hardest.iter().zip(1..).map(|(row, number)| triplet(row, number)).collect(),
        What::Pairs { from, to } => pairs(&latest.pairs, from, to),
        What::Suspects => latest.suspects.iter().map(|(photo, share)| suspect(*photo, *share)).collect(),
        What::WrongLabels => Vec::new(),
    }
}

fn triplet(row: &super::HardRow, number: usize) -> Example {
    let by = row.to_positive - row.to_negative;
    let title = if by > 0.0 {
        format!("{number}: the other label is nearer by {}", figures::number(by))
    } else {
        format!("{number}: right by {}", figures::number(-by))
    };
    let photos = vec![
        (row.anchor, "compared".to_owned()),
        // What may be cut off stands last.
        (row.positive, format!("{} same label", figures::number(row.to_positive))),
        (row.negative, format!("{} other label", figures::number(row.to_negative))),
    ];
    Example { title, photos }
}

fn pairs(all: &[PairRow], from: f64, to: f64) -> Vec<Example> {
    let mut within: Vec<&PairRow> = all.iter().filter(|pair| from <= pair.distance && pair.distance < to).collect();
    within.sort_by(|one, other| one.distance.total_cmp(&other.distance));
    let example = |pair: &PairRow| {
        let label = if pair.same { "one label" } else { "two labels" };
        let title = format!("{label}, {} apart", figures::number(pair.distance));
        Example { title, photos: vec![(pair.one, String::new()), (pair.other, String::new())] }
    };
    within.into_iter().take(MOST).map(example).collect()
}

fn suspect(photo: PhotoId, share: f64) -> Example {
    let title = format!("wrong in {}", figures::percent(share));
    Example { title, photos: vec![(photo, String::new())] }
}

fn wrong(training: &Training) -> Vec<Example> {
    let example = |(photo, label): &(PhotoId, String)| Example {
        title: format!("not “{label}”"),
        photos: vec![(*photo, String::new())],
    };
    training.wrong_labels.iter().map(example).collect()
}

/// The list of wrong labels has changed.
pub(super) fn refresh_wrong(training: &mut Training) {
    let rows = wrong(training);
    if let Some(examples) = training.examples.as_mut().filter(|examples| examples.what == What::WrongLabels) {
        examples.rows = rows;
    }
}

/// A step was taken: pairs that were waited for may be there.
pub(super) fn refresh_pairs(training: &mut Training) {
    let latest = training.run.as_ref().and_then(|run| run.latest.as_deref());
    let Some(latest) = latest.filter(|latest| !latest.pairs.is_empty()) else { return };
    if let Some(examples) = training.examples.as_mut().filter(|examples| examples.awaited) {
        examples.rows = rows_of(examples.what, latest);
        (examples.step, examples.awaited) = (latest.step, false);
    }
}

/// The photo that is selected.
pub(super) fn selected(training: &Training) -> Option<PhotoId> {
    let examples = training.examples.as_ref()?;
    let (row, photo) = place(examples, training.examples_cursor.selected);
    examples.rows.get(row)?.photos.get(photo).map(|(photo, _)| *photo)
}

/// The example and the photo in it at a place.
pub(super) fn place(examples: &Examples, place: usize) -> (usize, usize) {
    let photos = examples.what.photos();
    (place / photos, place % photos)
}

/// Photos of all examples.
pub(super) fn len(examples: &Examples) -> usize {
    examples.rows.len() * examples.what.photos()
}

/// Photos side by side and rows of them in a body; examples are not broken.
pub(super) fn shape(what: What, body: Rect, pictures: bool) -> (usize, usize) {
    let least = if pictures { 18 } else { 24 };
    let across = usize::from(body.width) / (least * what.photos());
    let columns = across.clamp(1, 6) * what.photos();
    let cell = usize::from(body.width) / columns;
    let ideal = if pictures { 3 + (cell * 3).div_ceil(8) } else { 4 };
    (columns, ((usize::from(body.height) + ideal / 2) / ideal).max(1))
}
