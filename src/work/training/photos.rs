//! Which photos a training learns from, which choose, and which judge.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::TrainRequest;
use crate::embedding::EmbeddingMatrix;
use crate::library::PhotoId;
use crate::neighbor::{Gallery, near_groups};
use crate::store::UserTriplet;
use crate::teach::{LabelSource, Labelled};
use crate::train::{Split, SplitBy, TrainingSet, split};
use crate::triplet::Triplet;
use crate::work::labelled::labelled_photos;
use crate::work::{Viewer, WorkError};

/// Photos whose raw features are closer than this (euclidean, unit length) are taken for the same picture: never on two
/// sides of a split. Measured on 60 phone photos: scaled to 3/4, brightened by 15 % or saved at quality 60 they moved by
/// 0.08 to 0.27, cropped by 5 % by 0.25 in the median; of 840,000 pairs of different photos 11 are closer.
const SAME_PICTURE: f32 = 0.3;

/// A photo with its label, as a number and in the order of [`Labelled::names`].
pub(in crate::work) type Judge = (PhotoId, u32);

/// The photos of a training, in three parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::work) struct TrainingPhotos {
    /// Trained on, and (by number) validated with.
    pub(in crate::work) set: TrainingSet,
    /// Label of each photo in `set.validation`.
    pub(in crate::work) validation_labels: Vec<u32>,
    /// Read once, for the verdict.
    pub(in crate::work) held_out: Vec<Judge>,
    /// What was counted on the way.
    pub(in crate::work) counts: PhotoCounts,
    /// Names of the labels, by number.
    #[serde(default)]
    pub(in crate::work) names: Vec<String>,
}

/// What a training has to learn from, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoCounts {
    /// Labels among the photos trained on.
    pub labels: usize,
    /// Of those, labels with one photo: negatives only.
    pub lone_labels: usize,
    /// Photos trained on.
    pub photos: usize,
    /// Photos that choose step, checkpoint and mix.
    pub validation: usize,
    /// Photos that judge at the end.
    pub held_out: usize,
    /// Triplets a person made.
    pub triplets: usize,
    /// Photos without a label.
    pub unlabelled: usize,
    /// Photos with several labels: left out.
    pub contradicting: usize,
    /// Photos whose label a person said is wrong: left out.
    pub said_wrong: usize,
    /// Lines of the label file that name no photo of the library.
    pub unknown: usize,
    /// Photos that could not be read, and are left out.
    #[serde(default)]
    pub unreadable: usize,
}

impl TrainingPhotos {
    /// Collects and splits.
    pub(in crate::work) fn of(viewer: &Viewer, request: &TrainRequest) -> Result<Self, WorkError> {
        let (labelled, said_wrong) = labelled_photos(viewer, &request.labels)?;
        let made = viewer.reader().triplets()?;
        let parts = parts(viewer, &labelled, &made, (request.split, request.holdout), request.config.seed)?;
        let photos = Self::from_parts(&labelled, &parts, &made, said_wrong);
        photos.check(&request.labels)?;
        Ok(photos)
    }

    fn from_parts(labelled: &Labelled, parts: &Split, made: &[UserTriplet], said_wrong: usize) -> Self {
        let mut set = TrainingSet::default();
        let mut numbers: HashMap<PhotoId, usize> = HashMap::new();
        let mut add = |set: &mut TrainingSet, photo: PhotoId, label: Option<u32>| {
            *numbers.entry(photo).or_insert_with(|| {
                set.photos.push(photo);
                set.labels.push(label);
                set.photos.len() - 1
            })
        };
        let label_of = |row: usize| labelled.labels.get(row).copied().flatten();
        let mut validation_labels = Vec::new();
        for &row in &parts.train {
            add(&mut set, labelled.photos[row], label_of(row));
        }
        let (validation, judges) = sides(labelled, parts);
        for row in validation {
            let number = add(&mut set, labelled.photos[row], None);
            set.validation.push(number);
            validation_labels.extend(label_of(row));
        }
        for triplet in made {
            let [anchor, positive, negative] =
                [triplet.anchor, triplet.closer, triplet.farther].map(|photo| add(&mut set, photo, None));
            set.user_triplets.push(Triplet { anchor, positive, negative });
        }
        let counts = PhotoCounts {
            unlabelled: labelled.unlabelled,
            contradicting: labelled.contradicting,
            said_wrong,
            unknown: labelled.unknown.len(),
            ..PhotoCounts::default()
        };
        let mut photos = Self { set, validation_labels, held_out: judges, counts, names: labelled.names.clone() };
        photos.count();
        photos
    }

