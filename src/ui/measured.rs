//! How far photos are from one another, where a list or two photos side by side need to know.

use super::asked::Examples;
use super::message::Effect;
use super::order::{Distances, SortBy};
use super::panes::Screen;
use super::state::{Layer, Notice, State};
use super::update::with_selection_kept;
use crate::library::PhotoId;

/// From where distances are measured.
type Origin = (PhotoId, Examples);

/// The distances asked for last.
#[derive(Debug, Default)]
pub(super) struct Measured {
    question: u64,
    asked: Option<Origin>,
    known: Option<(Origin, Distances)>,
}

impl Measured {
    /// From now on what is known is old.
    pub(super) fn expire(&mut self) {
        self.asked = None;
    }

    /// How far one photo is from another, if that is known.
    pub(super) fn between(&self, one: &PhotoId, other: &PhotoId) -> Option<f32> {
        let ((from, with), distances) = self.known.as_ref()?;
        (from == one && with.is_empty()).then(|| distances.get(other)).flatten()
    }
}

impl State {
    /// Asks for distances when something in sight needs others than were asked for last.
    pub(super) fn want_distances(&mut self) -> Option<Effect> {
        let needed = self.needed_distances()?;
        if self.measured.asked.as_ref() == Some(&needed) {
            return None;
        }
        self.measured.question += 1;
        let ((photo, with), question) = (needed.clone(), self.measured.question);
        self.measured.asked = Some(needed);
        Some(Effect::AskDistances { question, photo, with, list: self.photos.ids() })
    }

    fn needed_distances(&self) -> Option<Origin> {
        if self.layers.contains(&Layer::Compare) {
            return self.compare.map(|left| (left, Examples::default()));
        }
        let is_sorted = self.photos.order().by == SortBy::Distance && self.list() == Screen::Library;
        let step = self.walk.here().filter(|_| is_sorted)?;
        Some((step.query, step.with.clone()))
    }

    /// Takes distances; those of an older question are dropped.
    pub(super) fn take_distances(&mut self, question: u64, answer: Result<Distances, String>) {
        if question != self.measured.question {
            return;
        }
        match (answer, self.measured.asked.clone()) {
            (Ok(distances), Some(from)) => {
                if self.needed_distances().as_ref() == Some(&from) && !self.layers.contains(&Layer::Compare) {
                    with_selection_kept(self, |photos| photos.measure(distances.clone()));
                }
                self.measured.known = Some((from, distances));
            }
            (Err(text), _) => self.notice = Some(Notice { text, alarm: true }),
            (Ok(_), None) => {}
        }
    }
}
