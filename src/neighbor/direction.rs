//! One question from several photos: more like these, less like those.

use super::{NeighborError, check_query};
use crate::embedding::normalize;

/// The unit vector of `mean(plus) - mean(minus)`, each photo's row counting with unit length.
///
/// Refused when `plus` is empty, a row has another dimension or no direction, or what remains has no direction.
pub fn direction(plus: &[&[f32]], minus: &[&[f32]]) -> Result<Vec<f32>, NeighborError> {
    let dim = plus.first().ok_or(NeighborError::NoDirection)?.len();
    let mut sum = vec![0.0f64; dim];
    for (rows, sign) in [(plus, 1.0), (minus, -1.0)] {
        for row in rows {
            check_query(row, dim)?;
            let mut unit = row.to_vec();
            normalize(&mut unit).map_err(|_| NeighborError::NoDirection)?;
            sum.iter_mut().zip(unit).for_each(|(sum, v)| *sum += sign * f64::from(v) / rows.len() as f64);
        }
    }
    // What is left of rows that cancel out is rounding, not a direction.
    if sum.iter().map(|v| v * v).sum::<f64>().sqrt() < 1e-5 {
        return Err(NeighborError::NoDirection);
    }
    let mut query: Vec<f32> = sum.into_iter().map(|v| v as f32).collect();
    normalize(&mut query).map_err(|_| NeighborError::NoDirection)?;
    Ok(query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_photo_is_its_own_direction_and_two_meet_half_way() {
        assert_eq!(direction(&[&[0.0, 2.0]], &[]), Ok(vec![0.0, 1.0]));
        let half = direction(&[&[1.0, 0.0], &[0.0, 9.0]], &[]).unwrap();
        assert!(half.iter().all(|v| (v - 0.5f32.sqrt()).abs() < 1e-6));
        let less = direction(&[&[1.0, 0.0], &[0.0, 1.0]], &[&[0.0, 1.0]]).unwrap();
        assert!((less[0] - 0.5f32.sqrt()).abs() < 1e-6 && (less[1] + 0.5f32.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn what_points_nowhere_is_refused() {
        assert_eq!(direction(&[], &[&[1.0]]), Err(NeighborError::NoDirection));
        assert_eq!(direction(&[&[0.6, 0.8]], &[&[0.6, 0.8]]), Err(NeighborError::NoDirection));
        assert_eq!(direction(&[&[0.0, 0.0]], &[]), Err(NeighborError::NoDirection));
        assert_eq!(direction(&[&[f32::NAN, 0.0]], &[]), Err(NeighborError::NotFinite));
        let uneven = direction(&[&[1.0, 0.0]], &[&[1.0]]);
        assert_eq!(uneven, Err(NeighborError::Dimension { expected: 2, got: 1 }));
    }
}
