//! After every message: selections that stand where there is something to select.

use super::keys::Context;
use super::map::moves;
use super::panes::{Panes, Screen};
use super::state::{Layer, State};
use super::{models, palette, palette_popup, skipped_pane, training};

impl State {
    /// Brings every selection into its list and into sight.
    pub(super) fn settle(&mut self) {
        let (len, shape) = (self.photos.len(), self.library_shape());
        self.cursor.settle(len, shape);
        let shape = self.list_shape();
        if self.list() == Screen::Neighbors
            && let Some(step) = self.walk.here_mut()
        {
            let len = step.len();
            step.cursor.settle(len, shape);
        }
        if self.layers.contains(&Layer::Map) {
            self.map.refresh(&self.photos);
        }
        if self.screen() == Screen::Map {
            self.map.draw(moves::area(self));
        }
        let lines = self.body_lines();
        self.sidebar.cursor.settle(self.sidebar.entries.len(), (1, lines));
        if self.context() == Context::Palette {
            let (found, rows) = (palette::found(self).len(), palette_popup::rows(self));
            self.palette.cursor.settle(found, (1, rows));
        }
        self.skipped_cursor.settle(self.skipped.len(), (1, skipped_pane::rows(lines)));
        training::settle(self);
        models::settle(self);
    }

    fn library_shape(&self) -> (usize, usize) {
        let panes = Panes::of(self.size, Screen::Library, self.pictures_on);
        panes.and_then(|panes| panes.grid).map_or((1, 1), |grid| (grid.columns, grid.rows))
    }
}
