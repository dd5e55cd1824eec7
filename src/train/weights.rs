//! Parameters as tensors while they are trained, and as plain numbers whenever they leave.

use std::collections::BTreeMap;

use candle_core::{CpuStorage, Storage, Tensor, Var};
use pulp::Arch;

use super::{CheckpointError, TrainError};

/// One tensor that is trained.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Unique in its model, for example `head.weight`.
    pub name: String,
    /// The tensor; f32.
    pub var: Var,
    /// Layers between it and the head: 0 is the head, deeper layers may learn more slowly.
    pub depth: usize,
    /// Whether weight decay applies: for matrices and kernels, not for biases and scales.
    pub decays: bool,
}

/// Numbers with a shape, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Extent of each dimension.
    pub shape: Vec<usize>,
    /// As many as the shape says.
    pub values: Vec<f32>,
}

/// Named arrays: the parameters of a model at one moment, or something of the same shape.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weights(pub BTreeMap<String, Array>);

impl Array {
    /// Copies a tensor out.
    pub(super) fn of(tensor: &Tensor) -> Result<Self, candle_core::Error> {
        Ok(Self { shape: tensor.dims().to_vec(), values: tensor.flatten_all()?.to_vec1()? })
    }

    /// A tensor like `like`, with these numbers.
    pub(super) fn like(&self, name: &str, like: &Tensor) -> Result<Tensor, TrainError> {
        if self.shape != like.dims() || self.values.len() != like.elem_count() {
            let (expected, found) = (like.dims().to_vec(), self.shape.clone());
            return Err(CheckpointError::Shape { name: name.to_owned(), expected, found }.into());
        }
        Ok(Tensor::from_slice(&self.values, self.shape.as_slice(), like.device())?)
    }

    /// Moves each number by `share` of the way to its counterpart; false, and nothing moves, when there are not as many.
    fn move_toward(&mut self, to: &[f32], share: f32) -> bool {
        let fits = self.values.len() == to.len();
        if fits {
            Arch::new().dispatch(|| {
                for (value, to) in self.values.iter_mut().zip(to) {
                    *value += (to - *value) * share;
                }
            });
        }
        fits
    }
}

impl Weights {
    /// Whether every number is one.
    pub(super) fn is_finite(&self) -> bool {
        self.0.values().all(|array| array.values.iter().all(|value| value.is_finite()))
    }

    /// The present values of `parameters`.
    pub fn of(parameters: &[Parameter]) -> Result<Self, TrainError> {
        let arrays = parameters.iter().map(|p| Ok((p.name.clone(), Array::of(p.var.as_tensor())?)));
        Ok(Self(arrays.collect::<Result<_, candle_core::Error>>()?))
    }

    /// Sets `parameters` to these values; nothing changes when one is missing or has another shape.
    pub fn load_into(&self, parameters: &[Parameter]) -> Result<(), TrainError> {
        let tensors = parameters.iter().map(|p| self.get(&p.name)?.like(&p.name, &p.var));
        let tensors = tensors.collect::<Result<Vec<_>, _>>()?;
        for (parameter, tensor) in parameters.iter().zip(&tensors) {
            parameter.var.set(tensor)?;
        }
        Ok(())
    }

    /// The array called `name`.
    pub fn get(&self, name: &str) -> Result<&Array, CheckpointError> {
        self.0.get(name).ok_or_else(|| CheckpointError::Missing(name.to_owned()))
    }

    /// `(1 - share) * self + share * other`, number by number. What `other` lacks stays as it is.
    #[must_use]
    pub fn toward(&self, other: &Self, share: f32) -> Self {
        let mut between = self.clone();
        for (name, array) in &mut between.0 {
            let Some(there) = other.0.get(name) else { continue };
            for (value, to) in array.values.iter_mut().zip(&there.values) {
                *value += (to - *value) * share;
            }
        }
        between
    }

    /// Makes `self`, the mean of `count` weights, the mean of these and those that `newest` has now, in place. Refuses
    /// parameters that the mean lacks, or holds in another shape.
    pub(super) fn average_in(&mut self, newest: &[Parameter], count: u64) -> Result<(), TrainError> {
        if count == 0 {
            *self = Self::of(newest)?;
            return Ok(());
        }
        let share = 1.0 / (count + 1) as f32;
        for parameter in newest {
            let name = &parameter.name;
            let array = self.0.get_mut(name).ok_or_else(|| CheckpointError::Missing(name.clone()))?;
            let (storage, layout) = parameter.var.storage_and_layout();
            let moved = match (&*storage, layout.contiguous_offsets()) {
                (Storage::Cpu(CpuStorage::F32(numbers)), Some((start, end))) => {
                    numbers.get(start..end).is_some_and(|numbers| array.move_toward(numbers, share))
                }
                _ => array.move_toward(&Array::of(parameter.var.as_tensor())?.values, share),
            };
            if !moved {
                let (expected, found) = (parameter.var.dims().to_vec(), array.shape.clone());
                return Err(CheckpointError::Shape { name: name.clone(), expected, found }.into());
            }
        }
        Ok(())
    }

    /// Numbers in all arrays.
    pub fn len(&self) -> usize {
        self.0.values().map(|array| array.values.len()).sum()
    }

    /// Whether there is no number.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;
    use proptest::prelude::*;

    fn parameter(name: &str, values: &[f32]) -> Parameter {
        let var = Var::from_slice(values, values.len(), &Device::Cpu).unwrap();
        Parameter { name: name.to_owned(), var, depth: 0, decays: false }
    }

    proptest! {
        #[test]
        fn the_average_is_the_mean_of_all_that_came_in(
            rows in prop::collection::vec(prop::collection::vec(-3.0..3.0_f32, 37), 1..40), cut in 1_usize..37,
        ) {
            let mut average = Weights::default();
            for (count, row) in rows.iter().enumerate() {
                let (one, other) = row.split_at(cut);
                average.average_in(&[parameter("one", one), parameter("other", other)], count as u64).unwrap();
            }
            let got = ["one", "other"].map(|name| average.get(name).unwrap().values.clone()).concat();
            for (column, got) in got.into_iter().enumerate() {
                let mean = rows.iter().map(|row| f64::from(row[column])).sum::<f64>() / rows.len() as f64;
                prop_assert!((f64::from(got) - mean).abs() < 1e-5, "{column}: {got}, expected {mean}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_the_average_is_refused() {
        let mut average = Weights::default();
        average.average_in(&[parameter("head", &[1.0, 2.0])], 0).unwrap();
        let mut refused = |newest: Parameter| average.average_in(&[newest], 1).unwrap_err().to_string();
        assert!(refused(parameter("head", &[1.0])).contains("head"));
        assert!(refused(parameter("tail", &[1.0, 2.0])).contains("tail"));
        assert_eq!(average.get("head").unwrap().values, [1.0, 2.0]);
    }
}
