//! The map: every photo a dot in a plane, near ones together.
//!
//! What is kept here are the places as they came, what is known of each dot, which one is selected, and which part of the
//! plane is in sight. Drawing is [`super::map_pane`]'s, keys and clicks are [`moves`]'s.

pub(super) mod layout;
pub(super) mod legend;
pub(super) mod moves;
pub(super) mod raster;
pub(super) mod window;

use std::collections::HashMap;
use std::sync::Arc;

use super::grid::Cursor;
use super::message::Effect;
use super::photos::{Photos, Slot};
use crate::library::PhotoId;
use layout::MapLayout;
use legend::Legend;
use window::{Bounds, Window};

/// What is known of one dot.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Dot {
    /// Where its photo stands, if it is still in the library.
    slot: Option<Slot>,
    /// The place of its first label in the legend.
    pub(super) rank: Option<u16>,
    /// Whether it is among the photos that are shown and has the label that is looked at.
    pub(super) bright: bool,
}

/// The state of the map.
#[derive(Debug, Default)]
pub(super) struct Map {
    question: u64,
    /// Whether what is here is the answer to the newest question and still holds.
    is_known: bool,
    pub(super) layout: Option<MapLayout>,
    /// Why there is no map.
    pub(super) failed: Option<String>,
    pub(super) bounds: Bounds,
    pub(super) window: Window,
    pub(super) dots: Vec<Dot>,
    pub(super) legend: Legend,
    /// The selected dot.
    pub(super) cursor: Cursor,
    /// The photo to be selected once it has a dot.
    wanted: Option<PhotoId>,
    numbers: HashMap<PhotoId, usize>,
    /// Whether the rows behind the dots, or only what is bright, must be looked up again before the next frame.
    rows_are_old: bool,
    light_is_old: bool,
}

impl Map {
    /// How many dots there are.
    pub(super) fn len(&self) -> usize {
        self.layout.as_ref().map_or(0, |layout| layout.photos.len())
    }

    /// The photo of a dot.
    pub(super) fn photo(&self, number: usize) -> Option<PhotoId> {
        self.layout.as_ref()?.photos.get(number).copied()
    }

    /// The dot of a photo.
    pub(super) fn number(&self, photo: &PhotoId) -> Option<usize> {
        self.numbers.get(photo).copied()
    }

    /// Where a dot lies.
    pub(super) fn place(&self, number: usize) -> Option<[f32; 2]> {
        self.layout.as_ref()?.places.get(number).copied()
    }

    /// Comes into sight, with this photo selected if it is on the map. Asks for the map unless it is known.
    pub(super) fn open(&mut self, photo: Option<PhotoId>) -> Option<Effect> {
        self.select(photo.or_else(|| self.photo(self.cursor.selected)));
        (!self.is_known).then(|| self.ask())
    }

    /// From now on what is here is old; it is asked for again if somebody looks at it.
    pub(super) fn expire(&mut self, in_sight: bool) -> Option<Effect> {
        self.is_known = false;
        in_sight.then(|| self.ask())
    }

    fn ask(&mut self) -> Effect {
        self.question += 1;
        self.is_known = true;
        Effect::WantMap { question: self.question }
    }

    /// Takes a map, or why there is none; one to an older question is dropped. The selected photo stays selected.
    pub(super) fn take(&mut self, question: u64, layout: Result<MapLayout, String>) {
        if question != self.question {
            return;
        }
        self.failed = layout.as_ref().err().cloned();
        let Ok(layout) = layout else { return };
        let selected = self.wanted.or_else(|| self.photo(self.cursor.selected));
        if !self.layout.as_ref().is_some_and(|before| Arc::ptr_eq(&before.photos, &layout.photos)) {
            self.numbers = layout.photos.iter().enumerate().map(|(number, photo)| (*photo, number)).collect();
            self.rows_are_old = true;
        }
        self.bounds = Bounds::of(&layout.places);
        self.layout = Some(layout);
        self.select(selected);
    }

    fn select(&mut self, photo: Option<PhotoId>) {
        let number = photo.and_then(|photo| self.number(&photo));
        self.wanted = photo.filter(|_| number.is_none());
        self.cursor.selected = number.unwrap_or(self.cursor.selected).min(self.len().saturating_sub(1));
    }

    /// The photos have changed.
    pub(super) const fn rows_changed(&mut self) {
        self.rows_are_old = true;
    }

    /// Other photos are shown, or another label is looked at.
    pub(super) const fn light_changed(&mut self) {
        self.light_is_old = true;
    }

    /// Looks up again what has changed since the last time.
    pub(super) fn refresh(&mut self, photos: &Photos) {
        if std::mem::take(&mut self.rows_are_old) {
            self.legend.refresh(photos);
            let ranks = photos.ask_labels(|labels| self.legend.rank(labels.first()?));
            let ids = self.layout.iter().flat_map(|layout| layout.photos.iter());
            let dot = |photo: &PhotoId| {
                let slot = photos.slot(photo);
                let labels = slot.and_then(|slot| photos.label_set(slot));
                let rank = labels.and_then(|labels| ranks.get(labels).copied().flatten());
                Dot { slot, rank, bright: false }
            };
            self.dots = ids.map(dot).collect();
            self.light_is_old = true;
        }
        if std::mem::take(&mut self.light_is_old) {
            let label = self.legend.chosen();
            let is_looked_at = photos.ask_labels(|labels| label.is_none_or(|label| labels.contains(label)));
            let sieve = photos.sieve();
            let has_label = |slot| photos.label_set(slot).and_then(|set| is_looked_at.get(set).copied());
            let is_lit = |slot: Slot| sieve.passes(slot) && has_label(slot) == Some(true);
            for dot in &mut self.dots {
                dot.bright = dot.slot.is_some_and(is_lit);
            }
        }
    }
}
