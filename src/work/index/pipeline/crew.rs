//! Threads that read files, some of which give nothing for a while: for each that waits so, another takes its place.
//!
//! Who waits for a file takes no part of the processor, so that those at work stay as many as were wanted.

use std::cell::RefCell;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::work::photo_file::{Files, OpenFile};

/// Since when a thread waits for a file, if it does.
type Since = Arc<Mutex<Option<Instant>>>;

thread_local! {
    /// That of this thread.
    static SINCE: RefCell<Option<Since>> = const { RefCell::new(None) };
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Threads of one kind.
pub(super) struct Crew {
    /// How many are to be at work, and how many may wait beside those.
    wanted: usize,
    spare: usize,
    /// Who has waited so long for a file has stalled.
    stalled: Duration,
    all: Mutex<Vec<Since>>,
}

impl Crew {
    /// Nobody yet.
    pub(super) fn new(wanted: usize, spare: usize, stalled: Duration) -> Arc<Self> {
        Arc::new(Self { wanted, spare, stalled, all: Mutex::default() })
    }

    /// How many more there should be now.
    pub(super) fn missing(&self) -> usize {
        let all = locked(&self.all);
        let room = (self.wanted + self.spare).saturating_sub(all.len());
        self.wanted.saturating_sub(self.at_work(&all)).min(room)
    }

    /// Whether nobody is there, not even one that waits.
    pub(super) fn is_empty(&self) -> bool {
        locked(&self.all).is_empty()
    }

    fn at_work(&self, all: &[Since]) -> usize {
        let has_stalled = |since: &&Since| locked(since).is_some_and(|since| since.elapsed() >= self.stalled);
        all.len() - all.iter().filter(has_stalled).count()
    }

    /// Counts another thread in, for as long as what is returned lives.
    pub(super) fn member(self: &Arc<Self>) -> Member {
        let since = Since::default();
        locked(&self.all).push(Arc::clone(&since));
        Member { crew: Arc::clone(self), since }
    }
}

/// A thread of a crew.
pub(super) struct Member {
    crew: Arc<Crew>,
    since: Since,
}

impl Member {
    /// From now on it is this thread.
    pub(super) fn begins(&self) {
        SINCE.with_borrow_mut(|mine| *mine = Some(Arc::clone(&self.since)));
    }

    /// Whether it is to end, because one whose place was taken is at work again.
    pub(super) fn is_dismissed(&self) -> bool {
        let mut all = locked(&self.crew.all);
        let is_one_too_many = self.crew.at_work(&all) > self.crew.wanted;
        if is_one_too_many {
            // The next one that asks is to stay.
            all.retain(|other| !Arc::ptr_eq(other, &self.since));
        }
        is_one_too_many
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        locked(&self.crew.all).retain(|other| !Arc::ptr_eq(other, &self.since));
    }
}

/// Waits for a file, and whoever counts the crew sees it.
fn waiting<T>(work: impl FnOnce() -> T) -> T {
    let set = |now| {
        SINCE.with_borrow(|since| {
            if let Some(since) = since {
                *locked(since) = now;
            }
        });
    };
    set(Some(Instant::now()));
    let done = work();
    set(None);
    done
}

/// Files for which a crew is seen to wait.
pub(super) struct Watched(pub(super) Arc<dyn Files>);

impl Files for Watched {
    fn open(&self, path: &Path) -> io::Result<OpenFile> {
        let file = waiting(|| self.0.open(path))?;
        Ok(Box::new(WatchedFile(file)))
    }
}

struct WatchedFile(OpenFile);

impl Read for WatchedFile {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        waiting(|| self.0.read(into))
    }
}

impl Seek for WatchedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}
