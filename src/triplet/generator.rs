//! A seeded generator whose state can be saved: resume and undo draw the same numbers again.

use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// `ChaCha` with 8 rounds (Bernstein 2008). One seed has many independent streams: one each for sampling, mining and
/// augmentation, so that changing how one of them draws leaves the others alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "State", into = "State")]
pub struct Generator(ChaCha8Rng);

/// What is written down: key, stream, and how many 32-bit words of the stream were used.
#[derive(Serialize, Deserialize)]
struct State {
    key: [u8; 32],
    stream: u64,
    words: u64,
}

impl Generator {
    /// The start of stream `stream` of `seed`.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut inner = ChaCha8Rng::seed_from_u64(seed);
        inner.set_stream(stream);
        Self(inner)
    }
}

impl RngCore for Generator {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }
}

impl From<State> for Generator {
    fn from(state: State) -> Self {
        let mut inner = ChaCha8Rng::from_seed(state.key);
        inner.set_stream(state.stream);
        inner.set_word_pos(u128::from(state.words));
        Self(inner)
    }
}

impl From<Generator> for State {
    fn from(Generator(inner): Generator) -> Self {
        // 2^64 words are 74 exabytes: no run draws that many.
        Self { key: inner.get_seed(), stream: inner.get_stream(), words: inner.get_word_pos() as u64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_generator_continues_where_it_was() {
        let mut generator = Generator::new(7, 2);
        for drawn in 0..100 {
            let saved = serde_json::to_string(&generator).unwrap();
            let mut loaded: Generator = serde_json::from_str(&saved).unwrap();
            assert_eq!(loaded, generator);
            assert_eq!(loaded.next_u32(), generator.next_u32(), "after {drawn} words");
        }
    }

    #[test]
    fn streams_of_one_seed_differ() {
        assert_ne!(Generator::new(7, 0).next_u64(), Generator::new(7, 1).next_u64());
        assert_eq!(Generator::new(7, 1).next_u64(), Generator::new(7, 1).next_u64());
    }
}
