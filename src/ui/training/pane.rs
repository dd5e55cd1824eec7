//! Which panes there are and where they lie.

use ratatui::layout::Rect;

/// One pane of the training screen, in the order in which they matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Pane {
    #[default]
    Loss,
    Active,
    Distances,
    Validation,
    Neighbors,
    Hardness,
    Spread,
    Gradient,
    Rate,
    Speed,
}

impl Pane {
    /// All of them.
    pub(super) const ALL: [Self; 10] = [
        Self::Loss,
        Self::Active,
        Self::Distances,
        Self::Validation,
        Self::Neighbors,
        Self::Hardness,
        Self::Spread,
        Self::Gradient,
        Self::Rate,
        Self::Speed,
    ];

    /// What it shows.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Active => "active triplets",
            Self::Distances => "distances",
            Self::Validation => "validation",
            Self::Neighbors => "neighbours",
            Self::Hardness => "hardness",
            Self::Spread => "spread",
            Self::Gradient => "gradient norm",
            Self::Rate => "learning rate",
            Self::Speed => "photos/s",
        }
    }
}

/// Columns from which on the neighbours stand beside all other panes.
const WIDE: u16 = 150;
/// The smallest pane that says something.
const LEAST: (u16, u16) = (38, 8);

/// Where everything of the training screen lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// How it goes, in words.
    pub(super) head: Rect,
    /// In rows, each as long as the one before or shorter.
    pub(super) panes: Vec<(Pane, Rect)>,
    /// Panes side by side.
    pub(super) columns: usize,
    /// The values under the cursor; empty without one.
    pub(super) foot: Rect,
}

impl Layout {
    /// The layout of a body, with the pane in focus in sight; alone when it is zoomed.
    pub(super) fn of(body: Rect, focus: Pane, zoomed: bool, cursor: bool) -> Self {
        let head = Rect { height: head_lines(body.height), ..body };
        let foot_lines = if cursor { (body.height / 10).clamp(1, 3) } else { 0 };
        let rest = Rect { y: head.bottom(), height: body.height.saturating_sub(head.height + foot_lines), ..body };
        let foot = Rect { y: rest.bottom(), height: foot_lines, ..body };
        if zoomed {
            return Self { head, panes: vec![(focus, rest)], columns: 1, foot };
        }
        let (beside, rest) = beside(rest);
        let columns = (rest.width / LEAST.0).clamp(1, 3);
        let rows = (rest.height / LEAST.1).clamp(1, 3);
        let shown = shown(focus, usize::from(columns * rows), beside.is_some());
        let mut panes: Vec<(Pane, Rect)> =
            shown.into_iter().zip(0..).map(|(pane, slot)| (pane, slot_area(rest, (columns, rows), slot))).collect();
        panes.extend(beside.map(|area| (Pane::Neighbors, area)));
        Self { head, panes, columns: columns.into(), foot }
    }

    /// Where a pane lies, if it is in sight.
    pub(super) fn area(&self, pane: Pane) -> Option<Rect> {
        self.panes.iter().find(|(other, _)| *other == pane).map(|(_, area)| *area)
    }
}

const fn head_lines(height: u16) -> u16 {
    match height {
        0..7 => 1,
        7..12 => 2,
        12..30 => 3,
        30..40 => 4,
        _ => 5,
    }
}

/// The part for the neighbours at the right, and the rest.
fn beside(area: Rect) -> (Option<Rect>, Rect) {
    if area.width < WIDE {
        return (None, area);
    }
    let width = area.width * 3 / 8;
    let rest = Rect { width: area.width - width, ..area };
    (Some(Rect { x: rest.right(), width, ..area }), rest)
}

/// The panes that matter most, as many as there is room for; the one in focus is among them.
fn shown(focus: Pane, room: usize, neighbors_beside: bool) -> Vec<Pane> {
    let wanted = Pane::ALL.into_iter().filter(|pane| !(neighbors_beside && *pane == Pane::Neighbors));
    let mut shown: Vec<Pane> = wanted.take(room.max(1)).collect();
    let is_beside = neighbors_beside && focus == Pane::Neighbors;
    if !shown.contains(&focus)
        && !is_beside
        && let Some(last) = shown.last_mut()
    {
        *last = focus;
    }
    shown
}

fn slot_area(area: Rect, (columns, rows): (u16, u16), slot: u16) -> Rect {
    let (column, row) = (slot % columns, slot / columns);
    let edge = |length: u16, parts: u16, part: u16| (u32::from(length) * u32::from(part) / u32::from(parts)) as u16;
    let (left, right) = (edge(area.width, columns, column), edge(area.width, columns, column + 1));
    let (top, bottom) = (edge(area.height, rows, row), edge(area.height, rows, row + 1));
    Rect::new(area.x + left, area.y + top, right - left, bottom - top)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(width: u16, height: u16, focus: Pane) -> Layout {
        Layout::of(Rect::new(0, 1, width, height - 3), focus, false, false)
    }

    fn panes(layout: &Layout) -> Vec<Pane> {
        layout.panes.iter().map(|(pane, _)| *pane).collect()
    }

    #[test]
    fn a_small_terminal_shows_the_four_that_matter_and_a_large_one_all() {
        assert_eq!(panes(&layout(80, 24, Pane::Loss)), Pane::ALL[..4]);
        assert_eq!(panes(&layout(80, 24, Pane::Rate)), [Pane::Loss, Pane::Active, Pane::Distances, Pane::Rate]);
        assert_eq!(panes(&layout(120, 40, Pane::Loss)), Pane::ALL[..9]);
        assert_eq!(panes(&layout(40, 10, Pane::Active)), [Pane::Active]);
        let large = panes(&layout(200, 60, Pane::Loss));
        assert!(Pane::ALL.iter().all(|pane| large.contains(pane)), "{large:?}");
    }

    #[test]
    fn panes_do_not_overlap_and_fill_their_part() {
        for (width, height) in [(40, 10), (80, 24), (120, 40), (200, 60), (300, 11), (41, 200)] {
            for focus in Pane::ALL {
                let layout = layout(width, height, focus);
                let area: u32 = layout.panes.iter().map(|(_, area)| area.area()).sum();
                let whole = u32::from(width) * u32::from(height - 3 - layout.head.height);
                assert_eq!(area, whole, "{width}x{height}");
                assert!(layout.area(focus).is_some(), "{width}x{height} {focus:?}");
                for (one, (_, area)) in layout.panes.iter().enumerate() {
                    let mut others = layout.panes.iter().skip(one + 1);
                    assert!(others.all(|(_, other)| !area.intersects(*other)), "{width}x{height}");
                }
            }
        }
    }
}
