//! What each kernel reaches, beside what a large matrix product reaches on the same core.

use std::time::Instant;

use serde::Serialize;

use crate::embedder::measure::{Trial, matrix_product, trials};
use crate::embedder::{BackboneSpec, Processor, simd_level};
use crate::work::bench::{BenchError, lite};

/// One kernel on one thread.
#[derive(Clone, Debug, Serialize)]
pub struct KernelFigures {
    /// Where it stands in the network, and its shape.
    pub kernel: String,
    /// Instructions it was compiled for; the matrix product chooses its own, whatever is asked of the kernels.
    pub simd: &'static str,
    /// Milliseconds for the work of one photo.
    pub ms: f64,
    /// Floating-point operations a nanosecond, a multiply-add being two.
    pub gflops: f64,
    /// Share of what the matrix product reaches.
    pub share_of_peak: f64,
}

/// Times the matrix product, then every kernel of the network, forward and back, on the calling thread: the fastest of
/// `repeat` runs each. `tell` hears each as it is done.
pub fn kernels(
    backbone: &BackboneSpec,
    repeat: usize,
    tell: &mut dyn FnMut(KernelFigures) -> std::io::Result<()>,
) -> Result<(), BenchError> {
    let backbone = backbone.load(Processor::Cpu)?;
    let level = simd_level()?;
    let mut peak = None;
    for mut trial in std::iter::once(matrix_product()).chain(trials(lite(&*backbone)?)?) {
        let ms = fastest_ms(&mut trial, repeat);
        let gflops = trial.flop() as f64 / ms / 1e6;
        let simd = if peak.is_none() { "its own choice" } else { level };
        let peak = *peak.get_or_insert(gflops);
        let kernel = trial.name().to_owned();
        tell(KernelFigures { kernel, simd, ms, gflops, share_of_peak: gflops / peak })?;
    }
    Ok(())
}

/// The fastest run is the one nothing else got in the way of.
fn fastest_ms(trial: &mut Trial<'_>, repeat: usize) -> f64 {
    let run = |_| {
        let begun = Instant::now();
        trial.run();
        begun.elapsed().as_secs_f64() * 1e3
    };
    (0..=repeat).map(run).skip(1).fold(f64::INFINITY, f64::min)
}
