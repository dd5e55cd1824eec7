//! Which files show the same picture: found among pictures that are only of the same kind.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, crop_imm, resize};
use image::{Rgb, RgbImage};
use serde_json::Value;
use tripletui::library::demo::draw;

use crate::program::World;

/// A drawing of twice its size, so that a smaller copy still has the pixels that embedding looks at.
fn large(label: usize, number: usize) -> RgbImage {
    resize(&draw(label, number), 640, 480, FilterType::Triangle)
}

fn save(picture: &RgbImage, path: &Path, quality: u8) {
    let mut file = fs::File::create(path).unwrap();
    JpegEncoder::new_with_quality(&mut file, quality).encode_image(picture).unwrap();
}

/// Saves a picture again in four ways; `number` chooses how much, and where it is trimmed.
fn save_variants(picture: &RgbImage, folder: &Path, name: &str, number: u32) {
    let (width, height) = picture.dimensions();
    let at = |kind: &str| folder.join(format!("{name} {kind}.jpg"));
    save(picture, &at("again"), [40, 60, 75][number as usize % 3]);
    let part = [4, 5, 7][number as usize % 3];
    save(&resize(picture, width * part / 10, height * part / 10, FilterType::Triangle), &at("small"), 85);
    let (across, down) = (width / 20 * (number % 5) / 4, height / 20 * (number / 5 % 5) / 4);
    save(&crop_imm(picture, across, down, width * 19 / 20, height * 19 / 20).to_image(), &at("trimmed"), 90);
    let more = [12, 13, 14][number as usize % 3];
    let brighter = |v: u8| (u32::from(v) * more / 10).min(255) as u8;
    let bright = RgbImage::from_fn(width, height, |x, y| Rgb(picture.get_pixel(x, y).0.map(brighter)));
    save(&bright, &at("bright"), 90);
}

fn pairs(files: usize) -> usize {
    files * files.saturating_sub(1) / 2
}

/// How many pairs of files come from one picture: their names begin alike up to a blank.
fn true_pairs<'a>(paths: impl Iterator<Item = &'a str>) -> usize {
    let mut files: BTreeMap<&str, usize> = BTreeMap::new();
    for path in paths {
        let origin = path.rsplit('/').next().unwrap().split([' ', '.']).next().unwrap();
        *files.entry(origin).or_default() += 1;
    }
    files.into_values().map(pairs).sum()
}

/// Precision and recall over pairs of files.
fn measured(groups: &[Value], files: &[String]) -> (f64, f64) {
    let there = true_pairs(files.iter().map(String::as_str));
    let (mut told, mut right) = (0, 0);
    for group in groups {
        let files = group["files"].as_array().unwrap();
        told += pairs(files.len());
        right += true_pairs(files.iter().map(|file| file["path"].as_str().unwrap()));
    }
    (right as f64 / told.max(1) as f64, right as f64 / there.max(1) as f64)
}

