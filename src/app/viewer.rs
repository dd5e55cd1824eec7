//! Opening a photo in the viewer of the system.

use std::path::Path;
use std::process::{Command, Stdio};

/// Opens the file and waits until the opener has handed it over (not until the viewer is closed).
pub(super) fn open(path: &Path) -> Result<(), String> {
    run(opener(path), path, "open")
}

/// Shows the file in the file manager, selected where the file manager can do that.
pub(super) fn reveal(path: &Path) -> Result<(), String> {
    if cfg!(target_os = "macos") {
        let mut command = Command::new("open");
        command.arg("-R").arg(path);
        return run(("open", command), path, "show");
    }
    if cfg!(windows) {
        let mut command = Command::new("explorer");
        command.arg("/select,").arg(path);
        return run(("explorer", command), path, "show");
    }
    // Most file managers of the free desktops listen to this; the others open the folder.
    let mut command = Command::new("dbus-send");
    command.args(["--session", "--print-reply", "--dest=org.freedesktop.FileManager1"]);
    command.args(["/org/freedesktop/FileManager1", "org.freedesktop.FileManager1.ShowItems"]);
    command.arg(format!("array:string:{}", address(path))).arg("string:");
    run(("dbus-send", command), path, "show").or_else(|_| open(path.parent().unwrap_or(path)))
}

/// The `file:` address of a path; a comma would end an element of the list it stands in.
fn address(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let mut text = String::from("file://");
    for byte in path.as_os_str().as_encoded_bytes() {
        if plain(*byte) {
            text.push(char::from(*byte));
        } else {
            text.extend(['%', hexadecimal(byte >> 4), hexadecimal(byte & 15)]);
        }
    }
    text
}

fn hexadecimal(digit: u8) -> char {
    char::from_digit(digit.into(), 16).unwrap_or('0').to_ascii_uppercase()
}

fn run((program, mut command): (&str, Command), path: &Path, what: &str) -> Result<(), String> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program} could not {what} {}: {status}", shown(path))),
        Err(error) => Err(format!("{program} cannot be started to {what} {}: {error}", shown(path))),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_no_character_that_means_something_else() {
        assert_eq!(address(Path::new("/a b/ü,1.jpg")), "file:///a%20b/%C3%BC%2C1.jpg");
    }
}
