//! A stage of the network as a Candle custom op: `y = stage(x, parameters)`.

use crate::tensors::{numbers, with_numbers};
use candle_core::{CpuStorage, CustomOp2, Error, Layout, Result, Shape, Tensor};
use std::sync::{Mutex, PoisonError};

/// Bytes an op may keep from the way forward for the way back. A larger batch is computed again on the way back, in pieces that do not exceed it.
const KEPT: usize = 64 << 20;

/// Something with parameters that is computed photo by photo, forward and backward. Everything NHWC, row-major.
pub(crate) trait Stage: Send + Sync + 'static {
    /// What the way back needs of the way forward.
    type Kept: Send;
    /// For errors.
    const NAME: &'static str;
    /// Numbers a photo has before and after.
    fn lengths(&self) -> (usize, usize);
    /// The shape after, of `photos` photos.
    fn shape(&self, photos: usize) -> Shape;
    /// Numbers in all parameters, one after the other.
    fn parameters(&self) -> usize;
    /// Bytes kept of one photo.
    fn kept_bytes(&self) -> usize;
    /// The result, and what the way back needs if `keep`.
    fn forward(&self, x: &[f32], parameters: &[f32], keep: bool) -> (Vec<f32>, Self::Kept);
    /// The gradients of `x` (if `wanted`, else empty) and of the parameters.
    fn backward(&self, parameters: &[f32], kept: Self::Kept, gradient: &[f32], wanted: bool) -> (Vec<f32>, Vec<f32>);
}

struct Recorded<S: Stage> {
    stage: S,
    keep: bool,
    /// Whether anything before `x` can learn.
    wanted: bool,
    kept: Mutex<Option<S::Kept>>,
}

/// Applies `stage` to `x` `[photos, ...]` and its flat `parameters`.
pub(crate) fn apply<S: Stage>(stage: S, x: &Tensor, parameters: &Tensor) -> Result<Tensor> {
    let (x, parameters) = (x.contiguous()?, parameters.contiguous()?);
    let (before, _) = stage.lengths();
    let photos = x.elem_count() / before.max(1);
    if x.dim(0)? != photos || x.elem_count() != photos * before || parameters.elem_count() != stage.parameters() {
        let (x, p) = (x.shape(), parameters.shape());
        return Err(Error::Msg(format!("{} was given {x:?} and {p:?} parameters", S::NAME)));
    }
    let (wanted, learns) = (x.track_op(), x.track_op() || parameters.track_op());
    let keep = learns && photos * stage.kept_bytes() <= KEPT;
    x.apply_op2(&parameters, Recorded { stage, keep, wanted, kept: Mutex::new(None) })
}

impl<S: Stage> Recorded<S> {
    /// All gradients; what was not kept is computed again, piece by piece in fixed pieces.
    fn gradients(&self, x: &[f32], parameters: &[f32], gradient: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(kept) = kept {
            return self.stage.backward(parameters, kept, gradient, self.wanted);
        }
        let (before, after) = self.stage.lengths();
        let piece = (KEPT / self.stage.kept_bytes().max(1)).max(1);
        let (mut of_x, mut of_parameters) = (Vec::new(), vec![0.0; self.stage.parameters()]);
        for (x, gradient) in x.chunks(piece * before).zip(gradient.chunks(piece * after)) {
            let (_, kept) = self.stage.forward(x, parameters, true);
            let (gx, gp) = self.stage.backward(parameters, kept, gradient, self.wanted);
            of_x.extend(gx);
            super::layout::add(&mut of_parameters, &gp);
        }
        (of_x, of_parameters)
    }
}

impl<S: Stage> CustomOp2 for Recorded<S> {
    fn name(&self) -> &'static str {
        S::NAME
    }

    fn cpu_fwd(&self, x: &CpuStorage, lx: &Layout, p: &CpuStorage, lp: &Layout) -> Result<(CpuStorage, Shape)> {
        let (x, parameters) = (numbers(x, lx)?, numbers(p, lp)?);
        let (y, kept) = self.stage.forward(x, parameters, self.keep);
        if self.keep {
            *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        }
        Ok((CpuStorage::F32(y), self.stage.shape(x.len() / self.stage.lengths().0.max(1))))
    }

    fn bwd(&self, x: &Tensor, parameters: &Tensor, _: &Tensor, g: &Tensor) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (of_x, of_parameters) = with_numbers(x, |x_numbers| {
            with_numbers(parameters, |p| with_numbers(g, |g| Ok(self.gradients(x_numbers, p, g))))
        })?;
        let of_x = if self.wanted { Some(Tensor::from_vec(of_x, x.shape(), x.device())?) } else { None };
        Ok((of_x, Some(Tensor::from_vec(of_parameters, parameters.shape(), x.device())?)))
    }
}
