//! One key press, and how presses are written in the key table: `g g`, `ctrl-z`, `pgdn`.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::library::nearest;

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

    /// A press as the key table writes it, or why the text is none.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (mut press, mut rest) = (Self { code: KeyCode::Null, control: false, alt: false, shift: false }, text);
        while let Some((modifier, key)) = rest.split_once('-').filter(|(_, key)| !key.is_empty()) {
            match modifier {
                "ctrl" => press.control = true,
                "alt" => press.alt = true,
                "shift" => press.shift = true,
                _ => return Err(unknown(text, modifier, ["ctrl", "alt", "shift"])),
            }
            rest = key;
        }
        let named = NAMES.iter().find(|(name, ..)| *name == rest).map(|(_, code, _)| *code);
        let mut characters = rest.chars();
        let single = characters.next().filter(|c| characters.next().is_none() && !c.is_control()).map(KeyCode::Char);
        press.code = named.or(single).ok_or_else(|| unknown(text, rest, NAMES.iter().map(|(name, ..)| *name)))?;
        match (press.code, press.shift, press.control) {
            (KeyCode::Tab | KeyCode::Char(_), true, _) => {
                Err(format!("`{text}`: a shifted letter is written as its capital, and shifted Tab as `backtab`"))
            }
            // Terminals tell no difference.
            (KeyCode::Char(c), _, true) if c.is_uppercase() => {
                Err(format!("`{text}`: with Ctrl a letter is written small, terminals tell no difference"))
            }
            (KeyCode::Char('i' | 'm' | '['), _, true) => {
                Err(format!("`{text}` never comes: terminals send it as `tab`, `enter` or `esc`"))
            }
            _ => Ok(press),
        }
    }

    /// The press as the key table writes it.
    fn written(self) -> String {
        let modifiers = [(self.control, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")];
        let mut text: String = modifiers.iter().filter(|(held, _)| *held).map(|(_, name)| *name).collect();
        match (NAMES.iter().find(|(_, code, _)| *code == self.code), self.code) {
            (Some((name, ..)), _) => text.push_str(name),
            (None, KeyCode::Char(c)) => text.push(c),
            (None, other) => text.push_str(&other.to_string()),
        }
        text
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

/// A chord as the key table writes it: `g g`.
pub(super) fn written(chord: &[Press]) -> String {
    chord.iter().map(|press| press.written()).collect::<Vec<_>>().join(" ")
}

fn unknown<'a>(text: &str, part: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(part, names) {
        Some(near) => format!("`{text}` names no key; did you mean `{}`?", text.replace(part, near)),
        None => {
            format!("`{text}` names no key: keys are written like `a`, `A`, `ctrl-a`, `alt-a`, `f1`, `pgdn`, `space`")
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
    ("insert", KeyCode::Insert, "Insert"),
    ("delete", KeyCode::Delete, "Delete"),
    ("f1", KeyCode::F(1), "F1"),
    ("f2", KeyCode::F(2), "F2"),
    ("f3", KeyCode::F(3), "F3"),
    ("f4", KeyCode::F(4), "F4"),
    ("f5", KeyCode::F(5), "F5"),
    ("f6", KeyCode::F(6), "F6"),
    ("f7", KeyCode::F(7), "F7"),
    ("f8", KeyCode::F(8), "F8"),
    ("f9", KeyCode::F(9), "F9"),
    ("f10", KeyCode::F(10), "F10"),
    ("f11", KeyCode::F(11), "F11"),
    ("f12", KeyCode::F(12), "F12"),
];

impl fmt::Display for Press {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.control {
            f.write_str("Ctrl-")?;
        }
        if self.alt {
            f.write_str("Alt-")?;
        }
        if self.shift {
            f.write_str("Shift-")?;
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
        let parse = |text: &str| Press::parse(text).unwrap();
        assert_eq!(parse("G"), event(KeyCode::Char('G'), KeyModifiers::SHIFT));
        assert_eq!(parse("space"), event(KeyCode::Char(' '), KeyModifiers::NONE));
        assert_eq!(parse("ctrl-z"), event(KeyCode::Char('z'), KeyModifiers::CONTROL));
        assert_eq!(parse("backtab"), event(KeyCode::BackTab, KeyModifiers::SHIFT));
        assert_eq!(parse("ctrl-shift-left"), event(KeyCode::Left, KeyModifiers::CONTROL | KeyModifiers::SHIFT));
        assert_eq!(parse("-"), event(KeyCode::Char('-'), KeyModifiers::NONE));
        assert_eq!(parse("alt--"), event(KeyCode::Char('-'), KeyModifiers::ALT));
    }

    #[test]
    fn what_names_no_key_is_refused_with_the_nearest_name() {
        let why = |text| Press::parse(text).unwrap_err();
        assert!(why("ctrl-pgdwn").contains("did you mean `ctrl-pgdn`?"), "{}", why("ctrl-pgdwn"));
        assert!(why("crtl-a").contains("did you mean `ctrl-a`?"));
        assert!(why("ctrl-shift-foo").contains("names no key") && why("").contains("names no key"));
        assert!(
            why("ctrl-i").contains("`tab`") && why("shift-a").contains("capital") && why("ctrl-A").contains("small")
        );
    }

    #[test]
    fn a_press_is_written_as_it_is_read() {
        for text in ["G", "ctrl-z", "alt-enter", "ctrl-alt-shift-f12", "-", "space", "ü"] {
            assert_eq!(Press::parse(text).unwrap().written(), text);
        }
    }

    #[test]
    fn presses_are_shown_as_they_are_printed_on_the_keyboard() {
        let shown = |text| Press::parse(text).unwrap().to_string();
        assert_eq!([shown("ctrl-z"), shown("left"), shown("G"), shown("space")], ["Ctrl-Z", "←", "G", "Space"]);
    }
}
