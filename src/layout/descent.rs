//! A plane in which near rows stay near.
//!
//! `McInnes`, Healy and Melville 2018, "UMAP: Uniform Manifold Approximation and Projection for Dimension Reduction",
//! section 4.2: stochastic gradient descent over the pairs of [`super::affinity`]. A pair is visited in proportion to its
//! strength; each visit pulls the two together and pushes the first away from a few rows drawn at random ("negative
//! samples", Mikolov et al. 2013). With y the places and D = |y(i) - y(j)|^2 the steps are
//!
//! ```text
//! together:  y(i) -= a * 2 / (1 + D) * (y(i) - y(j)),   and y(j) the other way
//! apart:     y(i) += a * 2 / ((1e-3 + D) (1 + D)) * (y(i) - y(j))
//! ```
//!
//! which is UMAP with its curve 1 / (1 + p D^q) at p = q = 1, the kernel of t-SNE: maps look alike (Boehm, Berens and Kobak
//! 2022, "Attraction-Repulsion Spectrum in Neighbor Embeddings") and no power is computed. The rate a falls linearly from
//! 1 to 0. The start is the plane of the principal axes, which keeps the large picture in place (Kobak and Linderman 2021,
//! "Initialization is critical for preserving global data structure in both t-SNE and UMAP").
//!
//! One thread, one generator: the same rows and seed give the same bits.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::affinity::{Edge, edges};
use super::{NearRows, Place};

/// With fewer rows everything is near everything: the principal axes show all there is.
pub const FEWEST_ROWS: usize = 8;
/// Rounds over the pairs, for few and for many rows.
const ROUNDS: (usize, usize) = (500, 200);
/// From here on rows are many.
const MANY_ROWS: usize = 10_000;
/// Rows pushed away at each visit.
const PUSHED: usize = 5;
/// No coordinate moves farther in a step, in units of the rate.
const FARTHEST: f32 = 4.0;
/// The start reaches so far from the middle.
const REACH: f32 = 10.0;
/// Separates rows that start at one place.
const JITTER: f32 = 1e-3;

/// A map on its way. Call [`Descent::step`] until it returns false; look at the places whenever you like.
#[derive(Clone, Debug)]
pub struct Descent {
    places: Vec<Place>,
    pairs: Vec<Pair>,
    round: usize,
    rounds: usize,
    rng: SmallRng,
}

#[derive(Clone, Copy, Debug)]
struct Pair {
    rows: [u32; 2],
    /// Rounds from one visit to the next, at least 1.
    every: f32,
    /// The round of the next visit.
    next: f32,
}

impl Descent {
    /// Starts from `start`, the places of the rows along their principal axes.
    pub fn new(start: &[Place], near: &NearRows, seed: u64) -> Self {
        let mut rng = SmallRng::seed_from_u64(seed);
        let rounds = if start.len() < MANY_ROWS { ROUNDS.0 } else { ROUNDS.1 };
        let edges = edges(near);
        let strongest = edges.iter().fold(0.0_f32, |most, edge| most.max(edge.strength));
        let is_sound = |edge: &&Edge| edge.rows.iter().all(|row| (*row as usize) < start.len());
        let pair = |edge: &Edge| {
            let every = strongest / edge.strength;
            Pair { rows: edge.rows, every, next: every }
        };
        // A pair visited less than once is noise.
        let pairs = edges.iter().filter(is_sound).map(pair).filter(|pair| pair.every <= rounds as f32).collect();
        Self { places: spread(start, &mut rng), pairs, round: 0, rounds, rng }
    }

    /// One round over the pairs; false when there is none left to do.
    pub fn step(&mut self) -> bool {
        if self.round >= self.rounds {
            return false;
        }
        let rate = 1.0 - self.round as f32 / self.rounds as f32;
        self.round += 1;
        let now = self.round as f32;
        let mut pairs = std::mem::take(&mut self.pairs);
        for pair in pairs.iter_mut().filter(|pair| pair.next <= now) {
            pair.next += pair.every;
            let [one, other] = pair.rows.map(|row| row as usize);
            // The pair is visited from both ends, as the paper's two directed edges.
            self.visit(one, other, rate);
            self.visit(other, one, rate);
        }
        self.pairs = pairs;
        self.round < self.rounds
    }

    /// Rounds done, and rounds there are.
    pub const fn progress(&self) -> (usize, usize) {
        (self.round, self.rounds)
    }

    /// Where the rows lie now.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// Pulls two rows together and pushes the first away from some others.
    fn visit(&mut self, one: usize, other: usize, rate: f32) {
        let (Some(&from), Some(&to)) = (self.places.get(one), self.places.get(other)) else { return };
        let (difference, squared) = apart(from, to);
        let pull = -2.0 / (1.0 + squared);
        let mut here = moved(from, difference, pull, rate);
        if let Some(place) = self.places.get_mut(other) {
            *place = moved(to, difference, -pull, rate);
        }
        for _ in 0..PUSHED {
            let random = self.rng.random_range(0..self.places.len() as u32) as usize;
            if let Some(&away) = self.places.get(random).filter(|_| random != one) {
                let (difference, squared) = apart(here, away);
                here = moved(here, difference, 2.0 / ((1e-3 + squared) * (1.0 + squared)), rate);
            }
        }
        if let Some(place) = self.places.get_mut(one) {
            *place = here;
        }
    }
}

/// The difference of two places and its squared length.
fn apart(one: Place, other: Place) -> (Place, f32) {
    let difference = [one[0] - other[0], one[1] - other[1]];
    (difference, difference[0] * difference[0] + difference[1] * difference[1])
}

/// A place moved along a direction.
fn moved(place: Place, direction: Place, by: f32, rate: f32) -> Place {
    let step = |i: usize| place[i] + rate * (by * direction[i]).clamp(-FARTHEST, FARTHEST);
    [step(0), step(1)]
}

/// The start, brought to a fixed reach and shaken a little. What is not finite starts in the middle.
fn spread(start: &[Place], rng: &mut SmallRng) -> Vec<Place> {
    let finite = |value: f32| if value.is_finite() { value } else { 0.0 };
    let far = start.iter().flatten().fold(0.0_f32, |far, value| far.max(finite(*value).abs()));
    let scale = if far > 0.0 { REACH / far } else { 1.0 };
    let mut place = |value: f32| finite(value) * scale + rng.random_range(-JITTER..JITTER);
    start.iter().map(|[x, y]| [place(*x), place(*y)]).collect()
}
