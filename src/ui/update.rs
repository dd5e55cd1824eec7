//! Everything that happens: a message comes in, the state changes, effects go out.

use std::collections::HashSet;

use crossterm::event::KeyEvent;

use super::act::act;
use super::chord::Press;
use super::find::{self, pasted, typed};
use super::keys::{Action, Context, Found};
use super::map::moves;
use super::message::{Effect, LibraryChange, Message};
use super::mouse::mouse;
use super::order::Filter;
use super::photos::Photos;
use super::state::{Indexing, Layer, Notice, State};
use crate::library::PhotoId;

/// The largest count in front of a motion.
const MOST: usize = 10_000_000;

/// Takes one message in and says what is to be done. Its cost depends on what is in sight, not on how many photos
/// there are, except when the list itself changes (a batch, an order, a filter) or is searched by name.
pub fn update(state: &mut State, message: Message) -> Vec<Effect> {
    let mut effects = take(state, message);
    state.settle();
    effects.extend(state.want_pictures());
    effects
}

fn take(state: &mut State, message: Message) -> Vec<Effect> {
    match message {
        Message::Key(key) => return key_pressed(state, &key),
        Message::Mouse(event) => return mouse(state, event),
        Message::Paste(text) => pasted(state, &text),
        Message::Resize(size) => state.size = size,
        Message::LibraryChanged(change) => library_changed(state, change),
        Message::IndexProgress(progress) => state.indexing = Indexing::Running(progress),
        Message::IndexFinished(summary) => state.indexing = Indexing::Finished(summary),
        Message::Skipped(files) => {
            state.skipped = files;
            state.sidebar.refresh(&state.photos, state.skipped.len());
        }
        Message::GalleryChanged => {
            let (walk, map) = (state.layers.contains(&Layer::Neighbors), state.layers.contains(&Layer::Map));
            return state.walk.expire(walk).into_iter().chain(state.map.expire(map)).collect();
        }
        Message::Neighbors { question, answer } => state.walk.take(question, answer),
        Message::MapLayout { question, layout } => state.map.take(question, layout),
        Message::PictureReady { key, picture } => state.pictures.insert(key, Some(picture)),
        Message::PictureFailed { key } => state.pictures.insert(key, None),
        Message::PicturesLost => state.pictures.clear(),
        Message::MarksLoaded(photos) => {
            state.photos.mark(&photos, true);
            state.sidebar.refresh(&state.photos, state.skipped.len());
        }
        Message::Notice(text) => state.say(text),
        Message::Failed(text) => state.notice = Some(Notice { text, alarm: true }),
    }
    Vec::new()
}

/// Changes the photos and keeps the selected one selected. At the very first photo the selection stays first.
pub(super) fn with_selection_kept(state: &mut State, change: impl FnOnce(&mut Photos)) {
    let selected =
        (state.cursor.selected > 0).then(|| state.photos.get(state.cursor.selected).map(|row| row.id)).flatten();
    change(&mut state.photos);
    if let Some(place) = selected.and_then(|photo| state.photos.place_of(&photo)) {
        state.cursor.selected = place;
    }
}

/// Shows other photos: the selected one stays selected if it is among them, else the first one is.
pub(super) fn show_only(state: &mut State, filter: Filter) {
    let selected = state.photos.get(state.cursor.selected).map(|row| row.id);
    state.photos.show(filter);
    state.map.light_changed();
    state.cursor.selected = selected.and_then(|photo| state.photos.place_of(&photo)).unwrap_or(0);
}

fn library_changed(state: &mut State, change: LibraryChange) {
    with_selection_kept(state, |photos| match change {
        LibraryChange::Added(rows) => photos.add(rows),
        LibraryChange::Removed(gone) => photos.remove(&gone.into_iter().collect::<HashSet<PhotoId>>()),
        LibraryChange::Whole(rows) => photos.replace(rows),
    });
    state.map.rows_changed();
    state.sidebar.refresh(&state.photos, state.skipped.len());
}

fn key_pressed(state: &mut State, key: &KeyEvent) -> Vec<Effect> {
    let press = Press::of(key);
    let context = state.context();
    state.notice = None;
    if context != Context::Find && state.pressed.is_empty() && counted(state, press) {
        return Vec::new();
    }
    state.pressed.push(press);
    match state.keys.find(context, &state.pressed) {
        Found::Beginning => Vec::new(),
        Found::Action(action) => {
            state.pressed.clear();
            let count = state.count.take();
            act(state, action, count)
        }
        Found::Nothing => {
            state.pressed.clear();
            state.count = None;
            if context == Context::Find {
                typed(state, press);
            }
            Vec::new()
        }
    }
}

/// Takes a digit of a count. A leading nought is none.
fn counted(state: &mut State, press: Press) -> bool {
    let Some(digit) = press.digit().filter(|digit| *digit > 0 || state.count.is_some()) else { return false };
    state.count = Some((state.count.unwrap_or(0) * 10 + digit).min(MOST));
    true
}

/// One layer out, never more: the first of these that there is.
pub(super) fn out(state: &mut State, had_count: bool) {
    if state.find.typing_from.is_some() {
        find::abandon(state);
    } else if had_count {
        // The count is gone by now, and that was the layer.
    } else if state.range_from.take().is_some() {
        state.say("the range is dropped");
    } else if state.context() == Context::Map && moves::drop_label(state) {
        state.say("all labels are shown again");
    } else if state.layers.pop().is_some() {
        state.range_from = None;
    } else if state.context() == Context::Sidebar {
        state.sidebar.focused = false;
    } else if *state.photos.filter() != Filter::All {
        show_only(state, Filter::All);
        state.say("all photos are shown again");
    } else {
        let quit = state.keys.of(Context::Grid).find(|binding| binding.action == Action::Quit);
        let text = quit.map(|binding| format!("{} leaves the program", binding.first_key()));
        state.say(text.unwrap_or_default());
    }
}
