//! One matrix product, on plain slices.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

/// Every dot product of `rows` `[n, dim]` with `others` `[m, dim]`, written to `into` `[n, m]`, all row-major.
///
/// Runs on the calling thread. Rows that do not fill `dim` numbers, and products that find no room in `into`, are left
/// out. Each product is summed in f32 in an order of the kernel's choice, so its error is at most
/// `dim * 2^-24 * |row| * |other|` (Higham, "Accuracy and Stability of Numerical Algorithms", section 3.1).
pub fn products(rows: &[f32], others: &[f32], dim: usize, into: &mut [f32]) {
    let count = |slice: &[f32]| slice.len().checked_div(dim).unwrap_or(0);
    let m = count(others);
    let n = count(rows).min(into.len().checked_div(m).unwrap_or(0));
    let (Some(rows), Some(others), Some(into)) = (rows.get(..n * dim), others.get(..m * dim), into.get_mut(..n * m))
    else {
        return;
    };
    if n == 0 || m == 0 {
        return;
    }
    let rows = MatRef::from_row_major_slice(rows, n, dim);
    let others = MatRef::from_row_major_slice(others, m, dim);
    let into = MatMut::from_row_major_slice_mut(into, n, m);
    matmul(into, Accum::Replace, rows, others.transpose(), 1.0, Par::Seq);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_dot_products() {
        let rows = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let others = [1.0, 0.0, -1.0, 2.0];
        let mut into = [0.0; 6];
        products(&rows, &others, 2, &mut into);
        assert_eq!(into.map(f32::to_bits), [1.0f32, 3.0, 3.0, 5.0, 5.0, 7.0].map(f32::to_bits));
    }

    #[test]
    fn nothing_to_multiply_is_no_panic() {
        products(&[], &[1.0], 1, &mut []);
        products(&[1.0], &[], 1, &mut []);
        products(&[1.0], &[1.0], 0, &mut [0.0]);
        let mut short = [0.0];
        products(&[1.0, 2.0], &[3.0], 1, &mut short);
        assert_eq!(short.map(f32::to_bits), [3.0f32.to_bits()]);
    }
}
