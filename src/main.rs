//! `tripletui`: decides between the screen and the headless commands, and turns how they end into an exit code.

use std::process::ExitCode;

use clap::Parser;
use tripletui::cli::{self, Arguments, Failure, Found, Settings, Start};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    cli::exit_code(run(&arguments))
}

fn run(arguments: &Arguments) -> Result<Found, Failure> {
    let settings = Settings::decide(&arguments.global)?;
    cli::log_to_file(&settings);
    match cli::start(arguments, &settings)? {
        Start::Headless(command) => cli::run(command, &settings, &cli::cancel_on_interrupt()?),
        Start::Nothing => Ok(Found::Something),
        Start::Screen(_) => Err(Failure::usage("the screen is being built")),
    }
}
