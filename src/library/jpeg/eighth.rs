//! A JPEG at one eighth of its size: one pixel for each block of 8 x 8, from its mean alone.
//!
//! The first coefficient of a block (DC) is its mean. The other 63 (AC) have to be stepped over in a baseline file, but
//! not understood: only the lengths of their codes matter, and a table steps over several at once. In a progressive
//! file whole scans hold nothing but AC, and are passed over without a look. So decoding a photo of 7 megapixels costs
//! a fraction of decoding it in full, and next to no memory (ITU-T T.81, annexes F and G).

use super::bits::{Bits, Code, after_scan};
use super::frame::{Component, Frame, Segment, next_segment};
use super::planes::Plane;
use super::steps::Steps;
use crate::library::source::GoOn;

/// The means of all blocks, a plane for each component. What the file does not tell is mid-grey. Errors when it tells
/// nothing at all. Reads on only as long as `go_on` says so.
pub(super) fn means(bytes: &[u8], frame: &Frame, go_on: &GoOn<'_>) -> Result<Vec<Plane>, &'static str> {
    let (across, down) = frame.units();
    let plane = |c: &Component| Plane::new(across * usize::from(c.across), down * usize::from(c.down));
    let mut decoder = Decoder {
        frame,
        go_on,
        planes: frame.components.iter().map(plane).collect(),
        quantisers: [0; 4],
        dc: [const { None }; 4],
        ac: [const { None }; 4],
        restart_interval: 0,
        units_read: 0,
    };
    decoder.read(bytes);
    if decoder.units_read == 0 {
        return Err("it ends before its picture begins");
    }
    Ok(decoder.finish())
}

struct Decoder<'a> {
    frame: &'a Frame,
    go_on: &'a GoOn<'a>,
    planes: Vec<Plane>,
    /// The DC entry of each quantisation table.
    quantisers: [u16; 4],
    dc: [Option<Code>; 4],
    ac: [Option<Steps>; 4],
    restart_interval: usize,
    units_read: usize,
}

/// What one scan holds.
struct Scan {
    /// Place of each component in the frame, its DC and its AC table.
    components: Vec<(usize, usize, usize)>,
    /// First coefficient.
    first: u8,
    /// Bits of precision already known (0 for none) and still missing after this scan.
    known: u8,
    missing: u8,
}

