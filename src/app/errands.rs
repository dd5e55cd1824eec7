//! What is done once when it is asked for, each on a thread of its own.

use std::path::PathBuf;

use super::backend::Exported;
use super::viewer;
use super::workers::Workers;
use crate::library::PhotoId;
use crate::ui::{Distances, Examples, Message, PhotoList};

impl Workers {
    /// Opens a file in the viewer of the system.
    pub(super) fn open(&self, path: PathBuf) {
        self.run_once("opening the photo", move |_| {
            viewer::open(&path)?;
            Ok(Message::Notice(format!("opened {}", viewer::shown(&path))))
        });
    }

    /// Shows a file in the file manager.
    pub(super) fn reveal(&self, path: PathBuf) {
        self.run_once("showing the file", move |_| {
            viewer::reveal(&path)?;
            Ok(Message::Notice(format!("shown in the file manager: {}", viewer::shown(&path))))
        });
    }

    /// Measures how far every photo is from one.
    pub(super) fn measure(&self, question: u64, photo: PhotoId, with: Examples, list: PhotoList) {
        self.run_once("measuring distances", move |backend| {
            let answer = backend.distances(photo, &with).map(|known| Distances::of(list, known));
            Ok(Message::Distances { question, answer })
        });
    }

    /// Looks at an image file.
    pub(super) fn look(&self, path: String) {
        self.run_once("looking at the file", move |backend| {
            let answer = backend.look(&path);
            Ok(Message::Looked { path, answer })
        });
    }

    /// Writes paths to a file.
    pub(super) fn export(&self, photos: Vec<PhotoId>, to: String, replace: bool) {
        self.run_once("writing the paths", move |backend| {
            Ok(match backend.export(&photos, &to, replace)? {
                Exported::Written(text) => Message::Notice(text),
                Exported::Exists => Message::ExportExists(to),
            })
        });
    }
}
