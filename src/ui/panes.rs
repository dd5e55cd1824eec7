//! One layout for drawing and for the mouse.

use ratatui::layout::{Rect, Size};

use super::grid::Grid;
use super::strip::Strip;

/// The smallest terminal there is a layout for.
pub(super) const SMALLEST: Size = Size::new(40, 10);

/// Which screen is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Screen {
    Library,
    Neighbors,
    Zoom,
    Skipped,
    Compare,
    Map,
    TrainingForm,
    Training,
    Examples,
    Models,
    ModelsCompared,
}

/// Where everything lies. What a screen does not have, or has no room for, is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Panes {
    pub(super) title: Rect,
    /// Labels, with a separator at their right edge.
    pub(super) sidebar: Option<Rect>,
    pub(super) query: Option<QueryPane>,
    /// The steps of the walk.
    pub(super) strip: Option<Strip>,
    pub(super) map: Option<MapPane>,
    pub(super) grid: Option<Grid>,
    /// Everything between the title and the hint line, without sidebar, query and strip.
    pub(super) body: Rect,
    pub(super) hint: Rect,
    pub(super) status: Rect,
}

/// The query beside its neighbours, with a separator at its right edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct QueryPane {
    pub(super) whole: Rect,
    pub(super) picture: Rect,
    pub(super) details: Rect,
}

/// One of two photos side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Half {
    pub(super) whole: Rect,
    pub(super) picture: Rect,
    pub(super) details: Rect,
}

/// Beside the map: the selected photo and the labels, with a separator at the right edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MapPane {
    pub(super) whole: Rect,
    pub(super) picture: Rect,
    pub(super) details: Rect,
    pub(super) legend: Rect,
}

impl Panes {
    /// The layout of a screen on a terminal of this size; `None` below 40 x 10.
    pub(super) fn of(size: Size, screen: Screen, pictures: bool) -> Option<Self> {
        if size.width < SMALLEST.width || size.height < SMALLEST.height {
            return None;
        }
        let line = |y| Rect::new(0, y, size.width, 1);
        let (title, hint, status) = (line(0), line(size.height - 2), line(size.height - 1));
        let middle = Rect::new(0, 1, size.width, size.height - 3);
        let (sidebar, query) = match screen {
            Screen::Library => (left(middle, sidebar_width(size.width)), None),
            Screen::Neighbors => (None, left(middle, query_width(size.width)).map(|whole| query_pane(whole, pictures))),
            _ => (None, None),
        };
        let map = (screen == Screen::Map).then(|| left(middle, map_width(size.width))).flatten();
        let map = map.map(|whole| map_pane(whole, pictures));
        let taken =
            sidebar.or(query.map(|query| query.whole)).or(map.map(|map| map.whole)).map_or(0, |pane| pane.width);
        let body = Rect { x: taken, width: middle.width - taken, ..middle };
        let strip = (screen == Screen::Neighbors).then(|| Strip::of(body, size, pictures)).flatten();
        let above = strip.map_or(0, |strip| strip.area.height);
        let body = Rect { y: body.y + above, height: body.height - above, ..body };
        let grid = matches!(screen, Screen::Library | Screen::Neighbors).then(|| Grid::of(body, pictures));
        Some(Self { title, sidebar, query, strip, map, grid, body, hint, status })
    }

    /// The zoomed photo: all of the body but one line of details.
    pub(super) fn zoomed(&self) -> (Rect, Rect) {
        let picture = Rect { height: self.body.height - 1, ..self.body };
        (picture, Rect { y: picture.bottom(), height: 1, ..self.body })
    }

    /// Two photos side by side, with what is known of them below.
    pub(super) fn halves(&self, pictures: bool) -> [Half; 2] {
        let width = self.body.width / 2;
        let left = Rect { width, ..self.body };
        let right = Rect { x: left.right(), width: self.body.width - width, ..self.body };
        [left, right].map(|whole| {
            let inner = Rect { x: whole.x + 1, width: whole.width.saturating_sub(3), ..whole };
            let lines = if pictures { inner.height.saturating_sub(6).max(inner.height / 2) } else { 0 };
            let picture = Rect { height: lines, ..inner };
            Half { whole, picture, details: Rect { y: picture.bottom(), height: inner.height - lines, ..inner } }
        })
    }

