//! From whatever a decoder hands over to upright RGB of a sensible size.

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};

/// Pixels across and down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Size {
    pub(super) fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    pub(super) fn shorter(self) -> u32 {
        self.width.min(self.height)
    }
}

/// How many pixels in a row become one: as many as leave the shorter side at least twice as long as asked, so that the
/// resampling that follows still has the say about sharpness.
fn factor(size: Size, shorter_side: u32) -> u32 {
    (size.shorter() / shorter_side.max(1).saturating_mul(2)).max(1)
}

/// The size after [`to_rgb`].
pub(super) fn shrunk(size: Size, shorter_side: u32) -> Size {
    let factor = factor(size, shorter_side);
    Size { width: size.width.div_ceil(factor), height: size.height.div_ceil(factor) }
}

/// RGB of 8 bits, transparent parts over white, averaged down by a whole number where the photo is far larger than
/// `shorter_side`. Needs no full-size buffer beside the decoder's.
pub(super) fn to_rgb(image: DynamicImage, shorter_side: u32) -> RgbImage {
    let size = Size { width: image.width(), height: image.height() };
    match (image, factor(size, shorter_side)) {
        (DynamicImage::ImageRgb8(image), 1) => image,
        (image, factor) => average(&image, size, factor),
    }
}

/// Turns the stored pixels upright.
pub(super) fn upright(image: RgbImage, orientation: Orientation) -> RgbImage {
    if orientation == Orientation::NoTransforms {
        return image;
    }
    let mut image = DynamicImage::ImageRgb8(image);
    image.apply_orientation(orientation);
    image.into_rgb8()
}

/// Each output pixel is the mean of `factor` x `factor` pixels (of fewer at the right and lower edge).
fn average(image: &DynamicImage, size: Size, factor: u32) -> RgbImage {
    let (width, step) = (size.width as usize, factor as usize);
    let to = Size { width: size.width.div_ceil(factor), height: size.height.div_ceil(factor) };
    let mut averaged = RgbImage::new(to.width, to.height);
    let mut row = vec![0_u8; width * 3];
    let mut sums = vec![0_u32; to.width as usize * 3];
    for (into, top) in averaged.chunks_exact_mut(sums.len()).zip((0..size.height as usize).step_by(step)) {
        let bottom = (top + step).min(size.height as usize);
        sums.fill(0);
        for y in top..bottom {
            read_row(image, y, &mut row);
            for (block, sum) in row.chunks(step * 3).zip(sums.chunks_exact_mut(3)) {
                for pixel in block.chunks_exact(3) {
                    sum.iter_mut().zip(pixel).for_each(|(sum, &sample)| *sum += u32::from(sample));
                }
            }
        }
        for (x, (pixel, sum)) in into.chunks_exact_mut(3).zip(sums.chunks_exact(3)).enumerate() {
            let count = ((bottom - top) * step.min(width - x * step)) as u32;
            pixel.iter_mut().zip(sum).for_each(|(to, sum)| *to = ((sum + count / 2) / count) as u8);
        }
    }
    averaged
}

