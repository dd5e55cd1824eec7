//! What the screen asks about models, and what it is told.

use super::facts::Believed;
use crate::library::PhotoId;
use crate::ui::Answered;

/// A model of the library, as it is listed.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelRow {
    /// Its name.
    pub name: String,
    /// Whether it is the one before any training.
    pub base: bool,
    /// How much was trained.
    pub depth: Option<String>,
    /// Name of the model it started from.
    pub parent: Option<String>,
    /// When it was saved, as `2026-05-03 14:02`.
    pub created: String,
    /// Numbers of an embedding.
    pub dim: u32,
    /// Size of its weights.
    pub bytes: u64,
    /// Whether it answers now.
    pub in_use: bool,
    /// On held-out photos of its training.
    pub judged: Option<Believed>,
    /// Its settings and what was changed on the way, one fact a line.
    pub config: Vec<String>,
}

/// What is asked about models. Every order is answered by [`ModelsNews::List`] too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelsOrder {
    /// List them.
    List,
    /// Let this one answer from now on.
    Use(String),
    /// Give it another name.
    Rename {
        /// The present name.
        from: String,
        /// The new one.
        to: String,
    },
    /// Delete it; [`ModelsOrder::Undo`] brings it back.
    Delete(String),
    /// Write it to a file.
    Export {
        /// Which.
        name: String,
        /// Where to.
        path: String,
    },
    /// Answer one query by two models: [`ModelsNews::Compared`].
    Compare {
        /// The query.
        query: PhotoId,
        /// The two models.
        models: [String; 2],
    },
    /// Undo the last change: of marks, or of which model answers.
    Undo,
    /// Do again what was undone.
    Redo,
}

/// What is said about models.
#[derive(Clone, Debug)]
pub enum ModelsNews {
    /// All of them, oldest first.
    List(Vec<ModelRow>),
    /// Something was done, in words.
    Done(String),
    /// Something cannot be done: what, and what to do instead.
    Failed(String),
    /// It takes a while: `embedding the library with tuned 3: 400 / 1,208`.
    Busy(String),
    /// Two answers to one query.
    Compared {
        /// The query.
        query: PhotoId,
        /// The models.
        models: [String; 2],
        /// Their answers.
        answers: Box<[Answered; 2]>,
    },
}
