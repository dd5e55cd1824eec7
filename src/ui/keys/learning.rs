//! The lines of the key table that have to do with training and models.

use super::Context::{
    Ask, Entry, Examples, Grid, Models, ModelsCompared, Neighbors, Sidebar, Steering, Training, TrainingForm,
    Unfinished, Zoom,
};
use super::{Action, Context};
use crate::ui::key_table::Line;

const LEARNING: &[Context] = &[Training, Examples, Models, ModelsCompared];
const FORMS: &[Context] = &[TrainingForm, Steering];
const TYPED: &[Context] = &[TrainingForm, Steering, Entry];
const BROWSING: &[Context] = &[Grid, Sidebar, Neighbors, Zoom];
const POPUPS: &[Context] = &[TrainingForm, Steering, Entry, Ask, Unfinished];
const LEAVABLE: &[Context] =
    &[TrainingForm, Training, Steering, Examples, Models, ModelsCompared, Entry, Ask, Unfinished];
const ROWS: &[Context] = &[Examples, Models, ModelsCompared];

#[rustfmt::skip]
pub(in crate::ui) const TABLE: &[Line] = &[
    // where                  keys                        meaning                what it does                                  hint
    (BROWSING,                &["t"],                     Action::Train,         "train, or see the training that runs",       "train"),
    (&[Training],             &["t"],                     Action::Train,         "a new training",                             ""),
    (&[Models],               &["t"],                     Action::Train,         "a new training",                             "train"),
    (BROWSING,                &["m"],                     Action::Models,        "the models",                                 "models"),
    (&[Training],             &["m"],                     Action::Models,        "the models",                                 ""),
    (LEARNING,                &["u"],                     Action::Undo,          "undo a mark, or which model answers",        ""),
    (LEARNING,                &["U"],                     Action::Redo,          "do it again",                                ""),
    (&[TrainingForm],         &["enter"],                 Action::Open,          "begin",                                      "begin"),
    (&[Steering],             &["enter"],                 Action::Open,          "take these settings",                        "take these"),
    (FORMS,                   &["down", "tab"],           Action::Down,          "the next field",                             "next field"),
    (FORMS,                   &["up", "backtab"],         Action::Up,            "the field before",                           ""),
    (FORMS,                   &["right"],                 Action::Right,         "the next choice",                            "other choice"),
    (FORMS,                   &["left"],                  Action::Left,          "the choice before",                          ""),
    (&[TrainingForm],         &["ctrl-r"],                Action::Unfinished,    "trainings that were cut off",                ""),
    (&[Training],             &["enter"],                 Action::Open,          "the pictures behind the numbers",            "pictures"),
    (&[Training],             &["p"],                     Action::Pause,         "pause, or go on",                            "pause"),
    (&[Training],             &["S"],                     Action::StopTraining,  "stop and keep the best",                     "stop"),
    (&[Training],             &["e"],                     Action::Steer,         "rate, margin, mining, P and K",              "settings"),
    (&[Training],             &["tab"],                   Action::Focus,         "the next pane",                              "pane"),
    (&[Training],             &["z"],                     Action::Zoom,          "this pane alone, or all",                    "zoom"),
    (&[Training],             &["l", "right"],            Action::Right,         "cursor on: all curves at one step",          "cursor"),
    (&[Training],             &["h", "left"],             Action::Left,          "cursor back",                                ""),
    (&[Training],             &["home", "g g"],           Action::First,         "cursor to the first step",                   ""),
    (&[Training],             &["end"],                   Action::Last,          "cursor to the last step",                    ""),
    (&[Training],             &["backtab"],               Action::FocusBack,     "the pane before",                            ""),
    (&[Training],             &["j", "down"],             Action::Down,          "the pane below",                             ""),
    (&[Training],             &["k", "up"],               Action::Up,            "the pane above",                             ""),
    (&[Training],             &["="],                     Action::Reset,         "no cursor",                                  ""),
    (&[Training],             &["L"],                     Action::LogScale,      "the loss on a logarithmic scale",            "log"),
    (&[Training],             &["r"],                     Action::Recent,        "the last steps, or the whole run",           "recent"),
    (&[Training],             &["+"],                     Action::RateUp,        "double the learning rate",                   ""),
    (&[Training],             &["-"],                     Action::RateDown,      "halve the learning rate",                    ""),
    (&[Training],             &["s"],                     Action::MineSemiHard,  "mine semi-hard triplets from now on",        ""),
    (&[Training],             &["w"],                     Action::Checkpoint,    "save a checkpoint now",                      ""),
    (&[Training],             &["b"],                     Action::GoBack,        "back to the last good state, half the rate", ""),
    (&[Training],             &["G"],                     Action::Gentle,        "leave most of the processor to the rest",    ""),
    (&[Training],             &["D"],                     Action::DiscardTraining, "stop and keep nothing (asks)",             ""),
    (&[Training],             &["n"],                     Action::Suspects,      "photos whose labels may be wrong",           ""),
    (&[Training, Examples],   &["X"],                     Action::WrongLabels,   "labels said to be wrong",                    ""),
    (&[Examples],             &["x"],                     Action::WrongLabel,    "this label is wrong, or right after all",    "label is wrong"),
    (&[Examples],             &["enter"],                 Action::Open,          "what looks like this photo",                 "similar"),
    (&[Examples],             &["h", "left"],             Action::Left,          "the photo before",                           ""),
    (&[Examples],             &["l", "right"],            Action::Right,         "the next photo",                             "next"),
    (ROWS,                    &["j", "down"],             Action::Down,          "down",                                       ""),
    (ROWS,                    &["k", "up"],               Action::Up,            "up",                                         ""),
    (ROWS,                    &["pgdn", "ctrl-f"],        Action::PageDown,      "a page down",                                ""),
    (ROWS,                    &["pgup", "ctrl-b"],        Action::PageUp,        "a page up",                                  ""),
    (ROWS,                    &["g g", "home"],           Action::First,         "first",                                      ""),
    (ROWS,                    &["G", "end"],              Action::Last,          "last",                                       ""),
    (&[Models],               &["enter", "space"],        Action::Open,          "let this model answer",                      "use"),
    (&[Models],               &["c"],                     Action::CompareModels, "compare two models on one photo",            "compare"),
    (&[Models],               &["R"],                     Action::RenameModel,   "another name",                               "rename"),
    (&[Models],               &["d"],                     Action::DeleteModel,   "delete (undo brings it back)",               "delete"),
    (&[Models],               &["E"],                     Action::ExportModel,   "write it to a file",                         "export"),
    (&[Models],               &["r"],                     Action::Unfinished,    "trainings that were cut off",                ""),
    (&[Unfinished],           &["enter", "r"],            Action::Open,          "go on with it",                              "go on"),
    (&[Unfinished],           &["f"],                     Action::FinishRun,     "end it where it stands and keep its best",   "end it"),
    (&[Unfinished],           &["esc"],                   Action::Out,           "later",                                      "later"),
    (&[Unfinished],           &["D"],                     Action::ForgetRun,     "forget it (asks)",                           "forget"),
    (&[Unfinished],           &["j", "down"],             Action::Down,          "the next one",                               ""),
    (&[Unfinished],           &["k", "up"],               Action::Up,            "the one before",                             ""),
    (&[Ask],                  &["y", "enter"],            Action::Yes,           "yes",                                        "yes"),
    (&[Ask],                  &["esc", "n"],              Action::Out,           "no",                                         "no"),
    (&[Entry],                &["enter"],                 Action::Open,          "take it",                                    "take it"),
    (TYPED,                   &["backspace"],             Action::FindErase,     "take a letter back",                         ""),
    (TYPED,                   &["esc"],                   Action::Out,           "out, nothing is begun",                      "out"),
    (&[TrainingForm],         &["f1"],                    Action::Help,          "this help",                                  "help"),
    (LEARNING,                &["esc"],                   Action::Out,           "one layer out; a training goes on",          "out"),
    (LEAVABLE,                &["ctrl-l"],                Action::Redraw,        "draw the screen again",                      ""),
    (LEAVABLE,                &["ctrl-z"],                Action::Suspend,       "sleep (fg wakes)",                           ""),
    (LEARNING,                &["q", "ctrl-c"],           Action::Quit,          "quit",                                       "quit"),
    (POPUPS,                  &["ctrl-c"],                Action::Quit,          "quit",                                       ""),
];
