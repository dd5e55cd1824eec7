//! 1x1 convolutions on pictures in groups of 16 channels.

use super::Threads;
use crate::embedder::kernels::{Buffer, Finish, GROUP, Outer, Packed, Product, Rows, SimdLevel, Values};

/// Groups of wide channels one task sums: the narrow picture of a chunk is read from the cache that often.
const TOGETHER: usize = 4;

/// All channels of all `pixels` of `input` into `output`, both in groups.
pub(super) fn product(level: SimdLevel, packed: &Packed, input: &[f32], finish: Finish<'_>, output: &mut [f32]) {
    let pixels = input.len() / packed.depth.next_multiple_of(GROUP);
    let group_stride = pixels * GROUP;
    let product = Product {
        input,
        values: Values::Groups { group_stride },
        pixels,
        packed,
        groups: (0, packed.groups()),
        rows: Rows::flat(pixels),
        group_stride,
        finish,
    };
    product.run(level, output);
}

/// One chunk's side of a weight gradient: its picture on the wide side of the convolution and on the narrow one, in groups.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    pub wide: &'a [f32],
    pub narrow: &'a [f32],
    pub pixels: usize,
}

/// The sum over all pixels of all chunks of `wide[pixel][w] * narrow[pixel][n]`, `[wide][narrow]`. A task makes some rows, over all chunks in order.
pub(super) fn weight_gradient(
    level: SimdLevel,
    threads: Threads,
    pairs: &[Pair<'_>],
    (wide, narrow): (usize, usize),
) -> Vec<f32> {
    let mut gradient = vec![0.0; wide * narrow];
    let padded = narrow.next_multiple_of(GROUP);
    let tasks = gradient.chunks_mut(TOGETHER * GROUP * narrow).enumerate().collect();
    threads.each(tasks, |(task, rows): (usize, &mut [f32])| {
        let wide_groups = (rows.len() / narrow).div_ceil(GROUP);
        let mut sums = Buffer::zeros(wide_groups * GROUP * padded);
        for pair in pairs {
            let wide = &pair.wide[task * TOGETHER * GROUP * pair.pixels..];
            let narrow_groups = padded / GROUP;
            let (narrow, pixels) = (pair.narrow, pair.pixels);
            Outer { wide, wide_groups, narrow, narrow_groups, pixels }.run(level, &mut sums);
        }
        let lines = sums.chunks_exact(padded);
        rows.chunks_exact_mut(narrow).zip(lines).for_each(|(row, line)| row.copy_from_slice(&line[..narrow]));
    });
    gradient
}
