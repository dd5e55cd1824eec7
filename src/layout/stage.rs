//! How far a map on its way is.

/// How far a map is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapStage {
    /// Principal axes; the neighbours of `done` photos are known.
    Searching {
        /// Photos whose neighbours are known.
        done: usize,
        /// Photos on the map.
        of: usize,
    },
    /// Neighbours are being brought together.
    Arranging {
        /// Rounds done.
        done: usize,
        /// Rounds there are.
        of: usize,
    },
    /// Neighbours are together.
    Arranged,
    /// Principal axes, for good: there are too few photos for anything else.
    Axes,
}
