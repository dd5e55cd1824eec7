//! The list that the selection goes through: the library, the neighbours of a photo, or the map.

use ratatui::layout::Position;

use super::grid::{Cursor, Grid};
use super::panes::{Panes, Screen};
use super::state::{Layer, State};
use super::walk::Step;
use crate::library::PhotoId;

impl State {
    /// The list of photos that motions, zoom and marks go through: the library, the neighbours or the map.
    pub(super) fn list(&self) -> Screen {
        let list = self.layers.iter().rev().find_map(|layer| match layer {
            Layer::Neighbors => Some(Screen::Neighbors),
            Layer::Map => Some(Screen::Map),
            _ => None,
        });
        list.unwrap_or(Screen::Library)
    }

    /// How many photos the list has.
    pub(super) fn list_len(&self) -> usize {
        match self.list() {
            Screen::Neighbors => self.walk.here().map_or(0, Step::len),
            Screen::Map => self.map.len(),
            _ => self.photos.len(),
        }
    }

    /// The photo at a place of the list.
    pub(super) fn list_photo(&self, place: usize) -> Option<PhotoId> {
        match self.list() {
            Screen::Neighbors => Some(self.walk.here()?.answer()?.neighbors.get(place)?.photo),
            Screen::Map => self.map.photo(place),
            _ => Some(self.photos.get(place)?.id),
        }
    }

    /// The place of a photo in the list.
    pub(super) fn list_place(&self, photo: &PhotoId) -> Option<usize> {
        match self.list() {
            Screen::Neighbors => self.walk.here()?.answer()?.neighbors.iter().position(|n| n.photo == *photo),
            Screen::Map => self.map.number(photo),
            _ => self.photos.place_of(photo),
        }
    }

    /// The selection in the list.
    pub(super) fn list_cursor(&mut self) -> &mut Cursor {
        match (self.list(), self.walk.here_mut()) {
            (Screen::Neighbors, Some(step)) => &mut step.cursor,
            (Screen::Map, _) => &mut self.map.cursor,
            _ => &mut self.cursor,
        }
    }

    /// The selection in the list, to read.
    pub(super) fn list_at(&self) -> Cursor {
        match (self.list(), self.walk.here()) {
            (Screen::Neighbors, Some(step)) => step.cursor,
            (Screen::Map, _) => self.map.cursor,
            _ => self.cursor,
        }
    }

    /// The grid of the list, which lies under the zoomed photo too.
    pub(super) fn list_grid(&self) -> Option<Grid> {
        Panes::of(self.size, self.list(), self.pictures_on).and_then(|panes| panes.grid)
    }

    /// Columns and rows of the list's grid.
    pub(super) fn list_shape(&self) -> (usize, usize) {
        self.list_grid().map_or((1, 1), |grid| (grid.columns, grid.rows))
    }

    /// Whether a place of the list belongs to the range that is being marked.
    pub(super) fn in_range(&self, place: usize) -> bool {
        let from = self.range_from.as_ref().and_then(|photo| self.list_place(photo));
        let to = self.list_at().selected;
        from.is_some_and(|from| (from.min(to)..=from.max(to)).contains(&place))
    }

    /// The place of the list under a place on the screen.
    pub(super) fn place_at(&self, at: Position) -> Option<usize> {
        let grid = self.panes()?.grid?;
        let place = self.list_at().top * grid.columns + grid.slot_at(at)?;
        (place < self.list_len()).then_some(place)
    }
}
