//! Every row, one after another: the oracle, and the answer when a tree would look at most rows anyway.

use std::sync::Arc;

use super::kernel::Kernel;
use super::members::Members;
use super::top_k::TopK;
use super::{Answer, Gallery, Method, NeighborError, NeighborIndex, check_query};

/// Rows whose distances are computed before they are compared with the k-th best: they stay in the first cache.
const BLOCK: usize = 512;

/// Queries that share one pass over the rows.
const QUERIES: usize = 64;

/// Computes the distance to every row. Exact by construction.
#[derive(Clone, Debug)]
pub struct LinearScan {
    members: Members,
    kernel: Kernel,
}

impl LinearScan {
    /// A scan over these rows. Nothing is built or copied.
    pub fn new(gallery: Arc<Gallery>) -> Self {
        Self { members: Members::new(gallery), kernel: Kernel::detect() }
    }

    /// The answers to many queries in fewer passes over the rows; query i asks for `ks[i]` neighbours (none when `ks` is
    /// shorter) and `filter` is asked with the query's number and the row.
    pub fn nearest_to_each(
        &self,
        queries: &[&[f32]],
        ks: &[usize],
        filter: &dyn Fn(usize, usize) -> bool,
    ) -> Result<Vec<Answer>, NeighborError> {
        queries.iter().try_for_each(|query| check_query(query, self.members.dim()))?;
        let k_of = |query: usize| ks.get(query).copied().unwrap_or(0);
        let mut answers = Vec::with_capacity(queries.len());
        for (chunk, some) in queries.chunks(QUERIES).enumerate() {
            let first = chunk * QUERIES;
            let of = self.members.rows();
            let mut best: Vec<TopK> = (first..first + some.len()).map(|query| TopK::new(k_of(query), of)).collect();
            self.each_block(|start, rows, squared| {
                for (i, (query, best)) in some.iter().zip(&mut best).enumerate() {
                    let keep = |row: usize| self.members.contains(row) && filter(first + i, row);
                    self.kernel.squared_distances(query, rows, squared);
                    best.offer_run(squared, start, &self.members, &keep);
                }
            });
            for (i, (query, best)) in some.iter().zip(&mut best).enumerate() {
                let keep = |row: usize| self.members.contains(row) && filter(first + i, row);
                self.members.offer_added(self.kernel, query, best, &keep);
            }
            answers.extend(best.into_iter().map(|best| self.answer(best)));
        }
        Ok(answers)
    }

    /// Calls `visit` with the first row of each block, its numbers, and room for its distances.
    fn each_block(&self, mut visit: impl FnMut(usize, &[f32], &mut [f32])) {
        let (dim, mut room) = (self.members.dim().max(1), [0.0; BLOCK]);
        for (i, rows) in self.members.built().embeddings().as_slice().chunks(BLOCK * dim).enumerate() {
            visit(i * BLOCK, rows, room.get_mut(..rows.len() / dim).unwrap_or_default());
        }
    }

    fn answer(&self, best: TopK) -> Answer {
        let of = self.members.len();
        Answer { neighbors: best.into_neighbors(), exact: true, visited: of, of }
    }
}

/// The `k` rows nearest to `query` among `rows` (those that exist and were not removed), nearest first, ties by photo id:
/// the exact answer to a question that only a few rows may answer, in time that grows with their number alone.
pub fn nearest_among(
    members: &Members,
    query: &[f32],
    k: usize,
    rows: impl IntoIterator<Item = usize>,
) -> Result<Answer, NeighborError> {
    check_query(query, members.dim())?;
    let (kernel, mut best, mut visited) = (Kernel::detect(), TopK::new(k, members.rows()), 0);
    for row in rows.into_iter().filter(|row| members.contains(*row)) {
        visited += 1;
        best.offer(kernel.squared_distance(query, members.row(row)), members.photo(row), row);
    }
    Ok(Answer { neighbors: best.into_neighbors(), exact: true, visited, of: members.len() })
}

impl NeighborIndex for LinearScan {
    fn method(&self) -> Method {
        Method::LinearScan
    }

    fn members(&self) -> &Members {
        &self.members
    }

    fn members_mut(&mut self) -> &mut Members {
        &mut self.members
    }

    fn memory_bytes(&self) -> usize {
        0
    }

    fn nearest(&self, query: &[f32], k: usize, filter: &dyn Fn(usize) -> bool) -> Result<Answer, NeighborError> {
        check_query(query, self.members.dim())?;
        let keep = |row: usize| self.members.contains(row) && filter(row);
        let mut best = TopK::new(k, self.members.rows());
        self.each_block(|start, rows, squared| {
            self.kernel.squared_distances(query, rows, squared);
            best.offer_run(squared, start, &self.members, &keep);
        });
        self.members.offer_added(self.kernel, query, &mut best, &keep);
        Ok(self.answer(best))
    }
}
