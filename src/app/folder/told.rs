//! What the screen was told of the photos, so that it is told only what is different now.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::app::rows::RowMaker;
use crate::library::PhotoId;
use crate::store::PhotoRecord;
use crate::ui::PhotoRow;

/// The rows that the screen has.
#[derive(Default)]
pub(super) struct Told {
    maker: RowMaker,
    rows: HashMap<PhotoId, Arc<PhotoRow>>,
}

/// What is different.
#[derive(Default)]
pub(super) struct Difference {
    /// Rows of photos that were not there, and rows that say something new.
    pub(super) rows: Vec<Arc<PhotoRow>>,
    /// How many photos were not there.
    pub(super) new: usize,
    /// How many have another row.
    pub(super) changed: usize,
    /// Photos that are gone.
    pub(super) gone: Vec<PhotoId>,
}

impl Told {
    /// How many photos the screen has.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Everything told counts no more; returns which photos that was.
    pub(super) fn forget(&mut self) -> Vec<PhotoId> {
        self.rows.drain().map(|(photo, _)| photo).collect()
    }

    /// The rows of these photos where they say something that was not told yet; it is taken to be told now.
    pub(super) fn tell<'a>(&mut self, photos: impl Iterator<Item = &'a PhotoRecord>) -> Vec<Arc<PhotoRow>> {
        photos.filter_map(|photo| self.tell_one(photo).map(|(row, _)| row)).collect()
    }

    /// The row, and whether the photo is new.
    fn tell_one(&mut self, photo: &PhotoRecord) -> Option<(Arc<PhotoRow>, bool)> {
        let row = self.maker.row(photo);
        if self.rows.get(&row.id).is_some_and(|told| **told == *row) {
            return None;
        }
        let is_new = self.rows.insert(row.id, Arc::clone(&row)).is_none();
        Some((row, is_new))
    }

    /// What is different when these are all photos; it is taken to be told now.
    pub(super) fn difference<'a>(&mut self, photos: impl Iterator<Item = &'a PhotoRecord>) -> Difference {
        let (mut here, mut difference) = (HashSet::new(), Difference::default());
        for photo in photos {
            here.insert(photo.facts.id);
            if let Some((row, is_new)) = self.tell_one(photo) {
                difference.rows.push(row);
                *(if is_new { &mut difference.new } else { &mut difference.changed }) += 1;
            }
        }
        difference.gone = self.rows.extract_if(|photo, _| !here.contains(photo)).map(|(photo, _)| photo).collect();
        difference
    }
}

impl Difference {
    /// `3 photos are new, 1 has changed, 2 are gone`; nothing when nothing is different.
    pub(super) fn in_words(&self) -> Option<String> {
        let (new, changed, gone) = (self.new, self.changed, self.gone.len());
        let is = |count: usize| if count == 1 { "is" } else { "are" };
        let has = if changed == 1 { "has" } else { "have" };
        let mut parts = Vec::new();
        parts.extend((new > 0).then(|| (new, format!("{} new", is(new)))));
        parts.extend((changed > 0).then(|| (changed, format!("{has} changed"))));
        parts.extend((gone > 0).then(|| (gone, format!("{} gone", is(gone)))));
        let words = |(place, (count, what)): (usize, &(usize, String))| match (place, count) {
            (0, 1) => format!("1 photo {what}"),
            (0, _) => format!("{count} photos {what}"),
            _ => format!("{count} {what}"),
        };
        let words: Vec<String> = parts.iter().enumerate().map(words).collect();
        (!words.is_empty()).then(|| words.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::PhotoFacts;

    fn photo(content: &str, path: &str) -> PhotoRecord {
        let id = PhotoId::of_content(content.as_bytes());
        let facts = PhotoFacts { id, bytes: 1, width: 4, height: 3, taken: None, camera: None };
        PhotoRecord { facts, paths: vec![path.into()] }
    }

    #[test]
    fn only_what_is_different_is_told() {
        let mut told = Told::default();
        let first = [photo("a", "a.jpg"), photo("b", "sea/b.jpg"), photo("c", "c.jpg")];
        let all = told.difference(first.iter());
        assert_eq!((all.rows.len(), all.new, all.gone.len()), (3, 3, 0));
        assert_eq!(told.difference(first.iter()).in_words(), None);
        let later = [photo("a", "a.jpg"), photo("b", "lake/b.jpg"), photo("d", "d.jpg")];
        assert_eq!(told.tell(later[2..].iter()).len(), 1);
        let then = told.difference(later.iter());
        let names: Vec<&str> = then.rows.iter().map(|row| &*row.name).collect();
        assert_eq!((names, then.new), (vec!["lake/b.jpg"], 0));
        assert_eq!(then.gone, [first[2].facts.id]);
        assert_eq!(then.in_words().as_deref(), Some("1 photo has changed, 1 is gone"));
        assert_eq!(told.len(), 3);
    }

    #[test]
    fn many_are_told_in_one_sentence() {
        let mut told = Told::default();
        let photos: Vec<PhotoRecord> = (0..3).map(|n| photo(&n.to_string(), &format!("{n}.jpg"))).collect();
        assert_eq!(told.difference(photos.iter()).in_words().as_deref(), Some("3 photos are new"));
        assert_eq!(told.difference([].iter()).in_words().as_deref(), Some("3 photos are gone"));
    }
}
