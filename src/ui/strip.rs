//! The steps of the walk, above the neighbours.

use ratatui::layout::{Position, Rect, Size};
use ratatui::text::Line;

use super::theme::Theme;
use super::view::{Canvas, Place};
use super::words;

/// Where the steps are drawn; how many fit follows from the width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Strip {
    pub(super) area: Rect,
    cell: u16,
}

impl Strip {
    /// The strip at the top of an area; `None` where the terminal is too small to spare the lines.
    pub(super) fn of(area: Rect, screen: Size, pictures: bool) -> Option<Self> {
        let (lines, cell, least) = if pictures { (5, 14, 30) } else { (1, 24, 20) };
        (screen.height >= least && area.width >= cell).then_some(Self { area: Rect { height: lines, ..area }, cell })
    }

    fn len(&self) -> usize {
        usize::from(self.area.width / self.cell)
    }

    /// The first step in sight: the one we are at and one ahead of it are.
    fn first(&self, at: usize, steps: usize) -> usize {
        (at + 2).min(steps).saturating_sub(self.len())
    }

    /// The steps in sight with their cells.
    pub(super) fn cells(&self, at: usize, steps: usize) -> impl Iterator<Item = (usize, Rect)> {
        let (first, cell, area) = (self.first(at, steps), self.cell, self.area);
        let last = (first + self.len()).min(steps);
        (first..last).map(move |step| {
            let x = area.x + (step - first) as u16 * cell;
            (step, Rect { x: x + 1, width: cell - 2, ..area })
        })
    }

    /// Where in a cell the picture lies; empty when there are none.
    pub(super) const fn picture(cell: Rect) -> Rect {
        Rect { height: cell.height - 1, ..cell }
    }

    /// The step under a place on the screen.
    pub(super) fn step_at(&self, place: Position, at: usize, steps: usize) -> Option<usize> {
        self.cells(at, steps).find(|(_, cell)| cell.contains(place)).map(|(step, _)| step)
    }
}

/// Draws the steps; the one we are at is marked.
pub(super) fn draw(canvas: &mut Canvas<'_>, strip: &Strip) {
    let state = canvas.state;
    let (at, steps) = (state.walk.at(), state.walk.steps());
    for (number, cell) in strip.cells(at, steps.len()) {
        let Some(step) = steps.get(number) else { return };
        let picture = Strip::picture(cell);
        if state.pictures_on {
            canvas.picture(step.query, picture, Place::Bottom);
        }
        let sign = if number == at { "▸" } else { " " };
        let more = if step.with.is_empty() { "" } else { "±" };
        let text = format!("{sign}{}{more} ", number + 1);
        let name = state.name_of(&step.query);
        let room = usize::from(cell.width).saturating_sub(words::columns_of(&text));
        let text = text + &words::cut_start(words::stem(&name), room);
        let style = if number == at { Theme::selected(true) } else { state.theme.faint() };
        canvas.line(Rect { y: picture.bottom(), height: 1, ..cell }, Line::styled(text, style));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_we_are_at_is_in_sight_and_is_found_again() {
        let strip = Strip::of(Rect::new(40, 1, 80, 30), Size::new(120, 40), true).unwrap();
        for (at, steps) in [(0, 1), (0, 9), (4, 9), (8, 9), (99, 100)] {
            let cells: Vec<_> = strip.cells(at, steps).collect();
            let (_, cell) = cells.iter().find(|(step, _)| *step == at).unwrap();
            assert_eq!(strip.step_at(cell.as_position(), at, steps), Some(at));
            assert!(at + 1 == steps || cells.iter().any(|(step, _)| *step == at + 1), "one ahead is in sight");
            assert!(cells.iter().all(|(_, cell)| cell.intersection(strip.area) == *cell));
        }
        assert_eq!(Strip::of(Rect::new(40, 1, 40, 20), Size::new(80, 24), true), None);
    }
}
