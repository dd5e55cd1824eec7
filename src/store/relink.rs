//! A photo folder that moved: its library is recognised by its photos and moved along.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::db::{Db, Kind};
use super::dirs::{Place, canonical, canonical_or_gone};
use super::open::{Claim, claim};
use super::{StoreDirs, StoreError};
use crate::library::PhotoId;

/// A library whose folder is gone and whose photos were found elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Where the folder was.
    pub folder: PathBuf,
    /// Photos of the sample that lay there.
    pub matched: usize,
    /// Photos in the sample.
    pub of: usize,
}

/// Which known library may be the one of `folder`: its own folder no longer exists and it lists at least half of the
/// sampled photos. Of several the one with the most, then the first by path. Libraries that cannot be read are passed
/// over.
pub fn find_moved(folder: &Path, sample: &[PhotoId], dirs: &StoreDirs) -> Result<Option<Moved>, StoreError> {
    let here = canonical(folder)?;
    let gone = dirs.folders().into_iter().filter(|other| *other != here && matches!(other.try_exists(), Ok(false)));
    let mut best: Option<Moved> = None;
    for other in gone {
        let matched = count_listed(&Place::of(&other, dirs), sample).unwrap_or(0);
        let enough = matched > 0 && matched * 2 >= sample.len();
        if enough && best.as_ref().is_none_or(|moved| moved.matched < matched) {
            best = Some(Moved { folder: other, matched, of: sample.len() });
        }
    }
    Ok(best)
}

fn count_listed(place: &Place, sample: &[PhotoId]) -> Result<usize, StoreError> {
    Db::read_only(&place.library_file(), Kind::Library)?.read(|db| {
        let mut lists =
            db.prepare("SELECT 1 FROM photos JOIN locations ON locations.photo = photos.no WHERE photos.id = ?1")?;
        sample.iter().try_fold(0, |count, id| Ok(count + usize::from(lists.exists([id.as_bytes()])?)))
    })
}

/// Gives the library of the folder `old` to the folder `new`. A library that `new` already has is replaced, unless
/// something was taught to it. Neither may be open: drop the [`super::Store`] first.
///
/// The cache goes first: killed in between, the same call made again finishes the move.
pub fn relink(old: &Path, new: &Path, dirs: &StoreDirs) -> Result<(), StoreError> {
    let from = Place::of(&canonical_or_gone(old)?, dirs);
    let to = Place::of(&canonical(new)?, dirs);
    if from.data == to.data {
        return Ok(());
    }
    if !from.library_file().exists() {
        return Err(StoreError::UnknownLibrary { folder: from.folder });
    }
    let lock = writer(&from)?;
    if to.data.exists() {
        make_way(&to)?;
    }
    if from.cache.exists() {
        remove_folder(&to.cache)?;
        if let Err(error) =
            fs::create_dir_all(dirs.cache.join("libraries")).and_then(|()| fs::rename(&from.cache, &to.cache))
        {
            tracing::warn!("the cache of {} was left behind: {error}", from.folder.display());
        }
    }
    drop(lock);
    fs::rename(&from.data, &to.data).map_err(|error| StoreError::io("move", &from.data, error))?;
    to.remember(dirs);
    Ok(())
}

/// Removes the library at the new place, which must not have been taught anything.
fn make_way(to: &Place) -> Result<(), StoreError> {
    let lock = writer(to)?;
    if to.library_file().exists() && is_taught(&to.library_file())? {
        return Err(StoreError::AlreadyTaught { folder: to.folder.clone(), library: to.data.clone() });
    }
    drop(lock);
    remove_folder(&to.data)
}

fn is_taught(library: &Path) -> Result<bool, StoreError> {
    Db::writable(library, Kind::Library)?.read(|db| {
        let question = "SELECT EXISTS (SELECT 1 FROM marks) OR EXISTS (SELECT 1 FROM triplets) \
                        OR EXISTS (SELECT 1 FROM models WHERE kind <> 'base') OR EXISTS (SELECT 1 FROM checkpoints) \
                        OR EXISTS (SELECT 1 FROM history)";
        Ok(db.query_row(question, [], |row| row.get(0))?)
    })
}

fn writer(place: &Place) -> Result<fs::File, StoreError> {
    match claim(place)? {
        Claim::Ours(lock) => Ok(lock),
        Claim::Denied(why) => Err(StoreError::ReadOnly { folder: place.folder.clone(), why }),
    }
}

fn remove_folder(folder: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(StoreError::io("remove", folder, error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{Bench, batch, photo};
    use crate::store::{Access, Store};

    /// A bench whose library lists two photos, and whose folder was renamed to the path returned.
    fn moved() -> (Bench, PathBuf) {
        let bench = Bench::new();
        bench.open().commit(&batch(&["a.jpg", "b.jpg"])).unwrap();
        let new = bench.root.path().join("elsewhere");
        fs::rename(&bench.folder, &new).unwrap();
        (bench, new)
    }

    #[test]
    fn a_folder_that_moved_is_recognised_by_half_of_its_photos() {
        let (bench, new) = moved();
        let [a, other, third] = [photo("a.jpg"), photo("x.jpg"), photo("y.jpg")];
        let found = find_moved(&new, &[a, other], &bench.dirs).unwrap().unwrap();
        let old = fs::canonicalize(bench.root.path()).unwrap().join("photos");
        assert_eq!(found, Moved { folder: old, matched: 1, of: 2 });
        assert_eq!(find_moved(&new, &[a, other, third], &bench.dirs).unwrap(), None);
        assert_eq!(find_moved(&new, &[], &bench.dirs).unwrap(), None);
        fs::create_dir(&bench.folder).unwrap();
        assert_eq!(find_moved(&new, &[a], &bench.dirs).unwrap(), None, "the old folder is there");
    }

    #[test]
    fn relinking_carries_photos_features_and_the_registry_along() {
        let (bench, new) = moved();
        drop(Store::open(&new, &bench.dirs).unwrap());
        relink(&bench.folder, &new, &bench.dirs).unwrap();
        let store = Store::open(&new, &bench.dirs).unwrap();
        assert_eq!(store.access(), Access::ReadWrite);
        assert_eq!(store.photos().unwrap().len(), 2);
        assert!(store.photos_without_features("lite0").unwrap().is_empty());
        let real = fs::canonicalize(&new).unwrap();
        assert_eq!(bench.dirs.folders(), std::slice::from_ref(&real));
        assert_eq!(bench.dirs.last_folder(), Some(real));
    }

    #[test]
    fn a_library_that_is_open_or_unknown_is_not_moved() {
        let (bench, new) = moved();
        let open = Store::open(&new, &bench.dirs).unwrap();
        let error = relink(&bench.folder, &new, &bench.dirs).unwrap_err().to_string();
        assert!(error.contains("another tripletui has it open"), "{error}");
        drop(open);
        let nowhere = bench.root.path().join("nowhere");
        assert!(matches!(relink(&nowhere, &new, &bench.dirs), Err(StoreError::UnknownLibrary { .. })));
        relink(&new, &new, &bench.dirs).unwrap();
    }
}
