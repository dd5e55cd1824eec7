//! The form that a training starts from.

use super::fields::{Field, Fields, Key};
use super::figures;
use super::message::{LabelFrom, TrainingOffer, TrainingWish};
use super::parse::{self, Wrong};
use crate::train::{Depth, LONGEST_REST, Length, tried_depths};
use crate::ui::state::Indexing;
use crate::ui::words;

/// What is known of what there is to learn from.
#[derive(Clone, Debug, Default)]
pub(super) enum Offer {
    /// Asked.
    #[default]
    Awaited,
    Here(TrainingOffer),
    /// There is nothing, for this reason.
    Nothing(String),
}

/// The form.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub(super) fields: Fields,
    pub(super) offer: Offer,
    /// The labels the offer was asked for.
    pub(super) asked: LabelFrom,
}

impl Form {
    /// With defaults.
    pub(super) fn new() -> Self {
        Self { fields: Fields::new(fields()), offer: Offer::Awaited, asked: LabelFrom::Folders }
    }

    /// Takes in what there is to learn from.
    pub(super) fn take(&mut self, offer: Result<TrainingOffer, String>) {
        self.offer = match offer {
            Ok(offer) => {
                self.fields.choose_from(Key::Parent, offer.parent_names());
                Offer::Here(offer)
            }
            Err(why) => Offer::Nothing(why),
        };
    }

    /// Labels that the present offer is not about, if their field makes sense.
    pub(super) fn other_labels(&mut self) -> Option<LabelFrom> {
        let labels = parse::labels(self.fields.text(Key::Labels)).ok().filter(|labels| *labels != self.asked)?;
        self.asked = labels.clone();
        self.offer = Offer::Awaited;
        Some(labels)
    }

    /// What is wrong with a field.
    pub(super) fn wrong(&self, field: &Field) -> Option<Wrong> {
        let text = field.text.trim();
        match field.key {
            Key::Labels => parse::labels(text).err(),
            Key::Depth => parse::depth(text).and_then(|depth| self.is_possible(depth)).err(),
            Key::Mining => parse::mining(text).err(),
            Key::Margin => parse::margin(text).err(),
            Key::Length => parse::length(text).err(),
            Key::Rate => parse::usual_or_rate(text).err(),
            Key::LabelsPerBatch => parse::batch(text, "labels").err(),
            Key::PhotosPerLabel => parse::batch(text, "photos of a label").err(),
            Key::Holdout => parse::holdout(text).err(),
            Key::Seed => parse::seed(text).err(),
            Key::Name => parse::name(text, &self.taken()).err(),
            Key::Parent | Key::Gentle => None,
        }
    }

    /// Names that models have already.
    fn taken(&self) -> Vec<String> {
        match &self.offer {
            Offer::Here(offer) => offer.parent_names(),
            _ => Vec::new(),
        }
    }

    /// The model it starts from; `None`: the base model.
    fn parent(&self) -> Option<&str> {
        Some(self.fields.text(Key::Parent)).filter(|parent| !parent.is_empty() && *parent != "base")
    }

    fn is_possible(&self, depth: Option<Depth>) -> Result<Option<Depth>, Wrong> {
        match (&self.offer, depth) {
            (Offer::Here(offer), Some(Depth::Tail | Depth::Full)) if !offer.deep => {
                Err("this network cannot be trained below the head: automatic or head".to_owned())
            }
            (Offer::Here(offer), Some(Depth::Tail)) if offer.trained(self.parent()) == Some(Depth::Full) => {
                Err("the model it starts from was trained whole: automatic, full or head".to_owned())
            }
            _ => Ok(depth),
        }
    }

    /// The training as it is filled in, or the field that is wrong and why.
    pub(super) fn wish(&self) -> Result<TrainingWish, (Key, Wrong)> {
        if let Some((key, wrong)) = self.fields.all.iter().find_map(|field| Some((field.key, self.wrong(field)?))) {
            return Err((key, wrong));
        }
        self.filled_in().map_err(|wrong| (Key::Labels, wrong))
    }

