//! The whole key table, key by key: something happens, whatever is pressed wherever it means something.

mod effects;
mod leads;
mod motions;
mod ready;

use ratatui::buffer::Cell;

use crate::ui::chord::written;
use crate::ui::keys::Action;
use crate::ui::message::Effect;
use crate::ui::testing::Screen;
use crate::ui::{Context, KeyMap, palette};
use ready::ready;

/// What only says why nothing else happens, with words of the sentence.
const SAID: &[(Context, Action, &str)] = &[
    (Context::Training, Action::Train, "one training at a time: S stops this one"),
    (Context::Training, Action::Quit, "a training runs: q again leaves it saved"),
    (Context::Examples, Action::Quit, "a training runs: q again leaves it saved"),
    (Context::Steering, Action::Quit, "a training runs: Ctrl-C again leaves it saved"),
    (Context::Ask, Action::Quit, "a training runs: Ctrl-C again leaves it saved"),
];

/// Keys that are pressed first, where one state does not suit all actions of a context.
const FIRST: &[(Context, Action, &str)] = &[(Context::Map, Action::PreviousLabel, "tab")];

/// Actions of one context that come to the same in its state, and why that is right.
const TWINS: &[(Context, Action, Action, &str)] = &[
    (Context::Sidebar, Action::Focus, Action::Out, "both lead to the photos"),
    (Context::Training, Action::Reset, Action::Out, "both take the cursor away, and Esc only then leaves"),
];

/// What a key comes to.
#[derive(Clone, Debug, PartialEq)]
struct Outcome {
    effects: Vec<Effect>,
    said: Option<String>,
    /// The frame without what is said.
    cells: Vec<Cell>,
}

fn cells(screen: &mut Screen) -> Vec<Cell> {
    screen.frame();
    screen.cells().to_vec()
}

/// Presses a key, and tells what came of it, and whether the frame is another one but for what is said.
fn pressed(mut screen: Screen, keys: &str) -> (Outcome, bool) {
    let before = cells(&mut screen);
    let effects = screen.keys(keys);
    let said = screen.state.notice.take().map(|notice| notice.text);
    let cells = cells(&mut screen);
    let is_other = cells != before;
    (Outcome { effects, said, cells }, is_other)
}

fn prepared(context: Context, action: Action) -> Screen {
    let mut screen = ready(context);
    for (.., keys) in FIRST.iter().filter(|first| (first.0, first.1) == (context, action)) {
        screen.keys(keys);
        screen.state.notice = None;
    }
    screen
}

/// What is wrong with the keys of a context. `seen`: which lines of [`SAID`] are needed.
fn faults(map: &KeyMap, context: Context, seen: &mut Vec<usize>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut outcomes: Vec<(Action, Outcome)> = Vec::new();
    for (binding, chord) in map.chords(context) {
        let (action, keys) = (binding.action, written(chord));
        let (outcome, is_seen) = pressed(prepared(context, action), &keys);
        match &outcome.said {
            _ if is_seen || !outcome.effects.is_empty() => {}
            None => faults.push(format!("{context:?}: `{keys}` ({action:?}) does nothing")),
            Some(said) => {
                let is_listed = |one: &&(_, _, &str)| (one.0, one.1) == (context, action) && said.contains(one.2);
                match SAID.iter().position(|one| is_listed(&one)) {
                    Some(listed) => seen.push(listed),
                    None => faults.push(format!("{context:?}: `{keys}` ({action:?}) only says: {said}")),
                }
            }
        }
        outcomes.push((action, outcome));
    }
    for (number, (action, outcome)) in outcomes.iter().enumerate() {
        for (other, other_outcome) in &outcomes[..number] {
            let is_twin = |twin: &(_, _, _, _)| (twin.0, twin.1, twin.2) == (context, *other, *action);
            let is_one = action == other || TWINS.iter().any(is_twin);
            if is_one != (outcome == other_outcome) {
                let same = if is_one { "not the same" } else { "the same" };
                faults.push(format!("{context:?}: {other:?} and {action:?} come to {same}"));
            }
        }
    }
    faults
}

#[test]
fn whatever_is_pressed_does_something_of_its_own_or_says_why_not() {
    let (map, mut seen) = (KeyMap::default(), Vec::new());
    let mut faults: Vec<String> = map.contexts().into_iter().flat_map(|one| faults(&map, one, &mut seen)).collect();
    faults.extend(
        (0..SAID.len()).filter(|listed| !seen.contains(listed)).map(|listed| format!("{:?} acts", SAID[listed])),
    );
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_is_no_key_does_nothing_anywhere() {
    for context in KeyMap::default().contexts() {
        let (outcome, is_seen) = pressed(ready(context), "f9");
        assert!(!is_seen && outcome.effects.is_empty() && outcome.said.is_none(), "{context:?}");
    }
}

#[test]
fn an_action_chosen_in_the_palette_comes_to_what_its_key_comes_to() {
    let map = KeyMap::default();
    for context in map.contexts() {
        for (binding, chord) in map.chords(context).filter(|(binding, _)| binding.action != Action::Palette) {
            let mut screen = prepared(context, binding.action);
            if map.written(context, Action::Palette).is_none() || binding.chords.first() != Some(chord) {
                continue;
            }
            screen.keys(":");
            let place = palette::found(&screen.state).iter().position(|found| found.action == binding.action);
            screen.state.palette.cursor.selected = place.unwrap();
            let by_key = pressed(prepared(context, binding.action), &written(chord)).0;
            assert!(pressed(screen, "enter").0 == by_key, "{context:?}: {:?}", binding.action);
        }
    }
}
