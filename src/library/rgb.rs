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
pub(super) fn factor(size: Size, shorter_side: u32) -> u32 {
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
        (image, _) => average(&image, size, shorter_side),
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

/// How the samples of a row lie: side by side, pixel after pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Samples {
    /// 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.
    pub(super) channels: usize,
    /// 16 bits instead of 8.
    pub(super) wide: bool,
    /// Of two bytes the low one first.
    pub(super) little: bool,
}

impl Samples {
    pub(super) const RGB: Self = Self { channels: 3, wide: false, little: false };

    pub(super) const fn bytes_per_pixel(self) -> usize {
        self.channels * if self.wide { 2 } else { 1 }
    }

    /// A row of these as RGB of 8 bits.
    fn to_rgb(self, row: &[u8], rgb: &mut [u8]) {
        let number = |bytes: [u8; 2]| if self.little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) };
        let pairs = row.as_chunks::<2>().0;
        match (self.channels, self.wide) {
            (1, false) => convert::<1, _>(row, rgb, |sample| sample),
            (2, false) => convert::<2, _>(row, rgb, |sample| sample),
            (3, false) => convert::<3, _>(row, rgb, |sample| sample),
            (_, false) => convert::<4, _>(row, rgb, |sample| sample),
            (1, true) => convert::<1, _>(pairs, rgb, |pair| narrow(number(pair))),
            (2, true) => convert::<2, _>(pairs, rgb, |pair| narrow(number(pair))),
            (3, true) => convert::<3, _>(pairs, rgb, |pair| narrow(number(pair))),
            (_, true) => convert::<4, _>(pairs, rgb, |pair| narrow(number(pair))),
        }
    }

    /// The same of four inks: cyan, magenta, yellow, black.
    fn inks_to_rgb(self, row: &[u8], rgb: &mut [u8]) {
        let high = usize::from(self.little);
        let ink = |pixel: &[u8], i: usize| if self.wide { pixel[2 * i + high] } else { pixel[i] };
        for (to, pixel) in rgb.chunks_exact_mut(3).zip(row.chunks_exact(self.bytes_per_pixel())) {
            to.iter_mut().enumerate().for_each(|(i, to)| *to = under_black(255 - ink(pixel, i), 255 - ink(pixel, 3)));
        }
    }
}

/// What is left of a colour under black ink: both as light that comes back, 0 to 255.
pub(super) fn under_black(colour: u8, black: u8) -> u8 {
    ((u32::from(colour) * u32::from(black) + 127) / 255) as u8
}

/// Takes a picture row by row, from top to bottom, and averages it down by a whole number: each pixel of the result is
/// the mean of `factor` x `factor` pixels (of fewer at the right and lower edge). Needs no full-size buffer.
pub(super) struct Shrinker {
    size: Size,
    factor: usize,
    image: RgbImage,
    row: Vec<u8>,
    sums: Vec<u32>,
    taken: usize,
}

impl Shrinker {
    /// For a picture of `size` whose shorter side may shrink to `shorter_side`; the result has the size of [`shrunk`].
    pub(super) fn new(size: Size, shorter_side: u32) -> Self {
        let to = shrunk(size, shorter_side);
        Self {
            size,
            factor: factor(size, shorter_side) as usize,
            image: RgbImage::new(to.width, to.height),
            row: vec![0; size.width as usize * 3],
            sums: vec![0; to.width as usize * 3],
            taken: 0,
        }
    }

    /// Takes the next row, whose samples lie as told.
    pub(super) fn push(&mut self, row: &[u8], samples: Samples) {
        if samples == Samples::RGB {
            return self.add(row);
        }
        let mut rgb = std::mem::take(&mut self.row);
        samples.to_rgb(row, &mut rgb);
        self.add(&rgb);
        self.row = rgb;
    }

    /// Takes the next row, whose samples are four inks.
    pub(super) fn push_inks(&mut self, row: &[u8], samples: Samples) {
        let mut rgb = std::mem::take(&mut self.row);
        samples.inks_to_rgb(row, &mut rgb);
        self.add(&rgb);
        self.row = rgb;
    }

    /// The result, once all rows were taken.
    pub(super) fn finish(self) -> Option<RgbImage> {
        (self.taken == self.size.height as usize).then_some(self.image)
    }

    fn add(&mut self, rgb: &[u8]) {
        let (width, height, step) = (self.size.width as usize, self.size.height as usize, self.factor);
        let Some(into) = self.image.chunks_exact_mut(self.sums.len()).nth(self.taken / step) else { return };
        self.taken += 1;
        if step == 1 {
            return into.iter_mut().zip(rgb).for_each(|(to, &sample)| *to = sample);
        }
        for (block, sum) in rgb.chunks(step * 3).zip(self.sums.chunks_exact_mut(3)) {
            for pixel in block.chunks_exact(3) {
                sum.iter_mut().zip(pixel).for_each(|(sum, &sample)| *sum += u32::from(sample));
            }
        }
        if !self.taken.is_multiple_of(step) && self.taken < height {
            return;
        }
        let rows = (self.taken - 1) % step + 1;
        for (x, (pixel, sum)) in into.chunks_exact_mut(3).zip(self.sums.chunks_exact(3)).enumerate() {
            let count = (rows * step.min(width - x * step)) as u32;
            pixel.iter_mut().zip(sum).for_each(|(to, sum)| *to = ((sum + count / 2) / count) as u8);
        }
        self.sums.fill(0);
    }
}

