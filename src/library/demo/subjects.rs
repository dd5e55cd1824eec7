//! Things close by: balloons, fish, flowers, fruit.

use super::canvas::{Canvas, HEIGHT, Point, WIDTH, ellipse, place};
use super::color::{BLACK, Color, Noise, WHITE, gradient, hsv, mix, scale, smooth};
use super::landscapes::clouds;
use super::random::Random;

use std::f32::consts::{PI, TAU};

pub(super) fn balloons(canvas: &mut Canvas, random: &mut Random) {
    let blue = random.color((190.0, 225.0), (0.3, 0.65), (0.75, 1.0));
    canvas.sky(&[blue, mix(blue, [1.0, 0.95, 0.88], 0.8)], 220.0);
    clouds(canvas, random);
    let (hills, hue) = (Noise::new(random), random.between(70.0, 130.0));
    canvas.land(
        |x| 222.0 - 22.0 * hills.cloud(x / 70.0, 0.0),
        |x, y| hsv(hue, 0.45, 0.4 + 0.25 * hills.cloud(x / 14.0, y / 5.0)),
    );
    let count = random.count(2, 5);
    let first = random.between(0.0, 1.0);
    for i in 0..count {
        let near = (i + 1) as f32 / count as f32;
        let x = WIDTH * (0.14 + 0.72 * (first + i as f32 * 0.382).fract());
        let radius = 10.0 + 34.0 * near * random.between(0.75, 1.0);
        let y = random.between(radius + 8.0, (190.0 - radius * 2.0).max(radius + 10.0));
        balloon(canvas, random, (x, y), radius);
    }
}

/// A striped hot-air balloon with its basket.
fn balloon(canvas: &mut Canvas, random: &mut Random, at: Point, radius: f32) {
    let hue = random.between(0.0, 360.0);
    let colors = [
        hsv(hue, 0.8, 0.92),
        random.pick(&[[1.0, 0.97, 0.9], hsv(hue + 50.0, 0.75, 0.98), hsv(hue + 180.0, 0.6, 0.85)]),
    ];
    let gores = f32::from(random.pick(&[6u8, 8, 10]));
    let basket = (at.0, at.1 + radius * 1.75);
    for side in [-1.0, 1.0] {
        let mouth = (at.0 + side * radius * 0.3, at.1 + radius * 1.2);
        canvas.line(mouth, (basket.0 + side * radius * 0.13, basket.1), 0.9, [0.3, 0.22, 0.18]);
    }
    let wicker: [Point; 4] = [(-0.17, 0.0), (0.17, 0.0), (0.14, 0.25), (-0.14, 0.25)];
    canvas
        .polygon(&place(&wicker, basket, radius, 0.0), |_, y| scale([0.55, 0.36, 0.2], 1.2 - (y - basket.1) / radius));
    let half = |y: f32| if y < 0.0 { (1.0 - y * y).max(0.0).sqrt() } else { (1.0 - smooth(0.0, 1.75, y)).max(0.0) };
    let rim = |i: u8, sign: f32| (sign * half(f32::from(i) / 16.0 * 2.22 - 1.0), f32::from(i) / 16.0 * 2.22 - 1.0);
    let outline: Vec<Point> = (0..=16).map(|i| rim(i, 1.0)).chain((0..=16).rev().map(|i| rim(i, -1.0))).collect();
    canvas.polygon(&place(&outline, at, radius, 0.0), |x, y| {
        let (u, v) = ((x - at.0) / radius, (y - at.1) / radius);
        let around = (u / half(v).max(0.05)).clamp(-1.0, 1.0).asin();
        let gore = ((around / PI + 0.5) * gores).rem_euclid(2.0) as usize;
        let light = 1.08 - 0.45 * smooth(-0.5, 1.2, u + 0.35 * v);
        mix(scale(colors[gore.min(1)], light), WHITE, 0.35 * (-((u + 0.4).powi(2) + (v + 0.4).powi(2)) * 8.0).exp())
    });
}

