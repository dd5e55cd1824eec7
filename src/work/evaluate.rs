//! The evaluation job: how well a model brings together what has one label.

use std::collections::HashSet;

use serde::Serialize;

use super::each_photo::Job;
use super::labelled::labelled_photos;
use super::model::{ModelChoice, OpenModel, open_model};
use super::training::{Judge, TrainRequest, evaluate_models, held_out};
use crate::eval::Report;
use crate::teach::LabelSource;
use crate::train::SplitBy;
use crate::work::{Cancel, Viewer, WorkError};

/// What is evaluated.
#[derive(Clone, Debug)]
pub struct EvalRequest {
    /// The model.
    pub model: ModelChoice,
    /// Where labels come from.
    pub labels: LabelSource,
    /// Which photos: the held-out ones of a split, or with [`SplitBy::None`] every labelled one.
    pub split: SplitBy,
    /// Share that the split keeps from training.
    pub holdout: f64,
    /// Seed of the split and of the intervals.
    pub seed: u64,
}

/// How well it did.
#[derive(Clone, Debug, Serialize)]
pub struct EvalReport {
    /// Name of the model.
    pub model: String,
    /// The numbers, each a mean over the queries.
    #[serde(flatten)]
    pub report: Report,
    /// Photos that were query and gallery.
    pub photos: usize,
    /// Labels among them.
    pub labels: usize,
    /// Which photos.
    pub split: SplitBy,
    /// What should be known before the numbers are believed.
    pub notes: Vec<String>,
}

/// Evaluates a model on photos of the library; every photo is query and gallery. `progress` hears of photos that must be
/// decoded for it.
pub fn evaluate(
    viewer: &Viewer,
    request: &EvalRequest,
    threads: usize,
    cancel: &Cancel,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<EvalReport, WorkError> {
    let model = open_model(viewer, &request.model)?;
    let (labelled, _) = labelled_photos(viewer, &request.labels)?;
    let photos: Vec<Judge> = match request.split {
        SplitBy::None => {
            labelled.photos.iter().zip(&labelled.labels).filter_map(|(id, l)| Some((*id, (*l)?))).collect()
        }
        by => held_out(viewer, &labelled, (by, request.holdout), request.seed)?,
    };
    let labels: HashSet<u32> = photos.iter().map(|(_, label)| *label).collect();
    if labels.len() < 2 {
        let missing = format!("{} labelled photos of {} labels are to be evaluated", photos.len(), labels.len());
        let how = "photos of at least two labels are needed: folders with names, or --labels FILE".to_owned();
        return Err(WorkError::NothingToLearn { missing, how });
    }
    let evaluations = evaluate_models(viewer, &[&model], &photos, &mut Job { threads, cancel, progress })?;
    let [evaluation] = evaluations.as_slice() else { return Err(WorkError::Stopped) };
    let mut notes = seen_in_training(viewer, &model, request)?;
    if !labelled.unknown.is_empty() {
        notes.push(format!("{} lines of the label file name no photo of the library", labelled.unknown.len()));
    }
    Ok(EvalReport {
        model: model.name,
        report: evaluation.report(request.seed),
        photos: photos.len(),
        labels: labels.len(),
        split: request.split,
        notes,
    })
}

/// What is to be said when the model, or one it came from, may have been trained on photos that are now its queries: it
/// was trained here, and the split asked for is not the one that held photos out then.
fn seen_in_training(viewer: &Viewer, model: &OpenModel, asked: &EvalRequest) -> Result<Vec<String>, WorkError> {
    let mut next = model.record.clone();
    while let Some(record) = next {
        let told: Option<TrainRequest> = serde_json::from_value(record.facts.config["request"].clone()).ok();
        if let Some(told) = told {
            let same = told.labels == asked.labels
                && (told.split, told.config.seed) == (asked.split, asked.seed)
                && (told.holdout - asked.holdout).abs() < 1e-9;
            if !same || asked.split == SplitBy::None {
                let how = match told.split {
                    SplitBy::None => "it was trained on all of them".to_owned(),
                    by => format!(
                        "--labels {} --split {by} --holdout {} --seed {} leaves them out, as long as no photo was added since",
                        told.labels, told.holdout, told.config.seed
                    ),
                };
                let name = record.facts.name;
                return Ok(vec![format!(
                    "model `{name}` was trained in this folder: photos it has seen may be among the queries; {how}"
                )]);
            }
        }
        next = record.facts.parent.map_or(Ok(None), |parent| viewer.reader().model(parent))?;
    }
    Ok(Vec::new())
}
