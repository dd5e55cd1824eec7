//! Patterns that fill the picture: bricks, checks, circles, stripes, waves.

use super::canvas::{Canvas, HEIGHT, Point, WIDTH};
use super::color::{Color, Noise, WHITE, hsv, mix, scale, smooth};
use super::random::Random;

/// A pixel seen in a frame turned by the angle with this sine and cosine around the picture's middle.
fn turned((sin, cos): (f32, f32), x: f32, y: f32) -> Point {
    let (x, y) = (x - WIDTH / 2.0, y - HEIGHT / 2.0);
    (x * cos + y * sin, y * cos - x * sin)
}

pub(super) fn bricks(canvas: &mut Canvas, random: &mut Random) {
    let (hue, saturation) = (random.between(4.0, 28.0), random.between(0.35, 0.65));
    let (tall, value) = (random.between(17.0, 34.0), random.between(0.5, 0.78));
    let (long, joint) = (tall * random.between(2.1, 2.7), tall * random.between(0.1, 0.16));
    let mortar = random.color((20.0, 45.0), (0.03, 0.15), (0.6, 0.9));
    let tilt = random.between(-0.08, 0.08).sin_cos();
    let (clay, side) = (Noise::new(random), random.pick(&[-1.0, 1.0]));
    canvas.fill(|x, y| {
        let (u, v) = turned(tilt, x + 3.0 * clay.at(x / 9.0, y / 9.0) * joint / 3.0, y + clay.at(y / 7.0, x / 7.0));
        let row = (v / tall).floor();
        let along = u / long + 0.5 * row.rem_euclid(2.0);
        let (left, above) = (along - along.floor(), v / tall - row);
        let edge = (left.min(1.0 - left) * long).min(above.min(1.0 - above) * tall) - joint / 2.0;
        let tone = clay.cell(along.floor() as i32, row as i32);
        let rough = 0.75 + 0.5 * clay.cloud(x / 7.0, y / 7.0);
        let bevel = 1.0 + 0.14 * (smooth(0.3, 0.0, above) - smooth(0.7, 1.0, above));
        let brick = scale(hsv(hue + 12.0 * (tone - 0.5), saturation, value * (0.75 + 0.45 * tone)), rough * bevel);
        let light = 1.0 + 0.3 * side * (x / WIDTH - 0.5);
        scale(mix(scale(mortar, 0.6 + 0.5 * rough * 0.6), brick, smooth(-0.7, 0.9, edge)), light)
    });
}

pub(super) fn checks(canvas: &mut Canvas, random: &mut Random) {
    let hue = random.between(0.0, 360.0);
    let dark = hsv(hue, random.between(0.5, 0.85), random.between(0.3, 0.75));
    let light = random.pick(&[[0.96, 0.94, 0.9], hsv(hue + 40.0, 0.25, 0.97), hsv(hue, 0.15, 0.95)]);
    let (size, tilt) = (random.between(15.0, 42.0), random.between(-0.8, 0.8).sin_cos());
    let (folds, gingham) = (Noise::new(random), random.chance(0.4));
    let wave = |at: f32| {
        let phase = (at / size).rem_euclid(2.0);
        smooth(0.0, 1.4 / size, phase.min(2.0 - phase))
            * smooth(0.0, 1.4 / size, (1.0 - phase).abs())
            * if phase < 1.0 { 1.0 } else { -1.0 }
    };
    canvas.fill(|x, y| {
        let (u, v) = turned(tilt, x, y);
        let (u, v) = (u + 8.0 * folds.at(x / 80.0, y / 80.0), v + 8.0 * folds.at(y / 80.0 + 9.0, x / 80.0));
        let amount = if gingham { (wave(u) + wave(v)) / 4.0 + 0.5 } else { wave(u) * wave(v) / 2.0 + 0.5 };
        let thread = 1.0 + 0.05 * (u * 2.1).sin() * (v * 2.1).sin();
        scale(mix(dark, light, amount), thread * (0.82 + 0.32 * folds.cloud(x / 110.0, y / 110.0)))
    });
}

pub(super) fn circles(canvas: &mut Canvas, random: &mut Random) {
    let paper = random.color((0.0, 360.0), (0.05, 0.25), (0.82, 0.97));
    let wash = Noise::new(random);
    canvas.fill(|x, y| scale(paper, 0.86 + 0.22 * wash.cloud(x / 50.0, y / 50.0)));
    let first = random.between(0.0, 360.0);
    let largest = random.between(26.0, 52.0);
    for _ in 0..random.count(14, 30) {
        let at = (random.between(0.0, WIDTH), random.between(0.0, HEIGHT));
        rings(canvas, random, at, largest, first);
    }
}

