//! What the tests of this room share: made-up photos, a screen to press keys on.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::{Position, Size};

use super::chord::Press;
use super::message::{Answered, Effect, LibraryChange, Message, Mouse, Ranked};
use super::photos::PhotoRow;
use super::state::{Settings, State};
use super::theme::Theme;
use super::{KeyChange, KeyMap, Written, update, view};
use crate::library::PhotoId;

/// The identity of the made-up photo of this name.
pub(super) fn id(name: &str) -> PhotoId {
    PhotoId::of_content(name.as_bytes())
}

/// A made-up photo; an empty label is none.
pub(super) fn row(name: &str, label: &str) -> Arc<PhotoRow> {
    Arc::new(PhotoRow {
        id: id(name),
        name: name.into(),
        labels: if label.is_empty() { Box::default() } else { [Arc::from(label)].into() },
        copies: Box::default(),
        width: 4032,
        height: 3024,
        bytes: 2_345_678,
        taken: Some("2021-05-03 14:02:11".into()),
        camera: None,
    })
}

/// An answer with these neighbours at 0.1, 0.2, 0.3 ...
pub(super) fn answer(names: &[&str]) -> Answered {
    let ranked = |(rank, name): (usize, &&str)| Ranked { photo: id(name), distance: 0.1 * (rank + 1) as f32 };
    Answered {
        neighbors: names.iter().enumerate().map(ranked).collect(),
        cut_off: None,
        method: "k-d tree".into(),
        exact: true,
        audited: None,
        visited: 42,
        of: 10_480,
        elapsed: Duration::from_micros(800),
        model: "base".into(),
    }
}

/// A screen to press keys on and to read.
pub(super) struct Screen {
    pub(super) state: State,
    terminal: Terminal<TestBackend>,
}

impl Screen {
    /// A screen of this size with these photos.
    pub(super) fn new(columns: u16, lines: u16, photos: Vec<Arc<PhotoRow>>) -> Self {
        Self::with(columns, lines, photos, true)
    }

    /// The same, with or without pictures.
    pub(super) fn with(columns: u16, lines: u16, photos: Vec<Arc<PhotoRow>>, pictures: bool) -> Self {
        Self::of(columns, lines, photos, pictures, KeyMap::default())
    }

    /// The same with other keys.
    pub(super) fn of(columns: u16, lines: u16, photos: Vec<Arc<PhotoRow>>, pictures: bool, keys: KeyMap) -> Self {
        let size = Size::new(columns, lines);
        let folder = "~/photos".to_owned();
        let state = State::new(Settings { folder, theme: Theme::Dark, pictures, size, keys });
        let mut screen = Self { state, terminal: Terminal::new(TestBackend::new(columns, lines)).unwrap() };
        screen.send(Message::LibraryChanged(LibraryChange::Added(photos)));
        screen
    }

    /// Sends a message.
    pub(super) fn send(&mut self, message: Message) -> Vec<Effect> {
        update(&mut self.state, message)
    }

    /// Presses keys, written as in the key table and separated by blanks. Wants for pictures are left out.
    pub(super) fn keys(&mut self, keys: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        for key in keys.split(' ') {
            let press = Press::parse(key).unwrap();
            effects.extend(self.send(Message::Key(event(press))));
        }
        effects.retain(|effect| !matches!(effect, Effect::WantPictures(_)));
        effects
    }

    /// Uses the mouse where these words stand first.
    pub(super) fn mouse(&mut self, words: &str, event: impl Fn(Position) -> Mouse) -> Vec<Effect> {
        let frame = self.frame();
        let (line, text) = frame.lines().enumerate().find(|(_, line)| line.contains(words)).unwrap();
        let column = text.split(words).next().unwrap().chars().count();
        self.send(Message::Mouse(event(Position::new(column as u16, line as u16))))
    }

    /// Gives the terminal another size.
    pub(super) fn resize(&mut self, columns: u16, lines: u16) {
        self.terminal.backend_mut().resize(columns, lines);
        self.send(Message::Resize(Size::new(columns, lines)));
    }

    /// The cells of the last frame.
    pub(super) fn cells(&self) -> &[ratatui::buffer::Cell] {
        &self.terminal.backend().buffer().content
    }

    /// The frame as text, without blanks at the ends of lines.
    pub(super) fn frame(&mut self) -> String {
        self.terminal.draw(|frame| view(&self.state, frame)).unwrap();
        let buffer = self.terminal.backend().buffer();
        let lines = buffer.content.chunks(usize::from(buffer.area.width).max(1));
        let text = |line: &[ratatui::buffer::Cell]| line.iter().map(ratatui::buffer::Cell::symbol).collect::<String>();
        lines.map(|line| text(line).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }
}

/// The key table with these changes: place, action, keys.
pub(super) fn keys(changes: &[(&str, &str, &[&str])]) -> KeyMap {
    let written = |text: &str| Written { text: text.to_owned(), at: 0 };
    let change = |(place, action, keys): &(&str, &str, &[&str])| KeyChange {
        place: written(place),
        action: written(action),
        keys: keys.iter().map(|key| written(key)).collect(),
    };
    KeyMap::default().changed(&changes.iter().map(change).collect::<Vec<_>>()).unwrap()
}

fn event(press: Press) -> KeyEvent {
    let text = press.to_string();
    if let Some(letter) = text.strip_prefix("Ctrl-") {
        let code = KeyCode::Char(letter.to_lowercase().chars().next().unwrap());
        return KeyEvent::new(code, KeyModifiers::CONTROL);
    }
    let shift = if text.starts_with("Shift-") { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    KeyEvent::new(press.code(), shift)
}
