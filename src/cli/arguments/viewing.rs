//! Options of `bench view`.

use std::num::{NonZeroU16, NonZeroUsize};
use std::str::FromStr;

use clap::Args;

/// What `bench view` draws.
#[derive(Args, Clone, Copy, Debug)]
pub struct ViewArguments {
    /// Made-up photos that `view` draws.
    #[arg(long, default_value = "100000")]
    pub photos: NonZeroUsize,
    /// The screen it draws them on.
    #[arg(long, value_name = "COLUMNSxLINES", default_value = "200x60")]
    pub size: ScreenSize,
}

/// Columns and lines of a screen, written `200x60`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScreenSize {
    /// Columns.
    pub columns: NonZeroU16,
    /// Lines.
    pub lines: NonZeroU16,
}

impl FromStr for ScreenSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let size = text.split_once('x').and_then(|(columns, lines)| {
            Some(Self { columns: columns.trim().parse().ok()?, lines: lines.trim().parse().ok()? })
        });
        size.ok_or_else(|| format!("`{text}` is no size: write columns and lines as 200x60"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_two_numbers() {
        let size: ScreenSize = "200x60".parse().unwrap();
        assert_eq!((size.columns.get(), size.lines.get()), (200, 60));
        for wrong in ["200", "0x60", "200x", "axb", "70000x2"] {
            assert!(wrong.parse::<ScreenSize>().is_err(), "{wrong}");
        }
    }
}
