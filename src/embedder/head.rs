//! The head: an affine map on the unit-length feature, then unit length.
//!
//! Before any training it is the half-whitened PCA of the library's own features: centred on the mean, projected on the
//! principal axes, each divided by `s^0.5` with `s` the standard deviation along it (full whitening divides by `s`). On
//! two photo sets it was better than, or equal to, the raw features at a tenth of their size.

use serde::{Deserialize, Serialize};

use crate::embedding::{EmbeddingError, EmbeddingMatrix, PrincipalAxes, PrincipalAxesError, Rows, normalize, products};

/// With fewer photos than this, principal axes say nothing: the base head is the raw features.
pub const FEWEST_PHOTOS: usize = 20;

/// Deviations are floored at this share of the largest, so that no axis of mere noise is blown up.
const DEVIATION_FLOOR: f32 = 1e-3;

/// Rows per matrix product.
const BLOCK: usize = 256;

/// Where a head comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HeadKind {
    /// The identity: unit-length features as they are.
    Raw,
    /// Half-whitened principal axes of the library's own features.
    Base,
    /// Learnt from triplets.
    Trained,
}

/// Maps features to an embedding: `z = normalize(W f/|f| + b)`, plain numbers, no tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    kind: HeadKind,
    feature_dim: usize,
    /// `[k, d]` row-major; empty for [`HeadKind::Raw`].
    weight: Vec<f32>,
    /// `[k]`; empty for [`HeadKind::Raw`].
    bias: Vec<f32>,
}