    fn filled_in(&self) -> Result<TrainingWish, Wrong> {
        let text = |key| self.fields.text(key);
        Ok(TrainingWish {
            labels: parse::labels(text(Key::Labels))?,
            depth: parse::depth(text(Key::Depth))?,
            mining: parse::mining(text(Key::Mining))?,
            margin: parse::margin(text(Key::Margin))?,
            length: parse::length(text(Key::Length))?,
            learning_rate: parse::usual_or_rate(text(Key::Rate))?,
            labels_per_batch: parse::batch(text(Key::LabelsPerBatch), "labels")?,
            photos_per_label: parse::batch(text(Key::PhotosPerLabel), "photos of a label")?,
            holdout: parse::holdout(text(Key::Holdout))?,
            seed: parse::seed(text(Key::Seed))?,
            parent: self.parent().map(str::to_owned),
            name: parse::name(text(Key::Name), &self.taken())?,
            gentle: text(Key::Gentle) == "yes",
        })
    }

    /// Whether there may be enough to learn from once all photos are indexed.
    pub(super) fn may_grow(&self, indexing: &Indexing) -> bool {
        matches!(indexing, Indexing::Running(_)) && self.asked == LabelFrom::Folders && self.hindrance().is_some()
    }

    /// Why it cannot begin although every field makes sense.
    pub(super) fn hindrance(&self) -> Option<String> {
        match &self.offer {
            Offer::Nothing(why) => Some(why.clone()),
            Offer::Here(offer) if offer.labels < 2 && offer.triplets == 0 => {
                Some("there is nothing to learn from: a training needs two labels or a triplet".to_owned())
            }
            Offer::Here(_) | Offer::Awaited => None,
        }
    }
}

/// What will happen, in sentences.
pub(super) fn plan(offer: &TrainingOffer, wish: &TrainingWish) -> Vec<String> {
    let count = |number: usize, noun: &str| words::counted(number, noun);
    let lone = match offer.lone_labels {
        0 => String::new(),
        1 => "; 1 label has one photo and serves as a negative only".to_owned(),
        lone => format!("; {} labels have one photo and serve as negatives only", words::grouped(lone as u64)),
    };
    let triplets =
        if offer.triplets > 0 { format!(", {} of yours", count(offer.triplets, "triplet")) } else { String::new() };
    let mut lines = vec![format!("{}, {}{triplets}{lone}", count(offer.labels, "label"), count(offer.photos, "photo"))];
    lines.push(match (offer.validation, offer.held_out) {
        (0, 0) => "no photo is kept from training: there will be no verdict".to_owned(),
        (chosen, judged) => format!(
            "{} more choose the checkpoint (validation), {} judge the end (held out)",
            words::grouped(chosen as u64),
            words::grouped(judged as u64)
        ),
    });
    let name = wish.name.as_deref().unwrap_or(&offer.name);
    lines.push(format!(
        "{}, {}, margin {}; {}; makes “{name}”",
        depth_words(offer, wish),
        figures::mining(wish.mining),
        wish.margin,
        time_words(offer, wish)
    ));
    lines.extend(left_out(offer));
    lines.extend(offer.notes.iter().cloned());
    lines
}

fn left_out(offer: &TrainingOffer) -> Option<String> {
    let part = |number: usize, why: &str| (number > 0).then(|| format!("{} {why}", words::grouped(number as u64)));
    let parts: Vec<String> = [
        part(offer.unlabelled, "without a label"),
        part(offer.contradicting, "with several labels"),
        part(offer.said_wrong, "whose label you said is wrong"),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| format!("left out: {}", parts.join(", ")))
}

/// Steps that are taken of each depth that is tried, to see how long they take.
const TRIED: f64 = 2.0;

/// What a training will do and how long it takes, if it finds the paces that are known here.
struct Expected {
    depth: Depth,
    seconds_a_step: f64,
    seconds_before: f64,
}

/// The depth that is asked for, or that a training without one will take: it tries them as the run does, the deepest first.
fn expected(offer: &TrainingOffer, wish: &TrainingWish) -> Option<Expected> {
    let batch = offer.photos_a_batch(wish.labels_per_batch, wish.photos_per_label) as f64;
    let trained = offer.trained(wish.parent.as_deref());
    let all = tried_depths(offer.deep, trained == Some(Depth::Full));
    let tried = wish.depth.map_or_else(|| all.to_vec(), |depth| vec![depth]);
    let mut spent = 0.0;
    for (number, &depth) in tried.iter().enumerate() {
        let pace = offer.paces.iter().find(|pace| pace.depth == depth)?;
        let seconds_a_step = pace.seconds_a_photo * batch;
        let is_computed = depth == Depth::Head && trained.is_some();
        let preparing = if is_computed { offer.seconds_through } else { pace.seconds_before };
        spent += TRIED * seconds_a_step;
        if number + 1 == tried.len() || wish.length.has_room_for(depth, seconds_a_step) {
            return Some(Expected { depth, seconds_a_step, seconds_before: spent + preparing });
        }
        // A step of every layer is tried on one batch, that of the tail needs its activations.
        spent += if depth == Depth::Full { 0.0 } else { preparing };
    }
    None
}

