//! What lies over a screen: settings, questions, a line that is typed, trainings that were cut off.

use ratatui::layout::{Margin, Rect, Size};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Paragraph, Widget, Wrap};

use super::{fields_pane, steer};
use crate::ui::keys::{Action, Context};
use crate::ui::panes::popup;
use crate::ui::state::{Layer, State};
use crate::ui::theme::Theme;
use crate::ui::view::Canvas;
use crate::ui::words;

const WIDTH: u16 = 72;

/// Where the topmost layer lies, if it lies over a screen.
pub(in crate::ui) fn area(state: &State, layer: Layer) -> Option<Rect> {
    let lines = match layer {
        Layer::Steering => fields_pane::lines(&state.training.steering),
        Layer::Ask => 4,
        Layer::Entry => 3,
        Layer::Unfinished => state.training.unfinished.len().min(8) as u16 + 4,
        _ => return None,
    };
    Some(popup(state.size, Size::new(WIDTH, lines + 2)))
}

/// Draws it.
pub(in crate::ui) fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let context = state.context();
    let title = match (context, &state.training.entry) {
        (Context::Entry, Some(entry)) => entry.title(),
        _ => context.title().to_owned(),
    };
    Clear.render(area, canvas.buffer);
    let title = format!(" {} ", words::cut_end(&title, usize::from(area.width).saturating_sub(6)));
    Block::bordered()
        .border_type(BorderType::Rounded)
        .title(title)
        .title_style(Theme::heading())
        .render(area, canvas.buffer);
    let inner = area.inner(Margin::new(2, 1));
    match context {
        Context::Steering => fields_pane::draw(canvas, inner, &state.training.steering, steer::wrong),
        Context::Entry => entry(canvas, inner),
        Context::Ask => question(canvas, inner),
        Context::Unfinished => unfinished(canvas, inner),
        _ => {}
    }
}

fn entry(canvas: &mut Canvas<'_>, area: Rect) {
    let theme = canvas.state.theme;
    let Some(entry) = &canvas.state.training.entry else { return };
    let text = format!("{}▏", words::cut_start(&entry.text, usize::from(area.width).saturating_sub(1)));
    canvas.line(area, Line::styled(text, Theme::heading()));
    let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let line = if let Some(wrong) = entry.wrong() {
        Line::styled(format!("! {wrong}"), theme.alarm())
    } else {
        let key = canvas.state.keys.key(Context::Entry, Action::Open);
        Line::styled(format!("{key} takes it"), theme.faint())
    };
    canvas.line(below, line);
}

fn question(canvas: &mut Canvas<'_>, area: Rect) {
    let Some(question) = &canvas.state.training.asked else { return };
    let [first, second] = question.words();
    let lines = vec![Line::styled(first, Theme::heading()), Line::raw(second), keys(canvas.state)];
    Paragraph::new(lines).wrap(Wrap { trim: true }).render(area, canvas.buffer);
}

fn unfinished(canvas: &mut Canvas<'_>, area: Rect) {
    let state = canvas.state;
    let training = &state.training;
    let mut lines = vec![Line::raw("This training did not come to its end; its last checkpoint is whole:")];
    for (place, row) in training.unfinished.iter().enumerate().take(8) {
        let is_here = place == training.unfinished_at;
        let sign = if is_here { "▌ " } else { "  " };
        let text = format!("“{}”  step {} of {}", row.name, words::grouped(row.done), words::grouped(row.steps));
        let line = Line::from(vec![Span::styled(sign, state.theme.accent()), Span::raw(text)]);
        lines.push(if is_here { line.patch_style(Theme::heading()) } else { line });
    }
    lines.push(Line::default());
    lines.push(keys(state));
    Paragraph::new(lines).render(area, canvas.buffer);
}

/// The keys that mean something here, from the table.
fn keys(state: &State) -> Line<'static> {
    let hinted =
        state.keys.of(state.context()).filter(|binding| !binding.hint.is_empty() && !binding.chords.is_empty());
    let spans = hinted.flat_map(|binding| {
        [Span::styled(binding.first_key(), state.theme.accent()), Span::raw(format!(" {}   ", binding.hint))]
    });
    Line::from(spans.collect::<Vec<_>>())
}
