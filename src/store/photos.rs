//! Which photos the library lists, and which files it knows.

use std::collections::HashMap;
use std::path::PathBuf;

use rusqlite::{Row, Rows};

use super::path_bytes::{to_bytes, to_path};
use super::{Reader, StoreError};
use crate::library::{PhotoId, Skipped};

/// What is known of a photo by its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhotoFacts {
    /// The photo.
    pub id: PhotoId,
    /// Size of the file.
    pub bytes: u64,
    /// Pixels across, upright.
    pub width: u32,
    /// Pixels down, upright.
    pub height: u32,
    /// When it was taken, `YYYY-MM-DD HH:MM:SS`, if the file says.
    pub taken: Option<String>,
    /// The camera, if the file says.
    pub camera: Option<String>,
}

/// A photo that lies in the folder now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhotoRecord {
    /// What is known of it.
    pub facts: PhotoFacts,
    /// Where it lies, relative to the photo folder: sorted, at least one; the first is the one shown.
    pub paths: Vec<PathBuf>,
}

/// What an earlier look at a file found, so that an unchanged one need not be read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// File size in bytes.
    pub size: u64,
    /// Time of the last change, in nanoseconds since 1970.
    pub modified_ns: i64,
    /// What it was.
    pub outcome: Outcome,
}

/// What a file turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// This photo.
    Photo(PhotoId),
    /// Nothing that could be read, for this reason.
    Skipped(String),
}

impl Reader {
    /// Every file seen so far by its path relative to the photo folder.
    pub fn known_files(&self) -> Result<HashMap<PathBuf, KnownFile>, StoreError> {
        let mut files = HashMap::new();
        self.cache.read(|db| {
            let mut statement = db.prepare_cached("SELECT path, size, modified_ns, reason FROM skipped")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                files.insert(path_at(row, 0)?, known(row, Outcome::Skipped(row.get(3)?))?);
            }
            Ok(())
        })?;
        // A path in both files was saved by two batches that were not both finished: the library's word counts, and a
        // file that has changed since is read again.
        self.library.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT path, size, modified_ns, id FROM locations JOIN photos ON photos.no = locations.photo",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                files.insert(path_at(row, 0)?, known(row, Outcome::Photo(photo_at(row, 3)?))?);
            }
            Ok(())
        })?;
        Ok(files)
    }

    /// The photos that lie in the folder, ordered by their first path.
    pub fn photos(&self) -> Result<Vec<PhotoRecord>, StoreError> {
        let query = "SELECT photos.no, path, id, bytes, width, height, taken, camera \
             FROM locations JOIN photos ON photos.no = locations.photo ORDER BY path";
        self.library.read(|db| Ok(records(db.prepare_cached(query)?.query([])?)?))
    }

    /// The photos of the first so many paths, with all their paths: what is to be seen at once, however many there are.
    pub fn first_photos(&self, paths: usize) -> Result<Vec<PhotoRecord>, StoreError> {
        let query = "WITH first AS (SELECT DISTINCT photo FROM (SELECT photo FROM locations ORDER BY path LIMIT ?1)) \
             SELECT photos.no, path, id, bytes, width, height, taken, camera FROM first \
             CROSS JOIN photos ON photos.no = first.photo CROSS JOIN locations ON locations.photo = photos.no ORDER BY path";
        self.library.read(|db| Ok(records(db.prepare_cached(query)?.query([paths.cast_signed() as i64])?)?))
    }

    /// How many photos lie in the folder, and in how many files.
    pub fn counts(&self) -> Result<(usize, usize), StoreError> {
        self.library.read(|db| {
            let mut statement = db.prepare_cached("SELECT count(DISTINCT photo), count(*) FROM locations")?;
            let (photos, files): (i64, i64) = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok((photos as usize, files as usize))
        })
    }

    /// The ids of the photos that lie in the folder, sorted.
    pub fn photo_ids(&self) -> Result<Vec<PhotoId>, StoreError> {
        self.library.read(|db| {
            let query = "SELECT id FROM locations JOIN photos ON photos.no = locations.photo";
            let mut statement = db.prepare_cached(query)?;
            let mut ids = statement.query_map([], |row| photo_at(row, 0))?.collect::<Result<Vec<_>, _>>()?;
            ids.sort_unstable();
            ids.dedup();
            Ok(ids)
        })
    }

    /// Whether the library has ever seen this photo, even if it lies nowhere now.
    pub fn knows_photo(&self, photo: PhotoId) -> Result<bool, StoreError> {
        self.library
            .read(|db| Ok(db.prepare_cached("SELECT 1 FROM photos WHERE id = ?1")?.exists([photo.as_bytes()])?))
    }

    /// Files and folders that could not be read, sorted by path.
    pub fn skipped(&self) -> Result<Vec<Skipped>, StoreError> {
        let mut skipped = self.cache.read(|db| {
            let mut statement = db.prepare_cached("SELECT path, reason FROM skipped")?;
            let rows = statement.query_map([], |row| Ok(Skipped { path: path_at(row, 0)?, reason: row.get(1)? }))?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?)
        })?;
        self.library.read(|db| {
            let mut lists = db.prepare_cached("SELECT 1 FROM locations WHERE path = ?1")?;
            let mut wrong = Ok(());
            skipped.retain(|file| lists.exists([to_bytes(&file.path)]).map_err(|e| wrong = Err(e)) == Ok(false));
            Ok(wrong?)
        })?;
        skipped.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(skipped)
    }
}

