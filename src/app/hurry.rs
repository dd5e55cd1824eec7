//! Whether somebody holds a key that scrolls. Until it is let go the grid shows names alone: pictures that nobody can
//! look at would be megabytes a second for the terminal, and over a slow line the keys would wait behind them.

use std::time::{Duration, Instant};

/// Two scrolls within this time are a held key: keys repeat every 25 to 40 ms. So long after the last one pictures are
/// drawn again.
const TOGETHER: Duration = Duration::from_millis(45);

/// Remembers the last scroll.
#[derive(Debug, Default)]
pub(super) struct Hurry {
    row: usize,
    scrolled: Option<Instant>,
    is_on: bool,
}

impl Hurry {
    /// This row is the first in sight now. Returns whether a hurry begins with that.
    pub(super) fn begins(&mut self, row: usize, now: Instant) -> bool {
        if std::mem::replace(&mut self.row, row) == row {
            return false;
        }
        let before = self.scrolled.replace(now);
        let is_held = before.is_some_and(|before| now.duration_since(before) < TOGETHER);
        is_held && !std::mem::replace(&mut self.is_on, true)
    }

    /// When it is over unless somebody scrolls on; `None` while there is none.
    pub(super) fn until(&self) -> Option<Instant> {
        self.scrolled.filter(|_| self.is_on).map(|last| last + TOGETHER)
    }

    /// Returns whether a hurry is over now.
    pub(super) fn ends(&mut self, now: Instant) -> bool {
        let is_over = self.until().is_some_and(|until| now >= until);
        self.is_on &= !is_over;
        is_over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_key_is_a_hurry_until_it_is_let_go_and_single_keys_are_none() {
        let (mut hurry, start) = (Hurry::default(), Instant::now());
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        assert!(!hurry.begins(1, at(0)) && !hurry.begins(2, at(300)));
        assert!(!hurry.begins(2, at(310)), "that was no scroll");
        assert!(hurry.begins(3, at(330)) && !hurry.begins(4, at(360)), "it begins once");
        assert!(!hurry.ends(at(400)));
        assert_eq!(hurry.until(), Some(at(405)));
        assert!(hurry.ends(at(405)) && !hurry.ends(at(500)));
        assert_eq!(hurry.until(), None);
    }
}
