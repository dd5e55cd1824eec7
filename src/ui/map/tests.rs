//! What is looked up again after a change, and what is drawn, against a map that looks up everything.

use std::sync::Arc;

use proptest::prelude::*;

use super::layout::{MapPhotos, MapStage};
use super::*;
use crate::ui::PhotoRow;
use crate::ui::filter::Filter;
use crate::ui::testing::{id, row};

const AREA: Rect = Rect::new(0, 0, 20, 8);
const LABELS: [&str; 5] = ["sea", "oat milk", "milk", "", "coffee"];

/// Thirty of the sixty photos that may be in the library.
fn photos() -> MapPhotos {
    (0..60u8).step_by(2).map(|number| id(&number.to_string())).collect()
}

/// The map has come, once more.
fn taken(map: &mut Map, photos: &MapPhotos) {
    let Some(Effect::WantMap { question }) = map.open(None).or_else(|| map.expire(true)) else { panic!("not asked") };
    let places = (0..30u8).map(|number| [f32::from(number % 7), f32::from(number / 7)]).collect();
    map.take(question, Ok(MapLayout { photos: photos.clone(), places, stage: MapStage::Axes, model: "base".into() }));
}

fn made_up((number, version): (u8, u8)) -> Arc<PhotoRow> {
    row(&number.to_string(), LABELS[usize::from(version % 5)])
}

/// The same change of the photos, and what the map hears of it.
fn change(photos: &mut Photos, map: &mut Map, what: u8, numbers: &[(u8, u8)]) {
    let first = numbers.first().map_or(0, |(_, version)| *version);
    match what {
        0..=2 => {
            map.rows_changed(numbers.iter().map(|(number, _)| id(&number.to_string())));
            photos.add(numbers.iter().copied().map(made_up).collect());
        }
        3 => {
            let gone: Vec<PhotoId> = numbers.iter().map(|(number, _)| id(&number.to_string())).collect();
            map.rows_changed(gone.iter().copied());
            photos.remove(&gone.into_iter().collect());
        }
        4 => {
            let filters = [Filter::default(), Filter::unlabelled(), Filter::label(&"sea".into())];
            photos.show(filters[usize::from(first % 3)].clone());
            map.light_changed();
        }
        5 => {
            map.legend.choose(map.legend.labels().get(usize::from(first % 5)).map(|(label, _)| Arc::clone(label)));
            map.light_changed();
        }
        6 => taken(map, &self::photos()),
        _ => {
            let same = map.layout.as_ref().unwrap().photos.clone();
            taken(map, &same);
        }
    }
}

proptest! {
    #[test]
    fn after_every_change_all_dots_are_as_if_they_were_looked_up_anew(
        changes in prop::collection::vec((0u8..8, prop::collection::vec((0u8..60, 0u8..60), 0..20), any::<bool>()), 1..30),
    ) {
        let (mut photos, mut map) = (Photos::default(), Map::default());
        taken(&mut map, &self::photos());
        for (what, numbers, is_seen) in changes {
            change(&mut photos, &mut map, what, &numbers);
            if !is_seen {
                continue;
            }
            map.refresh(&photos);
            map.draw(AREA);
            let mut anew = Map::default();
            anew.legend.choose(map.legend.chosen().cloned());
            taken(&mut anew, &self::photos());
            anew.refresh(&photos);
            prop_assert_eq!(&map.dots, &anew.dots);
            prop_assert_eq!(map.legend.labels(), anew.legend.labels());
            let projection = Projection::of(&anew.bounds, &anew.window, AREA);
            prop_assert_eq!(map.drawn(), Some(&(projection, Raster::of(&anew, &projection, AREA))));
        }
    }
}
