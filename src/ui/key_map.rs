//! The key table in use: which action a press means.

use super::chord::Press;
use super::keys::{Action, Context, TABLE};

/// One line of the key table.
#[derive(Clone, Debug)]
pub(super) struct Binding {
    pub(super) contexts: &'static [Context],
    pub(super) chords: Vec<Vec<Press>>,
    pub(super) action: Action,
    /// What it does, for the help.
    pub(super) words: &'static str,
    /// What it does in a word, for the hint line; empty: not hinted.
    pub(super) hint: &'static str,
}

impl Binding {
    /// The keys as shown: `h ←`.
    pub(super) fn keys(&self) -> String {
        let chord = |presses: &Vec<Press>| presses.iter().map(Press::to_string).collect::<Vec<_>>().join(" ");
        self.chords.iter().map(chord).collect::<Vec<_>>().join(", ")
    }

    /// The first of its keys as shown.
    pub(super) fn first_key(&self) -> String {
        self.chords.first().map(|chord| chord.iter().map(Press::to_string).collect()).unwrap_or_default()
    }
}

/// What the keys pressed so far mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// This.
    Action(Action),
    /// The beginning of something.
    Beginning,
    /// Nothing.
    Nothing,
}

/// The table in use.
#[derive(Clone, Debug)]
pub struct KeyMap {
    pub(super) bindings: Vec<Binding>,
}

impl KeyMap {
    /// What these presses mean in this context.
    pub(super) fn find(&self, context: Context, pressed: &[Press]) -> Found {
        let here = self.bindings.iter().filter(|binding| binding.contexts.contains(&context));
        let mut found = Found::Nothing;
        for (binding, chord) in here.flat_map(|binding| binding.chords.iter().map(move |chord| (binding, chord))) {
            if chord == pressed {
                return Found::Action(binding.action);
            }
            if chord.starts_with(pressed) {
                found = Found::Beginning;
            }
        }
        found
    }

    /// The lines that hold in this context, in the order of the table.
    pub(super) fn of(&self, context: Context) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().filter(move |binding| binding.contexts.contains(&context))
    }
}

impl Default for KeyMap {
    fn default() -> Self {
        let chord = |text: &&str| text.split(' ').map(Press::parse).collect::<Option<Vec<_>>>();
        let bindings = TABLE.iter().map(|&(contexts, keys, action, words, hint)| {
            let chords = keys.iter().filter_map(chord).collect();
            Binding { contexts, chords, action, words, hint }
        });
        Self { bindings: bindings.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    use Context::{Compare, Details, Filter, Find, Grid, Help, Neighbors, Prompt, Sidebar, Skipped, Zoom};

    const ALL: [Context; 11] = [Grid, Sidebar, Neighbors, Zoom, Skipped, Help, Find, Compare, Details, Filter, Prompt];

    #[test]
    fn no_key_means_two_things_in_one_context() {
        let map = KeyMap::default();
        for context in ALL {
            let mut seen: HashMap<Vec<Press>, Action> = HashMap::new();
            for binding in map.of(context) {
                for chord in &binding.chords {
                    let before = seen.insert(chord.clone(), binding.action);
                    assert_eq!(before, None, "{context:?}: {} means two things", binding.keys());
                }
            }
            for (one, other) in seen.keys().flat_map(|one| seen.keys().map(move |other| (one, other))) {
                assert!(one == other || !one.starts_with(other), "{context:?}: {other:?} hides {one:?}");
            }
        }
    }

    #[test]
    fn every_key_of_the_table_can_be_pressed() {
        let map = KeyMap::default();
        for (binding, (_, keys, ..)) in map.bindings.iter().zip(TABLE) {
            assert_eq!(binding.chords.len(), keys.len(), "{keys:?}");
            assert!(binding.chords.iter().flatten().all(|press| press.digit().is_none()), "digits are counts");
        }
    }

    #[test]
    fn everywhere_there_is_a_way_out_and_a_way_to_leave() {
        let map = KeyMap::default();
        for context in ALL {
            for action in [Action::Out, Action::Quit] {
                assert!(map.of(context).any(|binding| binding.action == action), "{context:?} lacks {action:?}");
            }
        }
    }
}
