//! Rows from an `.npy` file, so that other programs can be measured on the same ones.

use std::path::Path;

use crate::embedding::EmbeddingMatrix;
use crate::library::PhotoId;
use crate::neighbor::Gallery;
use crate::work::WorkError;

/// Reads little-endian f32 rows `[n, d]` in C order, as `tripletui export` and `numpy.save` write them. Rows are scaled to
/// unit length; each stands for a made-up photo.
pub fn read_npy(path: &Path) -> Result<Gallery, WorkError> {
    let unusable = |reason: String| WorkError::Rows { path: path.to_owned(), reason };
    let bytes = std::fs::read(path).map_err(|error| unusable(format!("cannot be read: {error}")))?;
    let (header, values) =
        parts(&bytes).ok_or_else(|| unusable("is no .npy file of version 1 or 2, or is cut off".to_owned()))?;
    let (n, dim) = shape(header)
        .filter(|(_, dim)| *dim > 0)
        .ok_or_else(|| unusable(format!("must hold float32 rows [n, d] in C order, not {}", header.trim())))?;
    if values.len() != n * dim * 4 {
        return Err(unusable(format!("{n} x {dim} numbers are {} bytes, not {}", n * dim * 4, values.len())));
    }
    let (mut matrix, mut row) = (EmbeddingMatrix::with_capacity(dim, n), Vec::with_capacity(dim));
    for (number, bytes) in values.chunks_exact(dim * 4).enumerate() {
        row.clear();
        row.extend(bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)));
        matrix.push(&row).map_err(|error| unusable(format!("row {number}: {error}")))?;
    }
    Ok(Gallery::new(made_up(n), matrix)?)
}

/// Identities of photos that do not exist.
pub(super) fn made_up(count: usize) -> Vec<PhotoId> {
    (0..count).map(|number| PhotoId::of_content(&number.to_le_bytes())).collect()
}

/// The header's text and what comes after it.
fn parts(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let rest = bytes.strip_prefix(b"\x93NUMPY")?;
    let (version, rest) = rest.split_first_chunk::<2>()?;
    let (length, rest) = match version[0] {
        1 => rest.split_first_chunk::<2>().map(|(length, rest)| (u32::from(u16::from_le_bytes(*length)), rest))?,
        2 => rest.split_first_chunk::<4>().map(|(length, rest)| (u32::from_le_bytes(*length), rest))?,
        _ => return None,
    };
    let (header, values) = rest.split_at_checked(length as usize)?;
    Some((std::str::from_utf8(header).ok()?, values))
}

/// Rows and numbers a row, from `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }`.
fn shape(header: &str) -> Option<(usize, usize)> {
    if !header.contains("'<f4'") || !header.contains("'fortran_order': False") {
        return None;
    }
    let (_, after) = header.split_once("'shape': (")?;
    let (numbers, _) = after.split_once(')')?;
    let (n, dim) = numbers.split_once(',')?;
    Some((n.trim().parse().ok()?, dim.trim().trim_end_matches(',').parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, values: &[f32]) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Gallery, WorkError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.npy");
        std::fs::write(&path, bytes).unwrap();
        read_npy(&path)
    }

    #[test]
    fn rows_are_read_and_scaled() {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n";
        let gallery = read(&file(header, &[3.0, 0.0, 4.0, 0.0, 2.0, 0.0])).unwrap();
        assert_eq!((gallery.len(), gallery.row(0), gallery.row(1)), (2, &[0.6, 0.0, 0.8][..], &[0.0, 1.0, 0.0][..]));
    }

    #[test]
    fn what_is_no_such_file_is_refused_with_a_reason() {
        let header =
            |kind: &str, shape: &str| format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}");
        for (bytes, reason) in [
            (b"no".to_vec(), "no .npy file"),
            (file(&header("<f8", "(1, 2)"), &[1.0; 4]), "float32"),
            (file(&header("<f4", "(4,)"), &[1.0; 4]), "rows [n, d]"),
            (file(&header("<f4", "(3, 2)"), &[1.0; 4]), "24 bytes, not 16"),
            (file(&header("<f4", "(2, 2)"), &[1.0, 1.0, f32::NAN, 1.0]), "row 1"),
        ] {
            let error = read(&bytes).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
        assert!(read_npy(Path::new("/nowhere.npy")).unwrap_err().to_string().contains("cannot be read"));
    }
}
