//! How well an embedding brings together what belongs together: Recall@K, R-precision, MAP@R, with intervals.
//!
//! Definitions as in Musgrave, Belongie and Lim 2020, "A Metric Learning Reality Check" (arXiv 2003.08505). A query has R
//! other photos of its label in the gallery, itself excluded by id. Queries with R = 0 are lone: left out, and counted.

mod bootstrap;
mod metrics;
mod report;
mod retrieval;

pub use bootstrap::Interval;
pub use metrics::{map_at_r, r_precision, recall_at};
pub use report::{Comparison, Intervals, Report, Verdict};
pub use retrieval::{EvalError, Evaluation, QueryScores, evaluate, evaluate_by_scan};
