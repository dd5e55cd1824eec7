//! Files and a network that are made up.

use std::collections::HashMap;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use image::{ImageFormat, RgbImage};

use crate::embedder::{Backbone, EmbedderError, Scratch};
use crate::library::Location;
use crate::work::photo_file::{Files, OpenFile, SMALL};

/// Patience before a test fails for good.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);

/// Closed until somebody opens it.
#[derive(Default)]
pub(super) struct Gate(Mutex<bool>, Condvar);

impl Gate {
    pub(super) fn open(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }

    fn pass(&self) -> io::Result<()> {
        let open = self.0.lock().unwrap();
        let (open, _) = self.1.wait_timeout_while(open, PATIENCE, |open| !*open).unwrap();
        if *open { Ok(()) } else { Err(io::Error::other("the gate stayed closed")) }
    }
}

/// A file that gives nothing until its gate is open.
pub(super) struct Slow(pub(super) Cursor<Vec<u8>>, pub(super) Arc<Gate>);

impl Read for Slow {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.1.pass()?;
        self.0.read(into)
    }
}

impl Seek for Slow {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

/// A file that may take 30 ms before it gives something.
pub(super) struct Tardy(pub(super) Cursor<Vec<u8>>, pub(super) bool);

impl Read for Tardy {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if std::mem::take(&mut self.1) {
            std::thread::sleep(Duration::from_millis(30));
        }
        self.0.read(into)
    }
}

impl Seek for Tardy {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

pub(super) const WIDTH: u32 = 11_600;
pub(super) const HEIGHT: u32 = 8_700;
pub(super) const HUGE: u64 = 54 + WIDTH as u64 * 3 * HEIGHT as u64;

/// A quarter of its second reading: the bitmap is being decoded.
pub(super) const WELL_ON_ITS_WAY: u64 = HUGE + HUGE / 4;

/// A black bitmap of a hundred megapixels. Once it was read to its end, the next reading waits at the gate.
#[derive(Clone)]
pub(super) struct Huge {
    at: u64,
    pub(super) was_read: Arc<AtomicBool>,
    pub(super) read: Arc<AtomicU64>,
    gate: Arc<Gate>,
    /// Where the second reading waits, once it is well on its way.
    pub(super) middle: Option<Arc<Gate>>,
}

impl Huge {
    pub(super) fn new(gate: &Arc<Gate>) -> Self {
        Self { at: 0, was_read: Arc::default(), read: Arc::default(), gate: Arc::clone(gate), middle: None }
    }
}

impl Read for Huge {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut header = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
        header.extend([WIDTH.to_le_bytes(), HEIGHT.to_le_bytes(), [1, 0, 24, 0]].concat());
        header.resize(54, 0);
        if self.was_read.load(Ordering::SeqCst) && self.at >= 54 {
            self.gate.pass()?;
        }
        if let Some(middle) = self.middle.as_ref().filter(|_| self.read.load(Ordering::SeqCst) > WELL_ON_ITS_WAY) {
            middle.pass()?;
        }
        let count = (into.len() as u64).min(HUGE.saturating_sub(self.at)) as usize;
        let start = self.at as usize;
        for (i, byte) in into.iter_mut().take(count).enumerate() {
            *byte = header.get(start + i).copied().unwrap_or(0);
        }
        self.at += count as u64;
        self.read.fetch_add(count as u64, Ordering::SeqCst);
        if count == 0 && !into.is_empty() {
            self.was_read.store(true, Ordering::SeqCst);
        }
        Ok(count)
    }
}

impl Seek for Huge {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(by) => HUGE.saturating_add_signed(by),
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}

/// A bitmap just too large to be kept in memory. Once it was read to its end, the next reading waits at the gate.
#[derive(Clone)]
pub(super) struct Late {
    bytes: Cursor<Arc<[u8]>>,
    was_read: bool,
    gate: Arc<Gate>,
}

impl Late {
    /// All of one brightness.
    pub(super) fn new(brightness: u8, gate: &Arc<Gate>) -> Self {
        const SIDE: u32 = 2_400;
        let mut bytes = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
        bytes.extend([SIDE.to_le_bytes(), SIDE.to_le_bytes(), [1, 0, 24, 0]].concat());
        bytes.resize(54, 0);
        bytes.resize(54 + (3 * SIDE * SIDE) as usize, brightness);
        assert!(bytes.len() as u64 > SMALL);
        Self { bytes: Cursor::new(bytes.into()), was_read: false, gate: Arc::clone(gate) }
    }

    pub(super) fn size(&self) -> u64 {
        self.bytes.get_ref().len() as u64
    }
}

impl Read for Late {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.was_read && self.bytes.position() >= 54 {
            self.gate.pass()?;
        }
        let count = self.bytes.read(into)?;
        self.was_read |= count == 0 && !into.is_empty();
        Ok(count)
    }
}

impl Seek for Late {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

pub(super) type Opening = Box<dyn Fn() -> OpenFile + Send + Sync>;

/// Made-up files by name.
#[derive(Default)]
pub(super) struct MadeUp {
    files: HashMap<PathBuf, Opening>,
    pub(super) opened: AtomicUsize,
}

impl Files for MadeUp {
    fn open(&self, path: &Path) -> io::Result<OpenFile> {
        self.opened.fetch_add(1, Ordering::SeqCst);
        self.files.get(path).map(|open| open()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl MadeUp {
    pub(super) fn add<F: crate::library::Stream + Send + 'static>(
        &mut self,
        name: &str,
        size: u64,
        file: impl Fn() -> F + Send + Sync + 'static,
    ) -> Location {
        self.files.insert(name.into(), Box::new(move || Box::new(file())));
        Location { path: name.into(), size, modified_ns: 0 }
    }

    /// A small photo, different for each number.
    pub(super) fn photo(&mut self, number: u32) -> Location {
        let bytes = png(number);
        self.add(&format!("{number}.png"), bytes.len() as u64, move || Cursor::new(bytes.clone()))
    }
}

pub(super) fn png(number: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let [a, b, c, _] = number.to_le_bytes();
    RgbImage::from_pixel(40, 30, image::Rgb([a, b, c])).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A network of one number.
pub(super) struct Brightness;

impl Backbone for Brightness {
    fn id(&self) -> &'static str {
        "brightness"
    }

    fn dim(&self) -> usize {
        1
    }

    fn preprocess(&self, photo: &RgbImage) -> Vec<f32> {
        vec![photo.as_raw().iter().map(|&v| f32::from(v)).sum()]
    }

    fn shorter_side(&self) -> u32 {
        16
    }

    fn features(&self, image: &[f32], _: &mut Scratch) -> Result<Vec<f32>, EmbedderError> {
        Ok(image.to_vec())
    }
}
