//! Between NHWC, as tensors have it, and the kernels' groups of 16 channels.

use crate::embedder::kernels::GROUP;

/// Numbers in a picture of `pixels` pixels in groups.
pub(super) const fn grouped(channels: usize, pixels: usize) -> usize {
    channels.next_multiple_of(GROUP) * pixels
}

/// `[pixels][channels]` to `[groups][pixels][16]`, the last group filled up with zeros.
pub(super) fn gather(nhwc: &[f32], channels: usize, groups: &mut [f32]) {
    let pixels = nhwc.len() / channels;
    for (p, pixel) in nhwc.chunks_exact(channels).enumerate() {
        for (group, lanes) in pixel.chunks(GROUP).enumerate() {
            let line = &mut groups[(group * pixels + p) * GROUP..][..GROUP];
            line[..lanes.len()].copy_from_slice(lanes);
            line[lanes.len()..].fill(0.0);
        }
    }
}

/// `[groups][pixels][16]` to `[pixels][channels]`.
pub(super) fn scatter(groups: &[f32], channels: usize, nhwc: &mut [f32]) {
    let pixels = nhwc.len() / channels;
    for (p, pixel) in nhwc.chunks_exact_mut(channels).enumerate() {
        for (group, lanes) in pixel.chunks_mut(GROUP).enumerate() {
            let line = &groups[(group * pixels + p) * GROUP..][..GROUP];
            lanes.copy_from_slice(&line[..lanes.len()]);
        }
    }
}

/// Adds the sum over the pixels of each channel to `sums`.
pub(super) fn add_column_sums(groups: &[f32], pixels: usize, sums: &mut [f32]) {
    for (picture, sums) in groups.chunks_exact(pixels * GROUP).zip(sums.chunks_mut(GROUP)) {
        let mut total = [0.0f32; GROUP];
        for line in picture.as_chunks::<GROUP>().0 {
            total.iter_mut().zip(line).for_each(|(t, v)| *t += v);
        }
        sums.iter_mut().zip(total).for_each(|(s, t)| *s += t);
    }
}

/// `[rows][columns]` to `[columns][rows]`.
pub(super) fn transposed(matrix: &[f32], columns: usize, into: &mut [f32]) {
    let rows = matrix.len() / columns;
    for (block, lines) in matrix.chunks(GROUP * columns).enumerate() {
        for column in 0..columns {
            let to = into[column * rows + block * GROUP..].iter_mut();
            to.zip(lines[column..].iter().step_by(columns)).for_each(|(to, v)| *to = *v);
        }
    }
}

/// Adds `part` to `sum`, number by number.
pub(super) fn add(sum: &mut [f32], part: &[f32]) {
    sum.iter_mut().zip(part).for_each(|(s, p)| *s += p);
}
