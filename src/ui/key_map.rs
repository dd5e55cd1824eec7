//! The key table in use: what presses mean in a context, and which keys do something there.

use std::borrow::Cow;

use super::chord::{Press, written};
use super::key_table::table;
use super::keys::{Action, Context};

/// Keys pressed one after another.
pub(super) type Chord = Vec<Press>;

/// One line of the table in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Binding {
    pub(super) contexts: Vec<Context>,
    pub(super) chords: Vec<Chord>,
    pub(super) action: Action,
    /// What it does, for the help; `{}` stands for its first key.
    pub(super) words: &'static str,
    /// What it does in a word, for the hint line; empty: not hinted.
    pub(super) hint: &'static str,
}

impl Binding {
    /// The keys as shown: `h, ←`; empty: none.
    pub(super) fn keys(&self) -> String {
        self.chords.iter().map(shown).collect::<Vec<_>>().join(", ")
    }

    /// What it does, in words that name the key it has; without a key the words that tell how to use it are left out.
    pub(super) fn said(&self) -> Cow<'static, str> {
        match (self.words.split_once("{}"), self.chords.is_empty()) {
            (None, _) => Cow::Borrowed(self.words),
            (Some(_), false) => Cow::Owned(self.words.replace("{}", &self.first_key())),
            (Some((before, _)), true) => {
                let end = before.rfind(" (").or_else(|| before.rfind(':')).unwrap_or(before.len());
                Cow::Owned(before.chars().take(end).collect())
            }
        }
    }

    /// The first of its keys as shown.
    pub(super) fn first_key(&self) -> String {
        self.chords.first().map(|chord| chord.iter().map(Press::to_string).collect()).unwrap_or_default()
    }
}