fn average(image: &DynamicImage, size: Size, shorter_side: u32) -> RgbImage {
    let mut shrinker = Shrinker::new(size, shorter_side);
    let mut row = vec![0_u8; size.width as usize * 3];
    for y in 0..size.height as usize {
        read_row(image, y, &mut row);
        shrinker.add(&row);
    }
    shrinker.image
}

/// Row `y` as RGB of 8 bits.
fn read_row(image: &DynamicImage, y: usize, row: &mut [u8]) {
    let real = |sample: f32| (sample.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
    match image {
        DynamicImage::ImageLuma8(image) => row_of::<1, _>(image.as_raw(), y, row, |sample| sample),
        DynamicImage::ImageLumaA8(image) => row_of::<2, _>(image.as_raw(), y, row, |sample| sample),
        DynamicImage::ImageRgb8(image) => row_of::<3, _>(image.as_raw(), y, row, |sample| sample),
        DynamicImage::ImageRgba8(image) => row_of::<4, _>(image.as_raw(), y, row, |sample| sample),
        DynamicImage::ImageLuma16(image) => row_of::<1, _>(image.as_raw(), y, row, narrow),
        DynamicImage::ImageLumaA16(image) => row_of::<2, _>(image.as_raw(), y, row, narrow),
        DynamicImage::ImageRgb16(image) => row_of::<3, _>(image.as_raw(), y, row, narrow),
        DynamicImage::ImageRgba16(image) => row_of::<4, _>(image.as_raw(), y, row, narrow),
        DynamicImage::ImageRgb32F(image) => row_of::<3, _>(image.as_raw(), y, row, real),
        DynamicImage::ImageRgba32F(image) => row_of::<4, _>(image.as_raw(), y, row, real),
        // `DynamicImage` may grow kinds; none of ours decoders makes others.
        other => row_of::<3, _>(other.to_rgb8().as_raw(), y, row, |sample| sample),
    }
}

/// Of 16 bits 8.
fn narrow(sample: u16) -> u8 {
    ((u32::from(sample) + 128) / 257) as u8
}

/// Row `y` of a picture.
fn row_of<const CHANNELS: usize, S: Copy>(samples: &[S], y: usize, row: &mut [u8], to_8_bits: impl Fn(S) -> u8) {
    let stride = row.len() / 3 * CHANNELS;
    convert::<CHANNELS, S>(samples.get(y * stride..(y + 1) * stride).unwrap_or_default(), row, to_8_bits);
}

fn convert<const CHANNELS: usize, S: Copy>(samples: &[S], row: &mut [u8], to_8_bits: impl Fn(S) -> u8) {
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
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn rows_of_any_kind_average_like_the_whole_picture(
            width in 1_u32..40, height in 1_u32..40, asked in 1_u32..9, channels in 1_usize..5, wide: bool, little: bool, seed: u16,
        ) {
            let samples = Samples { channels, wide, little };
            let size = Size { width, height };
            let value = |i: usize| (i as u16).wrapping_mul(40_503).wrapping_add(seed).rotate_left(3);
            let count = (width * height) as usize * channels;
            let numbers: Vec<u16> = (0..count).map(|i| if wide { value(i) } else { value(i) >> 8 }).collect();
            let bytes: Vec<u8> = numbers.iter().flat_map(|&n| match (wide, little) {
                (false, _) => vec![n as u8],
                (true, true) => n.to_le_bytes().to_vec(),
                (true, false) => n.to_be_bytes().to_vec(),
            }).collect();
            let mut shrinker = Shrinker::new(size, asked);
            bytes.chunks(width as usize * samples.bytes_per_pixel()).for_each(|row| shrinker.push(row, samples));
            // The slow twin: every pixel to RGB, then every block summed up.
            let eight = |i: usize| if wide { f64::from(numbers[i]) / 257.0 } else { f64::from(numbers[i]) }.round();
            let pixel = |x: u32, y: u32, c: usize| {
                let at = (y * width + x) as usize * channels;
                let colour = eight(at + if channels > 2 { c } else { 0 });
                let alpha = if channels % 2 == 0 { eight(at + channels - 1) } else { 255.0 };
                ((colour * alpha + 255.0 * (255.0 - alpha)) / 255.0).round()
            };
            let (small, by) = (shrinker.finish().unwrap(), factor(size, asked));
            for (x, y, got) in small.enumerate_pixels() {
                let block = (y * by..((y + 1) * by).min(height)).flat_map(|y| (x * by..((x + 1) * by).min(width)).map(move |x| (x, y)));
                let block: Vec<_> = block.collect();
                for c in 0..3 {
                    let mean = block.iter().map(|&(x, y)| pixel(x, y, c)).sum::<f64>() / block.len() as f64;
                    prop_assert!((f64::from(got.0[c]) - mean).abs() <= 0.5 + 1e-9, "{} {} {}: {:?} {}", x, y, c, got, mean);
                }
            }
        }
    }

    #[test]
    fn inks_are_light_that_does_not_come_back() {
        let samples = Samples { channels: 4, wide: false, little: false };
        let mut shrinker = Shrinker::new(Size { width: 3, height: 1 }, 1);
        shrinker.push_inks(&[0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 255, 128], samples);
        assert_eq!(shrinker.finish().unwrap().as_raw(), &[255, 255, 255, 0, 255, 255, 127, 0, 0]);
    }

    #[test]
    fn a_picture_with_too_few_rows_is_none() {
        let mut shrinker = Shrinker::new(Size { width: 1, height: 2 }, 1);
        shrinker.push(&[1, 2, 3], Samples::RGB);
        assert!(shrinker.finish().is_none());
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
