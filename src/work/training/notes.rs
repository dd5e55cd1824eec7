//! What is not as one might expect of the photos of a training.

use super::TrainingPhotos;

impl TrainingPhotos {
    /// What is not as one might expect, as sentences.
    pub(super) fn notes(&self) -> Vec<String> {
        let counts = &self.counts;
        let mut notes = Vec::new();
        let mut note = |is: bool, text: &dyn Fn() -> String| {
            if is {
                notes.push(text());
            }
        };
        note(counts.validation == 0, &|| {
            "no photo is kept for validation: the last weights are taken, and nothing stops the run early".to_owned()
        });
        note(counts.held_out == 0, &|| "no photo is held out: there will be no verdict".to_owned());
        note(counts.held_out > 0 && !self.can_judge(), &|| {
            "no two of the held-out photos have one label: there will be no verdict; --holdout with a larger share, or more \
             photos of each label, would give one"
                .to_owned()
        });
        note(counts.unreadable > 0, &|| {
            format!("{} photos cannot be read and are left out; `tripletui index` says why", counts.unreadable)
        });
        note(counts.unknown > 0, &|| {
            format!("{} lines of the label file name no photo of the library", counts.unknown)
        });
        note(counts.contradicting > 0, &|| {
            format!("{} photos lie under several labels and are left out", counts.contradicting)
        });
        notes
    }
}
