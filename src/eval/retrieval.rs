//! Every labelled photo asks the others.

use std::collections::HashMap;
use std::sync::Arc;

use super::metrics::{map_at_r, r_precision, recall_at};
use crate::library::PhotoId;
use crate::neighbor::{Answer, Gallery, LinearScan, NeighborError, NeighborIndex};

/// The largest K of Recall@K.
const MOST_RECALL: usize = 10;

/// The scores of one query, each in `[0, 1]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QueryScores {
    /// The query.
    pub photo: PhotoId,
    /// Photos of its label in the gallery besides itself, at least one.
    pub r: usize,
    /// Whether one of the first 1, 5, 10 has its label.
    pub recall: [bool; 3],
    /// R-precision.
    pub r_precision: f64,
    /// MAP@R.
    pub map_at_r: f64,
}

/// The scores of every query that has another photo of its label.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// Queries with R > 0, in row order.
    pub queries: Vec<QueryScores>,
    /// Queries with R = 0: left out of every mean.
    pub lone: usize,
}

/// Why an embedding cannot be evaluated.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EvalError {
    /// One label (or none) is needed for each photo.
    #[error("{labels} labels do not pair with {photos} photos")]
    Unpaired {
        /// Labels given.
        labels: usize,
        /// Photos in the gallery.
        photos: usize,
    },
    /// A search failed.
    #[error(transparent)]
    Neighbor(#[from] NeighborError),
}

/// Which rows take part, and how many share a label.
struct Plan<'a> {
    gallery: &'a Gallery,
    labels: &'a [Option<u32>],
    sizes: HashMap<u32, usize>,
}

impl<'a> Plan<'a> {
    fn new(gallery: &'a Gallery, labels: &'a [Option<u32>]) -> Result<Self, EvalError> {
        if gallery.len() != labels.len() {
            return Err(EvalError::Unpaired { labels: labels.len(), photos: gallery.len() });
        }
        let mut sizes = HashMap::new();
        labels.iter().flatten().for_each(|label| *sizes.entry(*label).or_insert(0) += 1);
        Ok(Self { gallery, labels, sizes })
    }

    fn label(&self, row: usize) -> Option<u32> {
        self.labels.get(row).copied().flatten()
    }

    /// R of a row: other photos of its label.
    fn others(&self, row: usize) -> usize {
        self.label(row).and_then(|label| self.sizes.get(&label)).map_or(0, |size| size - 1)
    }

    /// Whether `row` may answer the query at row `query`: labelled, and another photo.
    fn answers(&self, query: usize, row: usize) -> bool {
        self.label(row).is_some() && self.gallery.photo(row) != self.gallery.photo(query)
    }

    /// The rows that ask, and the number of labelled rows that have nobody to find.
    fn queries(&self) -> (Vec<usize>, usize) {
        let labelled = (0..self.gallery.len()).filter(|row| self.label(*row).is_some());
        let (queries, lone): (Vec<usize>, Vec<usize>) = labelled.partition(|row| self.others(*row) > 0);
        (queries, lone.len())
    }

    fn score(&self, query: usize, answer: &Answer) -> QueryScores {
        let label = self.label(query);
        let relevant: Vec<bool> = answer.neighbors.iter().map(|n| self.label(n.row) == label).collect();
        let r = self.others(query);
        QueryScores {
            photo: self.gallery.photo(query),
            r,
            recall: [1, 5, MOST_RECALL].map(|k| recall_at(&relevant, k)),
            r_precision: r_precision(&relevant, r),
            map_at_r: map_at_r(&relevant, r),
        }
    }
}

/// Every labelled photo of the gallery is a query and every other labelled one may answer; `index` is over this gallery.
///
/// `labels[row]` is a number that stands for a label; photos without one take no part. Ties break by id, as in `index`.
pub fn evaluate(gallery: &Gallery, labels: &[Option<u32>], index: &dyn NeighborIndex) -> Result<Evaluation, EvalError> {
    let plan = Plan::new(gallery, labels)?;
    let (rows, lone) = plan.queries();
    let mut queries = Vec::with_capacity(rows.len());
    for query in rows {
        let k = plan.others(query).max(MOST_RECALL);
        let answer = index.nearest(gallery.row(query), k, &|row| plan.answers(query, row))?;
        queries.push(plan.score(query, &answer));
    }
    Ok(Evaluation { queries, lone })
}

