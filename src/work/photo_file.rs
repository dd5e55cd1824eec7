//! A photo's file: taken into memory when it is small, read piece by piece while it is decoded when it is not.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::RgbImage;

use crate::library::{DecodeError, GoOn, Header, PhotoId, Source, Stream, decode_while, read_header_of};
use crate::work::budget::NoPermit;
use crate::work::{Budget, WorkError};

/// Files up to this size are taken into memory: more than most photos have, few enough bytes to read ahead.
pub(super) const SMALL: u64 = 16_000_000;
/// Bytes read between two looks at the stop switch.
const PIECE: usize = 256 << 10;

/// A file that is open.
pub(super) type OpenFile = Box<dyn Stream + Send>;

/// Where files are.
pub(super) trait Files: Send + Sync {
    /// Opens a file by its path within the library's folder.
    fn open(&self, path: &Path) -> io::Result<OpenFile>;
}

/// A folder on disk.
pub(super) struct Folder(pub(super) PathBuf);

impl Files for Folder {
    fn open(&self, path: &Path) -> io::Result<OpenFile> {
        Ok(Box::new(File::open(self.0.join(path))?))
    }
}

/// Why nothing came of a file.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum Unusable {
    /// The job was stopped.
    #[error("stopped")]
    Stopped,
    /// This is wrong with it.
    #[error("{0}")]
    Because(String),
}

impl Unusable {
    pub(super) fn unread(error: &io::Error, go_on: &GoOn<'_>) -> Self {
        if go_on() { Self::Because(format!("cannot be read: {error}")) } else { Self::Stopped }
    }

    fn undecoded(error: &DecodeError) -> Self {
        if *error == DecodeError::Stopped { Self::Stopped } else { Self::Because(error.to_string()) }
    }

    /// For a caller that has one photo to deal with.
    pub(super) fn at(self, path: &Path) -> WorkError {
        match self {
            Self::Stopped => WorkError::Stopped,
            Self::Because(reason) => WorkError::Image { path: path.to_owned(), reason },
        }
    }
}

/// The content of a photo's file.
pub(super) enum Content {
    /// In memory.
    Small(Vec<u8>),
    /// To be read while it is decoded.
    Large(Box<Large>),
}

/// A file that is not held in memory.
pub(super) struct Large {
    file: OpenFile,
    /// Bytes in it.
    size: u64,
    header: Header,
}

impl Content {
    /// Reads a file to its end, for its identity, and keeps what it holds if that is little. Of a large file the header is
    /// looked at first: what is no picture is not read on.
    pub(super) fn read(mut file: OpenFile, go_on: &GoOn<'_>) -> Result<(Self, PhotoId), Unusable> {
        let unread = |error: io::Error| Unusable::unread(&error, go_on);
        let mut bytes = Vec::new();
        Watched { file: &mut *file, go_on, read: 0 }.take(SMALL + 1).read_to_end(&mut bytes).map_err(unread)?;
        if bytes.len() as u64 <= SMALL {
            let id = PhotoId::of_content(&bytes);
            return Ok((Self::Small(bytes), id));
        }
        let read = bytes.len() as u64;
        let header = header(&mut *file, go_on)?;
        file.seek(SeekFrom::Start(read)).map_err(unread)?;
        let mut rest = Watched { file: &mut *file, go_on, read };
        let id = PhotoId::of_stream(bytes.as_slice().chain(&mut rest)).map_err(unread)?;
        let size = rest.read;
        Ok((Self::Large(Box::new(Large { file, size, header })), id))
    }

    /// A file whose identity nobody asks for.
    pub(super) fn of_file(mut file: OpenFile, go_on: &GoOn<'_>) -> Result<Self, Unusable> {
        let size = file.seek(SeekFrom::End(0)).map_err(|error| Unusable::unread(&error, go_on))?;
        let header = header(&mut *file, go_on)?;
        Ok(Self::Large(Box::new(Large { file, size, header })))
    }

    /// What its header says.
    pub(super) fn header(&self, go_on: &GoOn<'_>) -> Result<Header, Unusable> {
        match self {
            Self::Small(bytes) => {
                let mut source = Source::Memory(bytes);
                read_header_of(&mut source, go_on).map_err(|error| Unusable::undecoded(&error))
            }
            Self::Large(large) => Ok(large.header.clone()),
        }
    }

