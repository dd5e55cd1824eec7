//! What keys can mean, and where: [`super::key_table`] says which key means what.
//!
//! A new action is its name in [`Action`] and a line of the table: `Action::PageDown` is `page-down` in the file.

mod action;
pub(super) mod learning;

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

    /// Whether motions go from photo to photo here.
    pub(super) const fn shows_a_photo(self) -> bool {
        matches!(
            self,
            Self::Grid | Self::Neighbors | Self::Zoom | Self::Find | Self::Compare | Self::Details | Self::Map
        )
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
