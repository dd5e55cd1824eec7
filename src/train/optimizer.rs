//! `AdamW` (Loshchilov, Hutter 2019, "Decoupled Weight Decay Regularization", arXiv 1711.05101) whose moments and step
//! can be read and written: without them a resumed run is another run.
//!
//! With gradient `g`, rate `r`, decay `w`, step `t` from 1:
//! `m = b1 m + (1 - b1) g`, `v = b2 v + (1 - b2) g^2`, `x = x - r w x - r (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + e)`.
//!
//! On the CPU all three change in place, in one pass each; elsewhere by the tensor library's operations. Both give the
//! same bits.

mod in_place;

use candle_core::{Tensor, Var};

use super::weights::{Array, Parameter, Weights};
use super::{Settings, TrainError, rate_of_depth};

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

const FIRST: &str = "first_moment.";
const SECOND: &str = "second_moment.";

/// The state of the optimizer: two moments for each parameter, and how many steps were taken.
#[derive(Debug)]
pub struct AdamW {
    step: u64,
    moments: Vec<(Tensor, Tensor)>,
}

impl AdamW {
    /// Nothing done yet, for these parameters.
    pub fn new(parameters: &[Parameter]) -> Result<Self, TrainError> {
        let zeros = |p: &Parameter| Ok((p.var.zeros_like()?, p.var.zeros_like()?));
        let moments = parameters.iter().map(zeros).collect::<Result<_, candle_core::Error>>()?;
        Ok(Self { step: 0, moments })
    }

    /// Steps taken.
    pub const fn steps(&self) -> u64 {
        self.step
    }

    /// Moves `parameters` against `gradients` (in their order; `None` leaves a parameter and its moments alone). `rate` is
    /// that of the head; deeper layers get their share of it.
    pub fn step(
        &mut self,
        parameters: &[Parameter],
        gradients: &[Option<Tensor>],
        rate: f64,
        settings: &Settings,
    ) -> Result<(), TrainError> {
        self.step += 1;
        for ((parameter, gradient), moments) in parameters.iter().zip(gradients).zip(&mut self.moments) {
            let Some(gradient) = gradient else { continue };
            let rate = rate * rate_of_depth(parameter.depth, settings);
            let decay = if parameter.decays { settings.weight_decay } else { 0.0 };
            let factors = Factors::of(self.step, rate, decay);
            if parameter.var.device().is_cpu() {
                in_place::update(&parameter.var, gradient, moments, &factors)?;
            } else {
                update(&parameter.var, gradient, moments, &factors)?;
            }
        }
        Ok(())
    }

    /// The moments as plain numbers, two arrays a parameter; with [`Self::steps`] the whole state.
    pub fn moments(&self, parameters: &[Parameter]) -> Result<Weights, TrainError> {
        let mut arrays = Weights::default();
        for (parameter, (first, second)) in parameters.iter().zip(&self.moments) {
            arrays.0.insert(format!("{FIRST}{}", parameter.name), Array::of(first)?);
            arrays.0.insert(format!("{SECOND}{}", parameter.name), Array::of(second)?);
        }
        Ok(arrays)
    }

    /// The optimizer that had taken `step` steps and had these `moments`.
    pub fn from_moments(parameters: &[Parameter], moments: &Weights, step: u64) -> Result<Self, TrainError> {
        let load = |prefix: &str, p: &Parameter| {
            let name = format!("{prefix}{}", p.name);
            moments.get(&name)?.like(&name, &p.var)
        };
        let moments = parameters.iter().map(|p| Ok((load(FIRST, p)?, load(SECOND, p)?)));
        Ok(Self { step, moments: moments.collect::<Result<_, TrainError>>()? })
    }
}

/// What the numbers of one step are multiplied with.
struct Factors {
    rate: f64,
    /// `1 / (1 - b1^t)` and `1 / (1 - b2^t)`.
    first: f64,
    second: f64,
    /// `1 - r w`.
    kept: f64,
}

impl Factors {
    fn of(step: u64, rate: f64, decay: f64) -> Self {
        let exponent = i32::try_from(step).unwrap_or(i32::MAX);
        let correction = |beta: f64| 1.0 / (1.0 - beta.powi(exponent));
        Self { rate, first: correction(BETA1), second: correction(BETA2), kept: 1.0 - rate * decay }
    }
}

