//! What has arrived for the loop: what a person does is taken before what the jobs say, each in the order of its coming;
//! who is told to leave does not take the terminal again first.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::Duration;

use super::mailbox::Incoming;
use crate::ui::Message;

/// What has arrived and was not taken yet. A key never waits behind a hundred thousand rows.
#[derive(Debug)]
pub(super) struct Inbox {
    receiver: Receiver<Incoming>,
    urgent: VecDeque<Incoming>,
    others: VecDeque<Incoming>,
    is_closed: bool,
}

/// Whether it comes from the person or the terminal.
const fn is_urgent(incoming: &Incoming) -> bool {
    match incoming {
        Incoming::Message(message) => {
            matches!(message, Message::Key(_) | Message::Mouse(_) | Message::Paste(_) | Message::Resize(_))
        }
        Incoming::FromJob { .. } => false,
        Incoming::Leave
        | Incoming::Sleep
        | Incoming::Woken
        | Incoming::InputEnded
        | Incoming::AskCell(_)
        | Incoming::Cell(_) => true,
    }
}

impl Inbox {
    pub(super) const fn new(receiver: Receiver<Incoming>) -> Self {
        Self { receiver, urgent: VecDeque::new(), others: VecDeque::new(), is_closed: false }
    }

    fn put(&mut self, incoming: Incoming) {
        match incoming {
            Incoming::Leave => {
                // The terminal is not taken again: others may have it by now. What was typed before still counts.
                self.urgent.retain(|other| !matches!(other, Incoming::Woken | Incoming::Sleep));
                self.urgent.push_back(incoming);
            }
            incoming if is_urgent(&incoming) => self.urgent.push_back(incoming),
            incoming => self.others.push_back(incoming),
        }
    }

    fn collect(&mut self) {
        while !self.is_closed {
            match self.receiver.try_recv() {
                Ok(incoming) => self.put(incoming),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => self.is_closed = true,
            }
        }
    }

    /// What the person did, if that was not taken yet.
    pub(super) fn take_urgent(&mut self) -> Option<Incoming> {
        self.collect();
        self.urgent.pop_front()
    }

    /// What is to be taken next of what is here.
    fn next(&mut self) -> Option<Incoming> {
        self.take_urgent().or_else(|| self.others.pop_front())
    }

    /// Waits for something; `None` once nobody can send any more.
    pub(super) fn take(&mut self) -> Option<Incoming> {
        self.next().or_else(|| self.receiver.recv().ok())
    }

    /// Waits so long for something.
    pub(super) fn take_within(&mut self, time: Duration) -> Result<Incoming, RecvTimeoutError> {
        self.next().map_or_else(|| self.receiver.recv_timeout(time), Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    use std::sync::mpsc;

    fn key(letter: char) -> Incoming {
        Incoming::Message(Message::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE)))
    }

    fn said(text: &str) -> Incoming {
        Incoming::FromJob { job: 1, message: Message::Notice(text.to_owned()) }
    }

    fn words(incoming: Incoming) -> String {
        match incoming {
            Incoming::Message(Message::Key(key)) => key.code.to_string(),
            Incoming::FromJob { message: Message::Notice(text), .. } => text,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn keys_are_taken_before_what_the_jobs_say_and_each_in_order() {
        let (sender, receiver) = mpsc::channel();
        let mut inbox = Inbox::new(receiver);
        for incoming in [said("one"), key('a'), said("two"), key('b')] {
            sender.send(incoming).unwrap();
        }
        let mut taken: Vec<String> = (0..3).map(|_| words(inbox.take().unwrap())).collect();
        assert!(inbox.take_urgent().is_none());
        sender.send(key('c')).unwrap();
        taken.extend((0..2).map(|_| words(inbox.take_within(Duration::ZERO).unwrap())));
        assert_eq!(taken, ["a", "b", "one", "c", "two"]);
        assert_eq!(inbox.take_within(Duration::ZERO).unwrap_err(), RecvTimeoutError::Timeout);
    }

    #[test]
    fn who_is_told_to_leave_does_what_was_typed_but_does_not_wake_before() {
        let (sender, receiver) = mpsc::channel();
        for incoming in [key('a'), Incoming::Woken, Incoming::Leave] {
            sender.send(incoming).unwrap();
        }
        let mut inbox = Inbox::new(receiver);
        assert_eq!([0; 2].map(|_| words(inbox.take().unwrap())), ["a", "Leave"]);
    }

    #[test]
    fn what_was_sent_before_the_end_is_still_taken() {
        let (sender, receiver) = mpsc::channel();
        let mut inbox = Inbox::new(receiver);
        sender.send(said("one")).unwrap();
        drop(sender);
        assert_eq!(inbox.take().map(words).as_deref(), Some("one"));
        assert!(inbox.take().is_none());
        assert_eq!(inbox.take_within(Duration::ZERO).unwrap_err(), RecvTimeoutError::Disconnected);
    }
}
