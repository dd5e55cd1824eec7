//! Whether somebody holds a key that scrolls. Until it is let go the grid shows names alone: pictures that nobody can
//! look at would be megabytes a second for the terminal, and over a slow line the keys would wait behind them.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Two scrolls within this time are a held key: keys repeat every 15 to 40 ms. So long after the last one it is let go at
/// the latest; a key that repeats more slowly than this brings its pictures along each time.
const TOGETHER: Duration = Duration::from_millis(45);
/// A held key was not let go before this.
const SOONEST: Duration = Duration::from_millis(30);
/// So much later than the slowest of the last ones the next scroll may come.
const LATE: Duration = Duration::from_millis(3);
/// Scrolls that tell the pace, and how many are needed for that.
const PACED: usize = 8;
const FEWEST: usize = 4;

/// Remembers the last scroll.
#[derive(Debug, Default)]
pub(super) struct Hurry {
    row: usize,
    scrolled: Option<Instant>,
    is_on: bool,
    /// The times between the last scrolls of this held key.
    pace: VecDeque<Duration>,
}

impl Hurry {
    /// This row is the first in sight now. Returns whether a hurry begins with that.
    pub(super) fn begins(&mut self, row: usize, now: Instant) -> bool {
        if std::mem::replace(&mut self.row, row) == row {
            return false;
        }
        let before = self.scrolled.replace(now);
        let between = before.map(|before| now.duration_since(before)).filter(|between| *between < TOGETHER);
        let Some(between) = between else {
            self.pace.clear();
            return false;
        };
        self.pace.push_front(between);
        self.pace.truncate(PACED);
        !std::mem::replace(&mut self.is_on, true)
    }

    /// How long after the last scroll the key is let go: when the next one is overdue.
    fn patience(&self) -> Duration {
        let slowest = self.pace.iter().max().filter(|_| self.pace.len() >= FEWEST);
        slowest.map_or(TOGETHER, |slowest| (*slowest + LATE).clamp(SOONEST, TOGETHER))
    }

    /// When it is over unless somebody scrolls on; `None` while there is none.
    pub(super) fn until(&self) -> Option<Instant> {
        self.scrolled.filter(|_| self.is_on).map(|last| last + self.patience())
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

    #[test]
    fn a_held_key_is_let_go_when_its_next_stroke_is_overdue() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        for (pace, patience) in [(15, 30), (25, 30), (33, 36), (40, 43), (44, 45)] {
            let mut hurry = Hurry::default();
            let begun: Vec<bool> = (1..12).map(|stroke| hurry.begins(stroke, at(stroke as u64 * pace))).collect();
            assert_eq!(begun.iter().filter(|begins| **begins).count(), 1, "{pace}");
            let until = at(11 * pace + patience);
            assert_eq!((hurry.until(), hurry.ends(until)), (Some(until), true), "{pace}");
        }
    }

    #[test]
    fn a_stroke_that_comes_late_makes_the_next_ones_be_waited_for_longer() {
        let (mut hurry, start) = (Hurry::default(), Instant::now());
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        for stroke in 1..9 {
            hurry.begins(stroke, at(stroke as u64 * 30));
        }
        assert!(hurry.ends(at(240 + 33)), "it seemed to be let go");
        assert!(hurry.begins(9, at(240 + 38)), "but it was not");
        assert_eq!(hurry.until(), Some(at(278 + 41)));
        for stroke in 10..18 {
            hurry.begins(stroke, at(278 + (stroke as u64 - 9) * 30));
        }
        assert_eq!(hurry.until(), Some(at(278 + 240 + 33)), "and that is forgotten");
        assert!(
            hurry.ends(at(551)) && !hurry.begins(18, at(900)) && hurry.begins(19, at(930)),
            "another key has another pace"
        );
        assert_eq!(hurry.until(), Some(at(975)));
    }
}
