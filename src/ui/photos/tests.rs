//! What the lists are after every change, against lists that are made anew each time.

use std::cmp::Ordering;

use proptest::prelude::*;

use super::*;
use crate::ui::filter::Wanted;
use crate::ui::testing::{id, row};

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

/// The same with nothing kept: sorted and sifted anew whenever somebody asks, by the texts of the rows.
#[derive(Default)]
struct Slow {
    rows: Rows,
    marked: HashSet<PhotoId>,
    /// Marks change what is shown only with the filter or the order.
    marked_then: HashSet<PhotoId>,
    distances: Distances,
    /// What was listed when distances came the time before.
    list: PhotoList,
    filter: Filter,
}

impl Slow {
    fn mark(&mut self, ids: &[PhotoId], marked: bool) {
        for id in ids {
            if marked {
                self.marked.insert(*id);
            } else {
                self.marked.remove(id);
            }
        }
    }

    fn compare(&self, one: &PhotoRow, other: &PhotoRow, order: Order) -> Ordering {
        let key = match order.by {
            SortBy::Name => Ordering::Equal,
            SortBy::Date => (one.taken.is_none(), &one.taken).cmp(&(other.taken.is_none(), &other.taken)),
            SortBy::Label => (one.labels.is_empty(), &one.labels).cmp(&(other.labels.is_empty(), &other.labels)),
            SortBy::Distance => self.distances.far(&one.id).total_cmp(&self.distances.far(&other.id)),
        };
        let ascending = key.then_with(|| one.name.cmp(&other.name)).then_with(|| one.id.cmp(&other.id));
        if order.reversed { ascending.reverse() } else { ascending }
    }

    fn passes(&self, row: &PhotoRow) -> bool {
        let Filter { labels, marked, from, to } = &self.filter;
        let is = |wanted: &Wanted| match wanted {
            Wanted::Label(label) => row.labels.contains(label),
            Wanted::Like(text) => row.labels.iter().any(|label| label.contains(&**text)),
            Wanted::Unlabelled => row.labels.is_empty(),
        };
        let taken = row.taken.as_deref();
        (labels.is_empty() || labels.iter().any(is))
            && (!marked || self.marked_then.contains(&row.id))
            && from.as_ref().is_none_or(|from| taken.is_some_and(|taken| from.is_reached_by(taken)))
            && to.as_ref().is_none_or(|to| taken.is_some_and(|taken| to.is_not_passed_by(taken)))
    }

    fn shown(&self, order: Order) -> Rows {
        let mut rows: Rows = self.rows.iter().filter(|row| self.passes(row)).cloned().collect();
        rows.sort_by(|one, other| self.compare(one, other, order));
        rows
    }
}

/// One of 60 photos; `version`: what is known of it.
fn made_up(number: u8, version: u8) -> Arc<PhotoRow> {
    let label = [vec![], vec!["sea"], vec!["oat milk"], vec!["milk", "sea"]][usize::from(version % 4)].clone();
    Arc::new(PhotoRow {
        id: id(&number.to_string()),
        name: format!("{}/{}.jpg", ["a", "a-b", "B"][usize::from(version % 3)], number % 50).into(),
        labels: label.into_iter().map(Arc::from).collect(),
        taken: (!version.is_multiple_of(5))
            .then(|| format!("202{}-0{}-03 10:00:0{}", version % 3, version % 7 + 1, number % 2).into()),
        ..(*row("", "")).clone()
    })
}

fn ids(numbers: &[(u8, u8)]) -> Vec<PhotoId> {
    numbers.iter().map(|(number, _)| id(&number.to_string())).collect()
}

fn filter(number: u8) -> Filter {
    let date = |text: &str| text.parse().ok();
    match number % 8 {
        0 => Filter::label(&"sea".into()),
        1 => Filter::unlabelled(),
        2 => Filter::marked(),
        3 => Filter { labels: vec![Wanted::Like("milk".into()), Wanted::Unlabelled], ..Filter::default() },
        4 => Filter { from: date("2021"), ..Filter::default() },
        5 => Filter { to: date("2021-03"), marked: true, ..Filter::default() },
        6 => Filter { from: date("2020-02-03"), to: date("2021-05"), ..Filter::label(&"sea".into()) },
        _ => Filter::default(),
    }
}

fn order(number: u8) -> Order {
    let by = [SortBy::Name, SortBy::Date, SortBy::Label, SortBy::Distance][usize::from(number % 4)];
    Order { by, reversed: number % 8 > 3 }
}

