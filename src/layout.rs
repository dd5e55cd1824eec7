//! Maps: many embedding rows as places in a plane.
//!
//! [`principal_places`] is there at once and keeps the large distances; a [`Descent`] starts from it and keeps neighbours
//! together. This room knows no file, no thread and no clock: whoever runs a descent takes its steps, and may stop.

mod affinity;
mod descent;
mod near;
mod principal;
mod stage;

#[cfg(test)]
mod tests;

pub use descent::{Descent, FEWEST_ROWS};
pub use near::NearRows;
pub use principal::principal_places;
pub use stage::MapStage;

/// Where a photo lies on a map: across and up.
pub type Place = [f32; 2];