/// The same by a linear scan that many queries share: what to use when no index is at hand.
pub fn evaluate_by_scan(gallery: &Arc<Gallery>, labels: &[Option<u32>]) -> Result<Evaluation, EvalError> {
    let plan = Plan::new(gallery, labels)?;
    let (rows, lone) = plan.queries();
    let scan = LinearScan::new(Arc::clone(gallery));
    let mut queries = Vec::with_capacity(rows.len());
    for some in rows.chunks(1024) {
        let asked: Vec<&[f32]> = some.iter().map(|&row| gallery.row(row)).collect();
        let ks: Vec<usize> = some.iter().map(|&row| plan.others(row).max(MOST_RECALL)).collect();
        let answers = scan.nearest_to_each(&asked, &ks, &|query, row| {
            some.get(query).is_some_and(|&query| plan.answers(query, row))
        })?;
        queries.extend(some.iter().zip(&answers).map(|(&query, answer)| plan.score(query, answer)));
    }
    Ok(Evaluation { queries, lone })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedding::EmbeddingMatrix;
    use crate::neighbor::KdTreeIndex;
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    fn gallery(rows: &[Vec<f32>]) -> Arc<Gallery> {
        let mut matrix = EmbeddingMatrix::new(rows.first().map_or(1, Vec::len));
        for row in rows {
            matrix.push(row).unwrap();
        }
        let photos = (0..rows.len()).map(|i| PhotoId::of_content(&i.to_le_bytes())).collect();
        Arc::new(Gallery::new(photos, matrix).unwrap())
    }

    #[test]
    fn a_gallery_on_a_quarter_circle_by_hand() {
        // At 0, 10, 25 degrees label 0; at 45, 70 label 1; 90 alone with label 2; 20 without a label.
        let at = |degrees: f32| vec![degrees.to_radians().cos(), degrees.to_radians().sin()];
        let rows: Vec<Vec<f32>> = [0.0, 10.0, 25.0, 45.0, 70.0, 90.0, 20.0].into_iter().map(at).collect();
        let labels = [Some(0), Some(0), Some(0), Some(1), Some(1), Some(2), None];
        let gallery = gallery(&rows);
        let got = evaluate_by_scan(&gallery, &labels).unwrap();
        // 45: ranks 25 (20 away), 70 (25 away), ...; R = 1, so R-precision 0. 70: ranks 90 (20), 45 (25).
        let row = |i: usize| got.queries[i];
        assert_eq!((got.queries.len(), got.lone), (5, 1));
        assert_eq!(row(0).recall, [true, true, true]);
        assert!((row(0).map_at_r - 1.0).abs() < 1e-12 && row(0).r == 2);
        assert_eq!(row(3).recall, [false, true, true]);
        assert!(row(3).r_precision.abs() < 1e-12 && row(4).map_at_r.abs() < 1e-12);
    }

    /// ```python
    /// import torch                                              # torch 2.15, pytorch-metric-learning 2.9, faiss 1.15
    /// from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
    /// n, d = 40, 5
    /// noise = lambda i, j: ((i * 131 + j * 977 + 7) * 2654435761 % 2**32) / 2**32 - 0.5
    /// y = torch.tensor([(i * i + 3 * i) % 7 if i != 5 else 9 for i in range(n)])          # label 9 is lone
    /// raw = torch.tensor([[noise(i, j) + (0.35 if int(y[i]) % d == j else 0) for j in range(d)] for i in range(n)])
    /// z = torch.nn.functional.normalize(raw)
    /// a = AccuracyCalculator(include=("precision_at_1", "r_precision", "mean_average_precision_at_r"), k="max_bin_count")
    /// print(a.get_accuracy(z, y))
    /// # {'mean_average_precision_at_r': 0.14028148619057712, 'precision_at_1': 0.46153846153846156, 'r_precision': 0.2463869463869464}
    /// ```
    #[test]
    fn the_means_are_those_of_pytorch_metric_learning() {
        let noise = |i: u64, j: u64| {
            ((i * 131 + j * 977 + 7) * 2_654_435_761 % (1 << 32)) as f64 / f64::from(1u32 << 31) / 2.0 - 0.5
        };
        let label = |i: u64| if i == 5 { 9 } else { ((i * i + 3 * i) % 7) as u32 };
        let pull = |i: u64, j: u64| if u64::from(label(i)) % 5 == j { 0.35 } else { 0.0 };
        let row = |i: u64| (0..5).map(|j| (noise(i, j) + pull(i, j)) as f32).collect::<Vec<f32>>();
        let gallery = gallery(&(0..40).map(row).collect::<Vec<_>>());
        let labels: Vec<Option<u32>> = (0..40).map(|i| Some(label(i))).collect();
        let report = evaluate_by_scan(&gallery, &labels).unwrap().report(0);
        assert_eq!((report.queries, report.lone), (39, 1));
        for (got, expected) in [
            (report.map_at_r, 0.140_281_486_190_577),
            (report.recall_at_1, 0.461_538_461_538_461),
            (report.r_precision, 0.246_386_946_386_946),
        ] {
            assert!((got - expected).abs() < 1e-9, "{got} {expected}");
        }
    }

    #[test]
    fn the_tree_and_the_shared_scan_score_alike() {
        let mut rng = StdRng::seed_from_u64(4);
        let rows: Vec<Vec<f32>> = (0..700).map(|_| (0..9).map(|_| rng.random_range(-1.0..1.0)).collect()).collect();
        let labels: Vec<Option<u32>> = (0..700).map(|i| (i % 13 != 0).then_some(i % 97)).collect();
        let gallery = gallery(&rows);
        let tree = KdTreeIndex::build(Arc::clone(&gallery)).unwrap();
        assert_eq!(evaluate(&gallery, &labels, &tree), evaluate_by_scan(&gallery, &labels));
    }

    #[test]
    fn missing_labels_and_empty_galleries_are_no_panic() {
        let empty = gallery(&[]);
        assert_eq!(evaluate_by_scan(&empty, &[]), Ok(Evaluation::default()));
        assert_eq!(evaluate_by_scan(&empty, &[None]), Err(EvalError::Unpaired { labels: 1, photos: 0 }));
        let one = gallery(&[vec![1.0]]);
        assert_eq!(evaluate_by_scan(&one, &[Some(3)]), Ok(Evaluation { queries: Vec::new(), lone: 1 }));
    }
}
