//! Wide views under a sky: boats, city skyline, night sky, sunset.

use super::canvas::{Canvas, HEIGHT, Point, WIDTH, block, place};
use super::color::{BLACK, Color, Noise, WHITE, gradient, hsv, mix, scale, smooth};
use super::landscapes::clouds;
use super::random::Random;

/// Water from `horizon` down with ripples that widen towards the viewer; its colours far off, close by and where it
/// gleams.
fn water(canvas: &mut Canvas, random: &mut Random, horizon: f32, colors: [Color; 3], light: impl Fn(f32, f32) -> f32) {
    let ripples = Noise::new(random);
    canvas.land(
        |_| horizon,
        |x, y| {
            let near = (y - horizon) / (HEIGHT - horizon);
            let size = 1.5 + 10.0 * near;
            let ripple = ripples.cloud(x / (size * 5.0), (y - horizon).max(0.0).sqrt() * 2.2);
            let body = scale(mix(colors[0], colors[1], near), 0.8 + 0.4 * ripple);
            mix(body, colors[2], light(x, y) * smooth(0.45, 0.62, ripple))
        },
    );
}

pub(super) fn boats(canvas: &mut Canvas, random: &mut Random) {
    let blue = random.color((195.0, 220.0), (0.3, 0.65), (0.75, 0.97));
    let horizon = random.between(95.0, 140.0);
    canvas.sky(&[blue, mix(blue, WHITE, 0.75)], horizon);
    clouds(canvas, random);
    let coast = Noise::new(random);
    let shore = mix(blue, hsv(random.between(90.0, 220.0), 0.35, 0.45), 0.65);
    canvas.land(|x| horizon + 6.0 - 26.0 * coast.cloud(x / 80.0, 0.0), |_, _| shore);
    let sea = random.color((185.0, 215.0), (0.5, 0.8), (0.45, 0.7));
    water(canvas, random, horizon, [mix(sea, WHITE, 0.35), scale(sea, 0.8), WHITE], |_, _| 0.25);
    let count = random.count(1, 3);
    let first = random.between(0.0, 1.0);
    for i in 0..count {
        let near = (i + 1) as f32 / count as f32;
        let x = WIDTH * (0.15 + 0.7 * (first + i as f32 * 0.38).fract());
        boat(canvas, random, (x, horizon + 12.0 + 62.0 * near), 0.45 + 0.75 * near);
    }
}

/// A sailing boat whose hull's middle is at `at`, and its reflection.
fn boat(canvas: &mut Canvas, random: &mut Random, at: Point, size: f32) {
    let hull = random.color((0.0, 360.0), (0.5, 0.85), (0.35, 0.8));
    let sail = if random.chance(0.6) { [0.98, 0.97, 0.93] } else { random.color((0.0, 60.0), (0.3, 0.75), (0.9, 1.0)) };
    let (facing, tall) = (random.pick(&[-1.0, 1.0]), random.between(75.0, 100.0));
    let lean = random.between(-0.05, 0.05);
    let main: [Point; 4] = [(2.0, -tall), (-16.0, -tall * 0.45), (-33.0, -12.0), (2.0, -12.0)];
    let jib: [Point; 3] = [(5.0, -tall * 0.88), (38.0, -11.0), (6.0, -12.0)];
    let body: [Point; 6] = [(-38.0, -9.0), (46.0, -10.0), (38.0, 0.0), (28.0, 6.0), (-28.0, 6.0), (-35.0, 0.0)];
    let turned = |shape: &[Point], flip: f32| {
        let shape: Vec<Point> = shape.iter().map(|p| (p.0 * facing, p.1 * flip)).collect();
        place(&shape, at, size, lean * flip)
    };
    for (shape, color) in [(&main[..], sail), (&jib[..], sail), (&body[..], hull)] {
        canvas.veil(&turned(shape, -0.55), 0.28, |_, _| color);
    }
    let mast = turned(&[(3.0, -tall - 3.0), (3.0, -8.0)], 1.0);
    canvas.line(mast[0], mast[1], 1.6 * size, [0.3, 0.2, 0.15]);
    canvas.polygon(&turned(&main, 1.0), |x, y| scale(sail, 0.9 + 0.1 * ((x * 0.4 + y * 0.2) / size * 0.3).sin()));
    canvas.polygon(&turned(&jib, 1.0), |x, _| scale(sail, 0.82 + 0.08 * ((x - at.0) / size / 20.0).sin()));
    canvas.polygon(&turned(&body, 1.0), |_, y| {
        if y < at.1 - 6.0 * size { WHITE } else { scale(hull, 1.0 - 0.35 * smooth(-6.0, 6.0, (y - at.1) / size)) }
    });
}