fn depth_words(offer: &TrainingOffer, wish: &TrainingWish) -> String {
    match (wish.depth, expected(offer, wish)) {
        (Some(depth), _) => depth.to_string(),
        (None, Some(expected)) => format!("probably {}", expected.depth),
        (None, None) => format!("the deepest that learns within {}", duration(wish.length.time().as_secs_f64())),
    }
}

fn time_words(offer: &TrainingOffer, wish: &TrainingWish) -> String {
    let Some(Expected { depth, seconds_a_step, seconds_before }) = expected(offer, wish) else {
        return match wish.length {
            Length::Usual => "its time shows after the first steps".to_owned(),
            Length::Steps(steps) => format!("{} steps", words::grouped(steps)),
            Length::Minutes(minutes) => format!("about {}", duration(60.0 * minutes)),
        };
    };
    let steps = wish.length.steps(depth, wish.depth.is_none(), seconds_a_step);
    let rest = if wish.gentle { seconds_a_step.min(LONGEST_REST.as_secs_f64()) } else { 0.0 };
    format!("about {}", duration(seconds_before + (seconds_a_step + rest) * steps as f64))
}

/// `40 s`, `4 min`, `2 h 10 min`.
pub(super) fn duration(seconds: f64) -> String {
    let seconds = seconds.clamp(0.0, 1e9) as u64;
    let rounded = if seconds >= 120 { (seconds + 30) / 60 * 60 } else { seconds };
    words::waiting(std::time::Duration::from_secs(rounded))
}

#[rustfmt::skip]
fn fields() -> Vec<Field> {
    let minings: Vec<&str> = crate::triplet::Mining::ALL.into_iter().map(figures::mining).collect();
    vec![
        Field::new(Key::Labels, "Labels", "what makes photos the same: the names of their folders, or a file with columns path and label", &["folders"]).free(),
        Field::new(Key::Depth, "Depth", "head: seconds; tail: the last layers too, minutes; full: every layer, longest", &["automatic", "head", "tail", "full"]),
        Field::new(Key::Mining, "Mining", "which triplets of a batch count: all, the hardest, those just too near, or random ones", &minings),
        Field::new(Key::Margin, "Margin", "by how much other labels should be farther than the same; soft: as far as possible", &["0.2", "0.3", "0.5", "soft", "0.1"]).free(),
        Field::new(Key::Length, "Length", "usual, a number of steps, or minutes: `600 steps`, `5 min`", &["usual", "200 steps", "600 steps", "1 min", "5 min", "15 min"]).free(),
        Field::new(Key::Rate, "Learning rate", "how far a step goes: too large diverges, too small takes long; usual fits the depth", &["usual", "1e-4", "2e-4", "5e-4", "1e-3"]).free(),
        Field::new(Key::LabelsPerBatch, "Labels per batch", "P: more show more differences in a step and take longer", &["16", "32", "64", "8"]).free(),
        Field::new(Key::PhotosPerLabel, "Photos per label", "K: how many of each label are in a batch", &["4", "8", "2"]).free(),
        Field::new(Key::Holdout, "Held back", "share of the photos kept from training: half choose the checkpoint, half judge the end", &["0.2", "0.3", "0.1", "0"]).free(),
        Field::new(Key::Seed, "Seed", "the same seed draws the same batches and the same split", &["0", "1", "2"]).free(),
        Field::new(Key::Parent, "Starts from", "the model it goes on from; base: the one before any training", &["base"]),
        Field::new(Key::Name, "Name", "of the new model; empty: the next number", &[""]).free(),
        Field::new(Key::Gentle, "Gentle", "yes leaves most of the processor to everything else; the result is the same", &["no", "yes"]),
    ]
}

/// Ways to get labels, for somebody who has none.
pub(super) const WAYS: [&str; 4] = [
    "put photos of one kind into a folder of their own: its name is their label",
    "write a file with the columns path,label (.csv or .jsonl) and name it in the first field",
    "from the command line: tripletui train FOLDER --labels FILE",
    "photos of fewer than two labels cannot be told apart: there must be at least two",
];

/// What is looked at to find these labels.
pub(super) fn source(labels: &LabelFrom) -> String {
    match labels {
        LabelFrom::Folders => "the names of the folders".to_owned(),
        LabelFrom::File(path) => format!("the labels of {path}"),
    }
}
