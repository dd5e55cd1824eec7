//! From planes of samples, one for each component, to RGB.

use image::RgbImage;

use super::frame::Frame;
use crate::library::rgb::under_black;

/// The samples of one component, row after row. Coefficients while it is filled, then 0 to 255.
pub(super) struct Plane {
    across: usize,
    down: usize,
    samples: Vec<i16>,
}

impl Plane {
    pub(super) fn new(across: usize, down: usize) -> Self {
        Self { across, down, samples: vec![0; across * down] }
    }

    #[inline]
    pub(super) fn get_mut(&mut self, x: usize, y: usize) -> Option<&mut i16> {
        self.samples.get_mut(y * self.across + x)
    }

    /// Coefficients become samples.
    pub(super) fn dequantise(&mut self, quantiser: i32) {
        for sample in &mut self.samples {
            *sample = (((i32::from(*sample) * quantiser + 4) >> 3) + 128).clamp(0, 255) as i16;
        }
    }

    /// Row `y` of `height`, stretched to the length of `row`, straight lines between the centres of samples. `part` is
    /// how many samples of this plane there are to `whole` pixels, across and down.
    fn stretch(&self, y: usize, part: (u8, u8), whole: (u8, u8), row: &mut [i32]) {
        let (upper, lower, below) = between(y, part.1, whole.1, self.down);
        let line = |y: usize| self.samples.get(y * self.across..(y + 1) * self.across).unwrap_or_default();
        let (upper, lower) = (line(upper), line(lower));
        let at = |x: usize| {
            let sample = |line: &[i16]| i32::from(line.get(x).copied().unwrap_or(128));
            sample(upper) * (2 * i32::from(whole.1) - below) + sample(lower) * below
        };
        let scale = 4 * i32::from(whole.0) * i32::from(whole.1);
        for (x, to) in row.iter_mut().enumerate() {
            let (left, right, beside) = between(x, part.0, whole.0, self.across);
            let sum = at(left) * (2 * i32::from(whole.0) - beside) + at(right) * beside;
            *to = (sum + scale / 2) / scale;
        }
    }
}

/// The two samples on either side of the centre of pixel `at`, and the share of the second in `2 * whole` parts.
fn between(at: usize, part: u8, whole: u8, count: usize) -> (usize, usize, i32) {
    let last = count.saturating_sub(1);
    let parts = 2 * usize::from(whole);
    // `parts` times the place, from the centre of sample 0.
    let Some(place) = ((2 * at + 1) * usize::from(part)).checked_sub(usize::from(whole)) else { return (0, 0, 0) };
    let (first, share) = (place / parts, (place % parts) as u8);
    (first.min(last), (first + 1).min(last), i32::from(share))
}

/// The picture of one, three or four planes: grey, RGB, Y Cb Cr (ITU-T T.871), or four inks. Inks are stored as the light
/// they let back, as Adobe's programs do; with their transform, as the Y Cb Cr of the light they take.
pub(super) fn to_rgb(planes: &[Plane], frame: &Frame, width: u32, height: u32) -> RgbImage {
    let mut image = RgbImage::new(width, height);
    let whole = frame.sampling();
    let mut rows = vec![vec![0_i32; width as usize]; planes.len()];
    for (y, line) in image.chunks_exact_mut(width as usize * 3).enumerate() {
        for ((plane, component), row) in planes.iter().zip(&frame.components).zip(&mut rows) {
            plane.stretch(y, (component.across, component.down), whole, row);
        }
        match rows.as_slice() {
            [first, second, third, black] => {
                let samples = first.iter().zip(second).zip(third).zip(black);
                for (pixel, (((&a, &b), &c), &black)) in line.chunks_exact_mut(3).zip(samples) {
                    let light = if frame.adobe == Some(2) {
                        from_ycc(a, b - 128, c - 128).map(|taken| 255 - taken)
                    } else {
                        [a, b, c]
                    };
                    let light = light.map(|sample| sample.clamp(0, 255) as u8);
                    pixel.copy_from_slice(&light.map(|light| under_black(light, black.clamp(0, 255) as u8)));
                }
            }
            [first, second, third] => {
                let samples = first.iter().zip(second).zip(third);
                for (pixel, ((&a, &b), &c)) in line.chunks_exact_mut(3).zip(samples) {
                    let rgb = if frame.is_rgb() { [a, b, c] } else { from_ycc(a, b - 128, c - 128) };
                    pixel.iter_mut().zip(rgb).for_each(|(to, sample)| *to = sample.clamp(0, 255) as u8);
                }
            }
            [grey, ..] => {
                for (pixel, &sample) in line.chunks_exact_mut(3).zip(grey) {
                    pixel.fill(sample.clamp(0, 255) as u8);
                }
            }
            [] => {}
        }
    }
    image
}

/// In units of 1/65536, rounded.
fn from_ycc(y: i32, cb: i32, cr: i32) -> [i32; 3] {
    let y = (y << 16) + (1 << 15);
    [(y + 91_881 * cr) >> 16, (y - 22_554 * cb - 46_802 * cr) >> 16, (y + 116_130 * cb) >> 16]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_of_the_standard_come_out() {
        assert_eq!(from_ycc(76, 85 - 128, 255 - 128), [254, 0, 0]);
        assert_eq!(from_ycc(255, 0, 0), [255, 255, 255]);
        assert_eq!(from_ycc(29, 255 - 128, 107 - 128), [0, 0, 254]);
    }

    #[test]
    fn stretching_runs_straight_between_centres_and_keeps_the_ends() {
        let mut plane = Plane::new(2, 1);
        plane.samples.copy_from_slice(&[0, 200]);
        let mut row = [0; 4];
        plane.stretch(0, (1, 1), (2, 1), &mut row);
        assert_eq!(row, [0, 50, 150, 200]);
        let mut same = [0; 2];
        plane.stretch(0, (1, 1), (1, 1), &mut same);
        assert_eq!(same, [0, 200]);
    }
}
