//! The ops against an independent twin in f64 with finite differences, and against themselves on any number of threads.

use super::custom::Stage;
use super::*;
use crate::embedder::kernels::SimdLevel;
use crate::embedder::lite::{self, Block, Variant};
use candle_core::{Device, Tensor, Var};
use std::sync::Arc;

/// Numbers in -1..1.
fn numbers(seed: u64, count: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    (0..count).map(next).collect()
}

fn wide(numbers: &[f32]) -> Vec<f64> {
    numbers.iter().map(|&v| f64::from(v)).collect()
}

fn slow_pointwise(x: &[f64], weight: &[f64], bias: &[f64]) -> Vec<f64> {
    let (channels, depth) = (bias.len(), weight.len() / bias.len());
    let one = |(p, c): (&[f64], usize)| {
        p.iter().enumerate().map(|(k, v)| v * weight[k * channels + c]).sum::<f64>() + bias[c]
    };
    x.chunks(depth).flat_map(|p| (0..channels).map(move |c| (p, c))).map(one).collect()
}

fn slow_depthwise(x: &[f64], weight: &[f64], bias: &[f64], b: &Block) -> Vec<f64> {
    let (side, channels, out) = (b.side, b.expanded, b.output_side());
    let pad = lite::leading_padding(side, b.kernel, b.stride);
    let mut y = Vec::new();
    for (photo, i) in x.chunks(side * side * channels).flat_map(|p| (0..out * out * channels).map(move |i| (p, i))) {
        let (row, column, c) = (i / channels / out, i / channels % out, i % channels);
        let mut sum = bias[c];
        for (ky, kx) in (0..b.kernel * b.kernel).map(|t| (t / b.kernel, t % b.kernel)) {
            let (iy, ix) = ((row * b.stride + ky).wrapping_sub(pad), (column * b.stride + kx).wrapping_sub(pad));
            if iy < side && ix < side {
                sum += photo[(iy * side + ix) * channels + c] * weight[(ky * b.kernel + kx) * channels + c];
            }
        }
        y.push(sum);
    }
    y
}

fn relu6(mut x: Vec<f64>) -> Vec<f64> {
    for v in &mut x {
        *v = v.clamp(0.0, 6.0);
    }
    x
}

fn slow_block(b: &Block, x: &[f64], parameters: &[f64]) -> Vec<f64> {
    let mut rest = parameters;
    let mut next = |count: usize| {
        let (part, after) = rest.split_at(count);
        rest = after;
        part
    };
    let mut wide = x.to_vec();
    if b.expands() {
        wide = relu6(slow_pointwise(&wide, next(b.input * b.expanded), next(b.expanded)));
    }
    wide = relu6(slow_depthwise(&wide, next(b.kernel * b.kernel * b.expanded), next(b.expanded), b));
    let mut y = slow_pointwise(&wide, next(b.expanded * b.output), next(b.output));
    if b.residual() {
        y.iter_mut().zip(x).for_each(|(y, x)| *y += x);
    }
    y
}

fn slow_last(input: usize, output: usize, x: &[f64], parameters: &[f64], pixels: usize) -> Vec<f64> {
    let (weight, bias) = parameters.split_at(input * output);
    let y = relu6(slow_pointwise(x, weight, bias));
    let mean = |photo: &[f64]| {
        (0..output).map(|c| photo.iter().skip(c).step_by(output).sum::<f64>() / pixels as f64).collect::<Vec<_>>()
    };
    y.chunks(pixels * output).flat_map(mean).collect()
}

/// Central differences of `sum(y * pull)` by every number of `at`.
fn differences(at: &[f64], pull: &[f64], y: impl Fn(&[f64]) -> Vec<f64>) -> Vec<f64> {
    let value = |at: &[f64]| y(at).iter().zip(pull).map(|(y, p)| y * p).sum::<f64>();
    let step = 1e-6;
    let mut moved = at.to_vec();
    let mut each = |i: usize| {
        moved[i] = at[i] + step;
        let above = value(&moved);
        moved[i] = at[i] - step;
        let below = value(&moved);
        moved[i] = at[i];
        (above - below) / (2.0 * step)
    };
    (0..at.len()).map(&mut each).collect()
}