impl Decoder<'_> {
    /// Reads scans until the picture is complete, the file ends, or it stops making sense.
    fn read(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some(Segment { marker, content }) = next_segment(&mut rest) {
            let understood = match marker {
                0xC4 => self.read_codes(content),
                0xDB => self.read_quantisers(content),
                0xDD => {
                    self.restart_interval = content.first_chunk().map_or(0, |n| usize::from(u16::from_be_bytes(*n)));
                    Some(())
                }
                0xD9 => return,
                0xDA => {
                    let Some(scan) = self.parse_scan(content) else { return };
                    match self.read_scan(&scan, rest) {
                        Some(after) => rest = after,
                        None => return,
                    }
                    if !self.frame.is_progressive() && scan.components.len() == self.frame.components.len() {
                        return;
                    }
                    Some(())
                }
                _ => Some(()),
            };
            if understood.is_none() {
                return;
            }
        }
    }

    fn read_codes(&mut self, mut content: &[u8]) -> Option<()> {
        while let Some((&kind, table)) = content.split_first() {
            let (code, used) = Code::parse(table)?;
            let place = usize::from(kind & 15);
            match kind >> 4 {
                0 => *self.dc.get_mut(place)? = Some(code),
                // Progressive scans of AC are passed over: nobody needs their codes.
                _ if self.frame.is_progressive() => {}
                _ => *self.ac.get_mut(place)? = Some(Steps::new(code)),
            }
            content = table.get(used..)?;
        }
        Some(())
    }

    fn read_quantisers(&mut self, mut content: &[u8]) -> Option<()> {
        while let Some((&kind, table)) = content.split_first() {
            let quantiser = self.quantisers.get_mut(usize::from(kind & 15))?;
            let (first, size) = match (kind >> 4, table) {
                (0, [low, ..]) => (u16::from(*low), 64),
                (_, [high, low, ..]) => (u16::from_be_bytes([*high, *low]), 128),
                _ => return None,
            };
            *quantiser = first;
            content = table.get(size..).unwrap_or_default();
        }
        Some(())
    }

    fn parse_scan(&self, content: &[u8]) -> Option<Scan> {
        let (&count, rest) = content.split_first()?;
        let (listed, rest) = rest.split_at_checked(usize::from(count) * 2)?;
        let components = listed.as_chunks::<2>().0.iter().map(|&[id, tables]| {
            let place = self.frame.components.iter().position(|component| component.id == id)?;
            Some((place, usize::from(tables >> 4), usize::from(tables & 15)))
        });
        let components: Vec<_> = components.collect::<Option<_>>()?;
        let &[first, _, precision, ..] = rest else { return None };
        let (first, known, missing) =
            if self.frame.is_progressive() { (first, precision >> 4, precision & 15) } else { (0, 0, 0) };
        (!components.is_empty() && missing < 14).then_some(Scan { components, first, known, missing })
    }

    /// Reads one scan; returns what follows it. `None` when it cannot be read on.
    fn read_scan<'b>(&mut self, scan: &Scan, data: &'b [u8]) -> Option<&'b [u8]> {
        if scan.first > 0 {
            return Some(after_scan(data));
        }
        let (across, down) = match scan.components.as_slice() {
            [(only, ..)] => self.blocks_of(*only),
            _ => self.frame.units(),
        };
        let interval = if self.restart_interval == 0 { usize::MAX } else { self.restart_interval };
        let mut bits = Bits::new(data);
        let mut means = [0_i32; 4];
        let mut unit = 0;
        while unit < across * down {
            let end = (unit / interval).saturating_add(1).saturating_mul(interval).min(across * down);
            while unit < end {
                if unit % across == 0 && !(self.go_on)() {
                    return None;
                }
                if self.read_unit(scan, &mut bits, &mut means, (unit % across, unit / across)).is_none() {
                    break;
                }
                unit += 1;
                self.units_read += 1;
            }
            if end == across * down {
                break;
            }
            // After damage, the number of the next restart says how much is lost (of up to eight intervals).
            let number = usize::from(bits.restart()?);
            let expected = (end / interval + 7) % 8;
            unit = end + (number + 8 - expected) % 8 * interval;
            means = [0; 4];
        }
        Some(bits.rest())
    }

    /// Blocks across and down of a component that is alone in its scan: only those that hold pixels.
    fn blocks_of(&self, component: usize) -> (usize, usize) {
        let (across, down) = self.frame.sampling();
        let size = self.frame.size();
        let Some(component) = self.frame.components.get(component) else { return (0, 0) };
        let blocks =
            |pixels: u32, of: u8, most: u8| (pixels as usize * usize::from(of)).div_ceil(8 * usize::from(most));
        (blocks(size.width, component.across, across), blocks(size.height, component.down, down))
    }

    /// Reads the blocks of one unit; `None` on damage.
    fn read_unit(&mut self, scan: &Scan, bits: &mut Bits<'_>, means: &mut [i32; 4], at: (usize, usize)) -> Option<()> {
        for (&(place, dc, ac), mean) in scan.components.iter().zip(means) {
            let component = self.frame.components.get(place)?;
            let (across, down) = match scan.components.len() {
                1 => (1, 1),
                _ => (usize::from(component.across), usize::from(component.down)),
            };
            let plane = self.planes.get_mut(place)?;
            let dc = self.dc.get(dc)?.as_ref();
            for (y, x) in (0..down).flat_map(|y| (0..across).map(move |x| (y, x))) {
                let block = plane.get_mut(at.0 * across + x, at.1 * down + y)?;
                if scan.known > 0 {
                    *block |= (bits.take(1) << scan.missing) as i16;
                } else {
                    *mean = mean.wrapping_add(read_difference(bits, dc?)?);
                    *block = (*mean << scan.missing) as i16;
                }
                if !self.frame.is_progressive() {
                    self.ac.get(ac)?.as_ref()?.step_over(bits)?;
                }
            }
        }
        (!bits.is_overrun()).then_some(())
    }

    /// From coefficients to samples: a mean is the coefficient times its quantiser, divided by eight.
    fn finish(mut self) -> Vec<Plane> {
        for (plane, component) in self.planes.iter_mut().zip(&self.frame.components) {
            let quantiser = self.quantisers.get(usize::from(component.table)).map_or(1, |&q| i32::from(q));
            plane.dequantise(quantiser);
        }
        self.planes
    }
}

/// The difference of a block's mean from the one before (T.81, F.2.2.1).
#[inline]
fn read_difference(bits: &mut Bits<'_>, code: &Code) -> Option<i32> {
    bits.refill();
    let (size, length) = code.find(bits.peek(16))?;
    let size = u32::from(size);
    bits.skip(length);
    if size == 0 {
        return Some(0);
    }
    if size > 15 {
        return None;
    }
    let value = bits.peek(size).cast_signed();
    bits.skip(size);
    Some(if value < 1 << (size - 1) { value - (1 << size) + 1 } else { value })
}
