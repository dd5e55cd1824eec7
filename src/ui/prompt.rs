//! A line where something is typed: the name of a file, a path, a yes.

use super::act::neighbors_of;
use super::chord::Press;
use super::keys::{Action, Context};
use super::message::Effect;
use super::state::State;
use super::words;

/// The longest text, in characters.
const LONGEST: usize = 4096;

/// What the line is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The file for the paths of the marked photos.
    ExportMarks,
    /// Whether this file may be replaced.
    Overwrite(String),
    /// The image file to ask about.
    AskPath,
}

/// The line while it is typed.
#[derive(Clone, Debug)]
pub(super) struct Prompt {
    pub(super) purpose: Purpose,
    pub(super) text: String,
}

impl Prompt {
    /// What is asked, in words.
    pub(super) fn words(&self, state: &State) -> String {
        match &self.purpose {
            Purpose::ExportMarks => {
                format!("paths of {} to the file", words::counted(state.photos.marked_here(), "marked photo"))
            }
            Purpose::Overwrite(file) => format!("{file} is there already. Replace it? yes or no"),
            Purpose::AskPath => "what looks like the image file".to_owned(),
        }
    }
}

/// Appends what may stand in a line, as far as there is room.
pub(super) fn append(text: &mut String, more: impl Iterator<Item = char>, longest: usize) {
    let left = longest.saturating_sub(text.chars().count());
    text.extend(more.filter(|c| !c.is_control()).take(left));
}

/// Starts asking for a file for the marked photos.
pub(super) fn export(state: &mut State) {
    if state.photos.marked_here() == 0 {
        let key = state.keys.key(Context::Grid, Action::Mark);
        state.say(format!("no photo is marked: {key} marks"));
    } else {
        state.prompt = Some(Prompt { purpose: Purpose::ExportMarks, text: "marked.txt".to_owned() });
    }
}

/// Starts asking for an image file.
pub(super) fn ask_path(state: &mut State) {
    state.prompt = Some(Prompt { purpose: Purpose::AskPath, text: String::new() });
}

/// The file is there: it is replaced only when that is wanted.
pub(super) fn overwrite(state: &mut State, file: String) {
    state.prompt = Some(Prompt { purpose: Purpose::Overwrite(file), text: String::new() });
}

/// Takes a typed character.
pub(super) fn typed(state: &mut State, press: Press) {
    if let Some(prompt) = &mut state.prompt {
        append(&mut prompt.text, press.typed().into_iter(), LONGEST);
    }
}

/// Takes pasted text: its first line.
pub(super) fn pasted(state: &mut State, text: &str) {
    if let Some(prompt) = &mut state.prompt {
        append(&mut prompt.text, text.lines().next().unwrap_or_default().chars(), LONGEST);
    }
}

/// Takes the last character back; without one, drops the line.
pub(super) fn erase(state: &mut State) {
    if state.prompt.as_mut().is_some_and(|prompt| prompt.text.pop().is_none()) {
        state.prompt = None;
    }
}

/// Does what the line is for.
pub(super) fn accept(state: &mut State) -> Vec<Effect> {
    let Some(Prompt { purpose, text }) = state.prompt.take() else { return Vec::new() };
    let text = text.trim().to_owned();
    match purpose {
        _ if text.is_empty() => Vec::new(),
        Purpose::ExportMarks => {
            vec![Effect::ExportMarks { photos: state.photos.marked_by_name(), to: text, overwrite: false }]
        }
        Purpose::Overwrite(to) if ["y", "yes"].contains(&text.to_lowercase().as_str()) => {
            vec![Effect::ExportMarks { photos: state.photos.marked_by_name(), to, overwrite: true }]
        }
        Purpose::Overwrite(file) => {
            state.say(format!("{file} was left as it is"));
            Vec::new()
        }
        Purpose::AskPath => vec![look(state, text)],
    }
}

/// Asks about an image file; the answer counts as long as nothing else was asked.
pub(super) fn look(state: &mut State, path: String) -> Effect {
    state.say(format!("looking at {} …", words::cut_start(&path, 60)));
    state.looking = Some(path.clone());
    Effect::Look { path }
}

/// A file was looked at: asks for its neighbours.
pub(super) fn looked(state: &mut State, path: &str, row: std::sync::Arc<super::PhotoRow>) -> Vec<Effect> {
    if state.looking.as_deref() != Some(path) {
        return Vec::new();
    }
    let photo = row.id;
    if state.photos.row(&photo).is_none() {
        state.visitors.insert(photo, row);
    }
    state.notice = None;
    vec![neighbors_of(state, photo)]
}
