//! Which part of the plane is in sight, and where on the screen a place lies.

use ratatui::layout::{Position, Rect};

/// Braille dots of a cell: across, down.
pub(in crate::ui) const DOTS: (u16, u16) = (2, 4);
/// Places closer than this are one.
const SMALLEST: f32 = 1e-5;
/// How far one can zoom in.
const MOST_ZOOM: f32 = 4096.0;

/// The rectangle that holds every place; never empty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::ui) struct Bounds {
    low: [f32; 2],
    size: [f32; 2],
}

impl Default for Bounds {
    fn default() -> Self {
        Self::of(&[])
    }
}

impl Bounds {
    /// The bounds of these places. What is not finite counts for nothing.
    pub(in crate::ui) fn of(places: &[[f32; 2]]) -> Self {
        let mut bounds = Self { low: [0.0; 2], size: [0.0; 2] };
        for (axis, (low, size)) in bounds.low.iter_mut().zip(&mut bounds.size).enumerate() {
            let along = places.iter().filter_map(|place| place.get(axis)).filter(|value| value.is_finite());
            let (least, most) = along.fold((f32::MAX, f32::MIN), |(least, most), v| (least.min(*v), most.max(*v)));
            let (least, most) = if least <= most { (least, most) } else { (0.0, 0.0) };
            *size = (most - least).max(SMALLEST);
            *low = f32::midpoint(least, most) - *size / 2.0;
        }
        bounds
    }

    /// The place at these shares of the bounds.
    fn place(&self, shares: [f32; 2]) -> [f32; 2] {
        [self.low[0] + shares[0] * self.size[0], self.low[1] + shares[1] * self.size[1]]
    }

    pub(super) fn shares(&self, place: [f32; 2]) -> [f32; 2] {
        [(place[0] - self.low[0]) / self.size[0], (place[1] - self.low[1]) / self.size[1]]
    }
}

/// The part of the bounds in sight: it follows them while the map is still moving.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::ui) struct Window {
    /// Its middle, in shares of the bounds.
    middle: [f32; 2],
    zoom: f32,
}

impl Default for Window {
    fn default() -> Self {
        Self { middle: [0.5; 2], zoom: 1.0 }
    }
}

impl Window {
    /// How much larger than the whole map it shows things.
    pub(in crate::ui) const fn zoom(&self) -> f32 {
        self.zoom
    }

    /// Shows things `factor` times larger; what lies at `place` stays where it is on the screen.
    pub(in crate::ui) fn magnify(&mut self, factor: f32, bounds: &Bounds, place: [f32; 2]) {
        let zoom = (self.zoom * factor).clamp(1.0, MOST_ZOOM);
        let (kept, fixed) = (self.zoom / zoom, bounds.shares(place));
        self.zoom = zoom;
        let middle = [0, 1].map(|axis: usize| fixed[axis] + (self.middle[axis] - fixed[axis]) * kept);
        self.look_at(if zoom > 1.0 { middle } else { [0.5; 2] });
    }

    /// Moves over the plane, in shares of what is in sight: to the right and up.
    pub(in crate::ui) fn pan(&mut self, across: f32, up: f32, bounds: &Bounds, area: Rect) {
        let projection = Projection::of(bounds, self, area);
        let (width, height) = projection.size();
        let by = [across * width * projection.unit, up * height * projection.unit];
        self.look_at([0, 1].map(|axis: usize| self.middle[axis] + by[axis] / bounds.size[axis]));
    }

    /// Moves just so far that a place is in sight.
    pub(in crate::ui) fn reveal(&mut self, place: [f32; 2], bounds: &Bounds, area: Rect) {
        if Projection::of(bounds, self, area).cell(place).is_none() {
            self.look_at(bounds.shares(place));
        }
    }

    fn look_at(&mut self, middle: [f32; 2]) {
        self.middle = middle.map(|share| if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.5 });
    }
}

/// From places to the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::ui) struct Projection {
    area: Rect,
    middle: [f32; 2],
    /// Distance on the map from one braille dot to the next; the same in both directions.
    unit: f32,
}

impl Projection {
    /// Fits the bounds, seen through the window, into an area.
    pub(in crate::ui) fn of(bounds: &Bounds, window: &Window, area: Rect) -> Self {
        let room = |cells: u16, dots: u16| f32::from(cells.saturating_mul(dots).saturating_sub(2).max(1));
        let across = bounds.size[0] / room(area.width, DOTS.0);
        let down = bounds.size[1] / room(area.height, DOTS.1);
        Self { area, middle: bounds.place(window.middle), unit: across.max(down) / window.zoom }
    }

