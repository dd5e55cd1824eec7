//! Everything that enters the screen, and everything it asks for.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::KeyEvent;
use ratatui::layout::Size;

use super::asked::{Asked, Examples};
use super::map::layout::MapLayout;
pub use super::mouse_event::Mouse;
use super::order::{Distances, PhotoList};
use super::photos::PhotoRow;
use super::pictures::{Picture, PictureKey, PictureWant};
use super::training::{ModelsNews, ModelsOrder, TrainingNews, TrainingOrder};
use crate::library::PhotoId;

/// Anything that enters `update`.
#[derive(Debug)]
pub enum Message {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse was used.
    Mouse(Mouse),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this many columns and lines now.
    Resize(Size),
    /// Photos came or went.
    LibraryChanged(LibraryChange),
    /// All photos that were known were told, and nobody here goes through the folder: more come one by one.
    PhotosTold,
    /// The index job goes on.
    IndexProgress(IndexProgress),
    /// The index job is through.
    IndexFinished(IndexSummary),
    /// What stays worth a word of the folder: how new photos are found where the system does not tell. `None`: nothing.
    Standing(Option<String>),
    /// All files that could not be read (replaces the earlier list).
    Skipped(Arc<[SkippedRow]>),
    /// The neighbour index answers from other photos or another model now: earlier answers are old.
    GalleryChanged,
    /// The answer to a question of [`Effect::AskNeighbors`], or why there is none.
    Neighbors {
        /// Which question.
        question: u64,
        /// The answer.
        answer: Result<Answered, String>,
    },
    /// The answer to [`Effect::AskDistances`], or why there is none.
    Distances {
        /// Which question.
        question: u64,
        /// The answer.
        answer: Result<Distances, String>,
    },
    /// The answer to [`Effect::Look`]: what is known of the file, or why it cannot be asked about.
    Looked {
        /// Which file, as it was asked for.
        path: String,
        /// The answer.
        answer: Result<Arc<PhotoRow>, String>,
    },
    /// The file of [`Effect::ExportMarks`] is there already.
    ExportExists(String),
    /// A change was taken back, or done again: which photos are marked now and which not any more.
    Undone {
        /// What was done, in words.
        text: String,
        /// Marked now.
        marked: Vec<PhotoId>,
        /// Not marked any more.
        unmarked: Vec<PhotoId>,
    },
    /// The map, or how far it is, or why there is none: the answer to [`Effect::WantMap`], several times.
    MapLayout {
        /// To which question.
        question: u64,
        /// The map.
        layout: Result<MapLayout, String>,
    },
    /// A picture can be drawn.
    PictureReady {
        /// Which one.
        key: PictureKey,
        /// The picture.
        picture: Picture,
    },
    /// A picture cannot be made.
    PictureFailed {
        /// Which one.
        key: PictureKey,
    },
    /// The terminal has forgotten its pictures (it slept, or its cells have another size).
    PicturesLost,
    /// A key that scrolls is held (`true`), or let go: the grid shows names alone until then.
    Hurry(bool),
    /// These photos are marked (as they were when the program was left).
    MarksLoaded(Vec<PhotoId>),
    /// A training says something.
    Training(TrainingNews),
    /// Something about the models.
    Models(ModelsNews),
    /// Something worth a line.
    Notice(String),
    /// Something went wrong: what, with which file, and what to do.
    Failed(String),
}

/// A change of the photos.
#[derive(Debug)]
pub enum LibraryChange {
    /// These are new, or newer than the rows with the same identity.
    Added(Vec<Arc<PhotoRow>>),
    /// These are gone.
    Removed(Vec<PhotoId>),
}

/// How far indexing is.
#[derive(Clone, Debug, PartialEq)]
pub enum IndexProgress {
    /// Looking for photos.
    Scanning {
        /// Files seen so far.
        files: usize,
    },
    /// Reading and embedding photos.
    Embedding(EmbeddingProgress),
    /// Something else that takes a while, in words: `building the k-d tree`.
    Other(String),
}

/// How far the embedding of photos is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EmbeddingProgress {
    /// Photos done.
    pub done: usize,
    /// Photos to do, done ones included.
    pub total: usize,
    /// Speed of late.
    pub photos_per_second: f32,
    /// Time left, once it can be told.
    pub left: Option<Duration>,
    /// Files that could not be read so far.
    pub skipped: usize,
}

