//! Photos have left the library: what becomes of the selection, of the walk and of what lies above them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::message::Effect;
use super::photos::PhotoRow;
use super::state::{Layer, State};
use super::update::with_selection_kept;
use super::words;
use crate::library::PhotoId;

/// Takes photos out everywhere. Where a file has changed, the new photo of that name takes the place of the old one.
pub(super) fn forget(state: &mut State, gone: &HashSet<PhotoId>) -> Vec<Effect> {
    let asked: Vec<Arc<PhotoRow>> = state
        .walk
        .queries()
        .filter(|photo| gone.contains(photo))
        .filter_map(|photo| state.row(&photo).cloned())
        .collect();
    let here = state.walk.here().map(|step| step.query);
    with_selection_kept(state, |photos| photos.remove(gone));
    let heirs: HashMap<PhotoId, PhotoId> =
        asked.iter().filter_map(|row| Some((row.id, state.photos.named(&row.name)?))).collect();
    if state.range_from.is_some_and(|photo| gone.contains(&photo)) {
        state.range_from = None;
    }
    let in_sight = state.layers.contains(&Layer::Neighbors);
    let ask = state.walk.forget(gone, &heirs, in_sight);
    let lost = asked.iter().find(|row| Some(row.id) == here && !heirs.contains_key(&row.id));
    if in_sight && let Some(lost) = lost {
        leave_query(state, lost);
    }
    let is_alone = state.compare.is_some_and(|photo| gone.contains(&photo));
    if is_alone {
        state.compare = None;
    }
    let is_empty = state.list_len() == 0;
    state.layers.retain(|layer| match layer {
        Layer::Zoom | Layer::Details => !is_empty,
        Layer::Compare => !is_empty && !is_alone,
        _ => true,
    });
    ask.map(|ask| state.ask(ask)).into_iter().collect()
}

/// The query has left: the step before it is in sight, or else the library.
fn leave_query(state: &mut State, lost: &PhotoRow) {
    let name = words::file_name(&lost.name);
    let text = if state.walk.here().is_some() {
        format!("{name} is gone: this is the step before it")
    } else {
        let above = state.layers.iter().position(|layer| *layer == Layer::Neighbors);
        state.layers.truncate(above.unwrap_or(state.layers.len()));
        format!("{name} is gone, and with it what was similar to it")
    };
    state.say(text);
}
