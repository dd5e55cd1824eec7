//! What a command line without a headless command means: which folder the screen opens.

use std::path::PathBuf;

use super::arguments::{Arguments, BenchArguments, BenchPart, Command};
use super::exit::Failure;
use super::output::{line, note, shown};
use super::settings::Settings;
use crate::work::{existing_folder, write_demo};

/// What to do.
#[derive(Debug)]
pub enum Start<'a> {
    /// Run this command without a screen.
    Headless(&'a Command),
    /// Measure how fast the screen is, which needs none.
    MeasureView(&'a BenchArguments),
    /// Open this folder on the screen.
    Screen(PathBuf),
    /// All is done already.
    Nothing,
}

/// Refuses to print marked paths where there is no screen to mark on.
pub fn refuse_marks_without_screen(arguments: &Arguments) -> Result<(), Failure> {
    let has_screen = match &arguments.command {
        None => true,
        Some(Command::Demo(demo)) => !demo.no_open,
        Some(_) => false,
    };
    if has_screen || !(arguments.print_marked || arguments.print0) {
        return Ok(());
    }
    let option = if arguments.print0 { "--print0" } else { "--print-marked" };
    Err(Failure::usage(format!(
        "{option} prints what was marked on the screen, and this command opens none: leave it out, or open the folder with \
         `tripletui FOLDER {option}`; `tripletui list FOLDER` says which photos are marked"
    )))
}

/// Decides what the command line asks for; makes the demo folder when that is what is wanted.
pub fn start<'a>(arguments: &'a Arguments, settings: &Settings) -> Result<Start<'a>, Failure> {
    match (&arguments.folder, &arguments.command) {
        (Some(folder), Some(_)) => Err(Failure::usage(format!(
            "a folder goes after the command: tripletui COMMAND {}; to open a folder that is called like a command, write ./NAME",
            shown(folder)
        ))),
        (None, Some(Command::Demo(demo))) => {
            if !settings.dirs.cache.join("demo").exists() {
                note("drawing the pictures of the demo, once …");
            }
            let folder = write_demo(&settings.dirs.cache)?;
            if demo.no_open {
                line(&shown(&folder))?;
                return Ok(Start::Nothing);
            }
            Ok(Start::Screen(folder))
        }
        (None, Some(Command::Bench(bench))) if bench.part == BenchPart::View => Ok(Start::MeasureView(bench)),
        (None, Some(command)) => Ok(Start::Headless(command)),
        (Some(folder), None) => Ok(Start::Screen(existing_folder(folder)?)),
        (None, None) => settings.dirs.last_folder().filter(|folder| folder.is_dir()).map(Start::Screen).ok_or_else(|| {
            Failure::usage("which folder? Try `tripletui ~/photos`, or `tripletui demo` to look around first; --help tells more")
        }),
    }
}

/// Columns and rows of the terminal, when there is one.
pub(super) fn terminal_size() -> Option<(u16, u16)> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    (size.ws_col > 0 && size.ws_row > 0).then_some((size.ws_col, size.ws_row))
}
