//! Training on the screen: what is asked of it, what it says, and the panes that show it.

mod act;
mod ask;
mod ask_popup;
mod bins;
mod buckets;
mod curve_pane;
mod distances_pane;
mod entry;
mod examples;
mod examples_pane;
mod facts;
mod fields;
mod fields_pane;
mod figures;
mod form;
mod form_keys;
mod form_pane;
mod head;
mod history;
mod live_pane;
mod message;
mod models_message;
pub(in crate::ui) mod mouse;
mod news;
mod pane;
mod parse;
mod plot;
mod run;
mod screen;
mod shares_pane;
mod start;
mod steer;
mod unfinished;
mod validation_pane;
mod verdict;

#[cfg(test)]
pub(in crate::ui) mod testing;
#[cfg(test)]
mod tests;

pub use message::{
    Believed, DepthPace, HardRow, LabelFrom, LiveNeighbors, ModelRow, ModelsNews, ModelsOrder, PairRow, ParentRow,
    Share, Steering, StepDetails, StepRow, TrainingFacts, TrainingNews, TrainingOffer, TrainingOrder, TrainingOutcome,
    TrainingWish, UnfinishedRow,
};

pub(super) use act::act;
pub(super) use entry::{Entry, Purpose, pasted, typed};
pub(super) use figures::{judged, judged_further, score};
pub(super) use live_pane::{watched_moves, watched_words};
pub(super) use news::{failed, indexed, models_listed, take, watch};
pub(super) use screen::{draw, draw_popup, popup_area, settle, title, wants};
pub(super) use unfinished::open as show_unfinished;

use super::grid::Cursor;
use crate::library::PhotoId;
use ask::Asked;
use examples::Examples;
use fields::Fields;
use form::Form;
use pane::Pane;
use run::Run;

/// How the training screen is looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    focus: Pane,
    zoomed: bool,
    /// The loss on a logarithmic scale.
    log: bool,
    /// Only the last steps.
    recent: bool,
    /// A place on the axis of all curves.
    cursor: Option<u64>,
    /// A bin of the histograms.
    bin: Option<usize>,
    /// The selected neighbour.
    neighbor: usize,
}

/// Everything the screen knows of training.
#[derive(Debug, Default)]
pub(super) struct Training {
    form: Option<Form>,
    steering: Fields,
    run: Option<Run>,
    look: Look,
    examples: Option<Examples>,
    examples_cursor: Cursor,
    asked: Option<Asked>,
    pub(super) entry: Option<Entry>,
    unfinished: Vec<UnfinishedRow>,
    unfinished_at: usize,
    wrong_labels: Vec<(PhotoId, String)>,
    /// The query that the training was told to answer.
    watched: Option<PhotoId>,
    gentle: bool,
    /// Whether every pair of a batch is asked for.
    pairs_wanted: bool,
    /// Whether leaving was asked for once.
    leaving: bool,
}

impl Training {
    /// Whether a training runs.
    pub(super) fn is_running(&self) -> bool {
        self.run.as_ref().is_some_and(Run::is_running)
    }

    /// How a running training is, for the status line.
    pub(super) fn status(&self) -> Option<String> {
        self.run.as_ref().filter(|run| run.is_running()).map(Run::status)
    }

    /// Whether somebody said that the label of this photo is wrong.
    fn is_wrong(&self, photo: &PhotoId) -> bool {
        self.wrong_labels.iter().any(|(wrong, _)| wrong == photo)
    }
}
