//! Colours. No meaning hangs on them alone: what they say is also said by a sign, a word or its place.

use ratatui::style::{Color, Modifier, Style};

/// Colours of labels on the map; the first six can be read on any ground.
const LABELS: &[Color] = &[
    Color::Red,
    Color::Green,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Yellow,
    Color::LightRed,
    Color::LightGreen,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::LightYellow,
];

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

    /// Dots of the label that is in this place of the map's legend; labels far down share their colours with others.
    pub(super) fn ranked(self, rank: usize) -> Style {
        let colours = match self {
            Self::NoColor => return Style::new(),
            Self::Light => LABELS.get(..6).unwrap_or_default(),
            Self::Dark | Self::HighContrast => LABELS,
        };
        rank.checked_rem(colours.len())
            .and_then(|place| colours.get(place))
            .map_or(Style::new(), |c| Style::new().fg(*c))
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
