//! What is said about a step.

use super::run::Run;
use super::step::Differentiated;
use super::{HardTriplet, StepReport, StepRows};
use crate::library::PhotoId;
use crate::triplet::{GuardState, SampledBatch};

/// Suspect photos named in a report.
const SUSPECTS: usize = 24;

impl Run<'_, '_, '_> {
    /// The report of the step just taken, without gradient length and rate; `ids` are the photos of the batch's rows.
    pub(super) fn report(
        &self,
        batch: &SampledBatch,
        ids: &[PhotoId],
        outcome: Differentiated,
        state: GuardState,
    ) -> StepReport {
        let photo = |row: usize| ids.get(row).copied();
        let hardest = outcome.statistics.hardest.iter().filter_map(|(triplet, difference)| {
            let (anchor, positive) = (photo(triplet.anchor)?, photo(triplet.positive)?);
            Some((HardTriplet { anchor, positive, negative: photo(triplet.negative)? }, *difference))
        });
        let suspects = if state == GuardState::LabelNoise { self.progress.guard.suspects() } else { Vec::new() };
        let named = suspects.iter().filter_map(|(photo, share)| Some((*self.set.photos.get(*photo)?, *share)));
        StepReport {
            step: self.progress.step,
            steps: self.settings().steps,
            loss: outcome.loss,
            mined_loss: outcome.mined_loss,
            user_loss: outcome.user_loss,
            triplets: outcome.mined.triplets.len(),
            dropped_pairs: outcome.mined.dropped_pairs,
            lengths: outcome.lengths,
            gradient_norm: 0.0,
            learning_rate: 0.0,
            photos: batch.photos.len(),
            state,
            suspects: named.take(SUSPECTS).collect(),
            hardest: hardest.collect(),
            rows: StepRows {
                photos: ids.get(..batch.labels.len()).unwrap_or_default().to_vec(),
                labels: batch.labels.clone(),
                distances: outcome.distances,
            },
            statistics: outcome.statistics,
        }
    }
}
