//! What is asked for: photos to be like, photos to be unlike, and which photos may answer.

use std::collections::HashSet;
use std::sync::Arc;

use crate::library::PhotoId;

/// Photos that a question names besides its query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examples {
    /// To be like these too.
    pub plus: Vec<PhotoId>,
    /// To be unlike these.
    pub minus: Vec<PhotoId>,
}

impl Examples {
    /// Whether the query stands alone.
    pub const fn is_empty(&self) -> bool {
        self.plus.is_empty() && self.minus.is_empty()
    }

    /// Takes photos out.
    pub(super) fn leave_out(&mut self, gone: &HashSet<PhotoId>) {
        self.plus.retain(|photo| !gone.contains(photo));
        self.minus.retain(|photo| !gone.contains(photo));
    }

    /// The same with one more photo to be like, or unlike.
    pub(super) fn with(&self, photo: PhotoId, like: bool) -> Self {
        let without = |photos: &[PhotoId]| photos.iter().copied().filter(|other| *other != photo).collect::<Vec<_>>();
        let mut more = Self { plus: without(&self.plus), minus: without(&self.minus) };
        if like {
            more.plus.push(photo);
        } else {
            more.minus.push(photo);
        }
        more
    }
}

/// One question for neighbours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The query, which is no neighbour of itself.
    pub photo: PhotoId,
    /// What is named besides it; no neighbours either.
    pub with: Examples,
    /// How many neighbours.
    pub k: usize,
    /// The photos that may answer; `None`: all.
    pub among: Option<Arc<[PhotoId]>>,
}
