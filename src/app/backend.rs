//! What the screen needs to be told, by whoever knows the photos.

use std::path::PathBuf;

use image::RgbImage;

use super::mailbox::Outbox;
use crate::library::PhotoId;
use crate::ui::{Answered, MapLayout};

/// The photos behind the screen.
///
/// Every method but [`Backend::path`] is called from a thread of its own and may take its time; a panic in one of them
/// becomes a line on the screen. Texts that reach the screen must be printable (`library::printable`).
pub trait Backend: Send + Sync + 'static {
    /// The folder as the title shows it, printable: `~/photos`.
    fn folder(&self) -> String;

    /// Opens the library, tells its photos, indexes what is new, and returns when that is done.
    ///
    /// Everything is told through the outbox: `LibraryChanged` (first what the store has, in chunks of some thousand
    /// rows, then new photos as they are embedded), `MarksLoaded`, `IndexProgress` (a few times a second), `Skipped`,
    /// `GalleryChanged` when neighbours would come out differently, `IndexFinished`, `Notice`. It must return soon
    /// after [`Outbox::is_wanted`] has turned false. An error is a sentence: what happened, to which file, what to do.
    fn index(&self, outbox: &Outbox) -> Result<(), String>;

    /// The `k` nearest neighbours of a photo, or a sentence why there are none (not embedded yet, ...).
    fn neighbors(&self, photo: PhotoId, k: usize) -> Result<Answered, String>;

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
}
