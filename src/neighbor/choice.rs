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
const AT_ONCE_MS: f64 = 5.0;

/// Numbers of axes that are tried in the tree.
const AXES: [usize; 6] = [12, 8, 16, 24, 4, 32];

/// Queries that measure one setting.
const QUERIES: usize = 24;

/// Neighbours asked for while measuring.
const K: usize = 10;

/// Measuring one setting ends, after a few queries, when it has taken so long.
const PATIENCE: Duration = Duration::from_millis(500);

/// Which index the person wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// Whatever is measured to be fast; always exact, unless the library is larger than was allowed to be.
    #[default]
    Auto,
    /// The k-d tree.
    Tree,
    /// The linear scan.
    Scan,
    /// The approximate index; one of the exact ones answers until it is built.
    Approx,
}

/// What an index was measured to cost on this library.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Which index.
    pub method: Method,
    /// Axes in its tree.
    pub axes: Option<usize>,
    /// Queries measured.
    pub queries: usize,
    /// Mean time of a query in milliseconds, the slowest 5 % left out: other programs run too.
    pub mean_ms: f64,
    /// 95th percentile of the time of a query in milliseconds.
    pub p95_ms: f64,
    /// Mean share of the rows whose distance was computed in full.
    pub visited: f64,
}

/// Which exact index to build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Which index.
    pub method: Method,
    /// Axes in its tree.
    pub axes: Option<usize>,
}

impl Choice {
    /// What to build given what was measured: the tree with the number of axes that answers fastest in the mean, when it
    /// answers at once or beats the scan. None when that cannot be told from `costs`.
    pub fn plan(self, costs: &[Cost]) -> Option<Plan> {
        let scan = Plan { method: Method::LinearScan, axes: None };
        if self == Self::Scan {
            return Some(scan);
        }
        let trees = costs.iter().filter(|cost| cost.method == Method::KdTree);
        let tree = trees.min_by(|a, b| a.mean_ms.total_cmp(&b.mean_ms))?;
        let plan = Plan { method: Method::KdTree, axes: tree.axes };
        if self == Self::Tree || tree.p95_ms < AT_ONCE_MS {
            return Some(plan);
        }
        let slow = costs.iter().find(|cost| cost.method == Method::LinearScan)?;
        Some(if tree.p95_ms < slow.p95_ms { plan } else { scan })
    }
}

/// An index and what led to it.
pub struct Chosen {
    /// The index that answers.
    pub index: Box<dyn NeighborIndex>,
    /// All that was measured, the chosen index included; empty when there was nothing to choose or to measure.
    pub costs: Vec<Cost>,
}

/// Builds what was planned over `gallery`.
pub fn build(gallery: &Arc<Gallery>, plan: Plan) -> Result<Box<dyn NeighborIndex>, NeighborError> {
    let gallery = Arc::clone(gallery);
    Ok(match plan {
        Plan { method: Method::KdTree, axes: Some(axes) } => Box::new(KdTreeIndex::build_with(gallery, axes)?),
        Plan { method: Method::KdTree, axes: None } => Box::new(KdTreeIndex::build(gallery)?),
        Plan { .. } => Box::new(LinearScan::new(gallery)),
    })
}

/// Builds the exact index that `choice` asks for over `gallery`, tuned and measured with random photos as queries.
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
    let mut costs = tried(&mut tree, &rows, clock)?;
    costs.push(measure(&scan, &rows, clock)?);
    let index: Box<dyn NeighborIndex> = match choice.plan(&costs) {
        Some(Plan { method: Method::KdTree, axes }) => {
            tree.set_axes(axes.unwrap_or_default())?;
            Box::new(tree)
        }
        _ => Box::new(scan),
    };
    Ok(Chosen { index, costs })
}

