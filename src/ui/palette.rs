//! The command palette: every action that means something on the screen below, found by typing a part of its words.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32String};

use super::act::act;
use super::chord::Press;
use super::grid::{Cursor, Motion};
use super::key_map::Binding;
use super::keys::Action;
use super::message::Effect;
use super::palette_popup;
use super::state::{Layer, State};

/// The longest text that is looked for, in characters.
const LONGEST: usize = 100;

/// What is typed, and which of the found actions is selected.
#[derive(Clone, Debug, Default)]
pub(super) struct Palette {
    pub(super) text: String,
    pub(super) cursor: Cursor,
}

/// Opens it over the screen.
pub(super) fn open(state: &mut State) {
    state.palette = Palette::default();
    state.layers.push(Layer::Palette);
}

/// The actions that are found, the best first; without a text all, in the order of the table.
pub(super) fn found(state: &State) -> Vec<&Binding> {
    let offered = state.keys.of(state.context_below()).filter(|binding| binding.action != Action::Palette);
    let mut once: Vec<&Binding> = Vec::new();
    for binding in offered {
        if !once.iter().any(|other| other.action == binding.action) {
            once.push(binding);
        }
    }
    let pattern = Pattern::parse(&state.palette.text, CaseMatching::Ignore, Normalization::Smart);
    if pattern.atoms.is_empty() {
        return once;
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut score = |binding: &Binding| pattern.score(looked_through(binding).slice(..), &mut matcher);
    let mut scored: Vec<(u32, &Binding)> = once.into_iter().filter_map(|one| Some((score(one)?, one))).collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, binding)| binding).collect()
}

/// What is looked through: the words of an action, a blank, its name.
fn looked_through(binding: &Binding) -> Utf32String {
    Utf32String::from(format!("{} {}", binding.said(), binding.action.name()))
}

/// The places of the letters that were found, in the words of an action, a blank and its name.
pub(super) fn letters(state: &State, binding: &Binding) -> Vec<usize> {
    let pattern = Pattern::parse(&state.palette.text, CaseMatching::Ignore, Normalization::Smart);
    let mut letters = Vec::new();
    pattern.indices(looked_through(binding).slice(..), &mut Matcher::new(Config::DEFAULT), &mut letters);
    letters.into_iter().map(|letter| letter as usize).collect()
}

/// Takes a typed character.
pub(super) fn typed(state: &mut State, press: Press) {
    if let Some(character) = press.typed() {
        pasted(state, std::iter::once(character));
    }
}

/// Takes typed or pasted characters, as many as there is room for.
pub(super) fn pasted(state: &mut State, characters: impl Iterator<Item = char>) {
    let left = LONGEST.saturating_sub(state.palette.text.chars().count());
    state.palette.text.extend(characters.filter(|c| !c.is_control()).take(left));
    state.palette.cursor = Cursor::default();
}

/// Takes the last character back; without one, closes the palette.
pub(super) fn erase(state: &mut State) {
    if state.palette.text.pop().is_none() {
        state.layers.pop();
    }
    state.palette.cursor = Cursor::default();
}

/// Selects another line.
pub(super) fn step(state: &mut State, motion: Motion) {
    let (len, rows) = (found(state).len(), palette_popup::rows(state));
    state.palette.cursor.step(motion, len, (1, rows));
}

/// Does what the selected line says, on the screen below.
pub(super) fn run(state: &mut State) -> Vec<Effect> {
    let Some(action) = found(state).get(state.palette.cursor.selected).map(|binding| binding.action) else {
        state.say("nothing here is called like that");
        return Vec::new();
    };
    state.layers.pop();
    act(state, action, None)
}
