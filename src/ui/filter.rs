//! Which photos are shown: by label, date and mark, and how that is written down.

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::order::{UNDATED, moments};
use super::words;
use crate::library::Taken;

/// What a label must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// This one.
    Label(Arc<str>),
    /// One that contains this text, in lower case.
    Like(Box<str>),
    /// None at all.
    Unlabelled,
}

/// Which photos are shown: those that pass everything that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    /// One of these, when there are any.
    pub(super) labels: Vec<Wanted>,
    pub(super) marked: bool,
    /// A photo without a date passes no date.
    pub(super) from: Option<Taken>,
    pub(super) to: Option<Taken>,
}

impl Filter {
    /// Only photos of this label.
    pub(super) fn label(label: &Arc<str>) -> Self {
        Self { labels: vec![Wanted::Label(Arc::clone(label))], ..Self::default() }
    }

    /// Only photos without a label.
    pub(super) fn unlabelled() -> Self {
        Self { labels: vec![Wanted::Unlabelled], ..Self::default() }
    }

    /// Only marked photos.
    pub(super) fn marked() -> Self {
        Self { marked: true, ..Self::default() }
    }

    /// Whether every photo passes.
    pub(super) fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a photo with these labels may pass.
    pub(super) fn wants_labels(&self, labels: &[Arc<str>]) -> bool {
        let is = |wanted: &Wanted| match wanted {
            Wanted::Label(label) => labels.contains(label),
            Wanted::Like(text) => labels.iter().any(|label| words::contains(label, text)),
            Wanted::Unlabelled => labels.is_empty(),
        };
        self.labels.is_empty() || self.labels.iter().any(is)
    }

    /// When a photo that passes may have been taken.
    pub(super) fn moments(&self) -> RangeInclusive<u64> {
        let first = self.from.as_ref().map(|from| moments(from).0);
        let last = self.to.as_ref().map(|to| moments(to).1);
        let end = if first.is_some() { UNDATED - 1 } else { UNDATED };
        first.unwrap_or(0)..=last.unwrap_or(end)
    }

    /// What is shown, in words: `coffee or milk · marked · from 2021-06 to 2021-08`.
    pub(super) fn words(&self) -> String {
        let label = |wanted: &Wanted| match wanted {
            Wanted::Label(label) => label.to_string(),
            Wanted::Like(text) => format!("…{text}…"),
            Wanted::Unlabelled => "no label".to_owned(),
        };
        let labels = self.labels.iter().map(label).collect::<Vec<_>>().join(" or ");
        let time = match (&self.from, &self.to) {
            (Some(from), Some(to)) if from == to => format!("in {from}"),
            (Some(from), Some(to)) => format!("from {from} to {to}"),
            (Some(from), None) => format!("from {from}"),
            (None, Some(to)) => format!("to {to}"),
            (None, None) => String::new(),
        };
        let parts = [labels, if self.marked { "marked".to_owned() } else { String::new() }, time];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if parts.is_empty() { "all photos".to_owned() } else { parts.join(" · ") }
    }

    /// How it is typed: `coffee "oat milk" marked from:2021-06`.
    pub(super) fn text(&self) -> String {
        let label = |wanted: &Wanted| match wanted {
            Wanted::Label(label) => quoted(label),
            Wanted::Like(text) => text.to_string(),
            Wanted::Unlabelled => UNLABELLED.to_owned(),
        };
        let mut parts: Vec<String> = self.labels.iter().map(label).collect();
        parts.extend(self.marked.then(|| MARKED.to_owned()));
        parts.extend(self.from.as_ref().map(|from| format!("{FROM}{from}")));
        parts.extend(self.to.as_ref().map(|to| format!("{TO}{to}")));
        parts.join(" ")
    }
}

/// The words that are no labels.
pub(super) const MARKED: &str = "marked";
pub(super) const UNLABELLED: &str = "unlabelled";
pub(super) const SKIPPED: &str = "skipped";
pub(super) const FROM: &str = "from:";
pub(super) const TO: &str = "to:";

/// A label as it is typed when exactly this one is meant.
pub(super) fn quoted(label: &str) -> String {
    format!("\"{label}\"")
}

