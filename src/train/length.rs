//! How long a run is: as asked for, or as much as fits into the time there is.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Depth;

/// A training without a depth takes the deepest that fits into this, unless a time was asked for.
const USUAL_TIME: Duration = Duration::from_secs(300);

/// A gentle training rests after each step as long as that took, but not longer than this.
pub const LONGEST_REST: Duration = Duration::from_millis(500);

/// How long a training lasts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Length {
    /// As many steps as the depth usually needs.
    #[default]
    Usual,
    /// So many steps.
    Steps(u64),
    /// As many steps as fit into so many minutes, measured before the first one.
    Minutes(f64),
}

/// Steps after which a depth has usually learned what it can; measured on photos of groceries.
const fn usual_steps(depth: Depth) -> u64 {
    match depth {
        Depth::Head => 1_000,
        Depth::Tail | Depth::Full => 600,
    }
}

/// Fewer steps than this at a depth are worse than the usual number at the one above it.
pub const fn fewest_steps(depth: Depth) -> u64 {
    usual_steps(depth) / 2
}

/// The depths that a training without one tries, in this order: the first with room for its steps is taken, or the last.
/// `deep`: the network below the head can be trained; `trained_whole`: every layer of it was, so it has no tail to keep.
pub const fn tried_depths(deep: bool, trained_whole: bool) -> &'static [Depth] {
    match (deep, trained_whole) {
        (false, _) => &[Depth::Head],
        (true, true) => &[Depth::Full, Depth::Head],
        (true, false) => &[Depth::Full, Depth::Tail, Depth::Head],
    }
}

impl Length {
    /// The time there is for a depth that was not asked for.
    pub fn time(self) -> Duration {
        match self {
            Self::Minutes(minutes) => Duration::try_from_secs_f64(minutes * 60.0).unwrap_or(USUAL_TIME),
            Self::Usual | Self::Steps(_) => USUAL_TIME,
        }
    }

    /// Steps that fit into it at `seconds_a_step`, at least one.
    fn fitting(self, seconds_a_step: f64) -> u64 {
        ((self.time().as_secs_f64() / seconds_a_step.max(1e-6)) as u64).max(1)
    }

    /// Whether the fewest useful steps of a depth fit into it.
    pub fn has_room_for(self, depth: Depth, seconds_a_step: f64) -> bool {
        self.fitting(seconds_a_step) >= fewest_steps(depth)
    }

    /// How many steps are taken at a depth that was asked for, or that was `chosen` because it fits.
    pub fn steps(self, depth: Depth, chosen: bool, seconds_a_step: f64) -> u64 {
        match self {
            Self::Steps(steps) => steps,
            Self::Minutes(_) => self.fitting(seconds_a_step),
            Self::Usual if chosen => usual_steps(depth).min(self.fitting(seconds_a_step).max(fewest_steps(depth))),
            Self::Usual => usual_steps(depth),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_depth_is_taken_by_itself_when_half_its_usual_steps_fit() {
        for (length, depth, seconds, has_room, steps) in [
            (Length::Usual, Depth::Head, 0.003, true, [1_000, 1_000]),
            (Length::Usual, Depth::Tail, 0.4, true, [600, 600]),
            (Length::Usual, Depth::Tail, 0.75, true, [400, 600]),
            (Length::Usual, Depth::Tail, 1.0, true, [300, 600]),
            (Length::Usual, Depth::Tail, 1.01, false, [300, 600]),
            (Length::Steps(7), Depth::Full, 1.01, false, [7, 7]),
            (Length::Steps(7), Depth::Full, 0.9, true, [7, 7]),
            (Length::Minutes(2.0), Depth::Full, 0.4, true, [300, 300]),
            (Length::Minutes(2.0), Depth::Full, 0.5, false, [240, 240]),
            (Length::Minutes(1e-6), Depth::Head, 9.0, false, [1, 1]),
        ] {
            assert_eq!(length.has_room_for(depth, seconds), has_room, "{length:?} {depth} {seconds}");
            let taken = [true, false].map(|chosen| length.steps(depth, chosen, seconds));
            assert_eq!(taken, steps, "{length:?} {depth} {seconds}");
        }
    }
}
