//! The identity of a photo: its content.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::io::{self, Read};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A photo is its content: the BLAKE3 hash of the file's bytes.
///
/// Two files with the same bytes are one photo with two locations. A rename or a copy keeps the identity, so marks and
/// cached features survive both. The order of ids (bytewise) is what breaks ties between equally distant neighbours.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PhotoId([u8; 32]);

impl PhotoId {
    /// The identity of a file with these bytes.
    pub fn of_content(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The identity of a file that is read to its end.
    pub fn of_stream(stream: impl Read) -> io::Result<Self> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(stream)?;
        Ok(Self(*hasher.finalize().as_bytes()))
    }

    /// An identity from its 32 raw bytes, as the store keeps it.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 raw bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Hash for PhotoId {
    /// An identity is a hash already: a part of it tells as much as the whole, and is looked up in half the time.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.first_chunk().copied().map_or(0, u64::from_le_bytes));
    }
}

impl fmt::Display for PhotoId {
    /// 64 lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for PhotoId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PhotoId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(Error::custom)
    }
}

impl fmt::Debug for PhotoId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = u32::from_be_bytes([self.0[0], self.0[1], self.0[2], self.0[3]]);
        write!(f, "PhotoId({start:08x}..)")
    }
}

/// The text is not a photo id.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a photo id is 64 hexadecimal digits, got `{0}`")]
pub struct ParsePhotoIdError(String);

impl FromStr for PhotoId {
    type Err = ParsePhotoIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ParsePhotoIdError(text.to_owned());
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |d: u8| char::from(d).to_digit(16).map(|v| v as u8);
            *byte = digit(pair[0]).zip(digit(pair[1])).map(|(high, low)| high << 4 | low).ok_or_else(wrong)?;
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bytes_are_the_same_photo() {
        assert_eq!(PhotoId::of_content(b"a"), PhotoId::of_content(b"a"));
        assert_ne!(PhotoId::of_content(b"a"), PhotoId::of_content(b"b"));
        let long: Vec<u8> = (0..300_000_u32).map(|i| (i / 7) as u8).collect();
        assert_eq!(PhotoId::of_stream(&long[..]).unwrap(), PhotoId::of_content(&long));
    }

    #[test]
    fn text_form_round_trips_and_rejects_garbage() {
        let id = PhotoId::of_content(b"photo");
        assert_eq!(id.to_string().parse(), Ok(id));
        for bad in ["", "12", &"g".repeat(64), &"é".repeat(32)] {
            assert!(bad.parse::<PhotoId>().is_err(), "{bad}");
        }
    }
}
