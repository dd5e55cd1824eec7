//! Depths `tail` and `full`: the end of the network, or all of it, trained together with the head.
//!
//! Batch-norm stays folded and frozen. What lies before the cut never changes, so its results are computed once and come
//! in as activations; cut before block 0 the images themselves come in, a part of each, mirrored and recoloured at random.

use std::sync::Arc;

use candle_core::{Device, Tensor, Var};
use rand::Rng;

use super::{HeadModel, Parameter, TrainError, Trainable};
use crate::embedder::{Part, Tail, View, affine};
use crate::triplet::{Generator, unit_length};

/// Where the inputs of the trained part come from.
pub trait InputSource {
    /// Appends the input of each photo (its number in the training set), as its view says, one after the other, or says
    /// which photo has none and why. Sources of activations look at [`View::mirrored`] only.
    fn append(&self, photos: &[(usize, View)], into: &mut Vec<f32>) -> Result<(), (usize, String)>;
}

/// How photos are varied while they are trained on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Augmentation {
    /// Every second time left and right are exchanged: all that cached activations allow.
    Mirror,
    /// A random part of half the area or more, mirrored every second time, with mild changes of its colours.
    Parts,
}

impl Augmentation {
    /// Draws a view; each kind draws the same count of numbers every time.
    pub(super) fn draw(self, generator: &mut Generator) -> View {
        let mirrored = generator.random_bool(0.5);
        if self == Self::Mirror {
            return View { mirrored, ..View::PLAIN };
        }
        let mut between = |low: f32, high: f32| generator.random::<f32>() * (high - low) + low;
        let area = between(0.5, 1.0);
        // The aspect is drawn on a logarithmic scale, so that wide and high parts are equally likely.
        let aspect = between((3.0f32 / 4.0).ln(), (4.0f32 / 3.0).ln()).exp();
        let place = (between(0.0, 1.0), between(0.0, 1.0));
        let mut jitter = || between(0.85, 1.15);
        let (brightness, contrast, saturation) = (jitter(), jitter(), jitter());
        View { part: Some(Part { area, aspect, place }), mirrored, brightness, contrast, saturation }
    }
}

/// The end of the network and the head, `z = W f/|f| + b` on its features `f`.
pub struct NetworkModel<'a> {
    tail: Arc<Tail>,
    weight: Var,
    bias: Var,
    inputs: &'a dyn InputSource,
    augmentation: Augmentation,
    photos_at_once: usize,
    device: Device,
}

impl<'a> NetworkModel<'a> {
    /// Trains `tail`, whose variables are on `device`, with a head that starts from `weight` (row-major
    /// `[bias.len(), features]`) and `bias`. Photos are varied as `augmentation` says.
    pub fn new(
        tail: Tail,
        (weight, bias): (&[f32], &[f32]),
        inputs: &'a dyn InputSource,
        augmentation: Augmentation,
        device: &Device,
    ) -> Result<Self, TrainError> {
        let features = weight.len().checked_div(bias.len()).unwrap_or(0);
        let weight = Var::from_slice(weight, (bias.len(), features), device)?;
        let bias = Var::from_slice(bias, bias.len(), device)?;
        let tail = Arc::new(tail);
        Ok(Self { tail, weight, bias, inputs, augmentation, photos_at_once: usize::MAX, device: device.clone() })
    }

    /// With at most this many photos in memory at once ([`Trainable::photos_at_once`]).
    #[must_use]
    pub const fn at_once(mut self, photos: usize) -> Self {
        self.photos_at_once = photos;
        self
    }

    /// The trained part, with the weights it has now.
    pub fn tail(&self) -> &Tail {
        &self.tail
    }

    /// The same weights, which go on being trained, over other photos.
    pub fn over<'b>(&self, inputs: &'b dyn InputSource) -> NetworkModel<'b> {
        NetworkModel {
            tail: Arc::clone(&self.tail),
            weight: self.weight.clone(),
            bias: self.bias.clone(),
            inputs,
            augmentation: self.augmentation,
            photos_at_once: self.photos_at_once,
            device: self.device.clone(),
        }
    }

    /// The inputs `[photos, side, side, channels]`.
    fn inputs(&self, photos: &[usize], augmentation: Option<&mut Generator>) -> Result<Tensor, TrainError> {
        let (side, channels) = self.tail.input();
        let shown: Vec<(usize, View)> = match augmentation {
            Some(generator) => photos.iter().map(|&photo| (photo, self.augmentation.draw(generator))).collect(),
            None => photos.iter().map(|&photo| (photo, View::PLAIN)).collect(),
        };
        let expected = photos.len() * side * side * channels;
        let mut values = Vec::with_capacity(expected);
        let wrong = |(photo, reason)| TrainError::Photo { photo, reason };
        self.inputs.append(&shown, &mut values).map_err(wrong)?;
        if values.len() != expected {
            let reason = format!("{} numbers came in for {} photos, expected {expected}", values.len(), photos.len());
            return Err(TrainError::Photo { photo: photos.first().copied().unwrap_or(0), reason });
        }
        Ok(Tensor::from_vec(values, (photos.len(), side, side, channels), &self.device)?)
    }
}

impl Trainable for NetworkModel<'_> {
    fn parameters(&self) -> Vec<Parameter> {
        let parameter = |name: &str, var: &Var, depth| {
            let decays = name.ends_with(".weight");
            Parameter { name: name.to_owned(), var: var.clone(), depth, decays }
        };
        let tail = self.tail.vars().iter().map(|v| parameter(&v.name, &v.var, v.depth));
        let head = [(HeadModel::WEIGHT, &self.weight), (HeadModel::BIAS, &self.bias)];
        tail.chain(head.map(|(name, var)| parameter(name, var, 0))).collect()
    }

    fn forward(&self, photos: &[usize], augmentation: Option<&mut Generator>) -> Result<Tensor, TrainError> {
        let learns = augmentation.is_some();
        let inputs = self.inputs(photos, augmentation)?;
        let features = if learns { self.tail.forward(&inputs)? } else { self.tail.features(&inputs)? };
        Ok(affine(&unit_length(&features)?, &self.weight, &self.bias, self.tail.threads())?)
    }

    fn photos_at_once(&self) -> usize {
        self.photos_at_once
    }
}
