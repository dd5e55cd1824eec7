//! What is changed between two steps.

use std::collections::BTreeSet;

use super::run::Run;
use super::{Settings, TrainEvent};
use crate::library::PhotoId;

impl Run<'_, '_, '_> {
    /// Takes other settings from the next step on.
    pub(super) fn change(&mut self, settings: Box<Settings>) -> TrainEvent {
        if let Err(error) = settings.validate() {
            return TrainEvent::Refused { reason: error.to_string() };
        }
        self.progress.sampler.resize(settings.labels_per_batch, settings.photos_per_label);
        self.progress.config.settings = *settings;
        self.progress.history.push((self.progress.step, *settings));
        TrainEvent::Changed(settings)
    }

    /// From the next step on these photos, and no others, are not trained on as ones of their label.
    pub(super) fn leave_out(&mut self, photos: &BTreeSet<PhotoId>) -> TrainEvent {
        let before: BTreeSet<PhotoId> =
            self.progress.left_out.last().into_iter().flat_map(|(_, ids)| ids).copied().collect();
        let trained = self.set.photos.iter().zip(&self.set.labels).enumerate();
        let trained: Vec<(usize, PhotoId, u32)> =
            trained.filter_map(|(number, (id, label))| Some((number, *id, (*label)?))).collect();
        let (mut sampler, mut out, mut back) = (self.progress.sampler.clone(), Vec::new(), 0);
        for (number, id, label) in &trained {
            match (before.contains(id), photos.contains(id)) {
                (false, true) => {
                    sampler.leave_out(*number);
                    out.push(*number);
                }
                (true, false) => {
                    sampler.take_back(*number, *label);
                    back += 1;
                }
                _ => {}
            }
        }
        if !sampler.can_teach() {
            let reason = "without these photos there is nothing to learn from: they stay until the next training";
            return TrainEvent::Refused { reason: reason.to_owned() };
        }
        if !out.is_empty() || back > 0 {
            let now = trained.iter().map(|(_, id, _)| *id).filter(|id| photos.contains(id)).collect();
            self.progress.left_out.push((self.progress.step, now));
            self.progress.guard.forget(&out);
            self.progress.sampler = sampler;
        }
        TrainEvent::LeftOut { out: out.len(), back }
    }
}
