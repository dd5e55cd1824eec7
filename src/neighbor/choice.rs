//! Which index answers: decided by what it costs on this library, not by rule of thumb.
//!
//! The tree answers whenever the 95th percentile of its measured times is under five milliseconds, or beats the scan's.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use super::{Gallery, KdTreeIndex, LinearScan, Method, NeighborError, NeighborIndex};

/// Fast enough not to ask whether the scan would be faster.
const AT_ONCE: Duration = Duration::from_millis(5);

/// Numbers of axes that are tried in the tree; the first is what an early end leaves.
const AXES: [usize; 6] = [12, 8, 16, 24, 4, 32];

/// Queries that measure one setting.
const QUERIES: usize = 24;

/// Neighbours asked for while measuring.
const K: usize = 10;

/// Measuring one setting ends, after a few queries, when it has taken so long.
const PATIENCE: Duration = Duration::from_millis(500);

/// Which index the person wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// Whatever is measured to be fast.
    #[default]
    Auto,
    /// The k-d tree.
    Tree,
    /// The linear scan.
    Scan,
}

/// What an index was measured to cost on this library.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// Which index.
    pub method: Method,
    /// Axes in its tree.
    pub axes: Option<usize>,
    /// Queries measured.
    pub queries: usize,
    /// Mean time of a query.
    pub mean: Duration,
    /// 95th percentile of the time of a query.
    pub p95: Duration,
    /// Mean share of the rows whose distance was computed in full.
    pub visited: f64,
}

/// An index and what led to it.
pub struct Chosen {
    /// The index that answers.
    pub index: Box<dyn NeighborIndex>,
    /// What was measured, the chosen index included; empty when there was nothing to choose or to measure.
    pub costs: Vec<Cost>,
}

/// Builds the index that `choice` asks for over `gallery`, tuned and measured with random photos as queries.
///
/// `clock` gives the time since some fixed moment (the room has no clock of its own); `seed` draws the queries. Measuring
/// takes a few seconds at most, so this belongs in the background.
pub fn choose(
    gallery: &Arc<Gallery>,
    choice: Choice,
    seed: u64,
    clock: &dyn Fn() -> Duration,
) -> Result<Chosen, NeighborError> {
    let scan = LinearScan::new(Arc::clone(gallery));
    if gallery.is_empty() || choice == Choice::Scan {
        return Ok(Chosen { index: Box::new(scan), costs: Vec::new() });
    }
    let mut rng = StdRng::seed_from_u64(seed);
    let rows: Vec<usize> = (0..QUERIES).map(|_| rng.random_range(0..gallery.len())).collect();
    let mut tree = KdTreeIndex::build(Arc::clone(gallery))?;
    let tree_cost = tune(&mut tree, &rows, clock)?;
    if choice == Choice::Tree {
        return Ok(Chosen { index: Box::new(tree), costs: vec![tree_cost] });
    }
    let scan_cost = measure(&scan, None, &rows, clock)?;
    let costs = vec![tree_cost, scan_cost];
    let tree_answers = tree_cost.p95 < AT_ONCE || tree_cost.p95 < scan_cost.p95;
    Ok(Chosen { index: if tree_answers { Box::new(tree) } else { Box::new(scan) }, costs })
}

/// Leaves the tree with the number of axes that answers fastest in the mean, and returns its cost.
fn tune(tree: &mut KdTreeIndex, rows: &[usize], clock: &dyn Fn() -> Duration) -> Result<Cost, NeighborError> {
    let mut best: Option<Cost> = None;
    for axes in AXES {
        tree.set_axes(axes)?;
        if best.is_some_and(|cost| cost.axes == Some(tree.axes())) {
            continue;
        }
        let cost = measure(tree, Some(tree.axes()), rows, clock)?;
        if best.is_none_or(|best| cost.mean < best.mean) {
            best = Some(cost);
        }
    }
    let best = best.unwrap_or(Cost {
        method: Method::KdTree,
        axes: None,
        queries: 0,
        mean: Duration::ZERO,
        p95: Duration::ZERO,
        visited: 0.0,
    });
    tree.set_axes(best.axes.unwrap_or_default())?;
    Ok(best)
}

/// Times the queries one at a time, each photo asking for its nearest others.
fn measure(
    index: &dyn NeighborIndex,
    axes: Option<usize>,
    rows: &[usize],
    clock: &dyn Fn() -> Duration,
) -> Result<Cost, NeighborError> {
    let (members, mut times, mut visited) = (index.members(), Vec::new(), 0.0);
    for &asked in rows {
        let start = clock();
        let answer = index.nearest(members.row(asked), K, &|row| row != asked)?;
        times.push(clock().saturating_sub(start));
        visited += answer.visited as f64 / answer.of.max(1) as f64;
        if times.len() >= 4 && times.iter().sum::<Duration>() > PATIENCE {
            break;
        }
    }
    times.sort_unstable();
    let queries = times.len();
    let last = (queries * 95).div_ceil(100).saturating_sub(1);
    Ok(Cost {
        method: index.method(),
        axes,
        queries,
        mean: times.iter().sum::<Duration>() / queries.max(1) as u32,
        p95: times.get(last).copied().unwrap_or_default(),
        visited: visited / queries.max(1) as f64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbor::samples::{Kind, gallery};
    use std::cell::Cell;

    /// A clock that advances by `step` each time it is read.
    fn clock(step: Duration) -> impl Fn() -> Duration {
        let now = Cell::new(Duration::ZERO);
        move || {
            now.set(now.get() + step);
            now.get()
        }
    }

    #[test]
    fn a_tree_that_answers_at_once_is_chosen_without_comparison() {
        let gallery = gallery(Kind::Clustered, 500, 20, 1);
        let chosen = choose(&gallery, Choice::Auto, 1, &clock(Duration::from_millis(1))).unwrap();
        assert_eq!((chosen.index.method(), chosen.costs.len()), (Method::KdTree, 2));
        assert_eq!(chosen.costs[0].p95, Duration::from_millis(1));
        assert_eq!((chosen.costs[0].axes, chosen.costs[0].queries), (Some(12), QUERIES));
    }

    #[test]
    fn a_slow_tree_that_does_not_beat_the_scan_leaves_the_answer_to_it() {
        let gallery = gallery(Kind::Random, 500, 20, 1);
        let chosen = choose(&gallery, Choice::Auto, 1, &clock(Duration::from_millis(50))).unwrap();
        assert_eq!(chosen.index.method(), Method::LinearScan);
        assert!(chosen.costs[0].queries < QUERIES, "patience ends");
    }

    #[test]
    fn what_the_person_asks_for_is_built() {
        let gallery = gallery(Kind::Random, 50, 4, 1);
        let time = clock(Duration::from_millis(50));
        let method = |choice| choose(&gallery, choice, 1, &time).unwrap().index.method();
        assert_eq!((method(Choice::Tree), method(Choice::Scan)), (Method::KdTree, Method::LinearScan));
    }

    #[test]
    fn libraries_of_none_and_one_have_an_index() {
        for n in 0..2 {
            let chosen = choose(&gallery(Kind::Random, n, 4, 1), Choice::Auto, 1, &clock(Duration::ZERO)).unwrap();
            assert_eq!(chosen.index.nearest(&[1.0, 0.0, 0.0, 0.0], 3, &|_| true).unwrap().neighbors.len(), n);
        }
    }
}
