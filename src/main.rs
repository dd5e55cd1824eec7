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
        Start::MeasureView(bench) => {
            let size = bench.view.size;
            let figures = app::measure_view(bench.view.photos.get(), size.columns.get(), size.lines.get());
            cli::print_figures(&figures?, bench.json)
        }
        Start::Nothing => Ok(Found::Something),
        Start::Screen(folder) => {
            let options = Options { images: images(settings.images), ..Options::default() };
            let left = app::browse(&folder, settings.library_options(), &options)?;
            left.signal.map_or(Ok(Found::Something), |signal| Err(Failure::Signal(signal)))
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
