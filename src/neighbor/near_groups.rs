//! Photos that are nearly the same picture, put together: groups connected by small distances.

use super::{Gallery, NeighborError};
use crate::embedding::{PrincipalAxes, products};

/// Rows compared at once.
const BLOCK: usize = 256;
/// Above this many rows the leading axes decide first which pairs are worth a full comparison.
const PLAIN: usize = 4096;
/// Leading axes looked at.
const AXES: usize = 64;
/// Added to a squared distance that is only a bound: products of f32 unit rows carry rounding of this order.
const SLACK: f32 = 1e-4;

/// Per row the smallest row it is connected to by steps of less than `threshold` (euclidean, between unit rows): rows of
/// one number are one group. All pairs are compared; for large galleries by a bound over leading axes first, since a
/// projection is never farther away than the point itself.
pub fn near_groups(gallery: &Gallery, threshold: f32) -> Result<Vec<usize>, NeighborError> {
    let rows = gallery.embeddings();
    let mut groups: Vec<usize> = (0..rows.len()).collect();
    let squared = threshold * threshold;
    if rows.len() <= PLAIN {
        each_near_pair(rows.as_slice(), rows.dim(), &vec![1.0; rows.len()], squared, &mut |i, j| {
            connect(&mut groups, i, j);
        });
    } else {
        let mut visit_all = |visit: &mut dyn FnMut(&[f32])| rows.rows().for_each(&mut *visit);
        let axes = PrincipalAxes::of(&mut visit_all, AXES).map_err(|e| NeighborError::Build(e.to_string()))?;
        let mut projected = vec![0.0; rows.len() * axes.len()];
        products(rows.as_slice(), axes.axes(), rows.dim(), &mut projected);
        let lengths: Vec<f32> =
            projected.chunks_exact(axes.len().max(1)).map(|row| row.iter().map(|v| v * v).sum()).collect();
        each_near_pair(&projected, axes.len(), &lengths, squared + SLACK, &mut |i, j| {
            let apart: f32 = rows.row(i).iter().zip(rows.row(j)).map(|(a, b)| (a - b) * (a - b)).sum();
            if apart < squared {
                connect(&mut groups, i, j);
            }
        });
    }
    Ok((0..groups.len()).map(|row| root(&mut groups, row)).collect())
}

/// Calls `near` with every pair of rows, `i < j`, whose squared distance is below `squared`.
fn each_near_pair(rows: &[f32], dim: usize, lengths: &[f32], squared: f32, near: &mut dyn FnMut(usize, usize)) {
    let dim = dim.max(1);
    let mut dots = vec![0.0; BLOCK * BLOCK];
    let blocks = || rows.chunks(BLOCK * dim).enumerate();
    for (down, left) in blocks() {
        for (across, right) in blocks().skip(down) {
            let count = right.len() / dim;
            products(left, right, dim, &mut dots);
            for (i, line) in dots.chunks_exact(count).take(left.len() / dim).enumerate() {
                for (j, dot) in line.iter().enumerate() {
                    let (i, j) = (down * BLOCK + i, across * BLOCK + j);
                    let length = |row: usize| lengths.get(row).copied().unwrap_or(0.0);
                    if i < j && length(i) + length(j) - 2.0 * dot < squared {
                        near(i, j);
                    }
                }
            }
        }
    }
}

/// The smallest row of a row's group.
fn root(groups: &mut [usize], row: usize) -> usize {
    let mut at = row;
    while groups[at] != at {
        groups[at] = groups[groups[at]];
        at = groups[at];
    }
    at
}

fn connect(groups: &mut [usize], i: usize, j: usize) {
    let (i, j) = (root(groups, i), root(groups, j));
    groups[i.max(j)] = i.min(j);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedding::EmbeddingMatrix;
    use crate::library::PhotoId;
    use proptest::prelude::*;

    fn gallery(rows: &[Vec<f32>]) -> Gallery {
        let mut matrix = EmbeddingMatrix::new(rows.first().map_or(1, Vec::len));
        for row in rows {
            matrix.push(row).unwrap();
        }
        let photos = (0..rows.len()).map(|i| PhotoId::of_content(&i.to_le_bytes())).collect();
        Gallery::new(photos, matrix).unwrap()
    }

    /// Repeats until nothing changes: every row takes the smallest number among its near rows.
    fn slow(gallery: &Gallery, threshold: f32) -> Vec<usize> {
        let mut groups: Vec<usize> = (0..gallery.len()).collect();
        loop {
            let before = groups.clone();
            for i in 0..gallery.len() {
                for j in 0..gallery.len() {
                    let apart = gallery.row(i).iter().zip(gallery.row(j)).map(|(a, b)| (a - b).powi(2)).sum::<f32>();
                    if apart.sqrt() < threshold {
                        groups[i] = groups[i].min(groups[j]);
                    }
                }
            }
            if groups == before {
                return groups;
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn groups_are_the_connected_parts(points in prop::collection::vec((0u8..12, 0u8..12), 1..80)) {
            // Points of a coarse grid on the sphere: no distance is within rounding of the threshold.
            let row = |(x, y): &(u8, u8)| vec![f32::from(*x) / 10.0, f32::from(*y) / 10.0, 1.0];
            let gallery = gallery(&points.iter().map(row).collect::<Vec<_>>());
            prop_assert_eq!(near_groups(&gallery, 0.073).unwrap(), slow(&gallery, 0.073));
        }
    }

    #[test]
    fn a_chain_is_one_group_and_large_galleries_agree_with_small_ones() {
        let at = |degrees: f32| vec![degrees.to_radians().cos(), degrees.to_radians().sin()];
        let chain = gallery(&[at(0.0), at(90.0), at(3.0), at(6.0), at(91.0), at(45.0)]);
        assert_eq!(near_groups(&chain, 0.06).unwrap(), [0, 1, 0, 0, 1, 5]);
        // Pairs of near rows, more of them than are compared plainly.
        let number = |i: usize, k: usize| ((i * 7919 + k * 104_729) % 1009) as f32 / 1009.0 - 0.5;
        let row = |i: usize| (0..8).map(|k| number(i / 2, k) + 1e-3 * number(i % 2 + k, 3)).collect::<Vec<f32>>();
        let large = gallery(&(0..PLAIN + 100).map(row).collect::<Vec<_>>());
        let groups = near_groups(&large, 0.02).unwrap();
        assert!(groups.iter().enumerate().all(|(i, group)| groups[i ^ 1] == *group), "pairs are together");
        let first = gallery(&(0..PLAIN).map(row).collect::<Vec<_>>());
        assert_eq!(groups[..PLAIN], near_groups(&first, 0.02).unwrap());
    }

    #[test]
    fn nothing_is_near_in_an_empty_gallery() {
        assert_eq!(near_groups(&gallery(&[]), 0.5), Ok(Vec::new()));
    }
}
