//! The operations of the last blocks as Candle custom ops in f32 on the CPU, forward and backward.
//!
//! One op is one whole stage — the stem, an inverted-residual block, or the last 1x1 convolution with its mean — because between its parts Candle would
//! copy and add every gradient of the six times wider pictures once more. Inside, photos go in small fixed chunks, in the kernels' groups of
//! 16 channels: a chunk's wide pictures stay in the cache. Sums over the batch are made chunk by chunk in order, so results do not depend on the number of threads.

mod affine;
mod block;
mod custom;
mod depthwise;
mod last;
mod layout;
mod pointwise;
mod stem;
#[cfg(test)]
mod tests;

use super::kernels::Buffer;
pub use affine::affine;
pub(super) use block::Inverted;
pub(super) use custom::{Stage, apply};
pub(super) use last::LastConvolution;
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
pub(super) use stem::Stem;

/// Where the chunks of a batch are computed. The results are the same to the last bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// All on the calling thread.
    Calling,
    /// On the rayon pool the caller has installed.
    Pool,
}

impl Threads {
    /// `work` on every item; the results in the order of the items.
    fn each<T: Send, R: Send>(self, items: Vec<T>, work: impl Fn(T) -> R + Send + Sync) -> Vec<R> {
        match self {
            Self::Calling => items.into_iter().map(work).collect(),
            Self::Pool => items.into_par_iter().with_max_len(1).map(work).collect(),
        }
    }

    /// Both of them.
    fn both(self, one: impl FnOnce() + Send, other: impl FnOnce() + Send) {
        match self {
            Self::Calling => {
                one();
                other();
            }
            Self::Pool => _ = rayon::join(one, other),
        }
    }
}

/// Buffers that wait for the next step: pages once touched need not be asked for again.
#[derive(Default)]
pub(super) struct Spare(Mutex<HashMap<usize, Vec<Buffer>>>);

impl Spare {
    /// A buffer of `length` numbers with anything in it.
    fn take(&self, length: usize) -> Buffer {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = waiting.get_mut(&length.next_multiple_of(super::kernels::GROUP)).and_then(Vec::pop);
        drop(waiting);
        found.unwrap_or_else(|| Buffer::zeros(length))
    }

    fn put(&self, buffers: impl IntoIterator<Item = Buffer>) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        buffers.into_iter().for_each(|buffer| waiting.entry(buffer.len()).or_default().push(buffer));
    }
}
