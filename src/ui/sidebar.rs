//! The labels beside the grid: what can be shown, and how many photos that is.

use super::grid::Cursor;
use super::order::Filter;
use super::photos::Photos;

/// One line of the sidebar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Show { filter: Filter, count: usize },
    Skipped { count: usize },
}

impl Entry {
    /// The text of the line and its count.
    pub(super) fn words(&self) -> (&str, usize) {
        match self {
            Self::Show { filter: Filter::All, count } => ("All photos", *count),
            Self::Show { filter: Filter::Marked, count } => ("● Marked", *count),
            Self::Show { filter: Filter::Unlabelled, count } => ("No label", *count),
            Self::Show { filter: Filter::Label(label), count } => (label, *count),
            Self::Skipped { count } => ("Skipped", *count),
        }
    }
}

/// The lines and the selection among them.
#[derive(Debug, Default)]
pub(super) struct Sidebar {
    pub(super) entries: Vec<Entry>,
    pub(super) cursor: Cursor,
    /// Whether it has the keyboard.
    pub(super) focused: bool,
}

impl Sidebar {
    /// Lists everything anew; the selected line stays selected.
    pub(super) fn refresh(&mut self, photos: &Photos, skipped: usize) {
        let before = self.entries.get(self.cursor.selected).map(|entry| entry.words().0.to_owned());
        let show = |filter, count| Entry::Show { filter, count };
        let marked = photos.marked().iter().filter(|photo| photos.row(photo).is_some()).count();
        self.entries = vec![show(Filter::All, photos.total())];
        self.entries.extend((marked > 0).then(|| show(Filter::Marked, marked)));
        self.entries.extend(photos.labels().map(|(label, count)| show(Filter::Label(label.clone()), count)));
        self.entries.extend((photos.unlabelled() > 0).then(|| show(Filter::Unlabelled, photos.unlabelled())));
        self.entries.extend((skipped > 0).then_some(Entry::Skipped { count: skipped }));
        let place = before.and_then(|words| self.entries.iter().position(|entry| entry.words().0 == words));
        self.cursor.selected = place.unwrap_or(self.cursor.selected);
    }

    /// The selected line.
    pub(super) fn selected(&self) -> Option<&Entry> {
        self.entries.get(self.cursor.selected)
    }
}
