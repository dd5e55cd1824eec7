//! The segments of a JPEG up to its first scan: size, components, process, EXIF (ITU-T T.81, annex B).

use crate::library::rgb::Size;

/// How one component (brightness, or one colour) is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Component {
    pub(super) id: u8,
    /// Samples across per unit, 1 to 4.
    pub(super) across: u8,
    /// Samples down per unit, 1 to 4.
    pub(super) down: u8,
    /// Which quantisation table, 0 to 3.
    pub(super) table: u8,
}

/// The frame header, with what other segments say about its colours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::library) struct Frame {
    width: u16,
    height: u16,
    precision: u8,
    /// The low nibble of the SOF marker: 0 baseline, 1 extended, 2 progressive, 3 lossless, 9 and up arithmetic.
    process: u8,
    pub(super) components: Vec<Component>,
    /// The transform byte of the Adobe segment.
    pub(super) adobe: Option<u8>,
    /// Whether there is a JFIF segment: then three components are Y, Cb, Cr.
    pub(super) is_jfif: bool,
}

impl Frame {
    /// Pixels as stored.
    pub(in crate::library) fn size(&self) -> Size {
        Size { width: u32::from(self.width), height: u32::from(self.height) }
    }

    pub(in crate::library) const fn is_progressive(&self) -> bool {
        self.process == 2
    }

    /// The variant of JPEG this is, if no decoder here knows it.
    pub(in crate::library) fn unsupported(&self) -> Option<&'static str> {
        match (self.process, self.precision) {
            (0..=2, 8) => None,
            (3, _) => Some("lossless"),
            (0..=2, _) => Some("more than 8 bits a sample"),
            (9..=11, _) => Some("arithmetic coding"),
            _ => Some("hierarchical"),
        }
    }

    /// Whether three components are red, green, blue rather than Y, Cb, Cr. Decided as libjpeg does: JFIF means the
    /// latter, else the Adobe segment says, else the names of the components.
    pub(super) fn is_rgb(&self) -> bool {
        match (self.is_jfif, self.adobe) {
            (true, _) => false,
            (false, Some(transform)) => transform == 0,
            (false, None) => self.components.iter().map(|component| component.id).eq(*b"RGB"),
        }
    }

    /// Most samples per unit, across and down, of any component.
    pub(super) fn sampling(&self) -> (u8, u8) {
        let most = |of: fn(&Component) -> u8| self.components.iter().map(of).max().unwrap_or(1).max(1);
        (most(|component| component.across), most(|component| component.down))
    }

    /// Interleaved units (MCUs) across and down.
    pub(super) fn units(&self) -> (usize, usize) {
        let (across, down) = self.sampling();
        (
            usize::from(self.width).div_ceil(8 * usize::from(across)),
            usize::from(self.height).div_ceil(8 * usize::from(down)),
        )
    }

    /// Blocks of 8 x 8 samples in all components.
    pub(super) fn blocks(&self) -> u64 {
        let (across, down) = self.units();
        let per_unit: u64 = self.components.iter().map(|c| u64::from(c.across) * u64::from(c.down)).sum();
        across as u64 * down as u64 * per_unit
    }
}

/// A segment: its marker, and its content without the length.
pub(super) struct Segment<'a> {
    pub(super) marker: u8,
    pub(super) content: &'a [u8],
}

/// Takes the next segment off `rest`; bytes between segments are passed over. `None` at the end of the file.
pub(super) fn next_segment<'a>(rest: &mut &'a [u8]) -> Option<Segment<'a>> {
    loop {
        let start = rest.iter().position(|&byte| byte == 0xFF)?;
        let fill = rest.get(start..)?.iter().position(|&byte| byte != 0xFF)?;
        let (&marker, after) = rest.get(start + fill..)?.split_first()?;
        *rest = after;
        match marker {
            // Stuffed zero, TEM, RST, SOI stand alone and mean nothing here.
            0 | 1 | 0xD0..=0xD8 => {}
            0xD9 => return Some(Segment { marker, content: &[] }),
            _ => {
                let length = usize::from(u16::from_be_bytes(*rest.first_chunk()?));
                // A length that runs over the end, or under two, is damage: what is there is taken.
                let (segment, after) = rest.split_at(length.clamp(2, rest.len()));
                *rest = after;
                return Some(Segment { marker, content: segment.get(2..)? });
            }
        }
    }
}

/// The frame and the EXIF block (from its TIFF header on) of a JPEG file. Errors are one line.
pub(in crate::library) fn read_frame(bytes: &[u8]) -> Result<(Frame, Option<&[u8]>), &'static str> {
    let mut rest = bytes;
    let (mut frame, mut exif, mut adobe, mut is_jfif) = (None, None, None, false);
    while let Some(Segment { marker, content }) = next_segment(&mut rest) {
        match marker {
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF if frame.is_none() => {
                frame = Some(parse_frame(marker & 0x0F, content)?);
            }
            0xE0 if content.starts_with(b"JFIF\0") => is_jfif = true,
            0xE1 if exif.is_none() => exif = content.strip_prefix(b"Exif\0").and_then(|block| block.get(1..)),
            0xEE if content.starts_with(b"Adobe") => adobe = content.get(11).copied(),
            0xD9 | 0xDA => break,
            _ => {}
        }
    }
    let frame = frame.ok_or("it has no frame header")?;
    Ok((Frame { adobe, is_jfif, ..frame }, exif))
}

fn parse_frame(process: u8, content: &[u8]) -> Result<Frame, &'static str> {
    let Some((&[precision, h1, h0, w1, w0, count], components)) = content.split_first_chunk() else {
        return Err("its frame header is cut short");
    };
    let components: Vec<Component> = components
        .chunks_exact(3)
        .take(usize::from(count))
        .map(|c| Component { id: c[0], across: c[1] >> 4, down: c[1] & 15, table: c[2] })
        .collect();
    if components.len() != usize::from(count) || ![1, 3, 4].contains(&count) {
        return Err("its frame header does not list one, three or four components");
    }
    if components.iter().any(|c| !(1..=4).contains(&c.across) || !(1..=4).contains(&c.down) || c.table > 3) {
        return Err("its frame header samples a component in a way that does not exist");
    }
    let (width, height) = (u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0]));
    Ok(Frame { width, height, precision, process, components, adobe: None, is_jfif: false })
}
