//! Image files that were typed, lists of paths, and changes taken back.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::backend::{Exported, Undone};
use super::super::typed_path::{candidates, home};
use super::training::is_about_label;
use super::{Folder, locked, sentence};
use crate::app::mailbox::Outbox;
use crate::app::rows::RowMaker;
use crate::library::{PhotoId, printable};
use crate::store::{Change, Mark, MarkKind};
use crate::ui::PhotoRow;
use crate::work::{Viewer, list_models, look_at, undo, write_paths};

const OPENING: &str = "the library is still being opened; try again in a moment";

impl Folder {
    /// Looks at an image file and remembers where it lies.
    pub(super) fn look_at(&self, typed: &str) -> Result<Arc<PhotoRow>, String> {
        let found = candidates(typed, &self.at).into_iter().find(|path| path.exists());
        let path = found.ok_or_else(|| format!("there is no file {}", printable(typed)))?;
        let path = path.canonicalize().unwrap_or(path);
        let record = look_at(&path).map_err(|error| sentence(&error))?;
        locked(&self.visitors).insert(record.facts.id, path);
        // Its folder is none of this library's: it says nothing about it.
        let row = PhotoRow { labels: Box::default(), ..(*RowMaker::default().row(&record)).clone() };
        Ok(Arc::new(row))
    }

    /// Writes the paths of these photos to a file.
    pub(super) fn export_paths(&self, photos: &[PhotoId], to: &str, replace: bool) -> Result<Exported, String> {
        let library = self.soon_open().ok_or(OPENING)?;
        let paths: Vec<PathBuf> = photos.iter().filter_map(|photo| locked(&self.paths).get(photo).cloned()).collect();
        let to = home(to);
        if to.is_dir() {
            return Err(format!("{} is a folder: write the name of a file", shown(&to)));
        }
        if !write_paths(library, &paths, &to, replace).map_err(|error| sentence(&error))? {
            return Ok(Exported::Exists);
        }
        let whole = to.canonicalize().unwrap_or(to);
        let plural = if paths.len() == 1 { "" } else { "s" };
        Ok(Exported::Written(format!("{} path{plural} written to {}", paths.len(), shown(&whole))))
    }

    /// Takes the newest change back, or does it again, and tells what follows from it: which labels are wrong, or the
    /// neighbours of another model.
    pub(super) fn take_back(&self, again: bool, outbox: Option<&Outbox>) -> Result<Undone, String> {
        let library = self.soon_open().ok_or(OPENING)?;
        let Some(change) = undo(library, again).map_err(|error| sentence(&error))? else {
            let text = if again { "there is nothing to do again" } else { "there is nothing to undo" };
            return Ok(Undone { text: text.to_owned(), ..Undone::default() });
        };
        let viewer = library.viewer().map_err(|error| sentence(&error))?;
        let said = if again { "done again" } else { "undone" };
        let text = format!("{said}: {}{}", printable(&words(&change)), which_answers(&viewer, &change));
        let change = if again { change } else { change.inverse() };
        if let Change::Marks { before, after } = &change {
            if let Some(outbox) = outbox.filter(|_| before.iter().chain(after).any(is_about_label)) {
                self.tell_wrong_labels(&viewer, outbox)?;
            }
            return Ok(Undone { text, marked: marked(after), unmarked: marked(before) });
        }
        if let Some(outbox) = outbox {
            self.renew_neighbors(library, outbox).map_err(|error| sentence(&error))?;
        }
        Ok(Undone { text, ..Undone::default() })
    }
}

/// After another model was chosen: `; “base” answers now`.
fn which_answers(viewer: &Viewer, change: &Change) -> String {
    let is_choice = matches!(change, Change::CurrentModel { .. });
    let models = is_choice.then(|| list_models(viewer).ok()).flatten();
    let name = models.and_then(|models| models.into_iter().find(|model| model.current)).map(|model| model.name);
    name.map(|name| format!("; “{}” answers now", printable(&name))).unwrap_or_default()
}

/// The photos of those marks that only mark.
fn marked(marks: &[Mark]) -> Vec<PhotoId> {
    marks.iter().filter(|mark| mark.kind == MarkKind::Marked).map(|mark| mark.photo).collect()
}

/// What was done, in words.
fn words(change: &Change) -> String {
    let Change::Marks { before, after } = change else { return change.to_string() };
    let photos = |count: usize| format!("{count} photo{}", if count == 1 { "" } else { "s" });
    match (marked(before).len(), marked(after).len()) {
        (0, new) if new > 0 && new == after.len() => format!("{} marked", photos(new)),
        (gone, 0) if gone > 0 && gone == before.len() => format!("{} unmarked", photos(gone)),
        _ => change.to_string(),
    }
}

fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}