    /// Counts what there is to learn from now.
    fn count(&mut self) {
        let mut sizes: HashMap<u32, usize> = HashMap::new();
        self.set.labels.iter().flatten().for_each(|label| *sizes.entry(*label).or_default() += 1);
        self.counts = PhotoCounts {
            labels: sizes.len(),
            lone_labels: sizes.values().filter(|size| **size == 1).count(),
            photos: sizes.values().sum(),
            validation: self.set.validation.len(),
            held_out: self.held_out.len(),
            triplets: self.set.user_triplets.len(),
            ..self.counts
        };
    }

    /// Whether two held-out photos have one label, so that there is something to judge by.
    pub(super) fn can_judge(&self) -> bool {
        has_queries(self.held_out.iter().map(|(_, label)| *label))
    }

    /// Refuses what cannot be learned from, and says how to give more.
    fn check(&self, source: &LabelSource) -> Result<(), WorkError> {
        let PhotoCounts { labels, lone_labels, triplets, .. } = self.counts;
        let missing = match (labels, lone_labels) {
            _ if triplets > 0 => return Ok(()),
            (0, _) if self.counts.unknown > 0 => {
                format!("none of the {} lines with a label names a photo of the library", self.counts.unknown)
            }
            (0, _) if self.counts.unreadable > 0 => {
                format!("none of the {} labelled photos can be read", self.counts.unreadable)
            }
            (0, _) => "no photo has a label".to_owned(),
            (1, _) => "all photos have one label, and training needs at least two labels to tell apart".to_owned(),
            (all, lone) if all == lone => format!("none of the {all} labels has two photos that belong together"),
            _ => return Ok(()),
        };
        let how = match source {
            LabelSource::File(path) => format!("add lines with a path and a label to {}", path.display()),
            _ => {
                "put the photos of each kind into a folder of their own, or name a file: --labels labels.csv".to_owned()
            }
        };
        Err(WorkError::NothingToLearn { missing, how })
    }

    /// Leaves photos out that turned out to be unusable, and refuses when too few are left. Numbers of the set stay as
    /// they are.
    pub(in crate::work) fn leave_out(
        &mut self,
        unusable: &HashSet<PhotoId>,
        source: &LabelSource,
    ) -> Result<(), WorkError> {
        if unusable.is_empty() {
            return Ok(());
        }
        let gone = |set: &TrainingSet, number: usize| set.photos.get(number).is_some_and(|id| unusable.contains(id));
        let set = &self.set;
        let labels = set.labels.iter().enumerate().map(|(n, label)| label.filter(|_| !gone(set, n))).collect();
        let kept = |t: &&Triplet| ![t.anchor, t.positive, t.negative].into_iter().any(|n| gone(set, n));
        let user_triplets = set.user_triplets.iter().filter(kept).copied().collect();
        let (validation, validation_labels) =
            set.validation.iter().zip(&self.validation_labels).filter(|(n, _)| !gone(set, **n)).unzip();
        self.set = TrainingSet { photos: set.photos.clone(), labels, user_triplets, validation };
        self.validation_labels = validation_labels;
        self.held_out.retain(|(photo, _)| !unusable.contains(photo));
        if !has_queries(self.validation_labels.iter().copied()) {
            self.set.validation.clear();
            self.validation_labels.clear();
        }
        self.counts.unreadable += unusable.len();
        self.count();
        self.check(source)
    }
}

/// Rows that choose, and photos that judge. Photos of which no two have one label choose nothing: they judge with the others.
fn sides(labelled: &Labelled, parts: &Split) -> (Vec<usize>, Vec<Judge>) {
    let label_of = |row: usize| labelled.labels.get(row).copied().flatten();
    let chooses = has_queries(parts.validation.iter().filter_map(|&row| label_of(row)));
    let mut judging = parts.held_out.clone();
    if !chooses {
        judging.extend(&parts.validation);
        judging.sort_unstable();
    }
    let judges = judging.into_iter().filter_map(|row| Some((*labelled.photos.get(row)?, label_of(row)?))).collect();
    (if chooses { parts.validation.clone() } else { Vec::new() }, judges)
}

/// Whether any label is there twice: only then a photo can be asked for another of its label.
fn has_queries(labels: impl Iterator<Item = u32>) -> bool {
    let mut seen = HashSet::new();
    labels.into_iter().any(|label| !seen.insert(label))
}

