//! Depth `head`: an affine map on the unit-length feature, from features cached once.

use std::cell::RefCell;
use std::collections::HashMap;

use candle_core::{Device, Tensor, Var};

use super::{Parameter, TrainError, Trainable};
use crate::embedder::{Threads, affine};
use crate::embedding::{EmbeddingMatrix, normalize};
use crate::triplet::Generator;

/// Where features come from; they need not be of unit length.
pub trait FeatureSource {
    /// Numbers per photo.
    fn dim(&self) -> usize;

    /// Appends the features of `photo` (its number in the training set), or says why it has none.
    fn append(&self, photo: usize, into: &mut Vec<f32>) -> Result<(), String>;
}

impl FeatureSource for EmbeddingMatrix {
    fn dim(&self) -> usize {
        Self::dim(self)
    }

    fn append(&self, photo: usize, into: &mut Vec<f32>) -> Result<(), String> {
        if photo >= self.len() {
            return Err(format!("there are {} rows of features", self.len()));
        }
        into.extend_from_slice(self.row(photo));
        Ok(())
    }
}

/// Numbers of unit features kept from step to step; photos beyond that are read and scaled again each time. Photos that are
/// only looked at (all validation photos before the first step) get half of it at most: the other half is the steps'.
const KEPT: usize = 16 << 20;

/// `z = W f/|f| + b`, with `W` `[dim, features]` and `b` `[dim]` trained.
pub struct HeadModel<'a> {
    features: &'a dyn FeatureSource,
    /// By photo.
    kept: RefCell<HashMap<usize, Box<[f32]>>>,
    at_most: usize,
    weight: Var,
    bias: Var,
    device: Device,
    threads: Threads,
}

impl<'a> HeadModel<'a> {
    /// Name of `W` among the weights.
    pub const WEIGHT: &'static str = "head.weight";
    /// Name of `b` among the weights.
    pub const BIAS: &'static str = "head.bias";

    /// Starts from `weight` (row-major `[bias.len(), features.dim()]`) and `bias`.
    pub fn new(
        features: &'a dyn FeatureSource,
        weight: &[f32],
        bias: &[f32],
        device: &Device,
    ) -> Result<Self, TrainError> {
        let weight = Var::from_slice(weight, (bias.len(), features.dim()), device)?;
        let bias = Var::from_slice(bias, bias.len(), device)?;
        let at_most = KEPT / features.dim().max(1);
        let (kept, threads) = (RefCell::default(), Threads::Calling);
        Ok(Self { features, kept, at_most, weight, bias, device: device.clone(), threads })
    }

    /// Computes where `threads` says; without this, on the calling thread.
    #[must_use]
    pub const fn on(mut self, threads: Threads) -> Self {
        self.threads = threads;
        self
    }

    /// The same weights, which go on being trained, over other photos.
    pub fn over<'b>(&self, features: &'b dyn FeatureSource) -> HeadModel<'b> {
        HeadModel {
            features,
            kept: RefCell::default(),
            at_most: self.at_most,
            weight: self.weight.clone(),
            bias: self.bias.clone(),
            device: self.device.clone(),
            threads: self.threads,
        }
    }

    fn unit_features(&self, photos: &[usize], learns: bool) -> Result<Tensor /* [photos, features] */, TrainError> {
        let dim = self.features.dim();
        let mut kept = self.kept.borrow_mut();
        let at_most = if learns { self.at_most } else { self.at_most / 2 };
        let mut values = Vec::with_capacity(photos.len() * dim);
        for &photo in photos {
            if let Some(row) = kept.get(&photo) {
                values.extend_from_slice(row);
                continue;
            }
            let start = values.len();
            self.append_unit(photo, &mut values)?;
            if kept.len() < at_most {
                kept.insert(photo, values.get(start..).unwrap_or_default().into());
            }
        }
        Ok(Tensor::from_vec(values, (photos.len(), dim), &self.device)?)
    }

    fn append_unit(&self, photo: usize, values: &mut Vec<f32>) -> Result<(), TrainError> {
        let wrong = |reason: String| TrainError::Photo { photo, reason };
        let (dim, start) = (self.features.dim(), values.len());
        self.features.append(photo, values).map_err(wrong)?;
        let row = values.get_mut(start..).unwrap_or_default();
        if row.len() != dim {
            return Err(wrong(format!("it has {} features instead of {dim}", row.len())));
        }
        normalize(row).map_err(|error| wrong(error.to_string()))
    }
}

impl Trainable for HeadModel<'_> {
    fn parameters(&self) -> Vec<Parameter> {
        let parameter =
            |name: &str, var: &Var, decays| Parameter { name: name.into(), var: var.clone(), depth: 0, decays };
        vec![parameter(Self::WEIGHT, &self.weight, true), parameter(Self::BIAS, &self.bias, false)]
    }

    fn forward(&self, photos: &[usize], augmentation: Option<&mut Generator>) -> Result<Tensor, TrainError> {
        let features = self.unit_features(photos, augmentation.is_some())?;
        Ok(affine(&features, &self.weight, &self.bias, self.threads)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// Features of a photo, and how often any was asked for.
    struct Counting(Cell<usize>);

    impl FeatureSource for Counting {
        fn dim(&self) -> usize {
            2
        }

        fn append(&self, photo: usize, into: &mut Vec<f32>) -> Result<(), String> {
            self.0.set(self.0.get() + 1);
            into.extend([photo as f32, 1.0]);
            Ok(())
        }
    }

    #[test]
    fn kept_features_are_the_same_and_no_more_are_kept_than_fit() {
        let (source, photos) = (Counting(Cell::new(0)), [3, 0, 3, 7, 5]);
        let mut model = HeadModel::new(&source, &[1.0, 0.5], &[0.25], &Device::Cpu).unwrap();
        let numbers = |model: &HeadModel<'_>| {
            let rows = model.forward(&photos, Some(&mut Generator::new(1, 1))).unwrap();
            rows.flatten_all().unwrap().to_vec1::<f32>()
        };
        model.at_most = 0;
        let read = numbers(&model).unwrap();
        assert_eq!(source.0.replace(0), 5);
        model.at_most = 2;
        assert_eq!(numbers(&model).unwrap(), read);
        assert_eq!((source.0.replace(0), model.kept.borrow().len()), (4, 2));
        assert_eq!(numbers(&model).unwrap(), read);
        assert_eq!(source.0.get(), 2);
    }
    #[test]
    fn photos_that_are_looked_at_leave_half_of_the_room_to_the_steps() {
        let source = Counting(Cell::new(0));
        let mut model = HeadModel::new(&source, &[1.0, 0.5], &[0.25], &Device::Cpu).unwrap();
        model.at_most = 4;
        let look = |model: &HeadModel<'_>| drop(model.forward(&[10, 11, 12, 13, 14], None).unwrap());
        let step = |model: &HeadModel<'_>| drop(model.forward(&[0, 1], Some(&mut Generator::new(1, 1))).unwrap());
        look(&model);
        step(&model);
        assert_eq!((source.0.replace(0), model.kept.borrow().len()), (7, 4));
        step(&model);
        assert_eq!(source.0.replace(0), 0, "the photos of a step are kept");
        look(&model);
        assert_eq!(source.0.get(), 3, "of the others, half of what fits");
    }
}
