//! The k best of a stream, without sorting the stream.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::{Members, Neighbor};
use crate::library::PhotoId;

/// One row and its squared distance. Greater is worse: farther, or as far with a greater id.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Candidate {
    squared: f32,
    photo: PhotoId,
    row: usize,
}

impl Eq for Candidate {}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_distance = self.squared.total_cmp(&other.squared);
        by_distance.then_with(|| self.photo.cmp(&other.photo)).then_with(|| self.row.cmp(&other.row))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A heap of at most k rows with the worst on top.
#[derive(Debug)]
pub(crate) struct TopK {
    k: usize,
    /// The largest squared distance that counts.
    limit: f32,
    heap: BinaryHeap<Candidate>,
}

/// Room made at once: a question for all rows within a distance rarely finds many.
const ROOM: usize = 1024;

impl TopK {
    /// Keeps at most `k` of at most `rows`.
    pub(crate) fn new(k: usize, rows: usize) -> Self {
        Self::within(f32::INFINITY, k, rows)
    }

    /// Keeps at most `k` of at most `rows`, none with a squared distance above `limit`.
    pub(crate) fn within(limit: f32, k: usize, rows: usize) -> Self {
        let k = k.min(rows);
        Self { k, limit, heap: BinaryHeap::with_capacity(k.min(ROOM) + 1) }
    }

    /// What a squared distance must not exceed to matter: the k-th best so far, the limit while there are fewer than k.
    pub(crate) fn worst(&self) -> f32 {
        if self.heap.len() < self.k { self.limit } else { self.heap.peek().map_or(-1.0, |worst| worst.squared) }
    }

    /// Offers one row.
    pub(crate) fn offer(&mut self, squared: f32, photo: PhotoId, row: usize) {
        let candidate = Candidate { squared, photo, row };
        if self.heap.len() < self.k {
            self.heap.extend((squared <= self.limit).then_some(candidate));
        } else if let Some(mut worst) = self.heap.peek_mut()
            && candidate < *worst
        {
            *worst = candidate;
        }
    }

    /// Offers the rows from `first` on, whose squared distances are given, when `keep` lets them pass.
    pub(crate) fn offer_run(&mut self, squared: &[f32], first: usize, members: &Members, keep: &dyn Fn(usize) -> bool) {
        let mut worst = self.worst();
        for (row, &squared) in (first..).zip(squared) {
            if squared <= worst && keep(row) {
                self.offer(squared, members.photo(row), row);
                worst = self.worst();
            }
        }
    }

    /// The rows kept, best first, with their distances.
    pub(crate) fn into_neighbors(self) -> Vec<Neighbor> {
        let sorted = self.heap.into_sorted_vec().into_iter();
        sorted.map(|c| Neighbor { row: c.row, photo: c.photo, distance: c.squared.sqrt() }).collect()
    }
}
