//! Whether anybody answers at the other end of the terminal, and what is typed until that is known.
//!
//! The question what the terminal can draw leaves a reader behind when nobody answers it (seen in tmux without a client,
//! where what is passed through reaches nobody), and that reader would swallow the next key. So it is asked only where
//! this question is answered; and this one keeps the keys that come before its answer.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Size;

/// What every terminal answers to the question for its status (ECMA-48, DSR).
const ALL_IS_WELL: &[u8] = b"\x1b[0n";

/// What came before the answer, or until it was too late for one.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Whether there was an answer.
    pub(super) answered: bool,
    /// Everything that came, answers to what was asked besides among it.
    pub(super) said: String,
    /// What a person typed meanwhile.
    pub(super) typed: Vec<KeyEvent>,
}

/// A question, and after it the one for the status, which ends the waiting where the first one is not understood.
pub(super) fn question(first: &str, passed_through_tmux: bool) -> String {
    let plain = format!("{first}\x1b[5n");
    if passed_through_tmux { format!("\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b")) } else { plain }
}

/// Asks the terminal this and for its status, and waits a second at most. The terminal must be raw.
#[cfg(unix)]
pub(super) fn ask(first: &str, passed_through_tmux: bool) -> std::io::Result<Asked> {
    use std::io::Write;

    let mut out = std::io::stdout();
    out.write_all(question(first, passed_through_tmux).as_bytes())?;
    out.flush()?;
    answer()
}

/// Waits, for a second at most, for the answer to a [`question`]. A terminal that is given back meanwhile stays as it is.
#[cfg(unix)]
pub(super) fn answer() -> std::io::Result<Asked> {
    use super::terminal::while_ours;
    use rustix::termios::{OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

    let stdin = std::io::stdin();
    let wait = || -> rustix::io::Result<Termios> {
        let before = tcgetattr(&stdin)?;
        let mut waiting = before.clone();
        // A read returns what there is, or nothing after a tenth of a second.
        waiting.special_codes[SpecialCodeIndex::VMIN] = 0;
        waiting.special_codes[SpecialCodeIndex::VTIME] = 1;
        tcsetattr(&stdin, OptionalActions::Now, &waiting)?;
        Ok(before)
    };
    let Some(before) = while_ours(wait).transpose()? else { return Ok(Asked::default()) };
    let bytes = read_answer(&stdin);
    while_ours(|| tcsetattr(&stdin, OptionalActions::Now, &before)).transpose()?;
    let bytes = bytes?;
    let said = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Asked { answered: answer_in(&bytes).is_some(), said, typed: typed(&bytes) })
}

/// Everything that comes until the answer is among it, or for a second.
#[cfg(unix)]
fn read_answer(stdin: &std::io::Stdin) -> std::io::Result<Vec<u8>> {
    use std::time::{Duration, Instant};

    let (until, mut bytes, mut part) = (Instant::now() + Duration::from_secs(1), Vec::new(), [0; 256]);
    while answer_in(&bytes).is_none() && Instant::now() < until {
        match rustix::io::read(stdin, &mut part) {
            Ok(read) => bytes.extend(part.iter().take(read)),
            Err(rustix::io::Errno::INTR) => {}
            Err(why) => return Err(why.into()),
        }
    }
    Ok(bytes)
}

/// Elsewhere nothing is read, and nothing left behind.
#[cfg(not(unix))]
pub(super) fn ask(_first: &str, _passed_through_tmux: bool) -> std::io::Result<Asked> {
    Ok(Asked { answered: true, ..Asked::default() })
}

/// Elsewhere nothing is read.
#[cfg(not(unix))]
pub(super) fn answer() -> std::io::Result<Asked> {
    Ok(Asked::default())
}

/// Where the answer begins.
fn answer_in(bytes: &[u8]) -> Option<usize> {
    bytes.windows(ALL_IS_WELL.len()).position(|part| part == ALL_IS_WELL)
}

/// The pixels across and down a cell, in the answer to `CSI 16 t`.
pub(super) fn cell_in(said: &str) -> Option<Size> {
    let (_, rest) = said.split_once("\x1b[6;")?;
    let (height, rest) = rest.split_once(';')?;
    let (width, _) = rest.split_once('t')?;
    let cell = Size::new(width.parse().ok()?, height.parse().ok()?);
    (cell.width > 0 && cell.height > 0).then_some(cell)
}

