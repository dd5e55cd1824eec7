//! Where the cells of a grid lie, and how a selection moves over them.

use ratatui::layout::{Position, Rect, Size};

use super::keys::Action;

/// A grid of equally large cells: a picture, and under it one or two lines of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    area: Rect,
    /// Cells side by side, at least one.
    pub(super) columns: usize,
    /// Rows of cells that fit, at least one.
    pub(super) rows: usize,
    cell: Size,
    /// Lines of text under each picture.
    pub(super) captions: u16,
}

/// The parts of one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// One column at the left, which shows the selection.
    pub(super) edge: Rect,
    /// Where the picture goes; empty without pictures.
    pub(super) picture: Rect,
    /// The lines of text.
    pub(super) caption: Rect,
}

impl Grid {
    /// The grid that fills this area well. Without pictures the cells are as high as their text.
    pub(super) fn of(area: Rect, pictures: bool) -> Self {
        let (width, captions) = if pictures { (cell_width(area), 1 + u16::from(area.height >= 16)) } else { (36, 2) };
        let columns = (area.width / width).max(1);
        let width = area.width / columns;
        // A photo is about 4:3, and a terminal cell twice as high as wide.
        let picture = if pictures { (width.saturating_sub(2) * 3).div_ceil(8) } else { 1 };
        let ideal = picture + captions;
        let rows = if pictures { (area.height + ideal / 2) / ideal } else { area.height / ideal }.max(1);
        let height = if pictures { area.height / rows } else { ideal.min(area.height) };
        let captions = captions.min(height);
        Self { area, columns: columns.into(), rows: rows.into(), cell: Size::new(width, height), captions }
    }

    /// Cells in sight.
    pub(super) const fn page(&self) -> usize {
        self.columns * self.rows
    }

    /// Columns and lines a picture may fill; the same in every cell.
    pub(super) const fn picture(&self) -> Size {
        Size::new(self.cell.width.saturating_sub(2), self.cell.height.saturating_sub(self.captions))
    }

    /// The cell in this slot, counted row by row from the top left one in sight.
    pub(super) fn cell(&self, slot: usize) -> Option<Cell> {
        if slot >= self.page() {
            return None;
        }
        let x = self.area.x + (slot % self.columns) as u16 * self.cell.width;
        let y = self.area.y + (slot / self.columns) as u16 * self.cell.height;
        let whole = Rect::new(x, y, self.cell.width, self.cell.height).intersection(self.area);
        let edge = Rect { width: whole.width.min(1), ..whole };
        let inner = Rect { x: whole.x + edge.width, width: whole.width.saturating_sub(2), ..whole };
        let captions = self.captions.min(inner.height);
        let caption = Rect { y: inner.bottom() - captions, height: captions, ..inner };
        Some(Cell { edge, picture: Rect { height: inner.height - captions, ..inner }, caption })
    }

    /// The slot under a place on the screen.
    pub(super) fn slot_at(&self, at: Position) -> Option<usize> {
        if !self.area.contains(at) || self.cell.width == 0 || self.cell.height == 0 {
            return None;
        }
        let column = usize::from((at.x - self.area.x) / self.cell.width);
        let row = usize::from((at.y - self.area.y) / self.cell.height);
        (column < self.columns && row < self.rows).then_some(row * self.columns + column)
    }
}

/// Large enough to recognise a photo in half-blocks, small enough for several side by side.
const fn cell_width(area: Rect) -> u16 {
    match area.width {
        ..60 => 18,
        60..120 => 20,
        _ => 24,
    }
}

/// A step of the selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Motion {
    Left(usize),
    Right(usize),
    Up(usize),
    Down(usize),
    PageUp(usize),
    PageDown(usize),
    To(usize),
    Last,
}

impl Motion {
    /// The step that an action means, `count` times; `None`: it moves nothing.
    pub(super) fn of(action: Action, count: Option<usize>) -> Option<Self> {
        let times = count.unwrap_or(1);
        match action {
            Action::Left => Some(Self::Left(times)),
            Action::Right => Some(Self::Right(times)),
            Action::Up => Some(Self::Up(times)),
            Action::Down => Some(Self::Down(times)),
            Action::PageUp => Some(Self::PageUp(times)),
            Action::PageDown => Some(Self::PageDown(times)),
            Action::First => Some(Self::To(times.saturating_sub(1))),
            Action::Last => Some(count.map_or(Self::Last, |place| Self::To(place.saturating_sub(1)))),
            _ => None,
        }
    }
}

