//! The pixels of the labelled photos, for training every layer: kept in memory while there is room, else decoded again.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use image::RgbImage;

use crate::embedder::{Lite, View};
use crate::library::PhotoId;
use crate::train::InputSource;
use crate::work::each_photo::{Job, Originals, map_in_parallel};
use crate::work::{Cancel, Library, Viewer, WorkError};

/// Bytes of decoded photos kept.
const KEPT_BYTES: usize = 512_000_000;

/// Photos of the training set as pixels.
pub(super) struct Pixels<'a> {
    lite: &'a Lite,
    originals: Originals,
    photos: Vec<PhotoId>,
    kept: Mutex<Kept>,
    threads: usize,
}

#[derive(Default)]
struct Kept {
    photos: HashMap<PhotoId, Arc<RgbImage>>,
    bytes: usize,
}

impl<'a> Pixels<'a> {
    /// Of `photos`, the training set's, for `lite`.
    pub(super) fn new(
        library: &Library,
        viewer: &Viewer,
        lite: &'a Lite,
        photos: &[PhotoId],
    ) -> Result<Self, WorkError> {
        let originals = Originals::of(viewer, viewer.backbone().shorter_side())?;
        Ok(Self { lite, originals, photos: photos.to_vec(), kept: Mutex::default(), threads: library.threads() })
    }

    /// Decodes the photos with these numbers once; returns those that cannot be read, each logged with the reason.
    pub(super) fn prepare(&self, numbers: &[usize], job: &mut Job<'_>) -> Result<HashSet<PhotoId>, WorkError> {
        let mut unusable = HashSet::new();
        for (batch, part) in numbers.chunks(64).enumerate() {
            let read = map_in_parallel(part, job.threads, job.cancel, |number, _| self.photo(*number).map(|_| ()));
            for (number, read) in part.iter().zip(read) {
                if let Err(reason) = read.ok_or(WorkError::Stopped)? {
                    tracing::warn!("left out of training: {reason}");
                    unusable.extend(self.photos.get(*number));
                }
            }
            (job.progress)(batch * 64 + part.len(), numbers.len());
        }
        Ok(unusable)
    }

    fn photo(&self, number: usize) -> Result<Arc<RgbImage>, String> {
        let photo = self.photos.get(number).copied().ok_or("it is not in the set")?;
        if let Some(kept) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).photos.get(&photo) {
            return Ok(Arc::clone(kept));
        }
        let pixels = Arc::new(self.originals.with(photo, RgbImage::clone)?);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = pixels.as_raw().len();
        if kept.bytes + bytes <= KEPT_BYTES && kept.photos.insert(photo, Arc::clone(&pixels)).is_none() {
            kept.bytes += bytes;
        }
        Ok(pixels)
    }
}

impl InputSource for Pixels<'_> {
    fn append(&self, photos: &[(usize, View)], into: &mut Vec<f32>) -> Result<(), (usize, String)> {
        let shown = map_in_parallel(photos, self.threads, &Cancel::default(), |(number, view), _| {
            self.photo(*number).map(|pixels| self.lite.view(&pixels, view))
        });
        for ((number, _), image) in photos.iter().zip(shown) {
            let image = image.unwrap_or_else(|| Err("it was not shown".to_owned()));
            into.extend_from_slice(&image.map_err(|reason| (*number, reason))?);
        }
        Ok(())
    }
}
