//! The plane of widest spread: where every row lies along the first two principal axes.

use super::Place;
use crate::embedding::PrincipalAxes;

/// Rows the axes are computed from, at most: two axes of many rows are fixed by far fewer.
const MOST_ROWS: usize = 8192;

/// The place of each row in the plane of the first two principal axes; all zeros along an axis that is not there (one
/// row, or rows all equal). `row` gives row `i` of `count`.
pub fn principal_places<'a>(count: usize, row: impl Fn(usize) -> &'a [f32]) -> Vec<Place> {
    let stride = count.div_ceil(MOST_ROWS).max(1);
    let axes = PrincipalAxes::of(&mut |visit| (0..count).step_by(stride).for_each(|i| visit(row(i))), 2);
    let Ok(axes) = axes else { return vec![Place::default(); count] };
    let dim = axes.dim().max(1);
    let along = |row: &[f32], axis: &[f32]| {
        let centred = row.iter().zip(axes.mean()).map(|(value, mean)| value - mean);
        centred.zip(axis).map(|(value, axis)| value * axis).sum::<f32>()
    };
    let place = |i| {
        let mut place = Place::default();
        for (coordinate, axis) in place.iter_mut().zip(axes.axes().chunks_exact(dim)) {
            *coordinate = along(row(i), axis);
        }
        place
    };
    (0..count).map(place).collect()
}
