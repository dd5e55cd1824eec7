//! Sleeping at Ctrl-Z, and waking.

use std::io;
use std::time::Duration;

use super::{Next, Session};
use crate::app::{signals, terminal};
use crate::ui::Message;

impl Session {
    /// Gives the terminal back and stops until somebody wakes the program.
    pub(super) fn suspend(&mut self) -> io::Result<Next> {
        terminal::restore();
        let stopped = signals::stop_here();
        if self.take_again()? == Next::Leave {
            return Ok(Next::Leave);
        }
        stopped.map_or_else(|why| self.update(Message::Failed(why.to_string())), |()| Ok(Next::Stay))
    }

    /// Takes the terminal once it is ours. Woken in the background (by `kill`, by `bg`) the program would be stopped again for
    /// touching it, and could not even end.
    pub(super) fn take_again(&mut self) -> io::Result<Next> {
        while !terminal::is_in_front() {
            if self.told.signal().is_some() {
                return Ok(Next::Leave);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.screen.take_again()?;
        self.update(Message::Resize(self.screen.size()?))?;
        self.update(Message::PicturesLost)
    }
}