    /// Decodes the photo, its shorter side not below `shorter_side` where it has that many pixels, and hands it to `work`,
    /// all within a share of `budget`, for which it waits.
    pub(super) fn decode<T>(
        &mut self,
        budget: &Arc<Budget>,
        shorter_side: u32,
        go_on: &GoOn<'_>,
        work: impl FnOnce(&Header, RgbImage) -> Result<T, String>,
    ) -> Result<T, Unusable> {
        let of_small;
        let (mut source, header, held) = match self {
            Self::Small(bytes) => {
                let mut source = Source::Memory(bytes);
                of_small = read_header_of(&mut source, go_on).map_err(|error| Unusable::undecoded(&error))?;
                (source, &of_small, 0)
            }
            Self::Large(large) => {
                let Large { file, size, header } = &mut **large;
                (Source::Stream(file), &*header, if header.is_read_whole() { *size } else { 0 })
            }
        };
        let needed = header.decode_bytes(shorter_side).saturating_add(held);
        let _permit = budget.acquire(needed, go_on).map_err(|refusal| match refusal {
            NoPermit::Stopped => Unusable::Stopped,
            NoPermit::TooLarge(why) => Unusable::Because(why.to_string()),
        })?;
        let photo = decode_while(&mut source, header, shorter_side, go_on).map_err(|e| Unusable::undecoded(&e))?;
        work(header, photo).map_err(Unusable::Because)
    }
}

fn header(file: &mut (dyn Stream + Send), go_on: &GoOn<'_>) -> Result<Header, Unusable> {
    // A reference to the reference: a stream that may be sent is a stream.
    let mut file = file;
    read_header_of(&mut Source::Stream(&mut file), go_on).map_err(|error| Unusable::undecoded(&error))
}

/// Reads a file in pieces, as long as it may.
struct Watched<'a> {
    file: &'a mut (dyn Stream + Send),
    go_on: &'a GoOn<'a>,
    read: u64,
}

impl Read for Watched<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if !(self.go_on)() {
            return Err(io::Error::other("stopped"));
        }
        let count = into.len().min(PIECE);
        let count = self.file.read(into.get_mut(..count).unwrap_or_default())?;
        self.read += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::io::Cursor;

    /// Bytes that begin like a small bitmap.
    fn bytes(count: u64) -> Vec<u8> {
        let mut bytes = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x02\0\0\0\x02\0\0\0\x01\0\x18\0\0\0\0\0".to_vec();
        bytes.extend((0..count).map(|i| (i ^ i >> 9) as u8));
        bytes.truncate(count as usize);
        bytes
    }

    #[test]
    fn small_files_are_kept_and_large_ones_are_hashed_and_left() {
        for size in [0, 1, SMALL, SMALL + 1, SMALL + 3_000_000] {
            let bytes = bytes(size);
            let (content, id) = Content::read(Box::new(Cursor::new(bytes.clone())), &|| true).unwrap();
            assert_eq!(id, PhotoId::of_content(&bytes), "{size}");
            match content {
                Content::Small(kept) => assert!(size <= SMALL && kept == bytes),
                Content::Large(large) => assert!(size > SMALL && large.size == size),
            }
        }
    }

    #[test]
    fn a_large_file_that_is_no_picture_is_not_read_on() {
        let bytes = vec![b'x'; SMALL as usize + 60_000_000];
        let asked = Cell::new(0);
        let go_on = || asked.replace(asked.get() + 1) < usize::MAX;
        let refused = Content::read(Box::new(Cursor::new(bytes)), &go_on).map(|(_, id)| id);
        assert!(matches!(refused, Err(Unusable::Because(why)) if why.starts_with("not a picture")));
        assert!(asked.get() < SMALL as usize / PIECE + 60, "{}", asked.get());
    }

    #[test]
    fn reading_stops_at_the_next_piece() {
        let asked = Cell::new(0);
        let go_on = || asked.replace(asked.get() + 1) < 5;
        let stopped = Content::read(Box::new(Cursor::new(bytes(SMALL))), &go_on);
        assert_eq!(stopped.map(|(_, id)| id), Err(Unusable::Stopped));
        assert!(asked.get() <= 7, "{}", asked.get());
    }

    #[test]
    fn a_large_jpeg_is_counted_with_its_bytes() {
        let mut jpeg = Vec::new();
        image::codecs::jpeg::JpegEncoder::new(&mut jpeg).encode_image(&RgbImage::new(64, 48)).unwrap();
        jpeg.resize(SMALL as usize + 1_000_000, 0);
        let (mut content, _) = Content::read(Box::new(Cursor::new(jpeg)), &|| true).unwrap();
        let size = |_: &Header, photo: RgbImage| Ok(photo.dimensions());
        let small = content.decode(&Budget::new(10_000_000), 256, &|| true, size);
        assert!(matches!(small, Err(Unusable::Because(why)) if why.contains("needs about 19 MB")));
        assert_eq!(content.decode(&Budget::new(30_000_000), 256, &|| true, size), Ok((64, 48)));
    }
}
