//! A map as it arrives.

use std::sync::Arc;

pub use crate::layout::MapStage;
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