/// Which item is selected and which row is the first in sight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) selected: usize,
    pub(super) top: usize,
}

impl Cursor {
    /// Moves the selection among `len` items in a grid of this many columns and rows.
    pub(super) fn step(&mut self, motion: Motion, len: usize, (columns, rows): (usize, usize)) {
        let last = len.saturating_sub(1);
        let columns = columns.max(1);
        let up = |count: usize| {
            let rows = count.min(self.selected / columns);
            self.selected - rows * columns
        };
        let down = |count: usize| {
            let rows = count.min(last / columns - (self.selected / columns).min(last / columns));
            (self.selected + rows * columns).min(last)
        };
        self.selected = match motion {
            Motion::Left(count) => self.selected.saturating_sub(count),
            Motion::Right(count) => self.selected.saturating_add(count).min(last),
            Motion::Up(count) => up(count),
            Motion::Down(count) => down(count),
            Motion::PageUp(count) => up(count.saturating_mul(rows.max(1))),
            Motion::PageDown(count) => down(count.saturating_mul(rows.max(1))),
            Motion::To(place) => place.min(last),
            Motion::Last => last,
        };
    }

    /// Brings the selection into the list and into sight, and leaves no empty rows below the last.
    pub(super) fn settle(&mut self, len: usize, (columns, rows): (usize, usize)) {
        let (columns, rows) = (columns.max(1), rows.max(1));
        self.selected = self.selected.min(len.saturating_sub(1));
        let row = self.selected / columns;
        let lowest = len.div_ceil(columns).saturating_sub(rows);
        self.top = self.top.clamp((row + 1).saturating_sub(rows), row).min(lowest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_lie_inside_and_a_click_finds_them_again() {
        for (width, height) in [(1, 1), (20, 5), (40, 10), (62, 21), (174, 57), (0, 0), (3, 200)] {
            for pictures in [true, false] {
                let area = Rect::new(5, 2, width, height);
                let grid = Grid::of(area, pictures);
                for slot in 0..grid.page() {
                    let cell = grid.cell(slot).unwrap();
                    for part in [cell.edge, cell.picture, cell.caption].into_iter().filter(|part| !part.is_empty()) {
                        assert_eq!(part.intersection(area), part, "{width}x{height}");
                        assert_eq!(grid.slot_at(part.as_position()), Some(slot), "{width}x{height}");
                    }
                }
                assert_eq!(grid.slot_at(Position::new(0, 0)), None);
            }
        }
    }

    #[test]
    fn a_common_terminal_shows_a_useful_number_of_pictures() {
        let small = Grid::of(Rect::new(0, 0, 62, 21), true);
        assert_eq!((small.columns, small.rows, small.picture()), (3, 2, Size::new(18, 8)));
        let large = Grid::of(Rect::new(0, 0, 174, 57), true);
        assert_eq!((large.columns, large.rows, large.picture()), (7, 5, Size::new(22, 9)));
    }

    #[test]
    fn the_selection_stays_in_its_column_and_in_the_list() {
        let mut cursor = Cursor { selected: 4, top: 0 };
        let mut go = |motion| {
            cursor.step(motion, 11, (3, 2));
            cursor.settle(11, (3, 2));
            (cursor.selected, cursor.top)
        };
        assert_eq!(go(Motion::Down(1)), (7, 1));
        assert_eq!(go(Motion::Down(9)), (10, 2));
        assert_eq!(go(Motion::Up(1)), (7, 2));
        assert_eq!(go(Motion::Up(99)), (1, 0));
        assert_eq!(go(Motion::PageDown(1)), (7, 1));
        assert_eq!(go(Motion::Last), (10, 2));
        assert_eq!(go(Motion::Right(1)), (10, 2));
        assert_eq!(go(Motion::To(3)), (3, 1));
        assert_eq!(go(Motion::Left(99)), (0, 0));
    }

    #[test]
    fn an_empty_list_has_no_place_to_go() {
        let mut cursor = Cursor { selected: 7, top: 7 };
        cursor.step(Motion::Down(1), 0, (0, 0));
        cursor.settle(0, (0, 0));
        assert_eq!(cursor, Cursor::default());
    }
}
