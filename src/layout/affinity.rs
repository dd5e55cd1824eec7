//! How strongly two rows belong together, from the nearest rows of each.
//!
//! `McInnes`, Healy and Melville 2018, "UMAP: Uniform Manifold Approximation and Projection for Dimension Reduction",
//! sections 3.1 and 4.1. Row i holds on to its neighbour j at distance d(i, j) with the strength
//!
//! ```text
//! w(i, j) = exp(-max(d(i, j) - r(i), 0) / s(i)),   r(i) the distance of its nearest other row,
//! ```
//!
//! where s(i) makes the strengths of the k neighbours of i add up to log2(k): a row in a crowd and a row far from all
//! others have equally much to hold on to. Two opinions on one pair are joined as a probability that either holds:
//! `w(i, j) + w(j, i) - w(i, j) w(j, i)`.

use super::NearRows;

/// Halvings in the search for s(i): f32 has no more digits.
const HALVINGS: usize = 32;

/// Two rows and how strongly they belong together, above 0 and at most 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Edge {
    pub(super) rows: [u32; 2],
    pub(super) strength: f32,
}

/// Every pair of which one is near the other, once, in the order of its rows.
pub(super) fn edges(near: &NearRows) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (row, (others, distances)) in near.lists().enumerate() {
        let row = row as u32;
        let strengths = strengths(distances);
        let pairs = others.iter().zip(strengths).filter(|(other, strength)| **other != row && *strength > 0.0);
        edges.extend(pairs.map(|(other, strength)| Edge { rows: [row.min(*other), row.max(*other)], strength }));
    }
    edges.sort_unstable_by(|one, other| one.rows.cmp(&other.rows).then(one.strength.total_cmp(&other.strength)));
    edges.dedup_by(|later, kept| {
        let same = later.rows == kept.rows;
        if same {
            kept.strength += later.strength - kept.strength * later.strength;
        }
        same
    });
    edges
}

/// The strengths of one row's neighbours, from their distances, nearest first.
fn strengths(distances: &[f32]) -> Vec<f32> {
    let Some(nearest) = distances.first() else { return Vec::new() };
    let beyond: Vec<f32> = distances.iter().map(|distance| (distance - nearest).max(0.0)).collect();
    let wanted = (distances.len() as f32).log2().max(1.0);
    let sum = |scale: f32| beyond.iter().map(|beyond| (-beyond / scale).exp()).sum::<f32>();
    let farthest = beyond.iter().fold(0.0_f32, |most, beyond| most.max(*beyond));
    // With rows all equally far there is nothing to tell apart.
    if farthest <= f32::EPSILON {
        return vec![1.0; distances.len()];
    }
    let (mut low, mut high) = (farthest * 1e-4, farthest * 1e4);
    for _ in 0..HALVINGS {
        let middle = (low * high).sqrt();
        if sum(middle) > wanted { high = middle } else { low = middle }
    }
    beyond.iter().map(|beyond| (-beyond / low).exp()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strengths_add_up_to_the_logarithm_whatever_the_scale() {
        for scale in [1e-4, 1.0, 50.0] {
            let distances: Vec<f32> = (1..=16).map(|i| scale * (1.0 + i as f32)).collect();
            let strengths = strengths(&distances);
            assert!((strengths.iter().sum::<f32>() - 4.0).abs() < 1e-2, "{strengths:?}");
            assert!((strengths[0] - 1.0).abs() < 1e-6 && strengths.is_sorted_by(|a, b| a >= b));
        }
    }

    #[test]
    fn equal_distances_and_lists_of_one_hold_fully() {
        assert_eq!(strengths(&[0.0; 5]), [1.0; 5]);
        assert_eq!(strengths(&[0.3]), [1.0]);
        assert_eq!(strengths(&[]), [0.0; 0]);
    }

    #[test]
    fn two_opinions_on_a_pair_are_joined_and_a_row_is_no_pair_with_itself() {
        let mut near = NearRows::new();
        near.push([(1, 0.1), (2, 0.2), (0, 0.3)]);
        near.push([(0, 0.1)]);
        near.push([]);
        let edges = edges(&near);
        assert_eq!(edges.iter().map(|edge| edge.rows).collect::<Vec<_>>(), [[0, 1], [0, 2]]);
        assert!((edges[0].strength - 1.0).abs() < 1e-6, "both are sure: so are they together");
        assert!(edges[1].strength > 0.0 && edges[1].strength < 1.0);
    }
}
