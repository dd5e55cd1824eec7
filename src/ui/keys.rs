//! What keys can mean, and where: [`super::key_table`] says which key means what.
//!
//! A new action is its name in [`Action`] and a line of the table: `Action::PageDown` is `page-down` in the file.

mod action;
mod learning;

pub use action::Action;

/// What has the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// The grid of the library.
    Grid,
    /// The labels beside the grid.
    Sidebar,
    /// The neighbours of a photo.
    Neighbors,
    /// One photo on the whole screen.
    Zoom,
    /// The list of files that could not be read.
    Skipped,
    /// The map.
    Map,
    /// The help.
    Help,
    /// The line where a name is typed.
    Find,
    /// Two photos side by side.
    Compare,
    /// Everything that is known of a photo.
    Details,
    /// The filter while it is typed.
    Filter,
    /// A line where something else is typed: the name of a file, a path.
    Prompt,
    /// The palette, where a part of an action's words is typed.
    Palette,
    /// The form that a training starts from.
    TrainingForm,
    /// The panes of a training.
    Training,
    /// Settings that are changed while it runs.
    Steering,
    /// Photos behind a number: triplets, pairs, suspects.
    Examples,
    /// The list of models.
    Models,
    /// Two models side by side.
    ModelsCompared,
    /// A line that is typed: a name, a path.
    Entry,
    /// A question that needs a yes.
    Ask,
    /// Trainings that were cut off.
    Unfinished,
}

impl Context {
    /// The heading of the context in the help.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Grid => "Library",
            Self::Sidebar => "Labels",
            Self::Neighbors => "Neighbours",
            Self::Zoom => "One photo",
            Self::Skipped => "Skipped files",
            Self::Map => "Map",
            Self::Help => "Help",
            Self::Find => "Find",
            Self::Compare => "Two photos",
            Self::Details => "Details",
            Self::Filter => "Filter",
            Self::Prompt => "A line to type",
            Self::Palette => "Palette",
            Self::TrainingForm => "A new training",
            Self::Training => "Training",
            Self::Steering => "Settings of a training",
            Self::Examples => "Photos behind a number",
            Self::Models => "Models",
            Self::ModelsCompared => "Two models",
            Self::Entry => "A line",
            Self::Ask => "A question",
            Self::Unfinished => "Trainings that were cut off",
        }
    }

    /// Its name in the file of keys.
    pub(super) fn name(self) -> String {
        name(self)
    }

    /// Whether text is typed here: what types a character cannot be a key then.
    pub(super) const fn types(self) -> bool {
        matches!(
            self,
            Self::Find
                | Self::Filter
                | Self::Prompt
                | Self::Palette
                | Self::TrainingForm
                | Self::Steering
                | Self::Entry
        )
    }
}

/// The name of a variant in small letters and hyphens.
fn name(variant: impl std::fmt::Debug) -> String {
    let mut name = String::new();
    for c in format!("{variant:?}").chars() {
        if c.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.extend(c.to_lowercase());
    }
    name
}

use Context::{
    Compare, Details, Examples, Filter, Find, Grid, Help, Models, ModelsCompared, Neighbors, Palette, Prompt, Sidebar,
    Skipped, Training, Zoom,
};

const BROWSE: &[Context] = &[Grid, Sidebar, Neighbors, Zoom, Skipped, Compare, Details];
const HELPED: &[Context] =
    &[Grid, Sidebar, Neighbors, Zoom, Skipped, Compare, Details, Training, Examples, Models, ModelsCompared];
const SCREENS: &[Context] = &[Grid, Sidebar, Neighbors, Zoom, Skipped, Help, Compare, Details];
const PHOTOS: &[Context] = &[Grid, Neighbors, Zoom, Compare, Details];
const SINGLE: &[Context] = &[Zoom, Compare, Details];
const TYPED: &[Context] = &[Filter, Prompt];
const GRIDS: &[Context] = &[Grid, Neighbors];
const LISTS: &[Context] = &[Grid, Sidebar, Neighbors, Skipped, Help];
const INNER: &[Context] = &[Sidebar, Neighbors, Zoom, Skipped, Help, Compare, Details];
const LIBRARY: &[Context] = &[Grid, Sidebar];

