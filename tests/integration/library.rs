//! The library room over real photos, in the folder that `TRIPLETUI_PHOTOS` names.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tripletui::library::{decode, folder_label, read_header, scan, thumbnail};

/// What one decoder may hold: the default of the program.
const BUDGET: u64 = 420_000_000;

fn photos(folder: &str) -> PathBuf {
    Path::new(&std::env::var_os("TRIPLETUI_PHOTOS").unwrap()).join(folder)
}

/// How many files decoded, how many are no pictures, and the reasons of the others with their names.
fn decode_all(folder: &str) -> (usize, u64, BTreeMap<String, Vec<String>>) {
    let root = photos(folder);
    let found = scan(&root, &mut |_| true).unwrap();
    let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut decoded = 0;
    for location in &found.candidates {
        let bytes = fs::read(root.join(&location.path)).unwrap();
        let result = read_header(&bytes).map_err(|error| error.to_string()).and_then(|header| {
            let cost = header.decode_bytes(256);
            if cost > BUDGET {
                return Err(format!("{} x {} needs {} MB", header.width(), header.height(), cost >> 20));
            }
            let photo = decode(&bytes, &header, 256).map_err(|error| error.to_string())?;
            let shorter = header.width().min(header.height());
            assert!(photo.width().min(photo.height()) >= shorter.min(256), "{}", location.path.display());
            assert!(u64::from(photo.width()) * u64::from(photo.height()) * 3 <= cost, "{}", location.path.display());
            thumbnail(&photo, 256).map_err(|error| error.to_string())
        });
        match result {
            Ok(_) => decoded += 1,
            Err(reason) => reasons.entry(reason).or_default().push(location.path.display().to_string()),
        }
    }
    (decoded, found.ignored, reasons)
}

#[test]
#[ignore = "needs TRIPLETUI_PHOTOS: real photos that are not in the repository"]
fn odd_files_give_a_picture_or_a_reason_and_never_a_panic() {
    let (decoded, ignored, reasons) = decode_all("odd");
    println!("{decoded} decoded, {ignored} ignored, {reasons:#?}");
    assert!(decoded > 75, "{decoded} decoded");
    assert!(reasons.keys().all(|reason| !reason.contains("decoder failed")), "{reasons:?}");
}

#[test]
#[ignore = "needs TRIPLETUI_PHOTOS: real photos that are not in the repository"]
fn camera_originals_decode() {
    let (decoded, _, reasons) = decode_all("camera");
    assert!(decoded >= 60, "{decoded} decoded, {reasons:?}");
}

#[test]
#[ignore = "needs TRIPLETUI_PHOTOS: real photos that are not in the repository"]
fn the_eight_orientations_are_the_same_picture() {
    let root = photos("orientation");
    let found = scan(&root, &mut |_| true).unwrap();
    let mut pictures: BTreeMap<String, Vec<image::RgbImage>> = BTreeMap::new();
    for location in &found.candidates {
        let bytes = fs::read(root.join(&location.path)).unwrap();
        let header = read_header(&bytes).unwrap();
        let photo = image::imageops::thumbnail(&decode(&bytes, &header, 256).unwrap(), 32, 32);
        let name = location.path.file_stem().unwrap().to_string_lossy().into_owned();
        pictures.entry(name.trim_end_matches(|c: char| !c.is_alphabetic()).to_owned()).or_default().push(photo);
    }
    assert!(!pictures.is_empty());
    for (name, pictures) in pictures {
        assert_eq!(pictures.len(), 8, "{name}");
        for other in &pictures[1..] {
            let pairs = pictures[0].as_raw().iter().zip(other.as_raw());
            let difference: u32 = pairs.map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
            assert!(difference / (32 * 32 * 3) < 20, "{name}: {difference}");
        }
    }
}

#[test]
#[ignore = "needs TRIPLETUI_PHOTOS: real photos that are not in the repository"]
fn every_grocery_has_its_label() {
    let found = scan(&photos("groceries/test"), &mut |_| true).unwrap();
    let labels: std::collections::BTreeSet<_> = found
        .candidates
        .iter()
        .filter_map(|location| folder_label(&location.path, tripletui::library::FolderLabels::Deepest))
        .collect();
    assert_eq!((labels.len(), found.skipped.len()), (81, 0));
}
