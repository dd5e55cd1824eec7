//! The rows of a searcher, for jobs that go through all of them while questions are answered.

use super::Searcher;
use crate::neighbor::Answer;
use crate::work::WorkError;

/// Which rows a searcher has: equal for as long as no photo comes or goes and the model stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::work) struct Rows {
    searcher: u64,
    count: usize,
    found: usize,
}

impl Searcher {
    /// Which rows it has now.
    pub(in crate::work) fn rows_of_now(&self) -> Rows {
        Rows { searcher: self.number, count: self.members().rows(), found: self.members().len() }
    }

    /// The `k` rows nearest to one, itself left out.
    pub(in crate::work) fn nearest_rows(&self, query: &[f32], row: usize, k: usize) -> Result<Answer, WorkError> {
        Ok(self.index.nearest(query, k, &|other| other != row)?)
    }
}