/// The photos that a training with this split and seed holds out.
pub(in crate::work) fn held_out(
    viewer: &Viewer,
    labelled: &Labelled,
    split: (SplitBy, f64),
    seed: u64,
) -> Result<Vec<Judge>, WorkError> {
    let parts = parts(viewer, labelled, &viewer.reader().triplets()?, split, seed)?;
    Ok(sides(labelled, &parts).1)
}

/// Splits the labelled photos; what a person made triplets of, and near-duplicates of it, is always trained on, and where
/// labels are held out, so is every photo of its label.
fn parts(
    viewer: &Viewer,
    labelled: &Labelled,
    made: &[UserTriplet],
    (by, holdout): (SplitBy, f64),
    seed: u64,
) -> Result<Split, WorkError> {
    let touched: HashSet<PhotoId> = made.iter().flat_map(|t| [t.anchor, t.closer, t.farther]).collect();
    let groups = match by {
        SplitBy::None => (0..labelled.photos.len()).collect(),
        SplitBy::Photos | SplitBy::Labels => near_duplicates(viewer, labelled, &touched)?,
    };
    split_around(labelled, &groups, &touched, (by, holdout), seed)
}

/// [`parts`] where `groups` are known: a number for each photo, the same for nearly the same picture.
fn split_around(
    labelled: &Labelled,
    groups: &[usize],
    touched: &HashSet<PhotoId>,
    (by, holdout): (SplitBy, f64),
    seed: u64,
) -> Result<Split, WorkError> {
    let rows = || labelled.photos.iter().zip(&labelled.labels).zip(groups);
    let mut in_touched: HashSet<usize> =
        rows().filter(|((id, _), _)| touched.contains(id)).map(|(_, group)| *group).collect();
    if by == SplitBy::Labels {
        // Groups reach into other labels, and those into other groups.
        loop {
            let of_touched =
                |((_, label), group): ((_, &Option<u32>), &usize)| label.filter(|_| in_touched.contains(group));
            let labels: HashSet<u32> = rows().filter_map(of_touched).collect();
            let before = in_touched.len();
            let more = rows().filter(|((_, label), _)| label.is_some_and(|label| labels.contains(&label)));
            let more: Vec<usize> = more.map(|(_, group)| *group).collect();
            in_touched.extend(more);
            if in_touched.len() == before {
                break;
            }
        }
    }
    let free = |(label, group): (&Option<u32>, &usize)| label.filter(|_| !in_touched.contains(group));
    let labels: Vec<Option<u32>> = labelled.labels.iter().zip(groups).map(free).collect();
    let mut parts = split(&labels, groups, by, holdout, seed)?;
    let always = labelled.labels.iter().zip(groups).enumerate();
    parts.train.extend(always.filter(|(_, (l, g))| l.is_some() && in_touched.contains(g)).map(|(row, _)| row));
    parts.train.sort_unstable();
    Ok(parts)
}

/// A group number for each photo: the same for photos that are nearly the same picture. Photos that have no label and are
/// not `touched` are groups of their own.
fn near_duplicates(viewer: &Viewer, labelled: &Labelled, touched: &HashSet<PhotoId>) -> Result<Vec<usize>, WorkError> {
    let backbone = viewer.backbone();
    let (mut photos, mut rows) = (Vec::new(), EmbeddingMatrix::new(backbone.dim()));
    let taught = |(id, label): &(&PhotoId, &Option<u32>)| label.is_some() || touched.contains(*id);
    let taught: Vec<PhotoId> = labelled.photos.iter().zip(&labelled.labels).filter(taught).map(|(id, _)| *id).collect();
    for chunk in taught.chunks(1024) {
        for (photo, features) in chunk.iter().zip(viewer.reader().features_of(backbone.id(), chunk)?) {
            if features.is_some_and(|features| rows.push(&features).is_ok()) {
                photos.push(*photo);
            }
        }
    }
    let gallery = Gallery::new(photos, rows)?;
    let groups = near_groups(&gallery, SAME_PICTURE)?;
    let of: HashMap<PhotoId, usize> = gallery.photos().iter().copied().zip(groups).collect();
    // Photos without a row are groups of their own, numbered after all others.
    let alone = |(row, photo): (usize, &PhotoId)| of.get(photo).copied().unwrap_or(gallery.len() + row);
    Ok(labelled.photos.iter().enumerate().map(alone).collect())
}
