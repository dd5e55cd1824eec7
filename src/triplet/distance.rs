//! Three distances between embeddings of unit length.
//!
//! | name | formula | range on unit vectors |
//! |---|---|---|
//! | euclidean | `sqrt(sum (a - b)^2)` | 0..2 |
//! | squared euclidean | `sum (a - b)^2` | 0..4 |
//! | cosine | `1 - a.b` | 0..2 |
//!
//! On unit vectors `|a - b|^2 = 2 - 2 a.b`, so all three rank alike, but a margin means something else under each.
//!
//! There are two forms. [`DistanceMatrix`] is plain numbers in f64, for mining and statistics. [`pair_distances`] is
//! differentiable and computes only the pairs a loss needs: on the CPU in one pass, elsewhere by the tensor library's
//! operations.

mod one_pass;

use candle_core::{D, DType, Tensor};
use pulp::Arch;
use serde::{Deserialize, Serialize};

use super::TripletError;

/// Added under the root. The derivative of `sqrt` is infinite at 0, which two copies of one photo would turn into NaN;
/// with it, two equal rows have the gradient 0. It lifts a distance of 0 to 1e-6 and leaves others alone.
const UNDER_THE_ROOT: f64 = 1e-12;

/// Pairs whose sums run side by side.
const ABREAST: usize = 16;

/// How far apart two embeddings are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Distance {
    /// `sqrt(sum (a - b)^2)`.
    #[default]
    Euclidean,
    /// `sum (a - b)^2`.
    SquaredEuclidean,
    /// `1 - a.b`.
    Cosine,
}

impl Distance {
    /// All of them, for menus and tests.
    pub const ALL: [Self; 3] = [Self::Euclidean, Self::SquaredEuclidean, Self::Cosine];

    /// This distance from the squared euclidean distance of two unit vectors.
    pub fn of_squared(self, squared: f64) -> f64 {
        match self {
            Self::Euclidean => squared.sqrt(),
            Self::SquaredEuclidean => squared,
            Self::Cosine => squared / 2.0,
        }
    }

    /// The largest distance two unit vectors can have.
    pub const fn largest(self) -> f64 {
        match self {
            Self::Euclidean | Self::Cosine => 2.0,
            Self::SquaredEuclidean => 4.0,
        }
    }
}

/// The distance of every row of a batch to every other: symmetric, zero on the diagonal.
#[derive(Clone, Debug, PartialEq)]
pub struct DistanceMatrix {
    rows: usize,
    values: Vec<f64>,
}

impl DistanceMatrix {
    /// Distances of the rows in `embeddings` (row-major, `dim` numbers of unit length each). Differences are squared
    /// and summed in f64, in order, so the result depends on nothing but the rows.
    pub fn of(embeddings: &[f32], dim: usize, distance: Distance) -> Self {
        let rows: Vec<&[f32]> = embeddings.chunks_exact(dim.max(1)).collect();
        let mut values = vec![0.0; rows.len() * rows.len()];
        // Several pairs abreast: each sum is its own, so that they need not wait for one another.
        let mut columns = vec![[0.0; ABREAST]; dim];
        let arch = Arch::new();
        for (number, block) in rows.chunks(ABREAST).enumerate() {
            for (k, column) in columns.iter_mut().enumerate() {
                column.iter_mut().zip(block).for_each(|(to, row)| *to = f64::from(row[k]));
            }
            let first = number * ABREAST;
            for (i, left) in rows.iter().enumerate().take(first + block.len()) {
                let squared = arch.dispatch(|| squared_to(left, &columns));
                for (j, squared) in (first..first + block.len()).zip(squared).filter(|(j, _)| *j > i) {
                    let value = distance.of_squared(squared);
                    values[i * rows.len() + j] = value;
                    values[j * rows.len() + i] = value;
                }
            }
        }
        Self { rows: rows.len(), values }
    }

    /// Number of rows.
    pub const fn len(&self) -> usize {
        self.rows
    }

    /// Whether there is no row.
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Distance of rows `i` and `j`. Panics when there is no such row, like a slice.
    pub fn between(&self, i: usize, j: usize) -> f64 {
        self.values[i * self.rows + j]
    }

    /// Every unordered pair of different rows, once: `(i, j, distance)` with `i < j`.
    pub fn pairs(&self) -> impl Iterator<Item = (usize, usize, f64)> {
        (0..self.rows).flat_map(move |i| (i + 1..self.rows).map(move |j| (i, j, self.between(i, j))))
    }
}

/// Squared distance of one row to each of the columns.
#[expect(clippy::inline_always, reason = "code outside the dispatched function would fall back to SSE2")]
#[inline(always)]
fn squared_to(row: &[f32], columns: &[[f64; ABREAST]]) -> [f64; ABREAST] {
    let mut sums = [0.0; ABREAST];
    for (&left, column) in row.iter().zip(columns) {
        for (sum, right) in sums.iter_mut().zip(column) {
            let difference = f64::from(left) - right;
            *sum += difference * difference;
        }
    }
    sums
}

/// Distances `[pairs]` of the rows of `embeddings` `[b, d]` named by `pairs`, differentiable. Rows have unit length.
pub fn pair_distances(
    embeddings: &Tensor, /* [b, d] */
    pairs: &[(u32, u32)],
    distance: Distance,
) -> Result<Tensor /* [pairs] */, TripletError> {
    if embeddings.device().is_cpu() && embeddings.dtype() == DType::F32 {
        return Ok(one_pass::pair_distances(embeddings, pairs, distance)?);
    }
    pair_distances_by_tensors(embeddings, pairs, distance)
}