/// Why a head cannot be made, read or applied.
#[derive(Debug, thiserror::Error)]
pub enum HeadError {
    /// The features have another dimension than the head takes.
    #[error("features of {got} numbers, but the head takes {expected}")]
    Dimension {
        /// Numbers the head takes.
        expected: usize,
        /// Numbers given.
        got: usize,
    },
    /// Features, or what the head makes of them, have no direction.
    #[error("no embedding: {0}")]
    NotNormalizable(#[from] EmbeddingError),
    /// The principal axes of the features cannot be computed.
    #[error("no base embedding: {0}")]
    Axes(#[from] PrincipalAxesError),
    /// Weight and bias do not belong together, or hold numbers that are not finite.
    #[error("a head of {weight} weights and {bias} biases does not fit features of {features} numbers")]
    Shape {
        /// Numbers in the weight.
        weight: usize,
        /// Numbers in the bias.
        bias: usize,
        /// Numbers per feature.
        features: usize,
    },
}

impl Head {
    /// The identity on unit-length features of `dim` numbers.
    pub const fn raw(dim: usize) -> Self {
        Self { kind: HeadKind::Raw, feature_dim: dim, weight: Vec::new(), bias: Vec::new() }
    }

    /// A learnt head: `weight` is `[k, feature_dim]` row-major, `bias` is `[k]`.
    pub fn trained(feature_dim: usize, weight: Vec<f32>, bias: Vec<f32>) -> Result<Self, HeadError> {
        Self { kind: HeadKind::Trained, feature_dim, weight, bias }.checked()
    }

    /// The half-whitened PCA of a library's features, `min(max_dim, photos - 1, rank)` numbers a photo.
    ///
    /// `features` is a visitor of feature rows (not normalised), called twice; above [`crate::embedding::MOST_ROWS`]
    /// photos every second, third, ... is used. Features without a direction (all zeros, not finite) are left out. With
    /// fewer than twenty photos, or features that are all equal, the result is [`Head::raw`].
    pub fn half_whitened_pca(features: &mut Rows<'_>, max_dim: usize) -> Result<Self, HeadError> {
        let mut unit = Vec::new();
        let mut unit_rows = |visit: &mut dyn FnMut(&[f32])| {
            features(&mut |row| {
                unit.clear();
                unit.extend_from_slice(row);
                if normalize(&mut unit).is_ok() {
                    visit(&unit);
                }
            });
        };
        let axes = PrincipalAxes::of(&mut unit_rows, max_dim)?;
        let dim = axes.len().min(axes.rows() - 1);
        if axes.rows() < FEWEST_PHOTOS || dim == 0 {
            return Ok(Self::raw(axes.dim()));
        }
        let floor = axes.deviations().first().map_or(0.0, |largest| largest * DEVIATION_FLOOR);
        let mut head = Self { kind: HeadKind::Base, feature_dim: axes.dim(), weight: Vec::new(), bias: Vec::new() };
        for (axis, s) in axes.axes().chunks_exact(axes.dim()).zip(axes.deviations()).take(dim) {
            let scale = f64::from(s.max(floor)).powf(-0.5);
            let row = axis.iter().map(|&a| (f64::from(a) * scale) as f32);
            head.weight.extend(row.clone());
            head.bias.push(-row.zip(axes.mean()).map(|(w, &m)| f64::from(w) * f64::from(m)).sum::<f64>() as f32);
        }
        head.checked()
    }

    /// Where the head comes from.
    pub const fn kind(&self) -> HeadKind {
        self.kind
    }

    /// Numbers per feature row, d.
    pub const fn feature_dim(&self) -> usize {
        self.feature_dim
    }

    /// Numbers per embedding, k.
    pub fn dim(&self) -> usize {
        if self.kind == HeadKind::Raw { self.feature_dim } else { self.bias.len() }
    }

    /// The linear part, `[k, d]` row-major; empty for the raw head, which is the identity.
    pub fn weight(&self) -> &[f32] {
        &self.weight
    }

    /// The constant part, `[k]`; empty for the raw head.
    pub fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// The embedding of one photo: unit length, `[k]`.
    pub fn embed(&self, features: &[f32]) -> Result<Vec<f32>, HeadError> {
        let mut rows = EmbeddingMatrix::with_capacity(self.dim(), 1);
        if features.len() != self.feature_dim {
            return Err(HeadError::Dimension { expected: self.feature_dim, got: features.len() });
        }
        self.embed_into(features, &mut rows)?;
        Ok(rows.as_slice().to_vec())
    }

    /// Appends the embeddings of many photos, `features` being `[n, d]` row-major, by blocked matrix products.
    ///
    /// Stops at the first row without a direction; the rows before it have been appended.
    pub fn embed_into(&self, features: &[f32], into: &mut EmbeddingMatrix) -> Result<(), HeadError> {
        if self.feature_dim == 0 || !features.len().is_multiple_of(self.feature_dim) {
            return Err(HeadError::Dimension { expected: self.feature_dim, got: features.len() });
        }
        if self.kind == HeadKind::Raw {
            return Ok(features.chunks_exact(self.feature_dim).try_for_each(|row| into.push(row))?);
        }
        let mut mapped = vec![0.0; self.bias.len() * BLOCK];
        for block in features.chunks(BLOCK * self.feature_dim) {
            let mut unit = block.to_vec();
            unit.chunks_exact_mut(self.feature_dim).try_for_each(normalize)?;
            products(&unit, &self.weight, self.feature_dim, &mut mapped);
            for z in mapped.chunks_exact_mut(self.bias.len()).take(unit.len() / self.feature_dim) {
                z.iter_mut().zip(&self.bias).for_each(|(z, b)| *z += b);
                into.push(z)?;
            }
        }
        Ok(())
    }

    /// A head from what a file says of it. Refused when the numbers do not fit together or are not finite.
    pub(super) fn from_parts(
        kind: HeadKind,
        feature_dim: usize,
        weight: Vec<f32>,
        bias: Vec<f32>,
    ) -> Result<Self, HeadError> {
        Self { kind, feature_dim, weight, bias }.checked()
    }

    fn checked(self) -> Result<Self, HeadError> {
        let (weight, bias, features) = (self.weight.len(), self.bias.len(), self.feature_dim);
        let finite = self.weight.iter().chain(&self.bias).all(|v| v.is_finite());
        if bias == 0 || Some(weight) != bias.checked_mul(features) || weight == 0 || !finite {
            return Err(HeadError::Shape { weight, bias, features });
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    fn random_features(n: usize, d: usize) -> Vec<f32> {
        let mut rng = StdRng::seed_from_u64(5);
        (0..n * d).map(|i| rng.random_range(0.0..2.0) / (1.0 + (i % d) as f32).sqrt()).collect()
    }

    fn base(features: &[f32], d: usize, max_dim: usize) -> Head {
        Head::half_whitened_pca(&mut |visit| features.chunks_exact(d).for_each(&mut *visit), max_dim).unwrap()
    }

    #[test]
    fn half_whitening_leaves_the_square_root_of_the_deviation() {
        let (n, d) = (300, 24);
        let features = random_features(n, d);
        let head = base(&features, d, 6);
        assert_eq!((head.kind(), head.dim(), head.feature_dim()), (HeadKind::Base, 6, d));
        let mut unit = features;
        unit.chunks_exact_mut(d).for_each(|row| normalize(row).unwrap());
        let axes = PrincipalAxes::of(&mut |visit| unit.chunks_exact(d).for_each(&mut *visit), 6).unwrap();
        for (k, s) in axes.deviations().iter().enumerate() {
            let along = |row: &[f32]| -> f64 {
                let w = &head.weight()[k * d..(k + 1) * d];
                row.iter().zip(w).map(|(v, w)| f64::from(*v) * f64::from(*w)).sum::<f64>() + f64::from(head.bias()[k])
            };
            let z: Vec<f64> = unit.chunks_exact(d).map(along).collect();
            let mean = z.iter().sum::<f64>() / n as f64;
            let deviation = (z.iter().map(|v| v * v).sum::<f64>() / (n as f64 - 1.0)).sqrt();
            assert!(mean.abs() < 1e-4 && (deviation - f64::from(s.sqrt())).abs() < 1e-4, "axis {k}");
        }
    }

    #[test]
    fn the_dimension_is_bounded_by_photos_and_rank() {
        assert_eq!(base(&random_features(25, 64), 64, 128).dim(), 24);
        assert_eq!(base(&random_features(100, 16), 16, 128).dim(), 16);
        let mut flat = random_features(60, 16);
        flat.chunks_exact_mut(16).for_each(|row| row[3..].fill(0.0));
        assert_eq!(base(&flat, 16, 128).dim(), 3);
    }

    #[test]
    fn small_or_uniform_libraries_stay_raw() {
        assert_eq!(base(&random_features(19, 8), 8, 128), Head::raw(8));
        assert_eq!(base(&[0.5; 8 * 40], 8, 128), Head::raw(8));
        let none = Head::half_whitened_pca(&mut |_| (), 128);
        assert!(matches!(none, Err(HeadError::Axes(PrincipalAxesError::NoRows))));
    }

    #[test]
    fn one_photo_and_many_get_the_same_embedding() {
        let (n, d) = (530, 40);
        let features = random_features(n, d);
        for head in [base(&features, d, 16), Head::raw(d)] {
            let mut rows = EmbeddingMatrix::new(head.dim());
            head.embed_into(&features, &mut rows).unwrap();
            assert_eq!(rows.len(), n);
            for (row, features) in rows.rows().zip(features.chunks_exact(d)) {
                let one = head.embed(features).unwrap();
                assert!(row.iter().zip(&one).all(|(a, b)| (a - b).abs() < 1e-5));
            }
        }
    }

    #[test]
    fn bad_input_is_refused_by_name() {
        assert!(matches!(Head::raw(3).embed(&[1.0]), Err(HeadError::Dimension { expected: 3, got: 1 })));
        assert!(matches!(Head::raw(2).embed(&[0.0, 0.0]), Err(HeadError::NotNormalizable(_))));
        assert!(matches!(Head::raw(2).embed(&[f32::NAN, 0.0]), Err(HeadError::NotNormalizable(_))));
        assert!(Head::trained(3, vec![1.0; 5], vec![0.0; 2]).is_err());
        assert!(Head::trained(1, vec![f32::NAN], vec![0.0]).is_err());
    }
}
