//! Land: dunes, forest, mountains.

use super::canvas::{Canvas, HEIGHT, Point, WIDTH};
use super::color::{BLACK, Noise, WHITE, hsv, mix, scale, smooth};
use super::random::Random;

pub(super) fn dunes(canvas: &mut Canvas, random: &mut Random) {
    let blue = random.color((195.0, 225.0), (0.35, 0.7), (0.65, 0.95));
    let haze = random.color((25.0, 45.0), (0.15, 0.35), (0.9, 1.0));
    canvas.sky(&[blue, mix(blue, haze, 0.6), haze], random.between(90.0, 130.0));
    let hue = random.between(22.0, 42.0);
    let layers = random.count(3, 4);
    let start = random.between(70.0, 115.0);
    for layer in 0..layers {
        let depth = (layer + 1) as f32 / layers as f32;
        dune(canvas, random, start + (depth - 0.3).max(0.0) * 130.0, depth, hue);
    }
}

/// One dune: a crest, from whose summit a winding edge parts the lit side from the shaded one.
fn dune(canvas: &mut Canvas, random: &mut Random, base: f32, depth: f32, hue: f32) {
    let (summit, height) = (random.between(0.15, 0.85) * WIDTH, random.between(25.0, 60.0));
    let (left, right) = (random.between(70.0, 150.0), random.between(70.0, 150.0));
    let (lean, side) = (random.between(-0.5, 0.5), random.pick(&[-1.0, 1.0]));
    let wind = Noise::new(random);
    let ripple = random.between(0.45, 0.9);
    let top = move |x: f32| {
        let away = (x - summit) / if x < summit { left } else { right };
        base - height * (1.0 - away.abs().powf(1.3) / 2.0).max(-0.4) + 5.0 * wind.at(x / 60.0, 9.0)
    };
    let lit = hsv(hue, 0.62 - 0.15 * (1.0 - depth), 0.96);
    let dark = hsv(hue - 10.0, 0.7 - 0.25 * (1.0 - depth), 0.42 + 0.25 * (1.0 - depth));
    canvas.land(top, move |x, y| {
        let down = y - (base - height);
        let edge = summit + lean * down + 70.0 * (wind.at(y / 40.0, 2.0) - 0.5) * smooth(0.0, 50.0, down);
        let shaded = smooth(-1.5, 1.5 + down * 0.5, side * (x - edge)) * (1.0 - smooth(15.0, 120.0, down) * 0.85);
        let bend = (y + 14.0 * wind.cloud(x / 70.0, y / 50.0) * 4.0 + 0.2 * x) * ripple;
        let grain = 1.0 + 0.045 * depth * bend.sin() + 0.06 * (wind.cloud(x / 25.0, y / 12.0) - 0.5);
        scale(mix(lit, dark, shaded), grain * (1.0 - 0.15 * smooth(0.0, 140.0, down)))
    });
}

pub(super) fn forest(canvas: &mut Canvas, random: &mut Random) {
    let hue = random.between(75.0, 165.0);
    let mist = random.color((hue - 60.0, hue + 60.0), (0.06, 0.28), (0.8, 0.97));
    let above = mix(mist, hsv(hue + 40.0, 0.35, 0.8), 0.6);
    canvas.sky(&[above, mist], HEIGHT * 0.6);
    canvas.glow((random.between(40.0, 280.0), random.between(10.0, 70.0)), 60.0, [1.0, 0.97, 0.82], 0.8);
    let layers = random.count(4, 5);
    let (size, first) = (random.between(0.6, 1.3), random.between(50.0, 105.0));
    for layer in 0..layers {
        let depth = (layer + 1) as f32 / layers as f32;
        let wood = mix(mist, hsv(hue, 0.62, 0.24), depth.powf(0.8) * 0.97);
        row_of_trees(canvas, random, (first + (215.0 - first) * depth, 34.0 + 120.0 * depth * size), |y| {
            mix(wood, mist, 0.65 * (1.15 - depth) * smooth(first, 240.0, y))
        });
    }
}

/// Conifers side by side on a slope; `place` is the ground's height and the trees'.
fn row_of_trees(
    canvas: &mut Canvas,
    random: &mut Random,
    place: (f32, f32),
    shade: impl Fn(f32) -> super::color::Color,
) {
    let (ground, tall) = place;
    let slope = Noise::new(random);
    let level = |x: f32| ground + 34.0 * (slope.at(x / 110.0, 0.5) - 0.3);
    let mut x = random.between(-20.0, 0.0);
    while x < WIDTH + 20.0 {
        let height = tall * random.between(0.6, 1.1);
        let tree = conifer(random, (x, level(x) + 12.0), height);
        let tint = random.between(0.88, 1.12);
        canvas.polygon(&tree, |_, y| scale(shade(y), tint));
        x += height * random.between(0.16, 0.4);
    }
    canvas.land(|x| level(x) + 3.0, |_, y| shade(y));
}

