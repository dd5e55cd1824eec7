//! Finding a photo by its name: `/`, type, Enter; then `n` and `N`.

use super::chord::Press;
use super::keys::{Action, Context};
use super::map::moves;
use super::panes::Screen;
use super::prompt::append;
use super::state::State;
use super::words;

/// The longest text that is looked for, in characters.
const LONGEST: usize = 200;

/// Starts typing a name.
pub(super) fn start(state: &mut State) {
    let selected = state.list_at().selected;
    (state.find.typing_from, state.find.photo_before) = (Some(selected), state.list_photo(selected));
    state.find.text.clear();
}

/// Takes a typed character.
pub(super) fn typed(state: &mut State, press: Press) {
    if let Some(character) = press.typed()
        && state.find.text.chars().count() < LONGEST
    {
        state.find.text.push(character);
        look(state);
    }
}

/// Takes pasted text while a name is typed: its first line.
pub(super) fn pasted(state: &mut State, text: &str) {
    append(&mut state.find.text, text.lines().next().unwrap_or_default().chars(), LONGEST);
    look(state);
}

/// Takes the last character back; without one, stops looking.
pub(super) fn erase(state: &mut State) {
    if state.find.text.pop().is_none() {
        abandon(state);
    } else {
        look(state);
    }
}

/// Back to where the looking began.
pub(super) fn abandon(state: &mut State) {
    if state.find.typing_from.is_some() {
        select(state, origin(state));
        state.find.typing_from = None;
    }
    state.find.text.clear();
}

/// Stays at what was found.
pub(super) fn keep(state: &mut State) {
    state.find.typing_from = None;
}

/// Goes to the next or previous photo that was found.
pub(super) fn next(state: &mut State, backwards: bool, times: usize) {
    if state.find.text.is_empty() {
        if state.find.typing_from.is_none() {
            let [find, next, back] = [Action::Find, Action::FindNext, Action::FindPrevious]
                .map(|action| state.keys.key(Context::Grid, action));
            state.say(format!("{find} finds by name; then {next} and {back} go on"));
        }
        return;
    }
    for _ in 0..times.min(state.list_len()) {
        let here = state.list_at().selected;
        let Some(place) = search(state, if backwards { here } else { here + 1 }, backwards) else {
            return nothing(state);
        };
        if times == 1 && (if backwards { place >= here } else { place <= here }) {
            state.say(if place == here { "this is the only one" } else { "went round" });
        }
        select(state, place);
    }
}

/// Goes to the first photo, from where the looking began, that has the text in its name.
fn look(state: &mut State) {
    match search(state, origin(state), false) {
        Some(place) => select(state, place),
        None => nothing(state),
    }
}

/// Where the photo lies now at which the looking began.
fn origin(state: &State) -> usize {
    let photo = state.find.photo_before.and_then(|photo| state.list_place(&photo));
    photo.or(state.find.typing_from).unwrap_or(0)
}

fn select(state: &mut State, place: usize) {
    state.list_cursor().selected = place;
    if state.list() == Screen::Map {
        moves::reveal(state);
    }
}

fn nothing(state: &mut State) {
    let text = format!("no photo here has “{}” in its name", words::cut_end(&state.find.text, 40));
    state.say(text);
}

fn search(state: &State, from: usize, backwards: bool) -> Option<usize> {
    let text = state.find.text.to_lowercase();
    if state.list() == Screen::Library {
        return state.photos.find(&text, from, backwards);
    }
    let len = state.list_len();
    let from = from.min(len);
    let is_hit = |place: &usize| {
        if state.list() == Screen::Map && !moves::is_bright(&state.map, *place) {
            return false;
        }
        let row = state.list_photo(*place).and_then(|photo| state.row(&photo));
        row.is_some_and(|row| words::contains(&row.name, &text))
    };
    if backwards {
        (0..from).rev().chain((from..len).rev()).find(is_hit)
    } else {
        (from..len).chain(0..from).find(is_hit)
    }
}
