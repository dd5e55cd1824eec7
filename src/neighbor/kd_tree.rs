//! A k-d tree over the leading principal axes, walked in order of a lower bound, checked in full.
//!
//! Bentley 1975, "Multidimensional binary search trees used for associative searching"; the stop at a bound is the
//! branch-and-bound of Friedman, Bentley and Finkel 1977.
//!
//! The tree holds groups of about a thousand rows, not single rows, because walking it costs more than anything else: a
//! group is the point (m, h) in 2r dimensions, m the middle of the box around its rows and h half its widths, and
//! [`lower_bound`] is the squared distance from the query to that box. The `kdtree` crate asks the same function for the
//! distance to a node, with the query clamped to the node's bounds; the query being (q, infinitely wide), the clamp gives
//! the nearest m and the largest h in the node, so the value is again a lower bound, for every group below.
//! `iter_nearest` thus yields groups in the order of their lower bound; their cells join one queue, nearest box first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use kdtree::KdTree;

use super::cells::{Cell, Cells};
use super::kernel::Kernel;
use super::members::Members;
use super::projection::{Projection, Trust};
use super::top_k::TopK;
use super::{Answer, Gallery, Method, Neighbor, NeighborError, NeighborIndex, check_query};
use crate::embedding::PrincipalAxes;

/// Axes kept of each row, at most.
const MOST_AXES: usize = 32;

/// Axes in the tree before their number is tuned.
const AXES: usize = 12;

/// Groups in a leaf of the tree.
const CAPACITY: usize = 8;

/// Rows the axes are computed from, at most (every second, third, ... of a larger library): any axes give exact answers.
const SAMPLE: usize = 20_000;

/// Exact neighbours that look at few rows when the embedding has few strong directions.
pub struct KdTreeIndex {
    members: Members,
    projection: Projection,
    cells: Cells,
    axes: usize,
    tree: KdTree<f32, usize, Box<[f32]>>,
    kernel: Kernel,
}

impl KdTreeIndex {
    /// Builds the tree over all rows.
    pub fn build(gallery: Arc<Gallery>) -> Result<Self, NeighborError> {
        Self::build_with(gallery, AXES)
    }

    /// Builds the tree with so many axes (no more than the rows have, nor 32).
    pub fn build_with(gallery: Arc<Gallery>, axes: usize) -> Result<Self, NeighborError> {
        Self::build_keeping(gallery, axes, MOST_AXES)
    }

    /// The same, keeping only `most` axes of each row (no more than 32): less memory, more rows computed in full.
    pub fn build_keeping(gallery: Arc<Gallery>, axes: usize, most: usize) -> Result<Self, NeighborError> {
        let projection = Projection::new(directions(&gallery, most.min(MOST_AXES))?, gallery.dim());
        let coordinates = projection.of(gallery.embeddings().as_slice());
        let cells = Cells::new(&coordinates, gallery.len(), projection.len());
        let tree = tree_of(&cells, axes)?;
        let axes = axes.min(cells.axes());
        Ok(Self { members: Members::new(gallery), projection, cells, axes, tree, kernel: Kernel::detect() })
    }

    /// Changes the number of axes in the tree; the rows stay where they are.
    pub fn set_axes(&mut self, axes: usize) -> Result<(), NeighborError> {
        self.tree = tree_of(&self.cells, axes)?;
        self.axes = axes.min(self.cells.axes());
        Ok(())
    }

    /// Every row at most `distance` away from `query` that `filter` lets pass, nearest first, ties by photo id.
    pub fn within(
        &self,
        query: &[f32],
        distance: f32,
        filter: &dyn Fn(usize) -> bool,
    ) -> Result<Vec<Neighbor>, NeighborError> {
        let rows = self.members.rows();
        let (best, _) = self.find(query, TopK::within(distance.max(0.0).powi(2), rows, rows), filter)?;
        Ok(best.into_neighbors())
    }

    /// Offers every row that matters; returns the best and the number of rows computed in full.
    fn find(
        &self,
        query: &[f32],
        mut best: TopK,
        filter: &dyn Fn(usize) -> bool,
    ) -> Result<(TopK, usize), NeighborError> {
        check_query(query, self.members.dim())?;
        let keep = |row: usize| self.members.contains(row) && filter(row);
        self.members.offer_added(self.kernel, query, &mut best, &keep);
        let longest = query.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>().sqrt().max(1.01);
        let (point, trust) = (self.projection.of(query), self.projection.trust(longest));
        let question = Question { query, point: &point, trust, keep: &keep };
        let visited = self.search(&question, &mut best)? + self.members.added();
        Ok((best, visited))
    }

