//! Settings that are changed while a training runs.

use super::fields::{Field, Fields, Key};
use super::figures;
use super::message::Steering;
use super::parse::{self, Wrong};
use crate::triplet::Mining;

/// A rate is not doubled beyond this.
const LARGEST_RATE: f64 = 1.0;

/// The form with the settings as they are.
pub(super) fn form(now: &Steering) -> Fields {
    let minings: Vec<&str> = Mining::ALL.into_iter().map(figures::mining).collect();
    Fields::new(vec![
        Field::new(Key::Rate, "Learning rate", "how far a step goes; it rises and falls along its schedule", &[])
            .free()
            .with(figures::rate(now.learning_rate)),
        Field::new(
            Key::Margin,
            "Margin",
            "by how much other labels should be farther; a number or soft",
            &["0.1", "0.2", "0.3", "0.5", "soft"],
        )
        .free()
        .with(now.margin.to_string()),
        Field::new(Key::Mining, "Mining", "which triplets of a batch count", &minings)
            .with(figures::mining(now.mining)),
        Field::new(Key::LabelsPerBatch, "Labels per batch", "P", &["8", "16", "32", "64"])
            .free()
            .with(now.labels_per_batch.to_string()),
        Field::new(Key::PhotosPerLabel, "Photos per label", "K", &["2", "4", "8"])
            .free()
            .with(now.photos_per_label.to_string()),
    ])
}

/// What is wrong with a field.
pub(super) fn wrong(field: &Field) -> Option<Wrong> {
    let text = field.text.trim();
    match field.key {
        Key::Rate => parse::rate(text).err(),
        Key::Margin => parse::margin(text).err(),
        Key::Mining => parse::mining(text).err(),
        Key::LabelsPerBatch => parse::batch(text, "labels").err(),
        Key::PhotosPerLabel => parse::batch(text, "photos of a label").err(),
        _ => None,
    }
}

/// The settings as they are filled in.
pub(super) fn filled_in(fields: &Fields) -> Result<Steering, Wrong> {
    let text = |key| fields.text(key);
    Ok(Steering {
        learning_rate: parse::rate(text(Key::Rate))?,
        margin: parse::margin(text(Key::Margin))?,
        mining: parse::mining(text(Key::Mining))?,
        labels_per_batch: parse::batch(text(Key::LabelsPerBatch), "labels")?,
        photos_per_label: parse::batch(text(Key::PhotosPerLabel), "photos of a label")?,
    })
}

/// The same settings with another rate, within what makes sense.
pub(super) fn with_rate(now: Steering, factor: f64) -> Steering {
    Steering { learning_rate: (now.learning_rate * factor).clamp(1e-9, LARGEST_RATE), ..now }
}
