//! An affine map of rows, `z = x Wᵀ + b`, as one op whose constants get no gradient.
//!
//! By itself the tensor library would also differentiate the rows a head is trained on, which never change, and add up the
//! gradient of `W` twice, once of them transposed: two thirds of a step of the head. The products are made in two halves
//! wherever they run, so that the number of threads changes nothing.

use super::Threads;
use crate::embedding::products;
use crate::tensors::{numbers, with_numbers};
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use std::ops::Range;

/// `x Wᵀ + b` `[n, m]` of rows `x` `[n, d]`, `weight` `[m, d]` and `bias` `[m]`, differentiable in those that can learn. The
/// two halves are computed where `threads` says.
pub fn affine(x: &Tensor, weight: &Tensor, bias: &Tensor, threads: Threads) -> Result<Tensor> {
    let (to, from) = weight.dims2()?;
    if x.dims2()?.1 != from || bias.dims() != [to] {
        return Err(candle_core::Error::ShapeMismatchBinaryOp {
            lhs: x.shape().clone(),
            rhs: weight.shape().clone(),
            op: Affine::NAME,
        });
    }
    if !x.device().is_cpu() {
        return x.matmul(&weight.t()?)?.broadcast_add(bias);
    }
    let op = Affine { wanted: x.track_op(), threads };
    x.contiguous()?.apply_op3(&weight.contiguous()?, &bias.contiguous()?, op)
}

struct Affine {
    /// Whether anything before `x` can learn.
    wanted: bool,
    threads: Threads,
}

impl Affine {
    const NAME: &'static str = "affine map";
}

