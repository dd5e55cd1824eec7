//! The key table: one place that says which key means what, where, and in which words.
//!
//! `update` looks actions up in it, the hint line and the help are drawn from it; nothing else knows a key.

use super::chord::Press;

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
        }
    }
}

/// What a key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// One step left, or to the previous photo.
    Left,
    /// One step right, or to the next photo.
    Right,
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// One page up.
    PageUp,
    /// One page down.
    PageDown,
    /// To the first, or with a count to that place.
    First,
    /// To the last, or with a count to that place.
    Last,
    /// Neighbours of the selected photo, or what the selected line stands for.
    Open,
    /// One layer out.
    Out,
    /// Back along the walk.
    WalkBack,
    /// Forward along the walk.
    WalkForward,
    /// Mark or unmark.
    Mark,
    /// Start a range of marks, or mark it.
    MarkRange,
    /// The next order of the photos.
    Sort,
    /// The same order the other way round.
    Reverse,
    /// Type a name to find.
    Find,
    /// The next photo that was found.
    FindNext,
    /// The previous photo that was found.
    FindPrevious,
    /// Keep what was found.
    FindKeep,
    /// Take the last typed character back.
    FindErase,
    /// The other pane.
    Focus,
    /// One photo large.
    Zoom,
    /// Copy the path.
    CopyPath,
    /// Open in the viewer of the system.
    OpenInViewer,
    /// The list of skipped files.
    Skipped,
    /// The map of all photos.
    Map,
    /// The next photo in the same spot of the map.
    NextHere,
    /// Look at the next label of the map.
    NextLabel,
    /// Look at the previous label of the map.
    PreviousLabel,
    /// The map larger.
    ZoomIn,
    /// The map smaller.
    ZoomOut,
    /// All of the map.
    ZoomReset,
    /// Another part of the map.
    PanLeft,
    /// Another part of the map.
    PanRight,
    /// Another part of the map.
    PanUp,
    /// Another part of the map.
    PanDown,
    /// The help.
    Help,
    /// Draw everything again.
    Redraw,
    /// Put the program to sleep.
    Suspend,
    /// Leave.
    Quit,
}

/// One line of the key table.
#[derive(Clone, Debug)]
pub(super) struct Binding {
    pub(super) contexts: &'static [Context],
    pub(super) chords: Vec<Vec<Press>>,
    pub(super) action: Action,
    /// What it does, for the help.
    pub(super) words: &'static str,
    /// What it does in a word, for the hint line; empty: not hinted.
    pub(super) hint: &'static str,
}

impl Binding {
    /// The keys as shown: `h ←`.
    pub(super) fn keys(&self) -> String {
        let chord = |presses: &Vec<Press>| presses.iter().map(Press::to_string).collect::<Vec<_>>().join(" ");
        self.chords.iter().map(chord).collect::<Vec<_>>().join(", ")
    }

    /// The first of its keys as shown.
    pub(super) fn first_key(&self) -> String {
        self.chords.first().map(|chord| chord.iter().map(Press::to_string).collect()).unwrap_or_default()
    }
}

/// What the keys pressed so far mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// This.
    Action(Action),
    /// The beginning of something.
    Beginning,
    /// Nothing.
    Nothing,
}

/// The table in use.
#[derive(Clone, Debug)]
pub struct KeyMap {
    pub(super) bindings: Vec<Binding>,
}

impl KeyMap {
    /// What these presses mean in this context.
    pub(super) fn find(&self, context: Context, pressed: &[Press]) -> Found {
        let here = self.bindings.iter().filter(|binding| binding.contexts.contains(&context));
        let mut found = Found::Nothing;
        for (binding, chord) in here.flat_map(|binding| binding.chords.iter().map(move |chord| (binding, chord))) {
            if chord == pressed {
                return Found::Action(binding.action);
            }
            if chord.starts_with(pressed) {
                found = Found::Beginning;
            }
        }
        found
    }

    /// The lines that hold in this context, in the order of the table.
    pub(super) fn of(&self, context: Context) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().filter(move |binding| binding.contexts.contains(&context))
    }
}

