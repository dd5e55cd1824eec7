//! From the text of a field to what it means, or to the sentence that says what is wrong with it.

use super::figures;
use super::message::LabelFrom;
use crate::train::{Depth, Length};
use crate::triplet::{Margin, Mining};

/// Most labels in a batch, and most photos of each.
const MOST: usize = 1024;
/// The smallest seed that a checkpoint cannot hold.
const SEEDS: u64 = 1 << 63;

/// What is wrong with a text.
pub(super) type Wrong = String;

/// Where labels come from: `folders`, or a file.
pub(super) fn labels(text: &str) -> Result<LabelFrom, Wrong> {
    let is_file = |text: &str| {
        let text = text.to_lowercase();
        [".csv", ".jsonl"].iter().any(|end| text.ends_with(end))
    };
    match text {
        "folders" => Ok(LabelFrom::Folders),
        "" => Err("folders, or the path of a file with columns path and label".to_owned()),
        file if is_file(file) => Ok(LabelFrom::File(file.to_owned())),
        _ => Err("folders, or a .csv or .jsonl file with path and label".to_owned()),
    }
}

/// How much is trained; `automatic` is the program's choice.
pub(super) fn depth(text: &str) -> Result<Option<Depth>, Wrong> {
    match text {
        "automatic" => Ok(None),
        "head" => Ok(Some(Depth::Head)),
        "tail" => Ok(Some(Depth::Tail)),
        "full" => Ok(Some(Depth::Full)),
        _ => Err("automatic, head, tail or full".to_owned()),
    }
}

/// Which triplets count.
pub(super) fn mining(text: &str) -> Result<Mining, Wrong> {
    let found = Mining::ALL.into_iter().find(|mining| figures::mining(*mining) == text);
    found.ok_or_else(|| "batch-all, batch-hard, semi-hard or random".to_owned())
}

/// By how much negatives should be farther.
pub(super) fn margin(text: &str) -> Result<Margin, Wrong> {
    let margin = text.parse::<Margin>().map_err(|wrong| wrong.to_string())?;
    match margin {
        Margin::Hinge(margin) if margin >= 4.0 => {
            Err(format!("no two embeddings are that far apart: a margin is below 4, got {margin}"))
        }
        margin => Ok(margin),
    }
}

/// How long: `usual`, `600 steps`, `5 min`.
pub(super) fn length(text: &str) -> Result<Length, Wrong> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite() && *n > 0.0);
    if text == "usual" {
        return Ok(Length::Usual);
    }
    if let Some(minutes) = text.strip_suffix("min") {
        let minutes = number(minutes).filter(|minutes| *minutes <= 100_000.0);
        return minutes.map(Length::Minutes).ok_or_else(|| format!("minutes above 0, got `{text}`"));
    }
    let steps = text.strip_suffix("steps").unwrap_or(text).trim();
    let steps = steps.parse::<u64>().ok().filter(|steps| (1..=10_000_000).contains(steps));
    steps.map(Length::Steps).ok_or_else(|| format!("usual, `600 steps` or `5 min`, got `{text}`"))
}

/// A learning rate; `usual` is the program's choice.
pub(super) fn usual_or_rate(text: &str) -> Result<Option<f64>, Wrong> {
    if text == "usual" { Ok(None) } else { rate(text).map(Some) }
}

/// A learning rate.
pub(super) fn rate(text: &str) -> Result<f64, Wrong> {
    let rate = text.parse::<f64>().ok().filter(|rate| *rate > 0.0 && *rate <= 1.0);
    rate.ok_or_else(|| format!("a number above 0 and up to 1, for example 2e-4, got `{text}`"))
}

/// P or K.
pub(super) fn batch(text: &str, of: &str) -> Result<usize, Wrong> {
    let number = text.parse::<usize>().ok().filter(|number| (2..=MOST).contains(number));
    number.ok_or_else(|| format!("a batch needs 2 to {MOST} {of}, got `{text}`"))
}

/// A share of the photos: `0.2`, `20 %`.
pub(super) fn holdout(text: &str) -> Result<f64, Wrong> {
    let percent = text.strip_suffix('%').map(|text| text.trim().parse::<f64>().map(|share| share / 100.0));
    let share = percent.unwrap_or_else(|| text.parse()).ok().filter(|share| (0.0..1.0).contains(share));
    share.ok_or_else(|| format!("a share from 0 to under 1, for example 0.2, got `{text}`"))
}

/// What every random choice derives from.
pub(super) fn seed(text: &str) -> Result<u64, Wrong> {
    let seed = text.parse::<u64>().ok().filter(|seed| *seed < SEEDS);
    seed.ok_or_else(|| format!("a whole number from 0 to below 2^63, got `{text}`"))
}

/// The name of the new model; an empty one is the program's choice.
pub(in crate::ui) fn name(text: &str, taken: &[String]) -> Result<Option<String>, Wrong> {
    match text.trim() {
        "" => Ok(None),
        "base" => Err("“base” is the model before any training: take another name".to_owned()),
        name if taken.iter().any(|other| other == name) => Err(format!("there is a model “{name}” already")),
        name if name.chars().count() > 60 => Err("at most 60 characters".to_owned()),
        name => Ok(Some(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_sense_is_understood() {
        assert_eq!(labels("folders"), Ok(LabelFrom::Folders));
        assert_eq!(labels("a/Labels.CSV"), Ok(LabelFrom::File("a/Labels.CSV".into())));
        assert_eq!(
            ["usual", "600 steps", "40", "2.5 min"].map(|text| length(text).unwrap()),
            [Length::Usual, Length::Steps(600), Length::Steps(40), Length::Minutes(2.5)]
        );
        assert_eq!((holdout("0.2"), holdout("20 %"), holdout("0")), (Ok(0.2), Ok(0.2), Ok(0.0)));
        assert_eq!((usual_or_rate("usual"), usual_or_rate("2e-4")), (Ok(None), Ok(Some(2e-4))));
        assert_eq!((margin("soft"), margin("0.3")), (Ok(Margin::Soft), Ok(Margin::Hinge(0.3))));
        assert_eq!(name(" mine ", &[]), Ok(Some("mine".into())));
        for mining in Mining::ALL {
            assert_eq!(super::mining(figures::mining(mining)), Ok(mining));
        }
    }

    #[test]
    fn nonsense_is_refused_with_what_would_do() {
        for (wrong, words) in [
            (labels("").unwrap_err(), "path and label"),
            (labels("notes.txt").unwrap_err(), ".csv or .jsonl"),
            (depth("deep").unwrap_err(), "head, tail or full"),
            (mining("hard").unwrap_err(), "semi-hard"),
            (margin("-1").unwrap_err(), "above 0"),
            (margin("9").unwrap_err(), "below 4"),
            (length("0").unwrap_err(), "600 steps"),
            (length("-2 min").unwrap_err(), "above 0"),
            (rate("nan").unwrap_err(), "above 0"),
            (rate("2").unwrap_err(), "up to 1"),
            (batch("1", "labels").unwrap_err(), "2 to 1024 labels, got `1`"),
            (holdout("1").unwrap_err(), "under 1"),
            (seed("9223372036854775808").unwrap_err(), "2^63"),
            (name("base", &[]).unwrap_err(), "another name"),
            (name("tuned 1", &["tuned 1".into()]).unwrap_err(), "already"),
        ] {
            assert!(wrong.contains(words), "{wrong}");
        }
    }
}
