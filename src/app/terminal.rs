//! The terminal: taken over, and given back whatever happens.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::mem::ManuallyDrop;
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::thread::{self, ThreadId};

use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::Terminal;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::layout::{Position, Rect, Size};

use crate::ui::{State, view};

/// Whether the terminal is ours now.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Held while the terminal's mode changes: whoever waits for an answer must not make it raw again after it was given back.
static MODE: Mutex<()> = Mutex::new(());
/// The thread that draws: its panic is the end, that of a worker is not.
static DRAWS: Mutex<Option<ThreadId>> = Mutex::new(None);

/// Why there can be no screen here; `None`: there can.
pub(super) fn unusable() -> Option<&'static str> {
    if !io::stdout().is_terminal() {
        Some("the output is not a terminal")
    } else if !io::stdin().is_terminal() {
        Some("the input is not a terminal")
    } else if std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
        Some("the terminal can only print (TERM=dumb)")
    } else {
        None
    }
}

/// The terminal while it is ours; dropping it gives it back.
pub(super) struct Screen {
    /// Not dropped: of a terminal that is gone it would complain to standard error, which is gone as well, and panic before
    /// anything is saved.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<BufWriter<Stdout>>>>,
    mouse: bool,
    /// Whether cells may not show what was drawn last.
    stale: bool,
}

impl Screen {
    /// Takes the terminal over. From now on a panic of this thread gives it back before it is reported, and panics of
    /// other threads are logged instead of printed.
    pub(super) fn take(mouse: bool) -> io::Result<Self> {
        *DRAWS.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread::current().id());
        hook_panics();
        take_over(mouse)?;
        let backend = CrosstermBackend::new(BufWriter::with_capacity(1 << 16, io::stdout()));
        let terminal = Terminal::new(backend).inspect_err(|_| restore())?;
        Ok(Self { terminal: ManuallyDrop::new(terminal), mouse, stale: false })
    }

    /// Takes it over again after it was given back, or after somebody else has drawn on it.
    pub(super) fn take_again(&mut self) -> io::Result<()> {
        take_over(self.mouse)?;
        self.clear()
    }

    /// Clears the terminal, so that the next frame draws everything. (`Terminal::clear` would ask the terminal where its
    /// cursor is, and the input thread would take the answer.)
    pub(super) fn clear(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }

    /// Draws every cell the next time: the terminal may have lost some.
    pub(super) const fn forget(&mut self) {
        self.stale = true;
    }

    /// Columns and lines.
    pub(super) fn size(&self) -> io::Result<Size> {
        self.terminal.size()
    }

    /// Pixels across and down a cell, where the terminal says.
    pub(super) fn cell(&mut self) -> Option<Size> {
        let window = self.terminal.backend_mut().window_size().ok()?;
        let (cells, pixels) = (window.columns_rows, window.pixels);
        let cell = Size::new(pixels.width.checked_div(cells.width)?, pixels.height.checked_div(cells.height)?);
        (cell.width > 0 && cell.height > 0).then_some(cell)
    }

    /// Draws the state; terminals that can, show the frame at once as a whole.
    pub(super) fn draw(&mut self, state: &State) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        if std::mem::take(&mut self.stale) {
            self.clear()?;
        }
        self.terminal.draw(|frame| view(state, frame))?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }

    /// Sends a sequence that draws nothing.
    pub(super) fn send(&mut self, sequence: &str) -> io::Result<()> {
        let backend = self.terminal.backend_mut();
        backend.write_all(sequence.as_bytes())?;
        Write::flush(backend)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

fn take_over(mouse: bool) -> io::Result<()> {
    {
        let _changing = MODE.lock().unwrap_or_else(PoisonError::into_inner);
        TAKEN.store(true, Ordering::SeqCst);
        enable_raw_mode()?;
    }
    let mut out = io::stdout();
    execute!(out, EnterAlternateScreen, cursor::Hide, EnableBracketedPaste).inspect_err(|_| restore())?;
    if mouse {
        execute!(out, EnableMouseCapture).inspect_err(|_| restore())?;
    }
    Ok(())
}

/// Whether the terminal is this program's, and not the shell's that has put it aside or woken it behind its back. Of a
/// terminal that is gone nobody can tell; whoever takes it finds that out.
#[cfg(unix)]
pub(super) fn is_in_front() -> bool {
    rustix::termios::tcgetpgrp(rustix::stdio::stdin()).map_or(true, |front| front == rustix::process::getpgrp())
}

/// Programs cannot be put aside here.
#[cfg(not(unix))]
pub(super) fn is_in_front() -> bool {
    true
}

/// Gives the terminal back, if it is ours. Every step is tried: on a terminal that is gone none of them works.
pub(super) fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        unstopped(|| {
            let mut out = io::stdout();
            _ = execute!(out, EndSynchronizedUpdate, DisableMouseCapture, DisableBracketedPaste);
            _ = execute!(out, LeaveAlternateScreen, cursor::Show);
            let _changing = MODE.lock().unwrap_or_else(PoisonError::into_inner);
            _ = disable_raw_mode();
        });
    }
}

/// Writes to the terminal also when the shell has it already, as that of a window being closed does: otherwise the system
/// would stop the program there, perhaps for good, with nothing saved.
#[cfg(unix)]
fn unstopped(write: impl FnOnce()) {
    use nix::sys::signal::{SigSet, SigmaskHow, Signal};

    let before = SigSet::from(Signal::SIGTTOU).thread_swap_mask(SigmaskHow::SIG_BLOCK);
    write();
    _ = before.and_then(|before| before.thread_set_mask());
}

/// Nothing stops a program that writes here.
#[cfg(not(unix))]
fn unstopped(write: impl FnOnce()) {
    write();
}

/// Changes the terminal's mode if the terminal is still ours; `None`: it was given back, and nothing was done.
#[cfg(unix)]
pub(super) fn while_ours<T>(change: impl FnOnce() -> T) -> Option<T> {
    let _changing = MODE.lock().unwrap_or_else(PoisonError::into_inner);
    TAKEN.load(Ordering::SeqCst).then(change)
}

fn hook_panics() {
    static HOOKED: Once = Once::new();
    HOOKED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let draws = *DRAWS.lock().unwrap_or_else(PoisonError::into_inner);
            if TAKEN.load(Ordering::SeqCst) && draws != Some(thread::current().id()) {
                tracing::error!(%info, "a thread panicked");
                return;
            }
            restore();
            before(info);
        }));
    });
}
