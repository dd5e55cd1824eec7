//! The map of a folder, in the screen's words.

use std::sync::{Arc, Mutex, PoisonError};

use crate::ui::{MapLayout, MapPhotos};
use crate::work::{MapJob, MapLook, Neighbors, WorkError};

/// The map of the photos that answered last: asked for again, it goes on where it was left.
#[derive(Default)]
pub(super) struct FolderMap(Mutex<Option<MapJob>>);

impl FolderMap {
    /// Tells the map until it is finished, `go_on` says stop, or other photos answer. False: nothing answers yet.
    pub(super) fn tell(
        &self,
        neighbors: &Neighbors,
        go_on: &dyn Fn() -> bool,
        tell: &dyn Fn(MapLayout),
    ) -> Result<bool, WorkError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !kept.as_ref().is_some_and(|job| job.is_of_now(neighbors)) {
            *kept = MapJob::begin(neighbors);
        }
        let Some(job) = kept.as_mut() else { return Ok(false) };
        let mut photos = None;
        match job.run(neighbors, go_on, &mut |look| tell(layout(look, &mut photos))) {
            // A newer question is waiting, or a change of the neighbours has just been told and will be followed by one.
            Err(WorkError::Stopped) => Ok(true),
            told => told.map(|()| true),
        }
    }
}

/// A look in the screen's words; the photos are numbered at the first one.
fn layout(look: &MapLook<'_>, photos: &mut Option<MapPhotos>) -> MapLayout {
    MapLayout {
        photos: photos.get_or_insert_with(|| Arc::clone(look.photos).into()).clone(),
        places: look.places.into(),
        stage: look.stage,
        model: crate::library::printable(look.model).into(),
    }
}