    /// Best first: groups from the tree, cells from the queue, until no bound is within the limit. Returns the number of
    /// rows computed in full.
    fn search(&self, question: &Question<'_>, best: &mut TopK) -> Result<usize, NeighborError> {
        let leading = question.point.get(..self.axes).unwrap_or_default();
        let mut wide = leading.to_vec();
        wide.resize(2 * self.axes, f32::MAX);
        let bound_of = |_: &[f32], other: &[f32]| lower_bound(leading, other);
        let walk = self.tree.iter_nearest(&wide, &bound_of).map_err(|_| NeighborError::NotFinite)?;
        let (mut groups, mut queue, mut visited) = (walk.peekable(), BinaryHeap::new(), 0);
        loop {
            let limit = question.trust.limit(best.worst());
            let nearest = queue.peek().map_or(limit, |Reverse((bound, _)): &Reverse<(Bound, Cell)>| bound.0.min(limit));
            if let Some((_, &group)) = groups.next_if(|(bound, _)| *bound <= nearest) {
                self.cells.cell_bounds(self.kernel, group, question.point, |bound, cell| {
                    if bound <= limit {
                        queue.push(Reverse((Bound(bound), cell)));
                    }
                });
                continue;
            }
            match queue.pop() {
                Some(Reverse((bound, cell))) if bound.0 <= limit => visited += self.offer_cell(cell, question, best),
                _ => return Ok(visited),
            }
        }
    }

    /// Offers the rows of a cell whose bound is within the limit; returns how many were computed in full.
    fn offer_cell(&self, cell: Cell, question: &Question<'_>, best: &mut TopK) -> usize {
        let (mut visited, mut limit) = (0, question.trust.limit(best.worst()));
        let built = self.members.built();
        for (rows, block) in self.cells.blocks(cell) {
            let bounds = self.kernel.block_distances(question.point, block);
            for (&row, bound) in rows.iter().zip(bounds) {
                let row = row as usize;
                if bound <= limit && (question.keep)(row) {
                    visited += 1;
                    let squared = self.kernel.squared_distance(question.query, built.row(row));
                    best.offer(squared, built.photo(row), row);
                    limit = question.trust.limit(best.worst());
                }
            }
        }
        visited
    }
}

/// What is asked, in every form the search needs.
struct Question<'a> {
    query: &'a [f32],
    /// The query along the kept axes.
    point: &'a [f32],
    trust: Trust,
    keep: &'a dyn Fn(usize) -> bool,
}

/// A squared distance that can be put in order; never NaN.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct Bound(f32);

impl Eq for Bound {}

#[expect(clippy::derive_ord_xor_partial_ord, reason = "bounds are never NaN, so both orders are the same")]
impl Ord for Bound {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// The leading principal axes of a gallery, `[r, d]`; none when its rows are all equal or there are none.
fn directions(gallery: &Gallery, most: usize) -> Result<Vec<f32>, NeighborError> {
    if gallery.is_empty() {
        return Ok(Vec::new());
    }
    let stride = gallery.len().div_ceil(SAMPLE);
    let mut rows = |visit: &mut dyn FnMut(&[f32])| gallery.embeddings().rows().step_by(stride).for_each(&mut *visit);
    let axes = PrincipalAxes::of(&mut rows, most).map_err(|error| NeighborError::Build(error.to_string()))?;
    Ok(axes.axes().to_vec())
}

/// The tree of the groups' middles and half-widths along the first `axes` axes.
fn tree_of(cells: &Cells, axes: usize) -> Result<KdTree<f32, usize, Box<[f32]>>, NeighborError> {
    let axes = axes.min(cells.axes());
    let mut tree = KdTree::with_capacity(2 * axes, CAPACITY);
    for group in 0..cells.groups() {
        let extent = cells.extent(group);
        let bounds = || extent.low.iter().zip(&extent.high).take(axes);
        let middle = |(low, high): (&f32, &f32)| f32::midpoint(*low, *high);
        let half = |(low, high): (&f32, &f32)| {
            let middle = f64::from(f32::midpoint(*low, *high));
            ((f64::from(*high) - middle).max(middle - f64::from(*low)) as f32).next_up()
        };
        let point: Box<[f32]> = bounds().map(middle).chain(bounds().map(half)).collect();
        tree.add(point, group).map_err(|error| NeighborError::Build(error.to_string()))?;
    }
    Ok(tree)
}

/// The squared distance from the query to a box given as middles and half-widths.
fn lower_bound(query: &[f32], middles_and_halves: &[f32]) -> f32 {
    let (middles, halves) = middles_and_halves.split_at(query.len().min(middles_and_halves.len()));
    let outside = |((q, middle), half): ((&f32, &f32), &f32)| ((q - middle).abs() - half).max(0.0);
    query.iter().zip(middles).zip(halves).map(outside).map(|v| v * v).sum()
}

impl NeighborIndex for KdTreeIndex {
    fn method(&self) -> Method {
        Method::KdTree
    }

    fn axes(&self) -> Option<usize> {
        Some(self.axes)
    }

    fn members(&self) -> &Members {
        &self.members
    }

    fn members_mut(&mut self) -> &mut Members {
        &mut self.members
    }

    fn memory_bytes(&self) -> usize {
        self.cells.memory_bytes() + self.cells.groups() * (2 * self.axes * 4 + 5 * size_of::<usize>())
    }

    fn nearest(&self, query: &[f32], k: usize, filter: &dyn Fn(usize) -> bool) -> Result<Answer, NeighborError> {
        let of = self.members.len();
        if k == 0 {
            check_query(query, self.members.dim())?;
            return Ok(Answer { neighbors: Vec::new(), exact: true, visited: 0, of });
        }
        let (best, visited) = self.find(query, TopK::new(k, self.members.rows()), filter)?;
        Ok(Answer { neighbors: best.into_neighbors(), exact: true, visited, of })
    }
}