/// What the tree costs with each number of axes.
fn tried(tree: &mut KdTreeIndex, rows: &[usize], clock: &dyn Fn() -> Duration) -> Result<Vec<Cost>, NeighborError> {
    let mut costs: Vec<Cost> = Vec::new();
    for axes in AXES {
        tree.set_axes(axes)?;
        if costs.iter().all(|cost| cost.axes != tree.axes()) {
            costs.push(measure(tree, rows, clock)?);
        }
    }
    Ok(costs)
}

/// Times the queries one at a time, each photo asking for its nearest others.
fn measure(index: &dyn NeighborIndex, rows: &[usize], clock: &dyn Fn() -> Duration) -> Result<Cost, NeighborError> {
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
    let most = (queries * 95).div_ceil(100);
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    Ok(Cost {
        method: index.method(),
        axes: index.axes(),
        queries,
        mean_ms: ms(times.iter().take(most).sum()) / most.max(1) as f64,
        p95_ms: times.get(most.saturating_sub(1)).copied().map_or(0.0, ms),
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

    /// A measured cost of a tree with so many axes, or of the scan.
    fn cost(axes: Option<usize>, mean_ms: f64, p95_ms: f64) -> Cost {
        let method = if axes.is_some() { Method::KdTree } else { Method::LinearScan };
        Cost { method, axes, queries: QUERIES, mean_ms, p95_ms, visited: 0.1 }
    }

    #[test]
    fn every_number_of_axes_and_the_scan_are_measured() {
        let gallery = gallery(Kind::Clustered, 500, 20, 1);
        let chosen = choose(&gallery, Choice::Auto, 1, &clock(Duration::from_millis(1))).unwrap();
        assert_eq!(chosen.index.method(), Method::KdTree);
        let axes: Vec<Option<usize>> = chosen.costs.iter().map(|cost| cost.axes).collect();
        assert_eq!(axes, [Some(12), Some(8), Some(16), Some(20), Some(4), None], "24 and 32 are cut to what there is");
        assert!(chosen.costs.iter().all(|cost| cost.queries == QUERIES && (cost.p95_ms - 1.0).abs() < 1e-9));
        assert!(chosen.costs[0].visited < 1.0 && (chosen.costs[5].visited - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_tree_answers_at_once_or_when_it_beats_the_scan_and_the_fastest_number_of_axes_is_kept() {
        let tree = |axes| Some(Plan { method: Method::KdTree, axes: Some(axes) });
        let scan = Some(Plan { method: Method::LinearScan, axes: None });
        let quick = [cost(Some(8), 2.0, 4.0), cost(Some(16), 1.0, 4.9), cost(None, 0.5, 0.6)];
        assert_eq!(Choice::Auto.plan(&quick), tree(16), "under five milliseconds nobody asks the scan");
        let slow = [cost(Some(8), 9.0, 20.0), cost(Some(16), 12.0, 15.0), cost(None, 10.0, 21.0)];
        assert_eq!(Choice::Auto.plan(&slow), tree(8));
        let slower = [cost(Some(8), 9.0, 20.0), cost(None, 10.0, 11.0)];
        assert_eq!((Choice::Auto.plan(&slower), Choice::Tree.plan(&slower)), (scan, tree(8)));
        assert_eq!((Choice::Scan.plan(&slower), Choice::Approx.plan(&slower)), (scan, scan));
        assert_eq!((Choice::Scan.plan(&[]), Choice::Auto.plan(&[]), Choice::Tree.plan(&[])), (scan, None, None));
        assert_eq!(Choice::Auto.plan(&slower[..1]), None, "a slow tree must be compared");
    }

    #[test]
    fn what_was_planned_is_built() {
        let gallery = gallery(Kind::Random, 50, 9, 1);
        for plan in [Plan { method: Method::KdTree, axes: Some(4) }, Plan { method: Method::LinearScan, axes: None }] {
            let index = build(&gallery, plan).unwrap();
            assert_eq!((index.method(), index.axes()), (plan.method, plan.axes));
        }
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
