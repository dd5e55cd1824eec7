//! Photos of the library decoded on several threads, each handed to some work while its pixels are in memory.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use image::RgbImage;

use crate::embedder::Scratch;
use crate::library::{PhotoId, decode, read_header};
use crate::work::{Budget, Cancel, Viewer, WorkError};

/// How a job that goes through many photos runs.
pub(super) struct Job<'a> {
    /// Threads that decode and compute.
    pub(super) threads: usize,
    /// The stop switch.
    pub(super) cancel: &'a Cancel,
    /// Hears how many photos are done, of how many.
    pub(super) progress: &'a mut dyn FnMut(usize, usize),
}

/// The files that photos lie in, and the limits within which they are decoded. Shared by threads.
pub(super) struct Originals {
    root: PathBuf,
    paths: HashMap<PhotoId, PathBuf>,
    budget: Arc<Budget>,
    shorter_side: u32,
}

impl Originals {
    /// Of every photo that lies in the folder now; decoded with a shorter side of at least `shorter_side` pixels.
    pub(super) fn of(viewer: &Viewer, shorter_side: u32) -> Result<Self, WorkError> {
        let records = viewer.reader().photos()?.into_iter();
        let paths = records.filter_map(|record| Some((record.facts.id, record.paths.into_iter().next()?)));
        let (root, budget) = (viewer.root().to_owned(), Arc::clone(viewer.budget()));
        Ok(Self { root, paths: paths.collect(), budget, shorter_side })
    }

    /// The pixels of a photo, upright, handed to `work`; or why there are none, with the file.
    pub(super) fn with<T>(&self, photo: PhotoId, work: impl FnOnce(&RgbImage) -> T) -> Result<T, String> {
        let path = self.paths.get(&photo).ok_or("the photo no longer lies in the folder")?;
        let wrong = |reason: &dyn std::fmt::Display| format!("{}: {reason}", path.display());
        let bytes = fs::read(self.root.join(path)).map_err(|error| wrong(&error))?;
        if PhotoId::of_content(&bytes) != photo {
            return Err(wrong(&"the file has changed since it was indexed; run `tripletui index` again"));
        }
        let header = read_header(&bytes).map_err(|error| wrong(&error))?;
        let share = self.budget.acquire(header.decode_bytes(self.shorter_side)).map_err(|error| wrong(&error))?;
        let pixels = decode(&bytes, &header, self.shorter_side).map_err(|error| wrong(&error))?;
        let result = work(&pixels);
        drop(share);
        Ok(result)
    }
}

/// Does `work` on each of `items` on `threads` threads; the results in the order of the items. Once `cancel` is set, what
/// was not begun is `None`.
pub(super) fn map_in_parallel<I: Sync, T: Send>(
    items: &[I],
    threads: usize,
    cancel: &Cancel,
    work: impl Fn(&I, &mut Scratch) -> T + Sync,
) -> Vec<Option<T>> {
    if items.is_empty() {
        return Vec::new();
    }
    let next = AtomicUsize::new(0);
    let mut done: Vec<(usize, T)> = thread::scope(|scope| {
        let one = || {
            let (mut scratch, mut mine) = (Scratch::default(), Vec::new());
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                match items.get(number).filter(|_| !cancel.is_cancelled()) {
                    Some(item) => mine.push((number, work(item, &mut scratch))),
                    None => return mine,
                }
            }
        };
        let workers: Vec<_> = (0..threads.clamp(1, items.len())).map(|_| scope.spawn(one)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    done.sort_unstable_by_key(|(number, _)| *number);
    let mut results: Vec<Option<T>> = items.iter().map(|_| None).collect();
    for (number, result) in done {
        if let Some(place) = results.get_mut(number) {
            *place = Some(result);
        }
    }
    results
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items_on_any_number_of_threads() {
        let items: Vec<u32> = (0..100).collect();
        for threads in [0, 1, 3, 200] {
            let squares = map_in_parallel(&items, threads, &Cancel::default(), |i, _| i * i);
            assert!(squares.iter().zip(&items).all(|(got, i)| *got == Some(i * i)), "{threads} threads");
        }
        assert!(map_in_parallel(&[] as &[u32], 2, &Cancel::default(), |i, _| *i).is_empty());
    }

    #[test]
    fn after_a_stop_nothing_new_is_begun() {
        let (cancel, items) = (Cancel::default(), (0..100).collect::<Vec<u32>>());
        let work = |i: &u32, _: &mut Scratch| {
            if *i == 10 {
                cancel.cancel();
            }
            *i
        };
        let results = map_in_parallel(&items, 1, &cancel, work);
        assert_eq!(results.iter().flatten().count(), 11);
    }
}
