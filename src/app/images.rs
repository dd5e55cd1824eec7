//! How pictures get onto the terminal.

use std::time::Duration;

use clap::ValueEnum;
use crossterm::event::KeyEvent;
use crossterm::style::available_color_count;
use ratatui::layout::Size;
use ratatui_image::picker::cap_parser::QueryStdioOptions;
use ratatui_image::picker::{Capability, Picker, ProtocolType};

use super::status::{self, Asked};
use crate::ui::Theme;

/// How long the terminal may take to say what it can draw.
const PATIENCE: Duration = Duration::from_secs(1);

/// Asks whether a picture can be placed by characters, as this program places them. Kitty can since 0.28; the one before
/// knows the protocol and yet would fill the screen with boxes. Then asks for the terminal's name.
const CAN_PLACE: &str = "\x1b_Gi=33,s=1,v=1,a=q,t=d,f=24,U=1;AAAA\x1b\\\x1b[>q";
/// The answer.
const IT_CAN: &str = "\x1b_Gi=33;OK";
/// Terminals that know the protocol without its placeholders, and pass over what they do not know. Their variables in the
/// environment do not come along over ssh.
const CANNOT: [&str; 2] = ["WezTerm", "Konsole"];

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
    /// The pixels of a cell, where the terminal answered and pictures depend on them.
    pub(super) cell: Option<Size>,
    /// Whether questions go through tmux.
    pub(super) in_tmux: bool,
}

/// Asks the terminal what it can draw, once, before anything else reads its answers.
///
/// A terminal that does not answer is given half-blocks after a second. `no_color`: the person wants no colours, so
/// half-blocks, which are nothing but colours, are left out unless they were asked for by name.
pub(super) fn probe(images: Images, no_color: bool) -> Probed {
    let asks = matches!(images, Images::Auto | Images::Kitty | Images::Iterm2 | Images::Sixel);
    let mut picker = Picker::halfblocks();
    let Asked { answered, mut typed, .. } =
        if asks { status_after("", picker.tmux_detected()) } else { Asked::default() };
    if let Some(asked) = answered.then(ask).flatten() {
        picker = asked;
    }
    if images == Images::Auto {
        typed.extend(without_what_fails(&mut picker));
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
    let (font, in_tmux) = (picker.font_size(), picker.tmux_detected());
    let has_pixels = answered && wanted && picker.protocol_type() != ProtocolType::Halfblocks;
    let cell = has_pixels.then(|| Size::new(font.width, font.height));
    Probed { picker: wanted.then_some(picker), theme, typed, cell, in_tmux }
}

/// Gives up a protocol that the terminal has and that would yet show nothing good: Kitty's where pictures cannot be placed
/// by characters, and Sixel through tmux, which paints over it. Answers with what was typed meanwhile.
fn without_what_fails(picker: &mut Picker) -> Vec<KeyEvent> {
    let mut typed = Vec::new();
    if picker.protocol_type() == ProtocolType::Kitty {
        let asked = status_after(CAN_PLACE, picker.tmux_detected());
        typed = asked.typed;
        if !can_place(&asked.said) {
            let has_sixel = picker.capabilities().contains(&Capability::Sixel);
            picker.set_protocol_type(if has_sixel { ProtocolType::Sixel } else { ProtocolType::Halfblocks });
        }
    }
    if picker.protocol_type() == ProtocolType::Sixel && picker.tmux_detected() {
        picker.set_protocol_type(ProtocolType::Halfblocks);
    }
    typed
}

/// Whether this answer means that pictures can be placed by characters.
fn can_place(said: &str) -> bool {
    said.contains(IT_CAN) && !CANNOT.iter().any(|name| said.contains(name))
}

fn status_after(question: &str, passed_through_tmux: bool) -> Asked {
    let asked = status::ask(question, passed_through_tmux);
    asked.inspect_err(|why| tracing::info!("no status: {why}")).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_that_passes_over_what_it_does_not_know_is_not_taken_for_kitty() {
        assert!(can_place("\x1b_Gi=33;OK\x1b\\\x1bP>|kitty(0.41.1)\x1b\\\x1b[0n"));
        assert!(can_place("\x1b_Gi=33;OK\x1b\\\x1b[0n"), "it need not tell its name");
        assert!(!can_place("\x1b_Gi=33;OK\x1b\\\x1bP>|WezTerm 20240203\x1b\\\x1b[0n"));
        assert!(!can_place("\x1b_Gi=33;EINVAL:unknown key\x1b\\\x1b[0n") && !can_place("\x1b[0n"));
    }
}
