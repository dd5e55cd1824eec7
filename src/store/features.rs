//! Backbone features as half-precision numbers, keyed by photo and backbone: exact on the way in and out.

use half::f16;
use half::slice::HalfFloatSliceExt;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::db::Fault;
use super::photos::{blob_at, photo_at};
use super::{Reader, Store, StoreError};
use crate::library::PhotoId;

/// A backbone whose features are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptBackbone {
    /// Its id, weights' hash included.
    pub id: String,
    /// Numbers per photo.
    pub dim: u32,
    /// Photos with features of it, listed or not.
    pub photos: u32,
}

impl Reader {
    /// The backbones whose features are kept, oldest first.
    pub fn backbones(&self) -> Result<Vec<KeptBackbone>, StoreError> {
        self.cache.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT id, dim, (SELECT count(*) FROM features WHERE backbone = backbones.no) FROM backbones ORDER BY no",
            )?;
            let rows = statement
                .query_map([], |row| Ok(KeptBackbone { id: row.get(0)?, dim: row.get(1)?, photos: row.get(2)? }))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Whether this backbone has seen this photo, listed or not.
    pub fn has_features(&self, backbone: &str, photo: PhotoId) -> Result<bool, StoreError> {
        self.cache.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT 1 FROM features WHERE backbone = (SELECT no FROM backbones WHERE id = ?1) AND photo = ?2",
            )?;
            Ok(statement.exists(params![backbone, photo.as_bytes()])?)
        })
    }

    /// The photos in the folder that this backbone has not seen, sorted.
    pub fn photos_without_features(&self, backbone: &str) -> Result<Vec<PhotoId>, StoreError> {
        let mut photos = self.photo_ids()?;
        let seen: Vec<PhotoId> = self.cache.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT photo FROM features WHERE backbone = (SELECT no FROM backbones WHERE id = ?1) ORDER BY photo",
            )?;
            Ok(statement.query_map([backbone], |row| photo_at(row, 0))?.collect::<Result<_, _>>()?)
        })?;
        let mut seen = seen.into_iter().peekable();
        photos.retain(|photo| {
            while seen.next_if(|other| other < photo).is_some() {}
            seen.peek() != Some(photo)
        });
        Ok(photos)
    }

    /// Shows the features of every photo in the folder that has some, ordered by photo id, one at a time: they are
    /// never held together.
    pub fn features(&self, backbone: &str, visit: &mut dyn FnMut(PhotoId, &[f32])) -> Result<(), StoreError> {
        let mut listed = self.photo_ids()?.into_iter().peekable();
        self.cache.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT photo, numbers FROM features WHERE backbone = (SELECT no FROM backbones WHERE id = ?1) \
                 ORDER BY photo",
            )?;
            let mut rows = statement.query([backbone])?;
            let mut numbers = Vec::new();
            while let Some(row) = rows.next()? {
                let photo = photo_at(row, 0)?;
                while listed.next_if(|other| *other < photo).is_some() {}
                if listed.peek() == Some(&photo) {
                    widen(blob_at(row, 1)?, &mut numbers)?;
                    visit(photo, &numbers);
                }
            }
            Ok(())
        })
    }

    /// The features of these photos, in this order; `None` where there are none.
    pub fn features_of(&self, backbone: &str, photos: &[PhotoId]) -> Result<Vec<Option<Vec<f32>>>, StoreError> {
        self.cache.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT numbers FROM features WHERE backbone = (SELECT no FROM backbones WHERE id = ?1) AND photo = ?2",
            )?;
            let mut one = |photo: &PhotoId| -> Result<Option<Vec<f32>>, Fault> {
                let blob: Option<Vec<u8>> =
                    statement.query_row(params![backbone, photo.as_bytes()], |row| row.get(0)).optional()?;
                let mut numbers = Vec::new();
                blob.map(|bytes| widen(&bytes, &mut numbers)).transpose().map(|found| found.map(|()| numbers))
            };
            photos.iter().map(&mut one).collect()
        })
    }
}

impl Store {
    /// Forgets the features of a backbone that is no longer used.
    pub fn drop_features(&mut self, backbone: &str) -> Result<(), StoreError> {
        self.cache_mut()?.write(|db| {
            db.execute("DELETE FROM features WHERE backbone = (SELECT no FROM backbones WHERE id = ?1)", [backbone])?;
            db.execute("DELETE FROM backbones WHERE id = ?1", [backbone])?;
            Ok(())
        })?;
        self.cache_mut()?.give_space_back()
    }
}

/// Saves features of one backbone within a transaction of `cache.db`.
pub(super) fn insert(db: &Transaction<'_>, backbone: &str, features: &[(PhotoId, Vec<f16>)]) -> Result<(), Fault> {
    let Some((_, first)) = features.first() else { return Ok(()) };
    let (number, dim) = backbone_number(db, backbone, first.len())?;
    let mut insert = db.prepare_cached(
        "INSERT INTO features (backbone, photo, numbers) VALUES (?1, ?2, ?3) \
         ON CONFLICT (backbone, photo) DO UPDATE SET numbers = ?3",
    )?;
    for (photo, numbers) in features {
        if numbers.len() != dim || dim == 0 {
            let what = format!("features by {backbone}");
            return Err(StoreError::Shape { what, expected: dim.max(1), got: numbers.len() }.into());
        }
        insert.execute(params![number, photo.as_bytes(), narrow(numbers)])?;
    }
    Ok(())
}

