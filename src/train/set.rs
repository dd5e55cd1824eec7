//! The photos of a run.

use serde::{Deserialize, Serialize};

use crate::library::PhotoId;
use crate::triplet::Triplet;

/// Photos are numbered 0.. in the order of `photos`; every other list here uses these numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainingSet {
    /// Who they are. The same photo is listed once.
    pub photos: Vec<PhotoId>,
    /// Label of each photo that is trained on; `None` for all others (unlabelled, validation, held out).
    pub labels: Vec<Option<u32>>,
    /// Triplets of photos that a person made.
    pub user_triplets: Vec<Triplet>,
    /// Photos embedded for validation; the metric sees their rows in this order.
    pub validation: Vec<usize>,
}
