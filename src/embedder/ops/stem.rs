//! The stem, forward and backward: a 3x3 convolution of stride 2 on three colours with `ReLU6`, one product with the patches of a photo.

use super::custom::Stage;
use super::layout::{self, gather, grouped, scatter};
use super::pointwise::{Pair, product, weight_gradient};
use super::{Spare, Threads};
use crate::embedder::kernels::{Buffer, Finish, GROUP, Packed, SimdLevel};
use crate::embedder::lite;
use candle_core::Shape;
use std::sync::Arc;

/// Colours in, side of the kernel, and the stride.
const COLOURS: usize = 3;
const KERNEL: usize = 3;
const STRIDE: usize = 2;
/// Values in a patch.
const PATCH: usize = KERNEL * KERNEL * COLOURS;

/// The convolution whose parameters are given at each call, flat: weight `[3, 3, 3, output]` (row, column, colour), bias `[output]`.
pub(crate) struct Stem {
    /// Side of the image `[side, side, 3]`.
    pub(crate) side: usize,
    pub(crate) output: usize,
    pub(crate) level: SimdLevel,
    pub(crate) threads: Threads,
    pub(crate) spare: Arc<Spare>,
}

/// One photo in groups: the patches, and what the convolution made of them.
pub(crate) struct Photo {
    patches: Buffer,
    wide: Buffer,
}

impl Stem {
    const fn output_side(&self) -> usize {
        self.side.div_ceil(STRIDE)
    }

    const fn pixels(&self) -> usize {
        self.output_side() * self.output_side()
    }

    /// Calls `visit` with each pixel of the output, each value of its patch, and the number of the image that value is; values in the
    /// padding are left out.
    fn each_value(&self, mut visit: impl FnMut(usize, usize, usize)) {
        let (side, out) = (self.side, self.output_side());
        let padding = lite::leading_padding(side, KERNEL, STRIDE);
        for (ky, kx) in (0..KERNEL * KERNEL).map(|tap| (tap / KERNEL, tap % KERNEL)) {
            for y in 0..out {
                let row = (y * STRIDE + ky).wrapping_sub(padding);
                for x in (0..out).filter(|_| row < side) {
                    let column = (x * STRIDE + kx).wrapping_sub(padding);
                    if column < side {
                        let (value, number) = ((ky * KERNEL + kx) * COLOURS, (row * side + column) * COLOURS);
                        (0..COLOURS).for_each(|c| visit(y * out + x, value + c, number + c));
                    }
                }
            }
        }
    }

    /// Where value `value` of the patch at `pixel` lies in groups.
    const fn place(&self, pixel: usize, value: usize) -> usize {
        (value / GROUP * self.pixels() + pixel) * GROUP + value % GROUP
    }

    fn forward_photo(&self, packed: &Packed, image: &[f32], y: &mut [f32]) -> Photo {
        let mut patches = self.spare.take(grouped(PATCH, self.pixels()));
        patches.fill(0.0);
        self.each_value(|pixel, value, number| patches[self.place(pixel, value)] = image[number]);
        let mut wide = self.spare.take(grouped(self.output, self.pixels()));
        product(self.level, packed, &patches, Finish::Relu6, &mut wide);
        scatter(&wide, self.output, y);
        Photo { patches, wide }
    }

    /// Puts the gradient of the convolution's sums in place of its results, and that of the image into `gx` unless that is empty.
    fn backward_photo(&self, packed: &Packed, photo: &mut Photo, gradient: &[f32], gx: &mut [f32]) {
        let mut groups = self.spare.take(photo.wide.len());
        gather(gradient, self.output, &mut groups);
        for (v, g) in photo.wide.iter_mut().zip(groups.iter()) {
            *v = if *v > 0.0 && *v < 6.0 { *g } else { 0.0 };
        }
        self.spare.put([groups]);
        if !gx.is_empty() {
            let mut back = self.spare.take(photo.patches.len());
            product(self.level, packed, &photo.wide, Finish::Linear, &mut back);
            self.each_value(|pixel, value, number| gx[number] += back[self.place(pixel, value)]);
            self.spare.put([back]);
        }
    }
}

impl Stage for Stem {
    type Kept = Vec<Photo>;
    const NAME: &'static str = "stem";

    fn lengths(&self) -> (usize, usize) {
        (self.side * self.side * COLOURS, self.pixels() * self.output)
    }

    fn shape(&self, photos: usize) -> Shape {
        (photos, self.output_side(), self.output_side(), self.output).into()
    }

    fn parameters(&self) -> usize {
        (PATCH + 1) * self.output
    }

    fn kept_bytes(&self) -> usize {
        4 * (grouped(PATCH, self.pixels()) + grouped(self.output, self.pixels()))
    }

    fn forward(&self, x: &[f32], parameters: &[f32], keep: bool) -> (Vec<f32>, Vec<Photo>) {
        let (before, after) = self.lengths();
        let (weight, bias) = parameters.split_at(PATCH * self.output);
        let packed = Packed::new(weight, bias);
        let mut y = vec![0.0; x.len() / before * after];
        let work = x.chunks(before).zip(y.chunks_mut(after)).collect();
        let photos = self.threads.each(work, |(x, y): (&[f32], &mut [f32])| {
            let photo = self.forward_photo(&packed, x, y);
            if keep {
                return Some(photo);
            }
            self.spare.put([photo.patches, photo.wide]);
            None
        });
        (y, photos.into_iter().flatten().collect())
    }

    fn backward(
        &self,
        parameters: &[f32],
        mut kept: Vec<Photo>,
        gradient: &[f32],
        wanted: bool,
    ) -> (Vec<f32>, Vec<f32>) {
        let (before, after) = self.lengths();
        let (weight, _) = parameters.split_at(PATCH * self.output);
        let packed = Packed::transposed(weight, self.output);
        let mut gx = vec![0.0; if wanted { gradient.len() / after * before } else { 0 }];
        let mut pieces = gx.chunks_mut(before);
        let work = kept
            .iter_mut()
            .zip(gradient.chunks(after))
            .map(|(photo, g)| (photo, g, pieces.next().unwrap_or_default()))
            .collect();
        self.threads.each(work, |(photo, g, gx): (&mut Photo, &[f32], &mut [f32])| {
            self.backward_photo(&packed, photo, g, gx);
        });
        let pixels = self.pixels();
        let pairs: Vec<_> = kept.iter().map(|p| Pair { wide: &p.wide, narrow: &p.patches, pixels }).collect();
        let turned = weight_gradient(self.level, self.threads, &pairs, (self.output, PATCH));
        let mut result = vec![0.0; parameters.len()];
        let (weight, bias) = result.split_at_mut(PATCH * self.output);
        layout::transposed(&turned, PATCH, weight);
        for photo in kept {
            layout::add_column_sums(&photo.wide, pixels, bias);
            self.spare.put([photo.patches, photo.wide]);
        }
        (gx, result)
    }
}
