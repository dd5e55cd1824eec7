//! Standard output that leads elsewhere, lent to the terminal while the screen is there.

use std::io;

/// Standard output as it was; dropping it gives it back.
pub(super) struct Lent {
    #[cfg(unix)]
    kept: std::os::fd::OwnedFd,
}

impl Lent {
    /// Puts the terminal in the place of standard output, if that is something else.
    #[cfg(unix)]
    pub(super) fn to_the_terminal() -> io::Result<Option<Self>> {
        use std::io::{IsTerminal, Write};
        use std::os::fd::AsFd;
        let mut out = io::stdout();
        if out.is_terminal() {
            return Ok(None);
        }
        out.flush()?;
        // Without a terminal nothing is lent, and the screen says so.
        let Ok(terminal) = std::fs::File::options().read(true).write(true).open("/dev/tty") else { return Ok(None) };
        let kept = out.as_fd().try_clone_to_owned()?;
        rustix::stdio::dup2_stdout(&terminal)?;
        Ok(Some(Self { kept }))
    }

    /// Elsewhere the terminal cannot be had apart from standard output.
    #[cfg(not(unix))]
    pub(super) fn to_the_terminal() -> io::Result<Option<Self>> {
        Ok(None)
    }
}

#[cfg(unix)]
impl Drop for Lent {
    fn drop(&mut self) {
        _ = io::Write::flush(&mut io::stdout());
        _ = rustix::stdio::dup2_stdout(&self.kept);
    }
}
