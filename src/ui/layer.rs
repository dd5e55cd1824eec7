//! What lies above the library, one over the other.

use super::keys::Context;
use super::panes::Screen;

/// What lies above the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    Neighbors,
    Zoom,
    Skipped,
    Map,
    Compare,
    Details,
    Help,
    Palette,
    TrainingForm,
    Training,
    Examples,
    Models,
    ModelsCompared,
    Steering,
    Entry,
    Ask,
    Unfinished,
}

impl Layer {
    /// The screen it is; `None`: it lies over another one.
    pub(super) const fn screen(self) -> Option<Screen> {
        match self {
            Self::Neighbors => Some(Screen::Neighbors),
            Self::Zoom => Some(Screen::Zoom),
            Self::Skipped => Some(Screen::Skipped),
            Self::Compare => Some(Screen::Compare),
            Self::Map => Some(Screen::Map),
            Self::TrainingForm => Some(Screen::TrainingForm),
            Self::Training => Some(Screen::Training),
            Self::Examples => Some(Screen::Examples),
            Self::Models => Some(Screen::Models),
            Self::ModelsCompared => Some(Screen::ModelsCompared),
            Self::Help
            | Self::Palette
            | Self::Details
            | Self::Steering
            | Self::Entry
            | Self::Ask
            | Self::Unfinished => None,
        }
    }

    /// Whether the screen below stays in sight.
    pub(super) const fn is_popup(self) -> bool {
        self.screen().is_none()
    }

    /// What has the keyboard when it is the topmost one.
    pub(super) const fn context(self) -> Context {
        match self {
            Self::Help => Context::Help,
            Self::Palette => Context::Palette,
            Self::Compare => Context::Compare,
            Self::Map => Context::Map,
            Self::Details => Context::Details,
            Self::Skipped => Context::Skipped,
            Self::Zoom => Context::Zoom,
            Self::Neighbors => Context::Neighbors,
            Self::TrainingForm => Context::TrainingForm,
            Self::Training => Context::Training,
            Self::Examples => Context::Examples,
            Self::Models => Context::Models,
            Self::ModelsCompared => Context::ModelsCompared,
            Self::Steering => Context::Steering,
            Self::Entry => Context::Entry,
            Self::Ask => Context::Ask,
            Self::Unfinished => Context::Unfinished,
        }
    }
}