/// One record a photo from one row a path, ordered by the first path.
fn records(mut rows: Rows<'_>) -> rusqlite::Result<Vec<PhotoRecord>> {
    let (mut photos, mut at) = (Vec::<PhotoRecord>::new(), HashMap::<i64, usize>::new());
    while let Some(row) = rows.next()? {
        let index = *at.entry(row.get(0)?).or_insert(photos.len());
        match photos.get_mut(index) {
            Some(photo) => photo.paths.push(path_at(row, 1)?),
            None => photos.push(PhotoRecord { facts: facts_at(row)?, paths: vec![path_at(row, 1)?] }),
        }
    }
    for photo in &mut photos {
        photo.paths.sort();
    }
    photos.sort_by(|a, b| a.paths.cmp(&b.paths));
    Ok(photos)
}

/// Columns 2 to 7 of [`records`].
fn facts_at(row: &Row<'_>) -> rusqlite::Result<PhotoFacts> {
    let bytes: i64 = row.get(3)?;
    Ok(PhotoFacts {
        id: photo_at(row, 2)?,
        bytes: bytes.cast_unsigned(),
        width: row.get(4)?,
        height: row.get(5)?,
        taken: row.get(6)?,
        camera: row.get(7)?,
    })
}

fn known(row: &Row<'_>, outcome: Outcome) -> rusqlite::Result<KnownFile> {
    let size: i64 = row.get(1)?;
    Ok(KnownFile { size: size.cast_unsigned(), modified_ns: row.get(2)?, outcome })
}

fn path_at(row: &Row<'_>, column: usize) -> rusqlite::Result<PathBuf> {
    Ok(to_path(blob_at(row, column)?))
}

/// A column of bytes, not copied.
pub(super) fn blob_at<'a>(row: &'a Row<'_>, column: usize) -> rusqlite::Result<&'a [u8]> {
    Ok(row.get_ref(column)?.as_blob()?)
}