pub(super) fn city_skyline(canvas: &mut Canvas, random: &mut Random) {
    let dusk = random.between(0.0, 1.0);
    let above = mix(random.color((205.0, 235.0), (0.4, 0.6), (0.6, 0.85)), [0.08, 0.1, 0.32], dusk);
    let below = mix([0.97, 0.93, 0.86], random.color((-20.0, 40.0), (0.5, 0.75), (0.85, 1.0)), (1.6 * dusk).min(1.0));
    canvas.sky(&[above, mix(above, below, 0.45), below], 175.0);
    if dusk < 0.5 {
        clouds(canvas, random);
    }
    let hue = random.between(210.0, 260.0);
    let (wall, size) = (hsv(hue, 0.35, 0.42 - 0.26 * dusk), random.between(0.9, 1.7));
    for layer in 0..3u8 {
        let near = f32::from(layer) / 2.0;
        let mut x = random.between(-25.0, 0.0);
        while x < WIDTH {
            let width = random.between(16.0, 30.0) * (0.7 + 0.7 * near) * size;
            let top = HEIGHT - random.between(0.45, 1.0) * (195.0 - 80.0 * near) + 10.0 * near;
            let shade = scale(mix(mix(above, below, 0.7), wall, 0.35 + 0.65 * near), random.between(0.85, 1.15));
            tower(canvas, random, (x, top, width), shade, dusk * (0.3 + 0.7 * near));
            x += width + random.between(-2.0, 5.0);
        }
    }
}

/// One building: left, top and width; `night` is how brightly its windows shine.
fn tower(canvas: &mut Canvas, random: &mut Random, (left, top, width): (f32, f32, f32), wall: Color, night: f32) {
    let middle = left + width / 2.0;
    match random.count(0, 4) {
        0 => canvas.line((middle, top), (middle, top - 24.0), 1.5, wall),
        1 => canvas.polygon(&[(left, top + 1.0), (middle, top - 16.0), (left + width, top + 1.0)], |_, _| wall),
        2 => canvas.polygon(&block(left + width * 0.2, top - 9.0, width * 0.6, 10.0), |_, _| wall),
        _ => {}
    }
    canvas.polygon(&block(left, top, width, HEIGHT - top), |x, _| scale(wall, 1.12 - 0.3 * (x - left) / width));
    let (lamps, step) = (Noise::new(random), random.pick(&[5.0, 6.0, 7.0]));
    let columns = ((width - 3.0) / step).floor();
    let margin = (width - columns * step) / 2.0;
    let (warm, shine) = (hsv(random.between(35.0, 52.0), 0.5, 1.0), random.between(0.3, 0.7));
    let wall_area = block(left + margin, top + 5.0, columns * step, HEIGHT - top);
    canvas.veil(&wall_area, 1.0, |x, y| {
        let (column, row) = ((x - left - margin) / step, (y - top - 5.0) / (step + 1.0));
        let pane = column.fract() > 0.25 && column.fract() < 0.8 && row.fract() > 0.3 && row.fract() < 0.85;
        let body = scale(wall, 1.12 - 0.3 * (x - left) / width);
        let lamp = lamps.cell(column as i32, row as i32);
        let glass = mix(body, [0.75, 0.88, 1.0], 0.4 * (1.0 - night));
        let light = if lamp < shine { 0.4 + 0.6 * lamp / shine } else { 0.06 };
        if pane { mix(glass, warm, light * night) } else { body }
    });
}

pub(super) fn night_sky(canvas: &mut Canvas, random: &mut Random) {
    let hue = random.between(205.0, 265.0);
    let glow = random.color((hue - 40.0, hue + 60.0), (0.4, 0.7), (0.22, 0.42));
    canvas.sky(&[hsv(hue, 0.8, 0.1), hsv(hue, 0.75, 0.2), glow], 225.0);
    milky_way(canvas, random);
    for _ in 0..random.count(180, 360) {
        let at = (random.between(0.0, WIDTH), random.between(0.0, HEIGHT));
        let bright = random.between(0.0, 1.0).powi(4);
        let tint = random.pick(&[WHITE, [0.8, 0.88, 1.0], [1.0, 0.92, 0.8]]);
        canvas.disc(at, 0.35 + bright, 1.0, |_, _| (tint, 0.35 + 0.65 * bright));
        canvas.glow(at, 1.0 + 4.0 * bright, tint, 0.4 * bright);
    }
    if random.chance(0.45) {
        moon(canvas, random);
    }
    let hills = Noise::new(random);
    let base = random.between(205.0, 245.0);
    canvas.land(|x| base - 50.0 * (hills.cloud(x / 75.0, 1.0) - 0.35), |_, _| [0.015, 0.02, 0.04]);
}

