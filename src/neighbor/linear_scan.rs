//! Every row, one after another: the oracle, and the answer when a tree would look at most rows anyway.

use std::sync::Arc;

use super::kernel::Kernel;
use super::top_k::TopK;
use super::{Answer, Gallery, Method, NeighborError, NeighborIndex, check_query};

/// Rows whose distances are computed before they are compared with the k-th best: they stay in the first cache.
const BLOCK: usize = 64;

/// Queries that share one pass over the rows.
const QUERIES: usize = 64;

/// Computes the distance to every row. Exact by construction.
#[derive(Clone, Debug)]
pub struct LinearScan {
    gallery: Arc<Gallery>,
    kernel: Kernel,
}

impl LinearScan {
    /// A scan over these rows. Nothing is built or copied.
    pub fn new(gallery: Arc<Gallery>) -> Self {
        Self { gallery, kernel: Kernel::detect() }
    }

    /// The answers to many queries in fewer passes over the rows; query i asks for `ks[i]` neighbours (none when `ks` is
    /// shorter) and `filter` is asked with the query's number and the row.
    pub fn nearest_to_each(
        &self,
        queries: &[&[f32]],
        ks: &[usize],
        filter: &dyn Fn(usize, usize) -> bool,
    ) -> Result<Vec<Answer>, NeighborError> {
        queries.iter().try_for_each(|query| check_query(query, self.gallery.dim()))?;
        let k_of = |query: usize| ks.get(query).copied().unwrap_or(0);
        let mut answers = Vec::with_capacity(queries.len());
        for (chunk, some) in queries.chunks(QUERIES).enumerate() {
            let first = chunk * QUERIES;
            let of = self.gallery.len();
            let mut best: Vec<TopK> = (first..first + some.len()).map(|query| TopK::new(k_of(query), of)).collect();
            self.each_block(|start, rows, squared| {
                for (i, (query, best)) in some.iter().zip(&mut best).enumerate() {
                    self.kernel.squared_distances(query, rows, squared);
                    best.offer_run(squared, start, &self.gallery, &|row| filter(first + i, row));
                }
            });
            answers.extend(best.into_iter().map(|best| self.answer(best)));
        }
        Ok(answers)
    }

    /// Calls `visit` with the first row of each block, its numbers, and room for its distances.
    fn each_block(&self, mut visit: impl FnMut(usize, &[f32], &mut [f32])) {
        let (dim, mut room) = (self.gallery.dim().max(1), [0.0; BLOCK]);
        for (i, rows) in self.gallery.embeddings().as_slice().chunks(BLOCK * dim).enumerate() {
            visit(i * BLOCK, rows, room.get_mut(..rows.len() / dim).unwrap_or_default());
        }
    }

    fn answer(&self, best: TopK) -> Answer {
        let of = self.gallery.len();
        Answer { neighbors: best.into_neighbors(), exact: true, visited: of, of }
    }
}

impl NeighborIndex for LinearScan {
    fn method(&self) -> Method {
        Method::LinearScan
    }

