//! A library of painted photos.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use image::{Rgb, RgbImage};

use crate::app::{Backend, Exported, Outbox, Undone};
use crate::library::{PhotoId, thumbnail};
use crate::ui::{
    Answered, Asked, Examples, IndexSummary, LibraryChange, MapLayout, MapStage, Message, ModelsOrder, PhotoRow,
    Ranked, TrainingOrder,
};

const PHOTOS: u8 = 24;

/// The made-up library; `TRIPLETUI_TEST_PANIC` says what goes wrong, `TRIPLETUI_TEST_SAVED` the file
/// that says that everything is saved.
pub(super) struct Fake;

fn id(number: u8) -> PhotoId {
    PhotoId::from_bytes([number; 32])
}

fn number(photo: PhotoId) -> u8 {
    photo.as_bytes()[0]
}

fn panics(what: &str) -> bool {
    std::env::var("TRIPLETUI_TEST_PANIC").is_ok_and(|value| value == what)
}

fn row(number: u8) -> Arc<PhotoRow> {
    Arc::new(PhotoRow {
        id: id(number),
        name: format!("photo-{number:02}.jpg").into(),
        labels: [Arc::from(if number.is_multiple_of(2) { "even" } else { "odd" })].into(),
        copies: Box::default(),
        width: 600,
        height: 400,
        bytes: 12_345,
        taken: None,
        camera: None,
    })
}

impl Backend for Fake {
    fn folder(&self) -> String {
        "/photos".into()
    }

    fn index(&self, outbox: &Outbox) -> Result<(), String> {
        for number in 0..PHOTOS {
            outbox.send(Message::LibraryChanged(LibraryChange::Added(vec![row(number)])));
        }
        let elapsed = Duration::from_secs(1);
        outbox.send(Message::IndexFinished(IndexSummary { photos: 24, embedded: 24, skipped: 0, ignored: 0, elapsed }));
        Ok(())
    }

    fn neighbors(&self, asked: &Asked) -> Result<Answered, String> {
        assert!(!panics("worker"), "the search is broken on purpose");
        let others = (0..PHOTOS).filter(|other| id(*other) != asked.photo).take(asked.k);
        let ranked = |(rank, other): (usize, u8)| Ranked { photo: id(other), distance: 0.01 * (rank + 1) as f32 };
        Ok(Answered {
            neighbors: others.enumerate().map(ranked).collect(),
            cut_off: None,
            method: "k-d tree".into(),
            exact: true,
            audited: None,
            visited: 24,
            of: 24,
            elapsed: Duration::from_millis(1),
            model: "base".into(),
        })
    }

    fn map(&self, _go_on: &dyn Fn() -> bool, tell: &dyn Fn(MapLayout)) -> Result<(), String> {
        assert!(!panics("map"), "the map is broken on purpose");
        let photos = (0..PHOTOS).map(id).collect();
        let places = (0..PHOTOS).map(|n| [f32::from(n % 6), f32::from(n / 6)]).collect();
        tell(MapLayout { photos, places, stage: MapStage::Arranged, model: "base".into() });
        Ok(())
    }

    fn thumbnail(&self, photo: PhotoId) -> Option<Vec<u8>> {
        thumbnail(&self.picture(photo, 200).ok()?, 256).ok()
    }

    fn picture(&self, photo: PhotoId, _shorter_side: u32) -> Result<RgbImage, String> {
        let number = number(photo);
        Ok(RgbImage::from_fn(600, 400, |x, y| Rgb([number * 10, (x / 3) as u8, (y / 2) as u8])))
    }

    fn path(&self, photo: PhotoId) -> Option<PathBuf> {
        assert!(!panics("loop"), "the path is broken on purpose");
        Some(PathBuf::from(format!("/photos/photo-{:02}.jpg", number(photo))))
    }

    fn save_marks(&self, _photos: &[PhotoId], _marked: bool) -> Result<(), String> {
        Ok(())
    }

    fn distances(&self, photo: PhotoId, _with: &Examples) -> Result<HashMap<PhotoId, f32>, String> {
        let distance = |other: u8| f32::from(other.abs_diff(number(photo))) / 100.0;
        Ok((0..PHOTOS).map(|other| (id(other), distance(other))).collect())
    }

    fn look(&self, path: &str) -> Result<Arc<PhotoRow>, String> {
        Err(format!("there is no file {path}"))
    }

    fn undo(&self, _again: bool) -> Result<Undone, String> {
        Ok(Undone { text: "there is nothing to undo".into(), ..Undone::default() })
    }

    fn export(&self, photos: &[PhotoId], to: &str, _replace: bool) -> Result<Exported, String> {
        Ok(Exported::Written(format!("{} paths written to {to}", photos.len())))
    }

    fn training(&self, _order: TrainingOrder, _outbox: &Outbox) -> Result<(), String> {
        Err("nothing can be taught here".into())
    }

    fn models(&self, _order: ModelsOrder, _outbox: &Outbox) -> Result<(), String> {
        Err("there are no models here".into())
    }

    fn leave(&self) {
        let Some(saved) = std::env::var_os("TRIPLETUI_TEST_SAVED").map(PathBuf::from) else { return };
        // Only for what never comes: a busy machine may take its time.
        let until = Instant::now() + Duration::from_secs(300);
        while !saved.exists() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
