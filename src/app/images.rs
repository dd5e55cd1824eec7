//! How pictures get onto the terminal.

use std::io::{Write, stdout};
use std::thread::sleep;
use std::time::Duration;

use clap::ValueEnum;
use ratatui_image::errors::Errors;
use ratatui_image::picker::cap_parser::QueryStdioOptions;
use ratatui_image::picker::{Capability, Picker, ProtocolType};

use crate::ui::Theme;

/// How long the terminal may take to say what it can draw.
const PATIENCE: Duration = Duration::from_secs(1);
/// Asks for the status of the terminal (ECMA-48, DSR), which every terminal answers at once.
const DEVICE_STATUS: &[u8] = b"\x1b[5n";
/// How long that answer may take.
const ANSWER_TIME: Duration = Duration::from_millis(100);

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
}

/// Asks the terminal what it can draw, once, before anything else reads its answers.
///
/// A terminal that does not answer is given half-blocks after a second. `no_color`: the person wants no colours, so
/// half-blocks, which are nothing but colours, are left out unless they were asked for by name.
pub(super) fn probe(images: Images, no_color: bool) -> Probed {
    let asks = matches!(images, Images::Auto | Images::Kitty | Images::Iterm2 | Images::Sixel);
    let picker = asks.then(ask).flatten();
    let mut picker = picker.unwrap_or_else(Picker::halfblocks);
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
    Probed { picker: wanted.then_some(picker), theme }
}

fn ask() -> Option<Picker> {
    let options = QueryStdioOptions { timeout: PATIENCE, terminal_background_color_osc: true, ..Default::default() };
    match Picker::from_query_stdio_with_options(options) {
        Ok(picker) => Some(picker),
        Err(why) => {
            tracing::info!("the terminal does not say what it can draw: {why}");
            if matches!(why, Errors::NoStdinResponse) {
                release_reader();
            }
            None
        }
    }
}

/// The question that was not answered still has a thread waiting for input, which would swallow the first key (seen in
/// tmux without a client, where what is passed through reaches nobody). An answer that any terminal gives sets it free.
fn release_reader() {
    let mut out = stdout();
    if out.write_all(DEVICE_STATUS).and_then(|()| out.flush()).is_ok() {
        sleep(ANSWER_TIME);
    }
}

/// Light or dark, by the brightness of the background the terminal reports.
fn ground(picker: &Picker) -> Theme {
    let brightness = picker.capabilities().iter().find_map(|capability| match capability {
        Capability::Background(r, g, b) => Some(u32::from(*r) * 299 + u32::from(*g) * 587 + u32::from(*b) * 114),
        _ => None,
    });
    if brightness.is_some_and(|thousandths| thousandths > 127_000) { Theme::Light } else { Theme::Dark }
}
