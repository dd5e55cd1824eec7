//! Rows gathered into small cells of neighbours in space, and cells into groups: what the tree holds instead of rows.
//!
//! Both come from halving the rows again and again at the median of the axis along which they spread most. A cell keeps
//! the projections of its rows axis by axis, sixteen rows abreast, and a group the boxes of its cells, sixteen abreast:
//! one pass computes sixteen lower bounds.

use super::kernel::{Kernel, LANES};
use crate::embedding::Numbers;

/// Rows in a cell, at most: whole blocks of sixteen.
const CELL: usize = 32;

/// Rows in a group, at most: whole blocks of sixteen cells.
const GROUP: usize = 32 * CELL;

/// All rows, group after group, cell after cell. Every cell of a group but its last is full.
#[derive(Clone, Debug)]
pub(crate) struct Cells {
    axes: usize,
    /// Row numbers in the order of the cells.
    rows: Vec<u32>,
    /// `[block of rows, axis, 16]`; what does not fill a block is zero and has no row number.
    projections: Numbers,
    groups: Vec<Group>,
    /// `[block of cells, axis, low and high, 16]`; what does not fill a block is a box at infinity.
    boxes: Numbers,
}

/// Where a group's rows, projections and boxes begin, and how many rows it has.
#[derive(Clone, Copy, Debug)]
struct Group {
    first_row: usize,
    first_projection: usize,
    first_box: usize,
    len: usize,
}

/// One cell: the number of its group, and its own within the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cell {
    group: u32,
    place: u32,
}

/// An axis-parallel box: the smallest and the largest coordinate along each axis.
#[derive(Clone, Debug)]
pub(crate) struct Extent {
    /// Smallest coordinate along each axis.
    pub(crate) low: Vec<f32>,
    /// Largest coordinate along each axis.
    pub(crate) high: Vec<f32>,
}

/// The projected rows while they are being gathered, `[n, axes]` row-major.
#[derive(Clone, Copy)]
struct Points<'a> {
    coordinates: &'a [f32],
    axes: usize,
}

impl<'a> Points<'a> {
    fn of(self, row: u32) -> &'a [f32] {
        let start = row as usize * self.axes;
        self.coordinates.get(start..start + self.axes).unwrap_or_default()
    }

    fn extent(self, rows: &[u32]) -> Extent {
        let mut extent = Extent { low: vec![f32::INFINITY; self.axes], high: vec![f32::NEG_INFINITY; self.axes] };
        for row in rows {
            for ((low, high), value) in extent.low.iter_mut().zip(&mut extent.high).zip(self.of(*row)) {
                *low = low.min(*value);
                *high = high.max(*value);
            }
        }
        extent
    }

    /// Reorders `rows` so that runs of `size` of them (the last may be shorter) lie together in space.
    fn gather(self, rows: &mut [u32], size: usize) {
        let mut open = vec![rows];
        while let Some(part) = open.pop() {
            if part.len() <= size {
                continue;
            }
            let axis = self.extent(part).widest();
            let coordinate = |row: &u32| self.of(*row).get(axis).copied().unwrap_or(0.0);
            let middle = (part.len() / 2).next_multiple_of(size);
            part.select_nth_unstable_by(middle, |a, b| coordinate(a).total_cmp(&coordinate(b)).then(a.cmp(b)));
            let (left, right) = part.split_at_mut(middle);
            open.extend([left, right]);
        }
    }
}

impl Cells {
    /// Gathers `n` projected rows, `coordinates` being `[n, axes]` row-major.
    pub(crate) fn new(coordinates: &[f32], n: usize, axes: usize) -> Self {
        let points = Points { coordinates, axes };
        let mut rows: Vec<u32> = (0..n as u32).collect();
        points.gather(&mut rows, GROUP);
        let mut cells = Self {
            axes,
            rows: Vec::new(),
            projections: Numbers::with_capacity(n.next_multiple_of(LANES) * axes),
            groups: Vec::with_capacity(n.div_ceil(GROUP)),
            boxes: Numbers::with_capacity(n.div_ceil(CELL).next_multiple_of(LANES) * 2 * axes),
        };
        for group in rows.chunks_mut(GROUP) {
            points.gather(group, CELL);
            cells.push_group(group, points);
        }
        cells.rows = rows;
        cells
    }

