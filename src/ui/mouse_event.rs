//! What the mouse did.

use ratatui::layout::Position;

/// What the mouse did, in columns and lines from the top left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// A click of the left button.
    Click(Position),
    /// The second click of two at the same place.
    DoubleClick(Position),
    /// The wheel; `lines` is negative upwards.
    Scroll {
        /// Where.
        at: Position,
        /// How far.
        lines: i16,
    },
}
