//! Approximate neighbours from a navigable graph, for libraries so large that exact answers take too long.
//!
//! Malkov and Yashunin 2018, "Efficient and robust approximate nearest neighbor search using hierarchical navigable small
//! world graphs", as `usearch` implements it. The graph proposes rows; their distances come from the same kernel as those
//! of the exact indexes. How many of the true neighbours it finds is measured by the audit on the library itself.

use std::ops::Range;
use std::sync::Arc;

use usearch::{Index, IndexOptions, MetricKind, ScalarKind};

use super::kernel::Kernel;
use super::members::Members;
use super::top_k::TopK;
use super::{Answer, Gallery, Method, NeighborError, NeighborIndex, check_query, nearest_among};

/// Links of a row.
const LINKS: usize = 16;

/// Rows looked at for the links of a new one.
const LOOKED_AT_TO_BUILD: usize = 128;

/// Rows kept in sight while searching, at least.
const LOOKED_AT_TO_ANSWER: usize = 100;

/// Threads that may ask at once, at least.
const ASKING: usize = 16;

/// Finds most of the nearest rows, fast; takes long to build.
pub struct GraphIndex {
    members: Members,
    graph: Index,
    kernel: Kernel,
}

fn failed(error: impl std::fmt::Display) -> NeighborError {
    NeighborError::Build(error.to_string())
}

impl GraphIndex {
    /// A graph without rows yet: each row of the gallery must be [added](GraphIndex::add) once, on up to `threads` threads.
    pub fn begin(gallery: Arc<Gallery>, threads: usize) -> Result<Self, NeighborError> {
        let graph = Index::new(&options(gallery.dim())).map_err(failed)?;
        graph.reserve_capacity_and_threads(gallery.len(), threads.max(ASKING)).map_err(failed)?;
        Ok(Self { members: Members::new(gallery), graph, kernel: Kernel::detect() })
    }

    /// Adds these rows of the gallery.
    pub fn add(&self, rows: Range<usize>) -> Result<(), NeighborError> {
        rows.into_iter().try_for_each(|row| self.graph.add(row as u64, self.members.built().row(row)).map_err(failed))
    }

    /// The graph that [`NeighborIndex::save`] saved over the same gallery.
    pub fn load(gallery: Arc<Gallery>, bytes: &[u8]) -> Result<Self, NeighborError> {
        let graph = Index::new(&options(gallery.dim())).map_err(failed)?;
        graph.load_from_buffer(bytes).map_err(failed)?;
        if (graph.size(), graph.dimensions()) != (gallery.len(), gallery.dim()) {
            return Err(failed("the saved graph is of other rows"));
        }
        graph.reserve_capacity_and_threads(gallery.len(), ASKING).map_err(failed)?;
        Ok(Self { members: Members::new(gallery), graph, kernel: Kernel::detect() })
    }
}

fn options(dimensions: usize) -> IndexOptions {
    IndexOptions {
        dimensions,
        metric: MetricKind::L2sq,
        quantization: ScalarKind::F32,
        connectivity: LINKS,
        expansion_add: LOOKED_AT_TO_BUILD,
        expansion_search: LOOKED_AT_TO_ANSWER,
        multi: false,
    }
}

impl NeighborIndex for GraphIndex {
    fn method(&self) -> Method {
        Method::Graph
    }

    fn members(&self) -> &Members {
        &self.members
    }

    fn members_mut(&mut self) -> &mut Members {
        &mut self.members
    }

    fn memory_bytes(&self) -> usize {
        self.graph.memory_usage()
    }

    fn save(&self) -> Result<Option<Vec<u8>>, NeighborError> {
        let mut bytes = vec![0; self.graph.serialized_length()];
        self.graph.save_to_buffer(&mut bytes).map_err(failed)?;
        Ok(Some(bytes))
    }

    /// As the trait says, but for: the rows may not be the nearest ones (`exact` is false), and `visited` counts only those
    /// the graph proposed. Where it proposes fewer than `k`, because few pass the filter, all that pass are looked at.
    fn nearest(&self, query: &[f32], k: usize, filter: &dyn Fn(usize) -> bool) -> Result<Answer, NeighborError> {
        check_query(query, self.members.dim())?;
        let keep = |row: usize| self.members.contains(row) && filter(row);
        let (of, wanted) = (self.members.len(), k.min(self.members.built().len()));
        let mut best = TopK::new(k, self.members.rows());
        let mut proposed = Vec::new();
        if wanted > 0 {
            let matches = self.graph.filtered_search(query, wanted, |row| keep(row as usize)).map_err(failed)?;
            proposed = matches.keys;
        }
        if proposed.len() < wanted {
            return nearest_among(&self.members, query, k, (0..self.members.rows()).filter(|row| filter(*row)));
        }
        self.members.offer_added(self.kernel, query, &mut best, &keep);
        for row in proposed.iter().map(|row| *row as usize) {
            best.offer(self.kernel.squared_distance(query, self.members.row(row)), self.members.photo(row), row);
        }
        let visited = proposed.len() + self.members.added();
        Ok(Answer { neighbors: best.into_neighbors(), exact: false, visited, of })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbor::audit;
    use crate::neighbor::audit::naive;
    use crate::neighbor::samples::{KINDS, Kind, gallery, photo};
    use proptest::prelude::*;

    fn built(kind: Kind, n: usize, dim: usize) -> GraphIndex {
        let index = GraphIndex::begin(gallery(kind, n, dim, 5), 1).unwrap();
        index.add(0..n).unwrap();
        index
    }

    #[test]
    fn most_neighbours_are_found_and_a_saved_graph_answers_alike() {
        let index = built(Kind::Random, 2000, 24);
        let audit = audit(&index, 100, 10, 1, &mut |_| true).unwrap();
        assert!(audit.recall() > 0.9, "{}", audit.recall());
        let loaded = GraphIndex::load(Arc::clone(index.members().built()), &index.save().unwrap().unwrap()).unwrap();
        for row in [0, 77, 1999] {
            let ask = |index: &GraphIndex| index.nearest(index.members().row(row), 9, &|other| other != row).unwrap();
            assert_eq!(ask(&index), ask(&loaded));
            assert!(!ask(&index).exact && ask(&index).neighbors.len() == 9);
        }
        let other = gallery(Kind::Random, 30, 24, 1);
        assert!(GraphIndex::load(other, &index.save().unwrap().unwrap()).is_err());
        assert!(GraphIndex::load(Arc::clone(index.members().built()), b"no graph").is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn k_rows_are_found_where_k_exist_each_with_its_own_distance(
            kind in 0..KINDS.len(), n in 0usize..150, dim in 1usize..20, k in 0usize..200, modulus in 1usize..40,
        ) {
            let mut index = built(KINDS[kind], n, dim);
            let query = vec![0.3; dim];
            index.members_mut().insert(photo(9000), &query).unwrap();
            index.members_mut().remove(n / 3);
            let keep = |row: usize| row.is_multiple_of(modulus);
            let want = naive(index.members(), &query, k, &keep);
            let got = index.nearest(&query, k, &keep).unwrap().neighbors;
            prop_assert_eq!(got.len(), want.len());
            for (got, want) in got.iter().zip(&want) {
                prop_assert!(keep(got.row) && index.members().contains(got.row) && got.distance >= want.distance);
                let own = Kernel::detect().squared_distance(&query, index.members().row(got.row)).sqrt();
                prop_assert_eq!(got.distance.to_bits(), own.to_bits());
            }
        }
    }
}
