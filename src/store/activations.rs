//! What the frozen layers made of labelled photos, kept while there is room: training the last layers starts from it.

use half::f16;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::db::Fault;
use super::features::{narrow, widen};
use super::{Reader, Store, StoreError};
use crate::library::PhotoId;

/// What comes out of the frozen layers for one variant of one photo.
#[derive(Clone, Debug, PartialEq)]
pub struct Activation {
    /// The photo.
    pub photo: PhotoId,
    /// 0 as it is, 1 mirrored; further ones are the caller's.
    pub variant: u8,
    /// The numbers.
    pub numbers: Vec<f16>,
}

impl Reader {
    /// The activation of a photo after a layer, if it is still kept. `layer` names backbone and cut.
    pub fn activation(&self, layer: &str, photo: PhotoId, variant: u8) -> Result<Option<Vec<f32>>, StoreError> {
        self.cache.read(|db| {
            let mut statement =
                db.prepare_cached("SELECT numbers FROM activations WHERE layer = ?1 AND photo = ?2 AND variant = ?3")?;
            let blob: Option<Vec<u8>> =
                statement.query_row(params![layer, photo.as_bytes(), variant], |row| row.get(0)).optional()?;
            let mut numbers = Vec::new();
            blob.map(|bytes| widen(&bytes, &mut numbers)).transpose().map(|found| found.map(|()| numbers))
        })
    }

    /// Whether an activation is kept.
    pub fn has_activation(&self, layer: &str, photo: PhotoId, variant: u8) -> Result<bool, StoreError> {
        self.cache.read(|db| {
            let mut statement =
                db.prepare_cached("SELECT 1 FROM activations WHERE layer = ?1 AND photo = ?2 AND variant = ?3")?;
            Ok(statement.exists(params![layer, photo.as_bytes(), variant])?)
        })
    }

    /// Bytes of all activations.
    pub fn activation_bytes(&self) -> Result<u64, StoreError> {
        self.cache.read(|db| Ok(total(db)?.cast_unsigned()))
    }
}

impl Store {
    /// Keeps activations and drops the oldest, of any layer, until all fit in `limit_bytes`. Returns how many bytes were
    /// dropped. When the limit is smaller than what is put, the first of these are dropped again.
    pub fn put_activations(
        &mut self,
        layer: &str,
        activations: &[Activation],
        limit_bytes: u64,
    ) -> Result<u64, StoreError> {
        self.cache_mut()?.write(|db| {
            let mut added = 0;
            for activation in activations {
                added += put_one(db, layer, activation)?;
            }
            let limit = i64::try_from(limit_bytes).unwrap_or(i64::MAX);
            let full = total(db)? + added;
            let dropped = drop_oldest(db, full - limit)?;
            db.execute("INSERT OR REPLACE INTO totals VALUES ('activations', ?1)", [full - dropped])?;
            Ok(dropped.cast_unsigned())
        })
    }

    /// Forgets every activation and gives the disk its space back.
    pub fn drop_activations(&mut self) -> Result<(), StoreError> {
        self.cache_mut()?.write(|db| {
            db.execute("DELETE FROM activations", [])?;
            db.execute("DELETE FROM totals WHERE name = 'activations'", [])?;
            Ok(())
        })?;
        self.cache_mut()?.give_space_back()
    }
}

/// Puts one activation, the newest from now on; returns by how many bytes the total grows.
fn put_one(db: &Transaction<'_>, layer: &str, activation: &Activation) -> Result<i64, Fault> {
    let Activation { photo, variant, numbers } = activation;
    let replaced: Option<i64> = db
        .prepare_cached("DELETE FROM activations WHERE layer = ?1 AND photo = ?2 AND variant = ?3 RETURNING bytes")?
        .query_row(params![layer, photo.as_bytes(), variant], |row| row.get(0))
        .optional()?;
    let blob = narrow(numbers);
    let bytes = blob.len().cast_signed() as i64;
    db.prepare_cached("INSERT INTO activations (layer, photo, variant, bytes, numbers) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![layer, photo.as_bytes(), variant, bytes, blob])?;
    Ok(bytes - replaced.unwrap_or(0))
}

/// Drops the oldest activations until at least `excess` bytes are gone; returns how many were.
fn drop_oldest(db: &Transaction<'_>, excess: i64) -> Result<i64, Fault> {
    let mut dropped = 0;
    let mut last = None;
    {
        let mut statement = db.prepare_cached("SELECT no, bytes FROM activations ORDER BY no")?;
        let mut rows = statement.query([])?;
        while dropped < excess {
            let Some(row) = rows.next()? else { break };
            last = Some(row.get::<_, i64>(0)?);
            dropped += row.get::<_, i64>(1)?;
        }
    }
    db.prepare_cached("DELETE FROM activations WHERE no <= ?1")?.execute([last])?;
    Ok(dropped)
}

fn total(db: &Connection) -> Result<i64, Fault> {
    let mut statement = db.prepare_cached("SELECT bytes FROM totals WHERE name = 'activations'")?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{Bench, photo};

    fn made(content: &str, variant: u8, count: usize) -> Activation {
        Activation { photo: photo(content), variant, numbers: vec![f16::from_f32(f32::from(variant) + 0.5); count] }
    }

    #[test]
    fn layers_and_variants_are_kept_apart() {
        let mut store = Bench::new().into_store();
        store.put_activations("lite0/11", &[made("a", 0, 4), made("a", 1, 4)], 1_000).unwrap();
        store.put_activations("lite0/12", &[made("a", 0, 2)], 1_000).unwrap();
        assert_eq!(store.activation("lite0/11", photo("a"), 1).unwrap(), Some(vec![1.5; 4]));
        assert_eq!(store.activation("lite0/12", photo("a"), 0).unwrap(), Some(vec![0.5; 2]));
        assert!(!store.has_activation("lite0/12", photo("a"), 1).unwrap());
        assert_eq!(store.activation_bytes().unwrap(), 20);
    }

    #[test]
    fn the_oldest_go_when_the_limit_is_reached() {
        let mut store = Bench::new().into_store();
        for name in ["a", "b", "c"] {
            assert_eq!(store.put_activations("l", &[made(name, 0, 10)], 60).unwrap(), 0);
        }
        assert_eq!(store.put_activations("l", &[made("a", 0, 10)], 60).unwrap(), 0, "put again, it is the newest");
        assert_eq!(store.put_activations("l", &[made("d", 0, 15)], 60).unwrap(), 40);
        let kept = ["a", "b", "c", "d"].map(|name| store.has_activation("l", photo(name), 0).unwrap());
        assert_eq!((kept, store.activation_bytes().unwrap()), ([true, false, false, true], 50));
        store.put_activations("l", &[], 0).unwrap();
        assert_eq!(store.activation_bytes().unwrap(), 0);
    }

    #[test]
    fn dropping_all_returns_the_space_to_the_disk() {
        let bench = Bench::new();
        let mut store = bench.open();
        store.put_activations("l", &[made("a", 0, 2_000_000)], u64::MAX).unwrap();
        let (_, full) = store.disk_usage();
        store.drop_activations().unwrap();
        let (_, empty) = store.disk_usage();
        assert!(full > 4_000_000 && empty < 1_000_000, "{full} then {empty}");
        assert_eq!(store.activation("l", photo("a"), 0).unwrap(), None);
    }
}
