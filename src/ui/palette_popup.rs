//! The command palette: what is typed, and below it the actions found, each with its words and its keys.

use ratatui::layout::{Margin, Position, Rect, Size};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Widget};

use super::key_map::Binding;
use super::palette;
use super::panes::popup;
use super::state::State;
use super::theme::Theme;
use super::view::Canvas;
use super::words;

const SIZE: Size = Size::new(66, 18);

/// Where the popup lies.
pub(super) fn area(state: &State) -> Rect {
    popup(state.size, SIZE)
}

/// The lines of actions in it.
fn list(state: &State) -> Rect {
    let inner = area(state).inner(Margin::new(1, 1));
    Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner }
}

/// How many actions are in sight.
pub(super) fn rows(state: &State) -> usize {
    usize::from(list(state).height).max(1)
}

/// The place of the action under a place of the screen.
pub(super) fn place_at(state: &State, at: Position) -> Option<usize> {
    let list = list(state);
    let place = state.palette.cursor.top + usize::from(at.y.checked_sub(list.y)?);
    (list.contains(at) && place < palette::found(state).len()).then_some(place)
}

/// Draws it over the screen.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let found = palette::found(state);
    let count = format!(" {} ", words::counted(found.len(), "action"));
    let block = Block::bordered().border_type(BorderType::Rounded).title(" What shall be done? ");
    let block = block.title_style(Theme::heading()).title_bottom(Line::from(count).right_aligned());
    canvas.clear(area);
    block.render(area, canvas.buffer);
    let inner = area.inner(Margin::new(1, 1));
    let typed = words::cut_start(&state.palette.text, usize::from(inner.width).saturating_sub(4));
    let prompt = Line::from(vec![Span::styled(" :", state.theme.accent()), Span::raw(format!("{typed}▏"))]);
    canvas.line(Rect { height: 1, ..inner }, prompt);
    let list = list(state);
    let cursor = state.palette.cursor;
    for (y, (place, binding)) in (list.y..list.bottom()).zip(found.into_iter().enumerate().skip(cursor.top)) {
        draw_line(canvas, Rect { y, height: 1, ..list }, binding, place == cursor.selected);
    }
}

fn draw_line(canvas: &mut Canvas<'_>, area: Rect, binding: &Binding, selected: bool) {
    let theme = canvas.state.theme;
    let keys = words::cut_end(&binding.keys(), 20).into_owned();
    let room = usize::from(area.width).saturating_sub(words::columns_of(&keys) + 4);
    let sign = if selected { "▌ " } else { "  " };
    let mut spans = vec![Span::styled(sign, theme.accent())];
    spans.extend(told(canvas.state, binding, room));
    let width: usize = spans.iter().map(Span::width).sum();
    spans.push(Span::raw(" ".repeat((room + 3).saturating_sub(width))));
    spans.push(Span::styled(keys, theme.accent()));
    let line = Line::from(spans);
    canvas.line(area, if selected { line.patch_style(Theme::selected(true)) } else { line });
}

/// The words of an action, and its name where what is typed was found in that. The letters that were found are
/// underlined.
fn told(state: &State, binding: &Binding, room: usize) -> Vec<Span<'static>> {
    let found = palette::letters(state, binding);
    let said = binding.said();
    let end = said.chars().count();
    let name = if found.iter().any(|letter| *letter > end) { binding.action.name() } else { String::new() };
    let text = format!("{said} {name}");
    let text = words::cut_end(text.trim_end(), room).into_owned();
    let letter = |(place, letter): (usize, char)| {
        let style = if place > end { state.theme.faint() } else { Style::new() };
        let is_found = found.contains(&place);
        let style = if is_found { style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED) } else { style };
        Span::styled(letter.to_string(), style)
    };
    text.chars().enumerate().map(letter).collect()
}
