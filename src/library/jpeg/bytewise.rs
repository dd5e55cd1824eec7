//! Memory as a reader for decoders that ask for byte after byte.

use std::io::{self, Read};

use crate::library::source::{GoOn, PIECE, stopped};

/// Reads memory as long as it may, for decoders that ask for byte after byte.
pub(super) struct Bytewise<'a> {
    rest: &'a [u8],
    go_on: &'a GoOn<'a>,
    left: usize,
}

impl<'a> Bytewise<'a> {
    pub(super) const fn new(bytes: &'a [u8], go_on: &'a GoOn<'a>) -> Self {
        Self { rest: bytes, go_on, left: 0 }
    }
}

impl Read for Bytewise<'_> {
    #[inline]
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            if !(self.go_on)() {
                return Err(stopped());
            }
            self.left = PIECE;
        }
        let count = into.len().min(self.left);
        let count = into.get_mut(..count).map_or(Ok(0), |into| self.rest.read(into))?;
        self.left -= count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn one_that_may_not_go_on_fails_within_a_piece() {
        let bytes = vec![1; 10 * PIECE];
        let asked = Cell::new(0);
        let go_on = || asked.replace(asked.get() + 1) < 3;
        let (mut bytewise, mut byte, mut read) = (Bytewise::new(&bytes, &go_on), [0], 0);
        while bytewise.read_exact(&mut byte).is_ok() {
            read += 1;
        }
        assert_eq!((read, asked.get()), (3 * PIECE, 4));
        let mut whole = Vec::new();
        Bytewise::new(&bytes, &|| true).read_to_end(&mut whole).unwrap();
        assert!(whole == bytes);
    }
}
