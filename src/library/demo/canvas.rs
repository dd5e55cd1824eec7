//! What the pictures are drawn on: anti-aliased shapes, each shaded by a function of the pixel.

use image::{Rgb, RgbImage};

use super::color::{Color, Noise, gradient, mix};
use super::random::Random;

pub(super) const WIDTH: f32 = 320.0;
pub(super) const HEIGHT: f32 = 240.0;

const COLUMNS: usize = WIDTH as usize;
const ROWS: usize = HEIGHT as usize;

/// Pixels from the upper left corner.
pub(super) type Point = (f32, f32);

pub(super) struct Canvas(Vec<Color>);

impl Canvas {
    pub(super) fn new() -> Self {
        Self(vec![[0.0; 3]; COLUMNS * ROWS])
    }

    /// Lays a colour over each pixel near the box from `low` to `high`; `paint` gives the colour and how far it covers.
    fn cover(&mut self, low: Point, high: Point, paint: impl Fn(f32, f32) -> (Color, f32)) {
        let span = |low: f32, high: f32, most: usize| {
            ((low - 1.0).max(0.0) as usize).min(most)..((high + 2.0).max(0.0) as usize).min(most)
        };
        for row in span(low.1, high.1, ROWS) {
            for column in span(low.0, high.0, COLUMNS) {
                let (color, amount) = paint(column as f32 + 0.5, row as f32 + 0.5);
                let pixel = &mut self.0[row * COLUMNS + column];
                *pixel = mix(*pixel, color, amount);
            }
        }
    }

    /// Lays `paint` (colour, coverage) over the whole picture.
    pub(super) fn wash(&mut self, paint: impl Fn(f32, f32) -> (Color, f32)) {
        self.cover((0.0, 0.0), (WIDTH, HEIGHT), paint);
    }

    /// Fills the picture.
    pub(super) fn fill(&mut self, shade: impl Fn(f32, f32) -> Color) {
        self.wash(|x, y| (shade(x, y), 1.0));
    }

    /// Fills the picture with a gradient from the top down to `bottom`.
    pub(super) fn sky<const N: usize>(&mut self, stops: &[Color; N], bottom: f32) {
        self.fill(|_, y| gradient(stops, y / bottom));
    }

    /// A disc whose edge fades over `softness` pixels.
    pub(super) fn disc(&mut self, center: Point, radius: f32, softness: f32, shade: impl Fn(f32, f32) -> (Color, f32)) {
        let soft = softness.max(1.0);
        let reach = radius + soft;
        self.cover((center.0 - reach, center.1 - reach), (center.0 + reach, center.1 + reach), |x, y| {
            let (color, amount) = shade(x, y);
            let distance = (x - center.0).hypot(y - center.1);
            (color, amount * (0.5 + (radius - distance) / soft).clamp(0.0, 1.0))
        });
    }

    /// Light around a point, falling off like a bell of this width.
    pub(super) fn glow(&mut self, center: Point, width: f32, color: Color, strength: f32) {
        let reach = 3.0 * width;
        self.cover((center.0 - reach, center.1 - reach), (center.0 + reach, center.1 + reach), |x, y| {
            let distance = (x - center.0).hypot(y - center.1) / width;
            (color, strength * (-distance * distance).exp())
        });
    }

    /// A filled outline (any simple polygon), shaded.
    pub(super) fn polygon(&mut self, outline: &[Point], shade: impl Fn(f32, f32) -> Color) {
        self.veil(outline, 1.0, shade);
    }

    /// A filled outline that lets what is below shine through: `amount` is 1 where it hides it.
    pub(super) fn veil(&mut self, outline: &[Point], amount: f32, shade: impl Fn(f32, f32) -> Color) {
        let low = outline.iter().fold((WIDTH, HEIGHT), |low, p| (low.0.min(p.0), low.1.min(p.1)));
        let high = outline.iter().fold((0.0f32, 0.0f32), |high, p| (high.0.max(p.0), high.1.max(p.1)));
        self.cover(low, high, |x, y| {
            let inside = (0.5 - distance(outline, (x, y))).clamp(0.0, 1.0);
            (if inside > 0.0 { shade(x, y) } else { [0.0; 3] }, amount * inside)
        });
    }

