//! The dots in buckets, near ones together: the nearest of a hundred thousand is found without a look at most of them.

use std::cmp::Ordering;
use std::ops::Range;

use super::window::Bounds;

/// Dots in a bucket, if they lay evenly.
const DOTS: usize = 32;

/// One bucket: its dots, and the rectangle that holds their places.
#[derive(Clone, Debug)]
struct Bucket {
    dots: Range<usize>,
    low: [f32; 2],
    high: [f32; 2],
}

/// All dots with a finite place, by their numbers.
#[derive(Clone, Debug)]
pub(super) struct Buckets {
    numbers: Vec<usize>,
    buckets: Vec<Bucket>,
}

impl Buckets {
    /// Puts dots into buckets.
    pub(super) fn of(places: &[[f32; 2]], bounds: &Bounds) -> Self {
        let side = (places.len() as f32 / DOTS as f32).sqrt().ceil().max(1.0);
        let along = |share: f32| (share * side).clamp(0.0, side - 1.0) as u64;
        let finite = places.iter().enumerate().filter(|(_, place)| place.iter().all(|value| value.is_finite()));
        // One number a dot is sorted sooner than two: the bucket, then the dot.
        let mut keyed: Vec<u64> = finite
            .map(|(number, place)| {
                let [across, up] = bounds.shares(*place).map(along);
                (up * side as u64 + across) << 32 | number as u64
            })
            .collect();
        keyed.sort_unstable();
        let numbers: Vec<usize> = keyed.iter().map(|keyed| *keyed as u32 as usize).collect();
        let mut end = 0;
        let bucket = |same: &[u64]| {
            let dots = end..end + same.len();
            end = dots.end;
            let inside = numbers.get(dots.clone()).unwrap_or_default().iter().filter_map(|number| places.get(*number));
            let least = |one: [f32; 2], other: &[f32; 2]| [one[0].min(other[0]), one[1].min(other[1])];
            let most = |one: [f32; 2], other: &[f32; 2]| [one[0].max(other[0]), one[1].max(other[1])];
            let (low, high) = (inside.clone().fold([f32::MAX; 2], least), inside.fold([f32::MIN; 2], most));
            Bucket { dots, low, high }
        };
        let buckets = keyed.chunk_by(|one, other| one >> 32 == other >> 32).map(bucket).collect();
        Self { numbers, buckets }
    }

    /// The dot with the lowest cost, of equal ones the one with the lowest number. `bound` is a cost that nothing between
    /// two corners goes below, or none where nothing there counts.
    pub(super) fn cheapest(
        &self,
        bound: impl Fn([f32; 2], [f32; 2]) -> Option<f32>,
        cost: impl Fn(usize) -> Option<f32>,
    ) -> Option<usize> {
        let buckets = self.buckets.iter().filter_map(|bucket| Some((bound(bucket.low, bucket.high)?, bucket)));
        let mut bounded: Vec<(f32, &Bucket)> = buckets.collect();
        bounded.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
        let mut best: Option<(f32, usize)> = None;
        for (bound, bucket) in bounded {
            if best.is_some_and(|(least, _)| bound > least) {
                break;
            }
            let numbers = self.numbers.get(bucket.dots.clone()).unwrap_or_default();
            let priced = numbers.iter().filter_map(|number| Some((cost(*number)?, *number)));
            best = priced.chain(best).min_by(compare);
        }
        best.map(|(_, number)| number)
    }
}

fn compare(one: &(f32, usize), other: &(f32, usize)) -> Ordering {
    one.0.total_cmp(&other.0).then(one.1.cmp(&other.1))
}
