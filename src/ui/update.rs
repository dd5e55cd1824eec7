//! Everything that happens: a message comes in, the state changes, effects go out.

use std::collections::HashSet;

use crossterm::event::KeyEvent;

use super::act::act;
use super::chord::Press;
use super::filter::Filter;
use super::gone;
use super::key_map::Found;
use super::keys::{Action, Context};
use super::map::moves;
use super::message::{Effect, LibraryChange, Message};
use super::mouse::mouse;
use super::photos::Photos;
use super::state::{Indexing, Layer, Notice, State};
use super::{filter_box, find, models, palette, prompt, training};
use crate::library::PhotoId;

/// The largest count in front of a motion.
const MOST: usize = 10_000_000;

/// Takes one message in and says what is to be done. Its cost depends on what is in sight, not on how many photos
/// there are, except when the list itself changes (a batch, an order, a filter) or is searched by name.
pub fn update(state: &mut State, message: Message) -> Vec<Effect> {
    let mut effects = take(state, message);
    state.settle();
    effects.extend(state.want_distances());
    effects.extend(training::watch(state));
    effects.extend(state.want_pictures());
    effects
}

fn take(state: &mut State, message: Message) -> Vec<Effect> {
    match message {
        Message::Key(key) => return key_pressed(state, &key),
        Message::Mouse(event) => return mouse(state, event),
        Message::Paste(text) => return pasted(state, &text),
        Message::Resize(size) => state.size = size,
        Message::LibraryChanged(change) => return library_changed(state, change),
        Message::PhotosTold => state.is_whole = true,
        Message::IndexProgress(progress) => state.indexing = Indexing::Running(progress),
        Message::IndexFinished(summary) => {
            state.indexing = Indexing::Finished(summary);
            state.is_whole = true;
            return training::indexed(state);
        }
        Message::Standing(words) => state.standing = words,
        Message::Skipped(files) => {
            state.skipped = files;
            state.sidebar.refresh(&state.photos, state.skipped.len());
        }
        Message::GalleryChanged => {
            state.walk.expire();
            state.measured.expire();
            let map = state.map.expire(state.layers.contains(&Layer::Map));
            let walk = if state.layers.contains(&Layer::Neighbors) { state.ask_if_needed() } else { Vec::new() };
            return walk.into_iter().chain(map).collect();
        }
        Message::Neighbors { question, answer } => state.walk.take(question, answer),
        Message::MapLayout { question, layout } => state.map.take(question, layout),
        Message::Distances { question, answer } => state.take_distances(question, answer),
        Message::Looked { path, answer: Ok(row) } => return prompt::looked(state, &path, row),
        Message::ExportExists(file) => prompt::overwrite(state, file),
        Message::Undone { text, marked, unmarked } => undone(state, text, &marked, &unmarked),
        Message::PictureReady { key, picture } => state.pictures.insert(key, Some(picture)),
        Message::PictureFailed { key } => state.pictures.insert(key, None),
        Message::Hurry(is_on) => state.in_hurry = is_on,
        Message::PicturesLost => state.pictures.clear(),
        Message::MarksLoaded(photos) => {
            state.photos.mark(&photos, true);
            if state.photos.filter().marked {
                // It was asked for before anybody knew which ones they are.
                let filter = state.photos.filter().clone();
                with_selection_kept(state, |photos| photos.show(filter));
            }
            state.map.light_changed();
            state.sidebar.refresh(&state.photos, state.skipped.len());
        }
        Message::Training(news) => return training::take(state, news),
        Message::Models(news) => return models::take(state, news),
        Message::Notice(text) => state.say(text),
        Message::Looked { answer: Err(text), .. } => state.notice = Some(Notice { text, alarm: true }),
        Message::Failed(text) => {
            training::failed(&mut state.training, &text);
            state.notice = Some(Notice { text, alarm: true });
        }
    }
    Vec::new()
}

