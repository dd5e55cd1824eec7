//! Photos behind a number, side by side.

use ratatui::layout::{Position, Rect, Size};
use ratatui::text::{Line, Span};

use super::examples::{self, Examples, What};
use crate::library::PhotoId;
use crate::ui::state::State;
use crate::ui::theme::Theme;
use crate::ui::view::{Canvas, Place};
use crate::ui::words;

/// Lines of text of a photo: what it is about, its part, its label and name.
const TEXT: u16 = 3;

/// What lies above the photos, in a line.
pub(super) fn heading(examples: &Examples) -> String {
    let at = format!("of the batch of step {}", examples.step);
    match examples.what {
        What::Hardest => format!("the hardest triplets {at}, the worst first"),
        What::Pairs { from, to } if to.is_finite() => {
            format!("pairs {} to {} apart {at}", super::figures::number(from), super::figures::number(to))
        }
        What::Pairs { from, .. } => format!("pairs {} or more apart {at}", super::figures::number(from)),
        What::Suspects => format!("photos that stay wrong, as of step {}", examples.step),
        What::WrongLabels => "labels that were said to be wrong; their photos are not trained on".to_owned(),
    }
}

/// Where one photo lies, counted from the first in sight.
fn cell(body: Rect, (columns, rows): (usize, usize), slot: usize) -> Option<Rect> {
    let (column, row) = ((slot % columns) as u16, slot / columns);
    let size = Size::new(body.width / columns as u16, body.height / rows as u16);
    let area = Rect::new(body.x + column * size.width, body.y + row as u16 * size.height, size.width, size.height);
    (row < rows).then(|| area.intersection(body))
}

fn picture(cell: Rect) -> Rect {
    let above = 1.min(cell.height);
    let height = cell.height.saturating_sub(TEXT);
    Rect { y: cell.y + above, height, width: cell.width.saturating_sub(2), x: cell.x + 1.min(cell.width) }
}

/// The photos in sight with their cells, and their places.
fn in_sight(state: &State, body: Rect) -> Vec<(usize, PhotoId, Rect)> {
    let Some(examples) = &state.training.examples else { return Vec::new() };
    let shape = examples::shape(examples.what, body, state.pictures_on);
    let first = state.training.examples_cursor.top * shape.0;
    let photo = |slot: usize| {
        let (row, photo) = examples::place(examples, first + slot);
        let photo = examples.rows.get(row)?.photos.get(photo)?.0;
        Some((first + slot, photo, cell(body, shape, slot)?))
    };
    (0..shape.0 * shape.1).filter_map(photo).collect()
}

/// The place of the photo under a place of the screen.
pub(super) fn place_at(state: &State, body: Rect, at: Position) -> Option<usize> {
    in_sight(state, body).into_iter().find(|(_, _, cell)| cell.contains(at)).map(|(place, ..)| place)
}

/// Pictures in sight, with the size of each.
pub(super) fn wants(state: &State, body: Rect) -> Vec<(PhotoId, Size)> {
    in_sight(state, body).into_iter().map(|(_, photo, cell)| (photo, picture(cell).as_size())).collect()
}

/// Draws the photos in sight.
pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect) {
    let state = canvas.state;
    let Some(examples) = &state.training.examples else { return };
    if examples.rows.is_empty() {
        let text = if examples.awaited { "the pairs come with the next step …" } else { "nothing is left here" };
        return canvas.line(body, Line::styled(text, state.theme.faint()).centered());
    }
    for (place, photo, cell) in in_sight(state, body) {
        let (row, part) = examples::place(examples, place);
        let Some(example) = examples.rows.get(row) else { return };
        if part == 0 {
            let width = (cell.width * examples.what.photos() as u16).min(body.right() - cell.x);
            let title = words::cut_end(&example.title, usize::from(width).saturating_sub(1)).into_owned();
            canvas.line(Rect { width, height: 1, ..cell }, Line::styled(title, Theme::heading()));
        }
        if state.pictures_on {
            canvas.picture(photo, picture(cell), Place::Bottom);
        }
        let part = example.photos.get(part).map(|(_, part)| part.as_str()).unwrap_or_default();
        captions(canvas, cell, photo, part, place == state.training.examples_cursor.selected);
    }
}

fn captions(canvas: &mut Canvas<'_>, cell: Rect, photo: PhotoId, part: &str, is_here: bool) {
    let state = canvas.state;
    let columns = usize::from(cell.width).saturating_sub(2);
    let row = state.row(&photo);
    let label = row.map(|row| row.label_words()).filter(|label| !label.is_empty());
    let name = row.map_or_else(|| photo.to_string(), |row| words::file_name(&row.name).to_owned());
    let wrong = if state.training.is_wrong(&photo) { "✗ label is wrong: " } else { "" };
    let first = if part.is_empty() { name.clone() } else { part.to_owned() };
    let second = match label {
        Some(label) => format!("{wrong}{label}"),
        None => format!("{wrong}{name}"),
    };
    let texts = [first, second].map(|text| words::cut_end(&text, columns).into_owned());
    let sign = if is_here { "▌" } else { " " };
    let top = cell.bottom().saturating_sub(2).max(cell.y + 1.min(cell.height));
    for (y, (text, number)) in (top..cell.bottom()).zip(texts.into_iter().zip(0..)) {
        let style = match (number, is_here) {
            (0, true) => Theme::selected(true),
            (0, false) => ratatui::style::Style::new(),
            _ => state.theme.label(),
        };
        let line = Line::from(vec![Span::styled(sign, state.theme.accent()), Span::styled(text, style)]);
        canvas.line(Rect { y, height: 1, ..cell }, line);
    }
}
