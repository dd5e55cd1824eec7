//! How deep to train, and how many steps: what was asked for, or what fits into the time there is.

use super::pace::seconds_a_step;
use super::start::{Inputs, Start};
use super::{TrainRequest, TrainingPhotos};
use crate::train::{Depth, fewest_steps, tried_depths};
use crate::work::each_photo::Job;
use crate::work::{Library, Viewer, WorkError};

/// A depth with its inputs, all computed, and how long the run will be.
pub(super) struct Chosen<'a> {
    pub(super) depth: Depth,
    pub(super) cut: usize,
    pub(super) inputs: Inputs<'a>,
    pub(super) steps: u64,
    pub(super) seconds_a_step: f64,
    /// Why this depth, when it was not asked for.
    pub(super) why: Option<String>,
}

/// Takes the depth asked for, or the deepest whose fewest useful steps fit into the time: a step of each is measured.
pub(super) fn choose<'a>(
    (library, viewer): (&Library, &'a Viewer),
    request: &TrainRequest,
    start: &Start,
    photos: &mut TrainingPhotos,
    job: &mut Job<'_>,
) -> Result<Chosen<'a>, WorkError> {
    let lite = viewer.backbone().lite();
    if let Some(lite) = lite.filter(|_| request.depth != Some(Depth::Head)) {
        lite.tail_is_possible(request.cut)?;
    }
    let all = tried_depths(lite.is_some(), start.is_trained_whole());
    let depths = request.depth.map_or_else(|| all.to_vec(), |depth| vec![depth]);
    let mut said = Vec::new();
    for (number, &depth) in depths.iter().enumerate() {
        let cut = start.cut(depth, request.cut)?;
        let mut inputs = Inputs::of(library, viewer, start, (depth, cut), &photos.set.photos)?;
        let mut prepared = false;
        let mut prepare = |inputs: &mut Inputs<'a>, photos: &mut TrainingPhotos| {
            if std::mem::replace(&mut prepared, true) {
                return Ok(());
            }
            inputs.prepare(library, start, (photos, &request.labels), request.activation_bytes, job)
        };
        // A step of every layer can be measured on one batch; that of the tail needs its activations.
        if depth != Depth::Full {
            prepare(&mut inputs, photos)?;
        }
        let seconds = match measure(library, request, start, &inputs, photos) {
            Err(WorkError::Train(_)) if depth == Depth::Full => {
                prepare(&mut inputs, photos)?;
                measure(library, request, start, &inputs, photos)?
            }
            measured => measured?,
        };
        if !request.length.has_room_for(depth, seconds) && number + 1 < depths.len() {
            let (steps, minutes) = (fewest_steps(depth), seconds * fewest_steps(depth) as f64 / 60.0);
            said.push(format!("depth {depth} would take {minutes:.0} minutes for {steps} steps"));
            continue;
        }
        prepare(&mut inputs, photos)?;
        let steps = request.length.steps(depth, request.depth.is_none(), seconds);
        said.push(format!("depth {depth} takes {:.0} ms a step on this machine", seconds * 1e3));
        let why = request.depth.is_none().then(|| said.join("; "));
        return Ok(Chosen { depth, cut, inputs, steps, seconds_a_step: seconds, why });
    }
    Err(WorkError::Stopped)
}

fn measure(
    library: &Library,
    request: &TrainRequest,
    start: &Start,
    inputs: &Inputs<'_>,
    photos: &TrainingPhotos,
) -> Result<f64, WorkError> {
    library.in_pool(|| {
        let model = inputs.model(start)?;
        Ok(seconds_a_step(model.trainable(), &photos.set, &request.config)?)
    })
}
