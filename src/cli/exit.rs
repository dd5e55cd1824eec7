//! How commands end: 0 ok, 1 nothing found, 2 usage or input error; a broken pipe is success.

use std::error::Error;
use std::io;
use std::process::ExitCode;

use crate::work::WorkError;

/// The signal that Ctrl-C sends.
pub(super) const INTERRUPTED: i32 = 2;

/// Whether a command that ran well had something to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Yes: exit code 0.
    Something,
    /// No photo, no neighbour: exit code 1.
    Nothing,
}

/// Why a command could not do what was asked: one sentence that names the file and the remedy.
#[derive(Debug)]
pub enum Failure {
    /// Wrong usage or unusable input.
    Input(anyhow::Error),
    /// Whoever read our output went away, as `head` does.
    BrokenPipe,
    /// A signal asked the program to leave, and it did.
    Signal(i32),
}

impl Failure {
    /// A failure in one sentence of our own.
    pub fn usage(sentence: impl Into<String>) -> Self {
        Self::Input(anyhow::Error::msg(sentence.into()))
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        let error = error.into();
        match error.downcast_ref() {
            Some(WorkError::Stopped) => Self::Signal(INTERRUPTED),
            _ if is_broken_pipe(error.as_ref()) => Self::BrokenPipe,
            _ => Self::Input(error),
        }
    }
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::BrokenPipe) {
            return true;
        }
        next = error.source();
    }
    false
}

/// Turns the end of a command into the process's exit code, printing the sentence of a failure to standard error.
pub fn exit_code(ended: Result<Found, Failure>) -> ExitCode {
    match ended {
        Ok(Found::Something) | Err(Failure::BrokenPipe) => ExitCode::SUCCESS,
        Ok(Found::Nothing) => ExitCode::from(1),
        // As shells report a program that a signal ended.
        Err(Failure::Signal(number)) => ExitCode::from(128_u8.wrapping_add(number as u8)),
        Err(Failure::Input(error)) => {
            super::output::complain(&error);
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_pipe_is_success_however_deep_it_lies() {
        let pipe = || anyhow::Error::from(io::Error::from(io::ErrorKind::BrokenPipe)).context("while listing");
        assert!(matches!(Failure::from(pipe()), Failure::BrokenPipe));
        let other = anyhow::Error::from(io::Error::from(io::ErrorKind::NotFound));
        assert!(matches!(Failure::from(other), Failure::Input(_)));
    }
}
