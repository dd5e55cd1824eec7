//! Models other than the head: one that draws, one that cannot hold a batch, one that breaks.

use super::*;
use crate::triplet::GuardState;
use std::cell::Cell;

/// The head with noise on its features, so that augmentation draws matter.
struct Noisy<'a> {
    head: HeadModel<'a>,
    at_once: usize,
}

impl Trainable for Noisy<'_> {
    fn parameters(&self) -> Vec<Parameter> {
        self.head.parameters()
    }

    fn forward(&self, photos: &[usize], augmentation: Option<&mut Generator>) -> Result<Tensor, TrainError> {
        let rows = self.head.forward(photos, None)?;
        let Some(generator) = augmentation else { return Ok(rows) };
        let noise: Vec<f32> = (0..rows.elem_count()).map(|_| 0.1 * generator.random::<f32>()).collect();
        Ok((&rows + Tensor::from_vec(noise, rows.shape(), &Device::Cpu)?)?)
    }

    fn photos_at_once(&self) -> usize {
        self.at_once
    }
}

#[test]
fn a_batch_in_pieces_gives_the_gradient_of_the_whole() {
    let world = world(1.0);
    let after = |at_once| {
        let model = Noisy { head: world.head(), at_once };
        let mut norms = Vec::new();
        let mut note = |event| {
            if let TrainEvent::Step(report) = event {
                norms.push(report.gradient_norm);
            }
            Command::Continue
        };
        let trained = world.train(&model, &config(5), None, &mut note).unwrap();
        (norms, trained.checkpoint)
    };
    let (whole, whole_end) = after(usize::MAX);
    let (pieces, pieces_end) = after(7);
    assert!(whole.iter().zip(&pieces).all(|(a, b)| (a - b).abs() < 1e-4 * a), "{whole:?} {pieces:?}");
    assert_eq!(whole_end.progress.augmentation, pieces_end.progress.augmentation);
}

/// Gives NaN from a certain call on.
struct Breaking<'a> {
    head: HeadModel<'a>,
    calls: Cell<usize>,
}

impl Trainable for Breaking<'_> {
    fn parameters(&self) -> Vec<Parameter> {
        self.head.parameters()
    }

    fn forward(&self, photos: &[usize], augmentation: Option<&mut Generator>) -> Result<Tensor, TrainError> {
        self.calls.set(self.calls.get() + usize::from(augmentation.is_some()));
        let rows = self.head.forward(photos, None)?;
        let broken = augmentation.is_some() && self.calls.get() > 30;
        Ok(if broken { (rows * f64::NAN)? } else { rows })
    }
}

#[test]
fn what_is_not_a_number_ends_the_run_with_the_last_good_state() {
    let world = world(1.0);
    let model = Breaking { head: world.head(), calls: Cell::new(0) };
    let mut last = GuardState::Untrained;
    let mut note = |event| {
        if let TrainEvent::Step(report) = event {
            last = report.state;
        }
        Command::Continue
    };
    let trained = world.train(&model, &config(100), None, &mut note).unwrap();
    assert_eq!((trained.reason, last), (StopReason::Diverged, GuardState::Diverged));
    assert!(trained.weights.0.values().flat_map(|array| &array.values).all(|value| value.is_finite()));
    assert!(trained.checkpoint.weights.0.values().flat_map(|a| &a.values).all(|value| value.is_finite()));
    assert!(trained.score.unwrap().map_at_r >= trained.start_score.unwrap().map_at_r);
}
