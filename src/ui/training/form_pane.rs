//! The form of a training, and in words what will happen.

use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Widget, Wrap};

use super::fields_pane;
use super::form::{Form, Offer, WAYS, plan, source};
use crate::ui::state::{Indexing, State};
use crate::ui::theme::Theme;
use crate::ui::view::Canvas;
use crate::ui::words;

/// Said while there are fewer photos than there will be.
const INDEXING: &str = "photos are still being indexed: it begins when that is done, and these numbers will grow";

/// Said while there are too few photos, and there will be more.
pub(super) const YET: &str = "photos are still being indexed: what there is to learn from is said when that is done";

/// Where the fields lie.
pub(super) fn fields_area(state: &State, body: Rect) -> Option<Rect> {
    let form = state.training.form.as_ref()?;
    Some(parts(body, form, &will_happen(state, form))[1])
}

/// Draws what will happen above, the fields below.
pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect) {
    let state = canvas.state;
    let Some(form) = &state.training.form else { return };
    let lines = will_happen(state, form);
    let [above, below] = parts(body, form, &lines);
    Paragraph::new(lines).wrap(Wrap { trim: true }).render(above, canvas.buffer);
    fields_pane::draw(canvas, below, &form.fields, |field| form.wrong(field));
}

/// What will happen, and the fields.
fn parts(body: Rect, form: &Form, lines: &[Line<'_>]) -> [Rect; 2] {
    let area = Rect { x: body.x + 1, width: body.width.saturating_sub(2), ..body };
    let fields = fields_pane::lines(&form.fields);
    let room = area.height.saturating_sub(fields + 1).max(area.height / 3).min(area.height);
    // Words are not broken, so that a line may be shorter than there is room.
    let columns = usize::from(area.width.saturating_sub(10)).max(1);
    let needed: usize = lines.iter().map(|line| line.width().div_ceil(columns).max(1)).sum();
    let taken = (needed as u16).min(room);
    let below = taken + u16::from(area.height > taken + fields);
    let rest = Rect { y: area.y + below, height: area.height.saturating_sub(below), ..area };
    [Rect { height: taken, ..area }, rest]
}

fn will_happen(state: &State, form: &Form) -> Vec<Line<'static>> {
    let theme = state.theme;
    let labels = words::cut_start(&source(&form.asked), 60).into_owned();
    match (&form.offer, form.wish()) {
        (Offer::Awaited, _) => vec![Line::styled(format!("looking at {labels} …"), theme.faint())],
        _ if form.may_grow(&state.indexing) => vec![Line::styled(YET, theme.accent())],
        (Offer::Nothing(why), _) => ways(state, why),
        (Offer::Here(_), _) if form.hindrance().is_some() => ways(state, &form.hindrance().unwrap_or_default()),
        (Offer::Here(_), Err((_, wrong))) => vec![Line::styled(format!("! {wrong}"), theme.alarm())],
        (Offer::Here(offer), Ok(wish)) => {
            let mut lines = plan(offer, &wish).into_iter();
            let first = lines.next().map(|line| Line::styled(line, Theme::heading()));
            let growing =
                matches!(state.indexing, Indexing::Running(_)).then(|| Line::styled(INDEXING, theme.accent()));
            first.into_iter().chain(lines.map(Line::raw)).chain(growing).collect()
        }
    }
}

fn ways(state: &State, why: &str) -> Vec<Line<'static>> {
    let theme = state.theme;
    let mut lines = vec![Line::styled(format!("! {why}"), theme.alarm()), Line::raw("Ways to get labels:")];
    lines.extend(WAYS.map(|way| Line::raw(format!("· {way}"))));
    lines
}
