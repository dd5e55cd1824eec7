//! Features or embeddings written to a file for other programs.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::json;

use crate::library::PhotoId;
use crate::work::listing::listed_photos;
use crate::work::model::open_model;
use crate::work::rows::embedding_rows;
use crate::work::{ModelChoice, Viewer, WorkError};

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportWhat {
    /// Backbone output, not normalised.
    Features,
    /// Unit-length rows of a model.
    Embeddings,
}

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// `NumPy` array `[photos, dim]`, little-endian f32, with the paths in `FILE.paths.txt`.
    Npy,
    /// One line a photo: path, then the numbers.
    Csv,
    /// One JSON object a line: path and row.
    Jsonl,
}

/// Writes `rows` rows of `dim` numbers. The file appears under its name only when it is complete.
struct Exporter {
    format: ExportFormat,
    path: PathBuf,
    rows: BufWriter<tempfile::NamedTempFile>,
    paths: Option<BufWriter<tempfile::NamedTempFile>>,
}

impl Exporter {
    /// Starts the file `path` beside its final place.
    fn create(path: &Path, format: ExportFormat, rows: usize, dim: usize) -> io::Result<Self> {
        let mut file = beside(path)?;
        let paths = if format == ExportFormat::Npy {
            file.write_all(&npy_header(rows, dim))?;
            Some(beside(path)?)
        } else {
            None
        };
        Ok(Self { format, path: path.to_owned(), rows: file, paths })
    }

    /// Appends one photo's row.
    fn write(&mut self, photo: &Path, row: &[f32]) -> io::Result<()> {
        let name = photo.to_string_lossy();
        match self.format {
            ExportFormat::Npy => {
                for value in row {
                    self.rows.write_all(&value.to_le_bytes())?;
                }
                // One path a line: a line break inside a name would shift every later row.
                let line = name.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
                self.paths.as_mut().map_or(Ok(()), |paths| writeln!(paths, "{line}"))
            }
            ExportFormat::Csv => {
                write!(self.rows, "\"{}\"", name.replace('"', "\"\""))?;
                row.iter().try_for_each(|value| write!(self.rows, ",{value}"))?;
                writeln!(self.rows)
            }
            ExportFormat::Jsonl => {
                serde_json::to_writer(&mut self.rows, &json!({ "path": name, "row": row }))?;
                writeln!(self.rows)
            }
        }
    }

    /// Puts the complete file in its place.
    fn finish(self) -> io::Result<()> {
        if let Some(paths) = self.paths {
            let mut name = self.path.as_os_str().to_owned();
            name.push(".paths.txt");
            settle(paths, Path::new(&name))?;
        }
        settle(self.rows, &self.path)
    }
}

/// Writes a file that appears under its name only when it is complete.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = beside(path)?;
    file.write_all(bytes)?;
    settle(file, path)
}

pub(super) fn beside(path: &Path) -> io::Result<BufWriter<tempfile::NamedTempFile>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    Ok(BufWriter::with_capacity(1 << 20, builder.prefix(".tripletui-export-").tempfile_in(folder)?))
}

fn settle(file: BufWriter<tempfile::NamedTempFile>, path: &Path) -> io::Result<()> {
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    let kept: File = file.persist(path).map_err(|error| error.error)?;
    make_readable(&kept)
}

#[cfg(unix)]
pub(super) fn make_readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
pub(super) fn make_readable(_: &File) -> io::Result<()> {
    Ok(())
}

/// The header of an `.npy` file, version 1.0: magic, length, a Python dictionary padded so that the data is 64-aligned.
/// Source: the format description in `NumPy`'s `numpy.lib.format`.
fn npy_header(rows: usize, dim: usize) -> Vec<u8> {
    let mut dictionary = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {dim}), }}");
    let unpadded = 10 + dictionary.len() + 1;
    dictionary.push_str(&" ".repeat(unpadded.next_multiple_of(64) - unpadded));
    dictionary.push('\n');
    let mut header = b"\x93NUMPY\x01\x00".to_vec();
    header.extend_from_slice(&(dictionary.len() as u16).to_le_bytes());
    header.extend_from_slice(dictionary.as_bytes());
    header
}

