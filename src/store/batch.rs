//! One batch of indexing, saved.
//!
//! Two files have no common commit, so a batch is two transactions: first `cache.db`, then `library.db`. Killed
//!
//! - before the first: nothing of the batch is known; its files are read again.
//! - between them: features lie in the cache of photos the library does not list yet. Their files are not among
//!   [`Reader::known_files`], so they are read and hashed again, but [`Reader::has_features`] then spares the network.
//! - after the second: all is saved.
//!
//! So at most one batch is ever read twice, and none embedded twice. A power cut can take the newest transactions from
//! the cache (it is not flushed at each commit), and a person may delete the cache: then photos are listed without
//! features. [`Reader::photos_without_features`] names exactly those, and an index run begins by asking it, so none
//! stays that way. What was taught lies in `library.db` alone and is flushed at each commit.

use std::path::PathBuf;

use half::f16;
use rusqlite::{Transaction, params};

use super::db::Fault;
use super::path_bytes::to_bytes;
use super::photos::PhotoFacts;
use super::{Store, StoreError, features, thumbnails};
use crate::library::{Location, PhotoId};

/// What indexing found out about some files. Paths are relative to the photo folder; of two entries for one path the
/// later list wins, in the order `removed`, `locations`, `skipped`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndexBatch {
    /// Photos that are new, or whose facts were read again.
    pub photos: Vec<PhotoFacts>,
    /// Paths and what lies there. The photo must be in `photos` or known already.
    pub locations: Vec<(Location, PhotoId)>,
    /// Files that could not be read, and why.
    pub skipped: Vec<(Location, String)>,
    /// Paths where nothing is any more.
    pub removed: Vec<PathBuf>,
    /// Features by the backbone named here.
    pub features: Vec<(PhotoId, Vec<f16>)>,
    /// Id of the backbone that made `features`; not looked at when there are none.
    pub backbone: String,
    /// Small JPEG pictures.
    pub thumbnails: Vec<(PhotoId, Vec<u8>)>,
}

impl Store {
    /// Saves a batch. When this returns, a kill at any moment keeps it; see the module for what happens before.
    pub fn commit(&mut self, batch: &IndexBatch) -> Result<(), StoreError> {
        self.cache_mut()?.write(|cache| {
            features::insert(cache, &batch.backbone, &batch.features)?;
            thumbnails::insert(cache, &batch.thumbnails)?;
            note_skipped(cache, batch)
        })?;
        self.library_mut()?.write(|library| {
            insert_photos(library, &batch.photos)?;
            place_photos(library, batch)
        })
    }
}

fn note_skipped(cache: &Transaction<'_>, batch: &IndexBatch) -> Result<(), Fault> {
    let mut forget = cache.prepare_cached("DELETE FROM skipped WHERE path = ?1")?;
    let readable = batch.locations.iter().map(|(location, _)| &location.path);
    for path in batch.removed.iter().chain(readable) {
        forget.execute([to_bytes(path)])?;
    }
    let mut note = cache.prepare_cached("INSERT OR REPLACE INTO skipped VALUES (?1, ?2, ?3, ?4)")?;
    for (location, reason) in &batch.skipped {
        note.execute(params![to_bytes(&location.path), location.size.cast_signed(), location.modified_ns, reason])?;
    }
    Ok(())
}

fn insert_photos(library: &Transaction<'_>, photos: &[PhotoFacts]) -> Result<(), Fault> {
    let mut insert = library.prepare_cached(
        "INSERT INTO photos (id, bytes, width, height, taken, camera) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (id) DO UPDATE SET bytes = ?2, width = ?3, height = ?4, taken = ?5, camera = ?6",
    )?;
    for photo in photos {
        let bytes = photo.bytes.cast_signed();
        insert.execute(params![photo.id.as_bytes(), bytes, photo.width, photo.height, photo.taken, photo.camera])?;
    }
    Ok(())
}

