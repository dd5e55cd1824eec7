//! Unit length and distances of pairs on the CPU: one op each, whose way back is one pass as well. A batch is small, and
//! by the tensor library's operations most of the time goes into temporary tensors.

use candle_core::{CpuStorage, CustomOp1, Error, Layout, Result, Shape, Tensor};

use super::{Distance, UNDER_THE_ROOT};
use crate::tensors::numbers;

/// Numbers of a row that are summed side by side.
const LANES: usize = 16;

/// See [`super::pair_distances`].
pub(super) fn pair_distances(embeddings: &Tensor, pairs: &[(u32, u32)], distance: Distance) -> Result<Tensor> {
    embeddings.contiguous()?.apply_op1(Pairs { pairs: pairs.to_vec(), distance })
}

/// See [`super::unit_length`].
pub(super) fn unit_length(rows: &Tensor) -> Result<Tensor> {
    rows.contiguous()?.apply_op1(Unit)
}

struct Pairs {
    pairs: Vec<(u32, u32)>,
    distance: Distance,
}

impl Pairs {
    fn between(&self, left: &[f32], right: &[f32]) -> f32 {
        match self.distance {
            Distance::Cosine => 1.0 - sum(left, right, |a, b| a * b),
            Distance::SquaredEuclidean => sum(left, right, |a, b| (a - b) * (a - b)),
            Distance::Euclidean => (sum(left, right, |a, b| (a - b) * (a - b)) + UNDER_THE_ROOT as f32).sqrt(),
        }
    }
}

impl CustomOp1 for Pairs {
    fn name(&self) -> &'static str {
        "distances of pairs"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (rows, dim) = layout.shape().dims2()?;
        let values = numbers(storage, layout)?;
        let row = |number: u32| values.get(number as usize * dim..(number as usize + 1) * dim);
        let between = |&(left, right): &(u32, u32)| match (row(left), row(right)) {
            (Some(left), Some(right)) => Ok(self.between(left, right)),
            _ => Err(Error::Msg(format!("rows {left} and {right} of {rows}"))),
        };
        let distances = self.pairs.iter().map(between).collect::<Result<Vec<f32>>>()?;
        Ok((CpuStorage::F32(distances), self.pairs.len().into()))
    }

    fn bwd(&self, embeddings: &Tensor, distances: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let (rows, dim) = embeddings.dims2()?;
        let values: Vec<f32> = embeddings.flatten_all()?.to_vec1()?;
        let (distances, gradient): (Vec<f32>, Vec<f32>) = (distances.to_vec1()?, gradient.to_vec1()?);
        let mut result = vec![0.0; rows * dim];
        for (&(left, right), (distance, gradient)) in self.pairs.iter().zip(distances.into_iter().zip(gradient)) {
            let (left, right) = (left as usize * dim, right as usize * dim);
            let factor = match self.distance {
                Distance::Cosine => -gradient,
                Distance::SquaredEuclidean => 2.0 * gradient,
                Distance::Euclidean => gradient / distance,
            };
            // What is active is a few pairs of many.
            if factor == 0.0 {
                continue;
            }
            for k in 0..dim {
                let (a, b) = (values[left + k], values[right + k]);
                let (to_left, to_right) = if self.distance == Distance::Cosine { (b, a) } else { (a - b, b - a) };
                result[left + k] += factor * to_left;
                result[right + k] += factor * to_right;
            }
        }
        Ok(Some(Tensor::from_vec(result, (rows, dim), embeddings.device())?))
    }
}

struct Unit;

impl CustomOp1 for Unit {
    fn name(&self) -> &'static str {
        "unit length"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, dim) = layout.shape().dims2()?;
        let mut result = numbers(storage, layout)?.to_vec();
        for row in result.chunks_exact_mut(dim.max(1)) {
            let length = length(row);
            for value in row.iter_mut() {
                *value /= length;
            }
        }
        Ok((CpuStorage::F32(result), layout.shape().clone()))
    }

    /// Of `g` the part along the row is taken away: `(g - u (u . g)) / |x|`.
    fn bwd(&self, rows: &Tensor, unit: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let dim = rows.dim(1)?.max(1);
        let flat = |tensor: &Tensor| tensor.flatten_all()?.to_vec1::<f32>();
        let (values, unit, mut result) = (flat(rows)?, flat(unit)?, flat(gradient)?);
        let rows_and_unit = values.chunks_exact(dim).zip(unit.chunks_exact(dim));
        for (gradient, (row, unit)) in result.chunks_exact_mut(dim).zip(rows_and_unit) {
            let (length, along) = (length(row), sum(unit, gradient, |a, b| a * b));
            gradient.iter_mut().zip(unit).for_each(|(g, u)| *g = (*g - u * along) / length);
        }
        Ok(Some(Tensor::from_vec(result, rows.shape(), rows.device())?))
    }
}

