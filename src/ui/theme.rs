//! Colours. No meaning hangs on them alone: what they say is also said by a sign, a word or its place.

use ratatui::style::{Color, Modifier, Style};

/// Colours of labels on the map, on a dark ground.
const DARK_LABELS: &[Color] = &indexed([210, 114, 111, 177, 222, 86, 203, 155, 147, 218, 180, 45]);
/// The same on a light ground.
const LIGHT_LABELS: &[Color] = &indexed([124, 22, 20, 90, 94, 23, 125, 58, 61, 54, 52, 25]);
/// The same of the terminal's own sixteen; the first six can be read on most grounds.
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

const fn indexed<const N: usize>(numbers: [u8; N]) -> [Color; N] {
    let mut colours = [Color::Reset; N];
    let mut place = 0;
    while place < N {
        colours[place] = Color::Indexed(numbers[place]);
        place += 1;
    }
    colours
}

/// A set of colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// For a dark ground, of the 256 colours.
    #[default]
    Dark,
    /// For a light ground, of the 256 colours.
    Light,
    /// White on black, whatever the ground of the terminal is; nothing faint.
    HighContrast,
    /// The sixteen colours every terminal has, as its own scheme shows them; those that are read on any ground.
    Ansi,
    /// No colour at all (`NO_COLOR`).
    NoColor,
}

/// What colours tell apart, beside the text itself.
struct Palette {
    faint: Color,
    accent: Color,
    label: Color,
    alarm: Color,
}

/// On black to dark grey.
const DARK: Palette = Palette {
    faint: Color::Indexed(246),
    accent: Color::Indexed(80),
    label: Color::Indexed(150),
    alarm: Color::Indexed(210),
};
/// On white to light grey.
const LIGHT: Palette = Palette {
    faint: Color::Indexed(241),
    accent: Color::Indexed(25),
    label: Color::Indexed(22),
    alarm: Color::Indexed(124),
};
/// On black.
const HIGH_CONTRAST: Palette =
    Palette { faint: Color::White, accent: Color::LightYellow, label: Color::White, alarm: Color::LightRed };
const ANSI: Palette =
    Palette { faint: Color::DarkGray, accent: Color::Magenta, label: Color::Green, alarm: Color::Red };

impl Theme {
    const fn palette(self) -> Option<Palette> {
        match self {
            Self::Dark => Some(DARK),
            Self::Light => Some(LIGHT),
            Self::HighContrast => Some(HIGH_CONTRAST),
            Self::Ansi => Some(ANSI),
            Self::NoColor => None,
        }
    }

    /// What everything is drawn on.
    pub(super) fn ground(self) -> Style {
        match self {
            Self::HighContrast => Style::new().fg(Color::White).bg(Color::Black),
            _ => Style::new(),
        }
    }

    /// What stands back: hints, separators.
    pub(super) fn faint(self) -> Style {
        self.palette().map_or(Style::new().add_modifier(Modifier::DIM), |palette| Style::new().fg(palette.faint))
    }

    /// The name of the program, keys, the mark of the selection.
    pub(super) fn accent(self) -> Style {
        self.palette().map_or(Style::new(), |palette| Style::new().fg(palette.accent)).add_modifier(Modifier::BOLD)
    }

    /// Headings.
    pub(super) fn heading() -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Labels of photos.
    pub(super) fn label(self) -> Style {
        self.palette().map_or(Style::new(), |palette| Style::new().fg(palette.label))
    }

    /// The colour of one of several curves or bars.
    pub(super) const fn series(self, number: usize) -> Color {
        const DARK: [Color; 4] = [Color::Cyan, Color::Yellow, Color::Magenta, Color::Green];
        const LIGHT: [Color; 4] = [Color::Blue, Color::Red, Color::Magenta, Color::Green];
        const BRIGHT: [Color; 4] = [Color::LightCyan, Color::LightYellow, Color::LightMagenta, Color::LightGreen];
        match self {
            Self::Dark | Self::Ansi => DARK[number % 4],
            Self::Light => LIGHT[number % 4],
            Self::HighContrast => BRIGHT[number % 4],
            Self::NoColor => Color::Reset,
        }
    }

    /// Dots of the label that is in this place of the map's legend; labels far down share their colours with others.
    pub(super) fn ranked(self, rank: usize) -> Style {
        let colours = match self {
            Self::NoColor => return Style::new(),
            Self::Ansi => LABELS.get(..6).unwrap_or_default(),
            Self::Dark => DARK_LABELS,
            Self::Light => LIGHT_LABELS,
            Self::HighContrast => LABELS.get(6..).unwrap_or_default(),
        };
        rank.checked_rem(colours.len())
            .and_then(|place| colours.get(place))
            .map_or(Style::new(), |c| Style::new().fg(*c))
    }

    /// What went wrong.
    pub(super) fn alarm(self) -> Style {
        self.palette().map_or(Style::new(), |palette| Style::new().fg(palette.alarm)).add_modifier(Modifier::BOLD)
    }

    /// The selected line, in the pane that has the keyboard or in another one.
    pub(super) fn selected(focused: bool) -> Style {
        let modifier = if focused { Modifier::REVERSED.union(Modifier::BOLD) } else { Modifier::UNDERLINED };
        Style::new().add_modifier(modifier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red, green and blue of the 256 colours: a cube of six levels, then greys.
    fn rgb(color: Color) -> [f64; 3] {
        let Color::Indexed(index @ 16..) = color else { panic!("{color:?} looks different on each terminal") };
        let level = |n: u8| if n == 0 { 0.0 } else { f64::from(n) * 40.0 + 55.0 };
        let cube = index - 16;
        if index < 232 {
            [cube / 36, cube / 6 % 6, cube % 6].map(level)
        } else {
            [f64::from(index - 232) * 10.0 + 8.0; 3]
        }
    }

    /// The contrast of two colours by the formula of the Web Content Accessibility Guidelines, from 1 to 21.
    fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
        let linear =
            |c: f64| if c <= 0.040_45 * 255.0 { c / 255.0 / 12.92 } else { ((c / 255.0 + 0.055) / 1.055).powf(2.4) };
        let light = |rgb: [f64; 3]| 0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);
        let (one, other) = (light(one), light(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_colour_is_read_on_its_ground() {
        for (palette, ground) in [(DARK, [40.0; 3]), (DARK, [0.0; 3]), (LIGHT, [255.0; 3]), (LIGHT, [238.0; 3])] {
            let labels = if palette.faint == DARK.faint { DARK_LABELS } else { LIGHT_LABELS };
            for &color in [palette.faint, palette.accent, palette.label, palette.alarm].iter().chain(labels) {
                let contrast = contrast(rgb(color), ground);
                assert!(contrast >= 4.5, "{color:?} on {ground:?}: {contrast:.1}");
            }
        }
    }

    #[test]
    fn without_colour_no_style_has_one() {
        let theme = Theme::NoColor;
        for style in [theme.ground(), theme.faint(), theme.accent(), theme.label(), theme.alarm()] {
            assert_eq!((style.fg, style.bg), (None, None));
        }
    }
}
