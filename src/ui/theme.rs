//! Colours. No meaning hangs on them alone: what they say is also said by a sign, a word or its place.

use ratatui::style::{Color, Modifier, Style};

/// A set of colours, from the sixteen every terminal has, so that they follow the terminal's own scheme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// For a dark ground.
    #[default]
    Dark,
    /// For a light ground.
    Light,
    /// Nothing faint.
    HighContrast,
    /// No colour at all (`NO_COLOR`).
    NoColor,
}

impl Theme {
    fn colour(self, dark: Color, light: Color, high_contrast: Color) -> Style {
        match self {
            Self::Dark => Style::new().fg(dark),
            Self::Light => Style::new().fg(light),
            Self::HighContrast => Style::new().fg(high_contrast),
            Self::NoColor => Style::new(),
        }
    }

    /// What stands back: hints, separators.
    pub(super) fn faint(self) -> Style {
        match self {
            Self::NoColor => Style::new().add_modifier(Modifier::DIM),
            _ => self.colour(Color::DarkGray, Color::DarkGray, Color::Reset),
        }
    }

    /// The name of the program, keys, the mark of the selection.
    pub(super) fn accent(self) -> Style {
        self.colour(Color::Cyan, Color::Blue, Color::LightYellow).add_modifier(Modifier::BOLD)
    }

    /// Headings.
    pub(super) fn heading() -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Labels of photos.
    pub(super) fn label(self) -> Style {
        self.colour(Color::Green, Color::Green, Color::Reset)
    }

    /// The colour of one of several curves or bars.
    pub(super) const fn series(self, number: usize) -> Color {
        const DARK: [Color; 4] = [Color::Cyan, Color::Yellow, Color::Magenta, Color::Green];
        const LIGHT: [Color; 4] = [Color::Blue, Color::Red, Color::Magenta, Color::Green];
        const BRIGHT: [Color; 4] = [Color::LightCyan, Color::LightYellow, Color::LightMagenta, Color::LightGreen];
        match self {
            Self::Dark => DARK[number % 4],
            Self::Light => LIGHT[number % 4],
            Self::HighContrast => BRIGHT[number % 4],
            Self::NoColor => Color::Reset,
        }
    }

    /// What went wrong.
    pub(super) fn alarm(self) -> Style {
        self.colour(Color::LightRed, Color::Red, Color::LightRed).add_modifier(Modifier::BOLD)
    }

    /// The selected line, in the pane that has the keyboard or in another one.
    pub(super) fn selected(focused: bool) -> Style {
        let modifier = if focused { Modifier::REVERSED.union(Modifier::BOLD) } else { Modifier::UNDERLINED };
        Style::new().add_modifier(modifier)
    }
}
