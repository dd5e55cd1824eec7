//! A k-d tree over the leading principal axes, walked in order of projected distance, checked in full.
//!
//! Bentley 1975, "Multidimensional binary search trees used for associative searching"; the stop at a bound is the
//! branch-and-bound of Friedman, Bentley and Finkel 1977.

use std::sync::Arc;

use kdtree::KdTree;

use super::kernel::Kernel;
use super::projection::Projection;
use super::top_k::TopK;
use super::{Answer, Gallery, Method, NeighborError, NeighborIndex, check_query};
use crate::embedding::PrincipalAxes;

/// Axes in the tree.
const AXES: usize = 12;

/// Points in a leaf of the tree.
const CAPACITY: usize = 32;

/// Rows the axes are computed from, at most (every second, third, ... of a larger library): any axes give exact answers.
const SAMPLE: usize = 20_000;

/// Exact neighbours that look at few rows when the embedding has few strong directions.
pub struct KdTreeIndex {
    gallery: Arc<Gallery>,
    projection: Projection,
    tree: KdTree<f32, usize, Box<[f32]>>,
    kernel: Kernel,
}

impl KdTreeIndex {
    /// Builds the tree over all rows.
    pub fn build(gallery: Arc<Gallery>) -> Result<Self, NeighborError> {
        let (dim, stride) = (gallery.dim(), gallery.len().div_ceil(SAMPLE).max(1));
        let mut rows =
            |visit: &mut dyn FnMut(&[f32])| gallery.embeddings().rows().step_by(stride).for_each(&mut *visit);
        let axes = match PrincipalAxes::of(&mut rows, AXES) {
            Ok(axes) => axes.axes().to_vec(),
            Err(_) if gallery.is_empty() => Vec::new(),
            Err(error) => return Err(NeighborError::Build(error.to_string())),
        };
        let projection = Projection::new(axes, dim);
        let mut tree = KdTree::with_capacity(projection.len(), CAPACITY);
        let coordinates = projection.of(gallery.embeddings().as_slice());
        for row in 0..gallery.len() {
            let point = coordinates.get(row * projection.len()..(row + 1) * projection.len()).unwrap_or_default();
            tree.add(point.into(), row).map_err(|error| NeighborError::Build(error.to_string()))?;
        }
        Ok(Self { gallery, projection, tree, kernel: Kernel::detect() })
    }
}

impl NeighborIndex for KdTreeIndex {
    fn method(&self) -> Method {
        Method::KdTree
    }

    fn nearest(&self, query: &[f32], k: usize, filter: &dyn Fn(usize) -> bool) -> Result<Answer, NeighborError> {
        check_query(query, self.gallery.dim())?;
        let (of, mut visited) = (self.gallery.len(), 0);
        let mut best = TopK::new(k, of);
        let longest = query.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>().sqrt().max(1.01);
        let trust = self.projection.trust(self.projection.len(), longest);
        let point = self.projection.of(query);
        let squared = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum();
        let walk = self.tree.iter_nearest(&point, &squared).map_err(|_| NeighborError::NotFinite)?;
        let mut limit = trust.limit(best.worst());
        for (bound, &row) in walk {
            if bound > limit || k == 0 {
                break;
            }
            if filter(row) {
                visited += 1;
                best.offer(self.kernel.squared_distance(query, self.gallery.row(row)), self.gallery.photo(row), row);
                limit = trust.limit(best.worst());
            }
        }
        Ok(Answer { neighbors: best.into_neighbors(), exact: true, visited, of })
    }
}
