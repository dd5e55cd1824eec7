//! Signals: SIGTERM, SIGHUP and SIGINT leave in order, SIGTSTP sleeps, SIGCONT draws again, SIGWINCH tells the size,
//! Ctrl-Z stops.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use super::mailbox::Incoming;

/// No signal has asked the program to leave yet.
const NONE: i32 = 0;
/// The session is over: a signal ends the program at once.
const OVER: i32 = -1;

/// What happens within this happens at once.
const SAME_MOMENT: Duration = Duration::from_millis(200);

/// Which signal has asked the program to leave, if one has.
#[derive(Clone, Debug, Default)]
pub(super) struct LeaveAsked(Arc<AtomicI32>);

impl LeaveAsked {
    /// The signal that asked first, if one has.
    pub(super) fn signal(&self) -> Option<i32> {
        a_signal(self.0.load(Ordering::SeqCst))
    }

    /// The same, waited for a moment: a terminal that is closed fails, and SIGHUP comes just then.
    pub(super) fn soon(&self) -> Option<i32> {
        let until = Instant::now() + SAME_MOMENT;
        while self.signal().is_none() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.signal()
    }

    /// The signal that asked first, if one has. The session is over, and whoever asks from now on does not ask in vain.
    pub(super) fn close(&self) -> Option<i32> {
        a_signal(self.0.swap(OVER, Ordering::SeqCst))
    }

    /// False when the session is over.
    #[cfg(unix)]
    fn by(&self, signal: i32) -> bool {
        self.0.compare_exchange(NONE, signal, Ordering::SeqCst, Ordering::SeqCst) != Err(OVER)
    }
}

fn a_signal(state: i32) -> Option<i32> {
    Some(state).filter(|state| ![NONE, OVER].contains(state))
}

/// Starts the thread that turns signals into messages. Whoever leaves already, for whatever reason, is left to save what
/// there is: only the second signal of those that a person sends does not wait for that. (A window that is closed says so
/// more than once, and after the writing to it has failed.)
#[cfg(unix)]
pub(super) fn start(sender: Sender<Incoming>) -> io::Result<LeaveAsked> {
    use crossterm::terminal::size;
    use ratatui::layout::Size;
    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH};

    use crate::ui::Message;

    let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT, SIGWINCH])?;
    let asked = LeaveAsked::default();
    let told = asked.clone();
    let watch = move || {
        let mut is_impatient = false;
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
            } else {
                let is_second = signal != SIGHUP && std::mem::replace(&mut is_impatient, true);
                if !told.by(signal) || is_second {
                    super::terminal::restore();
                    _ = signal_hook::low_level::emulate_default_handler(signal);
                }
                // An error means that leaving has begun already.
                _ = sender.send(Incoming::Leave);
            }
        }
    };
    std::thread::Builder::new().name("signals".into()).spawn(watch)?;
    Ok(asked)
}

/// There are no such signals here.
#[cfg(not(unix))]
pub(super) fn start(_sender: Sender<Incoming>) -> io::Result<LeaveAsked> {
    Ok(LeaveAsked::default())
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
