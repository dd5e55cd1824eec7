//! The names that options of `train` and `eval` take.

use clap::ValueEnum;

use crate::train::{Depth, SplitBy};
use crate::triplet::{Distance, Mining};
use crate::work::Adopt;

/// What is kept from training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Split {
    /// A share of the photos of each label: how well new photos of known labels are found.
    Photos,
    /// A share of the labels: how well labels are found that it never saw.
    Labels,
    /// Nothing.
    None,
}

impl From<Split> for SplitBy {
    fn from(split: Split) -> Self {
        match split {
            Split::Photos => Self::Photos,
            Split::Labels => Self::Labels,
            Split::None => Self::None,
        }
    }
}

/// How much is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DepthName {
    /// The head, on cached features: seconds.
    Head,
    /// The last blocks and the head, on cached activations: minutes.
    Tail,
    /// Every layer, on augmented photos.
    Full,
}

impl From<DepthName> for Depth {
    fn from(depth: DepthName) -> Self {
        match depth {
            DepthName::Head => Self::Head,
            DepthName::Tail => Self::Tail,
            DepthName::Full => Self::Full,
        }
    }
}

/// Which triplets of a batch count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MiningName {
    /// Every valid triplet, averaged over the active ones.
    BatchAll,
    /// Per photo the farthest of its label and the nearest of another; collapses easily.
    BatchHard,
    /// Per pair the nearest that is farther than the positive, but within the margin.
    SemiHard,
    /// Per pair any other label's photo.
    Random,
}

impl From<MiningName> for Mining {
    fn from(mining: MiningName) -> Self {
        match mining {
            MiningName::BatchAll => Self::BatchAll,
            MiningName::BatchHard => Self::BatchHard,
            MiningName::SemiHard => Self::SemiHard,
            MiningName::Random => Self::Random,
        }
    }
}

/// How far apart embeddings are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DistanceName {
    /// sqrt(sum (a - b)^2), 0 to 2.
    Euclidean,
    /// sum (a - b)^2, 0 to 4.
    SquaredEuclidean,
    /// 1 - a.b, 0 to 2.
    Cosine,
}

impl From<DistanceName> for Distance {
    fn from(distance: DistanceName) -> Self {
        match distance {
            DistanceName::Euclidean => Self::Euclidean,
            DistanceName::SquaredEuclidean => Self::SquaredEuclidean,
            DistanceName::Cosine => Self::Cosine,
        }
    }
}

/// Whether the new model answers from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AdoptName {
    /// Unless it is worse on held-out photos.
    Auto,
    /// Even then.
    Always,
    /// Not before `models FOLDER use NAME`.
    Never,
}

impl From<AdoptName> for Adopt {
    fn from(adopt: AdoptName) -> Self {
        match adopt {
            AdoptName::Auto => Self::Auto,
            AdoptName::Always => Self::Always,
            AdoptName::Never => Self::Never,
        }
    }
}
