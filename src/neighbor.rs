//! Which photos are most like this one: exact answers from a k-d tree or a linear scan.
//!
//! This room knows no tensor library, no thread, no file and no clock: time comes in as an argument.

mod audit;
mod cells;
mod choice;
mod closeness;
mod direction;
mod gallery;
#[cfg(feature = "approx")]
mod graph;
mod kd_tree;
mod kernel;
mod linear_scan;
mod members;
mod near_groups;
mod projection;
mod reduction;
mod top_k;

use serde::{Deserialize, Serialize};

pub use audit::{Audit, audit};
pub use choice::{Choice, Chosen, Cost, Plan, build, choose};
pub use closeness::Closeness;
pub use direction::direction;
pub use gallery::Gallery;
#[cfg(feature = "approx")]
pub use graph::GraphIndex;
pub use kd_tree::KdTreeIndex;
pub use linear_scan::{LinearScan, nearest_among};
pub use members::Members;
pub use near_groups::near_groups;
pub use reduction::{Reduction, SLACK};

use crate::library::PhotoId;

/// One photo of an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbor {
    /// Its row in the index.
    pub row: usize,
    /// Which photo it is.
    pub photo: PhotoId,
    /// Euclidean distance between the two rows; between unit rows in `[0, 2]`.
    pub distance: f32,
}

/// The nearest photos, nearest first; equally distant ones in the order of their ids.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The neighbours: k of them when k rows passed the filter, else all that did.
    pub neighbors: Vec<Neighbor>,
    /// Whether these are certainly the nearest.
    pub exact: bool,
    /// Rows whose distance to the query was computed in full.
    pub visited: usize,
    /// Rows in the index.
    pub of: usize,
}

/// How an index finds its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Method {
    /// A k-d tree over leading principal axes, then exact distances.
    #[serde(rename = "k-d tree")]
    KdTree,
    /// Every row.
    #[serde(rename = "linear scan")]
    LinearScan,
    /// A graph of near rows, walked from row to row: fast, and sometimes wrong.
    #[serde(rename = "approximate graph")]
    Graph,
}

impl Method {
    /// Whether its answers are certainly the nearest.
    pub const fn is_exact(self) -> bool {
        matches!(self, Self::KdTree | Self::LinearScan)
    }
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::KdTree => "k-d tree",
            Self::LinearScan => "linear scan",
            Self::Graph => "approximate graph",
        })
    }
}

/// Why a question, or an index, is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NeighborError {
    /// The query has another dimension than the rows.
    #[error("a query of {got} numbers cannot be compared with rows of {expected}")]
    Dimension {
        /// Numbers per row.
        expected: usize,
        /// Numbers in the query.
        got: usize,
    },
    /// The query holds NaN or infinity: nothing is nearest to it.
    #[error("a query must be finite")]
    NotFinite,
    /// Photo ids and rows do not pair up.
    #[error("{photos} photos do not pair with {rows} embeddings")]
    Unpaired {
        /// Photo ids given.
        photos: usize,
        /// Rows given.
        rows: usize,
    },
    /// Photos to be like and unlike leave no direction to search in.
    #[error(
        "these photos leave no direction to search in: name at least one to be like, and not the same ones to be unlike"
    )]
    NoDirection,
    /// The tree could not be built.
    #[error("the neighbour index could not be built: {0}")]
    Build(String),
}

/// Answers "what is nearest?" over the rows of a [`Gallery`].
pub trait NeighborIndex: Send + Sync {
    /// How it finds its answers.
    fn method(&self) -> Method;

    /// Axes in its tree, if it has one.
    fn axes(&self) -> Option<usize> {
        None
    }

    /// The rows it answers from.
    fn members(&self) -> &Members;

    /// The rows it answers from, to add and remove photos without a rebuild.
    fn members_mut(&mut self) -> &mut Members;

    /// Bytes the index holds besides the rows themselves.
    fn memory_bytes(&self) -> usize;

    /// The index in a form to be kept, where building it anew would take long.
    fn save(&self) -> Result<Option<Vec<u8>>, NeighborError> {
        Ok(None)
    }

    /// The `k` rows nearest to `query` among those `filter` lets pass (by row), nearest first, ties by photo id.
    ///
    /// `query` has the dimension of the rows, need not be of unit length, and is refused when it is not finite. A query
    /// that is itself in the index is its own nearest row, unless `filter` excludes it.
    fn nearest(&self, query: &[f32], k: usize, filter: &dyn Fn(usize) -> bool) -> Result<Answer, NeighborError>;
}

/// Refuses what cannot be compared with rows of `dim` numbers.
fn check_query(query: &[f32], dim: usize) -> Result<(), NeighborError> {
    if query.len() != dim {
        return Err(NeighborError::Dimension { expected: dim, got: query.len() });
    }
    if query.iter().all(|v| v.is_finite()) { Ok(()) } else { Err(NeighborError::NotFinite) }
}

#[cfg(test)]
mod exactness;
#[cfg(test)]
mod samples;
