//! Labels that somebody said are wrong: kept, told, and what follows for the training that goes on.

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use super::super::{Folder, locked, sentence};
use super::tell;
use crate::app::Outbox;
use crate::library::{PhotoId, printable};
use crate::store::{Mark, MarkKind};
use crate::ui::TrainingNews;
use crate::work::{Viewer, label_of, now_unix_s, unfinished_trainings};

/// What was said of labels, as far as a training needs it.
#[derive(Default)]
pub(super) struct WrongLabels {
    /// Photos whose label is wrong: their triplets are not shown any more.
    pub(super) photos: Arc<Mutex<HashSet<PhotoId>>>,
    /// The same with when it was said, in seconds since 1970.
    said: Mutex<Vec<(PhotoId, i64)>>,
    /// When the run began that goes on: what was said before, it knew of.
    began: AtomicI64,
}

impl WrongLabels {
    /// A run begins, or goes on that began earlier.
    pub(super) fn begin(&self, unix_s: i64) {
        self.began.store(unix_s, Ordering::Relaxed);
    }

    /// Photos that are to leave the run that goes on.
    pub(super) fn left_out(&self) -> BTreeSet<PhotoId> {
        let began = self.began.load(Ordering::Relaxed);
        locked(&self.said).iter().filter(|(_, at)| *at >= began).map(|(photo, _)| *photo).collect()
    }
}

pub(in crate::app::folder) const fn is_about_label(mark: &Mark) -> bool {
    matches!(mark.kind, MarkKind::WrongLabel(_))
}

/// When the run began that is to make the model `name`; now, if there is none.
pub(super) fn began(viewer: &Viewer, name: &str) -> Result<i64, String> {
    let known = unfinished_trainings(viewer).map_err(|error| sentence(&error))?;
    Ok(known.into_iter().find(|run| run.name == name).map_or_else(now_unix_s, |run| run.began_unix_s))
}

impl Folder {
    /// Tells which labels are wrong, the screen and the training that goes on.
    pub(in crate::app::folder) fn tell_wrong_labels(&self, viewer: &Viewer, outbox: &Outbox) -> Result<(), String> {
        let marks = viewer.reader().marks().map_err(|error| printable(&error.to_string()))?;
        let (mut photos, mut said) = (Vec::<(PhotoId, String)>::new(), Vec::new());
        for mark in marks {
            let MarkKind::WrongLabel(label) = mark.kind else { continue };
            said.push((mark.photo, mark.created_unix_s));
            if !photos.iter().any(|(photo, _)| *photo == mark.photo) {
                photos.push((mark.photo, printable(&label)));
            }
        }
        let wrong = &self.training.wrong;
        *locked(&wrong.photos) = photos.iter().map(|(photo, _)| *photo).collect();
        *locked(&wrong.said) = said;
        if let Some(helm) = self.training.helm() {
            helm.leave_out(wrong.left_out());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_leaves_out_what_was_said_since_it_began() {
        let photo = |number: u8| PhotoId::of_content(&[number]);
        let wrong = WrongLabels::default();
        *locked(&wrong.said) = vec![(photo(1), 10), (photo(2), 20)];
        for (began, expected) in [(5, vec![1, 2]), (20, vec![2]), (21, vec![])] {
            wrong.begin(began);
            assert_eq!(wrong.left_out(), expected.into_iter().map(photo).collect(), "began at {began}");
        }
    }
}