fn assert_close(what: &str, got: &[f32], expected: &[f64]) {
    assert_eq!(got.len(), expected.len(), "{what}");
    for (i, (g, e)) in got.iter().zip(expected).enumerate() {
        assert!((f64::from(*g) - e).abs() <= 2e-4 * (1.0 + e.abs()), "{what} {i}: {g}, expected {e}");
    }
}

/// Forward, both gradients, at every level, against the twin, on small inputs and on some that drive the `ReLU6` beyond 6.
fn check<S: Stage>(make: impl Fn(SimdLevel) -> S, photos: usize, slow: impl Fn(&[f64], &[f64]) -> Vec<f64>) {
    for scale in [1.0, 12.0] {
        check_at(scale, &make, photos, &slow);
    }
}

fn check_at<S: Stage>(
    scale: f32,
    make: &impl Fn(SimdLevel) -> S,
    photos: usize,
    slow: &impl Fn(&[f64], &[f64]) -> Vec<f64>,
) {
    let stage = make(SimdLevel::Scalar);
    let x: Vec<f32> = numbers(1, photos * stage.lengths().0).iter().map(|v| scale * v).collect();
    let parameters = numbers(2, stage.parameters());
    let pull = numbers(3, photos * stage.lengths().1);
    let (x64, p64, pull64) = (wide(&x), wide(&parameters), wide(&pull));
    let expected = slow(&x64, &p64);
    let by_x = differences(&x64, &pull64, |x| slow(x, &p64));
    let by_parameters = differences(&p64, &pull64, |p| slow(&x64, p));
    for level in SimdLevel::available() {
        let stage = make(level);
        let (y, kept) = stage.forward(&x, &parameters, true);
        assert_close(&format!("{} forward", level.name()), &y, &expected);
        let (gx, gp) = stage.backward(&parameters, kept, &pull, true);
        assert_close(&format!("{} input gradient", level.name()), &gx, &by_x);
        assert_close(&format!("{} parameter gradient", level.name()), &gp, &by_parameters);
    }
}

#[test]
fn gradients_of_a_block_are_its_finite_differences() {
    let mut shapes = Vec::new();
    for (kernel, stride) in [(3, 1), (3, 2), (5, 1), (5, 2)] {
        shapes.push(Block { kernel, stride, input: 3, expanded: 18, output: 3, side: 5 });
        shapes.push(Block { kernel, stride, input: 4, expanded: 4, output: 17, side: 4 });
    }
    shapes.push(Block { kernel: 5, stride: 1, input: 18, expanded: 36, output: 18, side: 8 }); // wider than one tile
    shapes.push(Block { kernel: 3, stride: 2, input: 2, expanded: 4, output: 2, side: 1 });
    for shape in shapes {
        let make = |level| Inverted { shape, level, threads: Threads::Calling, spare: Arc::default() };
        check(make, 2, |x, p| slow_block(&shape, x, p));
    }
}

#[test]
fn gradients_of_the_last_convolution_are_its_finite_differences() {
    for (side, input, output) in [(3, 5, 18), (1, 17, 33), (7, 3, 49)] {
        let make =
            |level| LastConvolution { side, input, output, level, threads: Threads::Calling, spare: Arc::default() };
        check(make, 5, |x, p| slow_last(input, output, x, p, side * side));
        // The larger inputs of the check lie on all three pieces of the `ReLU6`.
        let (x, p) = (wide(&numbers(1, 5 * side * side * input)), wide(&numbers(2, (input + 1) * output)));
        let large: Vec<f64> = x.iter().map(|v| 12.0 * v).collect();
        let sums = slow_pointwise(&large, &p[..input * output], &p[input * output..]);
        for piece in [f64::NEG_INFINITY..0.0, 0.0..6.0, 6.0..f64::INFINITY] {
            assert!(sums.iter().filter(|sum| piece.contains(*sum)).count() * 9 > sums.len(), "{piece:?}");
        }
    }
}

/// The stem in f64: every value of every patch.
fn slow_stem(side: usize, output: usize, x: &[f64], parameters: &[f64]) -> Vec<f64> {
    let (out, padding) = (side.div_ceil(2), lite::leading_padding(side, 3, 2));
    let mut y = Vec::new();
    for (photo, pixel, channel) in (0..x.len() / (side * side * 3))
        .flat_map(|n| (0..out * out).flat_map(move |p| (0..output).map(move |c| (n, p, c))))
    {
        let mut sum = parameters[27 * output + channel];
        for (ky, kx, c) in (0..27).map(|v| (v / 9, v / 3 % 3, v % 3)) {
            let (row, column) =
                ((pixel / out * 2 + ky).wrapping_sub(padding), (pixel % out * 2 + kx).wrapping_sub(padding));
            if row < side && column < side {
                sum += x[((photo * side + row) * side + column) * 3 + c]
                    * parameters[((ky * 3 + kx) * 3 + c) * output + channel];
            }
        }
        y.push(sum);
    }
    relu6(y)
}

