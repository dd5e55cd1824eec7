//! The photos of the library, in order, filtered and counted. Rows are shared: no key ever copies a list.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::filter::Filter;
use super::order::{Distances, Order, SortBy, Sorting};
use super::words;
use crate::library::PhotoId;

/// What the screen knows of a photo. Every text is printable already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhotoRow {
    /// Which photo.
    pub id: PhotoId,
    /// Its first path, relative to the folder.
    pub name: Box<str>,
    /// Its labels: none, one, or several when copies lie in folders of several labels.
    pub labels: Box<[Arc<str>]>,
    /// Further paths with the same content.
    pub copies: Box<[Box<str>]>,
    /// Pixels across, upright.
    pub width: u32,
    /// Pixels down, upright.
    pub height: u32,
    /// Size of the file.
    pub bytes: u64,
    /// When it was taken, as `2021-05-03 14:02:11`.
    pub taken: Option<Box<str>>,
    /// What took it.
    pub camera: Option<Arc<str>>,
}

impl PhotoRow {
    /// The labels in one text; empty when there is none.
    pub(super) fn label_words(&self) -> String {
        self.labels.join(" + ")
    }
}

type Rows = Vec<Arc<PhotoRow>>;

/// All photos and which of them are shown.
#[derive(Debug)]
pub(super) struct Photos {
    all: Rows,
    shown: Option<Rows>,
    by_id: HashMap<PhotoId, Arc<PhotoRow>>,
    labels: BTreeMap<Arc<str>, usize>,
    unlabelled: usize,
    marked: HashSet<PhotoId>,
    sorting: Sorting,
    filter: Filter,
}

impl Default for Photos {
    fn default() -> Self {
        Self {
            all: Rows::new(),
            shown: None,
            by_id: HashMap::new(),
            labels: BTreeMap::new(),
            unlabelled: 0,
            marked: HashSet::new(),
            sorting: Sorting { order: Order { by: SortBy::Name, reversed: false }, distances: Distances::default() },
            filter: Filter::default(),
        }
    }
}

impl Photos {
    fn rows(&self) -> &Rows {
        self.shown.as_ref().unwrap_or(&self.all)
    }

    /// How many photos are shown.
    pub(super) fn len(&self) -> usize {
        self.rows().len()
    }

    /// How many photos there are.
    pub(super) fn total(&self) -> usize {
        self.all.len()
    }

    /// The shown photo at this place.
    pub(super) fn get(&self, place: usize) -> Option<&Arc<PhotoRow>> {
        self.rows().get(place)
    }

    /// A photo by its identity, shown or not.
    pub(super) fn row(&self, photo: &PhotoId) -> Option<&Arc<PhotoRow>> {
        self.by_id.get(photo)
    }

    /// The place of a photo among the shown ones.
    pub(super) fn place_of(&self, photo: &PhotoId) -> Option<usize> {
        let row = self.by_id.get(photo)?;
        self.rows().binary_search_by(|other| self.sorting.compare(other, row)).ok()
    }

    /// The place among the shown ones of a photo that may have left: its own, else that of the photo with its name (the
    /// file was changed), else where it was.
    pub(super) fn place_near(&self, row: &PhotoRow) -> usize {
        let heir = if self.by_id.contains_key(&row.id) { Some(row.id) } else { self.named(&row.name) };
        let heir = heir.and_then(|photo| self.place_of(&photo));
        heir.unwrap_or_else(|| {
            self.rows().binary_search_by(|other| self.sorting.compare(other, row)).unwrap_or_else(|place| place)
        })
    }

    /// The photo whose first path this is.
    pub(super) fn named(&self, name: &str) -> Option<PhotoId> {
        self.all.iter().find(|row| &*row.name == name).map(|row| row.id)
    }

    /// Labels with the number of their photos, in order.
    pub(super) fn labels(&self) -> impl Iterator<Item = (&Arc<str>, usize)> + Clone {
        self.labels.iter().map(|(label, count)| (label, *count))
    }

    /// How many photos have no label.
    pub(super) const fn unlabelled(&self) -> usize {
        self.unlabelled
    }

    /// How the photos are sorted.
    pub(super) const fn order(&self) -> Order {
        self.sorting.order
    }