fn pair_distances_by_tensors(
    embeddings: &Tensor, /* [b, d] */
    pairs: &[(u32, u32)],
    distance: Distance,
) -> Result<Tensor /* [pairs] */, TripletError> {
    let rows = |side: fn(&(u32, u32)) -> u32| {
        let indices: Vec<u32> = pairs.iter().map(side).collect();
        embeddings.index_select(&Tensor::new(indices, embeddings.device())?, 0)
    };
    let (left, right) = (rows(|pair| pair.0)?, rows(|pair| pair.1)?);
    Ok(match distance {
        Distance::Cosine => (left * right)?.sum(D::Minus1)?.affine(-1.0, 1.0)?,
        Distance::SquaredEuclidean => (left - right)?.sqr()?.sum(D::Minus1)?,
        Distance::Euclidean => ((left - right)?.sqr()?.sum(D::Minus1)? + UNDER_THE_ROOT)?.sqrt()?,
    })
}

/// Rows `[b, d]` scaled to unit length, differentiable; a row of zeros stays zeros, with a finite gradient.
pub fn unit_length(rows: &Tensor /* [b, d] */) -> Result<Tensor /* [b, d] */, TripletError> {
    let rows = rows.to_dtype(DType::F32)?;
    if rows.device().is_cpu() { Ok(one_pass::unit_length(&rows)?) } else { unit_length_by_tensors(&rows) }
}

fn unit_length_by_tensors(rows: &Tensor /* [b, d] */) -> Result<Tensor /* [b, d] */, TripletError> {
    let lengths = (rows.sqr()?.sum_keepdim(D::Minus1)? + UNDER_THE_ROOT)?.sqrt()?;
    Ok(rows.broadcast_div(&lengths)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{Device, Var};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pairs_abreast_are_pairs_one_by_one_to_the_last_bit(
            dim in 1_usize..20, numbers in prop::collection::vec(-1.0..1.0_f32, 0..500),
        ) {
            let rows: Vec<&[f32]> = numbers.chunks_exact(dim).collect();
            let matrix = DistanceMatrix::of(&numbers, dim, Distance::SquaredEuclidean);
            prop_assert_eq!(matrix.len(), rows.len());
            for (i, j) in (0..rows.len()).flat_map(|i| (0..rows.len()).map(move |j| (i, j))) {
                let slow = rows[i].iter().zip(rows[j]).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum::<f64>();
                prop_assert_eq!(matrix.between(i, j).to_bits(), slow.to_bits(), "{} {}", i, j);
            }
        }
    }

    const ROWS: [f32; 8] = [1.0, 0.0, 0.0, 1.0, 0.6, 0.8, 1.0, 0.0];

    /// ```python
    /// import torch                                                        # torch 2.x
    /// z = torch.tensor([[1., 0.], [0., 1.], [.6, .8], [1., 0.]], dtype=torch.float64)
    /// d = torch.cdist(z, z); print(d, d ** 2, 1 - z @ z.T)
    /// # euclidean: 0-1 1.4142135624, 0-2 0.8944271910, 1-2 0.6324555320, 0-3 0
    /// # squared: 2, 0.8, 0.4, 0        cosine: 1, 0.4, 0.2, 0
    /// ```
    #[test]
    fn both_forms_give_the_hand_computed_distances() {
        let expected = [
            (Distance::Euclidean, [std::f64::consts::SQRT_2, 0.894_427_191, 0.632_455_532, 0.0]),
            (Distance::SquaredEuclidean, [2.0, 0.8, 0.4, 0.0]),
            (Distance::Cosine, [1.0, 0.4, 0.2, 0.0]),
        ];
        let pairs = [(0, 1), (0, 2), (1, 2), (0, 3)];
        let embeddings = Tensor::from_slice(&ROWS, (4, 2), &Device::Cpu).unwrap();
        for (distance, values) in expected {
            let matrix = DistanceMatrix::of(&ROWS, 2, distance);
            let tensor = pair_distances(&embeddings, &pairs, distance).unwrap().to_vec1::<f32>().unwrap();
            for (((i, j), value), got) in pairs.iter().zip(values).zip(tensor) {
                assert!((matrix.between(*i as usize, *j as usize) - value).abs() < 1e-7, "{distance:?} {i} {j}");
                assert!((f64::from(got) - value).abs() < 2e-6, "{distance:?} {i} {j}: {got}");
            }
        }
    }

    #[test]
    fn equal_rows_have_a_finite_gradient_of_zero() {
        for distance in [Distance::Euclidean, Distance::SquaredEuclidean] {
            let rows = Var::from_slice(&ROWS, (4, 2), &Device::Cpu).unwrap();
            let total = pair_distances(&rows, &[(0, 3), (3, 0)], distance).unwrap().sum_all().unwrap();
            let gradient = total.backward().unwrap().get(&rows).unwrap().flatten_all().unwrap();
            assert!(gradient.to_vec1::<f32>().unwrap().iter().all(|g| *g == 0.0), "{distance:?}");
        }
    }

    #[test]
    fn a_row_of_zeros_does_not_poison_unit_length() {
        let rows = Var::from_slice(&[0f32, 0.0, 3.0, 4.0], (2, 2), &Device::Cpu).unwrap();
        let unit = unit_length(&rows).unwrap();
        let gradient = unit.sum_all().unwrap().backward().unwrap().get(&rows).unwrap().to_vec2::<f32>().unwrap();
        assert!(gradient.iter().flatten().all(|g| g.is_finite()));
        assert_eq!(unit.to_vec2::<f32>().unwrap(), [[0.0, 0.0], [0.6, 0.8]]);
    }
}
