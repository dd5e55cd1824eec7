//! One memory budget for decoding, shared by all workers.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::library::GoOn;

/// Who waits looks this often whether to go on waiting.
const LOOK: Duration = Duration::from_millis(20);

/// How many bytes of decoded pixels may exist at once, over all workers.
///
/// A photo waits for its share, first come, first served: a large photo at the head of the queue holds back later small
/// ones until it fits, so that it is never starved; the others go on as soon as it has its share.
#[derive(Debug)]
pub struct Budget {
    total: u64,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    used: u64,
    next_ticket: u64,
    /// Tickets of those who wait, first come first.
    waiting: VecDeque<u64>,
}

/// What alone exceeds the whole budget can never be decoded within it.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("needs about {} MB to decode, more than the budget of {} MB (--decode-budget raises it)", needed.div_ceil(1_000_000), total / 1_000_000)]
pub struct TooLarge {
    /// Bytes asked for.
    pub needed: u64,
    /// Bytes of the whole budget.
    pub total: u64,
}

/// Why there is no share of a budget.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NoPermit {
    /// There never can be.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// The caller no longer wanted to wait.
    #[error("stopped")]
    Stopped,
}

/// A share of the budget, given back when dropped.
#[derive(Debug)]
pub struct Permit {
    budget: Arc<Budget>,
    bytes: u64,
}

impl Budget {
    /// A budget of `total` bytes.
    pub fn new(total: u64) -> Arc<Self> {
        Arc::new(Self { total, state: Mutex::default(), changed: Condvar::new() })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `bytes` are free and takes them; fails at once when that can never be, and soon once `go_on` says so.
    pub fn acquire(self: &Arc<Self>, bytes: u64, go_on: &GoOn<'_>) -> Result<Permit, NoPermit> {
        self.admits(bytes)?;
        let mut state = self.lock();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.waiting.push_back(ticket);
        while state.waiting.front() != Some(&ticket) || state.used + bytes > self.total {
            if !go_on() {
                state.waiting.retain(|other| *other != ticket);
                drop(state);
                self.changed.notify_all();
                return Err(NoPermit::Stopped);
            }
            state = self.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.waiting.pop_front();
        state.used += bytes;
        drop(state);
        self.changed.notify_all();
        Ok(Permit { budget: Arc::clone(self), bytes })
    }

    /// A share of no bytes, for which nobody waits.
    pub fn nothing(self: &Arc<Self>) -> Permit {
        Permit { budget: Arc::clone(self), bytes: 0 }
    }

    /// Whether `bytes` could ever be granted.
    pub const fn admits(&self, bytes: u64) -> Result<(), TooLarge> {
        if bytes > self.total { Err(TooLarge { needed: bytes, total: self.total }) } else { Ok(()) }
    }

    /// Bytes of the whole budget.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// Bytes taken now.
    pub fn used(&self) -> u64 {
        self.lock().used
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.budget.lock().used -= self.bytes;
        self.budget.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;

    #[test]
    fn what_alone_exceeds_the_budget_is_refused_with_both_numbers() {
        let refused = Budget::new(400_000_000).acquire(500_000_000, &|| true).unwrap_err();
        assert_eq!(refused, NoPermit::TooLarge(TooLarge { needed: 500_000_000, total: 400_000_000 }));
        assert!(refused.to_string().starts_with("needs about 500 MB to decode, more than the budget of 400 MB"));
    }

    #[test]
    fn never_more_than_the_budget_is_taken_and_all_of_it_comes_back() {
        let budget = Budget::new(100);
        let held = AtomicU64::new(0);
        thread::scope(|scope| {
            for worker in 0..8u64 {
                let (budget, held) = (&budget, &held);
                scope.spawn(move || {
                    for round in 0..200 {
                        let bytes = (worker * 13 + round * 7) % 101;
                        let permit = budget.acquire(bytes, &|| true).unwrap();
                        assert!(held.fetch_add(bytes, Ordering::SeqCst) + bytes <= 100);
                        held.fetch_sub(bytes, Ordering::SeqCst);
                        drop(permit);
                    }
                });
            }
        });
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn who_stops_waiting_lets_the_next_one_pass() {
        let budget = Budget::new(100);
        let most = budget.acquire(90, &|| true).unwrap();
        let asked = AtomicU64::new(0);
        let stopped = budget.acquire(50, &|| asked.fetch_add(1, Ordering::SeqCst) < 3);
        assert_eq!(stopped.unwrap_err(), NoPermit::Stopped);
        let small = budget.acquire(10, &|| true).unwrap();
        assert_eq!(budget.used(), 100);
        drop((most, small));
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn a_large_share_at_the_head_is_not_passed_by_small_ones() {
        let budget = Budget::new(100);
        let held = budget.acquire(30, &|| true).unwrap();
        let order = Mutex::new(Vec::new());
        thread::scope(|scope| {
            scope.spawn(|| {
                let _large = budget.acquire(80, &|| true).unwrap();
                order.lock().unwrap().push("large");
            });
            while budget.lock().waiting.is_empty() {
                thread::yield_now();
            }
            scope.spawn(|| {
                let _small = budget.acquire(25, &|| true).unwrap();
                order.lock().unwrap().push("small");
            });
            while budget.lock().waiting.len() < 2 {
                thread::yield_now();
            }
            drop(held);
        });
        assert_eq!(*order.lock().unwrap(), ["large", "small"]);
    }
}
