//! What the frozen layers make of the labelled photos: computed once, kept in the cache while there is room.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use half::f16;

use crate::embedder::{Lite, Scratch, View};
use crate::library::PhotoId;
use crate::store::{Activation, Reader};
use crate::train::InputSource;
use crate::work::each_photo::{Job, Originals, map_in_parallel};
use crate::work::{Cancel, Library, Viewer, WorkError};

/// Photos computed between two writes: what a kill costs.
const BATCH: usize = 64;
/// Variants of a photo.
const PLAIN: u8 = 0;
const MIRRORED: u8 = 1;

/// Activations before one block of a network, from the cache, or computed anew where it has no room for them.
pub(super) struct Activations<'a> {
    lite: &'a Lite,
    cut: usize,
    layer: String,
    /// Of one activation in the cache.
    bytes: u64,
    originals: Originals,
    /// Row `i` of the training set.
    photos: Vec<PhotoId>,
    reader: Mutex<Reader>,
    threads: usize,
}

/// One photo and the variants of it that are wanted.
struct Wanted {
    photo: PhotoId,
    variants: Vec<u8>,
}

impl<'a> Activations<'a> {
    /// Of `photos`, the training set's, before block `cut` of `lite`.
    pub(super) fn new(
        library: &Library,
        viewer: &Viewer,
        lite: &'a Lite,
        cut: usize,
        photos: &[PhotoId],
    ) -> Result<Self, WorkError> {
        let (side, channels) = lite.cut_shape(cut)?;
        Ok(Self {
            lite,
            cut,
            layer: format!("{}/{cut}", lite.base_id()),
            bytes: 2 * (side * side * channels) as u64,
            originals: Originals::of(viewer, viewer.backbone().shorter_side())?,
            photos: photos.to_vec(),
            reader: Mutex::new(library.store().reader()?),
            threads: library.threads(),
        })
    }

    /// Computes what is not in the cache yet, as far as `limit_bytes` reach: plain and mirrored of each number in
    /// `trained`, plain of those in `validated`. Returns the photos that cannot be read, each logged with the reason.
    pub(super) fn prepare(
        &self,
        library: &Library,
        (trained, validated): (&[usize], &[usize]),
        limit_bytes: u64,
        job: &mut Job<'_>,
    ) -> Result<HashSet<PhotoId>, WorkError> {
        let missing = self.missing(trained, validated, limit_bytes)?;
        let mut unusable = HashSet::new();
        for (number, batch) in missing.chunks(BATCH).enumerate() {
            let computed = map_in_parallel(batch, job.threads, job.cancel, |wanted, scratch| {
                self.compute(wanted.photo, &wanted.variants, scratch)
            });
            let mut made = Vec::new();
            for (wanted, activations) in batch.iter().zip(computed) {
                match activations.ok_or(WorkError::Stopped)? {
                    Ok(activations) => {
                        let variants = activations.into_iter().zip(&wanted.variants);
                        made.extend(variants.map(|(numbers, variant)| narrow(wanted.photo, *variant, &numbers)));
                    }
                    Err(reason) => {
                        tracing::warn!("left out of training: {reason}");
                        unusable.insert(wanted.photo);
                    }
                }
            }
            library.store().put_activations(&self.layer, &made, limit_bytes)?;
            (job.progress)(number * BATCH + batch.len(), missing.len());
        }
        Ok(unusable)
    }

    /// What is wanted, not there, and has room: cached ones that are wanted count.
    fn missing(&self, trained: &[usize], validated: &[usize], limit: u64) -> Result<Vec<Wanted>, WorkError> {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let each =
            trained.iter().map(|n| (n, &[PLAIN, MIRRORED][..])).chain(validated.iter().map(|n| (n, &[PLAIN][..])));
        let (mut missing, mut room) = (Vec::new(), limit / self.bytes.max(1));
        for (number, variants) in each {
            let Some(&photo) = self.photos.get(*number) else { continue };
            let mut absent = Vec::new();
            for &variant in variants.iter().take(usize::try_from(room).unwrap_or(usize::MAX)) {
                room -= 1;
                if !reader.has_activation(&self.layer, photo, variant)? {
                    absent.push(variant);
                }
            }
            if !absent.is_empty() {
                missing.push(Wanted { photo, variants: absent });
            }
        }
        Ok(missing)
    }

    fn compute(&self, photo: PhotoId, variants: &[u8], scratch: &mut Scratch) -> Result<Vec<Vec<f32>>, String> {
        let image = self.originals.with(photo, |pixels| self.lite.view(pixels, &View::PLAIN))?;
        let one = |variant: &u8| {
            let mut image = image.clone();
            if *variant == MIRRORED {
                self.lite.mirror(&mut image);
            }
            self.lite.activations(&image, self.cut, scratch).map_err(|error| error.to_string())
        };
        variants.iter().map(one).collect()
    }
}

fn narrow(photo: PhotoId, variant: u8, numbers: &[f32]) -> Activation {
    Activation { photo, variant, numbers: numbers.iter().map(|v| f16::from_f32(*v)).collect() }
}

impl InputSource for Activations<'_> {
    fn append(&self, photos: &[(usize, View)], into: &mut Vec<f32>) -> Result<(), (usize, String)> {
        let wrong = |number: usize| move |reason: String| (number, reason);
        let mut found: Vec<Option<Vec<f32>>> = Vec::with_capacity(photos.len());
        {
            let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
            for (number, view) in photos {
                let photo = self.photos.get(*number).ok_or_else(|| (*number, "it is not in the set".to_owned()))?;
                let kept = reader.activation(&self.layer, *photo, u8::from(view.mirrored));
                found.push(kept.map_err(|error| (*number, error.to_string()))?);
            }
        }
        let absent: Vec<(usize, View)> =
            photos.iter().zip(&found).filter(|(_, kept)| kept.is_none()).map(|(wanted, _)| *wanted).collect();
        let computed = map_in_parallel(&absent, self.threads, &Cancel::default(), |(number, view), scratch| {
            let photo = self.photos.get(*number).copied().ok_or("it is not in the set")?;
            let mut variants = self.compute(photo, &[u8::from(view.mirrored)], scratch)?;
            // As from the cache: the same numbers whether it had room or not.
            Ok(variants.pop().unwrap_or_default().into_iter().map(|v| f16::from_f32(v).to_f32()).collect::<Vec<f32>>())
        });
        let mut computed = computed.into_iter().flatten();
        for ((number, _), kept) in photos.iter().zip(found) {
            let numbers = match kept {
                Some(numbers) => numbers,
                None => {
                    computed.next().unwrap_or_else(|| Err("it was not computed".to_owned())).map_err(wrong(*number))?
                }
            };
            into.extend_from_slice(&numbers);
        }
        Ok(())
    }
}
