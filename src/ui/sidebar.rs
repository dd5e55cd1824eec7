//! The labels beside the grid: what can be shown, and how many photos that is.

use std::sync::Arc;

use super::filter::Filter;
use super::grid::Cursor;
use super::photos::Photos;

/// One line of the sidebar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Show { words: Arc<str>, filter: Filter, count: usize },
    Skipped { count: usize },
}

impl Entry {
    /// The text of the line and its count.
    pub(super) fn words(&self) -> (&str, usize) {
        match self {
            Self::Show { words, count, .. } => (words, *count),
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
        let show = |words: &str, filter, count| Entry::Show { words: words.into(), filter, count };
        let marked = photos.marked_here();
        let unlabelled = photos.unlabelled();
        let typed = photos.filter();
        self.entries = vec![show("All photos", Filter::default(), photos.total())];
        self.entries.extend((marked > 0).then(|| show("● Marked", Filter::marked(), marked)));
        self.entries.extend(photos.labels().map(|(label, count)| show(label, Filter::label(label), count)));
        self.entries.extend((unlabelled > 0).then(|| show("No label", Filter::unlabelled(), unlabelled)));
        let is_new = |entry: &Entry| !matches!(entry, Entry::Show { filter, .. } if filter == typed);
        if self.entries.iter().all(is_new) {
            self.entries.insert(1, show(&typed.words(), typed.clone(), photos.len()));
        }
        self.entries.extend((skipped > 0).then_some(Entry::Skipped { count: skipped }));
        let place = before.and_then(|words| self.entries.iter().position(|entry| entry.words().0 == words));
        self.cursor.selected = place.unwrap_or(self.cursor.selected);
    }

    /// The selected line.
    pub(super) fn selected(&self) -> Option<&Entry> {
        self.entries.get(self.cursor.selected)
    }
}
