//! The keys as a person wants them: changes of the table, each checked against what there is.

use super::chord::Press;
use super::key_map::{Binding, Chord, KeyMap};
use super::keys::{Action, Context};
use crate::library::nearest;

/// The place that stands for every context where nothing is typed and an action has its usual keys.
pub(super) const EVERYWHERE: &str = "everywhere";

/// Something a person wrote, and the byte of the file where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The text.
    pub text: String,
    /// Where it begins.
    pub at: usize,
}

/// An action gets other keys: `[keys.PLACE] ACTION = [KEYS]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyChange {
    /// The name of a context, or `everywhere`.
    pub place: Written,
    /// The name of the action.
    pub action: Written,
    /// The keys; none: it has none any more.
    pub keys: Vec<Written>,
}

/// Why the keys cannot be like that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyMistake {
    /// The byte of the file where the mistake stands.
    pub at: usize,
    /// What is wrong, and what was perhaps meant.
    pub sentence: String,
}

/// A change that names only what there is.
struct Known {
    contexts: Vec<Context>,
    action: Action,
    chords: Vec<Chord>,
    everywhere: bool,
    at: usize,
}

impl KeyMap {
    /// The table with these changes.
    pub fn changed(&self, changes: &[KeyChange]) -> Result<Self, KeyMistake> {
        let mut known = changes.iter().map(|change| self.known(change)).collect::<Result<Vec<_>, _>>()?;
        // What holds in one place goes before what holds everywhere.
        known.sort_by_key(|change| !change.everywhere);
        let mut map = self.clone();
        for change in &known {
            let keys: Vec<String> = change.chords.iter().map(|chord| super::chord::written(chord)).collect();
            let mut contexts = change.contexts.clone();
            contexts.retain(|context| map.written(*context, change.action).as_ref() != Some(&keys));
            map.set(&contexts, change.action, &change.chords);
        }
        for context in map.contexts() {
            let of = |action| known.iter().rfind(|one| one.action == action && one.contexts.contains(&context));
            let at = |action| of(action).map(|change| change.at);
            map.check(context, at)?;
        }
        Ok(map)
    }

    fn known(&self, change: &KeyChange) -> Result<Known, KeyMistake> {
        let wrong = |at: &Written, sentence| KeyMistake { at: at.at, sentence };
        let actions = self.actions();
        let action = actions.iter().find(|action| action.name() == change.action.text);
        let action = *action.ok_or_else(|| {
            wrong(&change.action, unknown("action", &change.action.text, &names(&actions, Action::name)))
        })?;
        let everywhere = change.place.text == EVERYWHERE;
        let contexts = if everywhere { self.everywhere(action) } else { vec![self.place(&change.place)?] };
        if !contexts.iter().any(|context| self.written(*context, action).is_some()) {
            return Err(wrong(&change.action, self.means_nothing(&change.place.text, action)));
        }
        let chords = change.keys.iter().map(chord).collect::<Result<_, _>>()?;
        Ok(Known { contexts, action, chords, everywhere, at: change.action.at })
    }

    fn place(&self, written: &Written) -> Result<Context, KeyMistake> {
        let contexts = self.contexts();
        let found = contexts.iter().copied().find(|context| context.name() == written.text);
        found.ok_or_else(|| {
            let mut names = names(&contexts, Context::name);
            names.push(EVERYWHERE.to_owned());
            KeyMistake { at: written.at, sentence: unknown("place", &written.text, &names) }
        })
    }

    fn means_nothing(&self, place: &str, action: Action) -> String {
        let places = self.contexts().into_iter().filter(|context| self.written(*context, action).is_some());
        let places: Vec<String> = places.map(|context| format!("`{}`", context.name())).collect();
        format!("`{}` means nothing in `{place}`, only in {}", action.name(), places.join(", "))
    }

    /// No key may mean two things here or hide a longer one, none may take a letter from what is typed, and there must
    /// be a way out and a way to leave. `at` says where the keys of an action were changed.
    fn check(&self, context: Context, at: impl Fn(Action) -> Option<usize>) -> Result<(), KeyMistake> {
        let chords: Vec<(&Binding, &Chord)> = self.chords(context).collect();
        for (place, (binding, chord)) in chords.iter().enumerate() {
            if let Some(why) = unusable(context, chord) {
                return Err(KeyMistake { at: at(binding.action).unwrap_or(0), sentence: why });
            }
            for (other, longer) in chords.iter().skip(place + 1) {
                if let Some(sentence) = collision(context, (binding, chord), (other, longer)) {
                    return Err(KeyMistake { at: at(binding.action).max(at(other.action)).unwrap_or(0), sentence });
                }
            }
        }
        let needed = [Action::Out, Action::Quit].into_iter();
        let lost = needed.filter(|action| self.written(context, *action).is_some_and(|keys| keys.is_empty()));
        lost.map(|action| {
            let sentence =
                format!("`{}` must keep a key in `{}`, or there is no way out", action.name(), context.name());
            KeyMistake { at: at(action).unwrap_or(0), sentence }
        })
        .next()
        .map_or(Ok(()), Err)
    }
}

fn chord(written: &Written) -> Result<Chord, KeyMistake> {
    let mistake = |sentence| KeyMistake { at: written.at, sentence };
    let presses = written.text.split_whitespace().map(Press::parse);
    let chord = presses.collect::<Result<Chord, String>>().map_err(mistake)?;
    if chord.is_empty() {
        return Err(mistake("an empty text names no key; `[]` takes all keys away".to_owned()));
    }
    Ok(chord)
}

