//! Are two pictures the same picture, saved, scaled, trimmed or brightened differently?
//!
//! Both are reduced to a small grey sketch; likeness is the correlation of the two sketches (Pearson's r over their
//! pixels), which neither brightness nor contrast changes, at the best of many ways to lay one onto a part of the other: up
//! to a tenth of its width and of its height may have been cut off. Re-encoding and scaling leave 0.998 and more; two
//! photos of the same thing rarely reach 0.9 (measured on the groceries and drawings of `tests/integration/dupes.rs`).

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbImage;

use super::decode::DecodeError;

/// Pixels along a side of a sketch.
const SIDE: usize = 48;
/// Pixels along a side of what is compared.
const VIEW: usize = 32;
/// Share of a side that a view shows.
const SHARES: [f32; 5] = [1.0, 0.975, 0.95, 0.925, 0.9];
/// Places a view that shows less than the whole side can have along it.
const PLACES: usize = 5;
/// Below this standard deviation, in grey levels of 255, there is nothing to compare: a blank page is like no other.
const LEAST_CONTRAST: f32 = 2.0;

/// A picture in 48 x 48 grey pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch(Box<[u8]>);

/// Zero mean, unit length: the dot product of two of them is their correlation. `[32 * 32]`; none without contrast.
#[derive(Clone, Debug)]
pub struct View(Option<Box<[f32]>>);

/// Every part of a picture that may be what is left of it.
#[derive(Clone, Debug)]
pub struct Views(Vec<View>);

/// How one side of the sketch is sampled: for each of the 32 pixels the sketch's pixel before it, and how far it lies
/// towards the next.
type Samples = [(usize, f32); VIEW];

impl Sketch {
    /// Sketches a picture; one without pixels is blank. Errors only when it cannot be scaled.
    pub fn of(picture: &RgbImage) -> Result<Self, DecodeError> {
        let failed = |error: &dyn std::fmt::Display| DecodeError::Thumbnail(error.to_string());
        let (width, height) = picture.dimensions();
        let source = ImageRef::new(width, height, picture.as_raw(), PixelType::U8x3).map_err(|error| failed(&error))?;
        let mut small = Image::new(SIDE as u32, SIDE as u32, PixelType::U8x3);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
        Resizer::new().resize(&source, &mut small, &options).map_err(|error| failed(&error))?;
        // Luma of ITU-R BT.601, in 1/256.
        let grey =
            |rgb: &[u8; 3]| ((77 * u32::from(rgb[0]) + 150 * u32::from(rgb[1]) + 29 * u32::from(rgb[2])) >> 8) as u8;
        Ok(Self(small.buffer().as_chunks::<3>().0.iter().map(grey).collect()))
    }

    /// The whole picture.
    pub fn whole(&self) -> View {
        let all = samples(1.0, 0.0);
        View::of(mixed(&self.across(&all), &all))
    }

    /// The whole picture first, then its parts.
    pub fn views(&self) -> Views {
        let mut sides = vec![samples(1.0, 0.0)];
        for share in SHARES.into_iter().filter(|share| *share < 1.0) {
            sides.extend((0..PLACES).map(|place| samples(share, (1.0 - share) * place as f32 / (PLACES - 1) as f32)));
        }
        let mut views = Vec::with_capacity(sides.len() * sides.len());
        for across in &sides {
            let rows = self.across(across);
            views.extend(sides.iter().map(|down| View::of(mixed(&rows, down))));
        }
        Views(views)
    }

    /// Every row of the sketch sampled along it.
    fn across(&self, samples: &Samples) -> Vec<[f32; VIEW]> {
        let sampled = |row: &[u8]| {
            samples.map(|(x, part)| {
                let at = |x: usize| row.get(x).copied().map_or(0.0, f32::from);
                at(x) + part * (at(x + 1) - at(x))
            })
        };
        self.0.chunks_exact(SIDE).map(sampled).collect()
    }
}

