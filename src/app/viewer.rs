//! Opening a photo in the viewer of the system.

use std::path::Path;
use std::process::{Command, Stdio};

/// Opens the file and waits until the opener has handed it over (not until the viewer is closed).
pub(super) fn open(path: &Path) -> Result<(), String> {
    let (program, mut command) = opener(path);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program} could not open {}: {status}", shown(path))),
        Err(error) => Err(format!("{program} cannot be started to open {}: {error}", shown(path))),
    }
}

fn opener(path: &Path) -> (&'static str, Command) {
    let (program, before): (_, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("cmd", &["/C", "start", ""])
    } else {
        ("xdg-open", &[])
    };
    let mut command = Command::new(program);
    command.args(before).arg(path);
    (program, command)
}

/// A path for the screen.
pub(super) fn shown(path: &Path) -> String {
    crate::library::printable(&path.to_string_lossy())
}
