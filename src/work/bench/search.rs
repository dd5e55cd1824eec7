//! What finding neighbours costs, with the fields that other programs' benchmarks print.

use std::f32::consts::TAU;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::Serialize;

use super::npy::made_up;
use crate::embedding::EmbeddingMatrix;
use crate::neighbor::{Choice, Cost, Gallery, LinearScan, Method, NeighborError, NeighborIndex, Plan, build, choose};
use crate::work::WorkError;
use crate::work::search::graph;

/// Draws the made-up rows and the queries.
const SEED: u64 = 1;

/// Made-up rows lie about one centre for so many of them, at least fifty centres.
const ROWS_PER_CENTRE: usize = 200;

/// How far they lie from it, the centres being of length one along each axis.
const SPREAD: f32 = 0.35;

/// What one index costs.
#[derive(Clone, Debug, Serialize)]
pub struct SearchFigures {
    /// How it finds its answers.
    pub method: Method,
    /// Axes in its tree.
    pub axes: Option<usize>,
    /// Rows.
    pub n: usize,
    /// Numbers in a row.
    pub d: usize,
    /// Seconds to build it.
    pub build_s: f64,
    /// Queries asked, one at a time, on one thread.
    pub queries: usize,
    /// Half of them took at most so many milliseconds.
    pub p50_ms: f64,
    /// 95 % of them.
    pub p95_ms: f64,
    /// 99 % of them.
    pub p99_ms: f64,
    /// Mean share of the rows whose distance was computed in full.
    pub visited: f64,
    /// Share of the scan's neighbours that were found.
    pub recall: f64,
    /// Bytes of a row.
    pub row_bytes: f64,
    /// Bytes of the index besides the rows, for each.
    pub index_bytes: f64,
    /// What was measured before the number of axes was chosen.
    pub costs: Vec<Cost>,
}

/// `n` made-up unit rows of `dim` numbers in clusters whose spread falls along the axes, as those of real photos do.
pub fn made_up_rows(n: usize, dim: usize) -> Result<Gallery, WorkError> {
    let mut rng = StdRng::seed_from_u64(SEED);
    let mut normal = |scale: f32| -> Vec<f32> {
        // Box and Muller 1958: two uniform numbers make a normal one.
        let mut one = || (-2.0 * (1.0 - rng.random::<f32>()).ln()).sqrt() * (TAU * rng.random::<f32>()).cos();
        (1..=dim).map(|axis| scale * one() / (axis as f32).sqrt()).collect()
    };
    let centres: Vec<Vec<f32>> = (0..(n / ROWS_PER_CENTRE).max(50)).map(|_| normal(1.0)).collect();
    let mut matrix = EmbeddingMatrix::with_capacity(dim, n);
    for centre in centres.iter().cycle().take(n) {
        let row: Vec<f32> = centre.iter().zip(normal(SPREAD)).map(|(a, b)| a + b).collect();
        matrix.push(&row).map_err(|error| NeighborError::Build(error.to_string()))?;
    }
    Ok(Gallery::new(made_up(n), matrix)?)
}

/// Builds every index there is over `gallery` and asks each for the `k` nearest of the same random rows; `tell` hears of
/// each as soon as it is measured, the scan first. `threads` build the approximate index, where the program has one.
pub fn search(
    gallery: &Arc<Gallery>,
    k: usize,
    queries: usize,
    threads: usize,
    tell: &mut dyn FnMut(SearchFigures),
) -> Result<(), WorkError> {
    let mut rng = StdRng::seed_from_u64(SEED);
    let asked: Vec<usize> = (0..queries).map(|_| rng.random_range(0..gallery.len().max(1))).collect();
    let mut round = Round { gallery, k, asked: &asked, want: Vec::new() };
    let scan = LinearScan::new(Arc::clone(gallery));
    let figures = round.ask(&scan, Duration::ZERO, Vec::new())?;
    tell(figures);
    let clock = Instant::now();
    let chosen = choose(gallery, Choice::Tree, SEED, &|| clock.elapsed())?;
    let plan = Plan { method: chosen.index.method(), axes: chosen.index.axes() };
    let costs = chosen.costs;
    drop(chosen.index);
    let started = Instant::now();
    let tree = build(gallery, plan)?;
    let figures = round.ask(&*tree, started.elapsed(), costs)?;
    tell(figures);
    drop(tree);
    let started = Instant::now();
    match graph::index(gallery, None, threads, &|| true) {
        Err(WorkError::NoApproximate) => {}
        built => {
            let (graph, _) = built?;
            let figures = round.ask(&*graph, started.elapsed(), Vec::new())?;
            tell(figures);
        }
    }
    Ok(())
}

