//! Where the bytes of a photo come from, and how decoding them is ended early.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};

/// Bytes handed out between two questions whether to go on: some microseconds of decoding.
pub(super) const PIECE: usize = 64 << 10;

/// Asked again and again while a photo is decoded; once it says `false`, decoding ends soon.
pub type GoOn<'a> = dyn Fn() -> bool + 'a;

/// A file, or something that can be read like one.
pub trait Stream: Read + Seek {}

impl<T: Read + Seek + ?Sized> Stream for T {}

/// The bytes of a photo's file.
pub enum Source<'a> {
    /// All of them, in memory.
    Memory(&'a [u8]),
    /// Read where and when they are needed: what is decoded row by row is never held whole.
    Stream(&'a mut dyn Stream),
}

impl Source<'_> {
    /// The first bytes, at most `count` of them.
    pub(super) fn first(&mut self, count: usize) -> io::Result<Cow<'_, [u8]>> {
        match self {
            Self::Memory(bytes) => Ok(Cow::Borrowed(bytes.get(..count).unwrap_or(bytes))),
            Self::Stream(stream) => {
                let mut bytes = Vec::new();
                stream.seek(SeekFrom::Start(0))?;
                stream.take(count as u64).read_to_end(&mut bytes)?;
                Ok(Cow::Owned(bytes))
            }
        }
    }

    /// All bytes, read into memory where they are not there yet.
    pub(super) fn whole(&mut self, go_on: &GoOn<'_>) -> io::Result<Cow<'_, [u8]>> {
        match self {
            Self::Memory(bytes) => Ok(Cow::Borrowed(bytes)),
            Self::Stream(_) => {
                let mut bytes = Vec::new();
                self.reader(go_on)?.read_to_end(&mut bytes)?;
                Ok(Cow::Owned(bytes))
            }
        }
    }

    /// Reads from the beginning; fails once `go_on` says so.
    pub(super) fn reader<'b>(&'b mut self, go_on: &'b GoOn<'b>) -> io::Result<Reader<'b>> {
        let bytes = match self {
            Self::Memory(bytes) => Bytes::Memory(Cursor::new(bytes)),
            Self::Stream(stream) => {
                stream.seek(SeekFrom::Start(0))?;
                Bytes::Stream(BufReader::with_capacity(PIECE, &mut **stream))
            }
        };
        Ok(Reader { bytes, go_on, left: 0 })
    }
}

enum Bytes<'a> {
    Memory(Cursor<&'a [u8]>),
    Stream(BufReader<&'a mut dyn Stream>),
}

/// Reads a [`Source`] as long as it may.
pub(super) struct Reader<'a> {
    bytes: Bytes<'a>,
    go_on: &'a GoOn<'a>,
    /// Bytes until the next question.
    left: usize,
}

impl Reader<'_> {
    fn ask(&mut self) -> io::Result<()> {
        if self.left == 0 {
            if !(self.go_on)() {
                return Err(stopped());
            }
            self.left = PIECE;
        }
        Ok(())
    }
}

impl BufRead for Reader<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.ask()?;
        let bytes = match &mut self.bytes {
            Bytes::Memory(cursor) => cursor.fill_buf()?,
            Bytes::Stream(stream) => stream.fill_buf()?,
        };
        Ok(bytes.get(..self.left).unwrap_or(bytes))
    }

    fn consume(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count);
        match &mut self.bytes {
            Bytes::Memory(cursor) => cursor.consume(count),
            Bytes::Stream(stream) => stream.consume(count),
        }
    }
}

impl Read for Reader<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl Seek for Reader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.bytes {
            Bytes::Memory(cursor) => cursor.seek(to),
            Bytes::Stream(stream) => stream.seek(to),
        }
    }

    fn stream_position(&mut self) -> io::Result<u64> {
        match &mut self.bytes {
            Bytes::Memory(cursor) => cursor.stream_position(),
            Bytes::Stream(stream) => stream.stream_position(),
        }
    }

    fn seek_relative(&mut self, by: i64) -> io::Result<()> {
        match &mut self.bytes {
            Bytes::Memory(cursor) => cursor.seek_relative(by),
            Bytes::Stream(stream) => stream.seek_relative(by),
        }
    }
}

pub(super) fn stopped() -> io::Error {
    io::Error::other("stopped")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cell::Cell;

    proptest! {
        #[test]
        fn memory_and_stream_read_alike(
            length in 0_usize..400_000, steps in prop::collection::vec((any::<u32>(), 0_usize..100_000), 0..8),
        ) {
            let bytes: Vec<u8> = (0..length).map(|i| (i * i / 7) as u8).collect();
            let mut file = Cursor::new(bytes.clone());
            let mut sources = [Source::Memory(&bytes), Source::Stream(&mut file)];
            for source in &mut sources {
                prop_assert_eq!(source.first(100).unwrap(), &bytes[..length.min(100)]);
                prop_assert_eq!(source.whole(&|| true).unwrap(), &bytes[..]);
                let go_on = || true;
                let mut reader = source.reader(&go_on).unwrap();
                for (to, count) in &steps {
                    let to = *to as usize % (length + 1);
                    reader.seek(SeekFrom::Start(to as u64)).unwrap();
                    let mut part = Vec::new();
                    (&mut reader).take(*count as u64).read_to_end(&mut part).unwrap();
                    prop_assert_eq!(&part[..], &bytes[to..(to + count).min(length)]);
                    prop_assert_eq!(reader.stream_position().unwrap(), (to + count).min(length) as u64);
                }
            }
        }
    }

    #[test]
    fn a_reader_that_may_not_go_on_fails_within_a_piece() {
        let bytes = vec![1; 10 * PIECE];
        let mut file = Cursor::new(bytes.clone());
        for mut source in [Source::Memory(&bytes), Source::Stream(&mut file)] {
            let asked = Cell::new(0);
            let go_on = || asked.replace(asked.get() + 1) < 3;
            let mut read = Vec::new();
            let mut reader = source.reader(&go_on).unwrap();
            assert!(reader.read_to_end(&mut read).is_err());
            assert_eq!((read.len(), asked.get()), (3 * PIECE, 4));
        }
    }
}