fn unusable(context: Context, chord: &Chord) -> Option<String> {
    let first = chord.first()?;
    if !context.types() && first.digit().is_some() {
        return Some(format!("`{first}` cannot be a key: digits are counts before a motion"));
    }
    let typed = chord.iter().find(|press| context.types() && press.typed().is_some())?;
    Some(format!("`{typed}` cannot be a key in `{}`: it types a character there", context.name()))
}

/// Why two chords cannot stand beside each other.
fn collision(context: Context, one: (&Binding, &Chord), other: (&Binding, &Chord)) -> Option<String> {
    let ((short, chord), (long, longer)) = if one.1.len() <= other.1.len() { (one, other) } else { (other, one) };
    let (short, long, place) = (short.action.name(), long.action.name(), context.name());
    let (key, hidden) = (super::chord::written(chord), super::chord::written(longer));
    if chord == longer && short != long {
        Some(format!(
            "in `{place}` the key `{key}` would mean both `{short}` and `{long}`: give one of them another key, or none (`{long} = []`)"
        ))
    } else if chord != longer && longer.starts_with(chord) {
        Some(format!("in `{place}` the key `{key}` (`{short}`) would hide `{hidden}` (`{long}`)"))
    } else {
        None
    }
}

fn names<T: Copy>(all: &[T], name: impl Fn(T) -> String) -> Vec<String> {
    all.iter().map(|one| name(*one)).collect()
}

fn unknown(what: &str, written: &str, names: &[String]) -> String {
    match nearest(written, names.iter().map(String::as_str)) {
        Some(near) => format!("`{written}` is no {what}; did you mean `{near}`?"),
        None => format!("`{written}` is no {what}; there are {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(place: &str, action: &str, keys: &[&str]) -> KeyChange {
        let written = |text: &str, at| Written { text: text.to_owned(), at };
        let keys = keys.iter().map(|key| written(key, 30)).collect();
        KeyChange { place: written(place, 10), action: written(action, 20), keys }
    }

    fn refused(changes: &[KeyChange]) -> (usize, String) {
        let mistake = KeyMap::default().changed(changes).unwrap_err();
        (mistake.at, mistake.sentence)
    }

    #[test]
    fn the_table_itself_has_no_mistake() {
        let map = KeyMap::default();
        assert_eq!(map.changed(&[]), Ok(map.clone()));
        for context in map.contexts() {
            for action in [Action::Out, Action::Quit] {
                assert!(map.written(context, action).is_some(), "{context:?} lacks {action:?}");
            }
        }
    }

    #[test]
    fn a_change_everywhere_leaves_the_places_with_keys_of_their_own() {
        let map = KeyMap::default();
        let map =
            map.changed(&[change("zoom", "mark", &["f5"]), change("everywhere", "mark", &["x", "ctrl-t"])]).unwrap();
        assert_eq!(map.written(Context::Grid, Action::Mark), Some(vec!["x".to_owned(), "ctrl-t".to_owned()]));
        assert_eq!(map.written(Context::Zoom, Action::Mark), Some(vec!["f5".to_owned()]));
        let map = map.changed(&[change("everywhere", "find-next", &["x"]), change("everywhere", "mark", &[])]).unwrap();
        assert_eq!(map.written(Context::Find, Action::FindNext), Some(vec!["down".to_owned(), "ctrl-n".to_owned()]));
    }

    #[test]
    fn names_that_are_none_are_told_with_the_nearest_one() {
        assert_eq!(
            refused(&[change("grid", "pge-down", &["x"])]),
            (20, "`pge-down` is no action; did you mean `page-down`?".to_owned())
        );
        assert_eq!(
            refused(&[change("gird", "mark", &["x"])]),
            (10, "`gird` is no place; did you mean `grid`?".to_owned())
        );
        assert_eq!(refused(&[change("grid", "mark", &["ctrl-shift-foo"])]).0, 30);
        let (at, sentence) = refused(&[change("zoom", "sort", &["x"])]);
        assert_eq!((at, &*sentence), (20, "`sort` means nothing in `zoom`, only in `grid`, `sidebar`"));
    }

    #[test]
    fn a_key_that_means_two_things_or_hides_another_is_refused_with_both_names() {
        let (at, sentence) = refused(&[change("grid", "mark", &["z"])]);
        assert!(at == 20 && sentence.contains("`zoom`") && sentence.contains("`mark`"), "{sentence}");
        let (_, sentence) = refused(&[change("grid", "mark", &["g"])]);
        assert_eq!(sentence, "in `grid` the key `g` (`mark`) would hide `g g` (`first`)");
        let swapped = [change("grid", "mark", &["z"]), change("grid", "zoom", &["space"])];
        assert!(KeyMap::default().changed(&swapped).is_ok());
    }

    #[test]
    fn there_is_always_a_way_out_and_nothing_is_taken_from_what_is_typed() {
        assert!(refused(&[change("everywhere", "quit", &[])]).1.contains("`quit` must keep a key"));
        assert!(refused(&[change("help", "out", &[])]).1.contains("`out` must keep a key in `help`"));
        assert!(refused(&[change("find", "find-keep", &["k"])]).1.contains("types a character"));
        assert!(refused(&[change("grid", "mark", &["5"])]).1.contains("digits are counts"));
        assert!(KeyMap::default().changed(&[change("everywhere", "sort", &[])]).is_ok());
    }
}
