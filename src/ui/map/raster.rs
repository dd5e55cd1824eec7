//! Many dots in few cells: braille where they are few, shades where they are many.

use ratatui::layout::Rect;

use super::Map;
use super::window::{DOTS, Projection};

/// With more photos than this in a cell its dots are all set, and a shade says how many there are.
const FULL: u32 = 8;
/// Shades for more and more photos.
const SHADES: [char; 3] = ['▒', '▓', '█'];

/// What lies in one cell. Where there are bright dots, the others count for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::ui) struct Spot {
    /// The braille dots that are set.
    mask: u8,
    /// How many photos there are.
    pub(in crate::ui) count: u32,
    pub(in crate::ui) bright: bool,
    /// The label most of them have (Boyer and Moore's majority vote: exact where one has more than half).
    pub(in crate::ui) rank: Option<u16>,
    votes: u32,
}

impl Spot {
    fn add(&mut self, bit: u8, rank: Option<u16>, bright: bool) {
        if bright && !self.bright {
            *self = Self { bright, ..Self::default() };
        }
        if self.bright && !bright {
            return;
        }
        self.mask |= bit;
        self.count += 1;
        if self.votes == 0 {
            self.rank = rank;
        }
        self.votes = if self.rank == rank { self.votes + 1 } else { self.votes - 1 };
    }

    /// The character for it where the fullest cell holds `most` photos; none for an empty cell.
    pub(in crate::ui) fn symbol(&self, most: u32) -> Option<char> {
        match self.count {
            0 => None,
            1..=FULL => char::from_u32(0x2800 + u32::from(self.mask)),
            count => {
                let share = (count as f32 / FULL as f32).ln() / (most.max(FULL + 1) as f32 / FULL as f32).ln();
                SHADES.get(((share * SHADES.len() as f32) as usize).min(SHADES.len() - 1)).copied()
            }
        }
    }
}

/// The spots of an area, row after row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ui) struct Raster {
    width: u16,
    spots: Vec<Spot>,
}

impl Raster {
    /// Puts every dot of the map that is in sight into its cell.
    pub(in crate::ui) fn of(map: &Map, projection: &Projection, area: Rect) -> Self {
        let mut raster = Self { width: area.width, spots: vec![Spot::default(); area.area() as usize] };
        let places = map.layout.iter().flat_map(|layout| layout.places.iter());
        for (place, dot) in places.zip(&map.dots) {
            let Some((across, down)) = projection.in_sight(*place) else { continue };
            let cell = usize::from(down / DOTS.1) * usize::from(area.width) + usize::from(across / DOTS.0);
            if let Some(spot) = raster.spots.get_mut(cell) {
                spot.add(bit(across % DOTS.0, down % DOTS.1), map.rank(dot), dot.bright);
            }
        }
        raster
    }

    /// What lies at a column and a line of the area.
    pub(in crate::ui) fn spot(&self, across: u16, down: u16) -> Option<&Spot> {
        self.spots.get(usize::from(down) * usize::from(self.width) + usize::from(across))
    }

    /// Photos in the fullest cell.
    pub(in crate::ui) fn most(&self) -> u32 {
        self.spots.iter().map(|spot| spot.count).max().unwrap_or(0)
    }

    /// The cells that are not empty: column and line within the area, and what lies there.
    pub(in crate::ui) fn spots(&self) -> impl Iterator<Item = (u16, u16, &Spot)> {
        let cells = self.spots.chunks(usize::from(self.width.max(1))).zip(0..);
        cells
            .flat_map(|(line, y)| line.iter().zip(0..).map(move |(spot, x)| (x, y, spot)))
            .filter(|(.., spot)| spot.count > 0)
    }
}

/// The bit of a braille dot in its character (Unicode, "Braille Patterns"): the lowest line was added last.
const fn bit(across: u16, down: u16) -> u8 {
    match (across, down) {
        (0, 3) => 1 << 6,
        (_, 3) => 1 << 7,
        (0, line) => 1 << line,
        (_, line) => 1 << (line + 3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_set_where_they_lie() {
        let shown = |dots: &[(u16, u16)]| {
            let mut spot = Spot::default();
            for (across, down) in dots {
                spot.add(bit(*across, *down), None, true);
            }
            spot.symbol(1)
        };
        assert_eq!(shown(&[(0, 0)]), Some('⠁'));
        assert_eq!(shown(&[(1, 0), (0, 3), (1, 3)]), Some('⣈'));
        assert_eq!(shown(&[(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (1, 2), (1, 3)]), Some('⣿'));
        assert_eq!(shown(&[]), None);
    }

    #[test]
    fn more_photos_than_dots_are_a_shade() {
        let shade = |count: u32| Spot { count, mask: 0xff, ..Spot::default() }.symbol(1000);
        assert_eq!([8, 9, 30, 80, 1000].map(shade), ['⣿', '▒', '▒', '▓', '█'].map(Some));
    }

    #[test]
    fn bright_dots_hide_the_others_and_the_most_frequent_label_wins() {
        let mut spot = Spot::default();
        spot.add(1, Some(4), false);
        for rank in [2, 3, 2] {
            spot.add(2, Some(rank), true);
        }
        spot.add(4, Some(4), false);
        assert_eq!((spot.mask, spot.count, spot.rank, spot.bright), (2, 3, Some(2), true));
    }
}
