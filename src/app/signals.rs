//! Signals: SIGTERM, SIGHUP and SIGINT leave in order, SIGTSTP sleeps, SIGCONT draws again, SIGWINCH tells the size,
//! Ctrl-Z stops.

use std::io;
use std::sync::mpsc::Sender;

use super::mailbox::Incoming;

/// Starts the thread that turns signals into messages. A second signal that asks to leave does not wait for the loop, unless
/// it says again that the terminal is closed.
#[cfg(unix)]
pub(super) fn start(sender: Sender<Incoming>) -> io::Result<()> {
    use crossterm::terminal::size;
    use ratatui::layout::Size;
    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH};

    use crate::ui::Message;

    let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT, SIGWINCH])?;
    let watch = move || {
        let mut asked = false;
        for signal in signals.forever() {
            if signal == SIGCONT {
                _ = sender.send(Incoming::Woken);
            } else if signal == SIGTSTP {
                _ = sender.send(Incoming::Sleep);
            } else if signal == SIGWINCH {
                // Whoever reads the keys may miss it when a key comes at the same moment.
                if let Ok((columns, lines)) = size() {
                    _ = sender.send(Incoming::Message(Message::Resize(Size::new(columns, lines))));
                }
            } else if signal == SIGHUP && asked {
                // A window that is closed says so more than once: by its shell, and again when the shell has gone.
                tracing::debug!("the terminal is closed, and leaving goes on");
            } else if std::mem::replace(&mut asked, true) || sender.send(Incoming::Leave(signal)).is_err() {
                super::terminal::restore();
                _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        }
    };
    std::thread::Builder::new().name("signals".into()).spawn(watch).map(drop)
}

/// There are no such signals here.
#[cfg(not(unix))]
pub(super) fn start(_sender: Sender<Incoming>) -> io::Result<()> {
    Ok(())
}

/// Stops the process until `fg` (or `kill -CONT`) wakes it; returns then.
#[cfg(unix)]
pub(super) fn stop_here() -> io::Result<()> {
    signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)
}

/// Says that a process cannot sleep here.
#[cfg(not(unix))]
pub(super) fn stop_here() -> io::Result<()> {
    Err(io::Error::other("programs cannot be put to sleep on this system"))
}
