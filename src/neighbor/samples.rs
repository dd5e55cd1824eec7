//! Galleries for the room's tests.

use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::Gallery;
use crate::embedding::EmbeddingMatrix;
use crate::library::PhotoId;

/// How the rows lie.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Random,
    Clustered,
    Duplicates,
    OnALine,
    AllEqual,
}

pub(crate) const KINDS: [Kind; 5] = [Kind::Random, Kind::Clustered, Kind::Duplicates, Kind::OnALine, Kind::AllEqual];

/// The photo of row i.
pub(crate) fn photo(i: usize) -> PhotoId {
    PhotoId::of_content(&i.to_le_bytes())
}

/// `n` unit rows of `dim` numbers.
pub(crate) fn gallery(kind: Kind, n: usize, dim: usize, seed: u64) -> Arc<Gallery> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut random = |size: f32| (0..dim).map(|_| rng.random_range(-size..size)).collect::<Vec<f32>>();
    let add = |a: &[f32], b: &[f32], scale: f32| a.iter().zip(b).map(|(a, b)| a + scale * b).collect::<Vec<f32>>();
    let centres: Vec<Vec<f32>> = (0..5).map(|_| random(1.0)).collect();
    let direction = random(1.0);
    let mut matrix = EmbeddingMatrix::new(dim);
    for i in 0..n {
        let mut row = match kind {
            Kind::Random => random(1.0),
            Kind::Clustered => add(&centres[i % 5], &random(0.05), 1.0),
            Kind::Duplicates => centres[i * 7 % 5].clone(),
            Kind::OnALine => add(&centres[0], &direction, (i / 2) as f32 * 1e-3),
            Kind::AllEqual => centres[0].clone(),
        };
        if matrix.push(&row).is_err() {
            row[0] = 1.0;
            assert_eq!(matrix.push(&row), Ok(()));
        }
    }
    Arc::new(Gallery { photos: (0..n).map(photo).collect(), embeddings: matrix })
}