/// The keys in what was read, without answers.
fn typed(bytes: &[u8]) -> Vec<KeyEvent> {
    let (before, after) = answer_in(bytes).map_or((bytes, &[][..]), |at| bytes.split_at(at));
    let bytes = [before, after.get(ALL_IS_WELL.len()..).unwrap_or_default()].concat();
    let text = String::from_utf8_lossy(&bytes);
    let (mut rest, mut keys) = (text.chars().peekable(), Vec::new());
    while let Some(c) = rest.next() {
        if c == '\x1b' && rest.next_if_eq(&'_').is_some() {
            // An answer about graphics; it ends with ESC and a backslash.
            rest.find(|c| *c == '\\');
            continue;
        }
        if c == '\x1b' && rest.next_if_eq(&'P').is_some() {
            if rest.next_if_eq(&'>').is_some() {
                // What the terminal is called; it ends likewise.
                rest.find(|c| *c == '\\');
            } else {
                keys.push(KeyEvent::new(KeyCode::Char('P'), KeyModifiers::ALT));
            }
            continue;
        }
        let sequence = c == '\x1b' && rest.next_if(|next| matches!(next, '[' | 'O')).is_some();
        let (code, modifiers) = match c {
            '\x1b' if sequence => {
                let ends = |c: &char| c.is_ascii_alphabetic() || *c == '~';
                let Some(code) = rest.find(ends).and_then(arrow) else { continue };
                (code, KeyModifiers::NONE)
            }
            '\x1b' => (KeyCode::Esc, KeyModifiers::NONE),
            '\r' => (KeyCode::Enter, KeyModifiers::NONE),
            '\t' => (KeyCode::Tab, KeyModifiers::NONE),
            '\x7f' => (KeyCode::Backspace, KeyModifiers::NONE),
            '\x01'..='\x1a' => (KeyCode::Char(char::from(c as u8 + b'a' - 1)), KeyModifiers::CONTROL),
            c if c.is_control() || c == char::REPLACEMENT_CHARACTER => continue,
            c => (KeyCode::Char(c), KeyModifiers::NONE),
        };
        keys.push(KeyEvent::new(code, modifiers));
    }
    keys
}

/// The key behind the last character of a control sequence; those with numbers are left out.
const fn arrow(end: char) -> Option<KeyCode> {
    match end {
        'A' => Some(KeyCode::Up),
        'B' => Some(KeyCode::Down),
        'C' => Some(KeyCode::Right),
        'D' => Some(KeyCode::Left),
        'F' => Some(KeyCode::End),
        'H' => Some(KeyCode::Home),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_around_the_answer_are_kept_and_the_answer_is_none() {
        let codes = |bytes: &[u8]| typed(bytes).into_iter().map(|key| key.code).collect::<Vec<_>>();
        assert_eq!(codes(b"l\x1b[0nj"), [KeyCode::Char('l'), KeyCode::Char('j')]);
        assert_eq!(codes(b"\x1b[B\r\x1b[5~\x1b"), [KeyCode::Down, KeyCode::Enter, KeyCode::Esc]);
        assert_eq!(codes("ü\t\u{7f}".as_bytes()), [KeyCode::Char('ü'), KeyCode::Tab, KeyCode::Backspace]);
        assert_eq!(typed(b"\x0c"), [KeyEvent::new(KeyCode::Char('l'), KeyModifiers::CONTROL)]);
        assert_eq!(codes(b"a\x1b_Gi=33;OK\x1b\\\x1b[6;20;10tb\x1b[0n"), [KeyCode::Char('a'), KeyCode::Char('b')]);
        assert_eq!(codes(b"a\x1bP>|WezTerm 20240203\x1b\\b\x1b[0n"), [KeyCode::Char('a'), KeyCode::Char('b')]);
        assert_eq!(typed(b"\x1bP"), [KeyEvent::new(KeyCode::Char('P'), KeyModifiers::ALT)]);
        assert!(codes(b"\x1b[0n").is_empty() && codes(b"").is_empty() && codes(&[0xff, 0]).is_empty());
    }

    #[test]
    fn the_size_of_a_cell_is_found_among_what_came() {
        assert_eq!(cell_in("j\x1b[6;34;17t\x1b[0n"), Some(Size::new(17, 34)));
        for nothing in ["", "\x1b[0n", "\x1b[6;0;0t", "\x1b[6;34t", "\x1b[6;a;bt"] {
            assert_eq!(cell_in(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_question_is_passed_through_tmux_whole() {
        assert_eq!(question("\x1b[16t", false), "\x1b[16t\x1b[5n");
        assert_eq!(question("\x1b[16t", true), "\x1bPtmux;\x1b\x1b[16t\x1b\x1b[5n\x1b\\");
    }
}
