//! Whether photos are being indexed: who trains waits until it is known which there are.

use std::sync::{Condvar, Mutex};
use std::time::Duration;

use super::super::locked;

/// Who waits looks this often whether that is still wanted.
const LOOK: Duration = Duration::from_millis(100);

/// How many jobs change which photos there are.
#[derive(Default)]
pub(in crate::app::folder) struct Indexed {
    jobs: Mutex<usize>,
    changed: Condvar,
}

/// Photos are indexed for as long as this lives.
pub(in crate::app::folder) struct Indexing<'a>(&'a Indexed);

impl Drop for Indexing<'_> {
    fn drop(&mut self) {
        *locked(&self.0.jobs) -= 1;
        self.0.changed.notify_all();
    }
}

impl Indexed {
    /// One more job, until what is returned is gone.
    pub(super) fn begin(&self) -> Indexing<'_> {
        *locked(&self.jobs) += 1;
        Indexing(self)
    }

    /// Waits until no photos are indexed, for as long as that is wanted; says once that it waits. Returns whether none are.
    pub(super) fn wait(&self, is_wanted: impl Fn() -> bool, say: impl FnOnce()) -> bool {
        let mut jobs = locked(&self.jobs);
        if *jobs > 0 {
            say();
        }
        while *jobs > 0 && is_wanted() {
            let waited = self.changed.wait_timeout(jobs, LOOK);
            jobs = waited.unwrap_or_else(std::sync::PoisonError::into_inner).0;
        }
        *jobs == 0
    }
}