fn length(row: &[f32]) -> f32 {
    (sum(row, row, |a, b| a * b) + UNDER_THE_ROOT as f32).sqrt()
}

/// The sum of `term` over two rows, in an order that depends on their length alone.
fn sum(left: &[f32], right: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    let (left_blocks, left_rest) = left.as_chunks::<LANES>();
    let (right_blocks, right_rest) = right.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (left, right) in left_blocks.iter().zip(right_blocks) {
        for ((sum, &a), &b) in sums.iter_mut().zip(left).zip(right) {
            *sum += term(a, b);
        }
    }
    let rest: f32 = left_rest.iter().zip(right_rest).map(|(&a, &b)| term(a, b)).sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::super::{pair_distances_by_tensors, unit_length_by_tensors};
    use super::*;
    use candle_core::{Device, Var};
    use proptest::prelude::*;

    fn values(tensor: &Tensor) -> Vec<f32> {
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }

    fn close(a: &[f32], b: &[f32]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 2e-5 * (1.0 + b.abs()))
    }

    /// The values of `ours` and `theirs`, and the gradients of their weighted sums, of the same rows.
    fn agree(rows: &Var, factors: &[f32], ours: &Tensor, theirs: &Tensor) -> bool {
        let gradient = |result: &Tensor| {
            let count = result.elem_count();
            let factors = Tensor::from_slice(&factors[..count], result.shape(), &Device::Cpu).unwrap();
            values((result * factors).unwrap().sum_all().unwrap().backward().unwrap().get(rows).unwrap())
        };
        close(&values(ours), &values(theirs)) && close(&gradient(ours), &gradient(theirs))
    }

    proptest! {
        #[test]
        fn one_pass_and_tensors_agree_forward_and_back(
            (n, dim) in (2_usize..9, 1_usize..40),
            numbers in prop::collection::vec(-1.0..1.0_f32, 9 * 40),
            pairs in prop::collection::vec((0_u32..9, 0_u32..9), 1..30),
            factors in prop::collection::vec(prop::sample::select(vec![-1.5, -0.25, 0.0, 0.5, 2.0_f32]), 9 * 40),
        ) {
            let rows: Vec<f32> = numbers[..n * dim].iter().map(|v| v + v.signum() * 0.1).collect();
            let rows = Var::from_vec(rows, (n, dim), &Device::Cpu).unwrap();
            let (ours, theirs) = (unit_length(&rows).unwrap(), unit_length_by_tensors(&rows).unwrap());
            prop_assert!(agree(&rows, &factors, &ours, &theirs));
            // Of rows that are almost equal the root is taken of almost nothing, and rounding turns the gradient: left out.
            let pairs: Vec<(u32, u32)> = pairs
                .into_iter()
                .map(|(i, j)| (i % n as u32, j % n as u32))
                .filter(|&(i, j)| {
                    let (i, j) = (i as usize * dim, j as usize * dim);
                    let all = values(&rows);
                    (0..dim).any(|k| (all[i + k] - all[j + k]).abs() > 1e-2)
                })
                .collect();
            prop_assume!(!pairs.is_empty());
            for distance in Distance::ALL {
                let ours = pair_distances(&rows, &pairs, distance).unwrap();
                let theirs = pair_distances_by_tensors(&rows, &pairs, distance).unwrap();
                prop_assert!(agree(&rows, &factors, &ours, &theirs), "{:?}", distance);
            }
        }
    }

    #[test]
    fn a_view_is_laid_out_first_and_a_row_that_is_not_there_is_refused() {
        let rows = Var::from_slice(&[3.0f32, 0.0, 4.0, 5.0], (2, 2), &Device::Cpu).unwrap();
        let columns = rows.t().unwrap();
        assert_eq!(values(&unit_length(&columns).unwrap()), [0.6, 0.8, 0.0, 1.0]);
        assert_eq!(values(&pair_distances(&columns, &[(0, 1)], Distance::SquaredEuclidean).unwrap()), [10.0]);
        assert!(pair_distances(&rows, &[(0, 2)], Distance::Cosine).is_err());
    }
}