fn shown(chord: &Chord) -> String {
    chord.iter().map(Press::to_string).collect::<Vec<_>>().join(" ")
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyMap {
    pub(super) bindings: Vec<Binding>,
}

impl KeyMap {
    /// What these presses mean in this context.
    pub(super) fn find(&self, context: Context, pressed: &[Press]) -> Found {
        let mut found = Found::Nothing;
        for (binding, chord) in self.chords(context) {
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

    /// Every way to press something in this context.
    pub(super) fn chords(&self, context: Context) -> impl Iterator<Item = (&Binding, &Chord)> {
        self.of(context).flat_map(|binding| binding.chords.iter().map(move |chord| (binding, chord)))
    }

    /// The first key of an action as shown, for a sentence.
    pub(super) fn key(&self, context: Context, action: Action) -> String {
        let bound = self.of(context).find(|binding| binding.action == action && !binding.chords.is_empty());
        bound.map_or_else(|| "(no key)".to_owned(), Binding::first_key)
    }

    /// The contexts of the table, each once.
    pub(super) fn contexts(&self) -> Vec<Context> {
        each_once(self.bindings.iter().flat_map(|binding| binding.contexts.iter().copied()))
    }

    /// The actions of the table, each once.
    pub(super) fn actions(&self) -> Vec<Action> {
        each_once(self.bindings.iter().map(|binding| binding.action))
    }

    /// How the keys of an action are written in this context; `None`: the action means nothing there.
    pub(super) fn written(&self, context: Context, action: Action) -> Option<Vec<String>> {
        let lines = self.of(context).filter(|binding| binding.action == action);
        let lines: Vec<&[Chord]> = lines.map(|binding| binding.chords.as_slice()).collect();
        (!lines.is_empty()).then(|| lines.into_iter().flatten().map(|chord| written(chord)).collect())
    }

    /// The keys that an action has where it has no keys of its own: those of the most contexts, of which those where
    /// text is typed are none. `None`: it means something only there.
    pub(super) fn general(&self, action: Action) -> Option<Vec<String>> {
        let mut lists: Vec<(Vec<String>, usize)> = Vec::new();
        let contexts = self.contexts().into_iter().filter(|context| !context.types());
        for keys in contexts.filter_map(|context| self.written(context, action)) {
            match lists.iter_mut().find(|(known, _)| *known == keys) {
                Some((_, count)) => *count += 1,
                None => lists.push((keys, 1)),
            }
        }
        let most = lists.iter().map(|(_, count)| *count).max();
        lists.into_iter().find(|(_, count)| Some(*count) == most).map(|(keys, _)| keys)
    }

    /// The contexts where an action has the general keys.
    pub(super) fn everywhere(&self, action: Action) -> Vec<Context> {
        let general = self.general(action);
        let has_them = |context: &Context| general.is_some() && self.written(*context, action) == general;
        self.contexts().into_iter().filter(|context| !context.types() && has_them(context)).collect()
    }

    /// Gives an action other keys in these contexts. Of several lines the last one stays, which says it in general words.
    pub(super) fn set(&mut self, contexts: &[Context], action: Action, chords: &[Chord]) {
        let mut left = contexts.to_vec();
        let mut changed = Vec::with_capacity(self.bindings.len() + 1);
        for mut binding in std::mem::take(&mut self.bindings).into_iter().rev() {
            if binding.action == action {
                let (here, elsewhere) = binding.contexts.iter().partition(|context| contexts.contains(context));
                binding.contexts = elsewhere;
                let here: Vec<Context> = here;
                let (now, _): (Vec<Context>, Vec<Context>) =
                    here.into_iter().partition(|context| left.contains(context));
                left.retain(|context| !now.contains(context));
                let other = Binding { contexts: now, chords: chords.to_vec(), ..binding.clone() };
                changed.extend((!other.contexts.is_empty()).then_some(other));
            }
            changed.extend((!binding.contexts.is_empty()).then_some(binding));
        }
        changed.reverse();
        self.bindings = changed;
    }
}

fn each_once<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut once = Vec::new();
    for one in all {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once
}

impl Default for KeyMap {
    fn default() -> Self {
        let chord = |text: &&str| text.split(' ').map(|key| Press::parse(key).ok()).collect::<Option<Chord>>();
        let bindings = table().map(|&(contexts, keys, action, words, hint)| {
            let chords = keys.iter().filter_map(chord).collect();
            Binding { contexts: contexts.to_vec(), chords, action, words, hint }
        });
        Self { bindings: bindings.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_table_can_be_pressed() {
        for (binding, (_, keys, ..)) in KeyMap::default().bindings.iter().zip(table()) {
            assert_eq!(binding.chords.len(), keys.len(), "{keys:?}");
        }
    }

    #[test]
    fn the_words_name_the_key_that_an_action_has_now() {
        let mut map = KeyMap::default();
        let said = |map: &KeyMap, action| map.of(Context::Grid).find(|one| one.action == action).unwrap().said();
        assert_eq!(said(&map, Action::MarkRange), "mark a range: v, move, v");
        assert_eq!(said(&map, Action::Down), "down (5j: five rows)");
        for action in [Action::MarkRange, Action::Down] {
            map.set(&[Context::Grid], action, &[vec![Press::parse("x").unwrap()]]);
        }
        assert_eq!(said(&map, Action::MarkRange), "mark a range: x, move, x");
        assert_eq!(said(&map, Action::Down), "down (5x: five rows)");
        for action in [Action::MarkRange, Action::Down] {
            map.set(&[Context::Grid], action, &[]);
        }
        assert_eq!([said(&map, Action::MarkRange), said(&map, Action::Down)], ["mark a range", "down"]);
    }

    #[test]
    fn a_count_in_the_words_stands_before_the_key_of_now() {
        let has_digit = |words: &str| words.contains(|c: char| c.is_ascii_digit());
        for (_, _, action, words, _) in table().filter(|(.., words, _)| has_digit(words)) {
            assert!(words.contains("{}"), "{action:?}: {words}");
        }
    }

    #[test]
    fn other_keys_for_some_contexts_leave_the_others_alone() {
        let mut map = KeyMap::default();
        let before = map.written(Context::Grid, Action::Down);
        map.set(&[Context::Help, Context::Sidebar], Action::Down, &[vec![Press::parse("x").unwrap()]]);
        assert_eq!(map.written(Context::Grid, Action::Down), before);
        assert_eq!(map.written(Context::Help, Action::Down), Some(vec!["x".to_owned()]));
        map.set(&[Context::Help], Action::Out, &[]);
        assert_eq!(map.written(Context::Help, Action::Out), Some(vec![]));
        assert_eq!(map.of(Context::Help).filter(|binding| binding.action == Action::Out).count(), 1);
        assert_eq!(map.key(Context::Help, Action::Out), "(no key)");
    }
}
