//! The form of a training, and in words what will happen.

use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Widget, Wrap};

use super::fields_pane;
use super::form::{Form, Offer, WAYS, plan, source};
use crate::ui::theme::Theme;
use crate::ui::view::Canvas;
use crate::ui::words;

/// Draws what will happen above, the fields below.
pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect) {
    let state = canvas.state;
    let Some(form) = &state.training.form else { return };
    let area = Rect { x: body.x + 1, width: body.width.saturating_sub(2), ..body };
    let lines = will_happen(canvas, form);
    let fields = fields_pane::lines(&form.fields);
    let room = area.height.saturating_sub(fields + 1).max(area.height / 3).min(area.height);
    // Words are not broken, so that a line may be shorter than there is room.
    let columns = usize::from(area.width.saturating_sub(10)).max(1);
    let needed: usize = lines.iter().map(|line| line.width().div_ceil(columns).max(1)).sum();
    let taken = (needed as u16).min(room);
    Paragraph::new(lines).wrap(Wrap { trim: true }).render(Rect { height: taken, ..area }, canvas.buffer);
    let below = taken + u16::from(area.height > taken + fields);
    let rest = Rect { y: area.y + below, height: area.height.saturating_sub(below), ..area };
    fields_pane::draw(canvas, rest, &form.fields, |field| form.wrong(field));
}

fn will_happen(canvas: &Canvas<'_>, form: &Form) -> Vec<Line<'static>> {
    let theme = canvas.state.theme;
    let labels = words::cut_start(source(&form.asked), 60).into_owned();
    match (&form.offer, form.wish()) {
        (Offer::Awaited, _) => vec![Line::styled(format!("looking at the labels of {labels} …"), theme.faint())],
        (Offer::Nothing(why), _) => ways(canvas, why),
        (Offer::Here(_), _) if form.hindrance().is_some() => ways(canvas, &form.hindrance().unwrap_or_default()),
        (Offer::Here(_), Err((_, wrong))) => vec![Line::styled(format!("! {wrong}"), theme.alarm())],
        (Offer::Here(offer), Ok(wish)) => {
            let mut lines = plan(offer, &wish).into_iter();
            let first = lines.next().map(|line| Line::styled(line, Theme::heading()));
            first.into_iter().chain(lines.map(Line::raw)).collect()
        }
    }
}

fn ways(canvas: &Canvas<'_>, why: &str) -> Vec<Line<'static>> {
    let theme = canvas.state.theme;
    let mut lines = vec![Line::styled(format!("! {why}"), theme.alarm()), Line::raw("Ways to get labels:")];
    lines.extend(WAYS.map(|way| Line::raw(format!("· {way}"))));
    lines
}
