//! How pictures get onto the terminal.

use clap::ValueEnum;
use ratatui_image::picker::cap_parser::QueryStdioOptions;
use ratatui_image::picker::{Capability, Picker, ProtocolType};

use crate::ui::Theme;

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
/// A terminal that does not answer is given half-blocks after two seconds. `no_color`: the person wants no colours, so
/// half-blocks, which are nothing but colours, are left out unless they were asked for by name.
pub(super) fn probe(images: Images, no_color: bool) -> Probed {
    let asks = matches!(images, Images::Auto | Images::Kitty | Images::Iterm2 | Images::Sixel);
    let options = QueryStdioOptions { terminal_background_color_osc: true, ..QueryStdioOptions::default() };
    let picker = asks.then(|| Picker::from_query_stdio_with_options(options).ok()).flatten();
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

/// Light or dark, by the brightness of the background the terminal reports.
fn ground(picker: &Picker) -> Theme {
    let brightness = picker.capabilities().iter().find_map(|capability| match capability {
        Capability::Background(r, g, b) => Some(u32::from(*r) * 299 + u32::from(*g) * 587 + u32::from(*b) * 114),
        _ => None,
    });
    if brightness.is_some_and(|thousandths| thousandths > 127_000) { Theme::Light } else { Theme::Dark }
}
