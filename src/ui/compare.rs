//! Two photos side by side: which two, and how far apart they are.

use super::panes::Screen;
use super::state::{Layer, State};
use crate::library::PhotoId;

/// Puts the selected photo beside the query, or beside a photo of the library that was marked or selected before it.
pub(super) fn start(state: &mut State) {
    let Some(right) = state.selected_photo() else { return };
    let left = match state.list() {
        Screen::Neighbors => state.walk.here().map(|step| step.query),
        _ => another(state, right),
    };
    match left {
        Some(left) => {
            state.compare = Some(left);
            state.layers.push(Layer::Compare);
        }
        None => state.say("there is no second photo to compare with"),
    }
}

fn another(state: &State, than: PhotoId) -> Option<PhotoId> {
    let is_other = |photo: &PhotoId| *photo != than && state.row(photo).is_some();
    let marked = state.last_marked.filter(|photo| state.photos.is_marked(photo));
    let at = state.list_at().selected;
    let beside = || at.checked_sub(1).and_then(|before| state.list_photo(before)).or_else(|| state.list_photo(at + 1));
    marked.filter(is_other).or_else(|| state.selected_before.filter(is_other)).or_else(beside)
}

impl State {
    /// How far a photo is from the one it is seen beside: the query of the walk, or the photo it is compared with.
    pub(super) fn distance_in_sight(&self, photo: &PhotoId) -> Option<(PhotoId, f32)> {
        if let Some(left) = self.compare.filter(|_| self.layers.contains(&Layer::Compare)) {
            return self.measured.between(&left, photo).map(|distance| (left, distance));
        }
        let step = self.walk.here()?;
        let distance = match self.list() {
            Screen::Neighbors => {
                let ranked = step.answer()?.neighbors.iter().find(|ranked| ranked.photo == *photo);
                ranked.map(|ranked| ranked.distance)
            }
            _ => self.photos.distance(photo),
        };
        distance.map(|distance| (step.query, distance))
    }
}
