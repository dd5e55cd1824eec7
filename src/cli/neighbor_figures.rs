//! What is told of a neighbour index by several commands.

use std::io;

use serde::Serialize;

use super::output::line;
use crate::neighbor::{Choice, Cost, Method};
use crate::work::{AuditRecord, GOOD_MATCH, Searcher};

/// How neighbours are found, what that was measured to cost, and what an audit found.
#[derive(Debug, Serialize)]
pub(super) struct NeighborFigures {
    model: String,
    index: Choice,
    method: Method,
    axes: Option<usize>,
    exact: bool,
    photos: usize,
    /// Everything measured before the method was chosen.
    costs: Vec<Cost>,
    row_bytes_per_photo: f64,
    index_bytes_per_photo: f64,
    /// Distance beyond which a neighbour is no good match.
    cut_off: Option<f32>,
    audit: Option<AuditRecord>,
}

impl NeighborFigures {
    /// Those of a library that is ready to be asked.
    pub(super) fn of(searcher: &Searcher) -> Self {
        let photos = searcher.members().len();
        let (rows, index) = searcher.memory_bytes();
        Self {
            model: searcher.model().to_owned(),
            index: searcher.settings().choice,
            method: searcher.method(),
            axes: searcher.axes(),
            exact: searcher.method().is_exact(),
            photos,
            costs: searcher.costs().to_vec(),
            row_bytes_per_photo: rows as f64 / photos.max(1) as f64,
            index_bytes_per_photo: index as f64 / photos.max(1) as f64,
            cut_off: searcher.cut_off(GOOD_MATCH),
            audit: searcher.audited().cloned(),
        }
    }

    /// Two lines: how neighbours are found, and whether that was audited.
    pub(super) fn say(&self) -> io::Result<()> {
        let axes = self.axes.map(|axes| format!(" over {axes} axes")).unwrap_or_default();
        let cost = |method: Method| {
            let best = self
                .costs
                .iter()
                .filter(|cost| cost.method == method && (self.method != method || cost.axes == self.axes));
            best.min_by(|a, b| a.mean_ms.total_cmp(&b.mean_ms)).map(|cost| {
                let visited = 100.0 * cost.visited;
                format!("; {method}: {:.2} ms, 95 % under {:.2} ms, checks {visited:.1} %", cost.mean_ms, cost.p95_ms)
            })
        };
        let costs = [cost(Method::KdTree), cost(Method::LinearScan)].into_iter().flatten().collect::<String>();
        line(&format!("  neighbours {}{axes}{costs}", self.method))?;
        let exact = if self.exact { "exact by construction" } else { "approximate" };
        line(&match &self.audit {
            Some(audit) => format!("  audit      {}", audit.in_words()),
            None => format!("  audit      {exact}, not audited yet (tripletui index FOLDER --audit 400)"),
        })
    }
}