pub(super) fn fish(canvas: &mut Canvas, random: &mut Random) {
    let hue = random.between(178.0, 222.0);
    canvas.sky(&[hsv(hue - 8.0, 0.45, 0.92), hsv(hue, 0.75, 0.62), hsv(hue + 12.0, 0.85, 0.3)], HEIGHT);
    let (rays, lean) = (Noise::new(random), random.between(-0.5, 0.5));
    canvas.wash(|x, y| {
        (WHITE, 0.3 * smooth(0.5, 0.9, rays.at((x + lean * y) / 26.0, 0.0)) * (1.0 - smooth(0.0, 200.0, y)))
    });
    seabed(canvas, random);
    let (facing, size) = (random.pick(&[-1.0, 1.0]), random.between(0.75, 1.25));
    let (first, school) = (random.between(0.0, 360.0), random.chance(0.5));
    let count = if school { random.count(6, 10) } else { random.count(2, 4) };
    for i in 0..count {
        let across = (i as f32 + random.between(0.2, 0.8)) / count as f32;
        let at = (20.0 + across * (WIDTH - 40.0), random.between(35.0, 180.0));
        let hue = if school { first } else { first + i as f32 * 100.0 };
        let length = size * if school { random.between(17.0, 24.0) } else { random.between(34.0, 50.0) };
        one_fish(canvas, random, at, (length * facing, length), hue);
    }
    for _ in 0..random.count(6, 18) {
        let (at, radius) = ((random.between(0.0, WIDTH), random.between(0.0, 200.0)), random.between(1.5, 4.5));
        canvas
            .disc(at, radius, 1.0, |x, y| (WHITE, 0.15 + 0.6 * smooth(0.5, 1.0, (x - at.0).hypot(y - at.1) / radius)));
    }
}

/// Sand below, with swaying weeds.
fn seabed(canvas: &mut Canvas, random: &mut Random) {
    let sand = Noise::new(random);
    let tone = random.color((35.0, 50.0), (0.25, 0.45), (0.55, 0.75));
    for _ in 0..random.count(5, 14) {
        let (x, tall) = (random.between(0.0, WIDTH), random.between(35.0, 100.0));
        let (sway, weed) = (random.between(0.0, TAU), random.color((95.0, 165.0), (0.5, 0.75), (0.3, 0.5)));
        let bend = |i: u8| (x + 7.0 * (f32::from(i) * 0.8 + sway).sin(), 232.0 - tall * f32::from(i) / 9.0);
        for i in 0..9 {
            canvas.line(bend(i), bend(i + 1), 5.5 - 0.5 * f32::from(i), weed);
        }
    }
    canvas.land(
        |x| 222.0 - 16.0 * (sand.at(x / 60.0, 0.0) - 0.5),
        |x, y| scale(tone, 0.7 + 0.4 * sand.cloud(x / 12.0, y / 4.0)),
    );
}

/// A fish of `size` half lengths: the first negative when it swims to the left.
fn one_fish(canvas: &mut Canvas, random: &mut Random, at: Point, size: (f32, f32), hue: f32) {
    let (body, band) = (hsv(hue, 0.75, 0.95), random.pick(&[WHITE, hsv(hue + 40.0, 0.7, 1.0), hsv(hue, 0.7, 0.45)]));
    let (deep, bands) = (random.between(0.42, 0.62), random.between(5.0, 9.0));
    let put =
        |shape: &[Point]| -> Vec<Point> { shape.iter().map(|p| (at.0 + p.0 * size.0, at.1 + p.1 * size.1)).collect() };
    let tail = put(&[(-0.75, 0.0), (-1.45, -0.48), (-1.25, 0.0), (-1.45, 0.48)]);
    let fin = put(&[(0.3, -deep * 0.8), (-0.15, -deep - 0.3), (-0.7, -deep * 0.9), (-0.5, -deep * 0.5)]);
    let belly = put(&[(0.15, deep * 0.8), (-0.35, deep + 0.22), (-0.4, deep * 0.6)]);
    for part in [tail, fin, belly] {
        canvas.polygon(&part, |x, _| scale(mix(body, band, 0.3), 0.8 + 0.12 * (x * 1.6).sin()));
    }
    let oval: Vec<Point> = ellipse(1.0, deep).iter().map(|p| (p.0, p.1 * (1.0 + 0.15 * p.0))).collect();
    canvas.polygon(&put(&oval), |x, y| {
        let (u, v) = ((x - at.0) / size.0, (y - at.1) / size.1 / deep);
        let stripe = smooth(0.2, 0.5, (u * bands).sin()) * smooth(0.6, 0.4, u);
        let scales = 1.0 + 0.06 * ((u * 28.0).sin() * (v * 16.0).sin());
        scale(
            mix(mix(body, band, stripe), WHITE, 0.45 * smooth(0.2, 1.2, v)),
            scales * (1.05 - 0.3 * smooth(0.2, -1.0, v)),
        )
    });
    let eye = (at.0 + 0.66 * size.0, at.1 - 0.1 * size.1);
    canvas.disc(eye, size.1 * 0.11, 1.0, |_, _| (WHITE, 1.0));
    canvas.disc((eye.0 + 0.02 * size.0, eye.1), size.1 * 0.06, 1.0, |_, _| (BLACK, 1.0));
}

