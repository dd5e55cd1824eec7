//! Self-made pictures to try the program on without any photos: sixteen labels, each drawn twelve times.
//!
//! Colour, position and scale vary within a label and the subject does not, so a pretrained embedder mostly groups the
//! pictures by label. Everything is drawn from a fixed seed: the same label and picture give the same pixels.

mod canvas;
mod color;
mod landscapes;
mod patterns;
mod random;
mod subjects;
mod views;

use image::RgbImage;

use canvas::Canvas;
use random::Random;

type Drawing = fn(&mut Canvas, &mut Random);

const DRAWINGS: [(&str, Drawing); 16] = [
    ("balloons", subjects::balloons),
    ("boats", views::boats),
    ("bricks", patterns::bricks),
    ("checks", patterns::checks),
    ("circles", patterns::circles),
    ("city-skyline", views::city_skyline),
    ("dunes", landscapes::dunes),
    ("fish", subjects::fish),
    ("flowers", subjects::flowers),
    ("forest", landscapes::forest),
    ("fruit", subjects::fruit),
    ("mountains", landscapes::mountains),
    ("night-sky", views::night_sky),
    ("stripes", patterns::stripes),
    ("sunset", views::sunset),
    ("waves", patterns::waves),
];

/// What the demo pictures show, in alphabetical order; each is lower case with hyphens and can name a folder.
pub const LABELS: [&str; DRAWINGS.len()] = {
    let mut labels = [""; DRAWINGS.len()];
    let mut i = 0;
    while i < DRAWINGS.len() {
        labels[i] = DRAWINGS[i].0;
        i += 1;
    }
    labels
};

/// How many different pictures there are of each label.
pub const PICTURES_PER_LABEL: usize = 12;

/// Draws one picture, 320 x 240 pixels: `label` is an index into [`LABELS`], `picture` counts from 0 up to
/// [`PICTURES_PER_LABEL`]. Both wrap around, so no index is out of range.
pub fn draw(label: usize, picture: usize) -> RgbImage {
    let label = label % DRAWINGS.len();
    let (_, drawing) = DRAWINGS[label];
    let mut random = Random::new((label * PICTURES_PER_LABEL + picture % PICTURES_PER_LABEL) as u64);
    let mut canvas = Canvas::new();
    drawing(&mut canvas, &mut random);
    canvas.finish(&mut random)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn labels_are_distinct_sorted_folder_names() {
        assert!(LABELS.is_sorted());
        assert_eq!(LABELS.iter().collect::<HashSet<_>>().len(), LABELS.len());
        let plain = |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        assert!(LABELS.iter().all(plain));
    }

    #[test]
    fn the_same_picture_is_drawn_twice_alike() {
        for (index, label) in LABELS.iter().enumerate() {
            assert_eq!(draw(index, 3), draw(index, 3), "{label}");
        }
    }

    /// How far apart two pictures are: the mean difference of their channels, of 255.
    fn difference(one: &RgbImage, other: &RgbImage) -> u32 {
        let pairs = one.as_raw().iter().zip(other.as_raw());
        pairs.map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>() / one.as_raw().len() as u32
    }

    /// Two draws of nothing but grain would differ by 3.
    #[test]
    fn any_two_pictures_differ_by_more_than_their_grain() {
        let indices = (0..LABELS.len()).flat_map(|label| (0..PICTURES_PER_LABEL).map(move |picture| (label, picture)));
        let drawn: Vec<_> = indices.map(|(label, picture)| ((label, picture), draw(label, picture))).collect();
        for (i, (one, first)) in drawn.iter().enumerate() {
            for (other, second) in drawn.iter().skip(i + 1) {
                let least = if one.0 == other.0 { 4 } else { 8 };
                assert!(difference(first, second) > least, "{one:?} looks like {other:?}");
            }
        }
    }

    #[test]
    fn any_index_wraps_around() {
        assert_eq!(draw(LABELS.len(), PICTURES_PER_LABEL), draw(0, 0));
        assert_eq!(draw(usize::MAX, usize::MAX).dimensions(), (320, 240));
    }
}