/// Changes the photos and keeps the selected one selected, or what lies in its place now. While a library is opened or
/// new, the selection stays at the first photo if it is there.
pub(super) fn with_selection_kept(state: &mut State, change: impl FnOnce(&mut Photos)) {
    let stays = state.is_whole || state.cursor.selected > 0;
    let selected = state.photos.get(state.cursor.selected).filter(|_| stays).cloned();
    change(&mut state.photos);
    if let Some(selected) = selected {
        state.cursor.selected = state.photos.place_near(&selected);
    }
}

/// Shows other photos: the selected one stays selected if it is among them, else the first one is.
pub(super) fn show_only(state: &mut State, filter: Filter) {
    let selected = state.photos.get(state.cursor.selected).map(|row| row.id);
    state.photos.show(filter);
    state.walk.expire();
    state.map.light_changed();
    state.sidebar.refresh(&state.photos, state.skipped.len());
    state.cursor.selected = selected.and_then(|photo| state.photos.place_of(&photo)).unwrap_or(0);
}

/// Pasted text: typed where something is typed, else the path of an image to ask about.
fn pasted(state: &mut State, text: &str) -> Vec<Effect> {
    match state.context() {
        Context::Prompt => prompt::pasted(state, text),
        Context::Filter => filter_box::pasted(state, text),
        Context::Find => find::pasted(state, text),
        Context::Palette => palette::pasted(state, text.chars()),
        context if context.types() => training::pasted(state, text),
        _ => {
            let line = text.lines().map(str::trim).find(|line| !line.is_empty());
            return line.map(|line| prompt::look(state, line.to_owned())).into_iter().collect();
        }
    }
    Vec::new()
}

fn undone(state: &mut State, text: String, marked: &[PhotoId], unmarked: &[PhotoId]) {
    state.photos.mark(marked, true);
    state.photos.mark(unmarked, false);
    state.map.light_changed();
    state.sidebar.refresh(&state.photos, state.skipped.len());
    state.say(text);
}

fn library_changed(state: &mut State, change: LibraryChange) -> Vec<Effect> {
    let gone = match change {
        LibraryChange::Removed(gone) => {
            state.map.rows_changed(gone.iter().copied());
            gone.into_iter().collect::<HashSet<PhotoId>>()
        }
        LibraryChange::Added(rows) => {
            state.map.rows_changed(rows.iter().map(|row| row.id));
            with_selection_kept(state, |photos| photos.add(rows));
            HashSet::new()
        }
    };
    let effects = if gone.is_empty() { Vec::new() } else { gone::forget(state, &gone) };
    state.sidebar.refresh(&state.photos, state.skipped.len());
    effects
}

fn key_pressed(state: &mut State, key: &KeyEvent) -> Vec<Effect> {
    let press = Press::of(key);
    let context = state.context();
    state.notice = None;
    if !context.types() && state.pressed.is_empty() && counted(state, press) {
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
            match context {
                Context::Find => find::typed(state, press),
                Context::Filter => filter_box::typed(state, press),
                Context::Prompt => prompt::typed(state, press),
                Context::Palette => palette::typed(state, press),
                _ if context.types() => training::typed(state, context, press),
                _ => {}
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
pub(super) fn out(state: &mut State, had_count: bool) -> Vec<Effect> {
    if state.prompt.take().is_some() {
        return Vec::new();
    }
    if state.filter_box.is_some() {
        return filter_box::abandon(state);
    }
    if state.find.typing_from.is_some() {
        find::abandon(state);
    } else if state.layers.pop_if(|layer| layer.is_popup()).is_some() {
        // The screen below is as it was.
    } else if had_count {
        // The count is gone by now, and that was the layer.
    } else if state.range_from.take().is_some() {
        state.say("the range is dropped");
    } else if state.context() == Context::Map && moves::drop_label(state) {
        state.say("all labels are shown again");
    } else if let Some(layer) = state.layers.pop() {
        state.range_from = None;
        state.compare = state.compare.filter(|_| layer != Layer::Compare);
    } else if state.context() == Context::Sidebar {
        state.sidebar.focused = false;
    } else if !state.photos.filter().is_all() {
        show_only(state, Filter::default());
        state.say("all photos are shown again");
    } else {
        let quit = state.keys.key(Context::Grid, Action::Quit);
        state.say(format!("{quit} leaves the program"));
    }
    Vec::new()
}
