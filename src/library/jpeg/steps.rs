//! A table that steps over the AC coefficients of a block, several codes at once.

use super::bits::{Bits, Code};

/// The first bits that the stepping table looks at.
const WINDOW: u32 = 13;
/// The coefficients of a block.
const BLOCK: u32 = 64;

/// How to step over AC coefficients without reading them.
pub(super) struct Steps {
    code: Code,
    /// For each window: what the whole symbols in it add up to.
    table: Vec<Step>,
}

/// Whole symbols, one after another, within a window.
#[derive(Clone, Copy, Default)]
struct Step {
    /// Bits they take, values included; 0 when not even one fits.
    bits: u8,
    /// Coefficients they cover.
    coefficients: u8,
    /// Whether the last of them ends the block.
    is_last: bool,
}

/// Bits of the value, and coefficients, of one symbol: a run of zeros in the high half, the size of the value after it in
/// the low one. A whole block of coefficients means: the rest of it.
fn covered(symbol: u8) -> (u32, u32) {
    let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
    (size, if size == 0 && run < 15 { BLOCK } else { run + 1 })
}

impl Steps {
    /// The table for a code.
    pub(super) fn new(code: Code) -> Self {
        let table = (0..1_u32 << WINDOW).map(|window| Self::steps(&code, window)).collect();
        Self { code, table }
    }

    fn steps(code: &Code, window: u32) -> Step {
        let mut step = Step::default();
        while let Some((symbol, length)) = code.find(window << (16 - WINDOW + u32::from(step.bits)) & 0xFFFF) {
            let (size, coefficients) = covered(symbol);
            let bits = u32::from(step.bits) + length + size;
            if bits > WINDOW {
                break;
            }
            step.bits = bits as u8;
            step.is_last = coefficients == BLOCK;
            if step.is_last {
                break;
            }
            step.coefficients = step.coefficients.saturating_add(coefficients as u8);
            if bits == WINDOW {
                break;
            }
        }
        step
    }

    /// Steps to the end of the block whose DC was just read.
    #[inline]
    pub(super) fn step_over(&self, bits: &mut Bits<'_>) -> Option<()> {
        let mut next = 1;
        while next < BLOCK {
            bits.refill();
            let step = *self.table.get(bits.peek(WINDOW) as usize)?;
            let after = next + u32::from(step.coefficients);
            // A block may also end by being full, in the middle of a window: then one symbol at a time.
            if step.bits == 0 || after >= BLOCK {
                next += self.step_one(bits)?;
                continue;
            }
            bits.skip(u32::from(step.bits));
            if step.is_last {
                break;
            }
            next = after;
        }
        Some(())
    }

    fn step_one(&self, bits: &mut Bits<'_>) -> Option<u32> {
        let (symbol, length) = self.code.find(bits.peek(16))?;
        let (size, coefficients) = covered(symbol);
        bits.skip(length + size);
        Some(coefficients)
    }
}
