//! "One running, the newest waiting": a place for one request, where a newer one replaces the older.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The place.
#[derive(Debug)]
pub(super) struct Newest<T> {
    slot: Mutex<Slot<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct Slot<T> {
    waiting: Option<T>,
    closed: bool,
}

impl<T> Default for Newest<T> {
    fn default() -> Self {
        Self { slot: Mutex::new(Slot { waiting: None, closed: false }), changed: Condvar::new() }
    }
}

impl<T> Newest<T> {
    fn lock(&self) -> MutexGuard<'_, Slot<T>> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a request in; one that still waits is forgotten.
    pub(super) fn put(&self, request: T) {
        self.lock().waiting = Some(request);
        self.changed.notify_one();
    }

    /// Whether nobody waits, and nobody will be told to stop: what was taken last is still the newest.
    pub(super) fn is_quiet(&self) -> bool {
        let slot = self.lock();
        slot.waiting.is_none() && !slot.closed
    }

    /// Waits for a request; `None` once the place is closed.
    pub(super) fn take(&self) -> Option<T> {
        let mut slot = self.lock();
        loop {
            if slot.closed {
                return None;
            }
            if let Some(request) = slot.waiting.take() {
                return Some(request);
            }
            slot = self.changed.wait(slot).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Wakes whoever waits, for good.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_request_is_taken() {
        let place = Newest::default();
        place.put(1);
        place.put(2);
        assert!(!place.is_quiet());
        assert_eq!(place.take(), Some(2));
        assert!(place.is_quiet());
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| place.take());
            place.close();
            assert_eq!(waiting.join().unwrap(), None);
        });
        assert!(!place.is_quiet());
    }
}
