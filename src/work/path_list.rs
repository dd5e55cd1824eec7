//! Paths of photos in a text file, for other programs.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::work::export::{beside, make_readable};
use crate::work::{Library, WorkError};

/// Writes the paths to a file outside the photo folder, one a line. False: the file is there already and is left as it
/// is, because nobody said that it may be replaced.
pub fn write_paths(library: &Library, paths: &[PathBuf], to: &Path, replace: bool) -> Result<bool, WorkError> {
    library.viewer()?.require_outside(to)?;
    let failed = |error| WorkError::Write { path: to.to_owned(), error };
    let mut file = beside(to).map_err(failed)?;
    for path in paths {
        file.write_all(path.as_os_str().as_encoded_bytes()).map_err(failed)?;
        file.write_all(b"\n").map_err(failed)?;
    }
    let file = file.into_inner().map_err(io::IntoInnerError::into_error).map_err(failed)?;
    let kept = if replace { file.persist(to) } else { file.persist_noclobber(to) };
    match kept {
        Ok(file) => make_readable(&file).map_err(failed).map(|()| true),
        Err(refused) if !replace && refused.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(refused) => Err(failed(refused.error)),
    }
}
