//! One memory budget for decoding, shared by all workers.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

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
    serving: u64,
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

    /// Waits until `bytes` are free and takes them; fails at once when that can never be.
    pub fn acquire(self: &Arc<Self>, bytes: u64) -> Result<Permit, TooLarge> {
        self.admits(bytes)?;
        let mut state = self.lock();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        while state.serving != ticket || state.used + bytes > self.total {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.serving += 1;
        state.used += bytes;
        drop(state);
        self.changed.notify_all();
        Ok(Permit { budget: Arc::clone(self), bytes })
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
        let refused = Budget::new(400_000_000).acquire(500_000_000).unwrap_err();
        assert_eq!(refused, TooLarge { needed: 500_000_000, total: 400_000_000 });
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
                        let permit = budget.acquire(bytes).unwrap();
                        assert!(held.fetch_add(bytes, Ordering::SeqCst) + bytes <= 100);
                        held.fetch_sub(bytes, Ordering::SeqCst);
                        drop(permit);
                    }
                });
            }
        });
        assert_eq!(budget.used(), 0);
    }
}