/// The jagged outline of a conifer standing on `foot`.
fn conifer(random: &mut Random, foot: Point, height: f32) -> Vec<Point> {
    let tiers = 8u8;
    let mut side = |sign: f32| -> Vec<Point> {
        let tier = |i: u8| {
            let down = f32::from(i) / f32::from(tiers);
            let reach = height * 0.2 * down * random.between(0.75, 1.1);
            let tip = (foot.0 + sign * reach, foot.1 - height * (1.0 - down));
            [tip, (foot.0 + sign * reach * 0.5, tip.1 - height * 0.015)]
        };
        (1..=tiers).flat_map(tier).collect()
    };
    let (right, left) = (side(1.0), side(-1.0));
    let summit = (foot.0, foot.1 - height);
    std::iter::once(summit).chain(right).chain(left.into_iter().rev()).collect()
}

pub(super) fn mountains(canvas: &mut Canvas, random: &mut Random) {
    let blue = random.color((200.0, 225.0), (0.35, 0.7), (0.6, 0.9));
    let haze = mix(WHITE, random.color((10.0, 220.0), (0.1, 0.3), (0.9, 1.0)), 0.8);
    canvas.sky(&[blue, mix(blue, haze, 0.5), haze], 150.0);
    clouds(canvas, random);
    let hue = random.between(205.0, 240.0);
    let (far, near) = (random.between(95.0, 125.0), random.between(140.0, 165.0));
    range(canvas, random, (far, 85.0), |rock| mix(haze, hsv(hue, 0.35, 0.3 + 0.45 * rock), 0.6));
    range(canvas, random, (near, 110.0), |rock| hsv(hue, 0.28, 0.16 + 0.55 * rock));
    meadow(canvas, random);
}

/// A range of snow-capped mountains; `place` is the mean height of its crest and how far it rises and falls.
fn range(canvas: &mut Canvas, random: &mut Random, place: (f32, f32), rock: impl Fn(f32) -> super::color::Color) {
    let (middle, rise) = place;
    let (form, light) = (Noise::new(random), random.pick(&[-1.0, 1.0]));
    let wide = random.between(80.0, 120.0);
    let surface = |x: f32, y: f32| form.ridges(x / wide, y / wide);
    let top = |x: f32| middle + rise * (0.62 - surface(x, 0.0));
    canvas.land(top, |x, y| {
        let down = y - middle;
        let across = x + 0.35 * light * down;
        let slope = (surface(across + 2.0, down * 0.45) - surface(across - 2.0, down * 0.45)) * light;
        let lit = (0.5 + slope * 7.0).clamp(0.0, 1.0);
        let line = down + 36.0 * (form.cloud(x / 22.0, y / 16.0) - 0.5) - rise * 0.06;
        mix(mix([0.55, 0.62, 0.78], WHITE, lit), rock(lit), smooth(-8.0, 10.0, line))
    });
}

fn meadow(canvas: &mut Canvas, random: &mut Random) {
    let hills = Noise::new(random);
    let hue = random.between(75.0, 130.0);
    let base = random.between(190.0, 212.0);
    let level = |x: f32| base + 30.0 * (hills.at(x / 90.0, 0.0) - 0.5);
    for _ in 0..random.count(25, 60) {
        let x = random.between(-5.0, WIDTH + 5.0);
        let height = random.between(12.0, 30.0);
        let tree = conifer(random, (x, level(x) + 4.0), height);
        canvas.polygon(&tree, |_, _| hsv(hue + 30.0, 0.5, 0.2));
    }
    canvas
        .land(level, |x, y| hsv(hue, 0.5, 0.25 + 0.3 * hills.cloud(x / 20.0, y / 6.0) + 0.1 * smooth(base, HEIGHT, y)));
}

/// White clouds over the upper half of the picture.
pub(super) fn clouds(canvas: &mut Canvas, random: &mut Random) {
    let (form, cover) = (Noise::new(random), random.between(0.48, 0.58));
    canvas.wash(|x, y| {
        let body = form.cloud(x / 90.0, y / 38.0);
        let below = form.cloud(x / 90.0, (y + 6.0) / 38.0);
        let color = mix(WHITE, mix(WHITE, BLACK, 0.3), smooth(0.0, 0.2, body - below + 0.05));
        (color, 0.9 * smooth(cover, cover + 0.14, body) * (1.0 - smooth(90.0, 170.0, y)))
    });
}
