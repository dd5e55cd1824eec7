//! A map as it arrives.

use std::sync::Arc;

use crate::library::PhotoId;

/// Where every photo lies, and how that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct MapLayout {
    /// The photos. While one map is being made this is the same list, so that it need not be compared.
    pub photos: Arc<[PhotoId]>,
    /// Where each of them lies: across and up, finite.
    pub places: Arc<[[f32; 2]]>,
    /// How far the map is.
    pub stage: MapStage,
    /// The model that says what is near: `base`.
    pub model: Arc<str>,
}

/// How far a map is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapStage {
    /// Principal axes; the neighbours of `done` photos are known.
    Searching {
        /// Photos whose neighbours are known.
        done: usize,
        /// Photos on the map.
        of: usize,
    },
    /// Neighbours are being brought together.
    Arranging {
        /// Rounds done.
        done: usize,
        /// Rounds there are.
        of: usize,
    },
    /// Neighbours are together.
    Arranged,
    /// Principal axes, for good: there are too few photos for anything else.
    Axes,
}
