//! The key table as a part of the configuration file: what a person copies and changes.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};

use super::key_map::{Binding, KeyMap};
use super::keys::{Action, Context};
use super::remap::EVERYWHERE;

const WORDS_AT: usize = 46;
/// Columns for what an action does.
const MOST_WORDS: usize = 80;
const USUAL: &str = "# as everywhere:";

/// The tables `[keys.everywhere]` and `[keys.CONTEXT]`, in TOML.
#[derive(Clone, Copy, Debug)]
pub struct KeyTables<'a>(pub &'a KeyMap);

impl Display for KeyTables<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let map = self.0;
        writeln!(f, "[keys.{EVERYWHERE}]")?;
        for action in map.actions() {
            if let Some(keys) = map.general(action) {
                line(f, action, &keys, &words(map, action))?;
            }
        }
        map.contexts().into_iter().try_for_each(|context| table(f, map, context))
    }
}

/// One context: the actions whose keys differ there, and the names of those that mean something.
fn table(f: &mut fmt::Formatter<'_>, map: &KeyMap, context: Context) -> fmt::Result {
    writeln!(f, "\n[keys.{}]  # {}", context.name(), context.title())?;
    let here = map.actions().into_iter().filter_map(|action| Some((action, map.written(context, action)?)));
    let (own, usual): (Vec<_>, Vec<_>) = here.partition(|(action, _)| !map.everywhere(*action).contains(&context));
    for (action, keys) in &own {
        let said = map.of(context).filter(|binding| binding.action == *action).last().map(Binding::said);
        line(f, *action, keys, &said.unwrap_or_default())?;
    }
    let mut row = USUAL.to_owned();
    for (action, _) in usual {
        let name = action.name();
        if row.len() + name.len() > 110 {
            writeln!(f, "{row}")?;
            "#".clone_into(&mut row);
        }
        row.push(' ');
        row.push_str(&name);
    }
    if row == USUAL { Ok(()) } else { writeln!(f, "{row}") }
}

fn line(f: &mut fmt::Formatter<'_>, action: Action, keys: &[String], words: &str) -> fmt::Result {
    let mut text = format!("{} = [", action.name());
    for (place, key) in keys.iter().enumerate() {
        let comma = if place > 0 { ", " } else { "" };
        write!(text, "{comma}{}", quoted(key))?;
    }
    text.push(']');
    writeln!(f, "{text:WORDS_AT$}# {words}")
}

/// A TOML string; a key needs no other escapes.
fn quoted(key: &str) -> String {
    format!("\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What an action does, in the words the table has for it, as many as a line has room for.
fn words(map: &KeyMap, action: Action) -> String {
    let mut words: Vec<Cow<'_, str>> = Vec::new();
    let general = |binding: &&Binding| binding.contexts.iter().any(|context| !context.types());
    for binding in map.bindings.iter().filter(|binding| binding.action == action).filter(general) {
        let said = binding.said();
        if !words.contains(&said) {
            words.push(said);
        }
    }
    let mut columns = 0;
    let fits = |words: &&Cow<'_, str>| {
        columns += words.chars().count() + 2;
        columns <= MOST_WORDS
    };
    let first: Vec<&str> = words.iter().take_while(fits).map(AsRef::as_ref).collect();
    let more = if first.len() < words.len() { "; …" } else { "" };
    format!("{}{more}", first.join("; "))
}
