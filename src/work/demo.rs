//! The demo folder: drawn once into the cache directory.

use std::fs;
use std::path::{Path, PathBuf};

use image::codecs::jpeg::JpegEncoder;
use rayon::prelude::*;

use crate::library::demo::{LABELS, PICTURES_PER_LABEL, draw};
use crate::work::WorkError;

/// Draws the demo pictures into `<cache>/demo`, one folder a label, and returns that folder. Pictures that are there
/// already are left alone.
pub fn write_demo(cache: &Path) -> Result<PathBuf, WorkError> {
    let root = cache.join("demo");
    LABELS.par_iter().enumerate().try_for_each(|(label, name)| {
        let folder = root.join(name);
        fs::create_dir_all(&folder).map_err(|error| WorkError::Write { path: folder.clone(), error })?;
        (0..PICTURES_PER_LABEL).try_for_each(|picture| {
            let path = folder.join(format!("{name}-{:02}.jpg", picture + 1));
            if path.exists() { Ok(()) } else { write_picture(&path, label, picture) }
        })
    })?;
    Ok(root)
}

fn write_picture(path: &Path, label: usize, picture: usize) -> Result<(), WorkError> {
    let failed = |error| WorkError::Write { path: path.to_owned(), error };
    let mut bytes = Vec::new();
    let encoded = JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&draw(label, picture));
    encoded.map_err(|error| failed(std::io::Error::other(error)))?;
    let half_written = path.with_extension("part");
    fs::write(&half_written, bytes).and_then(|()| fs::rename(&half_written, path)).map_err(failed)
}
