//! A line that is typed: a new name, a path.

use super::message::ModelsOrder;
use super::parse;
use crate::ui::chord::Press;
use crate::ui::keys::Context;
use crate::ui::message::Effect;
use crate::ui::state::{Layer, State};

/// The longest line, in characters.
const LONGEST: usize = 400;

/// What a line is typed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ui) enum Purpose {
    /// A model gets another name.
    Rename {
        /// The present one.
        from: String,
        /// Names of all models.
        taken: Vec<String>,
    },
    /// A model is written to a file.
    Export(String),
}

/// The line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ui) struct Entry {
    pub(in crate::ui) purpose: Purpose,
    pub(in crate::ui) text: String,
}

impl Entry {
    /// What is typed, for the title.
    pub(super) fn title(&self) -> String {
        match &self.purpose {
            Purpose::Rename { from, .. } => format!("another name for “{from}”"),
            Purpose::Export(name) => format!("write “{name}” to the file"),
        }
    }

    /// What is wrong with it.
    pub(super) fn wrong(&self) -> Option<String> {
        match &self.purpose {
            Purpose::Rename { taken, .. } => match parse::name(&self.text, taken) {
                Ok(Some(_)) => None,
                Ok(None) => Some("a name, please".to_owned()),
                Err(wrong) => Some(wrong),
            },
            Purpose::Export(_) if self.text.trim().is_empty() => Some("a path, please".to_owned()),
            Purpose::Export(_) => None,
        }
    }

    fn order(self) -> ModelsOrder {
        let text = self.text.trim().to_owned();
        match self.purpose {
            Purpose::Rename { from, .. } => ModelsOrder::Rename { from, to: text },
            Purpose::Export(name) => ModelsOrder::Export { name, path: text },
        }
    }
}

/// Takes a typed character to wherever one is typed.
pub(in crate::ui) fn typed(state: &mut State, context: Context, press: Press) {
    let Some(character) = press.typed() else { return };
    match (context, &mut state.training.form, &mut state.training.entry) {
        (Context::TrainingForm, Some(form), _) => form.fields.typed(character),
        (Context::Steering, ..) => state.training.steering.typed(character),
        (Context::Entry, _, Some(entry)) if entry.text.chars().count() < LONGEST => entry.text.push(character),
        _ => {}
    }
}

/// Takes pasted text to wherever something is typed: its first line.
pub(in crate::ui) fn pasted(state: &mut State, text: &str) {
    let line = text.lines().next().unwrap_or_default();
    match (state.context(), &mut state.training.form, &mut state.training.entry) {
        (Context::TrainingForm, Some(form), _) => form.fields.pasted(line),
        (Context::Steering, ..) => state.training.steering.pasted(line),
        (Context::Entry, _, Some(entry)) => {
            let left = LONGEST.saturating_sub(entry.text.chars().count());
            entry.text.extend(line.chars().filter(|character| !character.is_control()).take(left));
        }
        _ => {}
    }
}

/// Takes the last character back.
pub(super) fn erased(state: &mut State) {
    match (state.context(), &mut state.training.form, &mut state.training.entry) {
        (Context::TrainingForm, Some(form), _) => form.fields.erase(),
        (Context::Steering, ..) => state.training.steering.erase(),
        (Context::Entry, _, Some(entry)) => _ = entry.text.pop(),
        _ => {}
    }
}

/// The line is done.
pub(super) fn kept(state: &mut State) -> Vec<Effect> {
    if state.training.entry.as_ref().is_none_or(|entry| entry.wrong().is_some()) {
        return Vec::new();
    }
    state.layers.retain(|layer| *layer != Layer::Entry);
    state.training.entry.take().map(|entry| Effect::Models(entry.order())).into_iter().collect()
}