impl Default for KeyMap {
    fn default() -> Self {
        let chord = |text: &&str| text.split(' ').map(Press::parse).collect::<Option<Vec<_>>>();
        let bindings = TABLE.iter().map(|&(contexts, keys, action, words, hint)| {
            let chords = keys.iter().filter_map(chord).collect();
            Binding { contexts, chords, action, words, hint }
        });
        Self { bindings: bindings.collect() }
    }
}

use Context::{Find, Grid, Help, Map, Neighbors, Sidebar, Skipped, Zoom};

const BROWSE: &[Context] = &[Grid, Sidebar, Neighbors, Zoom, Skipped, Map];
const SCREENS: &[Context] = &[Grid, Sidebar, Neighbors, Zoom, Skipped, Map, Help];
const LONG: &[Context] = &[Grid, Sidebar, Neighbors, Zoom, Skipped, Help];
const PHOTOS: &[Context] = &[Grid, Neighbors, Zoom];
const DOTS: &[Context] = &[Grid, Neighbors, Zoom, Map];
const GRIDS: &[Context] = &[Grid, Neighbors];
const LISTS: &[Context] = &[Grid, Sidebar, Neighbors, Skipped, Help];
const INNER: &[Context] = &[Sidebar, Neighbors, Zoom, Skipped, Map, Help];
const LIBRARY: &[Context] = &[Grid, Sidebar];

