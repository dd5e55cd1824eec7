//! Kernels one by one, for whoever has a clock: this room has none.

use super::kernels::{Buffer, GROUP, Outer, SimdLevel, Taps};
use super::{Backbone, EmbedderError, Lite, Scratch};
use crate::embedding::products;
use image::RgbImage;

/// Side of the product that shows what the machine can do: large enough for any cache, small enough to be done at once.
const SQUARE: usize = 1024;
/// Photos a chunk holds on the way back through the last blocks.
const CHUNK: usize = 4;

/// Some work to be timed: run it, and divide its operations by the time.
pub struct Trial<'a> {
    name: String,
    flop: u64,
    work: Box<dyn FnMut() + 'a>,
}

impl<'a> Trial<'a> {
    fn new(name: String, flop: u64, work: impl FnMut() + 'a) -> Self {
        Self { name, flop, work: Box::new(work) }
    }

    /// Where it stands in the network, and its shape.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Floating-point operations of one run, a multiply-add being two.
    pub const fn flop(&self) -> u64 {
        self.flop
    }

    /// Does the work once, on the calling thread.
    pub fn run(&mut self) {
        (self.work)();
    }
}

/// A large product of square matrices by the matrix library, on one thread: what kernels are compared with.
pub fn matrix_product() -> Trial<'static> {
    let (a, b) = (numbers(SQUARE * SQUARE), numbers(SQUARE * SQUARE));
    let mut product = vec![0.0; SQUARE * SQUARE];
    let flop = 2 * (SQUARE as u64).pow(3);
    Trial::new(format!("matrix product {SQUARE}x{SQUARE}x{SQUARE}"), flop, move || {
        products(&a, &b, SQUARE, &mut product);
    })
}

/// Every kernel of `network` in the order of a pass, each on the work of one photo, then those of the gradients of the
/// widest convolution of the last blocks, each on the work of a chunk of four photos.
pub fn trials(network: &Lite) -> Result<Vec<Trial<'_>>, EmbedderError> {
    let image = network.preprocess(&RgbImage::from_fn(256, 256, |x, y| image::Rgb([x as u8, y as u8, (x ^ y) as u8])));
    let (network, mut filled) = (&network.network, Scratch::default());
    network.features(&image, &mut filled)?;
    drop(filled);
    let forward = network.parts().into_iter().map(|(part, name, flop)| {
        let (image, mut scratch) = (image.clone(), Scratch::default());
        Trial::new(name, flop, move || network.run_part(part, &image, &mut scratch))
    });
    Ok(forward.chain(gradients(network.level())).collect())
}

/// The gradients of a block of 192 channels at 7x7, the one that the last stage repeats.
fn gradients(level: SimdLevel) -> [Trial<'static>; 2] {
    let (side, kernel, narrow, wide) = (7, 5, 192, 1152);
    let pixels = side * side * CHUNK;
    let (narrow_groups, wide_groups) = (narrow / GROUP, wide / GROUP);
    let (of_narrow, of_wide) = (buffer(narrow * pixels), buffer(wide * pixels));
    let mut weight = Buffer::zeros(narrow * wide);
    let outer = Trial::new(
        format!("gradient of 1x1, {CHUNK} x {side}x{side}, {wide} x {narrow}"),
        2 * (pixels * wide * narrow) as u64,
        move || {
            Outer { wide: &of_wide, wide_groups, narrow: &of_narrow, narrow_groups, pixels }.run(level, &mut weight);
        },
    );
    let columns = side + kernel - 1;
    let (input, gradient) = (buffer((side + 1) * columns * GROUP), buffer(side * side * GROUP));
    let mut sums = Buffer::zeros((kernel * kernel + 1) * GROUP);
    let taps = Trial::new(
        format!("gradient of depthwise {kernel}x{kernel}, {CHUNK} x {side}x{side}, {wide}"),
        2 * (pixels * kernel * kernel * wide) as u64,
        move || {
            let (row_stride, height, top, stride) = (columns * GROUP, side, kernel / 2, 1);
            let taps = Taps { input: &input, row_stride, height, top, gradient: &gradient, side, kernel, stride };
            (0..wide_groups * CHUNK).for_each(|_| taps.run(level, &mut sums));
        },
    );
    [outer, taps]
}

/// Numbers that differ from place to place.
fn numbers(count: usize) -> Vec<f32> {
    (0..count).map(|i| (i.wrapping_mul(2_654_435_761) >> 7 & 1023) as f32 / 512.0 - 1.0).collect()
}

fn buffer(count: usize) -> Buffer {
    let mut buffer = Buffer::zeros(count);
    buffer.iter_mut().zip(numbers(count)).for_each(|(to, value)| *to = value);
    buffer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_all_of_the_network() {
        let network = super::super::builtin().unwrap();
        let trials = trials(&network).unwrap();
        // Published: 407 million operations (TensorFlow's EfficientNet-Lite page), the classifier and biases included.
        let forward: u64 = trials.iter().filter(|t| !t.name().starts_with("gradient")).map(Trial::flop).sum();
        let published = 2.0 * (407e6 - 1280.0 * 1000.0);
        assert!((forward as f64 / published - 1.0).abs() < 0.06, "{forward}");
        assert_eq!(
            trials.iter().filter(|t| t.name().contains("depthwise") && t.name().starts_with("block")).count(),
            16
        );
    }

    #[test]
    fn every_trial_can_be_run_on_its_own_at_every_level() {
        for level in SimdLevel::available() {
            let network = Lite::from_bytes(super::super::BUILTIN_WEIGHTS, super::super::Variant::Lite0, level).unwrap();
            for mut trial in trials(&network).unwrap() {
                trial.run();
                assert!(trial.flop() > 0, "{}", trial.name());
            }
        }
    }
}