fn milky_way(canvas: &mut Canvas, random: &mut Random) {
    let (sin, cos) = random.between(-1.2, 1.2).sin_cos();
    let (middle, dust) = (random.between(-40.0, 40.0), Noise::new(random));
    let (width, tint) = (random.between(28.0, 50.0), random.color((200.0, 320.0), (0.1, 0.4), (0.75, 0.95)));
    canvas.wash(|x, y| {
        let across = (x - WIDTH / 2.0) * sin + (y - 100.0) * cos - middle;
        let veil = dust.cloud(x / 45.0, y / 45.0);
        let lane = smooth(0.42, 0.6, dust.cloud(x / 30.0 + 40.0, y / 30.0));
        let band = (-(across / width).powi(2)).exp() * smooth(0.25, 0.75, veil);
        (tint, 0.65 * band * (1.0 - 0.6 * lane))
    });
}

fn moon(canvas: &mut Canvas, random: &mut Random) {
    let at = (random.between(40.0, 280.0), random.between(30.0, 90.0));
    let (radius, phase) = (random.between(10.0, 19.0), random.between(-1.3, 1.3));
    let seas = Noise::new(random);
    canvas.glow(at, radius * 2.2, [0.85, 0.88, 1.0], 0.45);
    canvas.disc(at, radius, 1.2, |x, y| {
        let dark = (x - at.0 - phase * radius).hypot(y - at.1) - radius;
        let face = scale([1.0, 0.98, 0.9], 0.72 + 0.35 * seas.cloud(x / 8.0, y / 8.0));
        (face, smooth(-1.0, 1.0, dark + (1.0 - phase.abs().min(1.0)) * 0.2))
    });
}

pub(super) fn sunset(canvas: &mut Canvas, random: &mut Random) {
    let horizon = random.between(130.0, 175.0);
    let above = random.color((225.0, 285.0), (0.45, 0.65), (0.25, 0.5));
    let rose = random.color((335.0, 372.0), (0.5, 0.7), (0.75, 0.92));
    let amber = random.color((20.0, 42.0), (0.65, 0.85), (0.95, 1.0));
    let sun = (random.between(60.0, 260.0), horizon - random.between(-4.0, 42.0));
    canvas.sky(&[above, rose, amber], horizon);
    canvas.glow(sun, random.between(55.0, 90.0), [1.0, 0.85, 0.5], 0.75);
    let radius = random.between(13.0, 26.0);
    canvas.disc(sun, radius, 1.5, |_, y| (mix([1.0, 0.98, 0.85], amber, smooth(0.0, radius * 2.0, y - sun.1)), 1.0));
    evening_clouds(canvas, random, (sun.1, horizon), [above, rose]);
    let sea = [mix(amber, rose, 0.35), scale(above, 0.7), mix(amber, WHITE, 0.35)];
    let path = radius * 0.9;
    water(canvas, random, horizon, sea, |x, y| {
        let wide = path + (y - horizon) * 0.25;
        0.85 * (-((x - sun.0) / wide).powi(2)).exp()
    });
    if random.chance(0.6) {
        headland(canvas, random, horizon);
    }
}

/// Thin clouds, dark above and lit from below near the sun.
fn evening_clouds(canvas: &mut Canvas, random: &mut Random, (sun, horizon): (f32, f32), colors: [Color; 2]) {
    let (form, cover) = (Noise::new(random), random.between(0.42, 0.55));
    canvas.wash(|x, y| {
        let body = form.cloud(x / 130.0, y / 17.0);
        let lit = (-((y - sun) / 55.0).powi(2)).exp();
        let color = mix(scale(gradient(&colors, 0.45), 0.75), [1.0, 0.72, 0.45], lit * 0.75);
        (color, 0.75 * smooth(cover, cover + 0.15, body) * smooth(0.0, 12.0, horizon - y))
    });
}

/// A dark hill that runs into the sea from one side.
fn headland(canvas: &mut Canvas, random: &mut Random, horizon: f32) {
    let (side, form) = (random.chance(0.5), Noise::new(random));
    let (long, high) = (random.between(90.0, 200.0), random.between(25.0, 60.0));
    let mut outline: Vec<Point> = (0..=20u8)
        .map(|i| {
            let along = f32::from(i) / 20.0;
            let rough = 0.7 + 0.6 * form.cloud(along * 5.0, 0.0);
            (along * long, horizon + 2.0 - high * rough * (1.0 - along).powf(0.8))
        })
        .collect();
    outline.push((-2.0, horizon + 3.0));
    outline.push((-2.0, horizon - high));
    let outline: Vec<Point> = outline.iter().map(|p| if side { *p } else { (WIDTH - p.0, p.1) }).collect();
    canvas.polygon(&outline, |_, _| mix(BLACK, [0.2, 0.1, 0.2], 0.7));
}