    /// How far a photo is from the query that the photos are sorted by; `None`: they are not, or it is not known.
    pub(super) fn distance(&self, photo: &PhotoId) -> Option<f32> {
        (self.sorting.order.by == SortBy::Distance).then(|| self.sorting.distances.get(photo).copied()).flatten()
    }

    /// The shown photos when not all are shown: those that may answer.
    pub(super) fn among(&self) -> Option<Arc<[PhotoId]>> {
        self.shown.as_ref().map(|rows| rows.iter().map(|row| row.id).collect())
    }

    /// Which photos are shown.
    pub(super) const fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Whether the photo is marked.
    pub(super) fn is_marked(&self, photo: &PhotoId) -> bool {
        self.marked.contains(photo)
    }

    /// The marked photos, in no order; some may not be in the library now.
    pub(super) const fn marked(&self) -> &HashSet<PhotoId> {
        &self.marked
    }

    /// Marks photos or takes their marks away; what is shown changes only with the filter.
    pub(super) fn mark(&mut self, photos: &[PhotoId], marked: bool) {
        if marked {
            self.marked.extend(photos);
        } else {
            for photo in photos {
                self.marked.remove(photo);
            }
        }
    }

    /// Sorts anew.
    pub(super) fn sort(&mut self, order: Order) {
        self.sorting.order = order;
        self.sorting.sort(&mut self.all);
        self.show(self.filter.clone());
    }

    /// Takes other distances, and sorts anew if the photos are sorted by them.
    pub(super) fn measure(&mut self, distances: Distances) {
        self.sorting.distances = distances;
        if self.sorting.order.by == SortBy::Distance {
            self.sort(self.sorting.order);
        }
    }

    /// Shows only these photos.
    pub(super) fn show(&mut self, filter: Filter) {
        self.filter = filter;
        let shown = || self.all.iter().filter(|row| self.is_wanted(row)).cloned().collect();
        self.shown = (!self.filter.is_all()).then(shown);
    }

    /// Whether the filter lets this photo pass.
    pub(super) fn is_wanted(&self, row: &PhotoRow) -> bool {
        self.filter.passes(row, self.is_marked(&row.id))
    }

    /// Replaces everything.
    pub(super) fn replace(&mut self, rows: Rows) {
        self.all.clear();
        self.by_id.clear();
        self.labels.clear();
        self.unlabelled = 0;
        self.shown = self.shown.as_ref().map(|_| Rows::new());
        self.add(rows);
    }

    /// Adds photos; one that is there already is replaced by its newer row.
    pub(super) fn add(&mut self, mut rows: Rows) {
        let known: HashSet<PhotoId> = rows.iter().map(|row| row.id).filter(|id| self.by_id.contains_key(id)).collect();
        self.remove(&known);
        rows.retain(|row| self.by_id.insert(row.id, Arc::clone(row)).is_none());
        for row in &rows {
            self.unlabelled += usize::from(row.labels.is_empty());
            for label in &row.labels {
                *self.labels.entry(Arc::clone(label)).or_default() += 1;
            }
        }
        if let Some(mut shown) = self.shown.take() {
            merge(&mut shown, rows.iter().filter(|row| self.is_wanted(row)).cloned().collect(), &self.sorting);
            self.shown = Some(shown);
        }
        merge(&mut self.all, rows, &self.sorting);
    }

    /// Takes photos out; their marks stay for their return.
    pub(super) fn remove(&mut self, photos: &HashSet<PhotoId>) {
        let gone: Rows = photos.iter().filter_map(|photo| self.by_id.remove(photo)).collect();
        if gone.is_empty() {
            return;
        }
        for row in &gone {
            self.unlabelled -= usize::from(row.labels.is_empty());
            for label in &row.labels {
                if let Some(count) = self.labels.get_mut(label) {
                    *count -= 1;
                }
            }
        }
        self.labels.retain(|_, count| *count > 0);
        self.all.retain(|row| !photos.contains(&row.id));
        if let Some(shown) = &mut self.shown {
            shown.retain(|row| !photos.contains(&row.id));
        }
    }