impl CustomOp3 for Affine {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        weight: &CpuStorage,
        lw: &Layout,
        bias: &CpuStorage,
        lb: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let ((rows, from), (to, _)) = (lx.shape().dims2()?, lw.shape().dims2()?);
        let (x, weight, bias) = (numbers(x, lx)?, numbers(weight, lw)?, numbers(bias, lb)?);
        let mut result = vec![0.0; rows * to];
        let (upper, lower) = result.split_at_mut(rows / 2 * to);
        let (x_upper, x_lower) = x.split_at(rows / 2 * from);
        let (one, other) = (|| products(x_upper, weight, from, upper), || products(x_lower, weight, from, lower));
        self.threads.both(one, other);
        for row in result.chunks_exact_mut(to.max(1)) {
            row.iter_mut().zip(bias).for_each(|(sum, b)| *sum += b);
        }
        Ok((CpuStorage::F32(result), (rows, to).into()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        _: &Tensor,
        gradient: &Tensor, /* [n, m] */
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let of_x = self.wanted.then(|| gradient.matmul(weight)).transpose()?;
        let (rows, to) = gradient.dims2()?;
        let from = x.dim(1)?;
        let mut of_weight = vec![0.0; to * from];
        let mut of_bias = vec![0.0; to];
        with_numbers(gradient, |gradient| {
            let half = to / 2;
            let (upper, lower) = of_weight.split_at_mut(half * from);
            with_numbers(x, |x| {
                let part = |outputs: Range<usize>, into: &mut [f32]| outer_products(gradient, outputs, (x, rows), into);
                self.threads.both(|| part(0..half, upper), || part(half..to, lower));
                Ok(())
            })?;
            for row in gradient.chunks_exact(to.max(1)) {
                of_bias.iter_mut().zip(row).for_each(|(sum, g)| *sum += g);
            }
            Ok(())
        })?;
        let of_weight = Tensor::from_vec(of_weight, (to, from), x.device())?;
        Ok((of_x, Some(of_weight), Some(Tensor::from_vec(of_bias, to, x.device())?)))
    }
}

/// The columns `outputs` of `gradient` `[rows, m]`, transposed, times `x` `[rows, d]`, into `[outputs, d]`.
fn outer_products(gradient: &[f32], outputs: Range<usize>, (x, rows): (&[f32], usize), into: &mut [f32]) {
    let (to, from) = (gradient.len().checked_div(rows).unwrap_or(0), x.len().checked_div(rows).unwrap_or(0));
    if to == 0 || from == 0 || outputs.is_empty() {
        return;
    }
    let columns = MatRef::from_row_major_slice(gradient, rows, to).subcols(outputs.start, outputs.len());
    let into = MatMut::from_row_major_slice_mut(into, outputs.len(), from);
    matmul(into, Accum::Replace, columns.transpose(), MatRef::from_row_major_slice(x, rows, from), 1.0, Par::Seq);
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{Device, Var};
    use proptest::prelude::*;

    fn noise(seed: u64, count: usize) -> Vec<f32> {
        (0..count as u64).map(|i| ((i * 2_654_435_761 + seed * 977) % 2001) as f32 / 1000.0 - 1.0).collect()
    }

    fn values(tensor: &Tensor) -> Vec<f32> {
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }

    fn close(a: &Tensor, b: &Tensor) -> bool {
        a.dims() == b.dims() && values(a).iter().zip(values(b)).all(|(a, b)| (a - b).abs() <= 1e-4 * (1.0 + b.abs()))
    }

    proptest! {
        #[test]
        fn values_and_gradients_are_those_of_the_library(n in 1_usize..9, d in 1_usize..40, m in 1_usize..20, learns: bool, seed in 0_u64..99) {
            let device = Device::Cpu;
            let x = Var::from_vec(noise(seed, n * d), (n, d), &device).unwrap();
            let input = if learns { x.as_tensor().clone() } else { x.as_detached_tensor() };
            let weight = Var::from_vec(noise(seed + 1, m * d), (m, d), &device).unwrap();
            let bias = Var::from_vec(noise(seed + 2, m), m, &device).unwrap();
            let ours = affine(&input, &weight, &bias, Threads::Calling).unwrap();
            let theirs = input.matmul(&weight.t().unwrap()).unwrap().broadcast_add(&bias).unwrap();
            prop_assert!(close(&ours, &theirs));
            let scale = Tensor::from_vec(noise(seed + 3, n * m), (n, m), &device).unwrap();
            let [of_ours, of_theirs] =
                [ours, theirs].map(|z| (z.sqr().unwrap() * &scale).unwrap().sum_all().unwrap().backward().unwrap());
            for var in [&weight, &bias] {
                prop_assert!(close(of_ours.get(var).unwrap(), of_theirs.get(var).unwrap()));
            }
            prop_assert_eq!(of_ours.get(&x).is_some(), learns);
            if learns {
                prop_assert!(close(of_ours.get(&x).unwrap(), of_theirs.get(&x).unwrap()));
            }
        }
    }

    /// The bits of the result and of all three gradients of a batch as large as those of real runs.
    fn bits(threads: Threads) -> [Vec<u32>; 4] {
        let (rows, from, to) = (64, 1280, 128);
        let var =
            |seed, shape: &[usize]| Var::from_vec(noise(seed, shape.iter().product()), shape, &Device::Cpu).unwrap();
        let (x, weight, bias) = (var(1, &[rows, from]), var(2, &[to, from]), var(3, &[to]));
        let z = affine(&x, &weight, &bias, threads).unwrap();
        let gradients = z.sqr().unwrap().sum_all().unwrap().backward().unwrap();
        let of = |var: &Var| gradients.get(var).unwrap().clone();
        [z, of(&x), of(&weight), of(&bias)].map(|t| values(&t).into_iter().map(f32::to_bits).collect())
    }

    #[test]
    fn a_batch_of_real_size_is_the_same_on_any_number_of_threads() {
        let alone = bits(Threads::Calling);
        for threads in 1..4 {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert!(pool.install(|| bits(Threads::Pool)) == alone, "{threads} threads");
        }
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused() {
        let tensor = |shape: &[usize]| Tensor::zeros(shape, candle_core::DType::F32, &Device::Cpu).unwrap();
        assert!(affine(&tensor(&[2, 3]), &tensor(&[4, 5]), &tensor(&[4]), Threads::Calling).is_err());
        assert!(affine(&tensor(&[2, 3]), &tensor(&[4, 3]), &tensor(&[5]), Threads::Calling).is_err());
    }
}
