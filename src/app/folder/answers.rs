//! What the neighbours of a folder say, in the words of the screen.

use std::sync::Arc;

use super::sentence;
use crate::app::Outbox;
use crate::library::printable;
use crate::neighbor::Neighbor;
use crate::ui::{Answered, Audited, Message, Ranked};
use crate::work::{
    AuditRecord, Found, GOOD_MATCH, Library, ModelChoice, Neighbors, NeighborsEvent, Searcher, WorkError,
};

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
