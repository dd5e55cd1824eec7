//! The nearest dot, found in buckets and by a look at every dot.

use super::*;
use crate::ui::map::Dot;
use crate::ui::map::layout::{MapLayout, MapStage};
use crate::ui::map::window::{Bounds, Window};
use crate::ui::testing::id;
use proptest::prelude::*;

const AREA: Rect = Rect::new(3, 1, 60, 20);

/// A map on which one dot of three is not bright.
fn map(places: Vec<[f32; 2]>, selected: usize) -> Map {
    let photos = (0..places.len()).map(|number| id(&number.to_string())).collect();
    let dot = |number: usize| Dot { bright: !number.is_multiple_of(3), ..Dot::default() };
    let (stage, model) = (MapStage::Axes, "base".into());
    let mut map = Map { bounds: Bounds::of(&places), dots: (0..places.len()).map(dot).collect(), ..Map::default() };
    map.cursor.selected = selected % places.len();
    map.layout = Some(MapLayout { photos, places: places.into(), stage, model });
    map
}

/// The bright dot with the lowest cost; the first of equal ones.
fn cheapest(map: &Map, cost: impl Fn([f32; 2]) -> Option<f32>) -> Option<usize> {
    let bright = (0..map.len()).filter(|number| is_bright(map, *number));
    let priced = bright.filter_map(|number| Some((number, cost(map.place(number)?)?)));
    priced.min_by(|one, other| one.1.total_cmp(&other.1)).map(|(number, _)| number)
}

fn slow_towards(map: &Map, projection: &Projection, towards: Towards) -> Option<usize> {
    let cells = |dot: [f32; 2]| [(dot[0] / 2.0).floor(), (dot[1] / 4.0).floor()];
    let from = projection.dot(map.place(map.cursor.selected)?);
    let (axis, sign) = match towards {
        Towards::Left => (0, -1.0),
        Towards::Right => (0, 1.0),
        Towards::Up => (1, -1.0),
        Towards::Down => (1, 1.0),
    };
    cheapest(map, |place| {
        let dot = projection.dot(place);
        let forward = sign * (cells(dot)[axis] - cells(from)[axis]);
        let cost = (dot[axis] - from[axis]).abs() + 3.0 * (dot[1 - axis] - from[1 - axis]).abs();
        (forward >= 1.0).then_some(cost)
    })
}

fn agree(map: &Map, window: &Window, at: Position) {
    let projection = Projection::of(&map.bounds, window, AREA);
    for towards in [Towards::Left, Towards::Right, Towards::Up, Towards::Down] {
        let found = nearest_towards(map, &projection, towards);
        assert_eq!(found, slow_towards(map, &projection, towards), "{towards:?} of {}", map.cursor.selected);
    }
    let from = projection.dot(projection.place(at));
    let distance = |place| {
        let [across, down] = projection.dot(place);
        Some((across - from[0]).powi(2) + (down - from[1]).powi(2))
    };
    assert_eq!(nearest_to(map, &projection, from), cheapest(map, distance), "at {at}");
}

proptest! {
    #[test]
    fn it_is_the_one_that_a_look_at_all_finds(
        places in prop::collection::vec((0u16..40, 0u16..90), 1..400), selected in 0usize..400,
        (factor, x, y) in (0i32..9, 0u16..70, 0u16..30),
    ) {
        // Many lie in one place, and many costs are equal.
        let places: Vec<_> = places.into_iter().map(|(x, y)| [f32::from(x / 3).powi(2), f32::from(y) * 0.37]).collect();
        let map = map(places, selected);
        let mut window = Window::default();
        let middle = map.place(map.cursor.selected).unwrap();
        window.magnify(1.5f32.powi(factor), &map.bounds, middle);
        agree(&map, &window, Position::new(x, y));
    }
}

#[test]
fn among_many_it_is_the_same_and_on_an_empty_map_there_is_none() {
    let place = |n: u32| [(n % 211) as f32 * 0.1 + (n / 7 % 13) as f32, ((n * 7919) % 10_007) as f32 / 300.0];
    for selected in [0, 1, 777, 9_999] {
        agree(&map((0..10_000).map(place).collect(), selected), &Window::default(), Position::new(30, 9));
    }
    let projection = Projection::of(&Bounds::default(), &Window::default(), AREA);
    assert_eq!(nearest_to(&Map::default(), &projection, [0.0; 2]), None);
    assert_eq!(nearest_towards(&Map::default(), &projection, Towards::Up), None);
}