fn update(var: &Var, gradient: &Tensor, moments: &mut (Tensor, Tensor), factors: &Factors) -> Result<(), TrainError> {
    let first = ((&moments.0 * BETA1)? + (gradient * (1.0 - BETA1))?)?;
    let second = ((&moments.1 * BETA2)? + (gradient.sqr()? * (1.0 - BETA2))?)?;
    let mean = (&first * factors.first)?;
    let size = ((&second * factors.second)?.sqrt()? + EPSILON)?;
    let kept = (var.as_tensor() * factors.kept)?;
    var.set(&(kept - ((mean / size)? * factors.rate)?)?)?;
    *moments = (first.detach(), second.detach());
    Ok(())
}

/// Scales `gradients` together so that their length (the root of the sum of all squares) is at most `limit`; returns the
/// length before. Summed in the order of the parameters.
pub fn clip(gradients: &mut [Option<Tensor>], limit: Option<f64>) -> Result<f64, TrainError> {
    let mut squares = 0.0;
    for gradient in gradients.iter().flatten() {
        squares += in_place::squares(gradient)?;
    }
    let length = squares.sqrt();
    if let Some(limit) = limit.filter(|limit| length > *limit) {
        for gradient in gradients.iter_mut().flatten() {
            *gradient = (&*gradient * (limit / length))?;
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    fn parameter(values: &[f32], depth: usize) -> Parameter {
        let var = Var::from_slice(values, values.len(), &Device::Cpu).unwrap();
        Parameter { name: format!("p{depth}"), var, depth, decays: true }
    }

    fn gradient(step: usize, n: usize) -> Option<Tensor> {
        let values: Vec<f32> = (0..n).map(|i| ((step * 3 + i * 5) % 7) as f32 * 0.1 - 0.3).collect();
        Tensor::from_vec(values, n, &Device::Cpu).ok()
    }

    /// ```python
    /// import torch                                                                    # torch 2.15
    /// x = torch.tensor([1., -2., 3.], dtype=torch.float64, requires_grad=True)
    /// opt = torch.optim.AdamW([x], lr=0.01, weight_decay=0.1)
    /// for t in range(5):
    ///     x.grad = torch.tensor([((t * 3 + i * 5) % 7 - 3) * 0.1 for i in range(3)], dtype=torch.float64); opt.step()
    /// print(x)     # [1.0096643838, -1.9954816934, 2.9671865651]
    /// ```
    #[test]
    fn five_steps_equal_those_of_pytorch() {
        let parameters = [parameter(&[1.0, -2.0, 3.0], 0)];
        let settings = Settings { weight_decay: 0.1, ..Settings::default() };
        let mut optimizer = AdamW::new(&parameters).unwrap();
        for t in 0..5 {
            optimizer.step(&parameters, &[gradient(t, 3)], 0.01, &settings).unwrap();
        }
        let got = parameters[0].var.to_vec1::<f32>().unwrap();
        for (got, expected) in got.iter().zip(EXPECTED) {
            assert!((f64::from(*got) - expected).abs() < 1e-6, "{got} {expected}");
        }
    }
    const EXPECTED: [f64; 3] = [1.009_664_383_8, -1.995_481_693_4, 2.967_186_565_1];

    #[test]
    fn a_saved_optimizer_continues_bit_for_bit() {
        let settings = Settings::default();
        let parameters = [parameter(&[1.0, -2.0, 3.0], 0), parameter(&[0.5, 0.25], 2)];
        let twins = [parameter(&[1.0, -2.0, 3.0], 0), parameter(&[0.5, 0.25], 2)];
        let mut straight = AdamW::new(&parameters).unwrap();
        let mut stopped = AdamW::new(&twins).unwrap();
        for t in 0..20 {
            let gradients = [gradient(t, 3), gradient(t + 1, 2)];
            straight.step(&parameters, &gradients, 0.01, &settings).unwrap();
            stopped.step(&twins, &gradients, 0.01, &settings).unwrap();
            stopped = AdamW::from_moments(&twins, &stopped.moments(&twins).unwrap(), stopped.steps()).unwrap();
        }
        assert_eq!(Weights::of(&parameters).unwrap(), Weights::of(&twins).unwrap());
    }

    #[test]
    fn clipping_keeps_the_direction_and_bounds_the_length() {
        let tensor = |values: &[f32]| Some(Tensor::new(values, &Device::Cpu).unwrap());
        let mut gradients = [tensor(&[3.0]), None, tensor(&[0.0, 4.0])];
        assert!((clip(&mut gradients, None).unwrap() - 5.0).abs() < 1e-9);
        assert!((clip(&mut gradients, Some(1.0)).unwrap() - 5.0).abs() < 1e-9);
        assert_eq!(gradients[2].as_ref().unwrap().to_vec1::<f32>().unwrap(), [0.0, 0.8]);
        assert!((clip(&mut gradients, Some(1.0)).unwrap() - 1.0).abs() < 1e-6);
    }
}
