//! Does the index answer as it claims? Asked of the library itself, remembered, and told.

use serde::{Deserialize, Serialize};

use super::build::name_of_members;
use super::{SEED, Searcher};
use crate::neighbor::{Audit, Method, NeighborIndex, audit};
use crate::store::Access;
use crate::work::{Library, Viewer, WorkError, now_unix_s};

/// Neighbours asked for by each query of an audit.
const K: usize = 10;

/// What an audit found, of which index over which photos.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct AuditRecord {
    /// How the audited index finds its answers.
    pub method: Method,
    /// Axes in its tree.
    pub axes: Option<usize>,
    /// Whether it claims that its answers are certainly the nearest.
    pub exact: bool,
    /// Neighbours asked for by each query.
    pub k: usize,
    /// What was found.
    #[serde(flatten)]
    pub audit: Audit,
    /// Share of the true neighbours that were found.
    pub recall: f64,
    /// When, in seconds since 1970.
    pub created_unix_s: i64,
    /// A name for the photos of the index.
    photos: String,
}

fn key(noted_under: &str) -> String {
    format!("audit of {noted_under}")
}

impl AuditRecord {
    /// Whether an index that claims to be exact was found not to be.
    pub const fn is_broken(&self) -> bool {
        self.exact && !self.audit.is_clean()
    }

    /// `exact, audited 400/400`; `approximate, measured recall 0.97`.
    pub fn in_words(&self) -> String {
        let Audit { asked, agreed, .. } = self.audit;
        match (self.exact, self.is_broken()) {
            (false, _) => format!("approximate, measured recall {:.2}", self.recall),
            (true, false) => format!("exact, audited {agreed}/{asked}"),
            (true, true) => format!("NOT exact: only {agreed} of {asked} audited answers were right"),
        }
    }

    /// What was noted of `index` over photos of this name.
    pub(super) fn noted(
        viewer: &Viewer,
        noted_under: Option<&str>,
        photos: &str,
        index: &dyn NeighborIndex,
    ) -> Result<Option<Self>, WorkError> {
        let Some(noted_under) = noted_under else { return Ok(None) };
        let note = viewer.reader().note(&key(noted_under))?;
        // A note that another version wrote is no note.
        let note = note.and_then(|text| serde_json::from_str::<Self>(&text).ok());
        Ok(note.filter(|n| n.photos == photos && n.method == index.method() && n.axes == index.axes()))
    }
}

impl Searcher {
    /// Answers `queries` random photos by the index and by a naive scan, and counts where they agree. `seed` draws the
    /// photos; `go_on` sees the count after each and ends the audit by returning false.
    pub fn audit(&self, queries: usize, seed: u64, go_on: &mut dyn FnMut(&Audit) -> bool) -> Result<Audit, WorkError> {
        Ok(audit(&*self.index, queries, K, SEED + seed, go_on)?)
    }

    fn noted_before(library: &Library, under: &str, now: &AuditRecord) -> Result<Option<AuditRecord>, WorkError> {
        let note = library.store().note(&key(under))?.and_then(|text| serde_json::from_str::<AuditRecord>(&text).ok());
        Ok(note.filter(|n| n.photos == now.photos && n.method == now.method && n.axes == now.axes))
    }

    /// Takes down what an audit of this index found, shows it from now on, and notes it where the library may be written.
    /// A disagreement of an exact index is logged with the photos asked about.
    pub fn take_down(&mut self, audit: Audit, library: Option<&Library>) -> Result<AuditRecord, WorkError> {
        let record = AuditRecord {
            method: self.method(),
            axes: self.axes(),
            exact: self.method().is_exact(),
            k: K,
            recall: audit.recall(),
            audit,
            created_unix_s: now_unix_s(),
            photos: name_of_members(self.members()),
        };
        if record.is_broken() {
            let queries = record.audit.disagreements.join(" ");
            tracing::error!(model = self.model(), method = %record.method, queries, "an exact index answered wrongly");
        }
        self.audit = Some(record.clone());
        let writable = library.filter(|library| library.access() == Access::ReadWrite);
        if let (Some(library), Some(noted_under)) = (writable, &self.noted_under) {
            let before = Self::noted_before(library, noted_under, &record)?;
            // A shorter audit, or one that was broken off, does not make a longer one of the same index unsaid.
            if !record.is_broken() && before.is_some_and(|before| before.audit.asked > record.audit.asked) {
                return Ok(record);
            }
            let text = serde_json::to_string(&record).unwrap_or_default();
            library.store().set_note(&key(noted_under), &text)?;
        }
        Ok(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(exact: bool, agreed: usize, recall: f64) -> AuditRecord {
        let method = if exact { Method::KdTree } else { Method::Graph };
        let audit = Audit { asked: 400, agreed, ..Audit::default() };
        AuditRecord { method, axes: None, exact, k: K, audit, recall, created_unix_s: 0, photos: String::new() }
    }

    #[test]
    fn an_exact_index_that_disagrees_is_broken_and_an_approximate_one_has_a_recall() {
        assert_eq!(record(true, 400, 1.0).in_words(), "exact, audited 400/400");
        assert_eq!(record(false, 380, 0.971).in_words(), "approximate, measured recall 0.97");
        assert_eq!(record(true, 399, 1.0).in_words(), "NOT exact: only 399 of 400 audited answers were right");
        assert_eq!(
            [(true, 400), (true, 399), (false, 380)].map(|(e, n)| record(e, n, 1.0).is_broken()),
            [false, true, false]
        );
    }

    #[test]
    fn a_record_survives_being_noted() {
        let text = serde_json::to_string(&record(true, 400, 1.0)).unwrap();
        assert_eq!(serde_json::from_str::<AuditRecord>(&text).unwrap(), record(true, 400, 1.0));
    }
}
