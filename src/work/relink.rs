//! A folder that moved.

use std::path::Path;

use crate::store::{self, StoreDirs};
use crate::work::WorkError;

/// Lets the library of the folder that was at `old` belong to the folder at `new`.
pub fn relink(old: &Path, new: &Path, dirs: &StoreDirs) -> Result<(), WorkError> {
    Ok(store::relink(old, new, dirs)?)
}
