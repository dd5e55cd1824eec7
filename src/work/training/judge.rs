//! How well a model retrieves labelled photos.

use std::collections::HashMap;
use std::sync::Arc;

use super::photos::Judge;
use crate::eval::{Evaluation, evaluate_by_scan};
use crate::neighbor::Gallery;
use crate::work::each_photo::Job;
use crate::work::model::OpenModel;
use crate::work::rows::Rows;
use crate::work::{Viewer, WorkError};

/// Every one of `photos` is query and gallery; photos that cannot be read are left out.
pub(in crate::work) fn evaluate_model(
    viewer: &Viewer,
    model: &OpenModel,
    photos: &[Judge],
    job: &mut Job<'_>,
) -> Result<Evaluation, WorkError> {
    let ids: Vec<_> = photos.iter().map(|(photo, _)| *photo).collect();
    let labels: HashMap<_, u32> = photos.iter().copied().collect();
    let rows = Rows::of(viewer, model, &ids, job)?;
    let of_rows: Vec<Option<u32>> = rows.photos.iter().map(|photo| labels.get(photo).copied()).collect();
    let gallery = Arc::new(Gallery::new(rows.photos, rows.matrix)?);
    Ok(evaluate_by_scan(&gallery, &of_rows)?)
}
