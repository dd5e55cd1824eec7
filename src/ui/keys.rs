//! What keys can mean, and where: [`super::key_table`] says which key means what.
//!
//! A new action is its name in [`Action`] and a line of the table: `Action::PageDown` is `page-down` in the file.

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
        }
    }

    /// Its name in the file of keys.
    pub(super) fn name(self) -> String {
        name(self)
    }

    /// Whether text is typed here: what types a character cannot be a key then.
    pub(super) const fn types(self) -> bool {
        matches!(self, Self::Find | Self::Filter | Self::Prompt | Self::Palette)
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
    /// Choose which photos are shown.
    Filter,
    /// Keep what was typed.
    Accept,
    /// Take the last typed character back, where something else than a name is typed.
    Erase,
    /// Take over what is suggested.
    Complete,
    /// The other pane.
    Focus,
    /// One photo large.
    Zoom,
    /// Two photos side by side.
    Compare,
    /// Everything that is known of a photo.
    Details,
    /// Ask with all marked photos.
    AskMarked,
    /// Ask again, with this photo to be like.
    MoreLike,
    /// Ask again, with this photo to be unlike.
    LessLike,
    /// Ask again with the query alone.
    QueryAlone,
    /// Ask about an image file.
    AskPath,
    /// To a step of the walk.
    WalkTo,
    /// Take the last change of marks or models back.
    Undo,
    /// Do again what was taken back.
    Redo,
    /// Write the paths of the marked photos to a file.
    ExportMarks,
    /// Show the file in the file manager.
    Reveal,
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
    /// Every action, found by its words.
    Palette,
    /// Draw everything again.
    Redraw,
    /// Put the program to sleep.
    Suspend,
    /// Leave.
    Quit,
}

impl Action {
    /// Its name in the file of keys: `PageDown` is `page-down`.
    pub(super) fn name(self) -> String {
        name(self)
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