#[test]
fn gradients_of_the_stem_are_its_finite_differences() {
    for (side, output) in [(5, 7), (6, 18), (1, 3), (8, 32)] {
        let make = |level| Stem { side, output, level, threads: Threads::Calling, spare: Arc::default() };
        check(make, 2, |x, p| slow_stem(side, output, x, p));
    }
}

/// The bits of result and gradients of a block of Lite0, as a custom op, on `photos` photos.
fn bits(number: usize, photos: usize, threads: Threads) -> Vec<Vec<u32>> {
    let shape = lite::blocks(Variant::Lite0)[number];
    let stage = Inverted { shape, level: SimdLevel::detect().unwrap(), threads, spare: Arc::default() };
    let (side, channels) = (shape.side, shape.input);
    let x = Tensor::from_vec(numbers(5, photos * side * side * channels), (photos, side, side, channels), &Device::Cpu)
        .unwrap();
    let p: Vec<f32> = numbers(6, stage.parameters()).iter().map(|v| v * 0.1).collect();
    let (x, p) = (Var::from_tensor(&x).unwrap(), Var::from_vec(p.clone(), p.len(), &Device::Cpu).unwrap());
    let y = apply(stage, &x, &p).unwrap();
    let gradients = y.sqr().unwrap().sum_all().unwrap().backward().unwrap();
    let bits = |t: &Tensor| t.flatten_all().unwrap().to_vec1::<f32>().unwrap().iter().map(|v| v.to_bits()).collect();
    vec![bits(&y), bits(gradients.get(&x).unwrap()), bits(gradients.get(&p).unwrap())]
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let alone = bits(12, 11, Threads::Calling);
    for threads in 1..4 {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert!(pool.install(|| bits(12, 11, Threads::Pool)) == alone, "{threads} threads");
    }
}

#[test]
fn a_batch_too_large_to_keep_is_computed_again_in_pieces() {
    let shape = lite::blocks(Variant::Lite0)[1];
    let stage =
        Inverted { shape, level: SimdLevel::detect().unwrap(), threads: Threads::Calling, spare: Arc::default() };
    let photos = (64 << 20) / stage.kept_bytes() + 2;
    let results = bits(1, photos, Threads::Calling);
    let (before, after) = stage.lengths();
    let (x, p) =
        (numbers(5, photos * before), numbers(6, stage.parameters()).iter().map(|v| v * 0.1).collect::<Vec<_>>());
    let (y, kept) = stage.forward(&x, &p, true);
    let doubled: Vec<f32> = y.iter().map(|v| 2.0 * v).collect();
    let (gx, gp) = stage.backward(&p, kept, &doubled, true);
    assert_eq!(y.len(), photos * after);
    let floats = |bits: &[u32]| bits.iter().map(|&b| f32::from_bits(b)).collect::<Vec<_>>();
    assert!(floats(&results[0]) == y && floats(&results[1]) == gx);
    let (whole, pieces) = (wide(&gp), wide(&floats(&results[2])));
    let (apart, size) = whole.iter().zip(&pieces).fold((0.0, 0.0), |(a, s), (w, p)| (a + (w - p).powi(2), s + w * w));
    assert!(apart <= 1e-10 * size, "{apart} of {size}");
}

#[test]
fn wrong_shapes_are_refused() {
    let shape = lite::blocks(Variant::Lite0)[12];
    let stage = Inverted { shape, level: SimdLevel::Scalar, threads: Threads::Calling, spare: Arc::default() };
    let (x, p) = (
        Tensor::zeros((1, 3, 3, 192), candle_core::DType::F32, &Device::Cpu),
        Tensor::zeros(7, candle_core::DType::F32, &Device::Cpu),
    );
    let error = apply(stage, &x.unwrap(), &p.unwrap()).unwrap_err().to_string();
    assert!(error.contains("inverted residual block was given [1, 3, 3, 192] and [7] parameters"), "{error}");
}
