//! The help, made from the key table: first the keys that hold here, then those of the other screens.

use ratatui::layout::{Margin, Rect, Size};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Widget};

use super::grid::Motion;
use super::key_map::Binding;
use super::keys::{Action, Context};
use super::panes::popup;
use super::state::State;
use super::theme::Theme;
use super::view::Canvas;

const WIDTH: u16 = 66;
const KEY_COLUMNS: usize = 17;

/// Where the popup lies.
pub(super) fn area(state: &State) -> Rect {
    popup(state.size, Size::new(WIDTH, (lines(state).len() as u16).saturating_add(2)))
}

/// Scrolls it.
pub(super) fn scroll(state: &mut State, motion: Motion) {
    let visible = usize::from(area(state).height.saturating_sub(2));
    let most = lines(state).len().saturating_sub(visible);
    let page = |count: usize| count.saturating_mul(visible.max(1));
    let top = state.help_top;
    let to = match motion {
        Motion::Up(count) => top.saturating_sub(count),
        Motion::PageUp(count) => top.saturating_sub(page(count)),
        Motion::Down(count) => top.saturating_add(count),
        Motion::PageDown(count) => top.saturating_add(page(count)),
        Motion::To(line) => line,
        Motion::Last => most,
        Motion::Left(_) | Motion::Right(_) => top,
    };
    state.help_top = to.min(most);
}

/// Draws it over the screen.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let lines = lines(state);
    let inner = area.inner(Margin::new(1, 1));
    let left = lines.len().saturating_sub(state.help_top + usize::from(inner.height));
    let mut block = Block::bordered().border_type(BorderType::Rounded).title(" Help ").title_style(Theme::heading());
    if left > 0 {
        let down = state.keys.key(Context::Help, Action::Down);
        block = block.title_bottom(Line::from(format!(" {left} more lines: {down} ")).right_aligned());
    }
    canvas.clear(area);
    block.render(area, canvas.buffer);
    for (y, line) in (inner.y..inner.bottom()).zip(lines.into_iter().skip(state.help_top)) {
        canvas.line(Rect { y, height: 1, ..inner }, line);
    }
}

fn lines(state: &State) -> Vec<Line<'static>> {
    let here = state.context_below();
    let mut lines = section(state, here, |_| true);
    for other in state.keys.contexts().into_iter().filter(|other| *other != here) {
        let section = section(state, other, |binding| !binding.contexts.contains(&here));
        if section.len() > 1 {
            lines.push(Line::default());
            lines.extend(section);
        }
    }
    lines.push(Line::default());
    lines.push(Line::raw(" Digits before a motion repeat it. A click selects, a double"));
    lines.push(Line::raw(" click shows what is similar, the wheel scrolls, and a click on"));
    lines.push(Line::raw(" a word of the hint line does what it says."));
    lines
}

fn section(state: &State, context: Context, wanted: impl Fn(&Binding) -> bool) -> Vec<Line<'static>> {
    let theme = state.theme;
    let heading = Line::styled(format!(" {}", context.title()), Theme::heading());
    let line = |binding: &Binding| {
        let keys = if binding.chords.is_empty() { "(no key)".to_owned() } else { binding.keys() };
        let keys = format!("   {keys:KEY_COLUMNS$} ");
        Line::from(vec![Span::styled(keys, theme.accent()), Span::raw(binding.said())])
    };
    std::iter::once(heading).chain(state.keys.of(context).filter(|binding| wanted(binding)).map(line)).collect()
}
