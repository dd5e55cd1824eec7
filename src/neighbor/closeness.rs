//! What "close" means in this library: the distances between its own random pairs.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::Gallery;
use super::kernel::Kernel;

/// Random pairs looked at: enough to tell one in a thousand.
const PAIRS: usize = 20_000;

/// Sorted distances of random pairs of different photos.
///
/// A neighbour at distance d is as remarkable as the share of random pairs that lie closer than d is small: the measure
/// needs no constant and survives a change of model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Closeness {
    distances: Vec<f32>,
}

impl Closeness {
    /// Looks at 20,000 random pairs (all equal draws left out); `seed` draws them.
    pub fn of(gallery: &Gallery, seed: u64) -> Self {
        let (mut rng, kernel) = (StdRng::seed_from_u64(seed), Kernel::detect());
        let mut distances = Vec::new();
        for _ in 0..if gallery.len() < 2 { 0 } else { PAIRS } {
            let (a, b) = (rng.random_range(0..gallery.len()), rng.random_range(0..gallery.len()));
            if a != b {
                distances.push(kernel.squared_distance(gallery.row(a), gallery.row(b)).sqrt());
            }
        }
        distances.sort_by(f32::total_cmp);
        Self { distances }
    }

    /// The share of random pairs closer than `distance`, in `[0, 1]`; 0 when there are no pairs.
    pub fn share_closer(&self, distance: f32) -> f64 {
        let closer = self.distances.partition_point(|d| *d < distance);
        if self.distances.is_empty() { 0.0 } else { closer as f64 / self.distances.len() as f64 }
    }

    /// The distance that `share` of the random pairs stay below: beyond it a neighbour is "no good match". None when there
    /// are no pairs.
    pub fn distance_at(&self, share: f64) -> Option<f32> {
        let last = self.distances.len().checked_sub(1)?;
        self.distances.get((share.clamp(0.0, 1.0) * last as f64) as usize).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbor::samples::{Kind, gallery};

    #[test]
    fn share_and_distance_are_each_others_inverse() {
        let closeness = Closeness::of(&gallery(Kind::Random, 500, 8, 1), 3);
        for share in [0.01, 0.1, 0.5, 0.9] {
            let distance = closeness.distance_at(share).unwrap();
            assert!((closeness.share_closer(distance) - share).abs() < 1e-3);
        }
        assert!(closeness.share_closer(0.0) < 1e-9 && (closeness.share_closer(3.0) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_library_of_one_photo_has_no_scale() {
        let closeness = Closeness::of(&gallery(Kind::Random, 1, 8, 1), 3);
        assert_eq!((closeness.distance_at(0.5), closeness.share_closer(1.0) > 0.0), (None, false));
    }
}