fn place_photos(library: &Transaction<'_>, batch: &IndexBatch) -> Result<(), Fault> {
    let mut remove = library.prepare_cached("DELETE FROM locations WHERE path = ?1")?;
    for path in &batch.removed {
        remove.execute([to_bytes(path)])?;
    }
    let mut place =
        library.prepare_cached("INSERT OR REPLACE INTO locations SELECT ?1, no, ?2, ?3 FROM photos WHERE id = ?4")?;
    for (Location { path, size, modified_ns }, photo) in &batch.locations {
        let placed = place.execute(params![to_bytes(path), size.cast_signed(), modified_ns, photo.as_bytes()])?;
        if placed == 0 {
            return Err(StoreError::UnknownPhoto(*photo).into());
        }
    }
    for (location, _) in &batch.skipped {
        remove.execute([to_bytes(&location.path)])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::Skipped;
    use crate::store::fixture::{Bench, batch, location, photo};
    use crate::store::{EmbeddingRows, KnownFile, Outcome, RowsKey, StoreDirs};
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    use std::time::Instant;

    /// What a file is, in the naive model: a photo of that content, or unreadable.
    type Files = BTreeMap<PathBuf, (u32, Result<String, String>)>;

    #[derive(Clone, Debug)]
    enum Step {
        Put { path: u8, content: u8, stamp: u32 },
        Skip { path: u8, stamp: u32 },
        Remove { path: u8 },
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0..12_u8, 0..8_u8, 0..3_u32).prop_map(|(path, content, stamp)| Step::Put { path, content, stamp }),
            1 => (0..12_u8, 0..3_u32).prop_map(|(path, stamp)| Step::Skip { path, stamp }),
            2 => (0..12_u8).prop_map(|path| Step::Remove { path }),
        ]
    }

    fn path(n: u8) -> String {
        format!("{}/{}.jpg", ["a", "a-b", "b"][usize::from(n % 3)], n)
    }

    /// The batch of these steps, and what it does to the model: first all removed, then placed, then skipped.
    fn batch_of(steps: &[Step], model: &mut Files) -> IndexBatch {
        let mut made = IndexBatch::default();
        for step in steps {
            if let Step::Remove { path: n } = step {
                made.removed.push(path(*n).into());
                model.remove(&PathBuf::from(path(*n)));
            }
        }
        for step in steps {
            if let Step::Put { path: n, content, stamp } = step {
                let content = content.to_string();
                let one = batch(&[&content]);
                made.photos.extend(one.photos);
                made.features.extend(one.features);
                made.backbone = one.backbone;
                made.locations.push((location(&path(*n), *stamp), photo(&content)));
                model.insert(path(*n).into(), (*stamp, Ok(content)));
            }
        }
        for step in steps {
            if let Step::Skip { path: n, stamp } = step {
                made.skipped.push((location(&path(*n), *stamp), "broken".to_owned()));
                model.insert(path(*n).into(), (*stamp, Err("broken".to_owned())));
            }
        }
        made
    }

    fn check(store: &Store, model: &Files) {
        let mut photos: BTreeMap<PhotoId, Vec<PathBuf>> = BTreeMap::new();
        let mut skipped = Vec::new();
        let mut known = BTreeMap::new();
        for (path, (stamp, what)) in model {
            let outcome = match what {
                Ok(content) => {
                    photos.entry(photo(content)).or_default().push(path.clone());
                    Outcome::Photo(photo(content))
                }
                Err(reason) => {
                    skipped.push(Skipped { path: path.clone(), reason: reason.clone() });
                    Outcome::Skipped(reason.clone())
                }
            };
            let (size, modified_ns) = (u64::from(*stamp), i64::from(*stamp));
            known.insert(path.clone(), KnownFile { size, modified_ns, outcome });
        }
        let mut listed: Vec<(Vec<PathBuf>, PhotoId)> = photos.into_iter().map(|(id, paths)| (paths, id)).collect();
        listed.sort();
        let found: Vec<_> = store.photos().unwrap().into_iter().map(|photo| (photo.paths, photo.facts.id)).collect();
        assert_eq!(found, listed);
        assert_eq!(store.skipped().unwrap(), skipped);
        assert_eq!(store.known_files().unwrap().into_iter().collect::<BTreeMap<_, _>>(), known);
        let ids: BTreeSet<PhotoId> = listed.into_iter().map(|(_, id)| id).collect();
        assert_eq!(store.photo_ids().unwrap(), ids.into_iter().collect::<Vec<_>>());
        assert!(store.photos_without_features("lite0").unwrap().is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_run_of_batches_ends_like_the_naive_model(
            batches in prop::collection::vec((prop::collection::vec(step(), 0..10), any::<bool>()), 1..8)) {
            let bench = Bench::new();
            let mut store = bench.open();
            let mut model = Files::new();
            for (steps, reopen) in &batches {
                store.commit(&batch_of(steps, &mut model)).unwrap();
                if *reopen {
                    drop(store);
                    store = bench.open();
                }
                check(&store, &model);
            }
        }
    }

    #[test]
    fn killed_between_the_two_files_nothing_is_embedded_again() {
        let mut store = Bench::new().into_store();
        let all = batch(&["a.jpg"]);
        // The first transaction of a commit, without the second.
        store.cache_mut().unwrap().write(|cache| features::insert(cache, &all.backbone, &all.features)).unwrap();
        assert!(store.photos().unwrap().is_empty() && store.known_files().unwrap().is_empty(), "it is read again");
        assert!(store.has_features("lite0", photo("a.jpg")).unwrap(), "but not embedded again");
        store.commit(&IndexBatch { features: Vec::new(), ..all }).unwrap();
        assert!(store.photos_without_features("lite0").unwrap().is_empty());
    }

    const PLACE: &str = "TRIPLETUI_TEST_STORE_TO_FILL";

    fn photo_name(number: usize) -> String {
        format!("{number}.jpg")
    }

    /// Saves batches of ten photos without end, saying the number of each that was saved.
    #[test]
    #[ignore = "the child process of `a_kill_loses_at_most_the_batch_in_flight`, which starts and kills it"]
    fn fills_a_store_until_it_is_killed() {
        let Some(root) = std::env::var_os(PLACE).map(PathBuf::from) else { return };
        let dirs = StoreDirs { data: root.join("data"), cache: root.join("cache") };
        let mut store = Store::open(&root.join("photos"), &dirs).unwrap();
        for saved in store.photos().unwrap().len() / 10.. {
            let names: Vec<String> = (saved * 10..saved * 10 + 10).map(photo_name).collect();
            store.commit(&batch(&names.iter().map(String::as_str).collect::<Vec<_>>())).unwrap();
            println!("saved {saved}");
        }
    }

    #[test]
    fn a_kill_loses_at_most_the_batch_in_flight() {
        let bench = Bench::new();
        drop(bench.open());
        for batches in [1, 2, 5, 11, 3] {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "store::batch::tests::fills_a_store_until_it_is_killed", "--ignored", "--nocapture"])
                .env(PLACE, bench.root.path())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
            let saved = lines.filter_map(|line| line.strip_prefix("saved ").map(|n| n.parse::<usize>().unwrap()));
            let last = saved.take(batches).last().unwrap();
            child.kill().unwrap();
            child.wait().unwrap();
            let store = bench.open();
            let listed = store.photos().unwrap().len();
            assert!(listed >= (last + 1) * 10 && listed.is_multiple_of(10), "{listed} photos after batch {last}");
            assert!(store.photos_without_features("lite0").unwrap().is_empty(), "none is listed without features");
            assert!((0..listed).all(|n| store.has_thumbnail(photo(&photo_name(n))).unwrap()));
            let ahead = store.backbones().unwrap()[0].photos as usize;
            assert!(ahead <= listed + 10, "the cache is at most one batch ahead: {ahead} and {listed}");
        }
    }

    #[test]
    #[ignore = "prints how long 100,000 photos take; needs 700 MB in the temporary folder"]
    fn a_hundred_thousand_photos() {
        let bench = Bench::new();
        let mut store = bench.open();
        let timed = |what: &str, start: Instant| println!("{what}: {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
        let start = Instant::now();
        for part in 0..1_000 {
            let names: Vec<String> =
                (0..100).map(|n| format!("folder {}/IMG_{part:04}_{n:03}.jpg", part % 50)).collect();
            let mut made = batch(&names.iter().map(String::as_str).collect::<Vec<_>>());
            made.features.iter_mut().for_each(|(_, numbers)| numbers.resize(1_280, f16::ONE));
            made.thumbnails.iter_mut().for_each(|(_, jpeg)| jpeg.resize(2_000, 1));
            store.commit(&made).unwrap();
        }
        timed("commit of 1,000 batches of 100", start);
        drop(store);
        let start = Instant::now();
        let mut store = bench.open();
        timed("open", start);
        let start = Instant::now();
        let photos = store.photos().unwrap();
        timed("photos", start);
        let start = Instant::now();
        assert_eq!(store.known_files().unwrap().len(), photos.len());
        timed("known_files", start);
        let start = Instant::now();
        assert!(store.photos_without_features("lite0").unwrap().is_empty());
        timed("photos_without_features", start);
        let start = Instant::now();
        let (mut sum, mut count) = (0.0, 0);
        store
            .features("lite0", &mut |_, numbers| {
                sum += numbers[7];
                count += 1;
            })
            .unwrap();
        timed("features, 1280 numbers each", start);
        assert_eq!((sum as usize, count), (photos.len(), photos.len()));
        let start = Instant::now();
        assert!(photos.iter().step_by(100).all(|photo| store.thumbnail(photo.facts.id).unwrap().is_some()));
        timed("1,000 thumbnails", start);
        let key = RowsKey { model: "model".into(), backbone: "lite0".into() };
        let ids = store.photo_ids().unwrap();
        let rows = EmbeddingRows { values: vec![0.5; ids.len() * 128], dim: 128, photos: ids };
        let start = Instant::now();
        store.put_embeddings(&key, &rows).unwrap();
        timed("put_embeddings, 128 numbers each", start);
        let start = Instant::now();
        assert_eq!(store.embeddings(&key).unwrap(), Some(rows));
        timed("embeddings, and comparing them", start);
        println!("disk: {:?} bytes", store.disk_usage());
    }
}
