//! The models: which one answers, what each came to, and how two of them answer one query.

mod compare;
mod list_pane;

#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use ratatui::layout::{Position, Rect, Size};

use super::grid::{Cursor, Motion};
use super::keys::{Action, Context};
use super::message::{Answered, Effect};
use super::panes::Screen;
use super::state::{Layer, Notice, State};
use super::training::{Entry, ModelRow, ModelsNews, ModelsOrder, Purpose};
use super::view::Canvas;
use crate::library::PhotoId;

/// Two answers to one query.
#[derive(Clone, Debug)]
pub(super) struct Compared {
    query: PhotoId,
    models: [String; 2],
    answers: Arc<[Answered; 2]>,
}

/// Everything the screen knows of models.
#[derive(Debug, Default)]
pub(super) struct Models {
    /// `None`: asked, or never asked for.
    rows: Option<Vec<ModelRow>>,
    cursor: Cursor,
    /// Something that takes a while, in words.
    busy: Option<String>,
    /// The first of two models to be compared.
    first: Option<String>,
    compared: Option<Compared>,
    compared_cursor: Cursor,
}

impl Models {
    fn rows(&self) -> &[ModelRow] {
        self.rows.as_deref().unwrap_or_default()
    }

    fn selected(&self) -> Option<&ModelRow> {
        self.rows().get(self.cursor.selected)
    }

    /// The model to compare with when none was chosen: the one that answers, or the one before any training.
    fn usual_other(&self, than: &str) -> Option<String> {
        let mut others = self.rows().iter().filter(|row| row.name != than);
        let used = others.clone().find(|row| row.in_use);
        used.or_else(|| others.find(|row| row.base)).map(|row| row.name.clone())
    }
}

/// Takes in what is said about models.
pub(super) fn take(state: &mut State, news: ModelsNews) -> Vec<Effect> {
    match news {
        ModelsNews::List(rows) => listed(state, rows),
        ModelsNews::Done(text) => {
            state.models.busy = None;
            state.say(text);
        }
        ModelsNews::Failed(text) => {
            state.models.busy = None;
            state.notice = Some(Notice { text, alarm: true });
        }
        ModelsNews::Busy(text) => {
            state.say(format!("{text} …"));
            state.models.busy = Some(text);
        }
        ModelsNews::Compared { query, models, answers } => {
            state.models.busy = None;
            // An answer that comes after the list was left is late.
            if state.layers.contains(&Layer::Models) {
                state.models.compared = Some(Compared { query, models, answers: answers.into() });
                state.models.compared_cursor = Cursor::default();
                if !state.layers.contains(&Layer::ModelsCompared) {
                    state.layers.push(Layer::ModelsCompared);
                }
            }
        }
    }
    Vec::new()
}

/// The selected model stays selected; at first it is the one that answers.
fn listed(state: &mut State, rows: Vec<ModelRow>) {
    super::training::models_listed(&mut state.training, &rows);
    let models = &mut state.models;
    models.busy = None;
    let name = models.selected().map(|row| row.name.clone());
    let place = rows.iter().position(|row| name.as_ref().map_or(row.in_use, |name| row.name == *name));
    models.cursor.selected = place.unwrap_or(models.cursor.selected);
    models.first = models.first.take().filter(|first| rows.iter().any(|row| row.name == *first));
    models.rows = Some(rows);
}

/// Does what a key means on the screens of models; `None`: it means what it means everywhere.
pub(super) fn act(state: &mut State, action: Action, count: Option<usize>) -> Option<Vec<Effect>> {
    if action == Action::Models {
        return Some(open(state));
    }
    let context = state.context();
    if !matches!(context, Context::Models | Context::ModelsCompared) {
        return None;
    }
    if let Some(motion) = Motion::of(action, count) {
        step(state, context, motion);
        return Some(Vec::new());
    }
    if context == Context::ModelsCompared {
        return None;
    }
    match action {
        Action::Unfinished => {
            super::training::show_unfinished(state);
            Some(Vec::new())
        }
        Action::Open | Action::CompareModels | Action::RenameModel | Action::DeleteModel | Action::ExportModel => {
            Some(with_selected(state, action).map(Effect::Models).into_iter().collect())
        }
        _ => None,
    }
}

fn open(state: &mut State) -> Vec<Effect> {
    state.layers.retain(|layer| !matches!(layer, Layer::Models | Layer::ModelsCompared));
    state.layers.push(Layer::Models);
    vec![Effect::Models(ModelsOrder::List)]
}

fn step(state: &mut State, context: Context, motion: Motion) {
    let Some(body) = state.panes().map(|panes| panes.body) else { return };
    if context == Context::Models {
        let (len, lines) = (state.models.rows().len(), list_pane::lines(body));
        state.models.cursor.step(motion, len, (1, lines));
    } else {
        let (len, shape) = compare::shape(state, body);
        state.models.compared_cursor.step(motion, len, shape);
    }
}