/// Where, keys, meaning, what it does, and in a word for the hint line.
pub(super) type Line = (&'static [Context], &'static [&'static str], Action, &'static str, &'static str);

/// Every line of the table.
pub(super) fn table() -> impl Iterator<Item = &'static Line> {
    TABLE.iter().chain(learning::TABLE)
}

#[rustfmt::skip]
const TABLE: &[Line] = &[
    // where                  keys                        meaning                what it does                                  hint
    (GRIDS,                   &["enter"],                 Action::Open,          "what looks like this photo",                 "similar"),
    (SINGLE,                  &["enter"],                 Action::Open,          "what looks like this photo",                 "similar"),
    (&[Sidebar],              &["enter"],                 Action::Open,          "show only these photos",                     "show these"),
    (&[Neighbors],            &["H", "backspace"],        Action::WalkBack,      "back along the walk",                        "back"),
    (&[Neighbors],            &["L"],                     Action::WalkForward,   "forward along the walk",                     "forward"),
    (&[Neighbors],            &["+"],                     Action::MoreLike,      "ask again: also like this one",              "like"),
    (&[Neighbors],            &["-"],                     Action::LessLike,      "ask again: unlike this one",                 "unlike"),
    (&[Neighbors],            &["="],                     Action::QueryAlone,    "ask again: the query alone",                 ""),
    (&[Neighbors],            &["w"],                     Action::WalkTo,        "to a step of the walk (3w: the third)",      ""),
    (&[Grid, Neighbors, Compare, Details], &["z"],        Action::Zoom,          "this photo on the whole screen",             "zoom"),
    (&[Zoom],                 &["z"],                     Action::Out,           "back to the others",                         "back"),
    (SINGLE,                  &["h", "left"],             Action::Left,          "previous photo",                             "previous"),
    (SINGLE,                  &["l", "right"],            Action::Right,         "next photo",                                 "next"),
    (SINGLE,                  &["k", "up"],               Action::Up,            "a row up",                                   ""),
    (SINGLE,                  &["j", "down"],             Action::Down,          "a row down",                                 ""),
    (GRIDS,                   &["h", "left"],             Action::Left,          "left (5h: five photos)",                     ""),
    (LISTS,                   &["j", "down"],             Action::Down,          "down (5j: five rows)",                       ""),
    (LISTS,                   &["k", "up"],               Action::Up,            "up",                                         ""),
    (GRIDS,                   &["l", "right"],            Action::Right,         "right",                                      ""),
    (LISTS,                   &["pgdn", "ctrl-f"],        Action::PageDown,      "a page down",                                ""),
    (LISTS,                   &["pgup", "ctrl-b"],        Action::PageUp,        "a page up",                                  ""),
    (SCREENS,                 &["g g", "home"],           Action::First,         "first",                                      ""),
    (SCREENS,                 &["G", "end"],              Action::Last,          "last (20G: the twentieth)",                  ""),
    (GRIDS,                   &["/"],                     Action::Find,          "find by name",                               "find"),
    (PHOTOS,                  &["n"],                     Action::FindNext,      "next one found",                             ""),
    (PHOTOS,                  &["N"],                     Action::FindPrevious,  "previous one found",                         ""),
    (PHOTOS,                  &["space"],                 Action::Mark,          "mark or unmark, and go on",                  "mark"),
    (GRIDS,                   &["v"],                     Action::MarkRange,     "mark a range: v, move, v",                   ""),
    (&[Grid, Sidebar, Neighbors], &["f"],                 Action::Filter,        "show only some: label, date, marked",        "filter"),
    (LIBRARY,                 &["s"],                     Action::Sort,          "sort by name, date, label, distance",        "sort"),
    (LIBRARY,                 &["S"],                     Action::Reverse,       "the other way round",                        ""),
    (&[Grid, Neighbors, Zoom], &["c"],                    Action::Compare,       "two photos side by side",                    "compare"),
    (&[Grid, Neighbors, Zoom, Compare], &["i"],           Action::Details,       "everything known of this photo",             ""),
    (&[Grid, Sidebar, Neighbors], &["Q"],                 Action::AskMarked,     "what looks like all marked photos",          ""),
    (&[Grid, Sidebar, Neighbors], &["p"],                 Action::AskPath,       "what looks like an image file",              ""),
    (BROWSE,                  &["u"],                     Action::Undo,          "undo the last change",                       ""),
    (BROWSE,                  &["U"],                     Action::Redo,          "do it again",                                ""),
    (BROWSE,                  &["e"],                     Action::ExportMarks,   "paths of the marked photos to a file",       ""),
    (PHOTOS,                  &["O"],                     Action::Reveal,        "show it in the file manager",                ""),
    (PHOTOS,                  &["y"],                     Action::CopyPath,      "copy the path",                              ""),
    (PHOTOS,                  &["o"],                     Action::OpenInViewer,  "open in the system viewer",                  "open"),
    (&[Grid],                 &["tab", "backtab"],        Action::Focus,         "to the labels",                              "labels"),
    (&[Sidebar],              &["tab", "backtab"],        Action::Focus,         "to the photos",                              "photos"),
    (&[Grid, Sidebar, Neighbors, Zoom], &["!"],           Action::Skipped,       "files that could not be read",               ""),
    (HELPED,                  &["?", "f1"],               Action::Help,          "this help",                                  "help"),
    (HELPED,                  &[":"],                     Action::Palette,       "every action, found by its words",           "actions"),
    (&[Compare],              &["c"],                     Action::Out,           "back to the others",                         "back"),
    (&[Details],              &["i"],                     Action::Out,           "close the details",                          "close"),
    (&[Help],                 &["?", "f1"],               Action::Out,           "close the help",                             ""),
    (&[Grid],                 &["esc"],                   Action::Out,           "one layer out, never more",                  ""),
    (INNER,                   &["esc"],                   Action::Out,           "one layer out, never more",                  "out"),
    (SCREENS,                 &["ctrl-l"],                Action::Redraw,        "draw the screen again",                      ""),
    (SCREENS,                 &["ctrl-z"],                Action::Suspend,       "sleep (fg wakes)",                           ""),
    (SCREENS,                 &["q", "ctrl-c"],           Action::Quit,          "quit",                                       "quit"),
    (&[Find],                 &["enter"],                 Action::FindKeep,      "keep (then n and N go on)",                  "keep"),
    (&[Find],                 &["esc"],                   Action::Out,           "back to where you were",                     "back"),
    (&[Find],                 &["backspace"],             Action::FindErase,     "take a letter back",                         ""),
    (&[Find],                 &["down", "ctrl-n"],        Action::FindNext,      "next one found",                             "next"),
    (&[Find],                 &["up", "ctrl-p"],          Action::FindPrevious,  "previous one found",                         "previous"),
    (&[Find],                 &["ctrl-c"],                Action::Quit,          "quit",                                       ""),
    (TYPED,                   &["enter"],                 Action::Accept,        "keep",                                       "keep"),
    (TYPED,                   &["esc"],                   Action::Out,           "back, as it was",                            "back"),
    (TYPED,                   &["backspace"],             Action::Erase,         "take a letter back",                         ""),
    (TYPED,                   &["ctrl-c"],                Action::Quit,          "quit",                                       ""),
    (&[Filter],               &["tab"],                   Action::Complete,      "take over what is suggested",                "take over"),
    (&[Filter],               &["down", "ctrl-n"],        Action::Down,          "next suggestion",                            "next"),
    (&[Filter],               &["up", "ctrl-p"],          Action::Up,            "previous suggestion",                        ""),
    (&[Palette],              &["enter"],                 Action::Open,          "do it",                                      "do it"),
    (&[Palette],              &["esc"],                   Action::Out,           "back, and nothing is done",                  "back"),
    (&[Palette],              &["down", "ctrl-n"],        Action::Down,          "the next action",                            "next"),
    (&[Palette],              &["up", "ctrl-p"],          Action::Up,            "the previous action",                        "previous"),
    (&[Palette],              &["pgdn"],                  Action::PageDown,      "a page down",                                ""),
    (&[Palette],              &["pgup"],                  Action::PageUp,        "a page up",                                  ""),
    (&[Palette],              &["backspace"],             Action::FindErase,     "take a letter back",                         ""),
    (&[Palette],              &["ctrl-c"],                Action::Quit,          "quit",                                       ""),
];
