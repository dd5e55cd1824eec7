//! The labels of the map, most frequent first, and the one that is looked at.

use std::collections::HashMap;
use std::sync::Arc;

use crate::ui::photos::Photos;

/// The labels and the chosen one.
#[derive(Debug, Default)]
pub(in crate::ui) struct Legend {
    labels: Vec<(Arc<str>, usize)>,
    ranks: HashMap<Arc<str>, u16>,
    chosen: Option<Arc<str>>,
}

impl Legend {
    /// Lists the labels anew.
    pub(super) fn refresh(&mut self, photos: &Photos) {
        self.labels = photos.labels().map(|(label, count)| (Arc::clone(label), count)).collect();
        self.labels.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        let ranks = self.labels.iter().zip(0..u16::MAX);
        self.ranks = ranks.map(|((label, _), rank)| (Arc::clone(label), rank)).collect();
        self.chosen.take_if(|label| !self.ranks.contains_key(&**label));
    }

    /// The place of a label.
    pub(super) fn rank(&self, label: &Arc<str>) -> Option<u16> {
        self.ranks.get(label).copied()
    }

    /// The labels with the number of their photos.
    pub(in crate::ui) fn labels(&self) -> &[(Arc<str>, usize)] {
        &self.labels
    }

    /// The label that is looked at.
    pub(in crate::ui) const fn chosen(&self) -> Option<&Arc<str>> {
        self.chosen.as_ref()
    }

    /// Looks at a label, or at none.
    pub(super) fn choose(&mut self, label: Option<Arc<str>>) {
        self.chosen = label;
    }

    /// The label so many places after the chosen one, going round.
    pub(super) fn after_chosen(&self, steps: isize) -> Option<Arc<str>> {
        let here = self.rank(self.chosen.as_ref()?)?;
        let len = isize::try_from(self.labels.len()).ok().filter(|len| *len > 0)?;
        let next = (isize::try_from(here).ok()? + steps % len).rem_euclid(len);
        self.labels.get(next.cast_unsigned()).map(|(label, _)| Arc::clone(label))
    }

    /// The first line in sight of so many, so that the chosen label is among them.
    pub(in crate::ui) fn top(&self, lines: usize) -> usize {
        let chosen = self.chosen.as_ref().and_then(|label| self.rank(label)).map_or(0, usize::from);
        (chosen + 1).saturating_sub(lines)
    }
}
