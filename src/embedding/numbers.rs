//! A long, growing run of numbers that is read from end to end again and again.
//!
//! Above a few megabytes it lies in memory that the system is asked to map in large pages (2 MiB instead of 4 KiB): a
//! scan of 1,000,000 rows of 64 numbers then takes about two thirds of the time, as does gathering rows from all over it,
//! because fewer address translations are missed. A system that has no such pages gives ordinary ones.

use std::fmt;
use std::ops::{Deref, DerefMut};

use memmap2::MmapMut;

/// From so many numbers on (4 MB) large pages are asked for.
const LARGE: usize = 1 << 20;

/// Numbers in order, appended to at the end.
#[derive(Default)]
pub(crate) struct Numbers {
    few: Vec<f32>,
    /// What [`Numbers::many`] uses of it comes first; the rest is zero.
    pages: Option<MmapMut>,
    many: usize,
}

impl Numbers {
    /// None yet.
    pub(crate) const fn new() -> Self {
        Self { few: Vec::new(), pages: None, many: 0 }
    }

    /// None yet, with room for so many.
    pub(crate) fn with_capacity(numbers: usize) -> Self {
        let mut new = Self::new();
        new.make_room(numbers);
        new
    }

    /// Bytes kept, room for more included.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.few.capacity() * size_of::<f32>() + self.pages.as_ref().map_or(0, |pages| pages.len())
    }

    /// Appends numbers.
    pub(crate) fn extend_from_slice(&mut self, numbers: &[f32]) {
        self.grow(self.len() + numbers.len());
        match &mut self.pages {
            None => self.few.extend_from_slice(numbers),
            Some(pages) => {
                let room = bytemuck::cast_slice_mut::<u8, f32>(pages).get_mut(self.many..self.many + numbers.len());
                room.unwrap_or_default().copy_from_slice(numbers);
                self.many += numbers.len();
            }
        }
    }

    /// Appends so many copies of `value` and returns them.
    pub(crate) fn extend_by(&mut self, numbers: usize, value: f32) -> &mut [f32] {
        let start = self.len();
        self.grow(start + numbers);
        if self.pages.is_some() {
            self.many += numbers;
        } else {
            self.few.resize(start + numbers, value);
        }
        let new = self.get_mut(start..).unwrap_or_default();
        new.fill(value);
        new
    }

    /// Forgets what comes after the first `len` numbers.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.few.truncate(len);
        self.many = self.many.min(len);
    }

    fn capacity(&self) -> usize {
        self.pages.as_ref().map_or(self.few.capacity(), |pages| pages.len() / size_of::<f32>())
    }

    /// Room for `len` numbers, twice as much as before when there must be more.
    fn grow(&mut self, len: usize) {
        if len > self.capacity() {
            self.make_room(len.max(2 * self.capacity()));
        }
    }

    fn make_room(&mut self, numbers: usize) {
        let Some(mut pages) = large_pages(numbers) else {
            // Few, or the system gives no such memory.
            if self.pages.is_some() {
                *self = Self { few: self.to_vec(), pages: None, many: 0 };
            }
            self.few.reserve_exact(numbers.saturating_sub(self.few.len()));
            return;
        };
        let many = self.len();
        let room = bytemuck::cast_slice_mut::<u8, f32>(&mut pages).get_mut(..many);
        room.unwrap_or_default().copy_from_slice(self);
        *self = Self { few: Vec::new(), pages: Some(pages), many };
    }
}

/// Zeroed memory for so many numbers when they are many and the system has it.
fn large_pages(numbers: usize) -> Option<MmapMut> {
    if numbers < LARGE {
        return None;
    }
    let map = MmapMut::map_anon(numbers.checked_mul(size_of::<f32>())?).ok()?;
    #[cfg(target_os = "linux")]
    // Only advice: ordinary pages serve as well, slower.
    let _ = map.advise(memmap2::Advice::HugePage);
    Some(map)
}

impl Deref for Numbers {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        let pages = self.pages.as_ref().and_then(|pages| bytemuck::cast_slice(pages).get(..self.many));
        pages.unwrap_or(&self.few)
    }
}

impl DerefMut for Numbers {
    fn deref_mut(&mut self) -> &mut [f32] {
        match &mut self.pages {
            None => &mut self.few,
            Some(pages) => bytemuck::cast_slice_mut(pages).get_mut(..self.many).unwrap_or_default(),
        }
    }
}

impl Clone for Numbers {
    fn clone(&self) -> Self {
        let mut new = Self::with_capacity(self.len());
        new.extend_from_slice(self);
        new
    }
}

impl PartialEq for Numbers {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growing_from_few_to_many_loses_nothing() {
        let (mut numbers, mut plain) = (Numbers::new(), Vec::new());
        for piece in 0..6_u32 {
            let new: Vec<f32> = (0..300_000).map(|i| (piece * 300_000 + i) as f32).collect();
            numbers.extend_from_slice(&new);
            plain.extend_from_slice(&new);
            numbers.extend_by(3, 0.5)[1] = 7.0;
            plain.extend([0.5, 7.0, 0.5]);
            assert!(*numbers == *plain, "after piece {piece}");
        }
        assert!(numbers.pages.is_some() && numbers.memory_bytes() >= 4 * plain.len());
        let copy = numbers.clone();
        numbers.truncate(1_500_000);
        numbers[0] = -1.0;
        assert!(*copy == *plain && numbers[1..] == plain[1..1_500_000] && copy != numbers);
        numbers.truncate(10);
        numbers.extend_by(2, 0.0);
        assert_eq!(numbers.len(), 12);
        assert_eq!(&numbers[10..], [0.0, 0.0]);
    }

    #[test]
    fn few_numbers_stay_where_they_are() {
        let mut numbers = Numbers::with_capacity(100);
        numbers.extend_from_slice(&[1.0, 2.0]);
        numbers.truncate(1);
        assert!(numbers.pages.is_none());
        assert_eq!(&*numbers, [1.0]);
        assert_eq!(format!("{numbers:?}"), "[1.0]");
    }
}