/// What a typed filter means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) filter: Filter,
    /// The list of skipped files is asked for.
    pub(super) skipped: bool,
    /// What is not understood, in words.
    pub(super) wrong: Option<String>,
}

/// Reads a typed filter. A word that no label contains stands for the label that has its letters in this order.
pub(super) fn parse<'a>(text: &str, labels: &(impl Iterator<Item = &'a Arc<str>> + Clone)) -> Typed {
    let mut typed = Typed::default();
    for (word, is_quoted) in split(text) {
        let time = |text: &str| text.parse::<Taken>().map_err(|error| error.to_string());
        if is_quoted {
            typed.filter.labels.push(Wanted::Label(word.into()));
        } else if let Some(date) = word.strip_prefix(FROM) {
            keep(time(date), &mut typed.filter.from, &mut typed.wrong);
        } else if let Some(date) = word.strip_prefix(TO) {
            keep(time(date), &mut typed.filter.to, &mut typed.wrong);
        } else {
            match word.as_str() {
                MARKED => typed.filter.marked = true,
                UNLABELLED => typed.filter.labels.push(Wanted::Unlabelled),
                SKIPPED => typed.skipped = true,
                word => typed.filter.labels.push(meant(word, labels.clone())),
            }
        }
    }
    if let (Some(from), Some(to)) = (&typed.filter.from, &typed.filter.to)
        && !from.may_begin(to)
    {
        typed.wrong = Some(format!("{from} is later than {to}"));
    }
    typed
}

fn keep(time: Result<Taken, String>, into: &mut Option<Taken>, wrong: &mut Option<String>) {
    match time {
        Ok(time) => *into = Some(time),
        Err(why) => *wrong = Some(why),
    }
}

fn meant<'a>(word: &str, labels: impl Iterator<Item = &'a Arc<str>> + Clone) -> Wanted {
    let word = word.to_lowercase();
    if labels.clone().any(|label| words::contains(label, &word)) {
        return Wanted::Like(word.into());
    }
    let fuzzy = labels.filter(|label| has_letters(label, &word)).min_by_key(|label| label.len());
    fuzzy.map_or_else(|| Wanted::Like(word.as_str().into()), |label| Wanted::Label(Arc::clone(label)))
}

/// Whether the letters of `word` (in lower case) stand in the label in this order.
pub(super) fn has_letters(label: &str, word: &str) -> bool {
    let label = label.to_lowercase();
    let mut letters = label.chars();
    word.chars().all(|wanted| letters.any(|letter| letter == wanted))
}

/// The words of a text, and whether they stood in quotes.
fn split(text: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for (number, part) in text.split('"').enumerate() {
        if number % 2 == 1 {
            found.extend((!part.is_empty()).then(|| (part.to_owned(), true)));
        } else {
            found.extend(part.split_whitespace().map(|word| (word.to_owned(), false)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Typed {
        let labels: Vec<Arc<str>> = ["coffee", "milk", "oat milk", "sea"].map(Arc::from).to_vec();
        parse(text, &labels.iter())
    }

    #[test]
    fn what_is_typed_comes_back_as_it_is_shown_and_as_it_is_typed() {
        for (text, words) in [
            ("", "all photos"),
            ("mil", "…mil…"),
            ("\"milk\" \"oat milk\" marked", "milk or oat milk · marked"),
            ("unlabelled from:2021 to:2021", "no label · in 2021"),
            ("from:2021-06 to:2021-08-03", "from 2021-06 to 2021-08-03"),
        ] {
            let typed = read(text);
            assert_eq!((typed.filter.words().as_str(), typed.filter.text().as_str()), (words, text));
            assert_eq!(typed.wrong, None);
        }
    }

    #[test]
    fn a_word_that_no_label_contains_is_the_label_with_these_letters() {
        assert_eq!(read("cfe").filter, Filter::label(&"coffee".into()));
        assert_eq!(read("MILK").filter.words(), "…milk…", "several labels contain it");
        assert_eq!(read("xyz").filter.words(), "…xyz…");
    }

    #[test]
    fn mistakes_are_named() {
        assert!(read("from:2021-13").wrong.unwrap().contains("`2021-13` is no date"));
        assert_eq!(read("from:2022 to:2021").wrong.unwrap(), "2022 is later than 2021");
        assert!(read("skipped").skipped);
    }
}