/// What indexing came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexSummary {
    /// Photos in the library.
    pub photos: usize,
    /// Photos embedded by this run.
    pub embedded: usize,
    /// Files that could not be read.
    pub skipped: usize,
    /// Files that are no photos.
    pub ignored: u64,
    /// How long it took.
    pub elapsed: Duration,
}

/// A file that could not be read. Every text is printable already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedRow {
    /// Its path, relative to the folder.
    pub name: Box<str>,
    /// Why.
    pub reason: Box<str>,
}

/// The answer to "what looks like this photo?".
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// The neighbours, nearest first.
    pub neighbors: Vec<Ranked>,
    /// Distance beyond which a neighbour is no good match, where the library has a measure of it.
    pub cut_off: Option<f32>,
    /// How they were searched: `k-d tree`.
    pub method: Arc<str>,
    /// Whether these are surely the nearest ones.
    pub exact: bool,
    /// What the last audit of the index found, if there was one.
    pub audited: Option<Audited>,
    /// Photos compared with the query.
    pub visited: usize,
    /// Photos there are.
    pub of: usize,
    /// How long it took.
    pub elapsed: Duration,
    /// The model that says what is near: `base`.
    pub model: Arc<str>,
}

impl Answered {
    /// Whether a photo at this distance is a good match.
    pub fn is_good(&self, distance: f32) -> bool {
        self.cut_off.is_none_or(|far| distance <= far)
    }
}

/// How an audit of the index went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Audited {
    /// Queries answered again by a scan over every photo.
    pub asked: usize,
    /// Queries on which both agreed.
    pub agreed: usize,
    /// Share of the true neighbours that were found.
    pub recall: f64,
}

/// One neighbour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranked {
    /// Which photo.
    pub photo: PhotoId,
    /// Euclidean distance of the unit rows, from 0 to 2.
    pub distance: f32,
}

/// What `update` asks its caller to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Answer with [`Message::Neighbors`]; only the newest question matters.
    AskNeighbors {
        /// Comes back with the answer.
        question: u64,
        /// What is asked.
        asked: Asked,
    },
    /// Answer with [`Message::Distances`]: how far every photo is from this one, and from what is named besides it.
    AskDistances {
        /// Comes back with the answer.
        question: u64,
        /// From where.
        photo: PhotoId,
        /// And what else.
        with: Examples,
        /// What is to be measured, and perhaps more.
        list: PhotoList,
    },
    /// Look at an image file and answer with [`Message::Looked`]; from then on its id may be asked with.
    Look {
        /// The path as it was typed.
        path: String,
    },
    /// Tell the map of all photos with [`Message::MapLayout`], again and again until it is finished; only the newest
    /// question matters.
    WantMap {
        /// Comes back with the map.
        question: u64,
    },
    /// Make these pictures, first things first, and forget what was wanted before.
    WantPictures(Vec<PictureWant>),
    /// Put the path of this photo into the clipboard.
    CopyPath(PhotoId),
    /// Show this photo in the viewer of the system.
    OpenInViewer(PhotoId),
    /// Remember that these photos are (not) marked.
    SaveMarks {
        /// Which ones.
        photos: Vec<PhotoId>,
        /// Marked, or not any more.
        marked: bool,
    },
    /// Take the newest change of the library back, or do again what was taken back last.
    Undo {
        /// Do it again.
        again: bool,
    },
    /// Write the paths of these photos to a file, one a line.
    ExportMarks {
        /// Which photos, in this order.
        photos: Vec<PhotoId>,
        /// The file, as it was typed.
        to: String,
        /// Whether a file that is there may be replaced.
        overwrite: bool,
    },
    /// Show the file of this photo in the file manager.
    Reveal(PhotoId),
    /// Ask something of the training; answered by [`Message::Training`].
    Training(TrainingOrder),
    /// Ask something about the models; answered by [`Message::Models`].
    Models(ModelsOrder),
    /// Clear the terminal and draw everything again.
    Redraw,
    /// Put the program to sleep.
    Suspend,
    /// Leave.
    Quit,
}
