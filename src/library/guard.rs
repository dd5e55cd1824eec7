//! Keeps a decoder's panic from being ours.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic on this thread, now, would be caught by the library and become a skipped file.
///
/// A panic hook that restores the terminal, or writes a crash report, asks this first and stays quiet when it is true.
pub fn panic_is_expected() -> bool {
    GUARDED.get()
}

/// Runs `work`, or returns `None` when it panicked.
///
/// Decoders run on the bytes of one file and own all they write to, so nothing half-changed survives the panic.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    let before = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(before);
    result.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_inside_ends_at_the_guard() {
        assert_eq!(guarded(panic_is_expected), Some(true));
        assert_eq!(guarded(|| -> u32 { panic!("a decoder's bug") }), None);
        assert!(!panic_is_expected());
    }
}