    /// The first shown photo from place `from` on, going round, whose name contains the text (in lower case).
    pub(super) fn find(&self, text: &str, from: usize, backwards: bool) -> Option<usize> {
        let rows = self.rows();
        let is_hit = |place: &usize| rows.get(*place).is_some_and(|row| words::contains(&row.name, text));
        let from = from.min(rows.len());
        if backwards {
            (0..from).rev().chain((from..rows.len()).rev()).find(is_hit)
        } else {
            (from..rows.len()).chain(0..from).find(is_hit)
        }
    }
}

/// Merges new rows into sorted ones: a handful is inserted, many are sorted in (sorted runs are merged, not sorted again).
fn merge(into: &mut Rows, mut new: Rows, sorting: &Sorting) {
    if new.len() * 32 < into.len() {
        for row in new {
            let place = into.binary_search_by(|other| sorting.compare(other, &row)).unwrap_or_else(|place| place);
            into.insert(place, row);
        }
        return;
    }
    new.sort_by(|one, other| sorting.compare(one, other));
    let follows = into.last().zip(new.first()).is_none_or(|(last, first)| sorting.compare(last, first).is_lt());
    into.append(&mut new);
    if !follows {
        into.sort_by(|one, other| sorting.compare(one, other));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::testing::row;

    fn names(photos: &Photos) -> Vec<&str> {
        (0..photos.len()).filter_map(|place| photos.get(place)).map(|row| &*row.name).collect()
    }

    #[test]
    fn rows_stay_sorted_however_they_arrive() {
        let mut photos = Photos::default();
        photos.add(vec![row("b.jpg", ""), row("d.jpg", "x")]);
        photos.add(vec![row("a.jpg", "x"), row("c.jpg", "")]);
        assert_eq!(names(&photos), ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]);
        photos.sort(Order { by: SortBy::Label, reversed: false });
        assert_eq!(names(&photos), ["a.jpg", "d.jpg", "b.jpg", "c.jpg"]);
        for place in 0..photos.len() {
            let id = photos.get(place).unwrap().id;
            assert_eq!(photos.place_of(&id), Some(place));
        }
    }

    #[test]
    fn a_few_rows_among_many_are_inserted_in_order() {
        let mut photos = Photos::default();
        photos.add((0..500).map(|i| row(&format!("{:03}.jpg", i * 2), "")).collect());
        photos.add(vec![row("333.jpg", ""), row("007.jpg", "")]);
        assert_eq!(photos.len(), 502);
        assert!(names(&photos).is_sorted());
    }

    #[test]
    fn a_newer_row_replaces_the_older_one_and_its_counts() {
        let mut photos = Photos::default();
        photos.add(vec![row("a.jpg", "x")]);
        let mut newer = (*row("a.jpg", "x")).clone();
        newer.labels = [Arc::from("y"), Arc::from("z")].into();
        photos.add(vec![Arc::new(newer)]);
        assert_eq!(photos.labels().map(|(label, n)| (&**label, n)).collect::<Vec<_>>(), [("y", 1), ("z", 1)]);
        assert_eq!((photos.total(), photos.unlabelled()), (1, 0));
    }

    #[test]
    fn a_filter_holds_for_what_comes_later() {
        let mut photos = Photos::default();
        photos.add(vec![row("a.jpg", "x"), row("b.jpg", "")]);
        photos.show(Filter::label(&"x".into()));
        photos.add(vec![row("c.jpg", "x"), row("d.jpg", "y")]);
        assert_eq!(names(&photos), ["a.jpg", "c.jpg"]);
        let first = photos.get(0).unwrap().id;
        photos.remove(&HashSet::from([first]));
        assert_eq!((names(&photos), photos.total()), (vec!["c.jpg"], 3));
    }

    #[test]
    fn finding_goes_round_in_both_directions() {
        let mut photos = Photos::default();
        photos.add(["a1", "b", "a2", "c"].map(|name| row(name, "")).to_vec());
        assert_eq!(names(&photos), ["a1", "a2", "b", "c"]);
        assert_eq!(photos.find("a", 2, false), Some(0));
        assert_eq!(photos.find("a", 0, true), Some(1));
        assert_eq!((photos.find("zz", 0, false), photos.find("a", 99, true)), (None, Some(1)));
    }
}