fn names_in(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn dupes(world: &World, rest: &[&str]) -> Vec<Value> {
    world.json_of("dupes", &world.photos(), rest)
}

#[test]
fn pictures_saved_differently_are_found_among_others_of_their_kind() {
    let world = World::new();
    let folder = world.photos();
    for label in 0..16 {
        for number in 0..6 {
            let (picture, name) = (large(label, number), format!("{label}-{number}"));
            save(&picture, &folder.join(format!("{name}.jpg")), 92);
            if number == 2 {
                save_variants(&picture, &folder, &name, label as u32);
            }
        }
    }
    world.index();
    let (precision, recall) = measured(&dupes(&world, &[]), &names_in(&folder));
    assert!(precision >= 0.95 && recall >= 0.95, "{precision} {recall}");
}

#[test]
fn copies_and_near_ones_are_one_group_and_the_best_file_comes_first() {
    let world = World::new();
    let (folder, picture) = (world.photos(), large(1, 3));
    save(&large(8, 1), &folder.join("other.jpg"), 92);
    save(&resize(&picture, 320, 240, FilterType::Triangle), &folder.join("a small.jpg"), 92);
    save(&picture, &folder.join("b rough.jpg"), 50);
    save(&picture, &folder.join("c fine.jpg"), 95);
    fs::create_dir(folder.join("more")).unwrap();
    fs::copy(folder.join("c fine.jpg"), folder.join("more/copy.jpg")).unwrap();
    world.index();
    let groups = dupes(&world, &[]);
    assert_eq!(groups.len(), 1, "{groups:?}");
    let files = groups[0]["files"].as_array().unwrap();
    let of = |field: &str| files.iter().map(|file| file[field].clone()).collect::<Vec<Value>>();
    assert_eq!(of("path"), ["c fine.jpg", "more/copy.jpg", "b rough.jpg", "a small.jpg"]);
    assert_eq!(of("same_bytes"), [true, true, false, false]);
    assert!(files[3]["likeness"].as_f64().unwrap() > 0.95 && files[3]["distance"].as_f64().unwrap() < 0.6, "{files:?}");

    let exact = dupes(&world, &["--threshold", "0"]);
    assert_eq!((exact.len(), exact[0]["files"].as_array().unwrap().len()), (1, 2), "only what has the same bytes");

    let text = String::from_utf8(world.run(&["dupes", folder.to_str().unwrap()]).stdout).unwrap();
    assert!(text.contains("1 groups, 3 files") && text.contains("best") && text.contains("copy"), "{text}");
    let wrong = world.run(&["dupes", folder.to_str().unwrap(), "--threshold", "3"]);
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn a_pan_of_pictures_each_like_the_next_is_not_one_picture() {
    let world = World::new();
    let wide = resize(&draw(3, 1), 1600, 600, FilterType::Triangle);
    for step in 0..40 {
        let window = crop_imm(&wide, step * 12, 0, 800, 600).to_image();
        save(&window, &world.photos().join(format!("{step:02}.jpg")), 92);
    }
    world.index();
    for group in dupes(&world, &[]) {
        for file in group["files"].as_array().unwrap() {
            assert!(file["likeness"].as_f64().unwrap() >= 0.95, "{group}");
            assert!(file["distance"].as_f64().unwrap() <= 0.6, "{group}");
        }
    }
}

#[test]
fn where_nothing_is_double_nothing_is_found() {
    let world = World::new();
    (0..5).for_each(|n| world.draw(&format!("{n}.png"), n));
    world.index();
    let output = world.run(&["dupes", world.photos().to_str().unwrap(), "--json"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
}

/// Every JPEG below a folder, in order.
fn pictures_below(folder: &Path) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.unwrap().into_path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|e| e == "jpg")).collect();
    files.sort();
    files
}

#[test]
#[ignore = "needs the folder of real photos: TRIPLETUI_PHOTOS"]
fn five_hundred_real_photos_saved_in_four_ways_are_found_among_all() {
    let world = World::new();
    let folder = world.photos();
    let source =
        Path::new(&env::var_os("TRIPLETUI_PHOTOS").expect("TRIPLETUI_PHOTOS names the folder")).join("groceries");
    let photos = pictures_below(&source);
    let stride = photos.len() / 500;
    for (number, photo) in photos.iter().enumerate() {
        fs::copy(photo, folder.join(format!("{number:04}.jpg"))).unwrap();
        if number % stride == 0 && number / stride < 500 {
            let picture = image::open(photo).unwrap().to_rgb8();
            save_variants(&picture, &folder, &format!("{number:04}"), (number / stride) as u32);
        }
    }
    world.index();
    let files = names_in(&folder);
    let (precision, recall) = measured(&dupes(&world, &[]), &files);
    println!("{} photos, {} files: precision {precision:.4}, recall {recall:.4}", photos.len(), files.len());
    assert!(precision >= 0.95 && recall >= 0.95, "{precision} {recall}");
}
