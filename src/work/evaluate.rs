//! The evaluation job: how well a model brings together what has one label.

use std::collections::HashSet;

use serde::Serialize;

use super::each_photo::Job;
use super::labelled::labelled_photos;
use super::model::{ModelChoice, open_model};
use super::training::{Judge, evaluate_model, held_out};
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
    let evaluation = evaluate_model(viewer, &model, &photos, &mut Job { threads, cancel, progress })?;
    let mut notes = Vec::new();
    let trained_here = model
        .record
        .as_ref()
        .is_some_and(|record| record.facts.config.get("photos").is_some_and(serde_json::Value::is_object));
    if trained_here && request.split == SplitBy::None {
        notes.push(
            "this model was trained in this folder: photos it has seen are among the queries (--split photos leaves them out)"
                .to_owned(),
        );
    }
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
