//! `tripletui`: decides between the screen and the headless commands, and turns how they end into an exit code.

use std::process::ExitCode;

use clap::Parser;
use tripletui::app::{self, Images, Options};
use tripletui::cli::{
    self, Arguments, Command, ConfigArguments, ConfigFile, Failure, Found, Global, ImageProtocol, Settings, Start,
    ThemeName,
};
use tripletui::ui::{KeyMap, Theme};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    cli::exit_code(run(&arguments))
}

fn run(arguments: &Arguments) -> Result<Found, Failure> {
    cli::refuse_marks_without_screen(arguments)?;
    if let (None, Some(Command::Config(asked))) = (&arguments.folder, &arguments.command) {
        return config(*asked, &arguments.global);
    }
    let file = ConfigFile::read(arguments.global.config.as_deref())?;
    let settings = Settings::decide(&arguments.global, file.as_ref())?;
    let keys = keys(file.as_ref())?;
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
            let prints = arguments.print_marked || arguments.print0;
            let (images, theme) = (images(settings.images), theme(settings.theme));
            let options = Options { images, theme, mouse: settings.mouse, keys, output_is_for_marks: prints };
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

/// `tripletui config`
fn config(asked: ConfigArguments, global: &Global) -> Result<Found, Failure> {
    let named = global.config.as_deref();
    if asked.print_default {
        return cli::print_default_config(&app::default_keys());
    }
    if asked.path {
        return cli::print_path(named);
    }
    let file = ConfigFile::read(named)?;
    Settings::decide(global, file.as_ref())?;
    keys(file.as_ref())?;
    cli::print_checked(named, file.as_ref())
}

/// The keys as the configuration file wants them; a mistake is told with its place.
fn keys(file: Option<&ConfigFile>) -> Result<KeyMap, Failure> {
    let Some(file) = file else { return Ok(KeyMap::default()) };
    app::key_map(file.text()).map_err(|mistake| file.mistake(mistake.at, &mistake.sentence).into())
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

const fn theme(chosen: ThemeName) -> Option<Theme> {
    match chosen {
        ThemeName::Auto => None,
        ThemeName::Dark => Some(Theme::Dark),
        ThemeName::Light => Some(Theme::Light),
        ThemeName::HighContrast => Some(Theme::HighContrast),
        ThemeName::Ansi => Some(Theme::Ansi),
        ThemeName::Mono => Some(Theme::NoColor),
    }
}