/// The same change in both.
fn change(photos: &mut Photos, slow: &mut Slow, what: u8, numbers: &[(u8, u8)]) {
    let first = numbers.first().map_or(0, |(_, version)| *version);
    match what {
        0..=2 => {
            let rows: Rows = numbers.iter().map(|(number, version)| made_up(*number, *version)).collect();
            for row in &rows {
                slow.rows.retain(|other| other.id != row.id);
                slow.rows.push(Arc::clone(row));
            }
            let changed = ids(numbers);
            for id in changed {
                if slow.marked.contains(&id) {
                    slow.marked_then.insert(id);
                } else {
                    slow.marked_then.remove(&id);
                }
            }
            photos.add(rows);
        }
        3 => {
            let gone: HashSet<PhotoId> = ids(numbers).into_iter().collect();
            slow.rows.retain(|row| !gone.contains(&row.id));
            photos.remove(&gone);
        }
        4 => {
            let (ids, marked) = (ids(numbers), !first.is_multiple_of(3));
            slow.mark(&ids, marked);
            photos.mark(&ids, marked);
        }
        5 => {
            let known = |(number, version): &(u8, u8)| (id(&number.to_string()), f32::from(version % 6) - 1.0);
            // Rows may have come and gone while they were measured.
            let list = if first.is_multiple_of(3) { Arc::default() } else { slow.list.clone() };
            slow.distances = Distances::of(list, numbers.iter().map(known).collect());
            slow.list = photos.ids();
            if photos.order().by == SortBy::Distance {
                slow.marked_then = slow.marked.clone();
            }
            photos.measure(slow.distances.clone());
        }
        6 => {
            slow.marked_then = slow.marked.clone();
            slow.filter = filter(first);
            photos.show(slow.filter.clone());
        }
        7 => {
            let (places, marked) = (usize::from(first % 20)..usize::from(first), !first.is_multiple_of(3));
            let there = |place| photos.get(place).map(|row| row.id);
            let ids: Vec<PhotoId> = places.clone().filter_map(there).collect();
            slow.mark(&ids, marked);
            assert_eq!(photos.mark_places(places, marked), ids);
        }
        _ => {
            slow.marked_then = slow.marked.clone();
            photos.sort(order(first));
        }
    }
}

proptest! {
    #[test]
    fn no_row_is_lost_doubled_or_out_of_place_whatever_changes(
        changes in prop::collection::vec((0u8..9, prop::collection::vec((0u8..60, 0u8..60), 0..40)), 1..25),
    ) {
        let (mut photos, mut slow) = (Photos::default(), Slow::default());
        for (what, numbers) in changes {
            change(&mut photos, &mut slow, what, &numbers);
            let expected = slow.shown(photos.order());
            let shown: Rows = (0..photos.len()).filter_map(|place| photos.get(place)).cloned().collect();
            prop_assert_eq!(&shown, &expected);
            prop_assert_eq!(photos.total(), slow.rows.len());
            prop_assert_eq!(photos.unlabelled(), slow.rows.iter().filter(|row| row.labels.is_empty()).count());
            let here = slow.rows.iter().filter(|row| slow.marked.contains(&row.id)).count();
            prop_assert_eq!((photos.marked_here(), photos.marked_by_name().len()), (here, here));
            prop_assert_eq!(photos.marked(), slow.marked.len());
            prop_assert!((0..60).map(|number| made_up(number, 0).id).all(|id| photos.is_marked(&id) == slow.marked.contains(&id)));
            let all: HashSet<PhotoId> = expected.iter().map(|row| row.id).collect();
            let among = photos.among().map(|ids| ids.iter().copied().collect::<HashSet<PhotoId>>());
            prop_assert_eq!(among, (!photos.filter().is_all()).then_some(all));
            for (place, row) in expected.iter().enumerate() {
                prop_assert_eq!((photos.place_of(&row.id), photos.place_near(row)), (Some(place), place));
                prop_assert!(photos.named(&row.name).is_some());
            }
            let stranger = made_up(99, 7);
            let before = expected.iter().filter(|row| slow.compare(row, &stranger, photos.order()).is_lt()).count();
            if photos.named(&stranger.name).is_none() {
                prop_assert_eq!(photos.place_near(&stranger), before);
            }
            for (text, from) in [("b/", 3), ("7.jpg", 0), ("zz", 9)] {
                let is_hit = |place: &usize| expected[*place].name.to_lowercase().contains(text);
                let from = from.min(expected.len());
                prop_assert_eq!(photos.find(text, from, false), (from..expected.len()).chain(0..from).find(is_hit));
                prop_assert_eq!(photos.find(text, from, true), (0..from).rev().chain((from..expected.len()).rev()).find(is_hit));
            }
        }
    }
}