/// Writes the features of every photo, by path. Returns rows and columns.
pub fn export_features(viewer: &Viewer, file: &Path, format: ExportFormat) -> Result<(usize, usize), WorkError> {
    viewer.require_outside(file)?;
    let photos = listed_photos(viewer)?;
    let (store, backbone) = (viewer.reader(), viewer.backbone());
    let missing = store.photos_without_features(backbone.id())?.len();
    let failed = |error| WorkError::Write { path: file.to_owned(), error };
    let rows = photos.len() - missing;
    let mut exporter = Exporter::create(file, format, rows, backbone.dim()).map_err(failed)?;
    for chunk in photos.chunks(256) {
        let ids: Vec<PhotoId> = chunk.iter().map(|photo| photo.record.facts.id).collect();
        for (photo, features) in chunk.iter().zip(store.features_of(backbone.id(), &ids)?) {
            if let Some(features) = features {
                exporter.write(photo.path(), &features).map_err(failed)?;
            }
        }
    }
    exporter.finish().map_err(failed)?;
    Ok((rows, backbone.dim()))
}

/// Writes the embeddings of a model, by path. Returns rows and columns.
pub fn export_embeddings(
    viewer: &Viewer,
    choice: &ModelChoice,
    file: &Path,
    format: ExportFormat,
) -> Result<(usize, usize), WorkError> {
    viewer.require_outside(file)?;
    let gallery = embedding_rows(viewer, &open_model(viewer, choice)?)?;
    let row_of: HashMap<PhotoId, usize> = gallery.photos().iter().enumerate().map(|(row, id)| (*id, row)).collect();
    let failed = |error| WorkError::Write { path: file.to_owned(), error };
    let mut exporter = Exporter::create(file, format, gallery.len(), gallery.dim()).map_err(failed)?;
    for photo in listed_photos(viewer)? {
        if let Some(row) = row_of.get(&photo.record.facts.id) {
            exporter.write(photo.path(), gallery.row(*row)).map_err(failed)?;
        }
    }
    exporter.finish().map_err(failed)?;
    Ok((gallery.len(), gallery.dim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn exported(format: ExportFormat) -> (Vec<u8>, Option<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let mut exporter = Exporter::create(&path, format, 2, 3).unwrap();
        exporter.write(Path::new("a \"b\".jpg"), &[1.0, 2.0, 3.0]).unwrap();
        assert!(!path.exists(), "nothing under its name before it is complete");
        exporter.write(Path::new("c\nd.jpg"), &[0.5, -1.0, 1e-9]).unwrap();
        exporter.finish().unwrap();
        (fs::read(&path).unwrap(), fs::read_to_string(folder.path().join("out.paths.txt")).ok())
    }

    #[test]
    fn npy_has_an_aligned_header_and_little_endian_rows() {
        let (bytes, paths) = exported(ExportFormat::Npy);
        assert_eq!(bytes.len() % 64, 24);
        let header = String::from_utf8_lossy(&bytes[10..bytes.len() - 24]).into_owned();
        assert!(
            header.starts_with("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }") && header.ends_with('\n')
        );
        let last = f32::from_le_bytes(bytes[bytes.len() - 4..].try_into().unwrap());
        assert!((last - 1e-9).abs() < 1e-15);
        assert_eq!(paths.unwrap(), "a \"b\".jpg\nc\\nd.jpg\n");
    }

    #[test]
    fn csv_and_jsonl_hold_one_photo_a_record() {
        let csv = String::from_utf8(exported(ExportFormat::Csv).0).unwrap();
        assert_eq!(csv, "\"a \"\"b\"\".jpg\",1,2,3\n\"c\nd.jpg\",0.5,-1,0.000000001\n");
        let jsonl = String::from_utf8(exported(ExportFormat::Jsonl).0).unwrap();
        let second: serde_json::Value = serde_json::from_str(jsonl.lines().nth(1).unwrap()).unwrap();
        assert_eq!(second["path"], "c\nd.jpg");
    }
}
