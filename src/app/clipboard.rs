//! The clipboard of the terminal (OSC 52), which works over ssh too.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The sequence that puts these bytes into the clipboard; inside tmux also passed through to the outer terminal.
pub(super) fn copy_sequence(content: &[u8], tmux: bool) -> String {
    let content = base64(content);
    let plain = format!("\x1b]52;c;{content}\x07");
    if tmux { format!("{plain}\x1bPtmux;\x1b{plain}\x1b\\") } else { plain }
}

/// Base64 with padding (RFC 4648).
fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let number = group.iter().chain(&[0; 2]).take(3).fold(0, |number, byte| number << 8 | usize::from(*byte));
        for place in 0..4 {
            let digit = ALPHABET.get(number >> (18 - 6 * place) & 63).filter(|_| place <= group.len());
            text.push(digit.copied().map_or('=', char::from));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        let cases =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE=")];
        for (plain, coded) in cases {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
        assert_eq!(base64(&[255, 254, 253]), "//79");
    }

    #[test]
    fn tmux_passes_the_sequence_through() {
        assert_eq!(copy_sequence(b"f", false), "\x1b]52;c;Zg==\x07");
        assert!(copy_sequence(b"f", true).ends_with("\x1bPtmux;\x1b\x1b]52;c;Zg==\x07\x1b\\"));
    }
}