    /// Braille dots across and down.
    fn size(&self) -> (f32, f32) {
        (f32::from(self.area.width) * f32::from(DOTS.0), f32::from(self.area.height) * f32::from(DOTS.1))
    }

    /// Where a place lies, in braille dots from the top left of the area, in sight or not.
    pub(in crate::ui) fn dot(&self, place: [f32; 2]) -> [f32; 2] {
        let (width, height) = self.size();
        let across = (place[0] - self.middle[0]) / self.unit + width / 2.0;
        let down = (self.middle[1] - place[1]) / self.unit + height / 2.0;
        [across, down]
    }

    /// The rectangle of dots that holds every place between two corners: how far across, how far down.
    pub(in crate::ui) fn dots(&self, low: [f32; 2], high: [f32; 2]) -> [(f32, f32); 2] {
        let ([left, bottom], [right, top]) = (self.dot(low), self.dot(high));
        [(left, right), (top, bottom)]
    }

    /// The braille dot of a place, if it is in sight.
    pub(in crate::ui) fn in_sight(&self, place: [f32; 2]) -> Option<(u16, u16)> {
        let ([across, down], (width, height)) = (self.dot(place), self.size());
        let is_inside = across >= 0.0 && down >= 0.0 && across < width && down < height;
        is_inside.then_some((across as u16, down as u16))
    }

    /// The cell of a place, if it is in sight.
    pub(in crate::ui) fn cell(&self, place: [f32; 2]) -> Option<Position> {
        let (across, down) = self.in_sight(place)?;
        Some(Position::new(self.area.x + across / DOTS.0, self.area.y + down / DOTS.1))
    }

    /// The place in the middle of a cell.
    pub(in crate::ui) fn place(&self, at: Position) -> [f32; 2] {
        let (width, height) = self.size();
        let middle = |cell: u16, first: u16, dots: u16| (f32::from(cell.saturating_sub(first)) + 0.5) * f32::from(dots);
        let across = middle(at.x, self.area.x, DOTS.0) - width / 2.0;
        let down = middle(at.y, self.area.y, DOTS.1) - height / 2.0;
        [self.middle[0] + across * self.unit, self.middle[1] - down * self.unit]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Rect = Rect::new(10, 1, 60, 20);

    #[test]
    fn all_places_are_in_sight_and_a_cell_finds_its_place_again() {
        for places in [vec![[0.0, 0.0], [3.0, 1.0], [1.0, -7.0]], vec![[5.0, 5.0]], vec![[-2.0, 4.0], [900.0, 4.0]]] {
            let bounds = Bounds::of(&places);
            let projection = Projection::of(&bounds, &Window::default(), AREA);
            for place in places {
                let cell = projection.cell(place).unwrap();
                assert!(AREA.contains(cell));
                assert_eq!(projection.cell(projection.place(cell)), Some(cell));
            }
        }
    }

    #[test]
    fn what_one_zooms_into_stays_where_it_is() {
        let bounds = Bounds::of(&[[0.0, 0.0], [8.0, 8.0]]);
        let (mut window, place) = (Window::default(), [6.0, 2.0]);
        let before = Projection::of(&bounds, &window, AREA).cell(place);
        window.magnify(4.0, &bounds, place);
        assert_eq!(Projection::of(&bounds, &window, AREA).cell(place), before);
        assert_eq!(Projection::of(&bounds, &window, AREA).cell([0.0, 8.0]), None);
        window.reveal([0.0, 8.0], &bounds, AREA);
        assert!(Projection::of(&bounds, &window, AREA).cell([0.0, 8.0]).is_some());
        window.magnify(1e-3, &bounds, place);
        assert_eq!(window, Window::default());
    }

    #[test]
    fn nothing_and_what_is_not_finite_have_bounds() {
        for places in [vec![], vec![[f32::NAN, f32::INFINITY]]] {
            let bounds = Bounds::of(&places);
            let projection = Projection::of(&bounds, &Window::default(), Rect::new(0, 0, 1, 1));
            assert!(projection.cell([0.0, 0.0]).is_some());
            assert_eq!(projection.cell([f32::NAN, 0.0]), None);
        }
    }
}
