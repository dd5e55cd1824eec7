//! Which pictures are wanted: those in sight, and those that one more key may bring into sight.

use ratatui::layout::Size;

use super::grid::Grid;
use super::map::moves;
use super::message::Effect;
use super::panes::Screen;
use super::pictures::{PictureWant, Pictures, Priority};
use super::state::State;
use super::strip::Strip;
use super::{models, training};
use crate::library::PhotoId;

impl State {
    /// Asks for the pictures in sight and a page ahead, if these are others than before.
    pub(super) fn want_pictures(&mut self) -> Option<Effect> {
        if !self.pictures_on {
            return None;
        }
        let wanted = self.wanted();
        self.pictures.want(wanted).map(Effect::WantPictures)
    }

    fn wanted(&self) -> Vec<PictureWant> {
        let Some(panes) = self.panes() else { return Vec::new() };
        let mut wants = Wants { pictures: &self.pictures, wanted: Vec::new() };
        if let Some(query) = panes.query {
            wants.add(self.walk.here().map(|step| step.query), query.picture.as_size(), Priority::Main, true);
        }
        if let Some(pane) = panes.map {
            let photo = self.map.photo(self.map.cursor.selected);
            wants.add(photo, pane.picture.as_size(), Priority::Main, true);
        }
        if let Some(grid) = panes.grid {
            self.want_pages(&grid, &mut wants);
        }
        if let Some(strip) = panes.strip {
            let steps = self.walk.steps();
            for (step, cell) in strip.cells(self.walk.at(), steps.len()) {
                let photo = steps.get(step).map(|step| step.query);
                wants.add(photo, Strip::picture(cell).as_size(), Priority::Visible, false);
            }
        }
        if self.screen() == Screen::Compare {
            let [left, right] = panes.halves(true).map(|half| half.picture.as_size());
            wants.add(self.compare, left, Priority::Main, true);
            self.want_one(right, &mut wants);
        }
        if self.screen() == Screen::Zoom {
            self.want_one(panes.zoomed().0.as_size(), &mut wants);
        }
        for (photo, size) in training::wants(self).into_iter().chain(models::wants(self)) {
            wants.add(Some(photo), size, Priority::Visible, false);
        }
        wants.wanted
    }

    /// The selected photo, large, and those that a key to the left or right brings into its place.
    fn want_one(&self, size: Size, wants: &mut Wants<'_>) {
        wants.add(self.selected_photo(), size, Priority::Main, true);
        for place in self.beside().into_iter().flatten() {
            wants.add(self.list_photo(place), size, Priority::Ahead, true);
        }
    }

    /// The places of the list to which one key to the right or left goes.
    fn beside(&self) -> [Option<usize>; 2] {
        let place = self.list_at().selected;
        match self.list() {
            Screen::Map => moves::beside(self),
            _ => [Some(place + 1), place.checked_sub(1)],
        }
    }

    /// The page in sight, the next one and the one before.
    fn want_pages(&self, grid: &Grid, wants: &mut Wants<'_>) {
        let (page, size) = (grid.page(), grid.picture());
        let first = self.list_at().top * grid.columns;
        let before = first.saturating_sub(page)..first;
        let pages = [
            (first..first + page, Priority::Visible),
            (first + page..first + 2 * page, Priority::Ahead),
            (before, Priority::Ahead),
        ];
        for (places, priority) in pages {
            for place in places {
                wants.add(self.list_photo(place), size, priority, false);
            }
        }
    }
}

struct Wants<'a> {
    pictures: &'a Pictures,
    wanted: Vec<PictureWant>,
}

impl Wants<'_> {
    fn add(&mut self, photo: Option<PhotoId>, size: Size, priority: Priority, large: bool) {
        if let Some(photo) = photo.filter(|_| size.width > 0 && size.height > 0) {
            self.wanted.push(PictureWant { key: self.pictures.key(photo, size), priority, large, sharpen: false });
        }
    }
}
