//! The first look at a library that is known already: the first photos by name, told before anything else is ready.

use super::told::Told;
use super::{Folder, locked};
use crate::app::Outbox;
use crate::library::PhotoId;
use crate::store::Store;
use crate::ui::{LibraryChange, Message};

/// Paths that are read first: a few screenfuls.
const FIRST_PATHS: usize = 512;

impl Folder {
    /// Tells the first photos. What is wrong with the library is said when it is opened.
    pub(super) fn glance(&self, told: &mut Told, outbox: &Outbox) {
        let (Ok(Some(reader)), Ok(root)) = (Store::look(&self.at, &self.options.dirs), self.at.canonicalize()) else {
            return;
        };
        let first = reader.first_photos(FIRST_PATHS);
        // Their thumbnails are asked for as soon as they are told.
        *locked(&self.glance) = Some(reader);
        self.tell_added(&root, &first.unwrap_or_default(), told, outbox);
    }

    /// A thumbnail while the library is still being opened.
    pub(super) fn glanced_thumbnail(&self, photo: PhotoId) -> Option<Vec<u8>> {
        locked(&self.glance).as_ref().and_then(|reader| reader.thumbnail(photo).ok()?)
    }

    /// The library is open, or cannot be: whoever waited for that goes on.
    pub(super) fn end_glance(&self) {
        *locked(&self.glance) = None;
        self.glance_is_over.notify_all();
    }

    /// The library cannot be opened: what was told of it does not count.
    pub(super) fn take_back_glance(&self, told: &mut Told, outbox: &Outbox) {
        self.end_glance();
        let told = told.forget();
        if !told.is_empty() {
            outbox.send(Message::LibraryChanged(LibraryChange::Removed(told)));
        }
    }
}
