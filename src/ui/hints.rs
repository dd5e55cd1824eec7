//! The hint line: what keys do here. It follows the focus, and a click on a hint does the same as its key.

use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::key_map::Binding;
use super::keys::{Action, Context};
use super::state::State;
use super::view::Canvas;
use super::words;

/// Columns between two hints.
const GAP: usize = 3;

/// One hint and the column it begins in.
struct Hint<'a> {
    column: usize,
    binding: &'a Binding,
}

impl Hint<'_> {
    fn width(binding: &Binding) -> usize {
        words::columns_of(&binding.first_key()) + 1 + words::columns_of(binding.hint)
    }

    fn covers(&self, column: usize) -> bool {
        (self.column..self.column + Self::width(self.binding)).contains(&column)
    }
}

/// Draws the hints: as many as fit, and always how to get help and how to leave; before them what is typed.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let mut line = vec![Span::raw(typed(state, area.width.into()))];
    let mut column = line.iter().map(Span::width).sum();
    for hint in hints(state, area.width.into()) {
        line.push(Span::raw(" ".repeat(hint.column.saturating_sub(column))));
        line.push(Span::styled(hint.binding.first_key(), state.theme.accent()));
        line.push(Span::styled(format!(" {}", hint.binding.hint), state.theme.faint()));
        column = hint.column + Hint::width(hint.binding);
    }
    canvas.line(area, Line::from(line));
}

/// The action whose hint lies there.
pub(super) fn action_at(state: &State, at: Position) -> Option<Action> {
    let area = state.panes()?.hint;
    let column = usize::from(at.x.checked_sub(area.x)?);
    let hints = if area.contains(at) { hints(state, area.width.into()) } else { Vec::new() };
    hints.into_iter().find(|hint| hint.covers(column)).map(|hint| hint.binding.action)
}

/// What stands before the hints: the name that is typed, or a blank.
fn typed(state: &State, columns: usize) -> String {
    if state.context() == Context::Find {
        return format!(" /{}▏", words::cut_start(&state.find.text, columns / 2));
    }
    let Some(prompt) = &state.prompt else { return String::new() };
    let asked = prompt.words(state);
    let room = columns.saturating_sub(30 + words::columns_of(&asked)).max(8);
    format!(" {asked}: {}▏", words::cut_start(&prompt.text, room))
}

fn hints(state: &State, columns: usize) -> Vec<Hint<'_>> {
    let hinted =
        state.keys.of(state.context()).filter(|binding| !binding.hint.is_empty() && !binding.chords.is_empty());
    let (always, mut others): (Vec<&Binding>, Vec<&Binding>) =
        hinted.partition(|binding| matches!(binding.action, Action::Help | Action::Quit));
    // What Enter does comes first, what finds everything else last.
    others.sort_by_key(|binding| match binding.action {
        Action::Open => 0,
        Action::Palette => 2,
        _ => 1,
    });
    let typed = words::columns_of(&typed(state, columns));
    let mut column = if typed > 0 { typed + GAP - 1 } else { 1 };
    let needed: usize = always.iter().map(|binding| Hint::width(binding) + GAP).sum();
    let mut placed = Vec::new();
    let mut is_room = true;
    for binding in others {
        let end = column + Hint::width(binding) + GAP;
        is_room &= end + needed <= columns;
        if is_room {
            placed.push(Hint { column, binding });
            column = end;
        }
    }
    for binding in always {
        placed.push(Hint { column, binding });
        column += Hint::width(binding) + GAP;
    }
    placed
}