/// The same questions for every index.
struct Round<'a> {
    gallery: &'a Arc<Gallery>,
    k: usize,
    asked: &'a [usize],
    /// The rows of the first index's answers, which is the scan.
    want: Vec<Vec<usize>>,
}

impl Round<'_> {
    fn ask(
        &mut self,
        index: &dyn NeighborIndex,
        build: Duration,
        costs: Vec<Cost>,
    ) -> Result<SearchFigures, WorkError> {
        let (mut times, mut visited, mut answers) = (Vec::new(), 0.0, Vec::new());
        for &row in self.asked {
            let started = Instant::now();
            let answer = index.nearest(self.gallery.row(row), self.k, &|_| true)?;
            times.push(started.elapsed().as_secs_f64() * 1e3);
            visited += answer.visited as f64 / answer.of.max(1) as f64;
            answers.push(answer.neighbors.iter().map(|neighbor| neighbor.row).collect::<Vec<usize>>());
        }
        if self.want.is_empty() {
            self.want.clone_from(&answers);
        }
        let found = |(want, got): (&Vec<usize>, &Vec<usize>)| want.iter().filter(|row| got.contains(row)).count();
        let wanted: usize = self.want.iter().map(Vec::len).sum();
        let recall = self.want.iter().zip(&answers).map(found).sum::<usize>() as f64 / wanted.max(1) as f64;
        times.sort_by(f64::total_cmp);
        let at = |share: usize| times.get((times.len() * share / 100).min(times.len().saturating_sub(1)));
        let ms = |share: usize| at(share).copied().unwrap_or_default();
        let n = self.gallery.len();
        let each = |bytes: usize| bytes as f64 / n.max(1) as f64;
        Ok(SearchFigures {
            method: index.method(),
            axes: index.axes(),
            n,
            d: self.gallery.dim(),
            build_s: build.as_secs_f64(),
            queries: times.len(),
            p50_ms: ms(50),
            p95_ms: ms(95),
            p99_ms: ms(99),
            visited: visited / times.len().max(1) as f64,
            recall,
            row_bytes: each(self.gallery.embeddings().memory_bytes()),
            index_bytes: each(index.memory_bytes()),
            costs,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_index_is_asked_the_same_and_the_exact_ones_find_all() {
        let gallery = Arc::new(made_up_rows(900, 16).unwrap());
        assert_eq!((gallery.len(), gallery.dim()), (900, 16));
        let mut told = Vec::new();
        search(&gallery, 10, 20, 1, &mut |figures| told.push(figures)).unwrap();
        assert_eq!((told[0].method, told[1].method), (Method::LinearScan, Method::KdTree));
        for figures in &told[..2] {
            assert!((figures.recall - 1.0).abs() < 1e-12 && figures.queries == 20 && figures.n == 900);
            assert!(figures.p50_ms <= figures.p95_ms && figures.p95_ms <= figures.p99_ms && figures.row_bytes >= 64.0);
        }
        assert!((told[0].visited - 1.0).abs() < 1e-12 && told[1].visited < 1.0 && !told[1].costs.is_empty());
        assert_eq!(told.len(), if cfg!(feature = "approx") { 3 } else { 2 });
    }

    #[test]
    fn nothing_is_measured_quietly() {
        let gallery = Arc::new(made_up_rows(0, 16).unwrap());
        let mut told = 0;
        assert!(search(&gallery, 10, 0, 1, &mut |_| told += 1).is_ok());
        assert!(told >= 2);
    }
}
