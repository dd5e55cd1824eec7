//! Reads the terminal.

use std::io;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::{self, Event, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Size};

use super::mailbox::Incoming;
use super::status;
use crate::ui::{Message, Mouse};

/// Two clicks at one place within this time are a double click.
const DOUBLE_CLICK: Duration = Duration::from_millis(400);

/// After a new size of the terminal it is left in peace for so long before it is asked for the size of its cells.
const CALM: Duration = Duration::from_millis(150);
/// How long the loop may take to put that question.
const PATIENCE: Duration = Duration::from_secs(1);

/// Starts the thread that reads keys, the mouse, pasted text and sizes until the terminal is gone. `asks_cells`: a new size
/// may come with other cells, and the terminal answers what they measure now.
pub(super) fn start(sender: Sender<Incoming>, asks_cells: bool) -> io::Result<()> {
    // From now on new sizes are heard, also before the thread runs.
    _ = event::poll(Duration::ZERO);
    thread::Builder::new().name("input".into()).spawn(move || read(&sender, asks_cells)).map(drop)
}

fn read(sender: &Sender<Incoming>, asks_cells: bool) {
    let (mut clicks, mut resized) = (Clicks::default(), false);
    loop {
        if resized && event::poll(CALM).is_ok_and(|is_there| !is_there) {
            resized = false;
            ask_cell(sender);
        }
        let event = event::read();
        resized |= asks_cells && matches!(event, Ok(Event::Resize(..)));
        let incoming = match event {
            Ok(event) => message(event, &mut clicks, Instant::now()).map(Incoming::Message),
            Err(error) => {
                tracing::error!(%error, "the terminal cannot be read");
                Some(Incoming::InputEnded)
            }
        };
        let ended = matches!(incoming, Some(Incoming::InputEnded));
        if incoming.is_some_and(|incoming| sender.send(incoming).is_err()) || ended {
            return;
        }
    }
}

/// Lets the loop ask for the size of a cell, and reads the answer in place of keys: they share one line.
fn ask_cell(sender: &Sender<Incoming>) {
    let (asked, is_asked) = mpsc::sync_channel(1);
    if sender.send(Incoming::AskCell(asked)).is_err() || is_asked.recv_timeout(PATIENCE).is_err() {
        return;
    }
    let answer = status::answer().inspect_err(|why| tracing::info!("no size of a cell: {why}")).unwrap_or_default();
    let keys = answer.typed.into_iter().map(|key| Incoming::Message(Message::Key(key)));
    for incoming in status::cell_in(&answer.said).map(Incoming::Cell).into_iter().chain(keys) {
        // The other end is gone when somebody leaves just now.
        _ = sender.send(incoming);
    }
}

fn message(event: Event, clicks: &mut Clicks, now: Instant) -> Option<Message> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(Message::Key(key)),
        Event::Mouse(event) => clicks.mouse(event, now).map(Message::Mouse),
        Event::Paste(text) => Some(Message::Paste(text)),
        Event::Resize(columns, lines) => Some(Message::Resize(Size::new(columns, lines))),
        Event::Key(_) | Event::FocusGained | Event::FocusLost => None,
    }
}

/// Remembers the last click, to know a double one.
#[derive(Debug, Default)]
struct Clicks {
    last: Option<(Position, Instant)>,
}

impl Clicks {
    fn mouse(&mut self, event: MouseEvent, now: Instant) -> Option<Mouse> {
        let at = Position::new(event.column, event.row);
        match event.kind {
            MouseEventKind::Down(MouseButton::Left) => Some(self.click(at, now)),
            MouseEventKind::ScrollUp => Some(Mouse::Scroll { at, lines: -1 }),
            MouseEventKind::ScrollDown => Some(Mouse::Scroll { at, lines: 1 }),
            _ => None,
        }
    }

    fn click(&mut self, at: Position, now: Instant) -> Mouse {
        let double =
            self.last.take().is_some_and(|(place, then)| place == at && now.duration_since(then) < DOUBLE_CLICK);
        if double {
            return Mouse::DoubleClick(at);
        }
        self.last = Some((at, now));
        Mouse::Click(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_clicks_at_one_place_are_a_double_click_and_three_are_not_two() {
        let (mut clicks, start) = (Clicks::default(), Instant::now());
        let (here, there) = (Position::new(3, 4), Position::new(3, 5));
        let mut at = |place, milliseconds| clicks.click(place, start + Duration::from_millis(milliseconds));
        assert_eq!(at(here, 0), Mouse::Click(here));
        assert_eq!(at(here, 100), Mouse::DoubleClick(here));
        assert_eq!(at(here, 200), Mouse::Click(here));
        assert_eq!(at(there, 300), Mouse::Click(there));
        assert_eq!(at(there, 800), Mouse::Click(there));
    }
}
