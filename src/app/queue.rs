//! The pictures that are still to be made: what is wanted now, most wanted first. What scrolled away is not in it.

use std::collections::HashSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::ui::{PictureKey, PictureWant, Priority};

/// The queue of the picture workers.
#[derive(Debug, Default)]
pub(super) struct Queue {
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Inner {
    /// Least wanted first.
    waiting: Vec<PictureWant>,
    making: HashSet<PictureKey>,
    generation: u64,
    closed: bool,
}

/// The order of making: a coarse picture of the main photo, everything in sight, then sharpness, then what may come.
const fn rank(want: &PictureWant) -> u8 {
    match (want.priority, want.sharpen) {
        (Priority::Main, false) => 0,
        (Priority::Visible, _) => 1,
        (Priority::Main, true) => 2,
        (Priority::Ahead, false) => 3,
        (Priority::Ahead, true) => 4,
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on these pictures are wanted and no others.
    pub(super) fn want(&self, mut wants: Vec<PictureWant>) {
        let mut inner = self.lock();
        wants.sort_by_key(rank);
        wants.reverse();
        inner.waiting = wants;
        inner.generation += 1;
        self.changed.notify_all();
    }

    /// Waits for the most wanted picture that nobody is making; `None` once the queue is closed. The number goes back
    /// to [`Self::made`].
    pub(super) fn take(&self) -> Option<(PictureWant, u64)> {
        let mut inner = self.lock();
        loop {
            if inner.closed {
                return None;
            }
            if let Some(place) = inner.waiting.iter().rposition(|want| !inner.making.contains(&want.key)) {
                let want = inner.waiting.remove(place);
                inner.making.insert(want.key);
                return Some((want, inner.generation));
            }
            inner = self.changed.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A picture is made. If it was only a coarse one (`sharpen`), the sharp one is wanted next, unless by now nobody
    /// wants this picture any more.
    pub(super) fn made(&self, want: &PictureWant, generation: u64, sharpen: bool) {
        let mut inner = self.lock();
        inner.making.remove(&want.key);
        let again =
            inner.waiting.iter().position(|other| other.key == want.key).map(|place| inner.waiting.remove(place));
        if sharpen && (again.is_some() || inner.generation == generation) {
            let sharp = PictureWant { sharpen: true, ..again.unwrap_or(*want) };
            let place = inner.waiting.partition_point(|other| rank(other) > rank(&sharp));
            inner.waiting.insert(place, sharp);
        }
        self.changed.notify_all();
    }

    /// Sends the workers home.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::PhotoId;
    use ratatui::layout::Size;

    fn want(number: u8, priority: Priority, large: bool) -> PictureWant {
        let key = PictureKey { photo: PhotoId::of_content(&[number]), size: Size::new(4, 2), terminal: 0 };
        PictureWant { key, priority, large, sharpen: false }
    }

    #[test]
    fn first_things_first_and_what_scrolled_away_is_dropped() {
        let queue = Queue::default();
        let (main, near, far) =
            (want(0, Priority::Main, true), want(1, Priority::Visible, false), want(2, Priority::Ahead, false));
        queue.want(vec![want(9, Priority::Main, false)]);
        queue.want(vec![far, near, main]);
        let (first, generation) = queue.take().unwrap();
        assert_eq!(first, main);
        queue.made(&first, generation, true);
        let sharp = PictureWant { sharpen: true, ..main };
        let order: Vec<PictureWant> = (0..3).map(|_| queue.take().unwrap().0).collect();
        assert_eq!(order, [near, sharp, far]);
    }

    #[test]
    fn a_picture_is_made_by_one_worker_and_not_sharpened_once_it_is_gone() {
        let queue = Queue::default();
        queue.want(vec![want(1, Priority::Main, true)]);
        let (first, generation) = queue.take().unwrap();
        queue.want(vec![want(1, Priority::Main, true), want(2, Priority::Visible, false)]);
        assert_eq!(queue.take().unwrap().0, want(2, Priority::Visible, false));
        queue.want(vec![]);
        queue.made(&first, generation, true);
        queue.close();
        assert_eq!(queue.take(), None);
        assert!(queue.lock().waiting.is_empty());
    }
}
