//! From an upright photo to the numbers the network takes: shorter side scaled, centre cut out, each colour shifted and scaled.
//!
//! The definition (as Pillow does it): resize the whole photo with an antialiased bicubic (a = -0.5) so that its shorter side has
//! `resized` pixels, then cut the centre square of `side`. Only the part that reaches the square is computed here, with a margin
//! wide enough that the filter sees what it would see in the whole photo.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbImage;

/// Pixels computed around the square and thrown away: the bicubic filter reaches two pixels of the result when shrinking.
const MARGIN: u32 = 3;

/// The square that is cut out of a scaled photo.
#[derive(Clone, Copy, Debug)]
pub(super) struct Square {
    /// What the photo's shorter side is scaled to, in pixels.
    resized: u32,
    /// The square's side in pixels.
    side: u32,
    /// Whether fractions of pixels are rounded as torchvision does it.
    as_torchvision: bool,
}

impl Square {
    /// The scaled longer side to the nearest pixel, the first pixel of the square down.
    pub(super) const fn new(resized: u32, side: u32) -> Self {
        Self { resized, side, as_torchvision: false }
    }

    /// The scaled longer side down, the first pixel of the square to the nearest, halves to even: torchvision's `Resize` and `CenterCrop`.
    pub(super) const fn as_torchvision(resized: u32, side: u32) -> Self {
        Self { resized, side, as_torchvision: true }
    }
}

/// What a network takes for a value `v`, 0 to 255, of each colour: `(v - centre) / scale`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Colours {
    centre: [f32; 3],
    scale: [f32; 3],
}

impl Colours {
    /// -127/128 to 1.
    pub(super) const LITE: Self = Self { centre: [127.0; 3], scale: [128.0; 3] };
    /// Mean and standard deviation of `ImageNet`'s photos, on the scale 0 to 1 known as (0.485, 0.456, 0.406) and (0.229, 0.224, 0.225).
    pub(super) const IMAGENET: Self = Self {
        centre: [0.485 * 255.0, 0.456 * 255.0, 0.406 * 255.0],
        scale: [0.229 * 255.0, 0.224 * 255.0, 0.225 * 255.0],
    };
}

/// NHWC `[side, side, 3]`, from `photo` of any size. A photo without pixels gives zeros, the mean colour.
pub(super) fn centre_square(photo: &RgbImage, square: &Square, colours: &Colours) -> Vec<f32> {
    let side = square.side as usize;
    let scaled = scaled_size(photo.dimensions(), square);
    let spans = [axis(photo.width(), scaled.0, square), axis(photo.height(), scaled.1, square)];
    let Some(pixels) = resample(photo, &spans) else {
        return vec![0.0; side * side * 3];
    };
    let rows = pixels.buffer().chunks_exact(3 * spans[0].length as usize).skip(spans[1].skipped as usize).take(side);
    let kept = rows.flat_map(|line| line.as_chunks::<3>().0.iter().skip(spans[0].skipped as usize).take(side));
    let Colours { centre, scale } = colours;
    let mut values = Vec::with_capacity(side * side * 3);
    kept.for_each(|pixel| values.extend([0, 1, 2].map(|c| (f32::from(pixel[c]) - centre[c]) / scale[c])));
    values
}

/// A part of a photo, mirrored and recoloured or not: what training shows of it at full depth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Which part; `None`: the centre, as at indexing.
    pub part: Option<Part>,
    /// Whether left and right are exchanged.
    pub mirrored: bool,
    /// What all colours are multiplied by; 1 leaves them alone.
    pub brightness: f32,
    /// What the distance from mid-grey (127 of 255) is multiplied by.
    pub contrast: f32,
    /// What the distance from the pixel's own grey is multiplied by.
    pub saturation: f32,
}

/// A rectangle in a photo, as shares of what fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// Share of the photo's area, above 0, at most 1.
    pub area: f32,
    /// Width divided by height; reduced where the photo is too narrow or too low for it.
    pub aspect: f32,
    /// Where it lies in the free space: 0 is at the left (top), 1 at the right (bottom).
    pub place: (f32, f32),
}

impl View {
    /// The photo as at indexing.
    pub const PLAIN: Self = Self { part: None, mirrored: false, brightness: 1.0, contrast: 1.0, saturation: 1.0 };
}

impl Part {
    /// Left, top, width and height in pixels, within the photo.
    fn rectangle(&self, (width, height): (u32, u32)) -> [f64; 4] {
        let (width, height) = (f64::from(width), f64::from(height));
        let (area, aspect) = (f64::from(self.area) * width * height, f64::from(self.aspect));
        let (w, h) = ((area * aspect).sqrt().min(width), (area / aspect).sqrt().min(height));
        [(width - w) * f64::from(self.place.0), (height - h) * f64::from(self.place.1), w, h]
    }
}

