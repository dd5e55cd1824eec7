//! Every kernel against a slow twin, over shapes, strides and odd sizes, at every level the machine has.

mod edges;

use super::*;
use proptest::prelude::*;

/// Numbers in -1..1 from a seed.
fn numbers(seed: u64, count: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    (0..count).map(next).collect()
}

/// `[pixels, channels]` as `[groups][pixels][16]`.
fn grouped(nhwc: &[f32], channels: usize) -> Buffer {
    let pixels = nhwc.len() / channels;
    let mut groups = Buffer::zeros(channels.next_multiple_of(GROUP) * pixels);
    for (i, &v) in nhwc.iter().enumerate() {
        let (p, c) = (i / channels, i % channels);
        groups[(c / GROUP * pixels + p) * GROUP + c % GROUP] = v;
    }
    groups
}

fn slow_relu6(v: f64) -> f64 {
    v.clamp(0.0, 6.0)
}

fn close(got: f32, expected: f64) -> bool {
    (f64::from(got) - expected).abs() <= 1e-4 * (1.0 + expected.abs())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn product_is_the_sum_over_the_depth(pixels in 1usize..60, depth in 1usize..70, channels in 1usize..70, kind in 0usize..4, seed: u64) {
        let (x, w) = (numbers(seed, pixels * depth), numbers(seed ^ 1, depth * channels));
        let (bias, other) = (numbers(seed ^ 2, channels), numbers(seed ^ 3, pixels * channels));
        let (input, packed, added) = (grouped(&x, depth), Packed::new(&w, &bias), grouped(&other, channels));
        let group_stride = pixels * GROUP;
        for level in SimdLevel::available() {
            let finish = [Finish::Linear, Finish::Relu6, Finish::Add(&added), Finish::Sum][kind];
            let stride = if kind == 3 { GROUP } else { group_stride };
            let mut output = Buffer::zeros(packed.groups() * stride);
            let product = Product {
                input: &input, values: Values::Groups { group_stride }, pixels, packed: &packed,
                groups: (0, packed.groups()), rows: Rows::flat(pixels), group_stride: stride, finish,
            };
            product.run(level, &mut output);
            for c in 0..channels {
                let sum = |p: usize| (0..depth).map(|k| f64::from(x[p * depth + k]) * f64::from(w[k * channels + c])).sum::<f64>() + f64::from(bias[c]);
                if kind == 3 {
                    let expected = (0..pixels).map(|p| slow_relu6(sum(p))).sum::<f64>();
                    prop_assert!(close(output[c], expected), "{} channel {c}", level.name());
                    continue;
                }
                for p in 0..pixels {
                    let expected = match kind { 0 => sum(p), 1 => slow_relu6(sum(p)), _ => sum(p) + f64::from(other[p * channels + c]) };
                    let got = output[(c / GROUP * pixels + p) * GROUP + c % GROUP];
                    prop_assert!(close(got, expected), "{} pixel {p} channel {c}: {got} {expected}", level.name());
                }
            }
        }
    }

    #[test]
    fn product_fills_a_ring_and_nothing_between(width in 1usize..20, slots in 1usize..6, slot in 0usize..6, gap in 0usize..3, seed: u64) {
        let slot = slot % slots;
        let (pixels, channels) = (width * slots, 40);
        let (x, w) = (numbers(seed, pixels * 5), numbers(seed ^ 1, 5 * channels));
        let packed = Packed::new(&w, &vec![0.0; channels]);
        let row_stride = (width + gap) * GROUP;
        for level in SimdLevel::available() {
            let mut ring = Buffer::zeros(3 * slots * row_stride);
            ring.fill(9.0);
            let product = Product {
                input: &grouped(&x, 5), values: Values::Groups { group_stride: pixels * GROUP }, pixels, packed: &packed,
                groups: (0, 3), rows: Rows { width, row_stride, slot, slots }, group_stride: slots * row_stride, finish: Finish::Linear,
            };
            product.run(level, &mut ring);
            for (i, &got) in ring.iter().enumerate() {
                let (group, at, c, column) = (i / (slots * row_stride), i / row_stride % slots, i % GROUP, i / GROUP % (width + gap));
                if column >= width {
                    prop_assert_eq!(got.to_bits(), 9f32.to_bits());
                    continue;
                }
                let (p, c) = ((at + slots - slot) % slots * width + column, group * GROUP + c);
                let expected = if c < channels { (0..5).map(|k| f64::from(x[p * 5 + k]) * f64::from(w[k * channels + c])).sum() } else { 0.0 };
                prop_assert!(close(got, expected), "{} slot {at} column {column}", level.name());
            }
        }
    }

    #[test]
    fn stem_takes_patches(width in 1usize..40, seed: u64) {
        let columns = 2 * width + 1;
        let (image, w, bias) = (numbers(seed, 3 * columns * 3), numbers(seed ^ 1, 27 * 32), numbers(seed ^ 2, 32));
        let packed = Packed::new(&w, &bias);
        for level in SimdLevel::available() {
            let mut output = Buffer::zeros(2 * width * GROUP);
            let product = Product {
                input: &image, values: Values::Patches { row_stride: columns * 3 }, pixels: width, packed: &packed,
                groups: (0, 2), rows: Rows::flat(width), group_stride: width * GROUP, finish: Finish::Relu6,
            };
            product.run(level, &mut output);
            for (x, c) in (0..width).flat_map(|x| (0..32).map(move |c| (x, c))) {
                let tap = |t: usize| f64::from(image[t / 9 * columns * 3 + 2 * x * 3 + t % 9]) * f64::from(w[t * 32 + c]);
                let expected = slow_relu6((0..27).map(tap).sum::<f64>() + f64::from(bias[c]));
                prop_assert!(close(output[(c / GROUP * width + x) * GROUP + c % GROUP], expected), "{}", level.name());
            }
        }
    }

    #[test]
    fn outer_products_are_summed_over_the_pixels(pixels in 1usize..40, wide in 1usize..40, narrow in 1usize..120, seed: u64) {
        let (w, n) = (numbers(seed, pixels * wide), numbers(seed ^ 1, pixels * narrow));
        let (wide_groups, narrow_groups) = (wide.div_ceil(GROUP), narrow.div_ceil(GROUP));
        let (wide_pictures, narrow_pictures) = (grouped(&w, wide), grouped(&n, narrow));
        for level in SimdLevel::available() {
            let mut output = Buffer::zeros(wide_groups * GROUP * narrow_groups * GROUP);
            output.fill(0.5);
            Outer { wide: &wide_pictures, wide_groups, narrow: &narrow_pictures, narrow_groups, pixels }.run(level, &mut output);
            for (i, j) in (0..wide).flat_map(|i| (0..narrow).map(move |j| (i, j))) {
                let expected = 0.5 + (0..pixels).map(|p| f64::from(w[p * wide + i]) * f64::from(n[p * narrow + j])).sum::<f64>();
                prop_assert!(close(output[i * narrow_groups * GROUP + j], expected), "{} {i} {j}", level.name());
            }
        }
    }

    #[test]
    fn masked_results_are_zero_where_relu6_was_flat(pixels in 1usize..40, channels in 1usize..40, seed: u64) {
        let (x, w) = (numbers(seed, pixels * 5), numbers(seed ^ 1, 5 * channels));
        let before = grouped(&numbers(seed ^ 2, pixels * channels).iter().map(|v| (v * 12.0).clamp(0.0, 6.0)).collect::<Vec<_>>(), channels);
        let (input, packed, group_stride) = (grouped(&x, 5), Packed::new(&w, &vec![0.0; channels]), pixels * GROUP);
        for level in SimdLevel::available() {
            let run = |finish, output: &mut Buffer| Product {
                input: &input, values: Values::Groups { group_stride }, pixels, packed: &packed,
                groups: (0, packed.groups()), rows: Rows::flat(pixels), group_stride, finish,
            }.run(level, output);
            let (mut plain, mut masked) = (before.clone(), before.clone());
            run(Finish::Linear, &mut plain);
            run(Finish::Masked, &mut masked);
            for ((was, plain), masked) in before.iter().zip(plain.iter()).zip(masked.iter()) {
                let expected = if *was > 0.0 && *was < 6.0 { *plain } else { 0.0 };
                prop_assert_eq!(masked.to_bits(), expected.to_bits(), "{}", level.name());
            }
        }
    }

    #[test]
    fn depthwise_is_the_sum_over_the_window(
        side in 1usize..24, five: bool, two: bool, channels in 1usize..40, spare in 0usize..4, cut in 0usize..24, seed: u64,
    ) {
        let (kernel, stride) = (if five { 5 } else { 3 }, if two { 2 } else { 1 });
        let Window { out, pad, columns } = Window::of(side, kernel, stride);
        let (slots, row_stride) = (side + spare, columns * GROUP);
        let (x, w, bias) = (numbers(seed, side * side * channels), numbers(seed ^ 1, kernel * kernel * channels), numbers(seed ^ 2, channels));
        let packed = PackedDepthwise::new(&w, &bias, kernel, stride);
        let rows = (cut.min(out), out);
        for (group, level) in (0..channels.div_ceil(GROUP)).flat_map(|g| SimdLevel::available().into_iter().map(move |l| (g, l))) {
            let mut ring = Buffer::zeros((slots + 1) * row_stride);
            let in_group = GROUP.min(channels - group * GROUP);
            for (y, xx, c) in (0..side).flat_map(|y| (0..side).flat_map(move |x| (0..in_group).map(move |c| (y, x, c)))) {
                ring[y * row_stride + (pad + xx) * GROUP + c] = x[(y * side + xx) * channels + group * GROUP + c];
            }
            let mut output = Buffer::zeros((rows.1 - rows.0) * out * GROUP);
            Depthwise { input: &ring, slots, row_stride, height: side, top: pad, rows, width: out, packed: &packed, group, finish: Last::Relu6 }.run(level, &mut output);
            for (y, xx, c) in (rows.0..rows.1).flat_map(|y| (0..out).flat_map(move |x| (0..in_group).map(move |c| (y, x, c)))) {
                let channel = group * GROUP + c;
                let mut sum = f64::from(bias[channel]);
                for (ky, kx) in (0..kernel).flat_map(|a| (0..kernel).map(move |b| (a, b))) {
                    let (iy, ix) = ((y * stride + ky).wrapping_sub(pad), (xx * stride + kx).wrapping_sub(pad));
                    if iy < side && ix < side {
                        sum += f64::from(x[(iy * side + ix) * channels + channel]) * f64::from(w[(ky * kernel + kx) * channels + channel]);
                    }
                }
                let got = output[((y - rows.0) * out + xx) * GROUP + c];
                prop_assert!(close(got, slow_relu6(sum)), "{} y {y} x {xx} channel {channel}: {got} {sum}", level.name());
            }
        }
    }

    #[test]
    fn taps_are_sums_over_the_windows(side in 1usize..14, five: bool, two: bool, seed: u64) {
        let (kernel, stride) = (if five { 5 } else { 3 }, if two { 2 } else { 1 });
        let Window { out, pad, columns } = Window::of(side, kernel, stride);
        let (x, gradient) = (numbers(seed, side * side * GROUP), numbers(seed ^ 1, out * out * GROUP));
        let row_stride = columns * GROUP;
        let mut input = Buffer::zeros(side * row_stride);
        for (y, row) in x.chunks_exact(side * GROUP).enumerate() {
            input[y * row_stride + pad * GROUP..][..side * GROUP].copy_from_slice(row);
        }
        for level in SimdLevel::available() {
            let mut sums = Buffer::zeros((kernel * kernel + 1) * GROUP);
            sums.fill(0.5);
            Taps { input: &input, row_stride, height: side, top: pad, gradient: &gradient, side: out, kernel, stride }.run(level, &mut sums);
            for (tap, c) in (0..=kernel * kernel).flat_map(|tap| (0..GROUP).map(move |c| (tap, c))) {
                let mut sum = 0.5;
                for (y, xx) in (0..out).flat_map(|y| (0..out).map(move |x| (y, x))) {
                    let (iy, ix) = ((y * stride + tap / kernel).wrapping_sub(pad), (xx * stride + tap % kernel).wrapping_sub(pad));
                    let seen = if tap == kernel * kernel { 1.0 } else if iy < side && ix < side { f64::from(x[(iy * side + ix) * GROUP + c]) } else { 0.0 };
                    sum += seen * f64::from(gradient[(y * out + xx) * GROUP + c]);
                }
                let got = sums[tap * GROUP + c];
                prop_assert!(close(got, sum), "{} tap {tap} channel {c}: {got} {sum}", level.name());
            }
        }
    }

    #[test]
    fn the_turned_kernel_takes_a_gradient_back(
        side in 1usize..14, five: bool, two: bool, channels in 1usize..40, cut in 0usize..14, seed: u64,
    ) {
        let (kernel, stride) = (if five { 5 } else { 3 }, if two { 2 } else { 1 });
        let Window { out, pad, .. } = Window::of(side, kernel, stride);
        let (gradient, weight) = (numbers(seed, out * out * channels), numbers(seed ^ 1, kernel * kernel * channels));
        let packed = PackedDepthwise::flipped(&weight, kernel);
        // The gradient's pixels lie a stride apart, with zeros between them and around.
        let (height, top) = ((out - 1) * stride + 1, kernel - 1 - pad);
        let columns = (side + kernel - 1).max(top + height);
        let (row_stride, rows) = (columns * GROUP, (cut.min(side), side));
        let before: Vec<f32> = numbers(seed ^ 2, (rows.1 - rows.0) * side * GROUP).iter().map(|v| (v * 12.0).clamp(0.0, 6.0)).collect();
        for (group, level) in (0..channels.div_ceil(GROUP)).flat_map(|g| SimdLevel::available().into_iter().map(move |l| (g, l))) {
            let in_group = GROUP.min(channels - group * GROUP);
            let mut input = Buffer::zeros((height + 1) * row_stride);
            for (y, x, c) in (0..out).flat_map(|y| (0..out).flat_map(move |x| (0..in_group).map(move |c| (y, x, c)))) {
                input[y * stride * row_stride + (top + x * stride) * GROUP + c] = gradient[(y * out + x) * channels + group * GROUP + c];
            }
            let run = |finish| {
                let mut output = Buffer::zeros(before.len());
                Depthwise { input: &input, slots: height, row_stride, height, top, rows, width: side, packed: &packed, group, finish }.run(level, &mut output);
                output
            };
            let (plain, masked) = (run(Last::Linear), run(Last::Masked(&before)));
            for (y, x, c) in (rows.0..rows.1).flat_map(|y| (0..side).flat_map(move |x| (0..in_group).map(move |c| (y, x, c)))) {
                let channel = group * GROUP + c;
                let mut sum = 0.0;
                for (oy, ox) in (0..out).flat_map(|y| (0..out).map(move |x| (y, x))) {
                    let (ky, kx) = ((y + pad).wrapping_sub(oy * stride), (x + pad).wrapping_sub(ox * stride));
                    if ky < kernel && kx < kernel {
                        sum += f64::from(gradient[(oy * out + ox) * channels + channel]) * f64::from(weight[(ky * kernel + kx) * channels + channel]);
                    }
                }
                let at = ((y - rows.0) * side + x) * GROUP + c;
                prop_assert!(close(plain[at], sum), "{} y {y} x {x} channel {channel}: {} {sum}", level.name(), plain[at]);
                let expected = if before[at] > 0.0 && before[at] < 6.0 { plain[at] } else { 0.0 };
                prop_assert_eq!(masked[at].to_bits(), expected.to_bits(), "{}", level.name());
            }
        }
    }
}

/// How a depthwise convolution with "SAME" padding looks at a picture.
struct Window {
    out: usize,
    pad: usize,
    columns: usize,
}

impl Window {
    fn of(side: usize, kernel: usize, stride: usize) -> Self {
        let out = side.div_ceil(stride);
        let seen = (out - 1) * stride + kernel;
        let pad = seen.saturating_sub(side) / 2;
        Self { out, pad, columns: (pad + side).max(seen) }
    }
}
