//! Position embeddings of a grid of patches for another grid, as `torch.nn.functional.interpolate(mode="bicubic")` makes them.
//!
//! Keys, "Cubic convolution interpolation for digital image processing" (1981), with a = -0.75, no antialiasing; the centre of cell i of
//! `to` lies at (i + 1/2) from / to - 1/2 of `from`, and what lies outside is the nearest cell inside. `transformers` does so with
//! `DINOv2`'s 37 x 37 positions for a photo of 16 x 16 patches; the original code adds 0.1 to the 16 and so moves the last by under a quarter
//! of a cell.

use candle_core::{Result, Tensor};

/// The free parameter of the kernel.
const A: f64 = -0.75;

/// `[to, to, d]` from `[from, from, d]`.
pub(super) fn resampled(grid: &Tensor, to: usize) -> Result<Tensor> {
    let (from, _, dim) = grid.dims3()?;
    let weights = Tensor::from_vec(weights(from, to), (to, from), grid.device())?;
    let rows = weights.matmul(&grid.reshape((from, from * dim))?)?.reshape((to, from, dim))?;
    let turned = rows.transpose(0, 1)?.contiguous()?.reshape((from, to * dim))?;
    weights.matmul(&turned)?.reshape((to, to, dim))?.transpose(0, 1)?.contiguous()
}

/// `[to, from]` row-major: how much each cell counts.
fn weights(from: usize, to: usize) -> Vec<f32> {
    let mut weights = vec![0.0; to * from];
    for (i, row) in weights.chunks_exact_mut(from).enumerate() {
        let centre = (i as f64 + 0.5) * from as f64 / to as f64 - 0.5;
        for tap in -1..=2 {
            let cell = centre.floor() + f64::from(tap);
            row[cell.clamp(0.0, (from - 1) as f64) as usize] += kernel((centre - cell).abs()) as f32;
        }
    }
    weights
}

/// The cubic at distance `x` in cells.
fn kernel(x: f64) -> f64 {
    if x <= 1.0 {
        ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        ((A * x - 5.0 * A) * x + 8.0 * A) * x - 4.0 * A
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    fn of(values: &[f32], to: usize) -> Vec<f32> {
        let side = values.len().isqrt();
        let grid = Tensor::from_slice(values, (side, side, 1), &Device::Cpu).unwrap();
        resampled(&grid, to).unwrap().flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn agrees_with_torch() {
        // torch.nn.functional.interpolate(torch.arange(25.).reshape(1, 1, 5, 5) ** 2, size=(2, 2), mode="bicubic", align_corners=False)
        let squares: Vec<f32> = (0..25).map(|i| (i * i) as f32).collect();
        let expected = [16.3446, 44.7960, 300.546, 399.9697];
        for (got, expected) in of(&squares, 2).iter().zip(expected) {
            assert!((got - expected).abs() < 1e-3_f32, "{got} {expected}");
        }
    }

    #[test]
    fn the_same_grid_stays_and_a_constant_stays_constant() {
        let values: Vec<f32> = (0..9).map(|i| (i * 7 % 5) as f32).collect();
        assert_eq!(of(&values, 3), values);
        assert!(of(&[2.5; 37 * 37], 16).iter().all(|v| (v - 2.5).abs() < 1e-5));
    }
}