/// A photo id from a column of 32 bytes.
pub(super) fn photo_at(row: &Row<'_>, column: usize) -> rusqlite::Result<PhotoId> {
    row.get(column).map(PhotoId::from_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::Location;
    use crate::store::fixture::{Bench, batch, location, photo};
    use crate::store::{IndexBatch, Store};

    fn paths(store: &Store) -> Vec<Vec<PathBuf>> {
        store.photos().unwrap().into_iter().map(|photo| photo.paths).collect()
    }

    #[test]
    fn copies_are_one_photo_and_folders_stay_together() {
        let mut store = Bench::new().into_store();
        let mut first = batch(&["b/z.jpg", "a-c.jpg", "a/y.jpg"]);
        first.locations.push((location("a/copy.jpg", 1), photo("b/z.jpg")));
        store.commit(&first).unwrap();
        let expected: [&[&str]; 3] = [&["a/copy.jpg", "b/z.jpg"], &["a/y.jpg"], &["a-c.jpg"]];
        let expected: Vec<Vec<PathBuf>> = expected.iter().map(|p| p.iter().map(PathBuf::from).collect()).collect();
        assert_eq!(paths(&store), expected);
        assert_eq!(store.counts().unwrap(), (3, 4));
    }

    #[test]
    fn the_first_photos_come_with_all_their_paths() {
        let mut store = Bench::new().into_store();
        let names: Vec<String> = (0..40).map(|number| format!("{number:02}.jpg")).collect();
        let mut all = batch(&names.iter().map(String::as_str).collect::<Vec<_>>());
        all.locations.push((location("z/copy.jpg", 1), photo("01.jpg")));
        store.commit(&all).unwrap();
        let (first, everything) = (store.first_photos(3).unwrap(), store.photos().unwrap());
        assert_eq!(first, everything[..3]);
        assert_eq!(first[1].paths, [PathBuf::from("01.jpg"), PathBuf::from("z/copy.jpg")]);
        assert_eq!(store.first_photos(1000).unwrap(), everything);
    }

    #[test]
    fn a_photo_that_vanished_is_not_listed_but_known_and_returns_with_everything() {
        let mut store = Bench::new().into_store();
        store.commit(&batch(&["a.jpg"])).unwrap();
        store.commit(&IndexBatch { removed: vec!["a.jpg".into()], ..IndexBatch::default() }).unwrap();
        assert!(store.photos().unwrap().is_empty() && store.photo_ids().unwrap().is_empty());
        assert!(store.knows_photo(photo("a.jpg")).unwrap());
        assert!(store.known_files().unwrap().is_empty());
        let back = vec![(location("moved.jpg", 9), photo("a.jpg"))];
        store.commit(&IndexBatch { locations: back, ..IndexBatch::default() }).unwrap();
        assert_eq!(paths(&store), [[PathBuf::from("moved.jpg")]]);
        assert!(store.photos_without_features("lite0").unwrap().is_empty());
        assert!(store.has_thumbnail(photo("a.jpg")).unwrap());
    }

    #[test]
    fn facts_come_back_as_they_were_and_can_be_read_again() {
        let mut store = Bench::new().into_store();
        let mut all = batch(&["a.jpg"]);
        store.commit(&all).unwrap();
        assert_eq!(store.photos().unwrap()[0].facts, all.photos[0]);
        all.photos[0].taken = Some("2020-02-29 12:00:00".into());
        all.photos[0].camera = Some("Kamera Ä".into());
        all.photos[0].bytes = u64::MAX;
        store.commit(&all).unwrap();
        assert_eq!(store.photos().unwrap()[0].facts, all.photos[0]);
    }

    #[test]
    fn an_unreadable_file_is_known_until_it_becomes_a_photo() {
        let mut store = Bench::new().into_store();
        let skipped = vec![(location("a.jpg", 1), "truncated".to_owned()), (location("B.jpg", 1), "empty".to_owned())];
        store.commit(&IndexBatch { skipped, ..IndexBatch::default() }).unwrap();
        assert_eq!(store.skipped().unwrap()[0], Skipped { path: "B.jpg".into(), reason: "empty".into() });
        let known = store.known_files().unwrap().remove(&PathBuf::from("a.jpg")).unwrap();
        assert_eq!(known, KnownFile { size: 1, modified_ns: 1, outcome: Outcome::Skipped("truncated".into()) });
        store.commit(&batch(&["a.jpg"])).unwrap();
        assert_eq!(store.skipped().unwrap().len(), 1);
        let known = store.known_files().unwrap();
        assert_eq!(known[&PathBuf::from("a.jpg")].outcome, Outcome::Photo(photo("a.jpg")));
    }

    #[test]
    fn a_location_of_an_unknown_photo_is_refused_and_nothing_of_it_is_kept() {
        let mut store = Bench::new().into_store();
        let mut wrong = batch(&["a.jpg"]);
        wrong.locations.push((location("b.jpg", 1), photo("b.jpg")));
        assert!(matches!(store.commit(&wrong), Err(StoreError::UnknownPhoto(id)) if id == photo("b.jpg")));
        assert!(store.photos().unwrap().is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_utf8_survive() {
        use std::os::unix::ffi::OsStrExt;
        let bench = Bench::new();
        let mut store = bench.open();
        let path = PathBuf::from(std::ffi::OsStr::from_bytes(b"caf\xe9/\xff\n.jpg"));
        let mut one = batch(&["a.jpg"]);
        one.locations = vec![(Location { path: path.clone(), size: 3, modified_ns: -4 }, photo("a.jpg"))];
        store.commit(&one).unwrap();
        drop(store);
        let store = bench.open();
        assert_eq!(paths(&store), [[path.clone()]]);
        let known = &store.known_files().unwrap()[&path];
        assert_eq!((known.size, known.modified_ns), (3, -4));
    }
}