    fn push_group(&mut self, rows: &[u32], points: Points<'_>) {
        let first_row = self.groups.last().map_or(0, |last| last.first_row + last.len);
        let (first_projection, first_box) = (self.projections.len(), self.boxes.len());
        self.groups.push(Group { first_row, first_projection, first_box, len: rows.len() });
        for some in rows.chunks(LANES) {
            let block = self.projections.extend_by(self.axes * LANES, 0.0);
            for (lane, row) in some.iter().enumerate() {
                block.iter_mut().skip(lane).step_by(LANES).zip(points.of(*row)).for_each(|(place, v)| *place = *v);
            }
        }
        let cells: Vec<Extent> = rows.chunks(CELL).map(|cell| points.extent(cell)).collect();
        for some in cells.chunks(LANES) {
            let block = self.boxes.extend_by(self.axes * 2 * LANES, f32::INFINITY);
            for (lane, extent) in some.iter().enumerate() {
                let bounds = extent.low.iter().zip(&extent.high).flat_map(|(low, high)| [*low, *high]);
                block.iter_mut().skip(lane).step_by(LANES).zip(bounds).for_each(|(place, v)| *place = v);
            }
        }
    }

    /// Number of groups.
    pub(crate) const fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Axes kept of each row.
    pub(crate) const fn axes(&self) -> usize {
        self.axes
    }

    /// The box around a group.
    pub(crate) fn extent(&self, group: usize) -> Extent {
        let mut extent = Extent { low: vec![f32::INFINITY; self.axes], high: vec![f32::NEG_INFINITY; self.axes] };
        let Some(group) = self.groups.get(group) else {
            return extent;
        };
        let blocks = self.boxes.get(group.first_box..).unwrap_or_default().chunks(self.axes.max(1) * 2 * LANES);
        let mut cells = group.len.div_ceil(CELL);
        for block in blocks.take(cells.div_ceil(LANES)) {
            let axes = extent.low.iter_mut().zip(&mut extent.high).zip(block.chunks_exact(2 * LANES));
            for ((low, high), bounds) in axes {
                let (lows, highs) = bounds.split_at(LANES);
                *low = lows.iter().take(cells).fold(*low, |a, b| a.min(*b));
                *high = highs.iter().take(cells).fold(*high, |a, b| a.max(*b));
            }
            cells -= cells.min(LANES);
        }
        extent
    }

    /// Calls `visit` with each cell of a group and the squared distance from `point` to its box along the leading axes.
    pub(crate) fn cell_bounds(&self, kernel: Kernel, group: usize, point: &[f32], mut visit: impl FnMut(f32, Cell)) {
        let Some(held) = self.groups.get(group) else {
            return;
        };
        let cells = held.len.div_ceil(CELL);
        let blocks = self.boxes.get(held.first_box..).unwrap_or_default().chunks(self.axes.max(1) * 2 * LANES);
        for (i, block) in blocks.chain(std::iter::repeat(&[][..])).take(cells.div_ceil(LANES)).enumerate() {
            let bounds = kernel.box_distances(point, block);
            for (place, bound) in (i * LANES..cells).zip(bounds) {
                visit(bound, Cell { group: group as u32, place: place as u32 });
            }
        }
    }

    /// The blocks of a cell: the row numbers (sixteen or fewer) and their `[axes, 16]` projections.
    pub(crate) fn blocks(&self, cell: Cell) -> impl Iterator<Item = (&[u32], &[f32])> {
        let size = self.axes * LANES;
        let (rows, projections) = self.groups.get(cell.group as usize).map_or((&[][..], &[][..]), |group| {
            let (start, end) = (cell.place as usize * CELL, group.len.min((cell.place as usize + 1) * CELL));
            let rows = self.rows.get(group.first_row + start..group.first_row + end).unwrap_or_default();
            (rows, self.projections.get(group.first_projection + start / LANES * size..).unwrap_or_default())
        });
        rows.chunks(LANES).zip(projections.chunks(size.max(1)).chain(std::iter::repeat(&[][..])))
    }

    /// Bytes held.
    pub(crate) fn memory_bytes(&self) -> usize {
        let numbers = self.projections.memory_bytes() + self.boxes.memory_bytes();
        self.groups.capacity() * size_of::<Group>() + self.rows.capacity() * size_of::<u32>() + numbers
    }
}

impl Extent {
    fn widest(&self) -> usize {
        let widths = self.low.iter().zip(&self.high).map(|(low, high)| high - low).enumerate();
        widths.max_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(axis, _)| axis)
    }
}
