//! Colours as three channels from 0 to 1, and smooth noise to texture them with.

use super::random::{Random, mix_bits, unit};

pub(super) type Color = [f32; 3];

pub(super) const WHITE: Color = [1.0; 3];
pub(super) const BLACK: Color = [0.0; 3];

/// `a` at 0, `b` at 1.
pub(super) fn mix(a: Color, b: Color, amount: f32) -> Color {
    let amount = amount.clamp(0.0, 1.0);
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * amount)
}

pub(super) fn scale(color: Color, factor: f32) -> Color {
    color.map(|channel| channel * factor)
}

/// Hue in degrees, wrapping around; saturation and value from 0 to 1.
pub(super) fn hsv(hue: f32, saturation: f32, value: f32) -> Color {
    let channel = |offset: f32| {
        let k = (offset + hue / 60.0).rem_euclid(6.0);
        value - value * saturation * k.min(4.0 - k).clamp(0.0, 1.0)
    };
    [channel(5.0), channel(3.0), channel(1.0)]
}

/// The colour at `at` (0 to 1) of a gradient through evenly spaced stops.
pub(super) fn gradient<const N: usize>(stops: &[Color; N], at: f32) -> Color {
    let position = at.clamp(0.0, 1.0) * (N - 1) as f32;
    let left = (position as usize).min(N - 1);
    mix(stops[left], stops[(left + 1).min(N - 1)], smooth(0.0, 1.0, position - left as f32))
}

/// 0 below `low`, 1 above `high`, an S between them.
pub(super) fn smooth(low: f32, high: f32, at: f32) -> f32 {
    let t = ((at - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Value noise: random heights on the whole numbers, smoothly joined.
#[derive(Clone, Copy)]
pub(super) struct Noise(u64);

impl Noise {
    pub(super) fn new(random: &mut Random) -> Self {
        Self(random.bits())
    }

    /// A fixed random number from 0 to 1 for each cell of the plane.
    pub(super) fn cell(self, x: i32, y: i32) -> f32 {
        let place = (u64::from(x.cast_unsigned()) << 32) | u64::from(y.cast_unsigned());
        unit(mix_bits(mix_bits(place).wrapping_add(self.0)))
    }

    /// Smooth noise from 0 to 1 whose features are about 1 wide.
    pub(super) fn at(self, x: f32, y: f32) -> f32 {
        let (left, top) = (x.floor() as i32, y.floor() as i32);
        let (right, down) = (smooth(0.0, 1.0, x - x.floor()), smooth(0.0, 1.0, y - y.floor()));
        let row = |y| self.cell(left, y) + (self.cell(left + 1, y) - self.cell(left, y)) * right;
        row(top) + (row(top + 1) - row(top)) * down
    }

    /// Five octaves of noise, each half as wide and half as strong; from 0 to 1, mostly near a half.
    pub(super) fn cloud(self, x: f32, y: f32) -> f32 {
        let octave = |(sum, size): (f32, f32), _| (sum + self.at(x * size + 7.3 * size, y * size) / size, size * 2.0);
        (0..5).fold((0.0, 1.0), octave).0 / 1.9375
    }

    /// Like [`Noise::cloud`] but with sharp crests, as mountains have.
    pub(super) fn ridges(self, x: f32, y: f32) -> f32 {
        let crest = |at: f32| 1.0 - (2.0 * at - 1.0).abs();
        let octave =
            |(sum, size): (f32, f32), _| (sum + crest(self.at(x * size + 3.1 * size, y * size)) / size, size * 2.0);
        (0..5).fold((0.0, 1.0), octave).0 / 1.9375
    }
}