pub(super) fn flowers(canvas: &mut Canvas, random: &mut Random) {
    let green = random.between(80.0, 140.0);
    let leaves = Noise::new(random);
    canvas.fill(|x, y| {
        let light = leaves.cloud(x / 90.0, y / 90.0);
        gradient(
            &[hsv(green, 0.7, 0.16), hsv(green - 10.0, 0.55, 0.42), hsv(green - 35.0, 0.4, 0.8)],
            light * 1.3 - 0.15,
        )
    });
    for _ in 0..random.count(8, 18) {
        let at = (random.between(0.0, WIDTH), random.between(0.0, HEIGHT));
        let tint = random.color((green - 40.0, green + 20.0), (0.2, 0.5), (0.6, 0.95));
        canvas.disc(at, random.between(8.0, 24.0), 6.0, |_, _| (tint, 0.16));
    }
    let hue = random.pick(&[0.0, 20.0, 48.0, 215.0, 270.0, 300.0, 330.0]) + random.between(-8.0, 8.0);
    let (petals, slim) = (random.count(5, 13), random.between(0.16, 0.3));
    let count = random.count(3, 7);
    let first = random.between(0.0, 1.0);
    for i in 0..count {
        let near = (i + 1) as f32 / count as f32;
        let at = (WIDTH * (0.1 + 0.8 * (first + i as f32 * 0.382).fract()), random.between(45.0, 165.0));
        let radius = random.between(0.8, 1.0) * (22.0 + 34.0 * near);
        stem(canvas, random, at, radius, green);
        flower(canvas, random, at, (radius, slim), (petals, hue));
    }
}

fn stem(canvas: &mut Canvas, random: &mut Random, at: Point, radius: f32, green: f32) {
    let foot = (at.0 + random.between(-40.0, 40.0), HEIGHT + 5.0);
    let color = hsv(green, 0.6, 0.38);
    canvas.line(at, foot, radius * 0.09 + 1.0, color);
    for side in [-1.0, 1.0] {
        let up = random.between(0.5, 0.9);
        let joint = (at.0 + (foot.0 - at.0) * up, at.1 + (foot.1 - at.1) * up);
        let leaf = place(
            &[(0.0, 0.0), (0.4, -0.16), (1.0, 0.0), (0.4, 0.14)],
            joint,
            radius,
            if side > 0.0 { -0.5 } else { PI + 0.5 },
        );
        canvas.polygon(&leaf, |x, _| scale(color, 0.9 + 0.25 * side * (x - joint.0).signum()));
    }
}

/// A flower: radius and slimness of its petals; their number and hue.
fn flower(canvas: &mut Canvas, random: &mut Random, at: Point, (radius, slim): (f32, f32), (petals, hue): (u32, f32)) {
    let turn = random.between(0.0, TAU);
    let (rim, heart) = (hsv(hue, 0.55, 1.0), hsv(hue - 12.0, 0.85, 0.72));
    let petal: Vec<Point> =
        ellipse(0.5, slim * 6.0 / petals.max(6) as f32 + 0.06).iter().map(|p| (p.0 + 0.52, p.1)).collect();
    for i in (0..petals).step_by(2).chain((1..petals).step_by(2)) {
        let angle = turn + i as f32 * TAU / petals as f32 + random.between(-0.06, 0.06);
        let light = random.between(0.88, 1.05);
        canvas.polygon(&place(&petal, at, radius, angle), |x, y| {
            let (dx, dy) = ((x - at.0) / radius, (y - at.1) / radius);
            let across = dy * angle.cos() - dx * angle.sin();
            let vein = 1.0 - 0.3 * smooth(0.0, slim, across) + 0.04 * (across * 90.0).sin();
            scale(mix(heart, rim, dx.hypot(dy) * 1.2), light * vein)
        });
    }
    let seeds = Noise::new(random);
    canvas.disc(at, radius * 0.27, 1.5, |x, y| {
        let edge = (x - at.0).hypot(y - at.1) / radius / 0.27;
        (scale(mix([0.98, 0.8, 0.2], [0.5, 0.27, 0.08], edge * edge), 0.75 + 0.5 * seeds.at(x * 0.6, y * 0.6)), 1.0)
    });
}