    fn nearest(&self, query: &[f32], k: usize, filter: &dyn Fn(usize) -> bool) -> Result<Answer, NeighborError> {
        check_query(query, self.gallery.dim())?;
        let mut best = TopK::new(k, self.gallery.len());
        self.each_block(|start, rows, squared| {
            self.kernel.squared_distances(query, rows, squared);
            best.offer_run(squared, start, &self.gallery, filter);
        });
        Ok(self.answer(best))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedding::EmbeddingMatrix;
    use crate::library::PhotoId;
    use crate::neighbor::KdTreeIndex;
    use proptest::prelude::*;
    use rand::rngs::StdRng;
    use rand::seq::IndexedRandom;
    use rand::{Rng, SeedableRng};

    fn gallery(rows: &[Vec<f32>], dim: usize) -> Arc<Gallery> {
        let mut matrix = EmbeddingMatrix::new(dim);
        for row in rows {
            matrix.push(row).unwrap();
        }
        let photos = (0..rows.len()).map(|i| PhotoId::of_content(&i.to_le_bytes())).collect();
        Arc::new(Gallery::new(photos, matrix).unwrap())
    }

    /// What learning.md means: sort everything by distance, then id.
    fn naive(gallery: &Gallery, query: &[f32], k: usize, keep: &dyn Fn(usize) -> bool) -> Vec<(usize, f32)> {
        let distance = |row: usize| Kernel::detect().squared_distance(query, gallery.row(row)).sqrt();
        let squared = |row: usize| Kernel::detect().squared_distance(query, gallery.row(row));
        let mut rows: Vec<usize> = (0..gallery.len()).filter(|row| keep(*row)).collect();
        let by =
            |a: &usize, b: &usize| squared(*a).total_cmp(&squared(*b)).then(gallery.photo(*a).cmp(&gallery.photo(*b)));
        rows.sort_by(by);
        rows.into_iter().take(k).map(|row| (row, distance(row))).collect()
    }

    /// Unit rows of five kinds: random, clustered, duplicate-heavy, on a line, all equal.
    fn rows(kind: usize, n: usize, dim: usize, seed: u64) -> Vec<Vec<f32>> {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut random = |size: f32| (0..dim).map(|_| rng.random_range(-size..size)).collect::<Vec<f32>>();
        let add = |a: &[f32], b: &[f32], scale: f32| a.iter().zip(b).map(|(a, b)| a + scale * b).collect::<Vec<f32>>();
        let centres: Vec<Vec<f32>> = (0..5).map(|_| random(1.0)).collect();
        let direction = random(1.0);
        (0..n)
            .map(|i| match kind {
                0 => random(1.0),
                1 => add(&centres[i % 5], &random(0.05), 1.0),
                2 => centres[i * 7 % 5].clone(),
                3 => add(&centres[0], &direction, (i / 2) as f32 * 1e-3),
                _ => centres[0].clone(),
            })
            .map(|mut row| {
                row[0] += 1e-3;
                row
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]
        #[test]
        fn every_index_answers_like_the_naive_scan(
            kind in 0usize..5, n in 0usize..400, dim in 1usize..40, k in 0usize..450, seed in 0u64..1000,
            modulus in 1usize..5, outside in proptest::bool::ANY,
        ) {
            let gallery = gallery(&rows(kind, n, dim, seed), dim);
            let keep = |row: usize| row.is_multiple_of(modulus);
            let mut rng = StdRng::seed_from_u64(seed);
            let all: Vec<usize> = (0..n).collect();
            let query: Vec<f32> = match all.choose(&mut rng) {
                Some(row) if !outside => gallery.row(*row).to_vec(),
                _ => (0..dim).map(|_| rng.random_range(-2.0..2.0)).collect(),
            };
            let want = naive(&gallery, &query, k, &keep);
            let scan = LinearScan::new(Arc::clone(&gallery));
            let tree = KdTreeIndex::build(Arc::clone(&gallery)).unwrap();
            for index in [&scan as &dyn NeighborIndex, &tree] {
                let answer = index.nearest(&query, k, &keep).unwrap();
                let got: Vec<(usize, f32)> = answer.neighbors.iter().map(|n| (n.row, n.distance)).collect();
                prop_assert_eq!(&got, &want, "{}", index.method());
                prop_assert!(answer.exact && answer.visited <= n && answer.of == n);
            }
            let shared = scan.nearest_to_each(&[&query, &query], &[k, 3], &|_, row| keep(row)).unwrap();
            let got: Vec<(usize, f32)> = shared[0].neighbors.iter().map(|n| (n.row, n.distance)).collect();
            prop_assert_eq!(got, want);
            prop_assert_eq!(&shared[1], &scan.nearest(&query, 3, &keep).unwrap());
        }
    }

    #[test]
    fn what_cannot_be_compared_is_refused_at_the_door() {
        let gallery = gallery(&rows(0, 10, 3, 1), 3);
        let tree = KdTreeIndex::build(Arc::clone(&gallery)).unwrap();
        let scan = LinearScan::new(gallery);
        for index in [&scan as &dyn NeighborIndex, &tree] {
            let ask = |query: &[f32]| index.nearest(query, 1, &|_| true).unwrap_err();
            assert_eq!(ask(&[1.0]), NeighborError::Dimension { expected: 3, got: 1 });
            assert_eq!(ask(&[1.0, f32::NAN, 0.0]), NeighborError::NotFinite);
            assert_eq!(ask(&[1.0, f32::INFINITY, 0.0]), NeighborError::NotFinite);
        }
    }

    #[test]
    fn a_clustered_library_is_answered_from_few_rows() {
        let gallery = gallery(&rows(1, 2000, 16, 3), 16);
        let tree = KdTreeIndex::build(Arc::clone(&gallery)).unwrap();
        let answer = tree.nearest(gallery.row(0), 5, &|_| true).unwrap();
        assert!(answer.visited < 500, "{}", answer.visited);
    }
}