/// The number of a backbone in this file, and the numbers per photo it was first seen with.
fn backbone_number(db: &Connection, backbone: &str, dim: usize) -> Result<(i64, usize), Fault> {
    db.prepare_cached("INSERT INTO backbones (id, dim) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute(params![backbone, dim as u32])?;
    let mut statement = db.prepare_cached("SELECT no, dim FROM backbones WHERE id = ?1")?;
    Ok(statement.query_row([backbone], |row| Ok((row.get(0)?, row.get::<_, u32>(1)? as usize)))?)
}

/// Little-endian bytes.
pub(super) fn narrow(numbers: &[f16]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(numbers.len() * 2);
    for number in numbers {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes
}

/// Numbers from little-endian bytes, into a buffer that is used again.
pub(super) fn widen(bytes: &[u8], numbers: &mut Vec<f32>) -> Result<(), Fault> {
    let (pairs, []) = bytes.as_chunks::<2>() else {
        return Err(Fault::Content(format!("features of {} bytes", bytes.len())));
    };
    let halves: Vec<f16> = pairs.iter().map(|pair| f16::from_le_bytes(*pair)).collect();
    numbers.resize(halves.len(), 0.0);
    halves.convert_to_f32_slice(numbers);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::IndexBatch;
    use crate::store::fixture::{Bench, batch, photo};
    use proptest::prelude::*;

    #[test]
    fn every_finite_half_survives_exactly() {
        let all: Vec<f16> = (0..=u16::MAX).map(f16::from_bits).filter(|half| half.is_finite()).collect();
        let mut numbers = Vec::new();
        widen(&narrow(&all), &mut numbers).unwrap();
        assert!(all.iter().zip(&numbers).all(|(half, number)| half.to_f32().to_bits() == number.to_bits()));
        assert_eq!(all.len(), numbers.len());
    }

    #[test]
    fn features_of_two_backbones_never_mix() {
        let bench = Bench::new();
        let mut store = bench.open();
        store.commit(&batch(&["a.jpg", "b.jpg"])).unwrap();
        let other = vec![(photo("a.jpg"), vec![f16::from_f32(7.0); 3])];
        store.commit(&IndexBatch { features: other, backbone: "other".into(), ..IndexBatch::default() }).unwrap();
        assert_eq!(store.photos_without_features("other").unwrap(), [photo("b.jpg")]);
        assert_eq!(store.photos_without_features("unknown").unwrap().len(), 2);
        assert!(store.photos_without_features("lite0").unwrap().is_empty());
        assert!(store.has_features("other", photo("a.jpg")).unwrap());
        assert!(!store.has_features("other", photo("b.jpg")).unwrap());
        let asked = store.features_of("other", &[photo("b.jpg"), photo("a.jpg")]).unwrap();
        assert_eq!(asked, [None, Some(vec![7.0; 3])]);
        store.drop_features("lite0").unwrap();
        let kept = store.backbones().unwrap();
        assert_eq!(kept, [KeptBackbone { id: "other".into(), dim: 3, photos: 1 }]);
    }

    #[test]
    fn features_of_another_length_are_refused_with_both_numbers() {
        let mut store = Bench::new().into_store();
        store.commit(&batch(&["a.jpg"])).unwrap();
        let wrong = IndexBatch {
            features: vec![(photo("b.jpg"), vec![f16::ONE; 5])],
            backbone: "lite0".into(),
            ..IndexBatch::default()
        };
        let error = store.commit(&wrong).unwrap_err().to_string();
        assert_eq!(error, "features by lite0: expected 4 numbers, got 5");
        assert!(!store.has_features("lite0", photo("b.jpg")).unwrap());
    }

    #[test]
    fn only_listed_photos_are_shown_in_the_order_of_their_ids() {
        let mut store = Bench::new().into_store();
        let names: Vec<String> = (0..40).map(|i| format!("{i}.jpg")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        store.commit(&batch(&names)).unwrap();
        store.commit(&IndexBatch { removed: vec!["7.jpg".into()], ..IndexBatch::default() }).unwrap();
        let mut seen = Vec::new();
        store.features("lite0", &mut |photo, numbers| seen.push((photo, numbers.to_vec()))).unwrap();
        assert_eq!(seen.len(), 39);
        assert!(seen.is_sorted_by(|a, b| a.0 < b.0));
        assert!(seen.iter().all(|(id, numbers)| *id != photo("7.jpg") && numbers.len() == 4));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn missing_features_are_the_plain_difference(have in prop::collection::vec(any::<bool>(), 0..30)) {
            let mut store = Bench::new().into_store();
            let names: Vec<String> = (0..have.len()).map(|i| format!("{i}.jpg")).collect();
            let mut all = batch(&names.iter().map(String::as_str).collect::<Vec<_>>());
            let mut flags = have.iter();
            all.features.retain(|_| *flags.next().unwrap());
            store.commit(&all).unwrap();
            let mut expected: Vec<_> = names.iter().zip(&have).filter(|(_, have)| !**have).map(|(n, _)| photo(n)).collect();
            expected.sort();
            prop_assert_eq!(store.photos_without_features("lite0").unwrap(), expected);
        }
    }
}
