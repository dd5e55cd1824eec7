//! The steps of a block one by one, in the bands of a whole pass: for measuring.

use super::{Fused, GROUP, Scratch, SimdLevel, Source};
use crate::embedder::lite::Block;

/// One of the three convolutions of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::embedder) enum Step {
    /// The 1x1 convolution (or the stem) that makes the wide picture.
    Expand,
    /// The depthwise convolution.
    Convolve,
    /// The 1x1 convolution that makes the narrow picture.
    Project,
}

impl Step {
    const ALL: [Self; 3] = [Self::Expand, Self::Convolve, Self::Project];

    /// Its shape in words, and its floating-point operations for one photo, a multiply-add being two.
    fn told(self, block: &Block, depth_of_stem: Option<usize>) -> (String, u64) {
        let &Block { kernel, stride, input, expanded, output, side } = block;
        let (out, taps) = (block.output_side(), kernel * kernel);
        let (words, operations) = match (self, depth_of_stem) {
            (Self::Expand, Some(depth)) => {
                (format!("stem 3x3 stride 2, {side}x{side}, 3 -> {expanded}"), side * side * depth * expanded)
            }
            (Self::Expand, None) => {
                (format!("expand 1x1, {side}x{side}, {input} -> {expanded}"), side * side * input * expanded)
            }
            (Self::Convolve, _) => (
                format!("depthwise {kernel}x{kernel} stride {stride}, {out}x{out}, {expanded}"),
                out * out * taps * expanded,
            ),
            (Self::Project, _) => {
                (format!("project 1x1, {out}x{out}, {expanded} -> {output}"), out * out * expanded * output)
            }
        };
        (words, 2 * operations as u64)
    }
}

impl Fused {
    /// The steps this block takes, each with its shape and its operations. The first block takes the stem as its own.
    pub(in crate::embedder::network) fn steps(&self, depth_of_stem: Option<usize>) -> Vec<(Step, String, u64)> {
        let taken = Step::ALL
            .into_iter()
            .filter(|step| *step != Step::Expand || self.expand.is_some() || depth_of_stem.is_some());
        taken
            .map(|step| {
                let (words, operations) = step.told(&self.shape, depth_of_stem);
                (step, words, operations)
            })
            .collect()
    }

    /// Does one step on whatever `scratch` holds.
    pub(in crate::embedder::network) fn run_step(
        &self,
        step: Step,
        source: Source<'_>,
        level: SimdLevel,
        scratch: &mut Scratch,
    ) {
        let pixels = self.shape.side * self.shape.side;
        scratch.pictures[0].at_least(self.shape.input.next_multiple_of(GROUP) * pixels);
        self.pass(source, level, Some(step), scratch);
    }
}
