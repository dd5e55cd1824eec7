//! The screens of training, put together from their panes.

use ratatui::layout::{Margin, Position, Rect, Size};
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Widget};

use super::act::layout;
use super::live_pane;
use super::pane::Pane;
use super::run::Run;
use super::{ask_popup, curve_pane, distances_pane, examples, examples_pane, fields_pane, form_pane, head};
use super::{shares_pane, validation_pane};
use crate::library::PhotoId;
use crate::ui::keys::{Action, Context};
use crate::ui::panes::Screen;
use crate::ui::state::State;
use crate::ui::theme::Theme;
use crate::ui::view::Canvas;

pub(in crate::ui) use ask_popup::{area as popup_area, draw as draw_popup};

/// Draws the screen of training that is in front.
pub(in crate::ui) fn draw(canvas: &mut Canvas<'_>, body: Rect) {
    match canvas.state.screen() {
        Screen::TrainingForm => form_pane::draw(canvas, body),
        Screen::Examples => examples_pane::draw(canvas, body),
        _ => panes(canvas, body),
    }
}

/// The title at the left and at the right.
pub(in crate::ui) fn title(state: &State) -> (String, String) {
    let training = &state.training;
    let facts = training.run.as_ref().and_then(|run| run.facts.as_ref());
    match state.screen() {
        Screen::TrainingForm => ("a new training".to_owned(), state.folder.clone()),
        Screen::Examples => (training.examples.as_ref().map(examples_pane::heading).unwrap_or_default(), String::new()),
        _ => {
            let name = facts.map_or_else(|| "training".to_owned(), |facts| format!("training “{}”", facts.name));
            let range = if training.look.recent { "the last steps " } else { "the whole run " };
            (name, range.to_owned())
        }
    }
}

fn panes(canvas: &mut Canvas<'_>, body: Rect) {
    let state = canvas.state;
    let Some(layout) = layout(state) else { return };
    let Some(run) = &state.training.run else {
        let text = format!("no training yet: {} starts one", state.keys.key(Context::Training, Action::Train));
        return canvas.line(body, Line::styled(text, state.theme.faint()).centered());
    };
    head::draw(canvas, layout.head, run);
    for (pane, area) in &layout.panes {
        framed(canvas, *area, *pane, run);
    }
    let Some(at) = state.training.look.cursor else { return };
    let columns = usize::from(layout.foot.width).saturating_sub(2);
    let lines = curve_pane::reading(run, at, columns);
    for (y, text) in (layout.foot.y..layout.foot.bottom()).zip(lines) {
        canvas.line(Rect { x: 1, y, width: columns as u16, height: 1 }, Line::raw(text));
    }
}

/// The pane under a place of the screen, with its frame.
pub(super) fn pane_at(state: &State, at: Position) -> Option<(Pane, Rect)> {
    state.training.run.as_ref()?;
    layout(state)?.panes.into_iter().find(|(_, area)| area.contains(at))
}

/// The field of the form under a place of the screen.
pub(super) fn form_field_at(state: &State, at: Position) -> Option<usize> {
    let area = form_pane::fields_area(state, state.panes()?.body)?;
    fields_pane::place_at(area, &state.training.form.as_ref()?.fields, at)
}

/// The photo of the examples under a place of the screen.
pub(super) fn example_at(state: &State, at: Position) -> Option<usize> {
    examples_pane::place_at(state, state.panes()?.body, at)
}

fn framed(canvas: &mut Canvas<'_>, area: Rect, pane: Pane, run: &Run) {
    let state = canvas.state;
    let is_here = state.training.look.focus == pane;
    let (border, sign) = if is_here { (BorderType::Thick, "▸ ") } else { (BorderType::Rounded, "") };
    let style = if is_here { state.theme.accent() } else { state.theme.faint() };
    let title = Line::styled(format!(" {sign}{} ", pane.title()), if is_here { style } else { Theme::heading() });
    Block::bordered().border_type(border).border_style(style).title(title).render(area, canvas.buffer);
    let inner = area.inner(Margin::new(1, 1));
    if inner.is_empty() {
        return;
    }
    let has_steps = run.history.last_row().is_some();
    match pane {
        Pane::Neighbors => live_pane::draw(canvas, inner),
        Pane::Validation => validation_pane::draw(canvas, inner, run),
        _ if !has_steps => canvas.line(inner, Line::styled("no step yet", state.theme.faint()).centered()),
        Pane::Distances => distances_pane::draw(canvas, inner, run),
        Pane::Hardness => shares_pane::draw(canvas, inner, run),
        _ => curve_pane::draw(canvas, inner, pane, run),
    }
}

/// Pictures that the screen in front shows, with the size of each.
pub(in crate::ui) fn wants(state: &State) -> Vec<(PhotoId, Size)> {
    let Some(body) = state.panes().map(|panes| panes.body) else { return Vec::new() };
    match state.screen() {
        Screen::Examples => examples_pane::wants(state, body),
        Screen::Training => {
            let area = layout(state).and_then(|layout| layout.area(Pane::Neighbors));
            area.map(|area| live_pane::wants(state, area.inner(Margin::new(1, 1)))).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// Brings selections back into what there is.
pub(in crate::ui) fn settle(state: &mut State) {
    let Some(body) = state.panes().map(|panes| panes.body) else { return };
    let training = &mut state.training;
    if let Some(examples) = &training.examples {
        let shape = examples::shape(examples.what, body, state.pictures_on);
        training.examples_cursor.settle(examples::len(examples), shape);
    }
    let neighbors = training.run.as_ref().and_then(|run| run.live.as_ref()).map_or(0, |live| live.neighbors.len());
    training.look.neighbor = training.look.neighbor.min(neighbors.saturating_sub(1));
}