/// Up to four discs in one another, in neighbouring or opposite hues.
fn rings(canvas: &mut Canvas, random: &mut Random, at: Point, largest: f32, hue: f32) {
    let mut radius = largest * random.between(0.35, 1.0);
    let amount = random.between(0.75, 0.95);
    for _ in 0..random.count(1, 4) {
        let hue = hue + random.pick(&[0.0, 25.0, -25.0, 180.0, 150.0]);
        let color = hsv(hue, random.between(0.4, 0.85), random.between(0.55, 0.98));
        canvas.disc(at, radius, 1.0, |x, y| {
            let (u, v) = ((x - at.0) / radius, (y - at.1) / radius);
            (scale(color, 1.0 - 0.1 * (u + v)), amount)
        });
        radius *= random.between(0.5, 0.8);
    }
}

pub(super) fn stripes(canvas: &mut Canvas, random: &mut Random) {
    let hue = random.between(0.0, 360.0);
    let colors: [Color; 5] = std::array::from_fn(|i| match i {
        0 | 3 => random.color((hue - 15.0, hue + 15.0), (0.45, 0.8), (0.45, 0.95)),
        1 => random.color((30.0, 60.0), (0.03, 0.15), (0.9, 0.98)),
        2 => random.color((hue + 25.0, hue + 200.0), (0.4, 0.8), (0.5, 0.95)),
        _ => random.color((hue, hue + 40.0), (0.4, 0.7), (0.15, 0.35)),
    });
    let widths: [f32; 5] = std::array::from_fn(|_| random.between(5.0, 26.0));
    let tilt = random.pick(&[0.0, 0.785, 1.571, -0.785]) + random.between(-0.2, 0.2);
    let (tilt, folds) = (tilt.sin_cos(), Noise::new(random));
    let bend = random.between(0.0, 22.0);
    canvas.fill(|x, y| {
        let (u, v) = turned(tilt, x, y);
        let color = striped(&colors, &widths, u + bend * folds.at(u / 120.0, v / 90.0));
        let thread = 1.0 + 0.045 * (v * 2.4).sin() * (u * 1.7).cos();
        scale(color, thread * (0.82 + 0.32 * folds.cloud(x / 100.0, y / 100.0)))
    });
}

/// The colour at `at` across stripes of these widths, repeated for ever, with soft joints.
fn striped(colors: &[Color; 5], widths: &[f32; 5], at: f32) -> Color {
    let mut left = at.rem_euclid(widths.iter().sum());
    let mut before = colors[4];
    for (color, width) in colors.iter().zip(widths) {
        if left < *width {
            return mix(before, *color, left / 1.2);
        }
        left -= width;
        before = *color;
    }
    before
}

pub(super) fn waves(canvas: &mut Canvas, random: &mut Random) {
    let hue = random.between(172.0, 228.0);
    let (pale, deep) =
        (hsv(hue - 12.0, 0.3, 0.92), hsv(hue + 12.0, random.between(0.75, 0.95), random.between(0.25, 0.45)));
    canvas.fill(|_, _| mix(pale, WHITE, 0.5));
    let step = random.between(17.0, 30.0);
    let (long, steep) = (random.between(55.0, 110.0), random.between(0.5, 1.0));
    let mut y = random.between(5.0, 30.0);
    while y < HEIGHT + 40.0 {
        let near = (y / HEIGHT).clamp(0.0, 1.0);
        let color = mix(pale, deep, near * 0.85 + random.between(0.0, 0.15));
        one_wave(canvas, random, (y, step * steep * (0.6 + 0.6 * near)), long * (0.6 + 0.6 * near), color);
        y += step * (0.6 + 0.7 * near);
    }
}

/// A row of crests: its level and height, the length of each wave, and its colour.
fn one_wave(canvas: &mut Canvas, random: &mut Random, (level, high): (f32, f32), long: f32, color: Color) {
    let (shift, swell) = (random.between(0.0, long), Noise::new(random));
    let top = |x: f32| {
        let phase = (x + shift + 18.0 * swell.at(x / 80.0, 3.0)) / long;
        let crest = 1.0 - (phase * std::f32::consts::PI).sin().abs();
        level - high * crest.powf(0.8) * (0.6 + 0.6 * swell.at(x / 70.0, 0.0))
    };
    canvas.land(top, |x, y| {
        let down = y - top(x);
        let foam = smooth(0.45, 0.6, swell.cloud(x / 9.0, y / 5.0)) * (1.0 - smooth(2.0, 12.0, down));
        let edge = 1.0 - smooth(1.0, 3.0, down);
        let line = 0.12 * smooth(0.55, 1.0, (down * 0.75).sin()) * (1.0 - smooth(4.0, 34.0, down));
        mix(scale(color, 1.1 - 0.3 * smooth(0.0, 30.0, down)), WHITE, (0.9 * foam).max(0.75 * edge).max(line))
    });
}
