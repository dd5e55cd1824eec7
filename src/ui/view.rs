//! The frame: drawn from the state alone. The same state gives the same frame.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Clear, Widget};
use ratatui_image::Image;

use super::panes::{Panes, SMALLEST, Screen};
use super::pictures::PictureKey;
use super::state::{Layer, State};
use super::theme::Theme;
use super::{
    compare_pane, details_popup, filter_popup, grid_pane, help_popup, hints, lines, map_pane, models, palette_popup,
    query_pane, sidebar_pane, skipped_pane, strip, training, zoom_pane,
};
use crate::library::PhotoId;

/// Draws the state. A frame of another size than [`super::Message::Resize`] told last stays empty: the message is on
/// its way, and a layout for one size must not be drawn on another.
pub fn view(state: &State, frame: &mut Frame<'_>) {
    if frame.area().as_size() != state.size {
        return;
    }
    let Some(panes) = state.panes() else { return too_small(frame) };
    let area = frame.area();
    frame.buffer_mut().set_style(area, state.theme.ground());
    let popup = popup_area(state);
    let mut canvas = Canvas { state, covered: popup, buffer: frame.buffer_mut() };
    draw_screen(&mut canvas, &panes);
    lines::title(&mut canvas, panes.title);
    hints::draw(&mut canvas, panes.hint);
    lines::status(&mut canvas, panes.status);
    if let Some(area) = popup {
        draw_popup(&mut canvas, area);
    }
}

/// Where something lies over the screen.
fn popup_area(state: &State) -> Option<Rect> {
    if state.filter_box.is_some() {
        return Some(filter_popup::area(state));
    }
    match state.layers.last()? {
        Layer::Help => Some(help_popup::area(state)),
        Layer::Details => Some(details_popup::area(state)),
        Layer::Palette => Some(palette_popup::area(state)),
        layer => training::popup_area(state, *layer),
    }
}

fn draw_popup(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    match (&state.filter_box, state.layers.last()) {
        (Some(typed), _) => filter_popup::draw(canvas, area, typed),
        (None, Some(Layer::Details)) => details_popup::draw(canvas, area),
        (None, Some(Layer::Palette)) => palette_popup::draw(canvas, area),
        (None, Some(Layer::Help)) => help_popup::draw(canvas, area),
        (None, _) => training::draw_popup(canvas, area),
    }
}

fn draw_screen(canvas: &mut Canvas<'_>, panes: &Panes) {
    if let (Some(pane), Some(text)) = (panes.sidebar, panes.sidebar_lines()) {
        sidebar_pane::draw(canvas, pane, text);
    }
    if let Some(pane) = panes.query {
        query_pane::draw(canvas, &pane);
    }
    if let Some(pane) = panes.strip {
        strip::draw(canvas, &pane);
    }
    if let Some(pane) = panes.map {
        map_pane::side(canvas, &pane);
    }
    match (canvas.state.screen(), panes.grid) {
        (Screen::Map, _) => map_pane::draw(canvas, panes.body),
        (Screen::Compare, _) => compare_pane::draw(canvas, panes.halves(canvas.state.pictures_on)),
        (Screen::Zoom, _) => zoom_pane::draw(canvas, panes),
        (Screen::Skipped, _) => skipped_pane::draw(canvas, panes.body),
        (Screen::Models | Screen::ModelsCompared, _) => models::draw(canvas, panes.body),
        (Screen::TrainingForm | Screen::Training | Screen::Examples, _) => training::draw(canvas, panes.body),
        (_, Some(grid)) => grid_pane::draw(canvas, &grid, panes.body),
        (_, None) => {}
    }
}

fn too_small(frame: &mut Frame<'_>) {
    let area = frame.area();
    let text = format!(
        "tripletui needs {} x {} or more, this is {} x {}",
        SMALLEST.width, SMALLEST.height, area.width, area.height
    );
    ratatui::widgets::Paragraph::new(text).wrap(ratatui::widgets::Wrap { trim: true }).render(area, frame.buffer_mut());
}

/// Where everything is drawn to.
pub(super) struct Canvas<'a> {
    pub(super) state: &'a State,
    /// What a popup will cover. A picture under it is not drawn at all: terminals that paint pictures would leave a
    /// torn one, and the popup's text would stay in it.
    covered: Option<Rect>,
    pub(super) buffer: &'a mut Buffer,
}

impl Canvas<'_> {
    /// Writes a line at the left of an area, as far as there is room.
    pub(super) fn line(&mut self, area: Rect, line: Line<'_>) {
        line.render(Rect { height: area.height.min(1), ..area }, self.buffer);
    }

    /// Empties what a popup is drawn on.
    pub(super) fn clear(&mut self, area: Rect) {
        Clear.render(area, self.buffer);
        self.buffer.set_style(area, self.state.theme.ground());
    }

    /// Clears an area and draws a frame around it.
    pub(super) fn frame(&mut self, area: Rect, title: &'static str) {
        self.clear(area);
        let block = Block::bordered().border_type(BorderType::Rounded).title(title).title_style(Theme::heading());
        block.render(area, self.buffer);
    }

    /// Draws a photo's picture into an area: in the middle, or standing on its lower edge. Until it is there, a sign.
    pub(super) fn picture(&mut self, photo: PhotoId, area: Rect, place: Place) {
        if area.is_empty() || self.covered.is_some_and(|covered| covered.intersects(area)) {
            return;
        }
        let key = self.state.pictures.key(photo, area.as_size());
        let is_passing = self.state.in_hurry && place == Place::Bottom;
        let Some(picture) = self.state.pictures.get(&key).filter(|_| !is_passing) else {
            return self.no_picture(&key, area);
        };
        let size = picture.protocol.size();
        let left = area.x + area.width.saturating_sub(size.width) / 2;
        let slack = area.height.saturating_sub(size.height);
        let top = area.y + if place == Place::Middle { slack / 2 } else { slack };
        let exact = Rect::new(left, top, size.width, size.height).intersection(area);
        Image::new(&picture.protocol).render(exact, self.buffer);
    }

    fn no_picture(&mut self, key: &PictureKey, area: Rect) {
        let text = if self.state.pictures.has_failed(key) { "no picture" } else { "···" };
        let middle = Rect { y: area.y + area.height / 2, ..area };
        self.line(middle, Line::styled(text, self.state.theme.faint()).centered());
    }
}

/// Where in its area a picture lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the middle.
    Middle,
    /// On the lower edge, above its caption.
    Bottom,
}
