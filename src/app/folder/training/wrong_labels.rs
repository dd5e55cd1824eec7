//! Labels that somebody said are wrong: kept, told, and what follows for the training that goes on.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex};

use super::super::{Folder, locked, sentence};
use super::tell;
use crate::app::Outbox;
use crate::library::{PhotoId, printable};
use crate::store::{Mark, MarkKind};
use crate::teach::LabelSource;
use crate::ui::TrainingNews;
use crate::work::{Viewer, label_of, now_unix_s, unfinished_trainings};

/// What was said of labels, as far as a training needs it.
#[derive(Default)]
pub(super) struct WrongLabels {
    /// Photos whose label is wrong: their triplets are not shown any more.
    pub(super) photos: Arc<Mutex<HashSet<PhotoId>>>,
    /// The same with the label that is wrong.
    said: Mutex<BTreeSet<(PhotoId, String)>>,
}

impl WrongLabels {
    /// Photos that are to leave the run that goes on where it has them under this label.
    pub(super) fn said(&self) -> BTreeSet<(PhotoId, String)> {
        locked(&self.said).clone()
    }
}

pub(in crate::app::folder) const fn is_about_label(mark: &Mark) -> bool {
    matches!(mark.kind, MarkKind::WrongLabel(_))
}

/// Where the labels come from of the run that is to make the model `name`.
pub(super) fn labels_of_run(viewer: &Viewer, name: &str) -> Result<Option<LabelSource>, String> {
    let known = unfinished_trainings(viewer).map_err(|error| sentence(&error))?;
    Ok(known.into_iter().find(|run| run.name == name).map(|run| run.labels))
}

impl Folder {
    /// Tells which labels are wrong, the screen and the training that goes on.
    pub(in crate::app::folder) fn tell_wrong_labels(&self, viewer: &Viewer, outbox: &Outbox) -> Result<(), String> {
        let marks = viewer.reader().marks().map_err(|error| printable(&error.to_string()))?;
        let (mut photos, mut said) = (Vec::<(PhotoId, String)>::new(), BTreeSet::new());
        for mark in marks {
            let MarkKind::WrongLabel(label) = mark.kind else { continue };
            said.insert((mark.photo, label.clone()));
            if !photos.iter().any(|(photo, _)| *photo == mark.photo) {
                photos.push((mark.photo, printable(&label)));
            }
        }
        let wrong = &self.training.wrong;
        *locked(&wrong.photos) = photos.iter().map(|(photo, _)| *photo).collect();
        *locked(&wrong.said) = said;
        if let Some(helm) = self.training.helm() {
            helm.leave_out(wrong.said());
        }
        tell(outbox, TrainingNews::WrongLabels(photos));
        Ok(())
    }

    /// Keeps that the label of a photo is wrong, or right after all; either can be undone.
    pub(super) fn say_wrong(&self, photo: PhotoId, wrong: bool) -> Result<(), String> {
        let (library, viewer, now) = (self.opened()?, self.viewer_now()?, now_unix_s());
        let (mut remove, mut add) = (Vec::new(), Vec::new());
        if wrong {
            let source = locked(&self.training.labels).clone();
            let label = label_of(&viewer, &source, photo).map_err(|error| sentence(&error))?;
            let label = label.ok_or("this photo has no label that could be wrong")?;
            add.push(Mark { photo, kind: MarkKind::WrongLabel(label), created_unix_s: now });
        } else {
            let marks = viewer.reader().marks().map_err(|error| printable(&error.to_string()))?;
            remove.extend(marks.into_iter().filter(|mark| is_about_label(mark) && mark.photo == photo));
        }
        library.store().change_marks(&remove, &add, now).map(|_| ()).map_err(|error| printable(&error.to_string()))
    }
}
