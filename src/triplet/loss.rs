//! The triplet loss with a margin (Schroff et al. 2015, arXiv 1503.03832) or a soft one (Hermans et al. 2017, arXiv
//! 1703.07737), and how the losses of single triplets become one number.
//!
//! With `x = d(anchor, positive) - d(anchor, negative)`: hinge `max(x + m, 0)`; soft margin `softplus(x) = ln(1 + e^x)`,
//! which has **no `m` inside** and is never 0.

use std::fmt;
use std::str::FromStr;

use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::census::ACTIVE;
use super::distance::{Distance, pair_distances};
use super::{Triplet, TripletError};

/// By how much the negative should be farther than the positive.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Margin {
    /// Hinge: by `m > 0`, in units of the distance. Default 0.2.
    Hinge(f64),
    /// As far as possible, with ever less force.
    Soft,
}

impl Default for Margin {
    fn default() -> Self {
        Self::Hinge(0.2)
    }
}

impl Margin {
    /// Width of the semi-hard band `d(a,p) < d(a,n) < d(a,p) + band`; infinite for the soft margin, whose loss never
    /// becomes 0.
    pub const fn band(self) -> f64 {
        match self {
            Self::Hinge(margin) => margin,
            Self::Soft => f64::INFINITY,
        }
    }

    /// Loss of one triplet with `difference = d(anchor, positive) - d(anchor, negative)`.
    pub fn loss(self, difference: f64) -> f64 {
        match self {
            Self::Hinge(margin) => (difference + margin).max(0.0),
            Self::Soft => difference.max(0.0) + (-difference.abs()).exp().ln_1p(),
        }
    }

    /// The same for a tensor of differences, element by element.
    fn losses(self, differences: &Tensor /* [t] */) -> Result<Tensor /* [t] */, candle_core::Error> {
        match self {
            Self::Hinge(margin) => (differences + margin)?.relu(),
            Self::Soft => differences.relu()? + (differences.abs()?.neg()?.exp()? + 1.0)?.log()?,
        }
    }
}

/// Not a margin.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a margin is a number above 0, for example 0.2, or the word `soft`; got `{0}`")]
pub struct ParseMarginError(String);

impl FromStr for Margin {
    type Err = ParseMarginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "soft" {
            return Ok(Self::Soft);
        }
        let number = text.parse::<f64>().ok().filter(|m| m.is_finite() && *m > 0.0);
        number.map(Self::Hinge).ok_or_else(|| ParseMarginError(text.to_owned()))
    }
}

impl fmt::Display for Margin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hinge(margin) => write!(f, "{margin}"),
            Self::Soft => f.write_str("soft"),
        }
    }
}

/// What a sum of losses is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reduction {
    /// Triplets with a loss above 1e-7 (batch-all).
    MeanOverActive,
    /// Anchors that have a positive and a negative (batch-hard: one triplet each).
    MeanOverAnchors,
    /// Pairs that kept a negative (semi-hard, random: one triplet each).
    MeanOverPairs,
    /// Triplets given (those a person made).
    MeanOverTriplets,
}

/// The loss of some triplets.
#[derive(Clone, Debug)]
pub struct LossTerm {
    /// The reduced loss, a scalar that can be differentiated.
    pub value: Tensor, /* [] */
    /// Triplets summed.
    pub triplets: usize,
    /// Those with a loss above 1e-7.
    pub active: usize,
    /// What the sum was divided by.
    pub divisor: usize,
}

/// The loss of `triplets` (rows of `embeddings` `[b, d]`, of unit length); `None` when there is no triplet.
///
/// Each pair's distance is computed once and gathered for every triplet that uses it.
pub fn triplet_loss(
    embeddings: &Tensor, /* [b, d] */
    triplets: &[Triplet],
    distance: Distance,
    margin: Margin,
    reduction: Reduction,
) -> Result<Option<LossTerm>, TripletError> {
    if triplets.is_empty() {
        return Ok(None);
    }
    let mut pairs = Pairs::new(embeddings.dim(0)?);
    let to_positive = triplets.iter().map(|t| pairs.number(t.anchor, t.positive)).collect::<Result<Vec<_>, _>>()?;
    let to_negative = triplets.iter().map(|t| pairs.number(t.anchor, t.negative)).collect::<Result<Vec<_>, _>>()?;
    let distances = pair_distances(embeddings, &pairs.list, distance)?;
    let gather = |numbers: Vec<u32>, device: &Device| distances.index_select(&Tensor::new(numbers, device)?, 0);
    let device = embeddings.device();
    let losses = margin.losses(&(gather(to_positive, device)? - gather(to_negative, device)?)?)?;
    let active = losses.to_vec1::<f32>()?.iter().filter(|loss| f64::from(**loss) > ACTIVE).count();
    let divisor = match reduction {
        Reduction::MeanOverActive => active.max(1),
        Reduction::MeanOverAnchors | Reduction::MeanOverPairs | Reduction::MeanOverTriplets => triplets.len(),
    };
    let value = (losses.sum_all()? / divisor as f64)?;
    Ok(Some(LossTerm { value, triplets: triplets.len(), active, divisor }))
}

/// The total of the mined and the person's own triplets: `(1 - share) * mined + share * made`. When only one of them
/// exists, it is the total.
pub fn mix(mined: Option<&LossTerm>, made: Option<&LossTerm>, share: f64) -> Result<Option<Tensor>, TripletError> {
    Ok(match (mined, made) {
        (Some(mined), Some(made)) => Some(((&mined.value * (1.0 - share))? + (&made.value * share)?)?),
        (Some(only), None) | (None, Some(only)) => Some(only.value.clone()),
        (None, None) => None,
    })
}

/// Unordered pairs of rows, each numbered once, in the order in which they were first asked for.
struct Pairs {
    rows: usize,
    /// By the lower row, then the higher; [`Self::NONE`] where nobody asked.
    numbers: Vec<u32>,
    list: Vec<(u32, u32)>,
}

impl Pairs {
    const NONE: u32 = u32::MAX;

    fn new(rows: usize) -> Self {
        Self { rows, numbers: vec![Self::NONE; rows * rows], list: Vec::new() }
    }

    fn number(&mut self, i: usize, j: usize) -> Result<u32, TripletError> {
        let (low, high) = (i.min(j), i.max(j));
        let wrong = TripletError::NoSuchRow { row: high, rows: self.rows };
        let number = self.numbers.get_mut(low * self.rows + high).filter(|_| high < self.rows).ok_or(wrong)?;
        if *number == Self::NONE {
            *number = self.list.len() as u32;
            self.list.push((low as u32, high as u32));
        }
        Ok(*number)
    }
}

#[cfg(test)]
mod tests;
