//! `tripletui`: decides between the screen and the headless commands, and turns how they end into an exit code.

use std::process::ExitCode;

use clap::Parser;
use tripletui::app::{self, Images, Options};
use tripletui::cli::{self, Arguments, Failure, Found, ImageProtocol, Settings, Start};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    cli::exit_code(run(&arguments))
}

fn run(arguments: &Arguments) -> Result<Found, Failure> {
    let settings = Settings::decide(&arguments.global)?;
    cli::log_to_file(&settings);
    match cli::start(arguments, &settings)? {
        Start::Headless(command) => cli::run(command, &settings),
        Start::Nothing => Ok(Found::Something),
        Start::Screen(folder) => {
            let prints = arguments.print_marked || arguments.print0;
            let images = images(settings.images);
            let options = Options { images, output_is_for_marks: prints, ..Options::default() };
            let left = app::browse(&folder, settings.library_options(), &options)?;
            if let Some(signal) = left.signal {
                return Err(Failure::Signal(signal));
            }
            if prints {
                cli::print_paths(&left.marked, if arguments.print0 { b'\0' } else { b'\n' })?;
            }
            Ok(Found::Something)
        }
    }
}

const fn images(chosen: ImageProtocol) -> Images {
    match chosen {
        ImageProtocol::Auto => Images::Auto,
        ImageProtocol::Kitty => Images::Kitty,
        ImageProtocol::Iterm2 => Images::Iterm2,
        ImageProtocol::Sixel => Images::Sixel,
        ImageProtocol::Halfblocks => Images::Halfblocks,
        ImageProtocol::None => Images::None,
    }
}
