//! A map as it arrives.

use std::collections::HashMap;
use std::sync::Arc;

pub use crate::layout::MapStage;
use crate::library::PhotoId;

/// Where every photo lies, and how that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct MapLayout {
    /// The photos.
    pub photos: MapPhotos,
    /// Where each of them lies: across and up, finite.
    pub places: Arc<[[f32; 2]]>,
    /// How far the map is.
    pub stage: MapStage,
    /// The model that says what is near: `base`.
    pub model: Arc<str>,
}

/// The photos of a map, and the number of each. While one map is being made these are shared, so that the screen need
/// not go through them again.
#[derive(Clone, Debug, PartialEq)]
pub struct MapPhotos {
    ids: Arc<[PhotoId]>,
    numbers: Arc<HashMap<PhotoId, u32>>,
}

impl MapPhotos {
    /// All of them, by number.
    pub(in crate::ui) fn ids(&self) -> &[PhotoId] {
        &self.ids
    }

    /// The number of a photo.
    pub(in crate::ui) fn number(&self, photo: &PhotoId) -> Option<usize> {
        self.numbers.get(photo).map(|number| *number as usize)
    }

    /// Whether these are of the same map.
    pub(in crate::ui) fn are_shared_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.ids, &other.ids)
    }
}

impl From<Arc<[PhotoId]>> for MapPhotos {
    /// Numbers the photos, which takes its time with a hundred thousand: the screen does not wait for it.
    fn from(ids: Arc<[PhotoId]>) -> Self {
        let numbers = Arc::new(ids.iter().copied().zip(0..).collect());
        Self { ids, numbers }
    }
}

impl FromIterator<PhotoId> for MapPhotos {
    fn from_iter<I: IntoIterator<Item = PhotoId>>(ids: I) -> Self {
        ids.into_iter().collect::<Arc<[PhotoId]>>().into()
    }
}
