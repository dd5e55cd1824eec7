//! A small seeded generator: `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
//! 2014).

use super::color::{Color, hsv};

pub(super) struct Random(u64);

/// The output function of `SplitMix64`, also good as a hash.
pub(super) fn mix_bits(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The upper 24 bits as a number in `0.0..1.0`.
pub(super) fn unit(bits: u64) -> f32 {
    (bits >> 40) as f32 / (1u64 << 24) as f32
}

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(mix_bits(seed.wrapping_add(0x0D_1CE5)))
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix_bits(self.0)
    }

    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * unit(self.bits())
    }

    /// A whole number from `low` to `high`, both included.
    pub(super) fn count(&mut self, low: u32, high: u32) -> u32 {
        low + (self.bits() % u64::from(high - low + 1)) as u32
    }

    pub(super) fn chance(&mut self, probability: f32) -> bool {
        unit(self.bits()) < probability
    }

    pub(super) fn pick<T: Copy, const N: usize>(&mut self, from: &[T; N]) -> T {
        from[(self.bits() % N as u64) as usize]
    }

    /// A colour with hue (degrees), saturation and value each between two bounds.
    pub(super) fn color(&mut self, hue: (f32, f32), saturation: (f32, f32), value: (f32, f32)) -> Color {
        hsv(self.between(hue.0, hue.1), self.between(saturation.0, saturation.1), self.between(value.0, value.1))
    }
}