/// Rows sampled down.
fn mixed(rows: &[[f32; VIEW]], samples: &Samples) -> Vec<f32> {
    let mut pixels = Vec::with_capacity(VIEW * VIEW);
    for &(y, part) in samples {
        let row = |y: usize| rows.get(y).copied().unwrap_or([0.0; VIEW]);
        pixels.extend(row(y).iter().zip(row(y + 1)).map(|(above, below)| above + part * (below - above)));
    }
    pixels
}

impl View {
    fn of(mut pixels: Vec<f32>) -> Self {
        let count = pixels.len().max(1) as f32;
        let mean = dot(&pixels, &[1.0; VIEW * VIEW]) / count;
        for pixel in &mut pixels {
            *pixel -= mean;
        }
        let length = dot(&pixels, &pixels).sqrt();
        if length < LEAST_CONTRAST * count.sqrt() {
            return Self(None);
        }
        for pixel in &mut pixels {
            *pixel /= length;
        }
        Self(Some(pixels.into()))
    }

    /// The correlation of two views, from -1 to 1; 0 when one has no contrast.
    pub fn correlation(&self, other: &Self) -> f32 {
        self.0.as_ref().zip(other.0.as_ref()).map_or(0.0, |(a, b)| dot(a, b))
    }
}

impl Views {
    /// The best correlation of any view of this picture with the whole of another. The likeness of two pictures is the
    /// larger of both ways round.
    pub fn best(&self, whole: &View) -> f32 {
        self.0.iter().map(|view| view.correlation(whole)).fold(-1.0, f32::max)
    }
}

/// Where the 32 pixels of a view lie on a side of the sketch: `share` of it, from `start` (both parts of the side).
fn samples(share: f32, start: f32) -> Samples {
    std::array::from_fn(|i| {
        let at = (start + (i as f32 + 0.5) / VIEW as f32 * share) * SIDE as f32 - 0.5;
        let before = at.max(0.0).min((SIDE - 2) as f32) as usize;
        (before, (at - before as f32).clamp(0.0, 1.0))
    })
}

/// Eight sums abreast, which the compiler turns into vectors.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    for (a, b) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::demo::draw;
    use image::Rgb;
    use image::imageops::{FilterType, crop_imm, resize};

    fn likeness(one: &RgbImage, other: &RgbImage) -> f32 {
        let (one, other) = (Sketch::of(one).unwrap(), Sketch::of(other).unwrap());
        one.views().best(&other.whole()).max(other.views().best(&one.whole()))
    }

    #[test]
    fn the_same_picture_is_known_scaled_brightened_and_trimmed_on_any_side() {
        for label in [0, 1, 5, 8, 14] {
            let picture = draw(label, 2);
            let half = resize(&picture, 160, 120, FilterType::Triangle);
            let bright = RgbImage::from_fn(320, 240, |x, y| {
                Rgb(picture.get_pixel(x, y).0.map(|v| (u32::from(v) * 6 / 5).min(255) as u8))
            });
            assert!(likeness(&picture, &half) > 0.995 && likeness(&picture, &bright) > 0.95, "{label}");
            for (x, y, width, height) in [(0, 0, 304, 228), (16, 12, 304, 228), (8, 0, 304, 240), (0, 12, 320, 228)] {
                let trimmed = crop_imm(&picture, x, y, width, height).to_image();
                let alike = likeness(&picture, &trimmed);
                assert!(alike > 0.95, "{label}: {x} {y} {width} {height}: {alike}");
                assert!((likeness(&trimmed, &picture) - alike).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn pictures_of_the_same_kind_are_not_the_same_picture() {
        for label in 0..16 {
            for picture in 1..6 {
                let alike = likeness(&draw(label, 0), &draw(label, picture));
                assert!(alike < 0.95, "{label} {picture}: {alike}");
            }
        }
    }

    #[test]
    fn a_blank_page_is_like_nothing() {
        let blank = RgbImage::from_pixel(60, 80, Rgb([250, 250, 249]));
        assert!(likeness(&blank, &blank).abs() < 1e-6 && likeness(&blank, &draw(0, 0)).abs() < 1e-6);
        for side in [0, 1] {
            assert!(likeness(&RgbImage::new(side, side), &draw(0, 0)).abs() < 1e-6);
        }
    }
}