pub(super) fn fruit(canvas: &mut Canvas, random: &mut Random) {
    let table = random.between(95.0, 135.0);
    let (wall, plaster) = (random.color((0.0, 360.0), (0.1, 0.4), (0.35, 0.8)), Noise::new(random));
    canvas.fill(|x, y| scale(wall, 0.72 + 0.3 * plaster.cloud(x / 60.0, y / 60.0) + 0.25 * (1.0 - x / WIDTH)));
    let (wood, grain) = (random.color((20.0, 36.0), (0.45, 0.65), (0.4, 0.75)), Noise::new(random));
    canvas.land(
        |_| table,
        |x, y| scale(wood, 0.6 + 0.45 * grain.cloud(x / 90.0, y / 3.5) + 0.12 * smooth(table, HEIGHT, y)),
    );
    let count = random.count(4, 7);
    let size = random.between(27.0, 36.0);
    for i in 0..count {
        let near = i as f32 / (count - 1) as f32;
        let x = WIDTH * (0.5 + 0.36 * (i as f32 * 2.4 + random.between(-0.5, 0.5)).sin());
        let radius = size * (0.8 + 0.35 * near);
        one_fruit(canvas, random, (x, table + 6.0 + 72.0 * near), radius);
    }
}

/// A round fruit with light from the upper left: an apple, an orange, a lemon or a plum.
fn one_fruit(canvas: &mut Canvas, random: &mut Random, at: Point, radius: f32) {
    let hues: [f32; 5] = [2.0, 28.0, 52.0, 85.0, 335.0];
    let hue = random.pick(&hues) + random.between(-5.0, 5.0);
    let (skin, tall) = (Noise::new(random), if (40.0..70.0).contains(&hue) { 0.78 } else { random.between(0.9, 0.98) });
    let shadow = place(&ellipse(1.05, 0.3), (at.0 + radius * 0.3, at.1 + radius * 0.8), radius, 0.0);
    canvas.veil(&shadow, 0.35, |_, _| BLACK);
    canvas.glow((at.0 + radius * 0.35, at.1 + radius * 0.8), radius * 0.7, BLACK, 0.3);
    let (base, blush): (Color, Color) = (hsv(hue, 0.82, 0.88), hsv(hue + random.between(-22.0, 22.0), 0.75, 0.9));
    canvas.polygon(&place(&ellipse(1.0, tall), at, radius, random.between(-0.2, 0.2)), |x, y| {
        let (u, v) = ((x - at.0) / radius, (y - at.1) / radius / tall);
        let height = (1.0 - u * u - v * v).max(0.0).sqrt();
        let light = (0.62 * height - 0.45 * u - 0.55 * v).max(0.0);
        let color = mix(base, blush, smooth(0.35, 0.65, skin.cloud(u * 1.5, v * 1.5)));
        let pores = 0.95 + 0.1 * skin.at(x * 0.7, y * 0.7);
        let shine = (-((u + 0.38).powi(2) + (v + 0.42).powi(2)) * 22.0).exp();
        mix(scale(color, (0.36 + 0.85 * light) * pores), WHITE, 0.75 * shine)
    });
    let top = (at.0, at.1 - radius * tall * 0.82);
    canvas.line(top, (top.0 + radius * 0.12, top.1 - radius * 0.38), radius * 0.09, [0.3, 0.2, 0.1]);
    if random.chance(0.5) {
        let leaf = place(
            &[(0.0, 0.0), (0.25, -0.17), (0.65, -0.05), (0.3, 0.1)],
            (top.0 + 2.0, top.1 - radius * 0.15),
            radius,
            -0.3,
        );
        canvas.polygon(&leaf, |_, y| hsv(105.0, 0.6, 0.35 + 0.25 * smooth(top.1, top.1 - radius * 0.4, y)));
    }
}
