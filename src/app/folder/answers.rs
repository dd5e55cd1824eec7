//! Questions about likeness, answered by the neighbours that are there.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Folder, WAITING, locked, sentence};
use crate::app::Outbox;
use crate::library::{PhotoId, printable};
use crate::neighbor::Neighbor;
use crate::ui::{Answered, Asked, Audited, Examples, Message, Ranked};
use crate::work::{
    AuditRecord, Example, Found, GOOD_MATCH, Library, ModelChoice, Neighbors, NeighborsEvent, Question, Searcher,
    WorkError,
};

impl Folder {
    /// The neighbours of what is asked.
    pub(super) fn answer(&self, searcher: &Searcher, asked: &Asked) -> Result<Answered, String> {
        let (plus, minus) = self.examples(searcher, asked.photo, &asked.with)?;
        let among = asked.among.as_ref().map(|photos| searcher.select_photos(photos));
        let question = Question { plus: &plus, minus: &minus, k: asked.k, among: among.as_ref() };
        let found = searcher.answer(&question).map_err(|error| sentence(&error))?;
        // With photos to be unlike, distances are of another kind.
        let cut_off = minus.is_empty().then(|| searcher.cut_off(GOOD_MATCH)).flatten();
        Ok(Answered { cut_off, ..answered(searcher, &found) })
    }

    /// How far every photo is from this one, and from what is named besides it.
    pub(super) fn measure(
        &self,
        searcher: &Searcher,
        photo: PhotoId,
        with: &Examples,
    ) -> Result<HashMap<PhotoId, f32>, String> {
        let (plus, minus) = self.examples(searcher, photo, with)?;
        let question = Question { plus: &plus, minus: &minus, k: 0, among: None };
        searcher.distances(&question).map_err(|error| sentence(&error))
    }

    fn examples(
        &self,
        searcher: &Searcher,
        photo: PhotoId,
        with: &Examples,
    ) -> Result<(Vec<Example>, Vec<Example>), String> {
        let example = |photo: &PhotoId| self.example(searcher, *photo);
        let plus = std::iter::once(&photo).chain(&with.plus).map(example).collect::<Result<_, _>>()?;
        let minus = with.minus.iter().map(example).collect::<Result<_, _>>()?;
        Ok((plus, minus))
    }

    /// A photo to ask with: from the index; a file outside the folder; or one embedded after the index was built, whose
    /// features are in the store.
    fn example(&self, searcher: &Searcher, photo: PhotoId) -> Result<Example, String> {
        if let Some(example) = searcher.example_of_photo(photo) {
            return Ok(example);
        }
        let visitor = locked(&self.visitors).get(&photo).cloned();
        if let (Some(path), Some(library)) = (visitor, self.library.get()) {
            let viewer = library.viewer().map_err(|error| sentence(&error))?;
            return searcher.example_of_file(&viewer, &path).map_err(|error| sentence(&error));
        }
        let features = self
            .ask(|viewer| viewer.reader().features_of(viewer.backbone().id(), &[photo]).ok()?.into_iter().next()?)
            .ok_or(WAITING)?;
        searcher.example_of_features(&features).map_err(|error| sentence(&error))?.ok_or_else(|| WAITING.to_owned())
    }
}

/// Brings neighbours up to date with what the store has, behind those that answer now.
pub(super) fn renew(neighbors: &Neighbors, library: &Arc<Library>, outbox: &Outbox) -> Result<(), WorkError> {
    let outbox = outbox.clone();
    neighbors.renew(Arc::clone(library), ModelChoice::Current, move |event| match event {
        NeighborsEvent::Changed => outbox.send(Message::GalleryChanged),
        NeighborsEvent::Failed(error) => outbox.send(Message::Failed(sentence(&error))),
        NeighborsEvent::Audited(record) => {
            if record.is_broken() {
                outbox.send(Message::Failed(format!("the neighbours are {}", record.in_words())));
            }
            outbox.send(Message::GalleryChanged);
        }
    })
}

/// An answer of a searcher, for the screen.
pub(super) fn answered(searcher: &Searcher, found: &Found) -> Answered {
    let ranked = |neighbor: &Neighbor| Ranked { photo: neighbor.photo, distance: neighbor.distance };
    let audited = |record: &AuditRecord| Audited {
        asked: record.audit.asked,
        agreed: record.audit.agreed,
        recall: record.recall,
    };
    Answered {
        neighbors: found.answer.neighbors.iter().map(ranked).collect(),
        cut_off: searcher.cut_off(GOOD_MATCH),
        method: found.method.to_string().into(),
        exact: found.answer.exact,
        audited: searcher.audited().map(audited),
        visited: found.answer.visited,
        of: found.answer.of,
        elapsed: found.elapsed,
        model: printable(searcher.model()).into(),
    }
}
