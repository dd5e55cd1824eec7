//! From all pairs of photos to those that show the same picture.

use std::collections::HashMap;
use std::sync::Arc;

use crate::embedding::{EmbeddingMatrix, normalize};
use crate::library::{PhotoId, Sketch, View, decode_thumbnail};
use crate::neighbor::{Gallery, KdTreeIndex, NeighborError, Reduction, SLACK};
use crate::work::dupes::{DupeProgress, DupeSettings};
use crate::work::each_photo::map_in_parallel;
use crate::work::{Cancel, Viewer, WorkError};

/// Axes that features are reduced to.
const AXES: usize = 96;
/// Photos the axes are computed from, at most.
const SAMPLE: usize = 4096;
/// Photos whose thumbnails are in memory at once, and between two looks at the stop switch.
const CHUNK: usize = 512;
/// A pair whose whole pictures correlate less than this is not looked at from every side: a tenth cut off both sides
/// leaves more, two photos of a kind rarely have so much.
const WORTH_A_LOOK: f32 = 0.4;

/// Two photos that show the same picture.
pub(super) type Near = [PhotoId; 2];

/// All pairs of near-duplicates.
pub(super) fn near_pairs(
    viewer: &Viewer,
    settings: &DupeSettings,
    cancel: &Cancel,
    progress: &mut dyn FnMut(DupeProgress),
) -> Result<Vec<Near>, WorkError> {
    let gallery = Arc::new(short_rows(viewer)?);
    if gallery.len() < 2 {
        return Ok(Vec::new());
    }
    let candidates = candidates(&gallery, settings, cancel, progress)?;
    let sketches = sketches(viewer, &gallery, &candidates, settings, cancel, progress)?;
    let alike = alike(&sketches, &candidates, settings, cancel, progress)?;
    close(viewer, &gallery, &alike, settings)
}

/// The reduced features of every photo.
fn short_rows(viewer: &Viewer) -> Result<Gallery, WorkError> {
    let (store, backbone) = (viewer.reader(), viewer.backbone().id());
    let stride = viewer.embedded_photos()?.len().div_ceil(SAMPLE).max(1);
    let (mut failed, mut unit) = (Ok(()), Vec::new());
    let mut each = |stride: usize, visit: &mut dyn FnMut(PhotoId, &[f32])| {
        let mut number = 0;
        let shown = store.features(backbone, &mut |photo, features| {
            unit.clear();
            unit.extend_from_slice(features);
            // Features without a direction are like no others.
            if number % stride == 0 && normalize(&mut unit).is_ok() {
                visit(photo, &unit);
            }
            number += 1;
        });
        if let Err(error) = shown {
            failed = Err(error);
        }
    };
    let reduction = Reduction::of(&mut |visit| each(stride, &mut |_, row| visit(row)), AXES);
    let Ok(mut reduction) = reduction else {
        // No photo, or none with a direction.
        failed?;
        return Ok(Gallery::new(Vec::new(), EmbeddingMatrix::new(1))?);
    };
    let (mut photos, mut rows) = (Vec::new(), EmbeddingMatrix::new(reduction.dim()));
    each(1, &mut |photo, row| {
        if reduction.push(row, &mut rows).is_ok() {
            photos.push(photo);
        }
    });
    failed?;
    Ok(Gallery::new(photos, rows)?)
}

/// Per row the later rows that may be near it.
fn candidates(
    gallery: &Arc<Gallery>,
    settings: &DupeSettings,
    cancel: &Cancel,
    progress: &mut dyn FnMut(DupeProgress),
) -> Result<Vec<Vec<usize>>, WorkError> {
    let tree = KdTreeIndex::build(Arc::clone(gallery))?;
    let distance = settings.threshold + SLACK;
    let later = |row: usize| -> Result<Vec<usize>, NeighborError> {
        let found = tree.within(gallery.row(row), distance, &|other| other > row)?;
        Ok(found.into_iter().map(|neighbor| neighbor.row).collect())
    };
    let all: Vec<usize> = (0..gallery.len()).collect();
    let found = in_chunks(&all, "comparing features", settings, cancel, progress, |row| later(*row))?;
    Ok(found.into_iter().collect::<Result<Vec<_>, _>>()?)
}

/// Does `work` on each item, on several threads, and tells how far it is.
fn in_chunks<I: Sync, T: Send>(
    items: &[I],
    doing: &'static str,
    settings: &DupeSettings,
    cancel: &Cancel,
    progress: &mut dyn FnMut(DupeProgress),
    work: impl Fn(&I) -> T + Sync,
) -> Result<Vec<T>, WorkError> {
    let mut results = Vec::with_capacity(items.len());
    for chunk in items.chunks(CHUNK) {
        progress(DupeProgress { doing, done: results.len(), total: items.len() });
        let done = map_in_parallel(chunk, settings.threads, cancel, |item, _| work(item));
        results.extend(done.into_iter().collect::<Option<Vec<T>>>().ok_or(WorkError::Stopped)?);
    }
    Ok(results)
}

/// The sketch and the view of the whole picture, of every row that has a candidate or is one.
type Sketches = Vec<Option<(Sketch, View)>>;

