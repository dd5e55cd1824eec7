//! Near-duplicates: files with the same bytes, and photos that are the same picture saved, scaled, trimmed or brightened
//! differently.
//!
//! Three sieves, each finer and dearer than the one before: a k-d tree over reduced features finds the pairs that may be
//! near, grey sketches of the thumbnails tell "the same picture" from "the same kind of thing", and the features
//! themselves have the last word. Nothing is held of a photo but its short row and, where it has a candidate, its sketch.

mod sieve;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::library::PhotoId;
use crate::work::dupes::sieve::near_pairs;
use crate::work::listing::{ListedPhoto, listed_photos};
use crate::work::{Cancel, Viewer, WorkError};

/// What counts as a near-duplicate, and how the search runs.
#[derive(Clone, Copy, Debug)]
pub struct DupeSettings {
    /// Largest euclidean distance of the unit-length features of two near-duplicates.
    pub threshold: f32,
    /// Least likeness of their pictures, a correlation.
    pub likeness: f32,
    /// Threads that search and compare.
    pub threads: usize,
}

impl DupeSettings {
    /// Largest distance of features by default. Scaling to 40 % moves features by up to 0.6.
    pub const THRESHOLD: f32 = 0.6;
    /// Least likeness by default.
    pub const LIKENESS: f32 = 0.95;
}

/// One file of a group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dupe {
    /// Its path, relative to the library's folder. Written as text, with U+FFFD for what is not Unicode.
    #[serde(serialize_with = "as_text")]
    pub path: PathBuf,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Size of the file.
    pub bytes: u64,
    /// Whether it has the bytes of the best file of its group.
    pub same_bytes: bool,
    /// Distance of its features from those of the best file.
    pub distance: f32,
    /// Likeness of its picture to that of the best file, a correlation.
    pub likeness: f32,
    /// Its content: files of one hash are copies of each other.
    #[serde(rename = "hash")]
    pub photo: PhotoId,
}

fn as_text<S: serde::Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

/// Files that show the same picture: the best first (most pixels, then most bytes), then by path.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DupeGroup {
    /// At least two.
    pub files: Vec<Dupe>,
}

/// How far the search for near-duplicates is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DupeProgress {
    /// What is being done, in words.
    pub doing: &'static str,
    /// How much of it is done.
    pub done: usize,
    /// Of how much.
    pub total: usize,
}

/// Every group of files that show the same picture, by the path of their best file.
pub fn duplicates(
    viewer: &Viewer,
    settings: &DupeSettings,
    cancel: &Cancel,
    progress: &mut dyn FnMut(DupeProgress),
) -> Result<Vec<DupeGroup>, WorkError> {
    let photos = listed_photos(viewer)?;
    let place: HashMap<PhotoId, usize> = photos.iter().enumerate().map(|(i, p)| (p.record.facts.id, i)).collect();
    let pairs = near_pairs(viewer, settings, cancel, progress)?;
    let mut near: Vec<Vec<usize>> = vec![Vec::new(); photos.len()];
    for [a, b] in &pairs {
        if let (Some(&a), Some(&b)) = (place.get(a), place.get(b)) {
            near[a].push(b);
            near[b].push(a);
        }
    }
    let mut groups = around_the_best(&photos, &near)
        .into_iter()
        .map(|members| group(viewer, members.into_iter().filter_map(|place| photos.get(place)).collect()))
        .collect::<Result<Vec<DupeGroup>, WorkError>>()?;
    groups.sort_by(|a, b| a.files.first().map(|file| &file.path).cmp(&b.files.first().map(|file| &file.path)));
    Ok(groups)
}

/// Groups of photos that are all near the best one of their group, so that a row of photos, each like the next, is not
/// taken for one picture. The best photos choose first.
fn around_the_best(photos: &[ListedPhoto], near: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..photos.len()).collect();
    order.sort_by_cached_key(|place| photos.get(*place).map(rank));
    let mut is_free = vec![true; photos.len()];
    let mut groups = Vec::new();
    for best in order {
        if !std::mem::take(&mut is_free[best]) {
            continue;
        }
        let mut members = vec![best];
        members.extend(near[best].iter().filter(|other| std::mem::take(&mut is_free[**other])));
        let files: usize = members.iter().filter_map(|place| photos.get(*place)).map(|p| p.record.paths.len()).sum();
        if files > 1 {
            groups.push(members);
        }
    }
    groups
}

/// What the best photo has least of: most pixels first, then most bytes, then by path.
fn rank(photo: &ListedPhoto) -> (std::cmp::Reverse<(u64, u64)>, PathBuf) {
    let facts = &photo.record.facts;
    let pixels = u64::from(facts.width) * u64::from(facts.height);
    (std::cmp::Reverse((pixels, facts.bytes)), photo.path().to_owned())
}

/// All files of these photos, the best first, each compared with the best.
fn group(viewer: &Viewer, mut photos: Vec<&ListedPhoto>) -> Result<DupeGroup, WorkError> {
    photos.sort_by_cached_key(|photo| rank(photo));
    let ids: Vec<PhotoId> = photos.iter().map(|photo| photo.record.facts.id).collect();
    let mut files = Vec::new();
    for (photo, (distance, likeness)) in photos.iter().zip(sieve::compare(viewer, &ids)?) {
        let facts = &photo.record.facts;
        files.extend(photo.record.paths.iter().map(|path| Dupe {
            path: path.clone(),
            width: facts.width,
            height: facts.height,
            bytes: facts.bytes,
            same_bytes: ids.first() == Some(&facts.id),
            distance,
            likeness,
            photo: facts.id,
        }));
    }
    Ok(DupeGroup { files })
}
