//! Choosing which photos are shown: `f`, type, see, Enter.

use super::act::show_skipped;
use super::chord::Press;
use super::filter::{FROM, Filter, MARKED, SKIPPED, TO, UNLABELLED, has_letters, parse, quoted};
use super::grid::Motion;
use super::message::Effect;
use super::prompt::append;
use super::state::{Layer, State};
use super::update::show_only;
use super::words;
use crate::library::PhotoId;

/// The longest filter, in characters.
const LONGEST: usize = 500;
/// The most labels that are suggested.
const LABELS: usize = 8;

/// The filter while it is typed.
#[derive(Clone, Debug)]
pub(super) struct FilterBox {
    pub(super) text: String,
    /// What was shown before.
    before: Filter,
    /// The photo of the library that was selected before.
    selected: Option<PhotoId>,
    /// The suggestion that is chosen.
    pub(super) chosen: Option<usize>,
    /// What is not understood.
    pub(super) wrong: Option<String>,
}

/// A word that would go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Suggestion {
    /// As it is typed.
    pub(super) word: String,
    /// As it is shown.
    pub(super) shown: String,
    /// How many photos it stands for, where that is known.
    pub(super) count: Option<usize>,
}

/// Starts with what is shown now.
pub(super) fn start(state: &mut State) {
    let before = state.photos.filter().clone();
    let mut text = before.text();
    if !text.is_empty() {
        text.push(' ');
    }
    let selected = state.photos.get(state.cursor.selected).map(|row| row.id);
    state.filter_box = Some(FilterBox { text, before, selected, chosen: None, wrong: None });
}

/// Takes a typed character.
pub(super) fn typed(state: &mut State, press: Press) {
    if let Some(character) = press.typed() {
        edit(state, |text| append(text, std::iter::once(character), LONGEST));
    }
}

/// Takes pasted text: its first line.
pub(super) fn pasted(state: &mut State, pasted: &str) {
    edit(state, |text| append(text, pasted.lines().next().unwrap_or_default().chars(), LONGEST));
}

/// Takes the last character back.
pub(super) fn erase(state: &mut State) {
    edit(state, |text| {
        text.pop();
    });
}

/// Takes over the chosen suggestion, or the first.
pub(super) fn complete(state: &mut State) {
    let chosen = state.filter_box.as_ref().and_then(|typed| typed.chosen).unwrap_or(0);
    let Some(suggestion) = suggestions(state).into_iter().nth(chosen) else { return };
    edit(state, |text| {
        let kept = text.len() - last_word(text).len();
        text.truncate(kept);
        if text.matches('"').count() % 2 == 1 {
            text.pop();
        }
        text.push_str(&suggestion.word);
        if !suggestion.word.ends_with(':') {
            text.push(' ');
        }
    });
}

/// Chooses another suggestion.
pub(super) fn step(state: &mut State, motion: Motion) {
    let last = suggestions(state).len().checked_sub(1);
    let Some(typed) = &mut state.filter_box else { return };
    typed.chosen = match (motion, typed.chosen) {
        (Motion::Down(_), None) => last.map(|_| 0),
        (Motion::Down(count), Some(at)) => last.map(|last| (at + count).min(last)),
        (Motion::Up(count), Some(at)) => at.checked_sub(count),
        (_, chosen) => chosen,
    };
}

/// Keeps what is shown.
pub(super) fn accept(state: &mut State) -> Vec<Effect> {
    if state.filter_box.as_ref().is_some_and(|typed| typed.chosen.is_some()) {
        complete(state);
    }
    let Some(typed) = state.filter_box.take() else { return Vec::new() };
    if let Some(why) = typed.wrong {
        state.say(format!("left out: {why}"));
    }
    if parse(&typed.text, &state.photos.labels().map(|(label, _)| label)).skipped {
        show_skipped(state);
    }
    ask_again(state)
}

/// Back to what was shown before.
pub(super) fn abandon(state: &mut State) -> Vec<Effect> {
    if let Some(typed) = state.filter_box.take() {
        show_only(state, typed.before);
        select(state, typed.selected);
    }
    ask_again(state)
}

/// Selects the photo that was selected before, if it is shown: a filter on its way to something else may have hidden it.
fn select(state: &mut State, photo: Option<PhotoId>) {
    let place = photo.and_then(|photo| state.photos.place_of(&photo));
    state.cursor.selected = place.unwrap_or(state.cursor.selected);
}

/// Neighbours in sight are asked for again: others may answer now.
fn ask_again(state: &mut State) -> Vec<Effect> {
    if state.layers.contains(&Layer::Neighbors) { state.ask_if_needed() } else { Vec::new() }
}

fn edit(state: &mut State, change: impl FnOnce(&mut String)) {
    let Some(typed) = &mut state.filter_box else { return };
    change(&mut typed.text);
    typed.chosen = None;
    let read = parse(&typed.text, &state.photos.labels().map(|(label, _)| label));
    typed.wrong = read.wrong;
    let selected = typed.selected;
    show_only(state, read.filter);
    select(state, selected);
}

/// The word that is being typed.
pub(super) fn last_word(text: &str) -> &str {
    let is_open = text.matches('"').count() % 2 == 1;
    let start = if is_open { text.rfind('"') } else { text.rfind(char::is_whitespace) };
    start.and_then(|start| text.get(start + 1..)).unwrap_or(text)
}

/// What may go on from here: labels that have the letters of the last word, and the other words.
pub(super) fn suggestions(state: &State) -> Vec<Suggestion> {
    let Some(typed) = &state.filter_box else { return Vec::new() };
    let word = last_word(&typed.text).to_lowercase();
    let mut labels: Vec<_> = state.photos.labels().filter(|(label, _)| has_letters(label, &word)).collect();
    labels.sort_by_key(|(label, _)| !words::contains(label, &word));
    let label = |(label, count): (&std::sync::Arc<str>, usize)| Suggestion {
        word: quoted(label),
        shown: label.to_string(),
        count: Some(count),
    };
    let mut found: Vec<Suggestion> = labels.into_iter().take(LABELS).map(label).collect();
    let others = [
        (MARKED, "marked", Some(state.photos.marked())),
        (UNLABELLED, "unlabelled", Some(state.photos.unlabelled())),
        (FROM, "from:2021-06-03, from:2021-06, from:2021", None),
        (TO, "to:2021-06-03, to:2021-06, to:2021", None),
        (SKIPPED, "skipped: files that could not be read", Some(state.skipped.len())),
    ];
    let begun = others.into_iter().filter(|(other, ..)| other.starts_with(&word));
    found.extend(begun.map(|(word, shown, count)| Suggestion { word: word.into(), shown: shown.into(), count }));
    found
}
