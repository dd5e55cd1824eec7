//! Encoded pictures that are ready to be drawn, and which ones are wanted.

use std::collections::HashMap;
use std::fmt;

use ratatui::layout::Size;
use ratatui_image::protocol::Protocol;

use crate::library::PhotoId;

/// One picture: a photo made to fit this many columns and lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PictureKey {
    /// Which photo.
    pub photo: PhotoId,
    /// The most columns and lines it may cover.
    pub size: Size,
    /// For which of the terminals it is that ours has been: after each loss of its pictures, as when its cells get
    /// another size, it is the next one.
    pub terminal: u64,
}

/// How soon a picture is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// The one picture somebody is looking at, large: the original is worth decoding.
    Main,
    /// In sight.
    Visible,
    /// Perhaps in sight after the next key.
    Ahead,
}

/// A picture that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureWant {
    /// Which picture.
    pub key: PictureKey,
    /// How soon.
    pub priority: Priority,
    /// Whether it is shown alone and large, so that a thumbnail is too coarse for it.
    pub large: bool,
    /// A coarse one is at hand already; only the sharp one is missing.
    pub sharpen: bool,
}

/// A picture in the terminal's own language.
pub struct Picture {
    /// What is drawn.
    pub protocol: Protocol,
    /// About how much memory it takes, here or in the terminal.
    pub bytes: usize,
    /// Whether a sharper one cannot be made.
    pub sharp: bool,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({:?}, {} bytes)", self.protocol.size(), self.bytes)
    }
}

/// Well below the 320 MB that Kitty keeps before it forgets pictures by itself.
const BUDGET_BYTES: usize = 96 << 20;

#[derive(Debug)]
struct Entry {
    /// `None`: it cannot be made.
    picture: Option<Picture>,
    used: u64,
}

/// The pictures at hand; what was not seen for longest goes first.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    entries: HashMap<PictureKey, Entry>,
    bytes: usize,
    time: u64,
    /// Which terminal it is now: how often it has lost its pictures.
    terminal: u64,
    /// What was wanted last, so that it is asked for once.
    wanted: Vec<PictureWant>,
}

impl Pictures {
    /// How a picture of this photo is known on the terminal of now.
    pub(super) const fn key(&self, photo: PhotoId, size: Size) -> PictureKey {
        PictureKey { photo, size, terminal: self.terminal }
    }

    /// The picture, if it is ready.
    pub(super) fn get(&self, key: &PictureKey) -> Option<&Picture> {
        self.entries.get(key).and_then(|entry| entry.picture.as_ref())
    }

    /// Whether it is known that this picture cannot be made.
    pub(super) fn has_failed(&self, key: &PictureKey) -> bool {
        self.entries.get(key).is_some_and(|entry| entry.picture.is_none())
    }

    /// Whether somebody looks at the place of this picture.
    pub(super) fn are_awaiting(&self, key: &PictureKey) -> bool {
        self.wanted.iter().any(|want| want.key == *key && want.priority != Priority::Ahead)
    }

