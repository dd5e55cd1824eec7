//! The `[keys]` tables of the configuration file.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::ui::{KeyChange, KeyMap, KeyMistake, KeyTables, Written};

const FORM: &str =
    "keys are written `[keys.everywhere]`, or `[keys.grid]` and so on, and below it `ACTION = [\"KEY\", \"KEY\"]`";

/// The keys as the text of a configuration file wants them; what else it holds is not looked at.
pub fn key_map(text: &str) -> Result<KeyMap, KeyMistake> {
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        KeyMistake { at, sentence: error.message().to_owned() }
    })?;
    let Some(places) = table.get_ref().get("keys") else { return Ok(KeyMap::default()) };
    let mut changes = Vec::new();
    for (place, actions) in entries(places)? {
        for (action, keys) in entries(actions)? {
            changes.push(KeyChange { place: written(place), action: written(action), keys: keys_of(keys)? });
        }
    }
    // The table is by name; mistakes are told in the order of the file.
    changes.sort_by_key(|change| change.action.at);
    KeyMap::default().changed(&changes)
}

/// The part of the default configuration file that says which key does what.
pub fn default_keys() -> String {
    KeyTables(&KeyMap::default()).to_string()
}

type Entry<'a, 'i> = (&'a Spanned<std::borrow::Cow<'i, str>>, &'a Spanned<DeValue<'i>>);

fn entries<'a, 'i>(value: &'a Spanned<DeValue<'i>>) -> Result<impl Iterator<Item = Entry<'a, 'i>>, KeyMistake> {
    value.get_ref().as_table().map(DeTable::iter).ok_or_else(|| mistake(value))
}

fn keys_of(value: &Spanned<DeValue<'_>>) -> Result<Vec<Written>, KeyMistake> {
    let keys = value.get_ref().as_array().ok_or_else(|| mistake(value))?;
    let key = |key: &Spanned<DeValue<'_>>| {
        let text = key.get_ref().as_str().ok_or_else(|| mistake(key))?;
        Ok(Written { text: text.to_owned(), at: key.span().start })
    };
    keys.iter().map(key).collect()
}

fn written(name: &Spanned<std::borrow::Cow<'_, str>>) -> Written {
    Written { text: name.get_ref().to_string(), at: name.span().start }
}

fn mistake(value: &Spanned<DeValue<'_>>) -> KeyMistake {
    KeyMistake { at: value.span().start, sentence: FORM.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_keys_are_the_keys() {
        assert_eq!(key_map(&default_keys()), Ok(KeyMap::default()));
        assert_eq!(key_map("threads = 3"), Ok(KeyMap::default()));
    }

    #[test]
    fn printed_keys_name_every_place_and_every_action_in_it() {
        let text = default_keys();
        for part in ["[keys.everywhere]", "[keys.grid]  # Library", "[keys.find]  # Find", "out = [\"z\", \"esc\"]"] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        let sidebar = text.split("[keys.sidebar]").nth(1).and_then(|rest| rest.split("[keys.").next()).unwrap();
        assert!(sidebar.contains(" open ") && sidebar.contains(" quit"), "{sidebar}");
        assert!(text.lines().all(|line| line.chars().count() < 140), "{text}");
    }

    #[test]
    fn mistakes_are_found_where_they_stand() {
        let at = |text: &str| key_map(text).unwrap_err();
        let text = "threads = 3\n[keys.grid]\nmark = [\"m\", \"pgdwn\"]\n";
        assert_eq!(text.get(at(text).at..), Some("\"pgdwn\"]\n"));
        assert!(at(text).sentence.contains("did you mean `pgdn`?"));
        for text in ["keys = 3", "[keys]\nmark = [\"m\"]", "[keys.grid]\nmark = \"m\"", "[keys.grid]\nmark = [3]"] {
            assert_eq!(at(text).sentence, FORM, "{text}");
        }
        assert_eq!(at("[keys.grid]\nmrak = [\"m\"]").at, 12);
    }
}