fn sketches(
    viewer: &Viewer,
    gallery: &Gallery,
    candidates: &[Vec<usize>],
    settings: &DupeSettings,
    cancel: &Cancel,
    progress: &mut dyn FnMut(DupeProgress),
) -> Result<Sketches, WorkError> {
    let mut needed = vec![false; candidates.len()];
    for (row, others) in candidates.iter().enumerate().filter(|(_, others)| !others.is_empty()) {
        for row in others.iter().chain([&row]) {
            needed[*row] = true;
        }
    }
    let needed: Vec<usize> = (0..needed.len()).filter(|row| needed[*row]).collect();
    let mut sketches: Sketches = vec![None; candidates.len()];
    for (number, chunk) in needed.chunks(CHUNK).enumerate() {
        progress(DupeProgress { doing: "looking at thumbnails", done: number * CHUNK, total: needed.len() });
        let read = |row: &usize| viewer.reader().thumbnail(gallery.photo(*row));
        let thumbnails = chunk.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let done = map_in_parallel(&thumbnails, settings.threads, cancel, |thumbnail, _| {
            sketch(thumbnail.as_deref()).map(|sketch| (sketch.clone(), sketch.whole()))
        });
        for (row, sketch) in chunk.iter().zip(done) {
            sketches[*row] = sketch.ok_or(WorkError::Stopped)?;
        }
    }
    Ok(sketches)
}

/// None without a thumbnail that can be read: such a photo has no near-duplicate.
fn sketch(thumbnail: Option<&[u8]>) -> Option<Sketch> {
    Sketch::of(&decode_thumbnail(thumbnail?).ok()?).ok()
}

/// The pairs whose pictures are alike.
fn alike(
    sketches: &Sketches,
    candidates: &[Vec<usize>],
    settings: &DupeSettings,
    cancel: &Cancel,
    progress: &mut dyn FnMut(DupeProgress),
) -> Result<Vec<(usize, usize)>, WorkError> {
    let whole = |row: usize| sketches.get(row).and_then(Option::as_ref).map(|(_, whole)| whole);
    // Both ways round: a pair is looked at from each of its photos, whose views are made once.
    let mut partners: Vec<(usize, Vec<usize>)> = (0..candidates.len()).map(|row| (row, Vec::new())).collect();
    for (row, others) in candidates.iter().enumerate() {
        for &other in others {
            let at_once = whole(row).zip(whole(other)).map_or(0.0, |(a, b)| a.correlation(b));
            if at_once >= WORTH_A_LOOK {
                partners[row].1.push(other);
                partners[other].1.push(row);
            }
        }
    }
    partners.retain(|(_, others)| !others.is_empty());
    let look = |(row, others): &(usize, Vec<usize>)| -> Vec<(usize, usize)> {
        let Some((sketch, _)) = sketches.get(*row).and_then(Option::as_ref) else { return Vec::new() };
        let views = sketch.views();
        let is_alike = |other: &&usize| whole(**other).is_some_and(|whole| views.best(whole) >= settings.likeness);
        others.iter().filter(is_alike).map(|other| (*row.min(other), *row.max(other))).collect()
    };
    let found = in_chunks(&partners, "comparing pictures", settings, cancel, progress, look)?;
    let mut pairs: Vec<(usize, usize)> = found.into_iter().flatten().collect();
    pairs.sort_unstable();
    pairs.dedup();
    Ok(pairs)
}

/// The pairs whose features are as near as they must be.
fn close(
    viewer: &Viewer,
    gallery: &Gallery,
    pairs: &[(usize, usize)],
    settings: &DupeSettings,
) -> Result<Vec<Near>, WorkError> {
    let mut near = Vec::new();
    for (a, b) in pairs {
        let photos: Near = [gallery.photo(*a), gallery.photo(*b)];
        let rows = unit_features(viewer, &photos)?;
        if let [Some(a), Some(b)] = &rows[..]
            && apart(a, b) <= settings.threshold
        {
            near.push(photos);
        }
    }
    Ok(near)
}

fn unit_features(viewer: &Viewer, photos: &[PhotoId]) -> Result<Vec<Option<Vec<f32>>>, WorkError> {
    let mut rows = viewer.reader().features_of(viewer.backbone().id(), photos)?;
    for row in &mut rows {
        // Features without a direction are like no others.
        if row.as_mut().is_some_and(|row| normalize(row).is_err()) {
            *row = None;
        }
    }
    Ok(rows)
}

fn apart(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
}

/// Of each photo the distance of its features from those of the first, and the likeness of its picture to the first's.
pub(super) fn compare(viewer: &Viewer, photos: &[PhotoId]) -> Result<Vec<(f32, f32)>, WorkError> {
    let rows = unit_features(viewer, photos)?;
    let mut sketches = HashMap::new();
    for photo in photos {
        sketches.insert(*photo, sketch(viewer.reader().thumbnail(*photo)?.as_deref()));
    }
    let of = |photo: Option<&PhotoId>| sketches.get(photo?)?.as_ref();
    let (first, first_row) = (of(photos.first()), rows.first().and_then(Option::as_ref));
    let views = first.map(Sketch::views);
    let likeness = |photo: &PhotoId| match (&views, first, of(Some(photo))) {
        (Some(views), Some(first), Some(other)) => views.best(&other.whole()).max(other.views().best(&first.whole())),
        _ => 0.0,
    };
    let one = |(photo, row): (&PhotoId, &Option<Vec<f32>>)| {
        if Some(photo) == photos.first() {
            return (0.0, 1.0);
        }
        (first_row.zip(row.as_ref()).map_or(2.0, |(a, b)| apart(a, b)), likeness(photo))
    };
    Ok(photos.iter().zip(&rows).map(one).collect())
}
