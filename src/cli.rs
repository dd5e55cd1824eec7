//! The command line: what may be typed, and the headless commands.

mod arguments;
mod bench;
mod browse;
mod config;
mod doctor;
mod dupes;
mod eval;
mod exit;
mod export;
mod index;
mod list;
mod models;
mod neighbor_figures;
mod output;
mod photo_facts;
mod process;
mod query;
mod settings;
mod train;

pub use arguments::{Arguments, Command, ConfigArguments, Global, ImageProtocol, ThemeName};
pub use bench::print_figures;
pub use browse::{Start, refuse_marks_without_screen, start};
pub use config::{ConfigFile, print_checked, print_default_config, print_path};
pub use exit::{Failure, Found, exit_code};
pub use output::print_paths;
pub use process::log_to_file;
pub use settings::Settings;

/// Runs one headless command to its end. What needs the screen or its keys (`FOLDER`, `demo`, `config`) is not handled here.
pub fn run(command: &Command, settings: &Settings) -> Result<Found, Failure> {
    match command {
        Command::Index(arguments) => index::run(arguments, settings),
        Command::Query(arguments) => query::run(arguments, settings),
        Command::List(arguments) => list::run(arguments, settings),
        Command::Train(arguments) => train::run(arguments, settings),
        Command::Eval(arguments) => eval::run(arguments, settings),
        Command::Models(arguments) => models::run(arguments, settings),
        Command::Dupes(arguments) => dupes::run(arguments, settings),
        Command::Relink(arguments) => list::relink(arguments, settings),
        Command::Export(arguments) => export::run(arguments, settings),
        Command::Bench(arguments) => bench::run(arguments, settings),
        Command::Doctor(arguments) => doctor::run(arguments, settings),
        Command::Demo(_) | Command::Config(_) => {
            Err(Failure::usage("this command is no headless one: it needs the screen's keys"))
        }
    }
}
