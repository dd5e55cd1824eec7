//! Decoding that is told to stop does.

use super::*;
use crate::library::header::read_header_of;
use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};

/// Counts the bytes that are read.
struct Counted<'a> {
    bytes: Cursor<&'a [u8]>,
    read: &'a Cell<usize>,
}

impl Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(into)?;
        self.read.set(self.read.get() + count);
        Ok(count)
    }
}

impl Seek for Counted<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

/// A picture that no format can make small, so that decoding it takes many pieces.
fn noisy(width: u32, height: u32) -> DynamicImage {
    let noise = |x: u32, y: u32, c: u32| {
        let place = x.wrapping_mul(2_654_435_761).wrapping_add(y.wrapping_mul(40_503)).wrapping_add(c * 7919);
        place.wrapping_mul(2_246_822_519).rotate_left(9) as u8
    };
    RgbImage::from_fn(width, height, |x, y| Rgb([0, 1, 2].map(|c| noise(x, y, c)))).into()
}

/// Decodes a stream, stopping at the question with this number; tells the outcome, how often it was asked, and the bytes
/// read in all and after the stop.
fn decode_until(bytes: &[u8], shorter_side: u32, stop_at: usize) -> (Result<RgbImage, DecodeError>, usize, [usize; 2]) {
    let (asked, read, read_then) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let mut file = Counted { bytes: Cursor::new(bytes), read: &read };
    let mut source = Source::Stream(&mut file);
    let header = read_header_of(&mut source, &|| true).unwrap();
    read.set(0);
    let go_on = || {
        asked.set(asked.get() + 1);
        if asked.get() == stop_at {
            read_then.set(read.get());
        }
        asked.get() < stop_at
    };
    let image = decode_while(&mut source, &header, shorter_side, &go_on);
    (image, asked.get(), [read.get(), read.get().saturating_sub(read_then.get())])
}

#[test]
fn every_format_stops_in_the_middle_and_reads_no_further() {
    let photo = noisy(1200, 900);
    let formats =
        [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Jpeg];
    for (format, shorter_side) in formats.into_iter().map(|format| (format, 256)).chain([(ImageFormat::Jpeg, 100)]) {
        let bytes = encoded(&photo, format);
        let (image, questions, [all, _]) = decode_until(&bytes, shorter_side, usize::MAX);
        assert!(image.is_ok() && questions > 4, "{format:?}: {questions} questions");
        let (stopped, asked, [read, after]) = decode_until(&bytes, shorter_side, questions / 2);
        assert_eq!(stopped, Err(DecodeError::Stopped), "{format:?}");
        // What asked was told, and so was who put its failure into words.
        assert!(asked <= questions / 2 + 3, "{format:?}: asked {asked} times, told to stop at {}", questions / 2);
        assert!(after <= 64 << 10 && read <= all, "{format:?}: {after} bytes read after the stop");
        // A JPEG is read whole before it is decoded.
        assert!(read < all || format == ImageFormat::Jpeg, "{format:?}: {read} of {all} bytes read");
    }
}

#[test]
fn a_header_is_not_read_on_after_a_stop() {
    let bytes = encoded(&noisy(400, 300), ImageFormat::Png);
    let mut file = Cursor::new(&bytes);
    let header = read_header_of(&mut Source::Stream(&mut file), &|| false);
    assert_eq!(header.map(|_| ()), Err(DecodeError::Stopped));
}
