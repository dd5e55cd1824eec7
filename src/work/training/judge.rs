//! How well models retrieve labelled photos.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::photos::Judge;
use crate::embedding::EmbeddingMatrix;
use crate::eval::{Evaluation, evaluate_by_scan};
use crate::library::PhotoId;
use crate::neighbor::Gallery;
use crate::train::TrainError;
use crate::work::each_photo::Job;
use crate::work::model::OpenModel;
use crate::work::rows::Rows;
use crate::work::{Viewer, WorkError};

/// Each of `models` on the same photos: every one of `photos` that all of them can embed is query and gallery.
pub(in crate::work) fn evaluate_models(
    viewer: &Viewer,
    models: &[&OpenModel],
    photos: &[Judge],
    job: &mut Job<'_>,
) -> Result<Vec<Evaluation>, WorkError> {
    let labels: HashMap<PhotoId, u32> = photos.iter().copied().collect();
    let mut common: Vec<PhotoId> = photos.iter().map(|(photo, _)| *photo).collect();
    let mut of_models = Vec::with_capacity(models.len());
    for model in models {
        let rows = Rows::of(viewer, model, &common, job)?;
        common.clone_from(&rows.photos);
        of_models.push(rows);
    }
    let kept: HashSet<PhotoId> = common.into_iter().collect();
    let evaluate = |rows: Rows| {
        let mut matrix = EmbeddingMatrix::with_capacity(rows.matrix.dim(), kept.len());
        let (mut ids, mut of_rows) = (Vec::with_capacity(kept.len()), Vec::with_capacity(kept.len()));
        for (photo, row) in rows.photos.iter().zip(rows.matrix.rows()).filter(|(photo, _)| kept.contains(photo)) {
            matrix.push(row).map_err(TrainError::from)?;
            ids.push(*photo);
            of_rows.push(labels.get(photo).copied());
        }
        Ok(evaluate_by_scan(&Arc::new(Gallery::new(ids, matrix)?), &of_rows)?)
    };
    of_models.into_iter().map(evaluate).collect()
}
