//! The map: every photo a dot in a plane, near ones together.
//!
//! What is kept here are the places as they came, what is known of each dot, which one is selected, and which part of the
//! plane is in sight. Drawing is [`super::map_pane`]'s, keys and clicks are [`moves`]'s.

mod buckets;
pub(super) mod layout;
pub(super) mod legend;
pub(super) mod moves;
pub(super) mod raster;
pub(super) mod window;

use std::cell::OnceCell;

use super::grid::Cursor;
use super::message::Effect;
use super::photos::{Photos, Sieve, Slot};
use crate::library::PhotoId;
use buckets::Buckets;
use layout::MapLayout;
use legend::Legend;
use raster::Raster;
use ratatui::layout::Rect;
use window::{Bounds, Projection, Window};

/// What is known of one dot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Dot {
    /// Where its photo stands, if it is still in the library.
    slot: Option<Slot>,
    /// The number of its labels.
    labels: Option<u32>,
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
    /// The dots in buckets, once somebody looked for a near one.
    buckets: OnceCell<Buckets>,
    /// The place of the first label in the legend, by the number of a photo's labels.
    ranks: Vec<Option<u16>>,
    /// What is drawn, unless that is old, and where it would be seen.
    drawn: Option<(Projection, Raster)>,
    old: Old,
}

/// What must be looked up again before the next frame.
#[derive(Debug, Default)]
struct Old {
    /// The rows behind all dots.
    rows: bool,
    /// The rows behind these dots.
    some: Vec<usize>,
    labels: bool,
    light: bool,
}

/// What makes a dot bright, asked of every label once.
struct Light<'a> {
    sieve: Sieve<'a>,
    is_looked_at: Vec<bool>,
}

impl<'a> Light<'a> {
    fn of(legend: &Legend, photos: &'a Photos) -> Self {
        let label = legend.chosen();
        let is_looked_at = photos.ask_labels(|labels| label.is_none_or(|label| labels.contains(label)));
        Self { sieve: photos.sieve(), is_looked_at }
    }

    fn falls_on(&self, dot: &Dot) -> bool {
        let has_label = dot.labels.and_then(|labels| self.is_looked_at.get(labels as usize).copied());
        has_label == Some(true) && dot.slot.is_some_and(|slot| self.sieve.passes(slot))
    }
}

impl Dot {
    /// The dot of a photo, not bright yet.
    fn of(photo: &PhotoId, photos: &Photos) -> Self {
        let slot = photos.slot(photo);
        Self { slot, labels: slot.and_then(|slot| photos.label_set(slot)).map(|set| set as u32), bright: false }
    }
}

impl Map {
    /// How many dots there are.
    pub(super) fn len(&self) -> usize {
        self.layout.as_ref().map_or(0, |layout| layout.photos.ids().len())
    }

    /// The photo of a dot.
    pub(super) fn photo(&self, number: usize) -> Option<PhotoId> {
        self.layout.as_ref()?.photos.ids().get(number).copied()
    }

    /// The dot of a photo.
    pub(super) fn number(&self, photo: &PhotoId) -> Option<usize> {
        self.layout.as_ref()?.photos.number(photo)
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
        self.old.rows |= !self.layout.as_ref().is_some_and(|before| before.photos.are_shared_with(&layout.photos));
        self.buckets.take();
        self.drawn = None;
        self.bounds = Bounds::of(&layout.places);
        self.layout = Some(layout);
        self.select(selected);
    }

    fn select(&mut self, photo: Option<PhotoId>) {
        let number = photo.and_then(|photo| self.number(&photo));
        self.wanted = photo.filter(|_| number.is_none());
        self.cursor.selected = number.unwrap_or(self.cursor.selected).min(self.len().saturating_sub(1));
    }

    /// Photos came or went, or what is known of them changed.
    pub(super) fn rows_changed(&mut self, photos: impl Iterator<Item = PhotoId>) {
        self.old.labels = true;
        if let Some(layout) = self.layout.as_ref().filter(|_| !self.old.rows) {
            self.old.some.extend(photos.filter_map(|photo| layout.photos.number(&photo)));
            self.old.rows = self.old.some.len() > self.dots.len();
        }
    }

    /// Other photos are shown, or another label is looked at.
    pub(super) const fn light_changed(&mut self) {
        self.old.light = true;
    }

    /// Looks up again what has changed since the last time.
    pub(super) fn refresh(&mut self, photos: &Photos) {
        let mut old = std::mem::take(&mut self.old);
        if old.labels || old.rows {
            old.light |= self.read_labels(photos);
        }
        if old.rows {
            let ids = self.layout.iter().flat_map(|layout| layout.photos.ids());
            self.dots = ids.map(|photo| Dot::of(photo, photos)).collect();
            old.light = true;
        }
        if old.some.is_empty() && !old.light {
            return;
        }
        let light = Light::of(&self.legend, photos);
        for number in old.some {
            let photo = self.layout.as_ref().and_then(|layout| layout.photos.ids().get(number));
            if let Some((dot, photo)) = self.dots.get_mut(number).zip(photo) {
                *dot = Dot::of(photo, photos);
                dot.bright = light.falls_on(dot);
            }
        }
        if old.light {
            self.dots.iter_mut().for_each(|dot| dot.bright = light.falls_on(dot));
        }
        self.drawn = None;
    }

    /// Lists the labels anew; their colours may be others then. Returns whether the one that was looked at is gone.
    fn read_labels(&mut self, photos: &Photos) -> bool {
        let chosen = self.legend.chosen().is_some();
        self.legend.refresh(photos);
        let ranks = photos.ask_labels(|labels| self.legend.rank(labels.first()?));
        if ranks != self.ranks {
            self.ranks = ranks;
            self.drawn = None;
        }
        chosen != self.legend.chosen().is_some()
    }

    /// The place of a dot's first label in the legend.
    pub(super) fn rank(&self, dot: &Dot) -> Option<u16> {
        self.ranks.get(dot.labels? as usize).copied().flatten()
    }

    /// Puts the dots into the cells of an area, unless they lie there already.
    pub(super) fn draw(&mut self, area: Rect) {
        let projection = Projection::of(&self.bounds, &self.window, area);
        if self.drawn.as_ref().is_none_or(|(drawn, _)| *drawn != projection) {
            self.drawn = Some((projection, Raster::of(self, &projection, area)));
        }
    }

    /// The dots in their cells, once they are drawn.
    pub(super) const fn drawn(&self) -> Option<&(Projection, Raster)> {
        self.drawn.as_ref()
    }

    /// The dot with the lowest cost among those that are bright; see [`Buckets::cheapest`].
    fn cheapest_bright(
        &self,
        bound: impl Fn([f32; 2], [f32; 2]) -> Option<f32>,
        cost: impl Fn([f32; 2]) -> Option<f32>,
    ) -> Option<usize> {
        let places = &self.layout.as_ref()?.places;
        let bright = |number: &usize| self.dots.get(*number).is_some_and(|dot| dot.bright);
        let buckets = self.buckets.get_or_init(|| Buckets::of(places, &self.bounds));
        buckets.cheapest(bound, |number| places.get(number).filter(|_| bright(&number)).and_then(|place| cost(*place)))
    }
}

#[cfg(test)]
mod tests;
