//! How pictures get onto the terminal.

use std::time::Duration;

use clap::ValueEnum;
use crossterm::event::KeyEvent;
use crossterm::style::available_color_count;
use ratatui_image::picker::cap_parser::QueryStdioOptions;
use ratatui_image::picker::{Capability, Picker, ProtocolType};

use super::status::{self, Asked};
use crate::ui::Theme;

/// How long the terminal may take to say what it can draw.
const PATIENCE: Duration = Duration::from_secs(1);

/// How pictures are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Images {
    /// As well as the terminal can: it is asked.
    #[default]
    Auto,
    /// Kitty's graphics protocol.
    Kitty,
    /// The inline images of iTerm2 (and of others that took them over).
    Iterm2,
    /// Sixel.
    Sixel,
    /// Coloured half-blocks, on any terminal.
    Halfblocks,
    /// No pictures; names, labels and numbers instead.
    None,
}

/// What was found out about the terminal.
#[derive(Debug)]
pub(super) struct Probed {
    /// Makes pictures; `None`: there are to be none.
    pub(super) picker: Option<Picker>,
    /// The colours that suit its ground.
    pub(super) theme: Theme,
    /// What was typed until the terminal had answered.
    pub(super) typed: Vec<KeyEvent>,
}

/// Asks the terminal what it can draw, once, before anything else reads its answers.
///
/// A terminal that does not answer is given half-blocks after a second. `no_color`: the person wants no colours, so
/// half-blocks, which are nothing but colours, are left out unless they were asked for by name.
pub(super) fn probe(images: Images, no_color: bool) -> Probed {
    let asks = matches!(images, Images::Auto | Images::Kitty | Images::Iterm2 | Images::Sixel);
    let mut picker = Picker::halfblocks();
    let status = if asks { status::ask(picker.tmux_detected()) } else { Ok(Asked::default()) };
    let Asked { answered, typed } = status.inspect_err(|why| tracing::info!("no status: {why}")).unwrap_or_default();
    if let Some(asked) = answered.then(ask).flatten() {
        picker = asked;
    }
    let theme = if no_color { Theme::NoColor } else { ground(&picker) };
    let forced = match images {
        Images::Kitty => Some(ProtocolType::Kitty),
        Images::Iterm2 => Some(ProtocolType::Iterm2),
        Images::Sixel => Some(ProtocolType::Sixel),
        Images::Halfblocks => Some(ProtocolType::Halfblocks),
        Images::Auto | Images::None => None,
    };
    if let Some(protocol) = forced {
        picker.set_protocol_type(protocol);
    }
    tracing::info!(protocol = ?picker.protocol_type(), font = ?picker.font_size(), ?theme, "terminal");
    let colours_only = picker.protocol_type() == ProtocolType::Halfblocks && no_color && images == Images::Auto;
    let wanted = images != Images::None && !colours_only;
    Probed { picker: wanted.then_some(picker), theme, typed }
}

fn ask() -> Option<Picker> {
    let options = QueryStdioOptions { timeout: PATIENCE, terminal_background_color_osc: true, ..Default::default() };
    let asked = Picker::from_query_stdio_with_options(options);
    asked.inspect_err(|why| tracing::info!("the terminal does not say what it can draw: {why}")).ok()
}

/// Light or dark, by the brightness of the background the terminal reports; its own sixteen colours where nothing tells
/// that it has more.
fn ground(picker: &Picker) -> Theme {
    if available_color_count() < 256 && picker.protocol_type() == ProtocolType::Halfblocks {
        return Theme::Ansi;
    }
    let brightness = picker.capabilities().iter().find_map(|capability| match capability {
        Capability::Background(r, g, b) => Some(u32::from(*r) * 299 + u32::from(*g) * 587 + u32::from(*b) * 114),
        _ => None,
    });
    if brightness.is_some_and(|thousandths| thousandths > 127_000) { Theme::Light } else { Theme::Dark }
}
