//! Properties of every exact index, against the naive scan.

use std::sync::Arc;

use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::audit::naive;
use super::samples::{KINDS, Kind, gallery, photo};
use super::{KdTreeIndex, LinearScan, NeighborError, NeighborIndex, nearest_among};

/// A query on a row of the index, near one, or anywhere.
fn query_for(index: &dyn NeighborIndex, how: usize, rng: &mut StdRng) -> Vec<f32> {
    let members = index.members();
    let anywhere: Vec<f32> = (0..members.dim()).map(|_| rng.random_range(-2.0..2.0)).collect();
    if members.rows() == 0 || how == 0 {
        return anywhere;
    }
    let row = members.row(rng.random_range(0..members.rows())).to_vec();
    if how == 1 { row } else { row.iter().zip(&anywhere).map(|(a, b)| a + 1e-3 * b).collect() }
}

fn indexes(kind: Kind, n: usize, dim: usize, seed: u64) -> [Box<dyn NeighborIndex>; 2] {
    let gallery = gallery(kind, n, dim, seed);
    let (axes, kept) = (1 + seed as usize % 33, 1 + seed as usize / 33 % 33);
    let tree = KdTreeIndex::build_keeping(Arc::clone(&gallery), axes, kept).unwrap();
    [Box::new(LinearScan::new(gallery)), Box::new(tree)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_index_answers_like_the_naive_scan(
        kind in 0..KINDS.len(), n in 0usize..600, dim in 1usize..50, k in 0usize..650, how in 0usize..3,
        modulus in 1usize..5, seed in 0u64..100_000,
    ) {
        let keep = |row: usize| row.is_multiple_of(modulus);
        for index in indexes(KINDS[kind], n, dim, seed) {
            let query = query_for(index.as_ref(), how, &mut StdRng::seed_from_u64(seed));
            let answer = index.nearest(&query, k, &keep).unwrap();
            prop_assert_eq!(&answer.neighbors, &naive(index.members(), &query, k, &keep), "{}", index.method());
            prop_assert!(answer.exact && answer.visited <= n && answer.of == n);
        }
    }

    #[test]
    fn all_rows_within_a_distance_and_the_nearest_of_chosen_rows_are_those_of_the_naive_scan(
        kind in 0..KINDS.len(), n in 0usize..400, dim in 1usize..40, k in 0usize..50, how in 0usize..3,
        distance in 0f32..2.5, modulus in 1usize..5, seed in 0u64..100_000,
    ) {
        let gallery = gallery(KINDS[kind], n, dim, seed);
        let mut tree = KdTreeIndex::build_with(gallery, 1 + seed as usize % 33).unwrap();
        let mut rng = StdRng::seed_from_u64(seed);
        let added = query_for(&tree, 0, &mut rng);
        tree.members_mut().insert(photo(10_000), &added).unwrap();
        tree.members_mut().remove(n / 2);
        let query = query_for(&tree, how, &mut rng);
        let keep = |row: usize| row.is_multiple_of(modulus);
        let mut all = naive(tree.members(), &query, n + 1, &keep);
        let few = nearest_among(tree.members(), &query, k, (0..n + 9).filter(|row| keep(*row))).unwrap();
        prop_assert_eq!((few.visited, &few.neighbors[..]), (all.len(), &all[..k.min(all.len())]));
        all.retain(|neighbor| neighbor.distance * neighbor.distance <= distance * distance);
        let within = tree.within(&query, distance, &keep).unwrap();
        // The root of a square may round to either side of the distance asked for.
        let edge = |n: &&super::Neighbor| (n.distance - distance).abs() > 1e-6;
        prop_assert_eq!(within.iter().filter(edge).count(), all.iter().filter(edge).count());
        prop_assert!(within.iter().zip(&all).all(|(a, b)| a == b));
    }

    #[test]
    fn photos_come_and_go_without_a_rebuild(
        kind in 0..KINDS.len(), n in 0usize..200, dim in 1usize..20, k in 0usize..40, seed in 0u64..100_000,
    ) {
        for mut index in indexes(KINDS[kind], n, dim, seed) {
            let mut rng = StdRng::seed_from_u64(seed);
            for i in 0..8 {
                let query = query_for(index.as_ref(), i % 3, &mut rng);
                prop_assert_eq!(index.members_mut().insert(photo(10_000 + i), &query), Ok(n + i));
                let gone = rng.random_range(0..n + i + 1);
                let was_there = index.members().contains(gone);
                prop_assert_eq!(index.members_mut().remove(gone), was_there);
                let answer = index.nearest(&query, k, &|_| true).unwrap();
                prop_assert_eq!(&answer.neighbors, &naive(index.members(), &query, k, &|_| true), "{}", index.method());
            }
            let members = index.members();
            prop_assert_eq!(members.gallery().unwrap().len(), members.len());
            prop_assert!(members.is_stale());
        }
    }

    #[test]
    fn queries_that_share_a_pass_are_answered_as_if_alone(n in 0usize..300, queries in 0usize..80, seed in 0u64..1000) {
        let mut scan = LinearScan::new(gallery(Kind::Clustered, n, 7, seed));
        let mut rng = StdRng::seed_from_u64(seed);
        let added = query_for(&scan, 0, &mut rng);
        scan.members_mut().insert(photo(10_000), &added).unwrap();
        let asked: Vec<Vec<f32>> = (0..queries).map(|i| query_for(&scan, i % 3, &mut rng)).collect();
        let borrowed: Vec<&[f32]> = asked.iter().map(Vec::as_slice).collect();
        let ks: Vec<usize> = (0..queries).map(|i| i % 15).collect();
        let together = scan.nearest_to_each(&borrowed, &ks, &|query, row| row != query).unwrap();
        for (i, answer) in together.iter().enumerate() {
            prop_assert_eq!(answer, &scan.nearest(&asked[i], ks[i], &|row| row != i).unwrap());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Many cells in many groups, so that the order of the walk and where it ends decide the answer.
    #[test]
    fn a_walk_through_many_groups_answers_like_the_naive_scan(
        kind in 0..KINDS.len(), n in 2_000usize..20_000, dim in 1usize..14, k in 1usize..40, how in 0usize..3,
        modulus in 1usize..5, seed in 0u64..100_000,
    ) {
        let gallery = gallery(KINDS[kind], n, dim, seed);
        let (axes, kept) = (1 + seed as usize % 16, 1 + seed as usize / 16 % 16);
        let mut tree = KdTreeIndex::build_keeping(gallery, axes, kept).unwrap();
        let mut rng = StdRng::seed_from_u64(seed);
        for i in 0..20 {
            let added = query_for(&tree, i % 3, &mut rng);
            tree.members_mut().insert(photo(1_000_000 + i), &added).unwrap();
            tree.members_mut().remove(rng.random_range(0..n));
        }
        let keep = |row: usize| row.is_multiple_of(modulus);
        for how in [how, 1] {
            let query = query_for(&tree, how, &mut rng);
            let answer = tree.nearest(&query, k, &keep).unwrap();
            prop_assert_eq!(&answer.neighbors, &naive(tree.members(), &query, k, &keep));
        }
    }
}

#[test]
fn what_cannot_be_compared_is_refused_at_the_door() {
    for mut index in indexes(Kind::Random, 10, 3, 1) {
        let ask = |query: &[f32]| index.nearest(query, 1, &|_| true).unwrap_err();
        assert_eq!(ask(&[1.0]), NeighborError::Dimension { expected: 3, got: 1 });
        assert_eq!(ask(&[1.0, f32::NAN, 0.0]), NeighborError::NotFinite);
        assert_eq!(ask(&[1.0, f32::INFINITY, 0.0]), NeighborError::NotFinite);
        assert_eq!(index.members_mut().insert(photo(99), &[f32::NAN; 3]), Err(NeighborError::NotFinite));
        assert!(index.members_mut().insert(photo(99), &[0.0; 3]).is_err());
        assert_eq!(index.members().len(), 10);
        assert!(!index.members_mut().remove(10));
    }
}

#[test]
fn a_query_of_enormous_length_is_still_answered_exactly() {
    for index in indexes(Kind::Random, 300, 9, 4) {
        for size in [1e-20, 1e3, 1e9] {
            let query: Vec<f32> = (0..9).map(|i| size * (i as f32 - 3.5)).collect();
            let answer = index.nearest(&query, 7, &|_| true).unwrap();
            assert_eq!(answer.neighbors, naive(index.members(), &query, 7, &|_| true), "{}", index.method());
        }
    }
}

#[test]
fn a_clustered_library_is_answered_from_few_rows() {
    let tree = KdTreeIndex::build(gallery(Kind::Clustered, 4000, 16, 3)).unwrap();
    let answer = tree.nearest(tree.members().row(0), 5, &|_| true).unwrap();
    assert!(answer.visited < 800, "{}", answer.visited);
}
