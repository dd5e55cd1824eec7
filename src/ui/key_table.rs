//! The key table: one place that says which key means what, where, and in which words.
//!
//! `update` looks actions up in it, the hint line, the help and the palette are drawn from it; nothing else knows a key.
//! A new action is a line here and a name in [`Action`].

use super::keys::Context::{
    self, Compare, Details, Examples, Filter, Find, Grid, Help, Map, Models, ModelsCompared, Neighbors, Palette,
    Prompt, Sidebar, Skipped, Training, Zoom,
};
use super::keys::{Action, learning};

const BROWSE: &[Context] = &[Grid, Sidebar, Neighbors, Zoom, Skipped, Compare, Details, Map];
const HELPED: &[Context] =
    &[Grid, Sidebar, Neighbors, Zoom, Skipped, Compare, Details, Map, Training, Examples, Models, ModelsCompared];
const SCREENS: &[Context] = &[Grid, Sidebar, Neighbors, Zoom, Skipped, Help, Compare, Details, Map];
const LONG: &[Context] = &[Grid, Sidebar, Neighbors, Zoom, Skipped, Help, Compare, Details];
const PHOTOS: &[Context] = &[Grid, Neighbors, Zoom, Compare, Details];
const DOTS: &[Context] = &[Grid, Neighbors, Zoom, Compare, Details, Map];
const SINGLE: &[Context] = &[Zoom, Compare, Details];
const TYPED: &[Context] = &[Filter, Prompt];
const GRIDS: &[Context] = &[Grid, Neighbors];
const LISTS: &[Context] = &[Grid, Sidebar, Neighbors, Skipped, Help];
const INNER: &[Context] = &[Sidebar, Neighbors, Zoom, Skipped, Help, Compare, Details, Map];
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
    (&[Neighbors],            &["w"],                     Action::WalkTo,        "to a step of the walk (3{}: the third)",     ""),
    (&[Grid, Neighbors, Compare, Details, Map], &["z"],   Action::Zoom,          "this photo on the whole screen",             "zoom"),
    (&[Zoom],                 &["z"],                     Action::Out,           "back to the others",                         "back"),
    (SINGLE,                  &["h", "left"],             Action::Left,          "previous photo",                             "previous"),
    (SINGLE,                  &["l", "right"],            Action::Right,         "next photo",                                 "next"),
    (SINGLE,                  &["k", "up"],               Action::Up,            "a row up",                                   ""),
    (SINGLE,                  &["j", "down"],             Action::Down,          "a row down",                                 ""),
    (GRIDS,                   &["h", "left"],             Action::Left,          "left (5{}: five photos)",                    ""),
    (LISTS,                   &["j", "down"],             Action::Down,          "down (5{}: five rows)",                      ""),
    (LISTS,                   &["k", "up"],               Action::Up,            "up",                                         ""),
    (GRIDS,                   &["l", "right"],            Action::Right,         "right",                                      ""),
    (LISTS,                   &["pgdn", "ctrl-f"],        Action::PageDown,      "a page down",                                ""),
    (LISTS,                   &["pgup", "ctrl-b"],        Action::PageUp,        "a page up",                                  ""),
    (LONG,                    &["g g", "home"],           Action::First,         "first",                                      ""),
    (LONG,                    &["G", "end"],              Action::Last,          "last (20{}: the twentieth)",                 ""),
    (GRIDS,                   &["/"],                     Action::Find,          "find by name",                               "find"),
    (&[Map],                  &["/"],                     Action::Find,          "find by name",                               ""),
    (PHOTOS,                  &["n"],                     Action::FindNext,      "next one found",                             ""),
    (PHOTOS,                  &["N"],                     Action::FindPrevious,  "previous one found",                         ""),
    (PHOTOS,                  &["space"],                 Action::Mark,          "mark or unmark, and go on",                  "mark"),
    (&[Map],                  &["space"],                 Action::Mark,          "mark or unmark",                             ""),
    (GRIDS,                   &["v"],                     Action::MarkRange,     "mark a range: {}, move, {}",                 ""),
    (&[Grid, Sidebar, Neighbors], &["f"],                 Action::Filter,        "show only some: label, date, marked",        "filter"),
    (LIBRARY,                 &["s"],                     Action::Sort,          "sort by name, date, label, distance",        "sort"),
    (LIBRARY,                 &["S"],                     Action::Reverse,       "the other way round",                        ""),
    (&[Grid, Neighbors, Zoom], &["c"],                    Action::Compare,       "two photos side by side",                    "compare"),
    (&[Grid, Neighbors, Zoom, Compare, Map], &["i"],      Action::Details,       "everything known of this photo",             ""),
    (&[Grid, Sidebar, Neighbors], &["Q"],                 Action::AskMarked,     "what looks like all marked photos",          ""),
    (&[Grid, Sidebar, Neighbors], &["p"],                 Action::AskPath,       "what looks like an image file",              ""),
    (BROWSE,                  &["u"],                     Action::Undo,          "undo the last change",                       ""),
    (BROWSE,                  &["U"],                     Action::Redo,          "do it again",                                ""),
    (BROWSE,                  &["e"],                     Action::ExportMarks,   "paths of the marked photos to a file",       ""),
    (DOTS,                    &["O"],                     Action::Reveal,        "show it in the file manager",                ""),
    (DOTS,                    &["y"],                     Action::CopyPath,      "copy the path",                              ""),
    (DOTS,                    &["o"],                     Action::OpenInViewer,  "open in the system viewer",                  "open"),
    (&[Grid],                 &["tab", "backtab"],        Action::Focus,         "to the labels",                              "labels"),
    (&[Sidebar],              &["tab", "backtab"],        Action::Focus,         "to the photos",                              "photos"),
    (&[Grid, Sidebar, Neighbors], &["M"],                 Action::Map,           "map of all photos: near ones are similar",   "map"),
    (&[Map],                  &["enter"],                 Action::Open,          "what looks like this photo",                 "similar"),
    (&[Map],                  &["h", "left"],             Action::Left,          "nearest dot to the left (5{}: five dots)",   ""),
    (&[Map],                  &["j", "down"],             Action::Down,          "nearest dot below",                          ""),
    (&[Map],                  &["k", "up"],               Action::Up,            "nearest dot above",                          ""),
    (&[Map],                  &["l", "right"],            Action::Right,         "nearest dot to the right",                   ""),
    (&[Map],                  &["n"],                     Action::NextHere,      "next photo in the same spot",                "next here"),
    (&[Map],                  &["+"],                     Action::ZoomIn,        "larger",                                     "larger"),
    (&[Map],                  &["-"],                     Action::ZoomOut,       "smaller",                                    "smaller"),
    (&[Map],                  &["="],                     Action::ZoomReset,     "all of the map",                             "all"),
    (&[Map],                  &["H", "shift-left"],       Action::PanLeft,       "look further left",                          ""),
    (&[Map],                  &["J", "shift-down"],       Action::PanDown,       "look further down",                          ""),
    (&[Map],                  &["K", "shift-up"],         Action::PanUp,         "look further up",                            ""),
    (&[Map],                  &["L", "shift-right"],      Action::PanRight,      "look further right",                         ""),
    (&[Map],                  &["tab"],                   Action::NextLabel,     "only this label; then the next one",         "one label"),
    (&[Map],                  &["backtab"],               Action::PreviousLabel, "only the previous label",                    ""),
    (&[Map],                  &["M"],                     Action::Out,           "close the map",                              ""),
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
    (&[Find],                 &["enter"],                 Action::FindKeep,      "keep what was found",                        "keep"),
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
