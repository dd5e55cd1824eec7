//! Bits of entropy-coded JPEG data, and Huffman codes (ITU-T T.81, annexes C and F).

/// Reads bits, most significant first. Stops before the next marker, and from there on supplies zeros.
pub(super) struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    /// The next bits, left-aligned.
    word: u64,
    /// How many bits of `word` count.
    count: u32,
    /// How many of those are zeros that the data does not hold.
    padding: u32,
}

impl<'a> Bits<'a> {
    pub(super) const fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0, word: 0, count: 0, padding: 0 }
    }

    /// Whether more was read than the data holds.
    pub(super) const fn is_overrun(&self) -> bool {
        self.count < self.padding
    }

    /// Makes at least 32 bits available.
    #[inline]
    pub(super) fn refill(&mut self) {
        if self.count >= 32 {
            return;
        }
        if let Some(next) = self.data.get(self.at..).and_then(<[u8]>::first_chunk::<8>) {
            let next = u64::from_be_bytes(*next);
            // A byte of ones is a zero byte of the complement (Mycroft's test); only then is there a marker to look for.
            let inverse = !next;
            if inverse.wrapping_sub(0x0101_0101_0101_0101) & !inverse & 0x8080_8080_8080_8080 == 0 {
                self.word |= next >> self.count;
                let bytes = (63 - self.count) / 8;
                self.at += bytes as usize;
                self.count += bytes * 8;
                return;
            }
        }
        self.refill_by_bytes();
    }

    #[cold]
    fn refill_by_bytes(&mut self) {
        while self.count <= 56 {
            let rest = self.data.get(self.at..).unwrap_or_default();
            let (byte, taken) = match rest {
                [0xFF, 0x00, ..] => (0xFF, 2),
                [0xFF, ..] | [] => (0, 0),
                [byte, ..] => (*byte, 1),
            };
            self.at += taken;
            self.word |= u64::from(byte) << (56 - self.count);
            self.count += 8;
            if taken == 0 {
                self.padding += 8;
            }
        }
    }

    /// The next `bits` (1 to 32), without taking them. Needs a refill before.
    #[inline]
    pub(super) const fn peek(&self, bits: u32) -> u32 {
        (self.word >> (64 - bits)) as u32
    }

    /// Takes `bits` (0 to 32) off.
    #[inline]
    pub(super) const fn skip(&mut self, bits: u32) {
        self.word <<= bits;
        self.count = self.count.wrapping_sub(bits);
        if self.count > 64 {
            // More was asked than a refill gives: an overrun, kept as one.
            self.count = 0;
            self.padding |= 1;
        }
    }

    /// Takes `bits` (0 to 16) as a number.
    pub(super) fn take(&mut self, bits: u32) -> u32 {
        if bits == 0 {
            return 0;
        }
        self.refill();
        let value = self.peek(bits);
        self.skip(bits);
        value
    }

    /// Goes on after the next restart marker, byte-aligned. Returns its number (0 to 7), or `None` when another marker,
    /// or the end, comes first.
    pub(super) fn restart(&mut self) -> Option<u8> {
        self.at = next_marker(self.data, self.at);
        let number = match self.data.get(self.at..)? {
            [0xFF, marker @ 0xD0..=0xD7, ..] => marker & 7,
            _ => return None,
        };
        self.at += 2;
        (self.word, self.count, self.padding) = (0, 0, 0);
        Some(number)
    }

    /// What follows the entropy-coded data: from the next marker that is no restart.
    pub(super) fn rest(&self) -> &'a [u8] {
        after_scan(self.data.get(self.at..).unwrap_or_default())
    }
}

/// Where the next marker (a byte of ones, then neither zero nor ones) begins, or the end.
fn next_marker(data: &[u8], from: usize) -> usize {
    let rest = data.get(from..).unwrap_or_default();
    let found = rest.windows(2).position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0 | 0xFF));
    found.map_or(data.len(), |at| from + at)
}

/// What follows entropy-coded data that nobody reads: from the next marker that is no restart.
pub(super) fn after_scan(data: &[u8]) -> &[u8] {
    let mut at = next_marker(data, 0);
    while let Some([_, 0xD0..=0xD7, ..]) = data.get(at..) {
        at = next_marker(data, at + 2);
    }
    data.get(at..).unwrap_or_default()
}