/// What a key comes to for the selected model.
fn with_selected(state: &mut State, action: Action) -> Option<ModelsOrder> {
    let Some(row) = state.models.selected().cloned() else {
        let key = state.keys.key(Context::Models, Action::Train);
        state.say(format!("there is no model yet: {key} trains one"));
        return None;
    };
    match action {
        Action::Open if row.in_use => {
            state.say(format!("“{}” answers already", row.name));
            None
        }
        Action::Open => Some(ModelsOrder::Use(row.name)),
        Action::CompareModels => compare_with(state, row.name),
        Action::DeleteModel if row.base => {
            state.say("the model before any training stays: every other one begins there");
            None
        }
        Action::DeleteModel => Some(ModelsOrder::Delete(row.name)),
        Action::RenameModel if row.base => {
            state.say("the model before any training keeps its name");
            None
        }
        Action::RenameModel => {
            let taken = state.models.rows().iter().map(|row| row.name.clone()).collect();
            let purpose = Purpose::Rename { from: row.name.clone(), taken };
            enter(state, purpose, row.name);
            None
        }
        _ => {
            let path = format!("{}.safetensors", row.name.replace(' ', "-"));
            enter(state, Purpose::Export(row.name), path);
            None
        }
    }
}

fn enter(state: &mut State, purpose: Purpose, text: String) {
    state.training.entry = Some(Entry { purpose, text });
    state.layers.push(Layer::Entry);
}

/// The first press chooses a model, the second one the other; twice on one compares it with the one that answers, or
/// with the base.
fn compare_with(state: &mut State, name: String) -> Option<ModelsOrder> {
    let Some(first) = state.models.first.take() else {
        let key = state.keys.key(Context::Models, Action::CompareModels);
        let usual = state.models.usual_other(&name).map(|other| format!("; {key} again: with “{other}”"));
        state.say(format!("“{name}” with which? {key} on another one{}", usual.unwrap_or_default()));
        state.models.first = Some(name);
        return None;
    };
    let walked = state.walk.here().map(|step| step.query).filter(|_| state.layers.contains(&Layer::Neighbors));
    let query = walked.or_else(|| state.selected_photo());
    let other = if first == name { state.models.usual_other(&name) } else { Some(name) };
    match (query, other) {
        (Some(query), Some(other)) => {
            // The older one stands left, so that ranks move as they moved in time.
            let age = |name: &String| state.models.rows().iter().position(|row| row.name == *name);
            let mut models = [first, other];
            models.sort_by_key(age);
            Some(ModelsOrder::Compare { query, models })
        }
        (None, _) => {
            state.say("select a photo first: two models are compared on its neighbours");
            None
        }
        (_, None) => {
            state.say("there is only one model");
            None
        }
    }
}

/// Selects the row or the neighbours under a place of the screen; says whether a second click opens it.
pub(super) fn click(state: &mut State, at: Position) -> bool {
    let Some(body) = state.panes().map(|panes| panes.body) else { return false };
    if state.screen() == Screen::ModelsCompared {
        let place = compare::place_at(state, body, at);
        state.models.compared_cursor.selected = place.unwrap_or(state.models.compared_cursor.selected);
        return false;
    }
    let models = &mut state.models;
    let place = list_pane::place_at(body, at).map(|line| models.cursor.top + line);
    let place = place.filter(|place| *place < models.rows().len());
    models.cursor.selected = place.unwrap_or(models.cursor.selected);
    place.is_some()
}

/// Draws the screen of models that is in front.
pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect) {
    if canvas.state.screen() == Screen::ModelsCompared {
        compare::draw(canvas, body);
    } else {
        list_pane::draw(canvas, body);
    }
}

/// The title at the left and at the right.
pub(super) fn title(state: &State) -> (String, String) {
    if state.screen() == Screen::ModelsCompared {
        return compare::title(state);
    }
    let count = super::words::counted(state.models.rows().len(), "model");
    let used = state.models.rows().iter().find(|row| row.in_use);
    (count, used.map(|row| format!("“{}” answers ", row.name)).unwrap_or_default())
}

/// Pictures that the screen in front shows, with the size of each.
pub(super) fn wants(state: &State) -> Vec<(PhotoId, Size)> {
    let body = state.panes().map(|panes| panes.body).filter(|_| state.screen() == Screen::ModelsCompared);
    body.map(|body| compare::wants(state, body)).unwrap_or_default()
}

/// Brings selections back into what there is.
pub(super) fn settle(state: &mut State) {
    let Some(body) = state.panes().map(|panes| panes.body) else { return };
    let (len, shape) = compare::shape(state, body);
    state.models.compared_cursor.settle(len, shape);
    let len = state.models.rows().len();
    state.models.cursor.settle(len, (1, list_pane::lines(body)));
}