type Line = (&'static [Context], &'static [&'static str], Action, &'static str, &'static str);

#[rustfmt::skip]
const TABLE: &[Line] = &[
    // where                  keys                        meaning                what it does                                  hint
    (GRIDS,                   &["enter"],                 Action::Open,          "what looks like this photo",                 "similar"),
    (&[Zoom],                 &["enter"],                 Action::Open,          "what looks like this photo",                 "similar"),
    (&[Sidebar],              &["enter"],                 Action::Open,          "show only these photos",                     "show these"),
    (&[Neighbors],            &["H", "backspace"],        Action::WalkBack,      "back along the walk",                        "back"),
    (&[Neighbors],            &["L"],                     Action::WalkForward,   "forward along the walk",                     "forward"),
    (GRIDS,                   &["z"],                     Action::Zoom,          "this photo on the whole screen",             "zoom"),
    (&[Zoom],                 &["z"],                     Action::Out,           "back to the others",                         "back"),
    (&[Zoom],                 &["h", "left"],             Action::Left,          "previous photo",                             "previous"),
    (&[Zoom],                 &["l", "right"],            Action::Right,         "next photo",                                 "next"),
    (&[Zoom],                 &["k", "up"],               Action::Up,            "a row up",                                   ""),
    (&[Zoom],                 &["j", "down"],             Action::Down,          "a row down",                                 ""),
    (GRIDS,                   &["h", "left"],             Action::Left,          "left (5h: five photos)",                     ""),
    (LISTS,                   &["j", "down"],             Action::Down,          "down (5j: five rows)",                       ""),
    (LISTS,                   &["k", "up"],               Action::Up,            "up",                                         ""),
    (GRIDS,                   &["l", "right"],            Action::Right,         "right",                                      ""),
    (LISTS,                   &["pgdn", "ctrl-f"],        Action::PageDown,      "a page down",                                ""),
    (LISTS,                   &["pgup", "ctrl-b"],        Action::PageUp,        "a page up",                                  ""),
    (LONG,                    &["g g", "home"],           Action::First,         "first",                                      ""),
    (LONG,                    &["G", "end"],              Action::Last,          "last (20G: the twentieth)",                  ""),
    (GRIDS,                   &["/"],                     Action::Find,          "find by name",                               "find"),
    (PHOTOS,                  &["n"],                     Action::FindNext,      "next one found",                             ""),
    (PHOTOS,                  &["N"],                     Action::FindPrevious,  "previous one found",                         ""),
    (PHOTOS,                  &["space"],                 Action::Mark,          "mark or unmark, and go on",                  "mark"),
    (&[Map],                  &["space"],                 Action::Mark,          "mark or unmark",                             ""),
    (GRIDS,                   &["v"],                     Action::MarkRange,     "mark a range: v, move, v",                   ""),
    (LIBRARY,                 &["s"],                     Action::Sort,          "sort by name, date, label",                  "sort"),
    (LIBRARY,                 &["S"],                     Action::Reverse,       "the other way round",                        ""),
    (DOTS,                    &["y"],                     Action::CopyPath,      "copy the path",                              ""),
    (DOTS,                    &["o"],                     Action::OpenInViewer,  "open in the system viewer",                  "open"),
    (&[Grid],                 &["tab", "backtab"],        Action::Focus,         "to the labels",                              "labels"),
    (&[Sidebar],              &["tab", "backtab"],        Action::Focus,         "to the photos",                              "photos"),
    (&[Grid, Sidebar, Neighbors], &["M"],                 Action::Map,           "map of all photos: near ones are similar",   "map"),
    (&[Map],                  &["enter"],                 Action::Open,          "what looks like this photo",                 "similar"),
    (&[Map],                  &["h", "left"],             Action::Left,          "nearest dot to the left (5h: five dots)",    ""),
    (&[Map],                  &["j", "down"],             Action::Down,          "nearest dot below",                          ""),
    (&[Map],                  &["k", "up"],               Action::Up,            "nearest dot above",                          ""),
    (&[Map],                  &["l", "right"],            Action::Right,         "nearest dot to the right",                   ""),
    (&[Map],                  &["n"],                     Action::NextHere,      "next photo in the same spot",                "next here"),
    (&[Map],                  &["+"],                     Action::ZoomIn,        "larger",                                     "larger"),
    (&[Map],                  &["-"],                     Action::ZoomOut,       "smaller",                                    "smaller"),
    (&[Map],                  &["="],                     Action::ZoomReset,     "all of the map",                             "all"),
    (&[Map],                  &["H"],                     Action::PanLeft,       "look further left",                          ""),
    (&[Map],                  &["J"],                     Action::PanDown,       "look further down",                          ""),
    (&[Map],                  &["K"],                     Action::PanUp,         "look further up",                            ""),
    (&[Map],                  &["L"],                     Action::PanRight,      "look further right",                         ""),
    (&[Map],                  &["tab"],                   Action::NextLabel,     "only this label; then the next one",         "one label"),
    (&[Map],                  &["backtab"],               Action::PreviousLabel, "only the previous label",                    ""),
    (&[Map],                  &["M"],                     Action::Out,           "close the map",                              ""),
    (&[Grid, Sidebar, Neighbors, Zoom], &["!"],           Action::Skipped,       "files that could not be read",               ""),
    (BROWSE,                  &["?", "f1"],               Action::Help,          "this help",                                  "help"),
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
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    const ALL: [Context; 8] = [Grid, Sidebar, Neighbors, Zoom, Skipped, Map, Help, Find];

    #[test]
    fn no_key_means_two_things_in_one_context() {
        let map = KeyMap::default();
        for context in ALL {
            let mut seen: HashMap<Vec<Press>, Action> = HashMap::new();
            for binding in map.of(context) {
                for chord in &binding.chords {
                    let before = seen.insert(chord.clone(), binding.action);
                    assert_eq!(before, None, "{context:?}: {} means two things", binding.keys());
                }
            }
            for (one, other) in seen.keys().flat_map(|one| seen.keys().map(move |other| (one, other))) {
                assert!(one == other || !one.starts_with(other), "{context:?}: {other:?} hides {one:?}");
            }
        }
    }

    #[test]
    fn every_key_of_the_table_can_be_pressed() {
        let map = KeyMap::default();
        for (binding, (_, keys, ..)) in map.bindings.iter().zip(TABLE) {
            assert_eq!(binding.chords.len(), keys.len(), "{keys:?}");
            assert!(binding.chords.iter().flatten().all(|press| press.digit().is_none()), "digits are counts");
        }
    }

    #[test]
    fn everywhere_there_is_a_way_out_and_a_way_to_leave() {
        let map = KeyMap::default();
        for context in ALL {
            for action in [Action::Out, Action::Quit] {
                assert!(map.of(context).any(|binding| binding.action == action), "{context:?} lacks {action:?}");
            }
        }
    }
}
