//! Photos that leave a run because their label is wrong.

use std::collections::{BTreeSet, HashMap};

use super::TrainingPhotos;
use crate::library::PhotoId;

impl TrainingPhotos {
    /// Those of the photos that are trained on by the very label that was said to be wrong: who was given another one
    /// meanwhile stays.
    pub(super) fn mislabelled(&self, said: &BTreeSet<(PhotoId, String)>) -> BTreeSet<PhotoId> {
        let labels = self.set.photos.iter().zip(&self.set.labels);
        let labels: HashMap<&PhotoId, u32> = labels.filter_map(|(id, label)| Some((id, (*label)?))).collect();
        let name = |photo| labels.get(photo).and_then(|label| self.names.get(*label as usize));
        said.iter().filter(|(photo, label)| name(photo) == Some(label)).map(|(photo, _)| *photo).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::TrainingSet;

    #[test]
    fn a_photo_leaves_only_the_label_that_was_said_to_be_wrong() {
        let ids: Vec<PhotoId> = (0..3_u8).map(|n| PhotoId::of_content(&[n])).collect();
        let set = TrainingSet { photos: ids.clone(), labels: vec![Some(0), Some(1), None], ..TrainingSet::default() };
        let names = vec!["apple".to_owned(), "pear".to_owned()];
        let photos = TrainingPhotos {
            set,
            validation_labels: Vec::new(),
            held_out: Vec::new(),
            counts: crate::work::training::PhotoCounts::default(),
            names,
        };
        let said = |photo: usize, label: &str| (ids[photo], label.to_owned());
        let wrong = BTreeSet::from([said(0, "apple"), said(1, "apple"), said(2, "pear")]);
        assert_eq!(photos.mislabelled(&wrong), BTreeSet::from([ids[0]]), "one moved to another folder stays");
        assert!(photos.mislabelled(&BTreeSet::new()).is_empty());
    }
}