    /// Keeps a picture, or that it cannot be made. A sharp one replaces a coarse one, never the other way round; where
    /// the sharp one cannot be made, the coarse one is the best there is. One that was made for the terminal as it was
    /// before is dropped.
    pub(super) fn insert(&mut self, key: PictureKey, picture: Option<Picture>) {
        if key.terminal != self.terminal {
            return;
        }
        if let Some(before) = self.entries.get_mut(&key).and_then(|entry| entry.picture.as_mut())
            && picture.as_ref().is_none_or(|picture| before.sharp && !picture.sharp)
        {
            before.sharp = true;
            return;
        }
        self.bytes += picture.as_ref().map_or(0, |picture| picture.bytes);
        self.time += 1;
        let before = self.entries.insert(key, Entry { picture, used: self.time });
        self.bytes -= before.and_then(|entry| entry.picture).map_or(0, |picture| picture.bytes);
        while self.bytes > BUDGET_BYTES && self.entries.len() > 1 {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        let oldest = self.entries.iter().filter(|(_, entry)| entry.picture.is_some()).min_by_key(|(_, e)| e.used);
        let Some(key) = oldest.map(|(key, _)| *key) else {
            self.bytes = 0;
            return;
        };
        let dropped = self.entries.remove(&key).and_then(|entry| entry.picture);
        self.bytes -= dropped.map_or(0, |picture| picture.bytes);
    }

    /// Forgets everything: the terminal has lost its pictures. What is still being made for it is too late.
    pub(super) fn clear(&mut self) {
        *self = Self { time: self.time, terminal: self.terminal + 1, ..Self::default() };
    }

    /// What is wanted now. `Some`: that changed, and these are the pictures that are not at hand, most wanted first.
    pub(super) fn want(&mut self, wanted: Vec<PictureWant>) -> Option<Vec<PictureWant>> {
        if wanted == self.wanted {
            return None;
        }
        self.time += 1;
        for want in &wanted {
            if let Some(entry) = self.entries.get_mut(&want.key) {
                entry.used = self.time;
            }
        }
        let mut missing: Vec<PictureWant> = wanted.iter().filter_map(|want| self.missing(want)).collect();
        missing.sort_by_key(|want| want.priority);
        self.wanted = wanted;
        Some(missing)
    }

    fn missing(&self, want: &PictureWant) -> Option<PictureWant> {
        match self.entries.get(&want.key).map(|entry| &entry.picture) {
            None => Some(*want),
            Some(Some(picture)) if want.large && !picture.sharp => Some(PictureWant { sharpen: true, ..*want }),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui_image::protocol::halfblocks::Halfblocks;

    fn key(number: u8) -> PictureKey {
        PictureKey { photo: PhotoId::of_content(&[number]), size: Size::new(4, 2), terminal: 0 }
    }

    fn picture(bytes: usize) -> Picture {
        Picture { protocol: Protocol::Halfblocks(Halfblocks::default()), bytes, sharp: true }
    }

    fn want(number: u8, priority: Priority) -> PictureWant {
        PictureWant { key: key(number), priority, large: false, sharpen: false }
    }

    #[test]
    fn the_longest_unseen_picture_goes_first() {
        let mut pictures = Pictures::default();
        for number in 0..3 {
            pictures.insert(key(number), Some(picture(BUDGET_BYTES / 3)));
        }
        pictures.want(vec![want(0, Priority::Visible)]);
        pictures.insert(key(3), Some(picture(BUDGET_BYTES / 3)));
        assert_eq!([0, 1, 2, 3].map(|n| pictures.get(&key(n)).is_some()), [true, false, true, true]);
        pictures.insert(key(3), Some(picture(1)));
        assert_eq!(pictures.bytes, 2 * (BUDGET_BYTES / 3) + 1);
    }

    #[test]
    fn a_picture_is_asked_for_once_and_the_most_wanted_first() {
        let mut pictures = Pictures::default();
        pictures.insert(key(1), Some(picture(1)));
        pictures.insert(key(2), None);
        let wanted = vec![
            want(3, Priority::Ahead),
            want(1, Priority::Visible),
            want(2, Priority::Visible),
            want(4, Priority::Main),
        ];
        let missing = pictures.want(wanted.clone()).unwrap();
        assert_eq!(missing.iter().map(|want| want.key).collect::<Vec<_>>(), [key(4), key(3)]);
        assert_eq!(pictures.want(wanted), None);
        assert!(pictures.has_failed(&key(2)) && !pictures.has_failed(&key(1)));
        assert_eq!([3, 1, 4, 5].map(|number| pictures.are_awaiting(&key(number))), [false, true, true, false]);
    }

    #[test]
    fn a_coarse_picture_is_shown_until_the_sharp_one_is_there() {
        let mut pictures = Pictures::default();
        let large = PictureWant { large: true, ..want(1, Priority::Main) };
        pictures.insert(key(1), Some(Picture { sharp: false, ..picture(5) }));
        assert_eq!(pictures.want(vec![large]), Some(vec![PictureWant { sharpen: true, ..large }]));
        pictures.insert(key(1), Some(picture(7)));
        pictures.insert(key(1), Some(Picture { sharp: false, ..picture(5) }));
        assert_eq!(pictures.get(&key(1)).map(|picture| picture.bytes), Some(7));
        pictures.insert(key(2), Some(Picture { sharp: false, ..picture(5) }));
        pictures.insert(key(2), None);
        assert!(pictures.get(&key(2)).is_some_and(|picture| picture.sharp), "the coarse one is the best there is");
    }

    #[test]
    fn a_picture_for_the_terminal_as_it_was_is_dropped_and_asked_for_anew() {
        let mut pictures = Pictures::default();
        let before = want(1, Priority::Visible);
        assert_eq!(pictures.want(vec![before]), Some(vec![before]));
        pictures.clear();
        pictures.insert(before.key, Some(picture(5)));
        assert_eq!(pictures.bytes, 0);
        let now = PictureWant { key: pictures.key(before.key.photo, before.key.size), ..before };
        assert_eq!(pictures.want(vec![now]), Some(vec![now]));
        pictures.insert(now.key, Some(picture(7)));
        pictures.insert(before.key, None);
        assert!(pictures.get(&now.key).is_some() && pictures.get(&before.key).is_none());
    }

    #[test]
    fn one_picture_larger_than_the_budget_is_still_shown() {
        let mut pictures = Pictures::default();
        pictures.insert(key(1), Some(picture(1)));
        pictures.insert(key(2), Some(picture(BUDGET_BYTES * 2)));
        assert!(pictures.get(&key(2)).is_some() && pictures.get(&key(1)).is_none());
    }
}
