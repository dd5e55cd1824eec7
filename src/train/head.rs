//! Depth `head`: an affine map on the unit-length feature, from features cached once.

use candle_core::{Device, Tensor, Var};

use super::{Parameter, TrainError, Trainable};
use crate::embedder::affine;
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

/// `z = W f/|f| + b`, with `W` `[dim, features]` and `b` `[dim]` trained.
pub struct HeadModel<'a> {
    features: &'a dyn FeatureSource,
    weight: Var,
    bias: Var,
    device: Device,
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
        Ok(Self { features, weight, bias, device: device.clone() })
    }

    /// The same weights, which go on being trained, over other photos.
    pub fn over<'b>(&self, features: &'b dyn FeatureSource) -> HeadModel<'b> {
        HeadModel { features, weight: self.weight.clone(), bias: self.bias.clone(), device: self.device.clone() }
    }

    fn unit_features(&self, photos: &[usize]) -> Result<Tensor /* [photos, features] */, TrainError> {
        let dim = self.features.dim();
        let mut values = Vec::with_capacity(photos.len() * dim);
        for &photo in photos {
            let wrong = |reason: String| TrainError::Photo { photo, reason };
            let start = values.len();
            self.features.append(photo, &mut values).map_err(wrong)?;
            let row = values.get_mut(start..).unwrap_or_default();
            if row.len() != dim {
                return Err(wrong(format!("it has {} features instead of {dim}", row.len())));
            }
            normalize(row).map_err(|error| wrong(error.to_string()))?;
        }
        Ok(Tensor::from_vec(values, (photos.len(), dim), &self.device)?)
    }
}

impl Trainable for HeadModel<'_> {
    fn parameters(&self) -> Vec<Parameter> {
        let parameter =
            |name: &str, var: &Var, decays| Parameter { name: name.into(), var: var.clone(), depth: 0, decays };
        vec![parameter(Self::WEIGHT, &self.weight, true), parameter(Self::BIAS, &self.bias, false)]
    }

    fn forward(&self, photos: &[usize], _augmentation: Option<&mut Generator>) -> Result<Tensor, TrainError> {
        let features = self.unit_features(photos)?;
        Ok(affine(&features, &self.weight, &self.bias)?)
    }
}