/// NHWC `[side, side, 3]` of one view of `photo`, in [`Colours::LITE`]. A photo without pixels gives mid-grey.
pub(super) fn view(photo: &RgbImage, view: &View, resized: u32, side: u32) -> Vec<f32> {
    let mut square = match view.part {
        None => centre_square(photo, &Square::new(resized, side), &Colours::LITE),
        Some(part) => part_square(photo, part.rectangle(photo.dimensions()), side)
            .unwrap_or_else(|| vec![0.0; side as usize * side as usize * 3]),
    };
    if view.mirrored {
        mirror(&mut square, side as usize);
    }
    if (view.brightness, view.contrast, view.saturation) != (1.0, 1.0, 1.0) {
        square.as_chunks_mut().0.iter_mut().for_each(|pixel| recolour(pixel, view));
    }
    square
}

fn part_square(photo: &RgbImage, [left, top, width, height]: [f64; 4], side: u32) -> Option<Vec<f32>> {
    let source = ImageRef::new(photo.width(), photo.height(), photo.as_raw(), PixelType::U8x3).ok()?;
    let mut result = Image::new(side, side, PixelType::U8x3);
    let bicubic = ResizeAlg::Convolution(FilterType::CatmullRom);
    let options = ResizeOptions::new().resize_alg(bicubic).crop(left, top, width, height);
    Resizer::new().resize(&source, &mut result, &options).ok()?;
    Some(result.buffer().iter().map(|&value| (f32::from(value) - 127.0) / 128.0).collect())
}

/// Exchanges left and right of an NHWC picture of three colours.
pub(super) fn mirror(square: &mut [f32], side: usize) {
    square.chunks_exact_mut(side * 3).for_each(|row| row.as_chunks_mut::<3>().0.reverse());
}

/// Brightness, contrast and saturation of one pixel, kept within what a photo can hold.
fn recolour(pixel: &mut [f32; 3], view: &View) {
    const MID: f32 = 127.0 / 128.0;
    // From -127/128 .. 1 to 0 .. 255/128 and back.
    let lit = pixel.map(|v| ((v * view.contrast) + MID) * view.brightness);
    let grey = 0.299 * lit[0] + 0.587 * lit[1] + 0.114 * lit[2];
    *pixel = lit.map(|v| (grey + (v - grey) * view.saturation).clamp(0.0, 255.0 / 128.0) - MID);
}

/// Size of the whole photo once its shorter side has `resized` pixels; neither side under `side`.
fn scaled_size((width, height): (u32, u32), square: &Square) -> (u32, u32) {
    let (resized, shorter) = (f64::from(square.resized), f64::from(width.min(height).max(1)));
    let scale = |length: u32| {
        let exact = if square.as_torchvision {
            (resized * f64::from(length) / shorter).floor()
        } else {
            (f64::from(length) * (resized / shorter)).round_ties_even()
        };
        (exact as u32).max(square.side)
    };
    (scale(width), scale(height))
}

/// What is computed along one axis: `length` pixels of the scaled photo, from `start` of the original, `skipped` of them before the square.
struct Span {
    start: f64,
    extent: f64,
    length: u32,
    skipped: u32,
}

fn axis(original: u32, scaled: u32, &Square { side, as_torchvision, .. }: &Square) -> Span {
    let free = scaled - side;
    let before = if as_torchvision { (f64::from(free) / 2.0).round_ties_even() as u32 } else { free / 2 };
    let skipped = before.min(MARGIN);
    let length = (side + skipped + MARGIN).min(scaled - before + skipped);
    let step = f64::from(original) / f64::from(scaled);
    Span { start: f64::from(before - skipped) * step, extent: f64::from(length) * step, length, skipped }
}

