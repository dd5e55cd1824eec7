//! The update on the CPU, without a temporary tensor: the same operations on each number, in the same order, several
//! numbers at once as far as the processor goes.

use candle_core::{CpuStorage, InplaceOp2, InplaceOp3, Layout, Result, Storage, Tensor, Var};
use pulp::Arch;

use super::{BETA1, BETA2, EPSILON, Factors};
use crate::tensors::{numbers, numbers_mut};

/// Changes the moments, then `var`. Nothing else may share the storage of the moments.
pub(super) fn update(var: &Var, gradient: &Tensor, moments: &(Tensor, Tensor), factors: &Factors) -> Result<()> {
    let gradient = gradient.contiguous()?;
    moments.0.inplace_op2(&gradient, &Blend::<false> { beta: BETA1 })?;
    moments.1.inplace_op2(&gradient, &Blend::<true> { beta: BETA2 })?;
    var.inplace_op3(&moments.0, &moments.1, factors)
}

/// Numbers whose squares are summed side by side.
const LANES: usize = 16;

/// The sum of all squares, in f64 and in an order of its own.
pub(super) fn squares(gradient: &Tensor) -> Result<f64> {
    let gradient = gradient.contiguous()?;
    let (storage, layout) = gradient.storage_and_layout();
    let Storage::Cpu(storage) = &*storage else {
        return Ok(f64::from(gradient.sqr()?.sum_all()?.to_scalar::<f32>()?));
    };
    let (blocks, rest) = numbers(storage, layout)?.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    Arch::new().dispatch(|| {
        for block in blocks {
            for (sum, &g) in sums.iter_mut().zip(block) {
                *sum += f64::from(g) * f64::from(g);
            }
        }
    });
    Ok(sums.iter().sum::<f64>() + rest.iter().map(|&g| f64::from(g) * f64::from(g)).sum::<f64>())
}

/// `m = beta m + (1 - beta) g`, or the same with `g^2`.
struct Blend<const SQUARED: bool> {
    beta: f64,
}

impl<const SQUARED: bool> InplaceOp2 for Blend<SQUARED> {
    fn name(&self) -> &'static str {
        "blend into a moment"
    }

    fn cpu_fwd(&self, moment: &mut CpuStorage, lm: &Layout, gradient: &CpuStorage, lg: &Layout) -> Result<()> {
        let (moment, gradient) = (numbers_mut(moment, lm)?, numbers(gradient, lg)?);
        let (kept, taken) = (self.beta as f32, (1.0 - self.beta) as f32);
        Arch::new().dispatch(|| {
            for (m, &g) in moment.iter_mut().zip(gradient) {
                let g = if SQUARED { g * g } else { g };
                // The tensor library multiplies by adding zero, too: that makes a zero positive.
                *m = (*m * kept + 0.0) + (g * taken + 0.0);
            }
        });
        Ok(())
    }
}

impl InplaceOp3 for Factors {
    fn name(&self) -> &'static str {
        "move against a moment"
    }

    fn cpu_fwd(
        &self,
        values: &mut CpuStorage,
        lv: &Layout,
        first: &CpuStorage,
        lf: &Layout,
        second: &CpuStorage,
        ls: &Layout,
    ) -> Result<()> {
        let (values, first, second) = (numbers_mut(values, lv)?, numbers(first, lf)?, numbers(second, ls)?);
        let [of_first, of_second, kept, rate] = [self.first, self.second, self.kept, self.rate].map(|f| f as f32);
        let epsilon = EPSILON as f32;
        Arch::new().dispatch(|| {
            for ((x, &m), &v) in values.iter_mut().zip(first).zip(second) {
                let (mean, size) = (m * of_first + 0.0, (v * of_second + 0.0).sqrt() + epsilon);
                *x = (*x * kept + 0.0) - ((mean / size) * rate + 0.0);
            }
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::update as by_tensors;
    use super::*;
    use candle_core::Device;
    use proptest::prelude::*;

    fn bits(tensor: &Tensor) -> Vec<u32> {
        tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap().into_iter().map(f32::to_bits).collect()
    }

    proptest! {
        #[test]
        fn in_place_and_by_tensors_are_the_same_to_the_last_bit(
            start in prop::collection::vec(-3.0..3.0_f32, 1..40),
            gradients in prop::collection::vec((any::<u16>(), -8..4_i32), 40..200),
            rate in 1e-6..1e-1_f64,
            decay in prop::sample::select(vec![0.0, 0.01, 0.3]),
        ) {
            let (n, device) = (start.len(), Device::Cpu);
            let vars = [(); 2].map(|()| Var::from_slice(&start, n, &device).unwrap());
            let mut moments = [(); 2].map(|()| (vars[0].zeros_like().unwrap(), vars[0].zeros_like().unwrap()));
            for (step, part) in gradients.chunks_exact(n).enumerate() {
                // Whole numbers and fractions, zeros of both signs, very small and very large.
                let values = part.iter().map(|&(value, power)| f32::from(value.cast_signed() >> 4) * 10_f32.powi(power));
                let gradient = Tensor::from_vec(values.collect::<Vec<f32>>(), n, &device).unwrap();
                let factors = Factors::of(step as u64 + 1, rate, decay);
                by_tensors(&vars[0], &gradient, &mut moments[0], &factors).unwrap();
                update(&vars[1], &gradient, &moments[1], &factors).unwrap();
                prop_assert_eq!(bits(&vars[0]), bits(&vars[1]));
                prop_assert_eq!(bits(&moments[0].0), bits(&moments[1].0));
                prop_assert_eq!(bits(&moments[0].1), bits(&moments[1].1));
            }
        }
    }

    proptest! {
        #[test]
        fn squares_are_those_of_the_tensor_library(values in prop::collection::vec(-3.0..3.0_f32, 1..200)) {
            let gradient = Tensor::from_slice(&values, values.len(), &Device::Cpu).unwrap();
            let slow = f64::from(gradient.sqr().unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap());
            prop_assert!((squares(&gradient).unwrap() - slow).abs() <= 1e-5 * slow);
        }
    }

    #[test]
    fn a_gradient_of_another_layout_is_laid_out_first() {
        let device = Device::Cpu;
        let var = Var::from_slice(&[1.0f32, 2.0, 3.0, 4.0], (2, 2), &device).unwrap();
        let moments = (var.zeros_like().unwrap(), var.zeros_like().unwrap());
        let gradient = Tensor::new(&[[1.0f32, 0.0], [2.0, 0.0]], &device).unwrap().t().unwrap();
        update(&var, &gradient, &moments, &Factors::of(1, 0.5, 0.0)).unwrap();
        let moved = var.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(moved[2..], [3.0, 4.0]);
        assert!((moved[0] - 0.5).abs() < 1e-6 && (moved[1] - 1.5).abs() < 1e-6, "{moved:?}");
    }
}
