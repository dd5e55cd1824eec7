//! The one channel into the loop.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, SyncSender};

use ratatui::layout::Size;

use crate::ui::Message;

/// What arrives in the loop.
#[derive(Debug)]
pub(super) enum Incoming {
    /// From the terminal or from a thread of this room.
    Message(Message),
    /// From a job; dropped when the job is no longer current.
    FromJob { job: u64, message: Message },
    /// A signal asks to leave.
    Leave,
    /// A signal asks to sleep.
    Sleep,
    /// The process was stopped and goes on.
    Woken,
    /// There is no more input: the terminal is gone.
    InputEnded,
    /// Ask the terminal for the size of a cell, and say when that is done: nobody else reads its answers then.
    AskCell(SyncSender<()>),
    /// So many pixels are across and down a cell, says the terminal.
    Cell(Size),
}

/// Which job is current; 0: none is wanted any more.
pub(super) type CurrentJob = Arc<AtomicU64>;

/// How a job talks to the screen. What a job says that is no longer current is dropped.
#[derive(Clone, Debug)]
pub struct Outbox {
    sender: Sender<Incoming>,
    job: u64,
    current: CurrentJob,
}

impl Outbox {
    pub(super) const fn new(sender: Sender<Incoming>, job: u64, current: CurrentJob) -> Self {
        Self { sender, job, current }
    }

    /// Tells the screen something. It never blocks.
    pub fn send(&self, message: Message) {
        // An error means that the loop has ended, which `is_wanted` tells.
        _ = self.sender.send(Incoming::FromJob { job: self.job, message });
    }

    /// Whether the job should go on; false once the person leaves or a newer job has taken its place.
    pub fn is_wanted(&self) -> bool {
        self.current.load(Ordering::Relaxed) == self.job
    }
}

/// Does something that must not take the program down: a panic becomes a sentence that names what was done.
pub(super) fn guarded<T>(what: &str, work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let why = words(&*panic);
        tracing::error!(what, why, "a worker panicked");
        format!("{what} failed, and this is a mistake in tripletui: {why}")
    })
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no reason is known")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_sentence() {
        assert_eq!(guarded("counting", || 3), Ok(3));
        let failed = guarded("counting", || panic!("number {} is missing", 4)).unwrap_err();
        assert_eq!(failed, "counting failed, and this is a mistake in tripletui: number 4 is missing");
    }
}
