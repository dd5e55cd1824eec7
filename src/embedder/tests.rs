//! The network against the vectors ONNX Runtime computed (`tests/fixtures/reference_vectors.py`), at every SIMD level.

use super::*;

const REFERENCE: &[u8] = include_bytes!("../../tests/fixtures/lite0_features.f32");

/// Test image `number` as the script draws it: integers only, so that both sides have the same numbers.
fn image(number: usize, side: usize) -> Vec<f32> {
    let value = |y: usize, x: usize, c: usize| match number {
        0 => (x + 2 * y + 40 * c) % 256,
        1 => (((y * side + x) * 3 + c).wrapping_mul(2_654_435_761) % (1 << 32)) >> 24,
        _ => (x.abs_diff(112).pow(2) + y.abs_diff(100).pow(2)) / 64 * (c + 1) % 256,
    };
    let places = (0..side * side * 3).map(|i| (i / 3 / side, i / 3 % side, i % 3));
    places.map(|(y, x, c)| (value(y, x, c) as f32 - 127.0) / 128.0).collect()
}

fn reference(number: usize) -> Vec<f32> {
    REFERENCE.as_chunks().0.iter().skip(1280 * number).take(1280).map(|&b| f32::from_le_bytes(b)).collect()
}

pub(super) fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn built_in_weights_agree_with_the_reference_at_every_level() {
    let mut scratch = Scratch::default();
    for level in SimdLevel::available() {
        let backbone = Lite::from_bytes(BUILTIN_WEIGHTS, Variant::Lite0, level).unwrap();
        for number in 0..3 {
            let features = backbone.features(&image(number, 224), &mut scratch).unwrap();
            let cosine = cosine(&features, &reference(number));
            println!("{} image {number}: cosine {cosine:.7}", level.name());
            assert!(cosine > 0.9995, "{} image {number}: cosine {cosine}", level.name());
        }
    }
}

#[test]
#[ignore = "needs f32 weights: TRIPLETUI_F32_WEIGHTS=FILE, made by `assets/convert.py --f32`"]
fn f32_weights_agree_with_the_reference_to_five_digits() {
    let bytes = std::fs::read(std::env::var("TRIPLETUI_F32_WEIGHTS").unwrap()).unwrap();
    for level in SimdLevel::available() {
        let backbone = Lite::from_bytes(bytes.clone(), Variant::Lite0, level).unwrap();
        for number in 0..3 {
            let features = backbone.features(&image(number, 224), &mut Scratch::default()).unwrap();
            let cosine = cosine(&features, &reference(number));
            println!("{} image {number}: cosine {cosine:.9}", level.name());
            assert!(cosine > 0.99999, "{} image {number}: cosine {cosine}", level.name());
        }
    }
}

#[test]
#[ignore = "needs real photos and what another program made of them: TRIPLETUI_REFERENCE=FILE, see tests/fixtures/reference_vectors.py"]
fn the_whole_way_from_real_files_agrees_with_the_reference() {
    let reference = std::env::var("TRIPLETUI_REFERENCE").unwrap();
    let (names, numbers) =
        (std::fs::read_to_string(format!("{reference}.txt")), std::fs::read(format!("{reference}.f32")));
    let numbers: Vec<f32> = numbers.unwrap().as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect();
    let (backbone, mut scratch) = (builtin().unwrap(), Scratch::default());
    let mut cosines = Vec::new();
    for (path, expected) in names.unwrap().lines().zip(numbers.chunks(1280)) {
        let photo = image::open(path).unwrap().to_rgb8();
        let features = backbone.features(&backbone.preprocess(&photo), &mut scratch).unwrap();
        cosines.push(cosine(&features, expected));
    }
    let mean = cosines.iter().sum::<f64>() / cosines.len() as f64;
    println!(
        "{} photos: mean cosine {mean:.5}, lowest {:.5}",
        cosines.len(),
        cosines.iter().copied().fold(1.0, f64::min)
    );
    assert!(mean > 0.99, "mean cosine {mean}");
}

#[test]
fn a_network_is_cut_where_the_table_says_and_refuses_other_images() {
    let (backbone, mut scratch) = (builtin().unwrap(), Scratch::default());
    let image = image(0, 224);
    assert_eq!(backbone.activations(&image, 11, &mut scratch).unwrap().len(), 14 * 14 * 112);
    for cut in [0, 16] {
        assert!(backbone.activations(&image, cut, &mut scratch).is_err(), "{cut}");
    }
    let error = backbone.features(&image[3..], &mut scratch).unwrap_err().to_string();
    assert_eq!(error, "an image of 150525 numbers was given to a network that takes 150528");
    assert!(backbone.id().starts_with("lite0-") && backbone.id().len() == 18, "{}", backbone.id());
}