/// Row `y` as RGB of 8 bits.
fn read_row(image: &DynamicImage, y: usize, row: &mut [u8]) {
    let wide = |sample: u16| ((u32::from(sample) + 128) / 257) as u8;
    let real = |sample: f32| (sample.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
    match image {
        DynamicImage::ImageLuma8(image) => convert::<1, _>(image.as_raw(), y, row, |sample| sample),
        DynamicImage::ImageLumaA8(image) => convert::<2, _>(image.as_raw(), y, row, |sample| sample),
        DynamicImage::ImageRgb8(image) => convert::<3, _>(image.as_raw(), y, row, |sample| sample),
        DynamicImage::ImageRgba8(image) => convert::<4, _>(image.as_raw(), y, row, |sample| sample),
        DynamicImage::ImageLuma16(image) => convert::<1, _>(image.as_raw(), y, row, wide),
        DynamicImage::ImageLumaA16(image) => convert::<2, _>(image.as_raw(), y, row, wide),
        DynamicImage::ImageRgb16(image) => convert::<3, _>(image.as_raw(), y, row, wide),
        DynamicImage::ImageRgba16(image) => convert::<4, _>(image.as_raw(), y, row, wide),
        DynamicImage::ImageRgb32F(image) => convert::<3, _>(image.as_raw(), y, row, real),
        DynamicImage::ImageRgba32F(image) => convert::<4, _>(image.as_raw(), y, row, real),
        // `DynamicImage` may grow kinds; none of ours decoders makes others.
        other => convert::<3, _>(other.to_rgb8().as_raw(), y, row, |sample| sample),
    }
}

fn convert<const CHANNELS: usize, S: Copy>(samples: &[S], y: usize, row: &mut [u8], to_8_bits: impl Fn(S) -> u8) {
    let stride = row.len() / 3 * CHANNELS;
    let samples = samples.get(y * stride..(y + 1) * stride).unwrap_or_default();
    for (pixel, to) in samples.as_chunks::<CHANNELS>().0.iter().zip(row.chunks_exact_mut(3)) {
        let rgb = match *pixel.map(&to_8_bits).as_slice() {
            [gray] => [gray; 3],
            [gray, alpha] => [over_white(gray, alpha); 3],
            [r, g, b] => [r, g, b],
            [r, g, b, alpha] => [r, g, b].map(|sample| over_white(sample, alpha)),
            _ => [0; 3],
        };
        to.copy_from_slice(&rgb);
    }
}

fn over_white(sample: u8, alpha: u8) -> u8 {
    let (sample, alpha) = (u32::from(sample), u32::from(alpha));
    ((sample * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, ImageBuffer, Luma, Rgb, Rgba, RgbaImage};

    #[test]
    fn transparent_parts_lie_over_white() {
        let image = RgbaImage::from_fn(2, 1, |x, _| Rgba([200, 0, 0, if x == 0 { 0 } else { 255 }]));
        let rgb = to_rgb(image.into(), 256);
        assert_eq!(rgb.as_raw(), &[255, 255, 255, 200, 0, 0]);
    }

    #[test]
    fn sixteen_bits_and_floats_become_eight() {
        let wide: ImageBuffer<Luma<u16>, _> =
            ImageBuffer::from_fn(3, 1, |x, _| Luma([[0, 0x8080, 0xFFFF][x as usize]]));
        assert_eq!(to_rgb(wide.into(), 1).as_raw(), &[0, 0, 0, 128, 128, 128, 255, 255, 255]);
        let real: ImageBuffer<Rgb<f32>, _> = ImageBuffer::from_pixel(1, 1, Rgb([-1.0, 0.5, f32::NAN]));
        assert_eq!(to_rgb(real.into(), 1).as_raw(), &[0, 128, 0]);
    }

    #[test]
    fn averaging_counts_the_edge_right() {
        // 5 x 3 with shorter side 3 and one pixel asked: factor 1; a larger one, factor 2, leaves an edge of one.
        let image = GrayImage::from_fn(9, 5, |x, y| Luma([(x * 10 + y) as u8]));
        let size = Size { width: 9, height: 5 };
        assert_eq!(factor(size, 1), 2);
        let small = to_rgb(image.into(), 1);
        assert_eq!(small.dimensions(), (5, 3));
        assert_eq!(shrunk(size, 1), Size { width: 5, height: 3 });
        assert_eq!(small.get_pixel(0, 0).0, [6; 3], "mean of 0, 10, 1, 11, rounded");
        assert_eq!(small.get_pixel(4, 2).0, [84; 3], "one pixel only");
    }

    #[test]
    fn the_shorter_side_never_falls_below_what_was_asked() {
        for (width, height, asked) in [(1000, 600, 256), (512, 512, 256), (513, 3000, 256), (100, 100, 256), (1, 9, 0)]
        {
            let size = Size { width, height };
            assert!(shrunk(size, asked).shorter() >= size.shorter().min(asked), "{size:?}");
        }
    }
}