    /// The part of the sidebar that is text.
    pub(super) fn sidebar_lines(&self) -> Option<Rect> {
        self.sidebar.map(|pane| Rect { width: pane.width - 2, ..pane })
    }
}

/// The popup of the help, in the middle of the screen.
pub(super) fn popup(size: Size, wanted: Size) -> Rect {
    let width = wanted.width.min(size.width.saturating_sub(4));
    let height = wanted.height.min(size.height.saturating_sub(2));
    Rect::new((size.width - width) / 2, (size.height - height) / 2, width, height)
}

fn left(area: Rect, width: u16) -> Option<Rect> {
    (width > 0).then_some(Rect { width, ..area })
}

const fn sidebar_width(columns: u16) -> u16 {
    match columns {
        ..70 => 0,
        70..110 => 18,
        110..160 => 22,
        _ => 26,
    }
}

const fn query_width(columns: u16) -> u16 {
    match columns {
        ..64 => 0,
        64..100 => columns * 2 / 5,
        _ => columns * 7 / 20,
    }
}

const fn map_width(columns: u16) -> u16 {
    match columns {
        ..64 => 0,
        64..100 => 24,
        100..160 => 32,
        _ => 44,
    }
}

fn map_pane(whole: Rect, pictures: bool) -> MapPane {
    let inner = Rect { x: whole.x + 1, width: whole.width - 3, ..whole };
    // A photo is about 4:3, and a terminal cell twice as high as wide; half of the pane is left to the labels.
    let lines = if pictures { (inner.width * 3 / 8).min(inner.height / 2) } else { 0 };
    let picture = Rect { height: lines, ..inner };
    let details = Rect { y: picture.bottom(), height: 3.min(inner.height - lines), ..inner };
    let legend = Rect { y: (details.bottom() + 1).min(inner.bottom()), ..inner };
    MapPane { whole, picture, details, legend: Rect { height: inner.bottom() - legend.y, ..legend } }
}

fn query_pane(whole: Rect, pictures: bool) -> QueryPane {
    let inner = Rect { x: whole.x + 1, width: whole.width - 3, ..whole };
    // A tall terminal gives the picture no more than a square's height; the details follow it.
    let lines = if pictures { inner.height.saturating_sub(7).min(inner.width / 2 + 2) } else { 0 };
    let picture = Rect { height: lines, ..inner };
    let details = Rect { y: picture.bottom(), height: inner.height - lines, ..inner };
    QueryPane { whole, picture, details }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panes_fill_the_screen_and_do_not_overlap() {
        for (width, height) in [(40, 10), (64, 12), (80, 24), (120, 40), (200, 60), (500, 200)] {
            let screens =
                [Screen::Library, Screen::Neighbors, Screen::Zoom, Screen::Skipped, Screen::Compare, Screen::Map];
            for screen in screens {
                let panes = Panes::of(Size::new(width, height), screen, true).unwrap();
                let side = panes.sidebar.or(panes.query.map(|query| query.whole)).or(panes.map.map(|map| map.whole));
                let strip = panes.strip.map(|strip| strip.area);
                let parts = [Some(panes.title), side, strip, Some(panes.body), Some(panes.hint), Some(panes.status)];
                let area: u32 = parts.into_iter().flatten().map(Rect::area).sum();
                assert_eq!(area, u32::from(width) * u32::from(height), "{width}x{height} {screen:?}");
            }
        }
    }

    #[test]
    fn below_forty_by_ten_there_is_no_layout() {
        for (width, height) in [(39, 10), (40, 9), (1, 1), (0, 0)] {
            assert_eq!(Panes::of(Size::new(width, height), Screen::Library, true), None);
        }
    }
}