/// A Huffman code: canonical, of 1 to 16 bits.
#[derive(Clone)]
pub(super) struct Code {
    /// For each length, the first 16-bit window (left-aligned) that is beyond its codes.
    beyond: [u32; 17],
    /// For each length, what to add to a code (wrapping) to get the place of its symbol.
    offset: [u32; 17],
    symbols: Vec<u8>,
}

impl Code {
    /// From the content of a DHT segment after its class byte: 16 counts, then symbols. Returns the bytes used.
    pub(super) fn parse(content: &[u8]) -> Option<(Self, usize)> {
        let (counts, symbols) = content.split_first_chunk::<16>()?;
        let total = counts.iter().map(|&count| usize::from(count)).sum();
        let symbols = symbols.get(..total)?.to_vec();
        let (mut beyond, mut offset) = ([0; 17], [0; 17]);
        let (mut code, mut place) = (0_u32, 0_u32);
        for length in 1..=16 {
            let count = u32::from(counts[length - 1]);
            offset[length] = place.wrapping_sub(code);
            code += count;
            place += count;
            beyond[length] = code << (16 - length);
            if code > 1 << length {
                return None;
            }
            code <<= 1;
        }
        Some((Self { beyond, offset, symbols }, 16 + total))
    }

    /// The symbol that a window of 16 bits starts with, and the bits of its code.
    #[inline]
    pub(super) fn find(&self, window: u32) -> Option<(u8, u32)> {
        let length = (1..=16).find(|&length| window < self.beyond[length])?;
        let place = (window >> (16 - length)).wrapping_add(self.offset[length]);
        let symbol = self.symbols.get(place as usize)?;
        Some((*symbol, length as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The luminance DC code of T.81, table K.3.
    const DC: [u8; 28] = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

    #[test]
    fn the_standards_own_code_is_read() {
        let (code, used) = Code::parse(&DC).unwrap();
        assert_eq!(used, 28);
        for (bits, symbol, length) in [("00", 0, 2), ("010", 1, 3), ("110", 5, 3), ("1110", 6, 4), ("111111110", 11, 9)]
        {
            let window = u32::from_str_radix(&format!("{bits:0<16}"), 2).unwrap();
            assert_eq!(code.find(window), Some((symbol, length)), "{bits}");
        }
        assert_eq!(code.find(0xFFFF), None);
        assert!(Code::parse(&[3; 64]).is_none(), "three codes of one bit");
    }

    #[test]
    fn a_marker_ends_the_bits_and_zeros_follow() {
        let mut bits = Bits::new(&[0xAB, 0xFF, 0x00, 0xFF, 0xD9]);
        assert_eq!((bits.take(8), bits.take(8), bits.is_overrun()), (0xAB, 0xFF, false));
        assert_eq!((bits.take(8), bits.is_overrun()), (0, true));
        assert_eq!(bits.rest(), [0xFF, 0xD9]);
    }

    #[test]
    fn restarts_are_found_and_other_markers_are_not_restarts() {
        let mut bits = Bits::new(&[1, 2, 3, 0xFF, 0, 0xFF, 0xD3, 0x80, 0xFF, 0xD9]);
        bits.take(3);
        assert_eq!(bits.restart(), Some(3));
        assert_eq!(bits.take(8), 0x80);
        assert_eq!(bits.restart(), None);
        assert_eq!(after_scan(&[7, 0xFF, 0xD0, 8, 0xFF, 0xFF, 0xDA, 1]), [0xFF, 0xDA, 1]);
    }

    proptest! {
        #[test]
        fn bits_are_those_of_the_bytes(bytes in prop::collection::vec(any::<u8>(), 0..80), takes in prop::collection::vec(0_u32..=16, 0..60)) {
            let stuffed: Vec<u8> = bytes.iter().flat_map(|&b| if b == 0xFF { vec![b, 0] } else { vec![b] }).collect();
            let mut slow = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| u32::from(byte >> bit & 1)));
            let mut bits = Bits::new(&stuffed);
            let mut left = bytes.len() * 8;
            for take in takes {
                let expected = (0..take).fold(0, |value, _| value << 1 | slow.next().unwrap_or(0));
                prop_assert_eq!(bits.take(take), expected);
                let is_over = left < take as usize;
                left = left.saturating_sub(take as usize);
                prop_assert_eq!(bits.is_overrun(), is_over);
                if is_over { break; }
            }
        }
    }
}
