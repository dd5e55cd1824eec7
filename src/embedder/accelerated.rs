//! A network of the family on a graphics card, computed by Candle's own kernels: the stages that training differentiates, run
//! without gradients.

use std::sync::Arc;

use candle_core::{Device, Tensor};
use image::RgbImage;

use super::{Backbone, EmbedderError, Lite, Scratch, Tail};

/// Where a network computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Processor {
    /// The processor, by this room's own kernels.
    #[default]
    Cpu,
    /// An NVIDIA card, in builds with the feature `cuda`.
    Cuda,
    /// An Apple card, in builds with the feature `metal`.
    Metal,
}

impl Processor {
    /// As on the command line and as the build feature is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::Metal => "metal",
        }
    }

    /// Whether this program was built for it.
    pub const fn is_built(self) -> bool {
        match self {
            Self::Cpu => true,
            Self::Cuda => cfg!(feature = "cuda"),
            Self::Metal => cfg!(feature = "metal"),
        }
    }

    /// The first device of the kind. Fails where there is none, or none that this build can use.
    pub fn open(self) -> Result<Device, EmbedderError> {
        let opened = match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Cuda => Device::new_cuda(0),
            Self::Metal => Device::new_metal(0),
        };
        opened.map_err(|source| EmbedderError::NoDevice { name: self.name(), source })
    }
}

/// A network with its weights on a device. Its features have the id of those of the processor, from which they differ by
/// rounding, as those of two SIMD levels do.
pub struct Accelerated {
    lite: Lite,
    network: Tail,
    device: Device,
}

impl Accelerated {
    /// Copies the weights of `lite` to `device`.
    pub fn new(lite: Lite, device: &Device) -> Result<Self, EmbedderError> {
        Ok(Self { network: lite.tail(0, device)?, lite, device: device.clone() })
    }
}

impl Backbone for Accelerated {
    fn id(&self) -> &str {
        self.lite.id()
    }

    fn dim(&self) -> usize {
        self.lite.dim()
    }

    fn preprocess(&self, photo: &RgbImage) -> Vec<f32> {
        self.lite.preprocess(photo)
    }

    fn shorter_side(&self) -> u32 {
        self.lite.shorter_side()
    }

    fn features(&self, image: &[f32], _scratch: &mut Scratch) -> Result<Vec<f32>, EmbedderError> {
        let (side, channels) = self.network.input();
        let (expected, got) = (side * side * channels, image.len());
        if got != expected {
            return Err(EmbedderError::ImageLength { expected, got });
        }
        let image = Tensor::from_slice(image, (1, side, side, channels), &self.device)?;
        Ok(self.network.features(&image)?.flatten_all()?.to_vec1()?)
    }

    fn lite(&self) -> Option<&Lite> {
        Some(&self.lite)
    }

    fn device(&self) -> Device {
        self.device.clone()
    }

    fn with_trained_end(&self, tail: &[u8]) -> Option<Result<Arc<dyn Backbone>, EmbedderError>> {
        let lite = self.lite.with_tail(tail);
        let network = lite.and_then(|lite| Self::new(lite, &self.device));
        Some(network.map(|network| Arc::new(network) as Arc<dyn Backbone>))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedder::builtin;
    use crate::embedder::tests::cosine;
    use image::Rgb;

    #[test]
    fn a_network_on_a_device_gives_the_features_of_the_processor_also_with_a_trained_end() {
        let lite = builtin().unwrap();
        let there = Accelerated::new(builtin().unwrap(), &Device::Cpu).unwrap();
        let photo = RgbImage::from_fn(300, 260, |x, y| Rgb([x as u8, y as u8, (x * y / 7) as u8]));
        let image = lite.preprocess(&photo);
        let mut scratch = Scratch::default();
        assert_eq!((there.id(), there.dim(), there.shorter_side()), (lite.id(), lite.dim(), lite.shorter_side()));
        assert!(there.preprocess(&photo) == image);
        let both = [lite.features(&image, &mut scratch), there.features(&image, &mut scratch)].map(Result::unwrap);
        assert!(cosine(&both[0], &both[1]) > 0.9999);
        assert!(matches!(there.features(&image[1..], &mut scratch), Err(EmbedderError::ImageLength { .. })));
        let tail = lite.tail(14, &Device::Cpu).unwrap();
        let bias = &tail.vars()[1].var;
        bias.set(&(bias.as_tensor() + 0.5).unwrap()).unwrap();
        let tail = tail.to_safetensors().unwrap();
        let trained = [&lite as &dyn Backbone, &there].map(|network| network.with_trained_end(&tail).unwrap().unwrap());
        assert_eq!(trained[0].id(), trained[1].id());
        let after = trained.map(|network| network.features(&image, &mut scratch).unwrap());
        assert!(cosine(&after[0], &after[1]) > 0.9999 && cosine(&after[0], &both[0]) < 0.9999);
    }

    #[test]
    fn a_device_this_program_was_not_built_for_cannot_be_opened() {
        assert!(Processor::Cpu.open().unwrap().is_cpu());
        for other in [Processor::Cuda, Processor::Metal].into_iter().filter(|processor| !processor.is_built()) {
            assert!(other.open().unwrap_err().to_string().contains(other.name()));
        }
    }
}