    /// A line with round ends.
    pub(super) fn line(&mut self, from: Point, to: Point, width: f32, color: Color) {
        let low = (from.0.min(to.0) - width, from.1.min(to.1) - width);
        let high = (from.0.max(to.0) + width, from.1.max(to.1) + width);
        self.cover(low, high, |x, y| {
            let distance = to_segment((x, y), from, to).sqrt();
            (color, (0.5 + width / 2.0 - distance).clamp(0.0, 1.0))
        });
    }

    /// Everything below the curve `top`, shaded.
    pub(super) fn land(&mut self, top: impl Fn(f32) -> f32, shade: impl Fn(f32, f32) -> Color) {
        let tops: Vec<f32> = (0..COLUMNS).map(|column| top(column as f32 + 0.5)).collect();
        self.wash(|x, y| {
            let inside = (0.5 + y - tops[x as usize]).clamp(0.0, 1.0);
            (if inside > 0.0 { shade(x, y) } else { [0.0; 3] }, inside)
        });
    }

    /// The picture with a little grain and darker corners, as a camera would have it.
    pub(super) fn finish(mut self, random: &mut Random) -> RgbImage {
        let grain = Noise::new(random);
        self.wash(|x, y| {
            let corner = ((x / WIDTH - 0.5).powi(2) + (y / HEIGHT - 0.5).powi(2)) * 0.36;
            ([0.02, 0.02, 0.04], corner)
        });
        RgbImage::from_fn(COLUMNS as u32, ROWS as u32, |x, y| {
            let speck = (grain.cell(x.cast_signed(), y.cast_signed()) - 0.5) * 9.0;
            let pixel = self.0[y as usize * COLUMNS + x as usize];
            Rgb(pixel.map(|channel| (channel * 255.0 + speck).round().clamp(0.0, 255.0) as u8))
        })
    }
}

/// The squared distance from `point` to the segment.
fn to_segment(point: Point, from: Point, to: Point) -> f32 {
    let (along, away) = ((to.0 - from.0, to.1 - from.1), (point.0 - from.0, point.1 - from.1));
    let length = (along.0 * along.0 + along.1 * along.1).max(1e-6);
    let t = ((away.0 * along.0 + away.1 * along.1) / length).clamp(0.0, 1.0);
    (away.0 - along.0 * t).powi(2) + (away.1 - along.1 * t).powi(2)
}

/// The distance from `point` to the outline, negative inside.
fn distance(outline: &[Point], point: Point) -> f32 {
    let (mut nearest, mut inside) = (f32::MAX, false);
    let ends = outline.iter().skip(1).chain(outline.first());
    for (from, to) in outline.iter().zip(ends) {
        nearest = nearest.min(to_segment(point, *from, *to));
        let crosses = (from.1 > point.1) != (to.1 > point.1);
        if crosses && point.0 < from.0 + (to.0 - from.0) * (point.1 - from.1) / (to.1 - from.1) {
            inside = !inside;
        }
    }
    if inside { -nearest.sqrt() } else { nearest.sqrt() }
}

/// A shape turned by `angle` (radians, clockwise), enlarged, then moved so that its origin is at `origin`.
pub(super) fn place(shape: &[Point], origin: Point, scale: f32, angle: f32) -> Vec<Point> {
    let (sin, cos) = angle.sin_cos();
    let put = |&(x, y): &Point| (origin.0 + scale * (x * cos - y * sin), origin.1 + scale * (x * sin + y * cos));
    shape.iter().map(put).collect()
}

/// The corners of an upright box.
pub(super) fn block(left: f32, top: f32, width: f32, height: f32) -> [Point; 4] {
    [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
}

/// The outline of an ellipse around the origin.
pub(super) fn ellipse(across: f32, down: f32) -> Vec<Point> {
    let corner = |i: u8| {
        let (sin, cos) = (f32::from(i) * std::f32::consts::TAU / 28.0).sin_cos();
        (across * cos, down * sin)
    };
    (0..28).map(corner).collect()
}
