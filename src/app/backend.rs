//! What the screen needs to be told, by whoever knows the photos.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;

use super::mailbox::Outbox;
use crate::library::PhotoId;
use crate::ui::{Answered, Asked, Examples, MapLayout, ModelsOrder, PhotoRow, TrainingOrder};

/// A change that was taken back, or done again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// What was done, printable.
    pub text: String,
    /// Photos that are marked now.
    pub marked: Vec<PhotoId>,
    /// Photos that are not marked any more.
    pub unmarked: Vec<PhotoId>,
}

/// What became of a list of paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exported {
    /// It was written: so many paths, to which file, in words.
    Written(String),
    /// There is such a file, and nobody said that it may be replaced.
    Exists,
}

/// The photos behind the screen.
///
/// Every method but [`Backend::path`] is called from a thread of its own and may take its time; a panic in one of them
/// becomes a line on the screen. Texts that reach the screen must be printable (`library::printable`).
pub trait Backend: Send + Sync + 'static {
    /// The folder as the title shows it, printable: `~/photos`.
    fn folder(&self) -> String;

    /// Opens the library, tells its photos, indexes what is new, now and whenever the folder changes, and returns when
    /// nobody wants to know any more.
    ///
    /// Everything is told through the outbox: `LibraryChanged` (first what the store has, in chunks of some thousand
    /// rows, then new photos as they are embedded), `MarksLoaded`, `IndexProgress` (a few times a second), `Skipped`,
    /// `GalleryChanged` when neighbours would come out differently, `IndexFinished`, `Standing`, `Notice`. It must return
    /// soon after [`Outbox::is_wanted`] has turned false and [`Backend::leave`] was called. An error is a sentence: what happened, to which file, what to do.
    fn index(&self, outbox: &Outbox) -> Result<(), String>;

    /// The nearest neighbours of what is asked, or a sentence why there are none (not embedded yet, ...).
    fn neighbors(&self, asked: &Asked) -> Result<Answered, String>;

    /// How far every photo is from this one, and from what is named besides it.
    fn distances(&self, photo: PhotoId, with: &Examples) -> Result<HashMap<PhotoId, f32>, String>;

    /// What is known of an image file, inside or outside the folder, by its path as it was typed; from then on it may be
    /// asked with. A sentence with the path when it cannot be read.
    fn look(&self, path: &str) -> Result<Arc<PhotoRow>, String>;

    /// Tells the map of all photos: at once what is known, then better ones until it is finished. Returns soon after
    /// `go_on` has turned false; asked again, it goes on where it was. An error says why there is none.
    fn map(&self, go_on: &dyn Fn() -> bool, tell: &dyn Fn(MapLayout)) -> Result<(), String>;

    /// The thumbnail as the store keeps it (JPEG), if there is one.
    fn thumbnail(&self, photo: PhotoId) -> Option<Vec<u8>>;

    /// The photo itself, upright, its shorter side not below `shorter_side` pixels where the photo has that many.
    fn picture(&self, photo: PhotoId, shorter_side: u32) -> Result<RgbImage, String>;

    /// The whole path of the photo's first location. Called from the loop: must not block.
    fn path(&self, photo: PhotoId) -> Option<PathBuf>;

    /// Keeps that these photos are marked, or not any more.
    fn save_marks(&self, photos: &[PhotoId], marked: bool) -> Result<(), String>;

    /// Takes the newest change of the library back, or does again what was taken back last.
    fn undo(&self, again: bool) -> Result<Undone, String>;

    /// Writes the paths of these photos to a file, one a line, by its name as it was typed; never into the photo folder,
    /// and over another file only when `replace` says so.
    fn export(&self, photos: &[PhotoId], to: &str, replace: bool) -> Result<Exported, String>;

    /// Does what is asked of the training, and tells [`Message::Training`](crate::ui::Message::Training) from then on. Called
    /// in the order of the orders, from one thread; a training itself runs on a thread of the backend's own and is over
    /// (checkpointed) when [`Backend::leave`] returns.
    fn training(&self, order: TrainingOrder, outbox: &Outbox) -> Result<(), String>;

    /// Does what is asked about the models, and answers with [`Message::Models`](crate::ui::Message::Models). In order, on
    /// one thread.
    fn models(&self, order: ModelsOrder, outbox: &Outbox) -> Result<(), String>;

    /// The person leaves, and no more orders will come: wakes [`Backend::index`] where it waits, and returns when a training
    /// in progress is saved.
    fn leave(&self);
}
