//! One key press, and how presses are written in the key table: `g g`, `ctrl-z`, `pgdn`.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key press without what terminals report differently: a shifted letter is its capital, nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Press {
    code: KeyCode,
    control: bool,
    alt: bool,
    shift: bool,
}

impl Press {
    /// The press behind a terminal's key event.
    pub(super) fn of(event: &KeyEvent) -> Self {
        let has = |modifier| event.modifiers.contains(modifier);
        let shift = has(KeyModifiers::SHIFT) && !matches!(event.code, KeyCode::Char(_) | KeyCode::BackTab);
        Self { code: event.code, control: has(KeyModifiers::CONTROL), alt: has(KeyModifiers::ALT), shift }
    }

    /// A press as the key table writes it; `None` if the text names no key.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("ctrl-") {
            return Self::parse(rest).map(|press| Self { control: true, ..press });
        }
        if let Some(rest) = text.strip_prefix("alt-") {
            return Self::parse(rest).map(|press| Self { alt: true, ..press });
        }
        let named = NAMES.iter().find(|(name, ..)| *name == text).map(|(_, code, _)| *code);
        let mut characters = text.chars();
        let single = characters.next().filter(|_| characters.next().is_none()).map(KeyCode::Char);
        named.or(single).map(|code| Self { code, control: false, alt: false, shift: false })
    }

    /// The key itself.
    #[cfg(test)]
    pub(super) const fn code(self) -> KeyCode {
        self.code
    }

    /// The digit of a count in front of a motion.
    pub(super) fn digit(self) -> Option<usize> {
        self.typed().and_then(|c| c.to_digit(10)).map(|digit| digit as usize)
    }

    /// The character this press types, if it types one.
    pub(super) fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if !self.control && !self.alt && !c.is_control() => Some(c),
            _ => None,
        }
    }
}

/// Name in the table, key, name on the screen.
const NAMES: &[(&str, KeyCode, &str)] = &[
    ("left", KeyCode::Left, "←"),
    ("right", KeyCode::Right, "→"),
    ("up", KeyCode::Up, "↑"),
    ("down", KeyCode::Down, "↓"),
    ("pgup", KeyCode::PageUp, "PgUp"),
    ("pgdn", KeyCode::PageDown, "PgDn"),
    ("home", KeyCode::Home, "Home"),
    ("end", KeyCode::End, "End"),
    ("enter", KeyCode::Enter, "Enter"),
    ("esc", KeyCode::Esc, "Esc"),
    ("tab", KeyCode::Tab, "Tab"),
    ("backtab", KeyCode::BackTab, "Shift-Tab"),
    ("space", KeyCode::Char(' '), "Space"),
    ("backspace", KeyCode::Backspace, "Backspace"),
    ("f1", KeyCode::F(1), "F1"),
];

impl fmt::Display for Press {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.control {
            f.write_str("Ctrl-")?;
        }
        if self.alt {
            f.write_str("Alt-")?;
        }
        match (NAMES.iter().find(|(_, code, _)| *code == self.code), self.code) {
            (Some((.., shown)), _) => f.write_str(shown),
            (None, KeyCode::Char(c)) if self.control => write!(f, "{}", c.to_uppercase()),
            (None, KeyCode::Char(c)) => write!(f, "{c}"),
            (None, other) => write!(f, "{other}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_table_writes_is_what_the_terminal_sends() {
        let event = |code, modifiers| Press::of(&KeyEvent::new(code, modifiers));
        assert_eq!(Press::parse("G"), Some(event(KeyCode::Char('G'), KeyModifiers::SHIFT)));
        assert_eq!(Press::parse("space"), Some(event(KeyCode::Char(' '), KeyModifiers::NONE)));
        assert_eq!(Press::parse("ctrl-z"), Some(event(KeyCode::Char('z'), KeyModifiers::CONTROL)));
        assert_eq!(Press::parse("backtab"), Some(event(KeyCode::BackTab, KeyModifiers::SHIFT)));
        assert_eq!(Press::parse("nonsense"), None);
    }

    #[test]
    fn presses_are_shown_as_they_are_printed_on_the_keyboard() {
        let shown = |text| Press::parse(text).unwrap().to_string();
        assert_eq!([shown("ctrl-z"), shown("left"), shown("G"), shown("space")], ["Ctrl-Z", "←", "G", "Space"]);
    }
}
