//! What an indexing run has to read, and what it can leave alone.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use crate::library::{Location, PhotoId, Scan};
use crate::store::{KnownFile, Outcome};

/// The work of one run, decided from names, sizes and times alone: no file has been opened for it.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// New or changed files, and photos whose features are missing.
    pub(super) read: Vec<Location>,
    /// Photos whose files are unchanged and whose features are there.
    pub(super) unchanged: HashSet<PhotoId>,
    /// Unchanged files of those photos.
    pub(super) unchanged_files: usize,
    /// Unchanged files that could not be read before, with the reason.
    pub(super) still_skipped: Vec<(PathBuf, String)>,
    /// Known files that are no longer there.
    pub(super) vanished: Vec<PathBuf>,
}

/// Compares the files seen now with what the store knows. `embedded` are the photos that have features; files skipped
/// before are read again when `retry_skipped` (another build or budget may manage them).
pub(super) fn plan(
    scan: &Scan,
    mut known: HashMap<PathBuf, KnownFile>,
    embedded: &HashSet<PhotoId>,
    retry_skipped: bool,
) -> Plan {
    let mut plan = Plan::default();
    for location in &scan.candidates {
        let unchanged = known
            .remove(&location.path)
            .filter(|file| file.size == location.size && file.modified_ns == location.modified_ns);
        match unchanged.map(|file| file.outcome) {
            Some(Outcome::Photo(id)) if embedded.contains(&id) => {
                plan.unchanged.insert(id);
                plan.unchanged_files += 1;
            }
            Some(Outcome::Skipped(reason)) if !retry_skipped => {
                plan.still_skipped.push((location.path.clone(), reason));
            }
            _ => plan.read.push(location.clone()),
        }
    }
    plan.vanished = known.into_keys().collect();
    plan.vanished.sort_unstable();
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(path: &str, size: u64) -> Location {
        Location { path: path.into(), size, modified_ns: 7 }
    }

    fn known(path: &str, size: u64, outcome: Outcome) -> (PathBuf, KnownFile) {
        (path.into(), KnownFile { size, modified_ns: 7, outcome })
    }

    #[test]
    fn only_new_changed_and_unembedded_files_are_read() {
        let [kept, lost] = [PhotoId::of_content(b"kept"), PhotoId::of_content(b"lost")];
        let names = ["bad.jpg", "changed.jpg", "kept.jpg", "lost.jpg", "new.jpg"];
        let candidates = names.iter().map(|name| location(name, 5)).collect();
        let scan = Scan { candidates, skipped: Vec::new(), ignored: 0 };
        let files = || {
            HashMap::from([
                known("kept.jpg", 5, Outcome::Photo(kept)),
                known("lost.jpg", 5, Outcome::Photo(lost)),
                known("changed.jpg", 4, Outcome::Photo(kept)),
                known("bad.jpg", 5, Outcome::Skipped("broken".into())),
                known("gone.jpg", 5, Outcome::Photo(kept)),
            ])
        };
        let embedded = HashSet::from([kept]);
        let read = |plan: &Plan| plan.read.iter().map(|l| l.path.display().to_string()).collect::<Vec<_>>();

        let first = plan(&scan, files(), &embedded, false);
        assert_eq!(read(&first), ["changed.jpg", "lost.jpg", "new.jpg"]);
        assert_eq!(first.vanished, [PathBuf::from("gone.jpg")]);
        assert_eq!(first.still_skipped, [("bad.jpg".into(), "broken".into())]);
        assert_eq!((first.unchanged.len(), first.unchanged_files), (1, 1));

        let again = plan(&scan, files(), &embedded, true);
        assert_eq!(read(&again), ["bad.jpg", "changed.jpg", "lost.jpg", "new.jpg"]);
    }
}
