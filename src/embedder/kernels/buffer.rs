//! Numbers at addresses the vector units like.

use super::GROUP;
use std::ops::{Deref, DerefMut};

#[derive(Clone, Copy, Default)]
#[repr(C, align(64))]
struct Line([f32; GROUP]);

/// Numbers that start at a multiple of 64 bytes, so that no vector crosses a cache line.
#[derive(Clone, Default)]
pub(in crate::embedder) struct Buffer(Vec<Line>);

impl Buffer {
    /// `length` zeros (rounded up to a multiple of 16).
    pub(in crate::embedder) fn zeros(length: usize) -> Self {
        Self(vec![Line::default(); length.div_ceil(GROUP)])
    }

    /// Makes room for `length` numbers; what was there stays, what comes new is zero.
    pub(in crate::embedder) fn at_least(&mut self, length: usize) {
        if self.0.len() * GROUP < length {
            self.0.resize(length.div_ceil(GROUP), Line::default());
        }
    }
}

impl Deref for Buffer {
    type Target = [f32];
    fn deref(&self) -> &[f32] {
        // SAFETY: a `Line` is exactly 16 numbers without padding (`repr(C)`, 64 bytes, aligned to 64).
        unsafe { std::slice::from_raw_parts(self.0.as_ptr().cast(), self.0.len() * GROUP) }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above, and the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.0.as_mut_ptr().cast(), self.0.len() * GROUP) }
    }
}