fn resample<'a>(photo: &RgbImage, [across, down]: &[Span; 2]) -> Option<Image<'a>> {
    let source = ImageRef::new(photo.width(), photo.height(), photo.as_raw(), PixelType::U8x3).ok()?;
    let mut result = Image::new(across.length, down.length, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom)).crop(
        across.start,
        down.start,
        across.extent,
        down.extent,
    );
    Resizer::new().resize(&source, &mut result, &options).ok()?;
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([(x * 7 + y * 3) as u8, (x ^ y) as u8, ((x * x + y * y) / 97) as u8])
        })
    }

    fn lite(photo: &RgbImage) -> Vec<f32> {
        centre_square(photo, &Square::new(256, 224), &Colours::LITE)
    }

    /// The definition, word for word: the whole photo resized, then cut.
    fn whole(photo: &RgbImage, resized: u32, side: u32) -> Vec<f32> {
        let (width, height) = scaled_size(photo.dimensions(), &Square::new(resized, side));
        let spans = [(photo.width(), width), (photo.height(), height)].map(|(from, to)| Span {
            start: 0.0,
            extent: f64::from(from),
            length: to,
            skipped: 0,
        });
        let pixels = resample(photo, &spans).unwrap();
        let (left, top) = ((width - side) / 2, (height - side) / 2);
        let at = |x: u32, y: u32, c: u32| pixels.buffer()[((y * width + x) * 3 + c) as usize];
        let mut square = Vec::new();
        for y in top..top + side {
            for x in left..left + side {
                square.extend((0..3).map(|c| (f32::from(at(x, y, c)) - 127.0) / 128.0));
            }
        }
        square
    }

    #[test]
    fn only_the_crop_is_resized_and_nothing_else_changes() {
        for (width, height) in [(640, 480), (300, 900), (256, 256), (1000, 257), (3000, 2000)] {
            let photo = photo(width, height);
            let (part, all) = (lite(&photo), whole(&photo, 256, 224));
            let worst = part.iter().zip(&all).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst <= 1.0 / 128.0, "{width}x{height}: {worst}");
            let differ = part.iter().zip(&all).filter(|(a, b)| (*a - *b).abs() > 0.0).count();
            assert!(differ * 100 < part.len(), "{width}x{height}: {differ} of {} differ", part.len());
        }
    }

    #[test]
    fn the_whole_photo_as_a_part_is_the_photo_squeezed_and_mirroring_twice_is_nothing() {
        let photo = photo(640, 480);
        let whole = Part { area: 1.0, aspect: 640.0 / 480.0, place: (0.3, 0.9) };
        let shown = view(&photo, &View { part: Some(whole), ..View::PLAIN }, 256, 224);
        let squeezed = part_square(&photo, [0.0, 0.0, 640.0, 480.0], 224).unwrap();
        assert!(shown.iter().zip(&squeezed).all(|(a, b)| (a - b).abs() <= 1.0 / 128.0));
        let mut mirrored = view(&photo, &View { mirrored: true, ..View::PLAIN }, 256, 224);
        let plain = view(&photo, &View::PLAIN, 256, 224);
        assert!(plain == lite(&photo));
        assert!(mirrored[..3] == plain[223 * 3..224 * 3] && mirrored != plain);
        mirror(&mut mirrored, 224);
        assert!(mirrored == plain);
    }

    #[test]
    fn parts_stay_inside_the_photo_and_colours_inside_their_range() {
        for (width, height) in [(640, 480), (30, 900), (1, 1), (300, 2)] {
            for (area, aspect) in [(0.2, 0.75), (1.0, 1.3), (0.5, 1.0)] {
                let part = Part { area, aspect, place: (1.0, 1.0) };
                let [left, top, w, h] = part.rectangle((width, height));
                assert!(left >= 0.0 && top >= 0.0 && w > 0.0 && h > 0.0);
                assert!(left + w <= f64::from(width) + 1e-9 && top + h <= f64::from(height) + 1e-9);
                let bright = View { part: Some(part), brightness: 1.5, contrast: 1.3, saturation: 1.4, mirrored: true };
                let shown = view(&photo(width, height), &bright, 256, 224);
                assert!(shown.len() == 224 * 224 * 3 && shown.iter().all(|v| (-127.0 / 128.0..=1.0).contains(v)));
            }
        }
        let mut pixel = [0.5, -0.25, 0.0];
        recolour(&mut pixel, &View { saturation: 0.0, ..View::PLAIN });
        assert!((pixel[0] - pixel[1]).abs() < 1e-6 && (pixel[1] - pixel[2]).abs() < 1e-6);
        let mut same = [0.5, -0.25, 0.0];
        recolour(&mut same, &View::PLAIN);
        assert!(same.iter().zip([0.5, -0.25, 0.0]).all(|(a, b)| (a - b).abs() < 1e-6));
    }

    #[test]
    fn a_photo_of_one_colour_stays_that_colour() {
        let grey = RgbImage::from_pixel(500, 333, image::Rgb([127, 255, 0]));
        for pixel in lite(&grey).chunks(3) {
            assert_eq!(pixel, [0.0, 1.0, -127.0 / 128.0]);
        }
    }

    #[test]
    fn odd_sizes_give_a_full_square() {
        for (width, height) in [(0, 0), (0, 5), (1, 1), (1, 5000), (5000, 1), (3, 2), (223, 224), (257, 256)] {
            assert_eq!(lite(&photo(width, height)).len(), 224 * 224 * 3, "{width}x{height}");
        }
    }
}
