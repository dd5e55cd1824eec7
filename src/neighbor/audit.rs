//! Does an index answer as it claims? Random queries are answered again by a naive scan that sorts every row.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use super::kernel::Kernel;
use super::{Members, Neighbor, NeighborError, NeighborIndex};
use crate::library::PhotoId;

/// Disagreements kept for showing; all are counted.
const KEPT: usize = 10;

/// What an audit has found so far.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct Audit {
    /// Queries asked.
    pub asked: usize,
    /// Queries answered with the same distances at every rank, each belonging to the row it was given for.
    pub agreed: usize,
    /// Neighbours returned that are no farther than the true k-th, of `expected`.
    pub found: usize,
    /// Neighbours the naive scan returned.
    pub expected: usize,
    /// The first disagreements: which photo was asked about.
    pub disagreements: Vec<String>,
}

impl Audit {
    /// Share of the true neighbours that were found, 1 before anything was asked.
    pub fn recall(&self) -> f64 {
        if self.expected == 0 { 1.0 } else { self.found as f64 / self.expected as f64 }
    }

    /// Whether every query agreed.
    pub const fn is_clean(&self) -> bool {
        self.asked == self.agreed
    }

    /// Adds what a further part of the same audit found.
    pub fn add(&mut self, part: Self) {
        self.asked += part.asked;
        self.agreed += part.agreed;
        self.found += part.found;
        self.expected += part.expected;
        let room = KEPT.saturating_sub(self.disagreements.len());
        self.disagreements.extend(part.disagreements.into_iter().take(room));
    }

    fn count(&mut self, photo: PhotoId, want: &[Neighbor], got: &[Neighbor], honest: bool) {
        let farthest = want.last().map_or(0.0, |last| last.distance);
        let same =
            want.len() == got.len() && want.iter().zip(got).all(|(w, g)| w.distance.to_bits() == g.distance.to_bits());
        self.asked += 1;
        self.expected += want.len();
        self.found += got.iter().filter(|neighbor| neighbor.distance <= farthest).count().min(want.len());
        if same && honest {
            self.agreed += 1;
        } else if self.disagreements.len() < KEPT {
            self.disagreements.push(photo.to_string());
        }
    }
}

/// Asks `index` for the `k` nearest of `queries` random photos, and the naive scan after it.
///
/// Photos equally far from the query may stand for each other: what is compared is the distance at each rank, and that it
/// is the distance of the row it was given for, which is named once. `go_on` sees the count after each query and ends the
/// audit by returning false. `seed` draws the queries.
pub fn audit(
    index: &dyn NeighborIndex,
    queries: usize,
    k: usize,
    seed: u64,
    go_on: &mut dyn FnMut(&Audit) -> bool,
) -> Result<Audit, NeighborError> {
    let (members, mut rng, mut result) = (index.members(), StdRng::seed_from_u64(seed), Audit::default());
    let rows: Vec<usize> = (0..members.rows()).filter(|row| members.contains(*row)).collect();
    for _ in 0..queries {
        let Some(&asked) = rows.get(rng.random_range(0..rows.len().max(1))) else {
            break;
        };
        let query = members.row(asked);
        let others = |row: usize| row != asked;
        let answer = index.nearest(query, k, &others)?;
        let honest = is_honest(members, query, &answer.neighbors);
        result.count(members.photo(asked), &naive(members, query, k, &others), &answer.neighbors, honest);
        if !go_on(&result) {
            break;
        }
    }
    Ok(result)
}

/// Whether each row is named once and with its own distance.
fn is_honest(members: &Members, query: &[f32], neighbors: &[Neighbor]) -> bool {
    let distance = |row: usize| Kernel::detect().squared_distance(query, members.row(row)).sqrt();
    let mut rows: Vec<usize> = neighbors.iter().map(|neighbor| neighbor.row).collect();
    rows.sort_unstable();
    rows.dedup();
    let exists = |neighbor: &&Neighbor| members.contains(neighbor.row);
    let own = |neighbor: &Neighbor| distance(neighbor.row).to_bits() == neighbor.distance.to_bits();
    rows.len() == neighbors.len()
        && neighbors.iter().filter(exists).filter(|neighbor| own(neighbor)).count() == rows.len()
}

/// The definition of an exact answer: all rows sorted by distance, then photo id. Shares nothing with any index but the
/// kernel that computes one distance.
pub(crate) fn naive(members: &Members, query: &[f32], k: usize, keep: &dyn Fn(usize) -> bool) -> Vec<Neighbor> {
    let squared = |row: usize| Kernel::detect().squared_distance(query, members.row(row));
    let rows = (0..members.rows()).filter(|row| members.contains(*row) && keep(*row));
    let mut all: Vec<(f32, PhotoId, usize)> = rows.map(|row| (squared(row), members.photo(row), row)).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    all.truncate(k);
    all.into_iter().map(|(squared, photo, row)| Neighbor { row, photo, distance: squared.sqrt() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbor::samples::{Kind, gallery};
    use crate::neighbor::{Answer, KdTreeIndex, LinearScan, Method};
    use std::sync::Arc;

    /// Forgets its first neighbour, or claims a wrong distance.
    struct Broken(LinearScan, bool);

    impl NeighborIndex for Broken {
        fn method(&self) -> Method {
            self.0.method()
        }
        fn members(&self) -> &Members {
            self.0.members()
        }
        fn members_mut(&mut self) -> &mut Members {
            self.0.members_mut()
        }
        fn memory_bytes(&self) -> usize {
            0
        }
        fn nearest(&self, query: &[f32], k: usize, filter: &dyn Fn(usize) -> bool) -> Result<Answer, NeighborError> {
            let mut answer = self.0.nearest(query, k + 1, filter)?;
            if self.1 {
                answer.neighbors.remove(0);
            } else {
                answer.neighbors.truncate(k);
                answer.neighbors.iter_mut().for_each(|neighbor| neighbor.row = 0);
            }
            Ok(answer)
        }
    }

    #[test]
    fn exact_indexes_pass_and_broken_ones_are_caught() {
        let gallery = gallery(Kind::Clustered, 300, 12, 1);
        let tree = KdTreeIndex::build(Arc::clone(&gallery)).unwrap();
        let clean = audit(&tree, 40, 10, 7, &mut |_| true).unwrap();
        assert_eq!((clean.asked, clean.agreed, clean.expected, clean.is_clean()), (40, 40, 400, true));
        assert!((clean.recall() - 1.0).abs() < 1e-12);
        for forgets in [true, false] {
            let broken = Broken(LinearScan::new(Arc::clone(&gallery)), forgets);
            let found = audit(&broken, 40, 10, 7, &mut |_| true).unwrap();
            assert_eq!((found.agreed, found.disagreements.len()), (0, 10));
            assert!(!forgets || (found.recall() - 0.9).abs() < 1e-12);
        }
    }

    #[test]
    fn an_audit_can_be_stopped_and_an_empty_index_asks_nothing() {
        let some = LinearScan::new(gallery(Kind::Random, 30, 3, 1));
        assert_eq!(audit(&some, 40, 5, 7, &mut |audit| audit.asked < 3).unwrap().asked, 3);
        let none = LinearScan::new(gallery(Kind::Random, 0, 3, 1));
        assert_eq!(audit(&none, 40, 5, 7, &mut |_| true), Ok(Audit::default()));
    }
}
